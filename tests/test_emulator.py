"""The local AWS as its users meet it.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.calls import items_of

ROOT = Path(__file__).parents[1]
TEMPLATE = {"title": "Down", "impact": 1}
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/on-call"
ACTION = {
    "ssmAutomation": {
        "documentName": "Restart",
        "roleArn": "arn:aws:iam::123456789012:role/runbook",
        "parameters": {"Order": ["b", "a"], "Empty": []},
        "dynamicParameters": {"incident": {"variable": "INCIDENT_RECORD_ARN"}},
        "targetAccount": "IMPACTED_ACCOUNT",
    }
}
INTEGRATION = {
    "pagerDutyConfiguration": {
        "name": "pd",
        "secretId": "secret",
        "pagerDutyIncidentConfiguration": {"serviceId": "P1"},
    }
}
LINK = {"identifier": {"type": "OTHER", "value": {"url": "https://example.com/1"}}, "title": "one"}


@contextmanager
def running(*options):
    """Run the server, yield its process and address, and stop it with SIGTERM."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            url = process.stdout.readline().strip()
            yield SimpleNamespace(url=url, process=process)
        finally:
            process.terminate()


def client(server, service="ssm-incidents", region="us-east-1"):
    """Make a client that gives up at the first failure."""
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def control(server, method, path, **headers):
    """Send a control request and return its JSON."""
    request = urllib.request.Request(server.url + path, method=method, headers=headers)
    with urllib.request.urlopen(request) as response:
        body = response.read()
        return json.loads(body) if body else None


@contextmanager
def refused(code):
    """Expect an AWS error, and yield what will hold its response."""
    seen = SimpleNamespace(response=None)
    with pytest.raises(ClientError) as caught:
        yield seen
    seen.response = caught.value.response
    assert seen.response["Error"]["Code"] == code


@pytest.fixture(scope="module")
def server():
    """Serve for this file, with a replication set; topics and roles need not be there."""
    with running("--replication-set", "us-east-1", "--permissions", "off") as started:
        yield started


@pytest.fixture
def aws(server):
    """Give a client of a local AWS that is as it was at its start."""
    control(server, "POST", "/_local/reset")
    control(server, "DELETE", "/_local/requests")
    made = client(server)
    yield made
    made.close()


@pytest.fixture
def plan(aws):
    """Create a plan that has only what is required."""
    return aws.create_response_plan(name="plan", incidentTemplate=TEMPLATE)["arn"]


def got(aws, arn):
    """Get a plan, as the API describes it."""
    answer = aws.get_response_plan(arn=arn)
    del answer["ResponseMetadata"]
    return answer


def record(aws, arn):
    """Get an incident record."""
    return aws.get_incident_record(arn=arn)["incidentRecord"]


# Response plans


def test_a_new_plan_has_the_answers_aws_gives_for_what_is_unset(aws, plan):
    """GetResponsePlan answers empty values, not absent ones, and no tags."""
    assert plan == "arn:aws:ssm-incidents::123456789012:response-plan/plan"
    assert got(aws, plan) == {
        "arn": plan,
        "name": "plan",
        "displayName": "",
        "chatChannel": {"empty": {}},
        "engagements": [],
        "actions": [],
        "integrations": [],
        "incidentTemplate": {
            **TEMPLATE,
            "summary": "",
            "dedupeString": "",
            "notificationTargets": [],
        },
    }


def full_plan():
    """Return every optional member of a plan."""
    return {
        "displayName": "Plan A",
        "chatChannel": {"chatbotSns": [TOPIC]},
        "engagements": [CONTACT],
        "actions": [ACTION],
        "integrations": [INTEGRATION],
        "incidentTemplate": {
            **TEMPLATE,
            "summary": "s",
            "dedupeString": "d",
            "notificationTargets": [{"snsTopicArn": TOPIC}],
            "incidentTags": {"team": "a", "empty": ""},
        },
    }


def test_every_member_of_a_plan_comes_back_as_it_was_given(aws):
    """Nothing of a full plan is lost or reordered."""
    arn = aws.create_response_plan(name="full", tags={"k": "v"}, **full_plan())["arn"]
    assert got(aws, arn) == {"arn": arn, "name": "full", **full_plan()}
    aws.delete_response_plan(arn=arn)
    with refused("ResourceNotFoundException") as seen:
        aws.get_response_plan(arn=arn)
    assert seen.response["resourceIdentifier"] == arn
    assert seen.response["resourceType"] == "RESPONSE_PLAN"


@pytest.mark.parametrize(
    ("given", "path", "value"),
    [
        ({"displayName": ""}, "displayName", ""),
        ({"displayName": "New"}, "displayName", "New"),
        ({"chatChannel": {"empty": {}}}, "chatChannel", {"empty": {}}),
        ({"engagements": []}, "engagements", []),
        ({"actions": []}, "actions", []),
        ({"integrations": []}, "integrations", []),
        ({"incidentTemplateSummary": ""}, "incidentTemplate.summary", ""),
        ({"incidentTemplateDedupeString": ""}, "incidentTemplate.dedupeString", ""),
        ({"incidentTemplateNotificationTargets": []}, "incidentTemplate.notificationTargets", []),
        ({"incidentTemplateTags": {}}, "incidentTemplate.incidentTags", None),
        ({"incidentTemplateTags": {"n": "1"}}, "incidentTemplate.incidentTags", {"n": "1"}),
        ({"incidentTemplateTitle": "New"}, "incidentTemplate.title", "New"),
        ({"incidentTemplateImpact": 5}, "incidentTemplate.impact", 5),
        ({}, "name", "full"),
    ],
)
def test_an_update_changes_what_it_names_and_keeps_the_rest(aws, given, path, value):
    """UpdateResponsePlan is a patch, and an explicit empty value clears."""
    arn = aws.create_response_plan(name="full", **full_plan())["arn"]
    expected = got(aws, arn)
    aws.update_response_plan(arn=arn, **given)
    *parents, last = path.split(".")
    target = expected[parents[0]] if parents else expected
    target[last] = value
    if value is None:
        del target[last]
    assert got(aws, arn) == expected


def test_plan_names_are_unique_until_deleted(aws, plan):
    """A second plan of the name is a conflict that names the first; after a delete it is not."""
    with refused("ConflictException") as seen:
        aws.create_response_plan(name="plan", incidentTemplate=TEMPLATE)
    assert seen.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert seen.response["resourceIdentifier"] == plan
    assert seen.response["resourceType"] == "RESPONSE_PLAN"
    for _ in range(2):  # deleting what is gone succeeds
        answer = aws.delete_response_plan(arn=plan)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert aws.create_response_plan(name="plan", incidentTemplate=TEMPLATE)["arn"] == plan
    with refused("ResourceNotFoundException"):
        aws.update_response_plan(arn=f"{plan}-other", displayName="x")


def test_plans_are_listed_page_by_page(aws):
    """Every plan is on exactly one page, whatever its size."""
    arns = [
        aws.create_response_plan(name=f"p{i}", incidentTemplate=TEMPLATE)["arn"] for i in range(5)
    ]
    pages = list(
        aws.get_paginator("list_response_plans").paginate(PaginationConfig={"PageSize": 2})
    )
    assert [len(page["responsePlanSummaries"]) for page in pages] == [2, 2, 1]
    listed = [summary for page in pages for summary in page["responsePlanSummaries"]]
    assert [summary["arn"] for summary in listed] == arns
    assert listed[0] == {"arn": arns[0], "name": "p0", "displayName": ""}
    with refused("ValidationException"):
        aws.list_response_plans(nextToken="made up")
    with refused("ValidationException"):
        aws.list_incident_records(nextToken=pages[0]["nextToken"])


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_have_the_partition_of_the_region_and_no_region(server, aws, region, partition):
    """The service is global in its partition."""
    del aws  # only for its reset
    other = client(server, region=region)
    if partition != "aws":
        other.create_replication_set(regions={region: {}})
    arn = other.create_response_plan(name="p", incidentTemplate=TEMPLATE)["arn"]
    assert arn == f"arn:{partition}:ssm-incidents::123456789012:response-plan/p"
    other.close()


# Replication set


def test_without_a_replication_set_there_are_no_plans(aws, plan):
    """A plan needs the replication set, and deleting that deletes plans and records."""
    incident = aws.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    [replication_set] = aws.list_replication_sets()["replicationSetArns"]
    with refused("ServiceQuotaExceededException") as seen:
        aws.create_replication_set(regions={"eu-west-1": {}})
    assert seen.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert seen.response["resourceType"] == "REPLICATION_SET"
    aws.delete_replication_set(arn=replication_set)
    with refused("ResourceNotFoundException") as seen:
        aws.create_response_plan(name="plan", incidentTemplate=TEMPLATE)
    assert seen.response["resourceType"] == "REPLICATION_SET"
    for call in (
        lambda: aws.delete_replication_set(arn=replication_set),
        lambda: aws.get_replication_set(arn=replication_set),
        lambda: aws.get_response_plan(arn=plan),
        lambda: aws.get_incident_record(arn=incident),
    ):
        with refused("ResourceNotFoundException"):
            call()
    regions = {"eu-west-1": {"sseKmsKeyId": "key"}, "us-east-1": {}}
    arn = aws.create_replication_set(regions=regions, tags={"a": "b"})["arn"]
    answer = aws.get_replication_set(arn=arn)["replicationSet"]
    assert (answer["arn"], answer["status"]) == (arn, "ACTIVE")
    assert answer["regionMap"]["eu-west-1"]["sseKmsKeyId"] == "key"
    assert answer["regionMap"]["us-east-1"]["status"] == "ACTIVE"
    assert aws.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}


# Incidents


def test_an_incident_lives_from_start_to_deletion(aws):
    """A record starts with the template's values, is patched, resolved, reopened and deleted."""
    plan = aws.create_response_plan(name="full", **full_plan())["arn"]
    arn = aws.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    assert arn.startswith("arn:aws:ssm-incidents::123456789012:incident-record/full/")
    started = record(aws, arn)
    assert (started["title"], started["impact"], started["status"]) == ("Down", 1, "OPEN")
    assert (started["summary"], started["dedupeString"]) == ("s", "d")
    assert started["chatChannel"] == {"chatbotSns": [TOPIC]}
    assert started["notificationTargets"] == [{"snsTopicArn": TOPIC}]
    assert started["incidentRecordSource"]["source"] == "aws.ssm-incidents.custom"
    assert "resolvedTime" not in started
    tags = aws.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == {"team": "a", "empty": ""}

    aws.update_incident_record(
        arn=arn,
        title="Up",
        impact=5,
        summary="",
        status="RESOLVED",
        chatChannel={"empty": {}},
        notificationTargets=[],
    )
    resolved = record(aws, arn)
    assert (resolved["title"], resolved["impact"], resolved["summary"]) == ("Up", 5, "")
    assert (resolved["chatChannel"], resolved["notificationTargets"]) == ({"empty": {}}, [])
    assert resolved["resolvedTime"] >= resolved["creationTime"]
    aws.update_incident_record(arn=arn, status="OPEN")
    assert "resolvedTime" not in record(aws, arn)

    aws.delete_incident_record(arn=arn)
    aws.delete_incident_record(arn=arn)
    with refused("ResourceNotFoundException") as seen:
        aws.update_incident_record(arn=arn, title="x")
    assert seen.response["resourceType"] == "INCIDENT_RECORD"


def test_a_start_overrides_the_template_and_keeps_its_trigger(aws, plan):
    """Title, impact and trigger of the start are the record's; the plan stays as it is."""
    arn = aws.start_incident(
        responsePlanArn=plan,
        title="Other",
        impact=4,
        triggerDetails={
            "source": "com.example",
            "timestamp": datetime.now(timezone.utc),
            "triggerArn": TOPIC,
            "rawData": "{}",
        },
    )["incidentRecordArn"]
    started = record(aws, arn)
    assert (started["title"], started["impact"]) == ("Other", 4)
    source = started["incidentRecordSource"]
    assert (source["source"], source["resourceArn"]) == ("com.example", TOPIC)
    assert got(aws, plan)["incidentTemplate"]["title"] == "Down"


def test_starting_with_an_unknown_plan_is_not_found(aws):
    """No plan, no incident."""
    missing = "arn:aws:ssm-incidents::123456789012:response-plan/missing"
    with refused("ResourceNotFoundException") as seen:
        aws.start_incident(responsePlanArn=missing)
    assert seen.response["resourceIdentifier"] == missing


def test_a_start_merges_into_the_open_incident_of_its_dedupe_string(aws):
    """Any plan's open incident with the string counts, a resolved one does not."""
    template = {**TEMPLATE, "dedupeString": "same"}
    one, two = (
        aws.create_response_plan(name=name, incidentTemplate=template)["arn"] for name in "ab"
    )
    first = aws.start_incident(responsePlanArn=one)["incidentRecordArn"]
    assert aws.start_incident(responsePlanArn=two)["incidentRecordArn"] == first
    aws.update_incident_record(arn=first, status="RESOLVED")
    second = aws.start_incident(responsePlanArn=two)["incidentRecordArn"]
    assert second != first
    assert len(aws.list_incident_records()["incidentRecordSummaries"]) == 2


def test_records_outlive_their_plan(aws, plan):
    """Deleting a plan leaves its incidents."""
    arn = aws.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    aws.delete_response_plan(arn=plan)
    assert record(aws, arn)["status"] == "OPEN"


def test_records_are_filtered_by_everything_aws_documents(aws, plan):
    """Filters are ANDed, their values ORed."""
    arns = [
        aws.start_incident(responsePlanArn=plan, impact=impact)["incidentRecordArn"]
        for impact in (1, 2, 3)
    ]
    aws.update_incident_record(arn=arns[1], status="RESOLVED")
    creator = record(aws, arns[0])["incidentRecordSource"]["createdBy"]
    soon = datetime.now(timezone.utc) + timedelta(minutes=1)
    last = record(aws, arns[2])["creationTime"]

    def listed(*filters):
        entries = [{"key": key, "condition": condition} for key, condition in filters]
        answer = aws.list_incident_records(filters=entries)
        return [arns.index(summary["arn"]) for summary in answer["incidentRecordSummaries"]]

    def strings(*values):
        return {"equals": {"stringValues": list(values)}}

    impact = {"equals": {"integerValues": [1, 2]}}
    assert listed() == [0, 1, 2]
    assert listed(("impact", impact)) == [0, 1]
    assert listed(("status", strings("RESOLVED"))) == [1]
    assert listed(("status", strings("OPEN", "RESOLVED"))) == [0, 1, 2]
    assert listed(("status", strings("OPEN")), ("impact", impact)) == [0]
    assert listed(("createdBy", strings(creator))) == [0, 1, 2]
    assert listed(("createdBy", strings("someone"))) == []
    assert listed(("creationTime", {"before": soon})) == [0, 1, 2]
    assert listed(("creationTime", {"after": soon})) == []
    assert 2 not in listed(("creationTime", {"before": last}))
    pages = aws.get_paginator("list_incident_records").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["incidentRecordSummaries"]) for page in pages] == [1, 1, 1]


def test_a_page_goes_on_where_the_last_one_ended(aws, plan):
    """What disappears between two pages hides nothing else."""
    arns = [aws.start_incident(responsePlanArn=plan)["incidentRecordArn"] for _ in range(4)]
    first = aws.list_incident_records(maxResults=2)
    for arn in arns[:2]:
        aws.delete_incident_record(arn=arn)
    second = aws.list_incident_records(maxResults=2, nextToken=first["nextToken"])
    assert [summary["arn"] for summary in second["incidentRecordSummaries"]] == arns[2:]


def test_related_items_are_added_listed_and_removed(aws, plan):
    """Each item gets an id; adding an identifier again replaces, removing nothing succeeds."""
    arn = aws.start_incident(responsePlanArn=plan, relatedItems=[LINK])["incidentRecordArn"]
    metric = {"identifier": {"type": "METRIC", "value": {"metricDefinition": "m"}}}

    def items():
        return items_of(aws, arn)

    def update(**change):
        aws.update_related_items(incidentRecordArn=arn, relatedItemsUpdate=change)

    update(itemToAdd=metric)
    update(itemToAdd={**LINK, "title": "two"})
    assert [item.get("title") for item in items()] == [None, "two"]
    assert items()[1]["generatedId"].startswith("related-item/OTHER/")
    update(itemToRemove=LINK["identifier"])
    update(itemToRemove=LINK["identifier"])
    assert [item["identifier"] for item in items()] == [metric["identifier"]]
    pages = aws.get_paginator("list_related_items").paginate(
        incidentRecordArn=arn, PaginationConfig={"PageSize": 1}
    )
    assert [len(page["relatedItems"]) for page in pages] == [1, 1]  # with its OpsItem


def test_an_incident_has_an_ops_item(aws, plan):
    """It is listed as the API's samples have it, under an ARN of its own, and can be removed."""
    arns = [aws.start_incident(responsePlanArn=plan)["incidentRecordArn"] for _ in range(2)]
    found = [aws.list_related_items(incidentRecordArn=arn)["relatedItems"] for arn in arns]
    for [item] in found:
        assert (item["title"], item["identifier"]["type"]) == ("parentItem", "PARENT")
        pattern = r"arn:aws:ssm:us-east-1:123456789012:opsitem/oi-[0-9a-f]{12}"
        assert re.fullmatch(pattern, item["identifier"]["value"]["arn"])
    assert found[0] != found[1]
    remove = {"itemToRemove": found[0][0]["identifier"]}
    aws.update_related_items(incidentRecordArn=arns[0], relatedItemsUpdate=remove)
    assert aws.list_related_items(incidentRecordArn=arns[0])["relatedItems"] == []


def test_an_incident_has_at_most_100_related_items(aws, plan):
    """The 101st is refused and is not kept."""
    links = [
        {"identifier": {"type": "OTHER", "value": {"url": f"https://example.com/{i}"}}}
        for i in range(101)
    ]
    arn = aws.start_incident(responsePlanArn=plan, relatedItems=links[:100])["incidentRecordArn"]
    with refused("ValidationException"):
        aws.update_related_items(
            incidentRecordArn=arn, relatedItemsUpdate={"itemToAdd": links[100]}
        )
    assert len(items_of(aws, arn)) == 100


# Tags


def test_tags_are_added_changed_and_removed(aws, plan):
    """Tagging merges, untagging ignores what is not there, and a resource has at most 50."""
    aws.tag_resource(resourceArn=plan, tags={"a": "1", "b": "", "x/y z": "2"})
    aws.tag_resource(resourceArn=plan, tags={"a": "3"})
    aws.untag_resource(resourceArn=plan, tagKeys=["b", "missing"])
    assert aws.list_tags_for_resource(resourceArn=plan)["tags"] == {"a": "3", "x/y z": "2"}
    with refused("ServiceQuotaExceededException"):
        aws.tag_resource(resourceArn=plan, tags={f"k{i}": "" for i in range(49)})
    assert "tags" not in got(aws, plan)


@pytest.mark.parametrize("kind", ["response-plan/x", "incident-record/x/y", "replication-set/x"])
def test_tags_of_what_is_not_there_are_not_found(aws, kind):
    """All three tag operations say so, with the type of the resource."""
    arn = f"arn:aws:ssm-incidents::123456789012:{kind}"
    for call in (
        lambda: aws.tag_resource(resourceArn=arn, tags={"a": "b"}),
        lambda: aws.untag_resource(resourceArn=arn, tagKeys=["a"]),
        lambda: aws.list_tags_for_resource(resourceArn=arn),
    ):
        with refused("ResourceNotFoundException") as seen:
            call()
        assert seen.response["resourceType"] == kind.split("/")[0].replace("-", "_").upper()


# clientToken


def test_a_client_token_makes_a_call_happen_once(aws, plan):
    """The same request again is answered as before, and has no second effect."""
    request = {"name": "again", "incidentTemplate": TEMPLATE, "clientToken": "t"}
    created = aws.create_response_plan(**request)["arn"]
    aws.tag_resource(resourceArn=created, tags={"a": "b"})
    assert aws.create_response_plan(**request)["arn"] == created

    start = {"responsePlanArn": plan, "clientToken": "t"}  # tokens belong to an operation
    incident = aws.start_incident(**start)["incidentRecordArn"]
    assert aws.start_incident(**start)["incidentRecordArn"] == incident
    assert len(aws.list_incident_records()["incidentRecordSummaries"]) == 1

    aws.update_incident_record(arn=incident, title="first", clientToken="t")
    aws.update_incident_record(arn=incident, title="second")
    aws.update_incident_record(arn=incident, title="first", clientToken="t")
    assert record(aws, incident)["title"] == "second"

    aws.update_response_plan(arn=plan, displayName="first", clientToken="t")
    aws.update_response_plan(arn=plan, displayName="second")
    aws.update_response_plan(arn=plan, displayName="first", clientToken="t")
    assert got(aws, plan)["displayName"] == "second"

    add = {"incidentRecordArn": incident, "relatedItemsUpdate": {"itemToAdd": LINK}}
    aws.update_related_items(**add, clientToken="t")
    remove = {"itemToRemove": LINK["identifier"]}
    aws.update_related_items(incidentRecordArn=incident, relatedItemsUpdate=remove)
    aws.update_related_items(**add, clientToken="t")
    assert items_of(aws, incident) == []


def test_a_client_token_belongs_to_one_request(aws, plan):
    """Used with other parameters it is refused; a refused call leaves the token free."""
    aws.start_incident(responsePlanArn=plan, clientToken="t")
    with refused("ValidationException") as seen:
        aws.start_incident(responsePlanArn=plan, title="other", clientToken="t")
    assert "clientToken" in seen.response["Error"]["Message"]
    with refused("ConflictException"):
        aws.create_response_plan(name="plan", incidentTemplate=TEMPLATE, clientToken="u")
    aws.create_response_plan(name="free", incidentTemplate=TEMPLATE, clientToken="u")


def test_a_client_token_outlives_what_it_created(aws, plan):
    """AWS promises one call, so a deleted thing does not come back for its old token."""
    start = {"responsePlanArn": plan, "clientToken": "t"}
    incident = aws.start_incident(**start)["incidentRecordArn"]
    aws.delete_incident_record(arn=incident)
    assert aws.start_incident(**start)["incidentRecordArn"] == incident
    assert aws.list_incident_records()["incidentRecordSummaries"] == []


def test_a_replication_set_is_created_once_for_a_token(server, aws):
    """CreateReplicationSet with its token again answers the same set and no conflict."""
    del aws  # only for its reset
    other = client(server, region="us-gov-west-1")
    request = {"regions": {"us-gov-west-1": {}}, "clientToken": "t"}
    arn = other.create_replication_set(**request)["arn"]
    assert other.create_replication_set(**request)["arn"] == arn
    other.close()


# Everything else on the address


def test_other_services_answer_on_the_same_address(server, aws):
    """Moto's services are there, and a topic delivers to a queue."""
    del aws  # only for its reset
    sns, sqs, iam, sts, ssm, alarms, events, kms = (
        client(server, service)
        for service in ("sns", "sqs", "iam", "sts", "ssm", "cloudwatch", "events", "kms")
    )
    topic = sns.create_topic(Name="t")["TopicArn"]
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")
    sns.publish(TopicArn=topic, Message="hello")
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["Message"] == "hello"
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    assert iam.get_role(RoleName="r")["Role"]["Arn"] == "arn:aws:iam::123456789012:role/r"
    assert sts.get_caller_identity()["Account"] == "123456789012"
    assert ssm.list_documents()["DocumentIdentifiers"] is not None
    assert alarms.describe_alarms()["MetricAlarms"] == []
    assert events.list_rules()["Rules"] == []
    assert kms.list_keys()["Keys"] is not None
    for made in (sns, sqs, iam, sts, ssm, alarms, events, kms):
        made.close()


def test_requests_are_logged_in_order(server, aws):
    """The log names service, operation, status, error and, for incidents, the parameters."""
    sns, iam = client(server, "sns"), client(server, "iam")
    sns.create_topic(Name="t")
    with refused("NoSuchEntity"):
        iam.get_role(RoleName="missing")
    missing = "arn:aws:ssm-incidents::123456789012:response-plan/missing"
    with refused("ResourceNotFoundException"):
        aws.get_response_plan(arn=missing)
    aws.list_response_plans(maxResults=3)
    sns.close()
    iam.close()
    log = control(server, "GET", "/_local/requests")["requests"]
    numbers = [entry.pop("id") for entry in log]
    assert numbers == sorted(set(numbers))
    assert len({entry.pop("request_id") for entry in log}) == len(log)
    times = [datetime.fromisoformat(entry.pop("time")) for entry in log]
    assert times == sorted(times)
    assert not any(entry.pop("lost") for entry in log)
    assert not any(entry.pop("needs") for entry in log)  # of callers that are not evaluated
    own = {"service": "ssm-incidents", "mutating": False}
    assert log == [
        {
            "service": "sns",
            "operation": "CreateTopic",
            "status": 200,
            "error": None,
            "parameters": None,
            "mutating": True,
        },
        {
            "service": "iam",
            "operation": "GetRole",
            "status": 404,
            "error": "NoSuchEntity",
            "parameters": None,
            "mutating": False,
        },
        {
            **own,
            "operation": "GetResponsePlan",
            "status": 404,
            "error": "ResourceNotFoundException",
            "parameters": {"arn": missing},
        },
        {
            **own,
            "operation": "ListResponsePlans",
            "status": 200,
            "error": None,
            "parameters": {"maxResults": 3},
        },
    ]
    control(server, "DELETE", "/_local/requests")
    assert control(server, "GET", "/_local/requests") == {"requests": []}


def test_a_reset_goes_back_to_the_start(server, aws, plan):
    """Both halves are emptied, and the replication set of the start is there again."""
    del plan  # only for its being there
    sns = client(server, "sns")
    sns.create_topic(Name="t")
    control(server, "POST", "/_local/reset")
    assert sns.list_topics()["Topics"] == []
    assert aws.list_response_plans()["responsePlanSummaries"] == []
    assert len(aws.list_replication_sets()["replicationSetArns"]) == 1
    sns.close()


def test_health_tells_who_serves(server):
    """The answer names the service and the process."""
    health = control(server, "GET", "/_local/health")
    assert health["service"] == "pulumi-incidents local AWS"
    assert health["pid"] == server.process.pid
    assert health["version"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/_local/reset", {"Origin": "https://example.com"}, 403),
        ("GET", "/_local/requests", {"Origin": "null"}, 403),
        ("POST", "/moto-api/reset", {"Origin": "https://example.com"}, 403),
        ("GET", "/_local/health", {"Host": "example.com"}, 403),
        ("GET", "/_local/health", {"Host": "127.0.0.1.example.com:80"}, 403),
        ("GET", "/", {"Host": "example.com"}, 403),
        ("GET", "/_local/nothing", {}, 404),
        ("GET", "/_local/reset", {}, 404),
    ],
)
def test_web_pages_cannot_drive_the_server(server, method, path, headers, status):
    """Control requests from a page, and any request under a foreign host name, are refused."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(server, method, path, **headers)
    assert caught.value.code == status
    caught.value.close()


def test_eight_threads_create_at_once(server, aws):
    """Of eight equal creates one wins; of eight starts with one token there is one incident."""
    clients = [client(server) for _ in range(8)]

    def create(made):
        try:
            made.create_response_plan(name="raced", incidentTemplate=TEMPLATE)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "created"

    def many(numbered):
        number, made = numbered
        for i in range(10):
            made.create_response_plan(name=f"p{number}-{i}", incidentTemplate=TEMPLATE)

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(create, clients))
        assert outcomes == ["ConflictException"] * 7 + ["created"]
        list(pool.map(many, enumerate(clients)))
        plan = "arn:aws:ssm-incidents::123456789012:response-plan/raced"
        starts = pool.map(
            lambda made: made.start_incident(responsePlanArn=plan, clientToken="t"), clients
        )
        assert len({answer["incidentRecordArn"] for answer in starts}) == 1
    assert len(aws.list_response_plans()["responsePlanSummaries"]) == 81
    for made in clients:
        made.close()


# The command


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly(number):
    """Status 0, and stdout had the one line."""
    with running() as server:
        made = client(server)
        assert made.list_replication_sets()["replicationSetArns"] == []  # none unless asked for
        made.close()
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        assert server.process.stdout.read() == ""


def test_a_port_in_use_is_one_sentence():
    """It names the port and what to do, with status 2 and no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("--port", port)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert port in done.stderr
    assert "choose another port" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--port", "x"),
        ("--port", "65536"),
        ("--port", "0", "--what"),
        ("--port", "0", "--replication-set", "here"),
    ],
)
def test_wrong_options_are_explained(options):
    """The usage is shown, with status 2."""
    done = command(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: python -m pulumi_incidents.emulator")


def command(*options):
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "pulumi_incidents.emulator", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
