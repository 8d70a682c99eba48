"""The whole life of everything in Incident Manager, as other clients see the local AWS.

Real: the server process, HTTP on 127.0.0.1, boto3 with its own paginators and waiters, and the AWS
CLI as a process of its own. Nothing is patched but the pause between two looks of the CLI's
waiters, which is in its model and no option: half a minute there, a second here.
"""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import datetime, timezone

import botocore.session
import pytest
from botocore.exceptions import ClientError

from tests.command import Cli

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1"
TEMPLATE = {"title": "Down", "impact": 1, "incidentTags": {"from": "template"}}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
SETTLING = 1.5
SOON = {"Delay": 1, "MaxAttempts": 20}


def control(local_aws, method, path, content):
    """Ask the control API."""
    body = json.dumps(content).encode()
    request = urllib.request.Request(f"{local_aws.url}/_local/{path}", body, method=method)
    urllib.request.urlopen(request).close()


def make_finding(local_aws, record):
    """Let there be a finding about an incident."""
    details = {"cloudFormationStackUpdate": {"stackArn": STACK, "startTime": 0}}
    content = {"incidentRecordArn": record, "details": details, "id": "deployed"}
    control(local_aws, "POST", "findings", content)


@pytest.fixture
def slow(local_aws, incidents):
    """Start without a replication set, in an account where changing one takes a while."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    control(local_aws, "PUT", "replication", {"settle_seconds": SETTLING})
    return local_aws


# boto3


def all_of(aws, operation, member, **parameters):
    """Return everything that a paginator finds, two at a time."""
    pages = aws.get_paginator(operation).paginate(**parameters, PaginationConfig={"PageSize": 2})
    return [each for page in pages for each in page[member]]


def test_boto3_lives_through_everything(slow, incidents):
    """Set, plan, incident, timeline, related items, findings, policies and tags come and go."""
    aws = incidents
    regions = {"us-east-1": {}, "eu-west-1": {}}
    arn = aws.create_replication_set(regions=regions, tags={"a": "1"})["arn"]
    active = aws.get_waiter("wait_for_replication_set_active")
    active.wait(arn=arn, WaiterConfig=SOON)
    assert all_of(aws, "list_replication_sets", "replicationSetArns") == [arn]
    action = {"deleteRegionAction": {"regionName": "eu-west-1"}}
    aws.update_replication_set(arn=arn, actions=[action])
    active.wait(arn=arn, WaiterConfig=SOON)
    aws.update_deletion_protection(arn=arn, deletionProtected=True)
    assert list(aws.get_replication_set(arn=arn)["replicationSet"]["regionMap"]) == ["us-east-1"]

    plans = [
        aws.create_response_plan(name=f"p{i}", incidentTemplate=TEMPLATE)["arn"] for i in range(3)
    ]
    plan = plans[0]
    aws.update_response_plan(arn=plan, displayName="Shop", incidentTemplateImpact=2)
    listed = all_of(aws, "list_response_plans", "responsePlanSummaries")
    assert [each["arn"] for each in listed] == plans
    assert aws.get_response_plan(arn=plan)["displayName"] == "Shop"
    policy_id = aws.put_resource_policy(resourceArn=plan, policy=POLICY)["policyId"]
    [policy] = all_of(aws, "get_resource_policies", "resourcePolicies", resourceArn=plan)
    assert policy["policyDocument"] == POLICY

    records = [aws.start_incident(responsePlanArn=each)["incidentRecordArn"] for each in plans]
    record = records[0]
    listed = all_of(aws, "list_incident_records", "incidentRecordSummaries")
    assert [each["arn"] for each in listed] == records
    boto3_responds(slow, aws, record)
    boto3_tags(aws, {plan: {}, record: {"from": "template"}, arn: {"a": "1"}})

    aws.delete_resource_policy(resourceArn=plan, policyId=policy_id)
    for each in records:
        aws.delete_incident_record(arn=each)
    for each in plans:
        aws.delete_response_plan(arn=each)
    assert all_of(aws, "list_response_plans", "responsePlanSummaries") == []
    aws.update_deletion_protection(arn=arn, deletionProtected=False)
    aws.delete_replication_set(arn=arn)
    assert aws.get_replication_set(arn=arn)["replicationSet"]["status"] == "DELETING"
    aws.get_waiter("wait_for_replication_set_deleted").wait(arn=arn, WaiterConfig=SOON)
    assert all_of(aws, "list_replication_sets", "replicationSetArns") == []


def boto3_responds(local_aws, aws, record):
    """Do what responders do during an incident."""
    wanted = {"incidentRecordArn": record}
    aws.update_incident_record(arn=record, status="RESOLVED", summary="over")
    assert aws.get_incident_record(arn=record)["incidentRecord"]["status"] == "RESOLVED"
    event = aws.create_timeline_event(
        **wanted, eventData="deployed", eventTime=NOON, eventType="Custom Event"
    )["eventId"]
    aws.update_timeline_event(**wanted, eventId=event, eventData="rolled back")
    assert aws.get_timeline_event(**wanted, eventId=event)["event"]["eventData"] == "rolled back"
    events = all_of(aws, "list_timeline_events", "eventSummaries", **wanted)
    assert [each["eventType"] for each in events] == [
        "SSM Incident Record Update",
        "SSM Incident Start",
        "SSM Incident Trigger",
        "Custom Event",
    ]
    aws.delete_timeline_event(**wanted, eventId=event)
    identifiers = [{"type": "OTHER", "value": {"url": f"https://example.com/{i}"}} for i in "123"]
    for each in identifiers:
        aws.update_related_items(**wanted, relatedItemsUpdate={"itemToAdd": {"identifier": each}})
    aws.update_related_items(**wanted, relatedItemsUpdate={"itemToRemove": identifiers[1]})
    items = all_of(aws, "list_related_items", "relatedItems", **wanted)
    found = [each["identifier"] for each in items if each["identifier"]["type"] != "PARENT"]
    assert found == [identifiers[0], identifiers[2]]
    make_finding(local_aws, record)
    ids = [each["id"] for each in all_of(aws, "list_incident_findings", "findings", **wanted)]
    found = aws.batch_get_incident_findings(**wanted, findingIds=[*ids, "none"])
    assert found["findings"][0]["details"]["cloudFormationStackUpdate"]["stackArn"] == STACK
    assert [each["findingId"] for each in found["errors"]] == ["none"]


def boto3_tags(aws, tagged):
    """Change the tags of everything that can have them."""
    for arn, tags in tagged.items():
        aws.tag_resource(resourceArn=arn, tags={"team": "shop", "x": ""})
        aws.untag_resource(resourceArn=arn, tagKeys=["x"])
        assert aws.list_tags_for_resource(resourceArn=arn)["tags"] == {**tags, "team": "shop"}


# The AWS CLI


@pytest.fixture
def aws(slow, tmp_path):
    """Give the AWS CLI, whose waiters look often."""
    models = tmp_path / "ssm-incidents" / "2018-05-10"
    models.mkdir(parents=True)
    loader = botocore.session.get_session().get_component("data_loader")
    waiters = loader.load_service_model("ssm-incidents", "waiters-2")
    for each in waiters["waiters"].values():
        each.update(delay=1, maxAttempts=20)
    (models / "waiters-2.json").write_text(json.dumps(waiters))
    return Cli(slow, "ssm-incidents", AWS_DATA_PATH=str(tmp_path))


def test_the_aws_cli_lives_through_everything(aws, slow):
    """The same life by command line, `aws ssm-incidents wait …` included."""
    regions = {"us-east-1": {}, "eu-west-1": {}}
    arn = aws("create-replication-set", "--regions", regions, "--tags", "a=1")["arn"]
    began = time.monotonic()
    aws("wait", "wait-for-replication-set-active", "--arn", arn)
    assert time.monotonic() - began > 0.5
    action = [{"deleteRegionAction": {"regionName": "eu-west-1"}}]
    aws("update-replication-set", "--arn", arn, "--actions", action)
    aws("wait", "wait-for-replication-set-active", "--arn", arn)
    assert aws("list-replication-sets")["replicationSetArns"] == [arn]
    aws("update-deletion-protection", "--arn", arn, "--deletion-protected")
    found = aws("get-replication-set", "--arn", arn)["replicationSet"]
    assert (found["status"], found["deletionProtected"]) == ("ACTIVE", True)
    assert list(found["regionMap"]) == ["us-east-1"]

    named = ("create-response-plan", "--incident-template", TEMPLATE, "--name")
    plan = aws(*named, "p0")["arn"]
    plans = [plan, aws(*named, "p1")["arn"]]
    aws("update-response-plan", "--arn", plan, "--display-name", "Shop")
    assert aws("get-response-plan", "--arn", plan)["displayName"] == "Shop"
    listed = aws("list-response-plans", "--page-size", "1")["responsePlanSummaries"]
    assert [each["arn"] for each in listed] == plans
    policy = aws("put-resource-policy", "--resource-arn", plan, "--policy", POLICY)["policyId"]
    kept = aws("get-resource-policies", "--resource-arn", plan)["resourcePolicies"]
    assert [each["policyDocument"] for each in kept] == [POLICY]

    started = aws("start-incident", "--response-plan-arn", plan, "--title", "Really down")
    record = started["incidentRecordArn"]
    cli_responds(aws, slow, record)
    cli_tags(aws, {plan: {}, record: {"from": "template"}, arn: {"a": "1"}})

    aws("delete-resource-policy", "--resource-arn", plan, "--policy-id", policy)
    aws("delete-incident-record", "--arn", record)
    for each in plans:
        aws("delete-response-plan", "--arn", each)
    aws("update-deletion-protection", "--arn", arn, "--no-deletion-protected")
    aws("delete-replication-set", "--arn", arn)
    aws("wait", "wait-for-replication-set-deleted", "--arn", arn)
    assert aws("list-replication-sets")["replicationSetArns"] == []


def cli_responds(aws, local_aws, record):
    """Do what responders do during an incident."""
    wanted = ("--incident-record-arn", record)
    aws("update-incident-record", "--arn", record, "--status", "RESOLVED", "--impact", "5")
    found = aws("get-incident-record", "--arn", record)["incidentRecord"]
    assert (found["title"], found["status"], found["impact"]) == ("Really down", "RESOLVED", 5)
    filters = [{"key": "status", "condition": {"equals": {"stringValues": ["RESOLVED"]}}}]
    listed = aws("list-incident-records", "--filters", filters)["incidentRecordSummaries"]
    assert [each["arn"] for each in listed] == [record]
    about = ("--event-data", "note", "--event-time", NOON.isoformat(), "--event-type", "Note")
    event = ("--event-id", aws("create-timeline-event", *wanted, *about)["eventId"])
    aws("update-timeline-event", *wanted, *event, "--event-data", "changed")
    assert aws("get-timeline-event", *wanted, *event)["event"]["eventData"] == "changed"
    listed = aws("list-timeline-events", *wanted, "--page-size", "1")["eventSummaries"]
    assert listed[-1]["eventId"] == event[1]
    aws("delete-timeline-event", *wanted, *event)
    identifier = {"type": "OTHER", "value": {"url": "https://example.com"}}
    update = ("update-related-items", *wanted, "--related-items-update")
    aws(*update, {"itemToAdd": {"identifier": identifier, "title": "ticket"}})
    [ops_item, item] = aws("list-related-items", *wanted)["relatedItems"]
    assert (item["identifier"], item["title"]) == (identifier, "ticket")
    aws(*update, {"itemToRemove": identifier})
    assert aws("list-related-items", *wanted)["relatedItems"] == [ops_item]
    make_finding(local_aws, record)
    assert [each["id"] for each in aws("list-incident-findings", *wanted)["findings"]] == [
        "deployed"
    ]
    batch = aws("batch-get-incident-findings", *wanted, "--finding-ids", "deployed", "none")
    assert [each["id"] for each in batch["findings"]] == ["deployed"]
    assert [each["findingId"] for each in batch["errors"]] == ["none"]


def cli_tags(aws, tagged):
    """Change the tags of everything that can have them."""
    for arn, tags in tagged.items():
        about = ("--resource-arn", arn)
        aws("tag-resource", *about, "--tags", "team=shop,x=")
        aws("untag-resource", *about, "--tag-keys", "x")
        assert aws("list-tags-for-resource", *about)["tags"] == {**tags, "team": "shop"}


def test_the_aws_cli_tells_what_is_wrong(aws, slow):
    """An error of the service reaches the person, by --endpoint-url as by the environment."""
    missing = "arn:aws:ssm-incidents::123456789012:response-plan/missing"
    asked = ("get-response-plan", "--arn", missing, "--endpoint-url", slow.url)
    done = aws.run(*asked, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert done.returncode == 255
    assert "ResourceNotFoundException" in done.stderr
    assert missing in done.stderr


def test_without_waiting_a_plan_is_refused(slow, incidents):
    """What forgets to wait on AWS fails here too."""
    arn = incidents.create_replication_set(regions={"us-east-1": {}})["arn"]
    with pytest.raises(ClientError) as caught:
        incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)
    assert caught.value.response["resourceIdentifier"] == arn
    assert slow.operations()[-1] == "CreateResponsePlan"
