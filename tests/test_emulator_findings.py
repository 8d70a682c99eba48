"""Findings and resource policies of the local AWS.

Real: the server process, HTTP on 127.0.0.1, boto3, the control API. Nothing is patched.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
from botocore.exceptions import ClientError

TEMPLATE = {"title": "Down", "impact": 1}
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1"
GROUP = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:shop/web"
UPDATE = {"cloudFormationStackUpdate": {"stackArn": STACK, "startTime": NOON.timestamp()}}
DEPLOYMENT = {
    "codeDeployDeployment": {
        "deploymentGroupArn": GROUP,
        "deploymentId": "d-1",
        "startTime": NOON.timestamp() + 0.25,
    }
}
MISSING = "arn:aws:ssm-incidents::123456789012:incident-record/plan/missing"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]}


@pytest.fixture
def plan(incidents):
    """Create a plan that has only what is required."""
    return incidents.create_response_plan(name="plan", incidentTemplate=TEMPLATE)["arn"]


@pytest.fixture
def record(incidents, plan):
    """Start an incident."""
    return incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]


def post(local_aws, **content):
    """Let the control API make a finding; return its id."""
    request = urllib.request.Request(
        f"{local_aws.url}/_local/findings", json.dumps(content).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
        return json.load(answer)["id"]


def not_found(call):
    """Return the resource type of the ResourceNotFoundException that a call is answered with."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    assert response["Error"]["Code"] == "ResourceNotFoundException"
    return response["resourceType"]


# Findings


def test_findings_are_told_as_they_were_made(local_aws, incidents, record):
    """The list has ids and times, the batch everything, each finding once, in the order asked."""
    one = post(local_aws, incidentRecordArn=record, details=UPDATE)
    two = post(local_aws, incidentRecordArn=record, details=DEPLOYMENT, id="two")
    listed = incidents.list_incident_findings(incidentRecordArn=record)["findings"]
    assert [each["id"] for each in listed] == [one, "two"]
    answer = incidents.batch_get_incident_findings(
        incidentRecordArn=record, findingIds=[two, "none", one, two]
    )
    first, second = answer["findings"]
    assert first["details"]["codeDeployDeployment"] == {
        "deploymentGroupArn": GROUP,
        "deploymentId": "d-1",
        "startTime": NOON + timedelta(milliseconds=250),
    }
    assert second["details"] == {
        "cloudFormationStackUpdate": {"stackArn": STACK, "startTime": NOON}
    }
    assert first["creationTime"] == first["lastModifiedTime"] == listed[1]["lastModifiedTime"]
    [error] = answer["errors"]
    assert (error["code"], error["findingId"]) == ("ResourceNotFoundException", "none")
    assert "none" in error["message"]


def test_a_finding_learns_that_its_cause_ended(local_aws, incidents, record):
    """The same id again gives it new details and a new time of change."""
    post(local_aws, incidentRecordArn=record, details=UPDATE, id="one")
    running = {**UPDATE["cloudFormationStackUpdate"], "endTime": None}  # null counts as absent
    post(
        local_aws,
        incidentRecordArn=record,
        details={"cloudFormationStackUpdate": running},
        id="one",
    )
    batch = incidents.batch_get_incident_findings
    [finding] = batch(incidentRecordArn=record, findingIds=["one"])["findings"]
    assert "endTime" not in finding["details"]["cloudFormationStackUpdate"]
    ended = {**running, "endTime": NOON.timestamp() + 60}
    post(
        local_aws,
        incidentRecordArn=record,
        details={"cloudFormationStackUpdate": ended},
        id="one",
    )
    [finding] = batch(incidentRecordArn=record, findingIds=["one"])["findings"]
    end = finding["details"]["cloudFormationStackUpdate"]["endTime"]
    assert end == NOON + timedelta(seconds=60)
    assert finding["lastModifiedTime"] >= finding["creationTime"]


def test_findings_are_listed_page_by_page(local_aws, incidents, record):
    """Each is on one page, in the order of creation."""
    ids = [post(local_aws, incidentRecordArn=record, details=UPDATE) for _ in range(5)]
    paginator = incidents.get_paginator("list_incident_findings")
    pages = paginator.paginate(incidentRecordArn=record, PaginationConfig={"PageSize": 2})
    assert [[each["id"] for each in page["findings"]] for page in pages] == [
        ids[:2],
        ids[2:4],
        ids[4:],
    ]


def test_findings_go_with_their_record(local_aws, incidents, record):
    """A record that is not there is not found by both operations."""
    post(local_aws, incidentRecordArn=record, details=UPDATE, id="one")
    incidents.delete_incident_record(arn=record)
    for arn in (record, MISSING):
        wanted = {"incidentRecordArn": arn}
        for call in (
            partial(incidents.list_incident_findings, **wanted),
            partial(incidents.batch_get_incident_findings, findingIds=["one"], **wanted),
        ):
            assert not_found(call) == "INCIDENT_RECORD"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"incidentRecordArn": None}, "incidentRecordArn"),
        ({"incidentRecordArn": "arn:aws:ssm-incidents::123456789012:response-plan/p"}, "ARN"),
        ({"details": {}}, "exactly one"),
        ({"details": {**UPDATE, **DEPLOYMENT}}, "exactly one"),
        ({"details": {"cloudFormationStackUpdate": {"stackArn": STACK}}}, "startTime"),
        (
            {"details": {"cloudFormationStackUpdate": {"stackArn": "s", "startTime": 0}}},
            "details.cloudFormationStackUpdate.stackArn",
        ),
        ({"id": "x" * 129}, "id"),
        ({"id": 1}, "id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_finding_is_checked(local_aws, incidents, record, wrong, said):
    """What the model's FindingDetails forbids is refused in a sentence, and nothing is made."""
    content = {"incidentRecordArn": record, "details": UPDATE, **wrong}
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(local_aws, **content)
    with caught.value as answer:
        assert answer.code == 400
        assert said in json.load(answer)["message"]
    assert incidents.list_incident_findings(incidentRecordArn=record)["findings"] == []


def test_a_finding_needs_its_record(local_aws):
    """A record that is not there is answered with 404."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(local_aws, incidentRecordArn=MISSING, details=UPDATE)
    with caught.value as answer:
        assert answer.code == 404


# Resource policies


def test_policies_are_kept_with_their_plan(incidents, plan):
    """Each has its id; the same document again is the same policy; deleting one leaves others."""
    documents = [json.dumps({**POLICY, "Id": str(number)}) for number in range(3)]
    ids = {
        incidents.put_resource_policy(resourceArn=plan, policy=each)["policyId"]: each
        for each in (*documents, documents[0])
    }
    assert len(ids) == 3
    paginator = incidents.get_paginator("get_resource_policies")
    pages = list(paginator.paginate(resourceArn=plan, PaginationConfig={"PageSize": 2}))
    assert [len(page["resourcePolicies"]) for page in pages] == [2, 1]
    found = [each for page in pages for each in page["resourcePolicies"]]
    assert {each["policyId"]: each["policyDocument"] for each in found} == ids
    assert {each["ramResourceShareRegion"] for each in found} == {"us-east-1"}
    gone = found[0]["policyId"]
    incidents.delete_resource_policy(resourceArn=plan, policyId=gone)
    left = incidents.get_resource_policies(resourceArn=plan)["resourcePolicies"]
    assert left == found[1:]
    delete = incidents.delete_resource_policy
    assert not_found(lambda: delete(resourceArn=plan, policyId=gone)) == "RESOURCE_POLICY"


def test_policies_go_with_their_plan(incidents, plan):
    """A plan of the same name later has none of them, and without a plan there is no policy."""
    added = incidents.put_resource_policy(resourceArn=plan, policy=json.dumps(POLICY))
    incidents.delete_response_plan(arn=plan)
    for call in (
        lambda: incidents.put_resource_policy(resourceArn=plan, policy=json.dumps(POLICY)),
        lambda: incidents.get_resource_policies(resourceArn=plan),
        lambda: incidents.delete_resource_policy(resourceArn=plan, policyId=added["policyId"]),
    ):
        assert not_found(call) == "RESPONSE_PLAN"
    incidents.create_response_plan(name="plan", incidentTemplate=TEMPLATE)
    assert incidents.get_resource_policies(resourceArn=plan)["resourcePolicies"] == []


@pytest.mark.parametrize("policy", ["", "x", "[]", "{}", '{"Statement": NaN', "[" * 4000])
def test_a_policy_is_a_policy(incidents, plan, policy):
    """Text that is no JSON object with a statement is refused."""
    with pytest.raises(ClientError) as caught:
        incidents.put_resource_policy(resourceArn=plan, policy=policy)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert incidents.get_resource_policies(resourceArn=plan)["resourcePolicies"] == []
