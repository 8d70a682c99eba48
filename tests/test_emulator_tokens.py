"""Client tokens and page tokens of the local AWS, on every operation that the model gives one.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime, timezone

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.wire import OPERATIONS

TEMPLATE = {"title": "Down", "impact": 1}
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
POLICY = {"Version": "2012-10-17", "Statement": []}
URL = "https://example.com/"


class Things:
    """What the requests of a test name."""

    def __init__(self, incidents):
        """Make one of each."""
        self.incidents = incidents
        [self.set] = incidents.list_replication_sets()["replicationSetArns"]
        self.plan = incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)["arn"]
        start = incidents.start_incident(responsePlanArn=self.plan)
        self.record = start["incidentRecordArn"]
        self.event = incidents.create_timeline_event(
            incidentRecordArn=self.record, eventData="", eventTime=NOON, eventType="Note"
        )["eventId"]


@pytest.fixture
def things(incidents):
    """Make one of each thing."""
    return Things(incidents)


def link(number):
    """Return a related item."""
    return {"identifier": {"type": "OTHER", "value": {"url": f"{URL}{number}"}}}


# For each operation with a clientToken: its request number n.
REQUESTS = {
    "CreateReplicationSet": lambda _, n: {"regions": {f"eu-west-{n}": {}}},
    "CreateResponsePlan": lambda _, n: {"name": f"n{n}", "incidentTemplate": TEMPLATE},
    "CreateTimelineEvent": lambda t, n: {
        "incidentRecordArn": t.record,
        "eventData": str(n),
        "eventTime": NOON,
        "eventType": "Note",
    },
    "StartIncident": lambda t, n: {"responsePlanArn": t.plan, "title": str(n)},
    "UpdateDeletionProtection": lambda t, n: {"arn": t.set, "deletionProtected": n == 1},
    "UpdateIncidentRecord": lambda t, n: {"arn": t.record, "title": str(n)},
    "UpdateRelatedItems": lambda t, n: {
        "incidentRecordArn": t.record,
        "relatedItemsUpdate": {"itemToAdd": link(n)},
    },
    "UpdateReplicationSet": lambda t, n: {
        "arn": t.set,
        "actions": [{"addRegionAction": {"regionName": f"eu-west-{n}"}}],
    },
    "UpdateResponsePlan": lambda t, n: {"arn": t.plan, "displayName": str(n)},
    "UpdateTimelineEvent": lambda t, n: {
        "incidentRecordArn": t.record,
        "eventId": t.event,
        "eventData": str(n),
    },
}
WITH_TOKEN = sorted(
    name for name, each in OPERATIONS.items() if "clientToken" in each.input_shape.members
)


def answered(call, **parameters):
    """Call an operation; return its answer without what is about the transport."""
    answer = call(**parameters)
    del answer["ResponseMetadata"]
    return answer


def everything(things):
    """Return what the account has, to see whether a request had an effect."""
    aws = things.incidents
    arns = aws.list_replication_sets()["replicationSetArns"]
    records = aws.list_incident_records()["incidentRecordSummaries"]
    event = {"incidentRecordArn": things.record, "eventId": things.event}
    return [
        [aws.get_replication_set(arn=arn)["replicationSet"] for arn in arns],
        aws.list_response_plans()["responsePlanSummaries"],
        records,
        [
            aws.list_timeline_events(incidentRecordArn=each["arn"])["eventSummaries"]
            for each in records
        ],
        [aws.list_related_items(incidentRecordArn=each["arn"])["relatedItems"] for each in records],
        aws.get_timeline_event(**event)["event"] if records else None,
    ]


@pytest.mark.parametrize("operation", WITH_TOKEN)
def test_a_request_with_its_token_again_has_no_second_effect(things, operation):
    """It gets the first answer; with anything else in it the token is refused, with no effect."""
    if operation == "CreateReplicationSet":
        things.incidents.delete_replication_set(arn=things.set)
    call = getattr(things.incidents, xform_name(operation))
    first = REQUESTS[operation](things, 1)
    answer = answered(call, **first, clientToken="t")
    before = everything(things)
    assert answered(call, **first, clientToken="t") == answer
    with pytest.raises(ClientError) as caught:
        call(**REQUESTS[operation](things, 2), clientToken="t")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "clientToken" in caught.value.response["Error"]["Message"]
    assert everything(things) == before
    if operation != "CreateReplicationSet":  # there can be only one
        call(**REQUESTS[operation](things, 2), clientToken="u")
        assert everything(things) != before


def findings(local_aws, record):
    """Give a record two findings."""
    details = {"cloudFormationStackUpdate": {"stackArn": record, "startTime": 0}}
    for number in "12":
        content = {"incidentRecordArn": record, "details": details, "id": number}
        body = json.dumps(content).encode()
        urllib.request.urlopen(f"{local_aws.url}/_local/findings", body).close()


def lists(local_aws, things):
    """Return the parameters of every operation that has pages, with two things in each list."""
    aws, record = things.incidents, things.record
    for number in (1, 2):
        aws.create_response_plan(name=f"n{number}", incidentTemplate=TEMPLATE)
        aws.start_incident(responsePlanArn=things.plan)
        update = {"itemToAdd": link(number)}
        aws.update_related_items(incidentRecordArn=record, relatedItemsUpdate=update)
        policy = json.dumps({**POLICY, "Id": str(number)})
        aws.put_resource_policy(resourceArn=things.plan, policy=policy)
    findings(local_aws, record)
    return {
        "GetResourcePolicies": {"resourceArn": things.plan},
        "ListIncidentFindings": {"incidentRecordArn": record},
        "ListIncidentRecords": {},
        "ListRelatedItems": {"incidentRecordArn": record},
        "ListReplicationSets": {},
        "ListResponsePlans": {},
        "ListTimelineEvents": {"incidentRecordArn": record},
    }


def test_a_page_token_is_good_for_its_list_alone(local_aws, things):
    """Every operation with pages refuses what is no token and the tokens of all the others."""
    parameters = lists(local_aws, things)
    paged = {name for name, each in OPERATIONS.items() if "nextToken" in each.input_shape.members}
    assert parameters.keys() == paged
    tokens = {}
    for name, given in parameters.items():
        call = getattr(things.incidents, xform_name(name))
        token = call(**given, maxResults=1).get("nextToken")
        if name != "ListReplicationSets":  # there is one set, so there is one page
            tokens[name] = token
            assert "arn" not in token  # nothing to read in it
            call(**given, nextToken=token, maxResults=2)
    for name, given in parameters.items():
        call = getattr(things.incidents, xform_name(name))
        foreign = [token for other, token in tokens.items() if other != name]
        own = tokens.get(name, "")
        broken = [own[:-4], f"{own}!", f"!{own}", own[4:]] if own else []
        for token in ("x", "x" * 2000, "é", "=", *foreign, *broken):
            with pytest.raises(ClientError) as caught:
                call(**given, nextToken=token)
            assert caught.value.response["Error"]["Code"] == "ValidationException"
            assert "nextToken" in caught.value.response["Error"]["Message"]


def test_a_page_token_is_good_for_its_request_alone(things):
    """Another record, other filters and another order are other lists."""
    aws = things.incidents
    other = aws.start_incident(responsePlanArn=things.plan)["incidentRecordArn"]
    listed = {"incidentRecordArn": things.record, "maxResults": 1}
    token = aws.list_timeline_events(**listed)["nextToken"]
    filters = [{"key": "eventTime", "condition": {"after": NOON}}]
    for change in (
        {"incidentRecordArn": other},
        {"filters": filters},
        {"sortOrder": "ASCENDING"},
    ):
        with pytest.raises(ClientError):
            aws.list_timeline_events(**{**listed, **change}, nextToken=token)
    aws.list_timeline_events(**listed, filters=[], nextToken=token)
