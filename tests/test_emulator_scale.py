"""The local Incident Manager with thousands of things in it.

Real: the backend, called as the server calls it, without HTTP.
"""

from __future__ import annotations

import time

import pytest

from pulumi_incidents.emulator.ssm_incidents.models import IncidentsBackend

NUMBER = 5000
# In seconds of the processor, about ten times what it takes: far below what whoever asks would
# notice, and below what one pass over everything for every call would need.
PAGE, START = 0.1, 0.01


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


def pages(backend, operation, member, **parameters):
    """Return every page of a list, and how long each took, shortest first."""
    found, took, token = [], [], ""
    while True:
        began = time.process_time()
        page = backend.call(operation, {**parameters, "nextToken": token})
        took.append(time.process_time() - began)
        found.append([each["arn"] for each in page[member]])
        if not (token := page.get("nextToken", "")):
            return found, sorted(took)


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
    """Everything is on one page, in order; the usual page is quick, whether first or last."""
    found, took = pages(backend, operation, member, **parameters)
    assert [len(page) for page in found[:-1]] == [100] * (len(found) - 1)
    arns = [arn for page in found for arn in page]
    assert len(arns) == len(set(arns)) == number
    if operation == "ListResponsePlans":
        assert arns == sorted(arns)
    assert took[len(took) // 2] < PAGE


def test_a_start_does_not_look_at_what_is_resolved(backend):
    """It merges into the one open incident of its string, or finds none, at once."""
    [[newest]] = pages(
        backend,
        "ListIncidentRecords",
        "incidentRecordSummaries",
        filters=[{"key": "status", "condition": {"equals": {"stringValues": ["OPEN"]}}}],
    )[0]
    plan = f"arn:aws:ssm-incidents::123456789012:response-plan/{newest.split('/')[1]}"
    began = time.process_time()
    for _ in range(100):
        again = backend.call("StartIncident", {"responsePlanArn": plan})["incidentRecordArn"]
        assert again == newest
    assert (time.process_time() - began) / 100 < START
