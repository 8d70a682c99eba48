"""The local Incident Manager with thousands of things in it.

Real: the backend, called as the server calls it, without HTTP. Work is counted and not timed: lines
of Python, which are about as many on every machine.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.emulator.ssm_incidents.models import IncidentsBackend
from tests.work import lines

NUMBER = 2000
# In lines, a few times what it takes: that of a page for each thing that is there, and that of a
# start below one look at each.
PAGE, START = 100 * NUMBER, NUMBER // 2


@pytest.fixture(scope="module")
def backend():
    """Fill an account: every incident but the last is resolved."""
    made = IncidentsBackend("aws", "123456789012")
    made.call("CreateReplicationSet", {"regions": {"us-east-1": {}}})
    for number in range(NUMBER):
        template = {"title": "t", "impact": 1, "dedupeString": str(number)}
        name = f"p{number * 7919 % NUMBER:04d}"
        plan = made.call("CreateResponsePlan", {"name": name, "incidentTemplate": template})["arn"]
        record = made.call("StartIncident", {"responsePlanArn": plan})["incidentRecordArn"]
        if number < NUMBER - 1:
            made.call("UpdateIncidentRecord", {"arn": record, "status": "RESOLVED"})
    return made


def asked(backend, operation, parameters):
    """Return an answer, and through how many lines of Python it came."""
    answer = {}
    work = lines(lambda: answer.update(backend.call(operation, parameters)))
    return answer, work


def pages(backend, operation, member, **parameters):
    """Return every page of a list, and how much work each was, least first."""
    found, works, token = [], [], ""
    while True:
        page, work = asked(backend, operation, {**parameters, "nextToken": token})
        works.append(work)
        found.append([each["arn"] for each in page[member]])
        if not (token := page.get("nextToken", "")):
            return found, sorted(works)


RESOLVED = {"key": "status", "condition": {"equals": {"stringValues": ["RESOLVED"]}}}


@pytest.mark.parametrize(
    ("operation", "member", "parameters", "number"),
    [
        ("ListResponsePlans", "responsePlanSummaries", {}, NUMBER),
        ("ListIncidentRecords", "incidentRecordSummaries", {}, NUMBER),
        ("ListIncidentRecords", "incidentRecordSummaries", {"filters": [RESOLVED]}, NUMBER - 1),
    ],
)
def test_lists_stay_whole_and_fast(backend, operation, member, parameters, number):
    """Everything is on one page, in order; each page is quick, whether first or last."""
    found, works = pages(backend, operation, member, **parameters)
    assert [len(page) for page in found[:-1]] == [100] * (len(found) - 1)
    arns = [arn for page in found for arn in page]
    assert len(arns) == len(set(arns)) == number
    if operation == "ListResponsePlans":
        assert arns == sorted(arns)
    assert works[-1] < PAGE


def test_a_start_does_not_look_at_what_is_resolved(backend):
    """It merges into the one open incident of its string, or finds none, at once."""
    [[newest]] = pages(
        backend,
        "ListIncidentRecords",
        "incidentRecordSummaries",
        filters=[{"key": "status", "condition": {"equals": {"stringValues": ["OPEN"]}}}],
    )[0]
    plan = f"arn:aws:ssm-incidents::123456789012:response-plan/{newest.split('/')[1]}"
    again, work = asked(backend, "StartIncident", {"responsePlanArn": plan})
    assert again["incidentRecordArn"] == newest
    assert work < START
