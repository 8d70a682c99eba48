"""What the emulated Incident Manager refuses.

Real: the server process and HTTP on 127.0.0.1. Requests are sent raw, because botocore's own
validation and serialisation would stop or mend most of them.
"""

from __future__ import annotations

import copy
import http.client
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[1]
SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm-incidents/aws4_request"
PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/plan"
RECORD = "arn:aws:ssm-incidents::123456789012:incident-record/plan/1"
ROLE = "arn:aws:iam::123456789012:role/r"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/c"
TOPIC = {"snsTopicArn": "arn:aws:sns:us-east-1:123456789012:t"}
BASE = {"name": "plan", "incidentTemplate": {"title": "t", "impact": 1}}
AUTOMATION = {"documentName": "Doc", "roleArn": ROLE}
PAGER_DUTY = {
    "name": "n",
    "secretId": "s",
    "pagerDutyIncidentConfiguration": {"serviceId": "i"},
}
LINK = {"type": "OTHER", "value": {"url": "https://example.com"}}
VARIABLE = {"variable": "INCIDENT_RECORD_ARN"}


class Server:
    """A running server, and a way to send it any request."""

    def __init__(self, url):
        """Remember the address."""
        self.url = url

    def send(self, method, path, body=b"", *, scope=SCOPE):
        """Return the status and the decoded JSON of an answer."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        try:
            connection.request(method, path, body, {"Authorization": scope})
            response = connection.getresponse()
            content = response.read()
            return response.status, json.loads(content) if content else None
        finally:
            connection.close()

    def call(self, operation, body):
        """POST an operation's body."""
        return self.send("POST", f"/{operation}", json.dumps(body))


@pytest.fixture(scope="module")
def server():
    """Serve for this file, with a replication set; topics and roles need not be there."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0"]
    with subprocess.Popen(
        [*command, "--replication-set", "us-east-1", "--permissions", "off"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield Server(process.stdout.readline().strip())
        finally:
            process.terminate()


@pytest.fixture(autouse=True)
def _reset(server):
    assert server.send("POST", "/_local/reset", scope="")[0] == 204


def with_value(path, value):
    """Return the body of a valid CreateResponsePlan with one member set, at a dotted path."""
    body = copy.deepcopy(BASE)
    *parents, last = path.split(".")
    target = body
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value
    return body


def automation(**members):
    """Return `actions` with a changed runbook."""
    return [{"ssmAutomation": {**AUTOMATION, **members}}]


def pager_duty(**members):
    """Return `integrations` with a changed PagerDuty configuration."""
    return [{"pagerDutyConfiguration": {**PAGER_DUTY, **members}}]


ACCEPTED = [
    ("name", "a"),
    ("name", "a" * 200),
    ("name", "aZ0-_"),
    ("displayName", ""),
    ("displayName", "é" * 200),
    ("clientToken", "t" * 128),
    ("incidentTemplate.title", ""),
    ("incidentTemplate.impact", 5),
    ("incidentTemplate.summary", "s" * 8000),
    ("incidentTemplate.summary", None),
    ("incidentTemplate.dedupeString", "d" * 1000),
    ("incidentTemplate.notificationTargets", []),
    ("incidentTemplate.notificationTargets", [TOPIC] * 10),
    ("incidentTemplate.incidentTags", {"k": ""}),
    ("tags", {"a b_=@:.+-/": "v" * 256}),
    ("tags", {f"k{i}": "" for i in range(50)}),
    ("chatChannel", {"empty": {}}),
    ("chatChannel", {"chatbotSns": ["anything"] * 5}),
    ("engagements", [CONTACT] * 5),
    ("actions", []),
    ("actions", automation()),
    ("actions", automation(documentVersion="", targetAccount="IMPACTED_ACCOUNT")),
    ("actions", automation(parameters={"k" * 50: ["v" * 512] * 100})),
    ("actions", automation(dynamicParameters={"k": VARIABLE})),
    ("integrations", pager_duty()),
]

REFUSED = [
    # types
    ("name", 1, "name", "a string"),
    ("incidentTemplate.title", ["t"], "incidentTemplate.title", "a string"),
    ("incidentTemplate.impact", "1", "incidentTemplate.impact", "an integer"),
    ("incidentTemplate.impact", 3.0, "incidentTemplate.impact", "an integer"),
    ("incidentTemplate.impact", True, "incidentTemplate.impact", "an integer"),
    ("incidentTemplate", [], "incidentTemplate", "a structure"),
    ("tags", [], "tags", "a map"),
    ("tags", {"k": None}, "tags.k", "a string"),
    ("tags", {"k": 1}, "tags.k", "a string"),
    ("engagements", CONTACT, "engagements", "a list"),
    ("engagements", [None], "engagements[0]", "a string"),
    ("chatChannel", "empty", "chatChannel", "a structure"),
    ("chatChannel", {"empty": []}, "chatChannel.empty", "a structure"),
    # required
    ("name", None, "name", "not be null"),
    ("incidentTemplate", None, "incidentTemplate", "not be null"),
    ("incidentTemplate.title", None, "incidentTemplate.title", "not be null"),
    (
        "actions",
        [{"ssmAutomation": {"documentName": "Doc"}}],
        "actions[0].ssmAutomation.roleArn",
        "not be null",
    ),
    # lengths, patterns, ranges, enums
    ("name", "", "name", "length greater than or equal to 1"),
    ("name", "a" * 201, "name", "length less than or equal to 200"),
    ("name", "a b", "name", "pattern"),
    ("name", "a\n", "name", "pattern"),
    ("displayName", "d" * 201, "displayName", "length less than or equal to 200"),
    ("clientToken", "t" * 129, "clientToken", "length less than or equal to 128"),
    ("incidentTemplate.impact", 0, "incidentTemplate.impact", "greater than or equal to 1"),
    ("incidentTemplate.impact", 6, "incidentTemplate.impact", "less than or equal to 5"),
    ("incidentTemplate.impact", 10**400, "incidentTemplate.impact", "less than or equal to 5"),
    ("incidentTemplate.summary", "s" * 8001, "incidentTemplate.summary", "equal to 8000"),
    (
        "incidentTemplate.notificationTargets",
        [{"snsTopicArn": "topic"}],
        "incidentTemplate.notificationTargets[0].snsTopicArn",
        "pattern",
    ),
    ("engagements", [f"{CONTACT}\n"], "engagements[0]", "pattern"),
    ("actions", automation(documentName="ab"), "actions[0].ssmAutomation.documentName", "pattern"),
    ("actions", automation(roleArn="r"), "actions[0].ssmAutomation.roleArn", "pattern"),
    (
        "actions",
        automation(targetAccount="MINE"),
        "actions[0].ssmAutomation.targetAccount",
        "[RESPONSE_PLAN_OWNER_ACCOUNT, IMPACTED_ACCOUNT]",
    ),
    # counts
    ("engagements", [CONTACT] * 6, "engagements", "length less than or equal to 5"),
    ("actions", automation() * 2, "actions", "length less than or equal to 1"),
    ("integrations", pager_duty() * 2, "integrations", "length less than or equal to 1"),
    (
        "incidentTemplate.notificationTargets",
        [TOPIC] * 11,
        "incidentTemplate.notificationTargets",
        "length less than or equal to 10",
    ),
    ("chatChannel", {"chatbotSns": []}, "chatChannel.chatbotSns", "greater than or equal to 1"),
    ("chatChannel", {"chatbotSns": ["t"] * 6}, "chatChannel.chatbotSns", "equal to 5"),
    # maps and their keys
    ("tags", {}, "tags", "greater than or equal to 1"),
    ("tags", {f"k{i}": "" for i in range(51)}, "tags", "less than or equal to 50"),
    ("tags", {"aws:k": "v"}, "tags.aws:k (key)", "pattern"),
    (
        "actions",
        automation(dynamicParameters={"": VARIABLE}),
        "actions[0].ssmAutomation.dynamicParameters. (key)",
        "greater than or equal to 1",
    ),
    ("tags", {"k" * 129: "v"}, f"tags.{'k' * 100}… (key)", "less than or equal to 128"),
    ("tags", {"k": "ä"}, "tags.k", "pattern"),
    ("incidentTemplate.incidentTags", {}, "incidentTemplate.incidentTags", "equal to 1"),
    (
        "actions",
        automation(parameters={}),
        "actions[0].ssmAutomation.parameters",
        "greater than or equal to 1",
    ),
    (
        "actions",
        automation(parameters={"k" * 51: []}),
        f"actions[0].ssmAutomation.parameters.{'k' * 51} (key)",
        "less than or equal to 50",
    ),
    (
        "actions",
        automation(parameters={"k": ["v" * 513]}),
        "actions[0].ssmAutomation.parameters.k[0]",
        "less than or equal to 512",
    ),
    (
        "actions",
        automation(dynamicParameters={"k": {"variable": "TIME"}}),
        "actions[0].ssmAutomation.dynamicParameters.k.variable",
        "enum value set",
    ),
    # unions
    ("chatChannel", {}, "chatChannel", "exactly one of: [chatbotSns, empty]"),
    ("chatChannel", {"empty": {}, "chatbotSns": ["t"]}, "chatChannel", "exactly one"),
    ("actions", [{}], "actions[0]", "exactly one"),
    # unknown members, at every depth
    ("region", "us-east-1", "region", "one that the API knows"),
    ("u" * 300, 1, "u" * 100 + "…", "one that the API knows"),
    ("incidentTemplate.colour", "red", "incidentTemplate.colour", "one that the API knows"),
    ("chatChannel", {"empty": {"x": 1}}, "chatChannel.empty.x", "one that the API knows"),
    ("actions", automation(x=1), "actions[0].ssmAutomation.x", "one that the API knows"),
    (
        "integrations",
        pager_duty(pagerDutyIncidentConfiguration={"serviceId": "i", "x": 1}),
        "integrations[0].pagerDutyConfiguration.pagerDutyIncidentConfiguration.x",
        "one that the API knows",
    ),
]


@pytest.mark.parametrize(("path", "value"), ACCEPTED)
def test_what_the_model_allows_is_accepted(server, path, value):
    """Every bound belongs to what is allowed."""
    status, answer = server.call("createResponsePlan", with_value(path, value))
    assert status == 201, answer


@pytest.mark.parametrize(("path", "value", "where", "constraint"), REFUSED)
def test_what_the_model_forbids_is_refused(server, path, value, where, constraint):
    """One failure is named with its full path and its constraint, and nothing is created."""
    status, answer = server.call("createResponsePlan", with_value(path, value))
    assert (status, answer["__type"]) == (400, "ValidationException")
    start = f"1 validation error detected: Value at '{where}' failed to satisfy constraint: Member"
    assert answer["message"].startswith(start)
    assert constraint in answer["message"]
    assert server.call("listResponsePlans", {})[1]["responsePlanSummaries"] == []


def test_all_failures_of_a_request_are_reported_at_once(server):
    """They come in one message, in AWS's words."""
    body = {"incidentTemplate": {"title": "t", "impact": 6}, "what": 1}
    status, answer = server.call("createResponsePlan", body)
    assert status == 400
    assert answer["message"] == (
        "3 validation errors detected: "
        "Value at 'name' failed to satisfy constraint: Member must not be null; "
        "Value at 'incidentTemplate.impact' failed to satisfy constraint: "
        "Member must have value less than or equal to 5; "
        "Value at 'what' failed to satisfy constraint: Member must be one that the API knows"
    )


def test_a_message_stays_readable_when_everything_is_wrong(server):
    """Long values are not echoed, and after twenty failures only their number is told."""
    body = with_value("tags", {f"ä{i}": "ö" * 300 for i in range(40)})
    message = server.call("createResponsePlan", body)[1]["message"]
    assert message.startswith("120 validation errors detected: ")
    assert message.endswith("; and 100 more")
    assert "öö" not in message


@pytest.mark.parametrize(
    ("operation", "body", "where"),
    [
        ("startIncident", {"responsePlanArn": RECORD}, "responsePlanArn"),
        ("startIncident", {"responsePlanArn": PLAN, "impact": 0}, "impact"),
        (
            "startIncident",
            {
                "responsePlanArn": PLAN,
                "relatedItems": [
                    {"identifier": LINK, "generatedId": f"related-item/OTHER/{'A' * 32}"}
                ],
            },
            "relatedItems[0].generatedId",
        ),
        (
            "startIncident",
            {"responsePlanArn": PLAN, "relatedItems": [{"identifier": LINK}] * 101},
            "relatedItems",
        ),
        (
            "startIncident",
            {"responsePlanArn": PLAN, "triggerDetails": {"source": "aws.x", "timestamp": 1}},
            "triggerDetails.source",
        ),
        (
            "startIncident",
            {"responsePlanArn": PLAN, "triggerDetails": {"source": "x"}},
            "triggerDetails.timestamp",
        ),
        *(
            (
                "startIncident",
                {"responsePlanArn": PLAN, "triggerDetails": {"source": "x", "timestamp": moment}},
                "triggerDetails.timestamp",
            )
            for moment in ("2026-01-01T00:00:00Z", True, 10**12, 10**400, 1e999)
        ),
        ("updateIncidentRecord", {"arn": PLAN}, "arn"),
        ("updateIncidentRecord", {"arn": RECORD, "status": "CLOSED"}, "status"),
        (
            "updateRelatedItems",
            {
                "incidentRecordArn": RECORD,
                "relatedItemsUpdate": {
                    "itemToAdd": {
                        "identifier": LINK,
                        "generatedId": f"related-item/OTHER/{'A' * 32}",
                    }
                },
            },
            "relatedItemsUpdate.itemToAdd.generatedId",
        ),
        (
            "updateRelatedItems",
            {"incidentRecordArn": RECORD, "relatedItemsUpdate": {}},
            "relatedItemsUpdate",
        ),
        ("updateResponsePlan", {"arn": PLAN, "name": "x"}, "name"),
        ("updateResponsePlan", {"arn": PLAN, "incidentTemplate": {}}, "incidentTemplate"),
        ("deleteResponsePlan", {"arn": RECORD}, "arn"),
        ("deleteIncidentRecord", {"arn": PLAN}, "arn"),
        ("listResponsePlans", {"maxResults": 0}, "maxResults"),
        ("listResponsePlans", {"maxResults": 101}, "maxResults"),
        ("createReplicationSet", {"regions": {}}, "regions"),
        ("createReplicationSet", {"regions": {f"r{i}": {} for i in range(4)}}, "regions"),
        (
            "listIncidentRecords",
            {"filters": [{"key": "title", "condition": {"equals": {"stringValues": ["x"]}}}]},
            "filters[0].key",
        ),
        (
            "listIncidentRecords",
            {"filters": [{"key": "impact", "condition": {"equals": {"stringValues": ["1"]}}}]},
            "filters[0].condition",
        ),
        (
            "listIncidentRecords",
            {"filters": [{"key": "status", "condition": {"before": 1}}]},
            "filters[0].condition",
        ),
        (
            "listIncidentRecords",
            {"filters": [{"key": "creationTime", "condition": {"equals": {"integerValues": [1]}}}]},
            "filters[0].condition",
        ),
    ],
)
def test_the_other_operations_are_checked_as_well(server, operation, body, where):
    """Each refuses what its model or its documentation forbids."""
    sent = json.dumps(body).replace("Infinity", "1e999")  # JSON has no word for it
    status, answer = server.send("POST", f"/{operation}", sent)
    assert (status, answer["__type"]) == (400, "ValidationException")
    start = f"1 validation error detected: Value at '{where}' failed to satisfy constraint: Member"
    assert answer["message"].startswith(start)


@pytest.mark.parametrize(
    ("method", "path", "where"),
    [
        ("GET", "/getResponsePlan", "arn"),
        ("GET", "/getResponsePlan?arn=", "arn"),
        ("GET", "/getResponsePlan?arn=plan", "arn"),
        ("GET", f"/getResponsePlan?arn={PLAN}&arn={PLAN}", "arn"),
        ("GET", f"/getResponsePlan?arn={PLAN}&colour=red", "colour"),
        ("GET", f"/getResponsePlan?arn={PLAN}%0A", "arn"),
        ("GET", f"/getResponsePlan?arn={RECORD}", "arn"),
        ("POST", "/deleteReplicationSet", "arn"),
        ("POST", "/listResponsePlans?maxResults=1", "maxResults"),
        ("GET", "/tags/plan", "resourceArn"),
        ("GET", "/tags/%2F", "resourceArn"),
        ("GET", "/tags/plan%0A", "resourceArn"),
        ("GET", f"/tags/{PLAN}%0A", "resourceArn"),
        ("DELETE", f"/tags/{quote(PLAN, safe='')}", "tagKeys"),
        ("DELETE", f"/tags/{quote(PLAN, safe='')}?tagKeys=", "tagKeys[0]"),
    ],
)
def test_paths_and_query_strings_are_checked(server, method, path, where):
    """What travels outside the body is checked in the same way."""
    status, answer = server.send(method, path)
    assert (status, answer["__type"]) == (400, "ValidationException"), answer
    assert f"Value at '{where}'" in answer["message"]


def test_a_member_in_the_wrong_place_is_refused(server):
    """A member of the query string does not count in the body."""
    status, answer = server.send("GET", f"/getResponsePlan?arn={PLAN}", json.dumps({"arn": PLAN}))
    assert (status, answer["__type"]) == (400, "ValidationException")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"1",
        b'"text"',
        b"null",
        b"name=plan",
        b"\xff",
        b'{"name": NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"impact": ' + b"9" * 100_000 + b"}",
    ],
    ids=range(11),
)
def test_a_body_that_is_no_json_object_is_refused(server, body):
    """It is the client's error, however deep or large it is."""
    status, answer = server.send("POST", "/createResponsePlan", body)
    assert (status, answer["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/createResponsePlan"),
        ("POST", "/makeResponsePlan"),
        ("PUT", f"/tags/{PLAN}"),
        ("GET", "/tags/"),
        ("DELETE", "/getResponsePlan/x"),
    ],
)
def test_an_unknown_operation_is_refused(server, method, path):
    """Only the methods and paths of the model are there."""
    status, answer = server.send(method, path)
    assert (status, answer["__type"]) == (404, "UnknownOperationException")


def test_odd_text_is_kept_as_it_is(server):
    """Any string JSON can hold comes back unchanged."""
    body = with_value("incidentTemplate.title", 'é "\\ \n \u2028 \ud800 🚨')
    assert server.call("createResponsePlan", body)[0] == 201
    answer = server.send("GET", f"/getResponsePlan?arn={PLAN}")[1]
    assert answer["incidentTemplate"]["title"] == body["incidentTemplate"]["title"]


def test_a_refused_request_reaches_boto3_as_its_error(server):
    """With botocore's own checks off, the answer is a ClientError and not a retry."""
    incidents = boto3.client(
        "ssm-incidents",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),
    )
    with pytest.raises(ClientError) as caught:
        incidents.create_response_plan(name="p", incidentTemplate={"title": "t", "impact": 3.0})
    response = caught.value.response
    assert response["Error"]["Code"] == "ValidationException"
    assert "'incidentTemplate.impact'" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    incidents.close()
