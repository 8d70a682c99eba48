"""Topics, runbooks, rules and names as people write them: what is taken, and what is refused.

Real: the components and the SDK; the engine is the SDK's own mock of it.
"""

from __future__ import annotations

import inspect
import json

import pulumi
import pulumi_aws as aws
import pytest

from pulumi_incidents.stacks import (
    AlarmTrigger,
    EventTrigger,
    IncidentResponse,
    IncidentTopic,
    Runbook,
    SubscriberArgs,
)
from tests.mocked import ACCOUNT, PLAN, TOPIC, declared, output, statements

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/deployer"
MINIMAL = {"title": "Down", "impact": 1}
DOCUMENT = {
    "schemaVersion": "0.3",
    "parameters": {"Incident": {"type": "String"}},
    "mainSteps": [{"name": "wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
}
FILLED = {"dynamic_parameters": {"Incident": {"variable": "INCIDENT_RECORD_ARN"}}}
TEXT = """\
schemaVersion: "0.3"  # what AWS wants
parameters: {Incident: {type: String}}
mainSteps:
  - name: say
    action: aws:executeScript
    inputs:
      Runtime: python3.11
      Handler: say
      Script: |
        def say(events, context):
            # in the words of the team
            return {"said": events}
"""


def refused(build):
    """Return the sentences by which something is refused, and nothing else is said."""
    with pytest.raises(pulumi.RunError) as told:
        declared(build)
    return str(told.value).splitlines()


def response(**args):
    """Declare a response with these inputs."""
    return IncidentResponse("x", {**MINIMAL, **args})


# Topics


def test_further_publishers_get_into_the_policies_of_topic_and_key():
    """Services on behalf of this account, and other accounts; outputs as well."""
    publishers = ["cloudwatch.amazonaws.com", "events.amazonaws.com", OTHER]
    found = declared(
        lambda: IncidentTopic("t", {"encrypted": True, "publishers": [*publishers, output(ROLE)]})
    )
    of_topic, of_key = (
        statements(found[kind, "t"]["policy"])[-2:] for kind in ("TopicPolicy", "Key")
    )
    for services, accounts in (of_topic, of_key):
        assert services["Principal"] == {"Service": publishers[:2]}
        (own,) = services["Condition"]["StringEqualsIfExists"].values()
        assert own == ACCOUNT
        root = accounts["Principal"]["AWS"][0].split(":", 2)[2]
        assert root == f"iam::{OTHER}:root"
        assert accounts["Principal"]["AWS"][1] == ROLE
    assert {each["Action"] for each in of_topic} == {"SNS:Publish"}
    assert of_key[0]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_a_subscriber_takes_every_input_of_pulumi_aws():
    """One that a new version adds fails here until somebody decides on it."""
    known = {*inspect.signature(aws.sns.TopicSubscriptionArgs.__init__).parameters}
    own = {"__self__", "topic", "region"}  # the topic's
    of_fifo = {"replay_policy"}  # this topic is none
    assert known - own - of_fifo - {*SubscriberArgs.__annotations__} == set()


def test_a_subscriber_has_filters_and_may_be_a_phone():
    """A map is JSON at AWS, a text is kept, and the number is not in the name of the resource."""
    queue = {"protocol": "sqs", "endpoint": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"}
    only = {"detail": {"impact": [1, 2]}}
    found = declared(
        lambda: IncidentTopic(
            "t",
            {
                "subscribers": [
                    {
                        **queue,
                        "filter_policy": {**only, "more": [output("x")]},
                        "filter_policy_scope": "MessageBody",
                        "raw_message_delivery": True,
                        "redrive_policy": '{"deadLetterTargetArn": "arn"}',
                    },
                    {"protocol": "sms", "endpoint": "+4915112345678"},
                ]
            },
        )
    )
    made = {name: found[kind, name] for kind, name in found if kind == "TopicSubscription"}
    filtered, phone = sorted(made, key=lambda name: "sms" in name)
    assert json.loads(made[filtered]["filterPolicy"]) == {**only, "more": ["x"]}
    assert made[filtered]["redrivePolicy"] == '{"deadLetterTargetArn": "arn"}'
    assert made[filtered]["rawMessageDelivery"] is True
    assert phone.startswith("t-sms-5678-")
    assert made[phone]["endpoint"] == "+4915112345678"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"publishers": ["*"]}, "publishers[0] must be a service, such as cloudwatch.amazonaws.c"),
        ({"publishers": ["cloudwatch"]}, "publishers[0] must be a service, such as cloudwatch.am"),
        (
            {"subscribers": [{"protocol": "sms", "endpoint": "0151 1234567"}]},
            "subscribers[0].endpoint must be a phone number, such as +4915112345678; got '0151",
        ),
        (
            {
                "subscribers": [
                    {"protocol": "email", "endpoint": "a@b.c", "raw_message_delivery": 1}
                ]
            },
            "subscribers[0].raw_message_delivery must be true or false; got 1.",
        ),
        (
            {
                "subscribers": [
                    {"protocol": "email", "endpoint": "a@b.c", "raw_message_delivery": True}
                ]
            },
            "subscribers[0].raw_message_delivery is for sqs, https, http, firehose, and this is em",
        ),
        (
            {"subscribers": [{"protocol": "email", "endpoint": "a@b.c", "filter_policy": "all"}]},
            "subscribers[0].filter_policy must be a map or JSON of one; got 'all'.",
        ),
        (
            {
                "subscribers": [
                    {"protocol": "email", "endpoint": "a@b.c", "filter_policy_scope": "Body"}
                ]
            },
            "subscribers[0].filter_policy_scope must be one of MessageAttributes, MessageBody; got",
        ),
        (
            {"subscribers": [{"protocol": "firehose", "endpoint": "arn:aws:firehose:a:b"}]},
            "subscribers[0].subscription_role_arn is required with firehose.",
        ),
    ],
)
def test_what_sns_would_refuse_of_a_topic_is_told_with_its_path(args, sentence):
    """By itself, and in a response by the path that the person wrote."""
    alone = refused(lambda: IncidentTopic("t", args))
    assert [line for line in alone if line.startswith(f"IncidentTopic t: {sentence}")], alone
    told = refused(lambda: response(chat=args))
    assert [line for line in told if line.startswith(f"IncidentResponse x: chat.{sentence}")], told


def test_a_publisher_that_is_known_later_is_looked_at_then():
    """And is not repeated."""
    (told,) = refused(lambda: IncidentTopic("t", {"publishers": [output("hunter2")]}))
    assert told.startswith("IncidentTopic t: publishers must be a service")
    assert "hunter2" not in told


# Runbooks


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (lambda: TEXT, "YAML", TEXT),
        (lambda: output(TEXT), "YAML", TEXT),
        (lambda: json.dumps(DOCUMENT, indent="\t"), "JSON", json.dumps(DOCUMENT, indent="\t")),
        (lambda: DOCUMENT, "JSON", json.dumps(DOCUMENT, indent=2)),
        (lambda: output(DOCUMENT), "JSON", json.dumps(DOCUMENT, indent=2)),
        (
            lambda: {**DOCUMENT, "description": output("of the team")},
            "JSON",
            json.dumps({**DOCUMENT, "description": "of the team"}, indent=2),
        ),
    ],
)
def test_the_content_of_a_runbook_is_text_or_a_map_and_may_be_known_later(content, kind, text):
    """A text is kept as it is written: comments, blocks and tabs."""
    found = declared(lambda: Runbook("r", "checkout", {**FILLED, "content": content()}))
    document = found["Document", "r"]
    assert (document["documentFormat"], document["content"]) == (kind, text)


def test_the_name_of_the_plan_may_be_known_later():
    """The trust of the role then has the name, and never words about an output."""
    found = declared(lambda: Runbook("r", output("checkout"), {"document_name": "Restart"}))
    (trust,) = statements(found["Role", "r"]["assumeRolePolicy"])
    records = trust["Condition"]["ArnLike"]["aws:SourceArn"]
    assert records.endswith(":incident-record/checkout/*")
    assert "Calling __str__" not in json.dumps(found["Role", "r"])


def test_managed_policies_are_attached_to_the_role_that_is_made():
    """Each under its own name, so that one that goes takes no other with it."""
    arns = {
        "read": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "own": f"arn:aws:iam::{ACCOUNT}:policy/o",
    }
    args = {"document_name": "Restart", "managed_policies": {**arns, "later": None}}

    def build():
        args["managed_policies"]["later"] = output(f"{arns['own']}-later")
        Runbook("r", "checkout", args)

    found = declared(build)
    attached = {n: found[k, n]["policyArn"] for k, n in found if k == "RolePolicyAttachment"}
    assert attached == {
        "r-read": arns["read"],
        "r-own": arns["own"],
        "r-later": f"{arns['own']}-later",
    }


COMMAND = {"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a"}]}


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (
            {"content": json.dumps(COMMAND)},
            (
                "content is a document of the schema 2.2, such as one that runs commands, and "
                "Incident Manager runs automations: those have the schemaVersion '0.3'."
            ),
        ),
        (
            {"content": {"schemaVersion": "1.2", "runtimeConfig": {}}},
            "content is a document of the ",
        ),
        (
            {"content": {"mainSteps": []}},
            "content is no automation document: it has no schemaVersion, which is '0.3'.",
        ),
        ({"content": {**DOCUMENT, "mainStep": 1}}, "parameters.Incident is missing: the document "),
        (
            {"content": TEXT, "dynamic_parameters": {"Incident": "INCIDENT_RECORD_ARN"}},
            "dynamic_parameters.Incident must be a map with variable; got 'INCIDENT_RECORD_ARN'.",
        ),
        (
            {"content": TEXT, "parameters": [{"name": "Incident", "values": ["1"]}]},
            "parameters must be a map; got [{'name': 'Incident', 'values': ['1']}].",
        ),
        (
            {"content": TEXT, "parameters": {"Incident": "1"}},
            "parameters.Incident must be a list; got '1'.",
        ),
        (
            {"document_name": "R", "managed_policies": {"a": "ReadOnlyAccess"}},
            "managed_policies.a must be the ARN of a managed policy; got 'ReadOnlyAccess'.",
        ),
        (
            {
                "document_name": "R",
                "managed_policies": dict.fromkeys("ab", f"arn:aws:iam::{ACCOUNT}:policy/o"),
            },
            "managed_policies.b is managed_policies.a once more; take one of them out.",
        ),
    ],
)
def test_what_would_be_no_runbook_is_told_with_its_path(args, sentence):
    """By itself, and in a response by the path that the person wrote."""
    alone = refused(lambda: Runbook("r", "p", args))
    assert [line for line in alone if line.startswith(f"Runbook r: {sentence}")], alone
    told = refused(lambda: response(runbook=args))
    inside = sentence.replace("is managed_policies", "is runbook.managed_policies")
    path = f"IncidentResponse x: runbook.{inside}"
    assert [line for line in told if line.startswith(path)], told


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (COMMAND, "Runbook r: content is a document of the schema 2.2, such as one that runs com"),
        ({**DOCUMENT, "parameters": {}}, "dynamic_parameters.Incident is no parameter of the doc"),
        ("{", "Runbook r: content is neither YAML nor JSON"),
    ],
)
def test_content_that_is_known_later_is_looked_at_then(content, sentence):
    """Nothing of it is repeated."""
    args = {**FILLED, "content": None}
    told = refused(lambda: Runbook("r", "p", {**args, "content": output(content)}))
    assert sentence in "\n".join(told)
    assert "declares" not in "\n".join(told)


# Rules and plans


def test_a_pattern_may_be_json_and_known_later():
    """A text is kept as it is written."""
    text = '{"source": [ "com.example" ]}'
    found = declared(
        lambda: [
            EventTrigger("text", PLAN, {"event_pattern": text}),
            EventTrigger("later", PLAN, {"event_pattern": output(text)}),
            EventTrigger("map", PLAN, {"event_pattern": output({"source": ["com.example"]})}),
        ]
    )
    patterns = {n: found[k, n]["eventPattern"] for k, n in found if k == "EventRule"}
    assert patterns == {"text": text, "later": text, "map": '{"source": ["com.example"]}'}


GOOD = [
    {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7, "<=", 10]}]}},
    {"detail": {"state": [{"anything-but": ["OK", 1]}, {"anything-but": {"prefix": "a"}}]}},
    {"detail": {"a": [{"anything-but": {"wildcard": ["a*", "*b"]}}, {"exists": False}, None]}},
    {"resources": [{"prefix": {"equals-ignore-case": "arn"}}, {"suffix": ":x"}, {"wildcard": "*"}]},
    {"detail": {"$or": [{"a": ["1"]}, {"b": [{"cidr": "10.0.0.0/8"}]}]}},
    {"$or": [{"source": ["a"]}, {"detail-type": ["b"]}]},
]


@pytest.mark.parametrize("pattern", GOOD)
def test_a_pattern_that_eventbridge_takes_is_taken(pattern):
    """Every operator, as the guide has it, and as JSON as well."""
    for given in (pattern, json.dumps(pattern)):
        found = declared(lambda given=given: EventTrigger("e", PLAN, {"event_pattern": given}))
        assert json.loads(found["EventRule", "e"]["eventPattern"]) == pattern


BAD = [
    (
        {"source": "aws.guardduty"},
        ".source must be a list of the values that it may have; got 'aws",
    ),
    (
        {"detail": {"a": {"b": 1}}},
        ".detail.a.b must be a list of the values that it may have; got 1",
    ),
    ({"detail_type": ["a"]}, ".detail_type does not exist; did you mean detail-type?"),
    ({}, " must not be empty: name a field, and the values that it may have."),
    ({"detail": {}}, ".detail must not be empty: name a field, and the values that it may have."),
    ({"source": []}, ".source must not be empty: it would match no event."),
    ({"source": [["a"]]}, ".source[0] must be a value or an operator, not a list; got ['a']."),
    ({"source": [{"prefx": "a"}]}, ".source[0] must be one of the operators prefix, suffix, "),
    ({"source": [{"prefix": "a", "suffix": "b"}]}, ".source[0] must be one of the operators pre"),
    ({"source": [{"prefix": 1}]}, ".source[0].prefix must be text; got 1."),
    ({"source": [{"prefix": {"a": "b"}}]}, ".source[0].prefix must be one of the operators equa"),
    ({"detail": {"a": [{"exists": "yes"}]}}, ".detail.a[0].exists must be true or false; got 'yes"),
    ({"detail": {"a": [{"numeric": [">"]}]}}, ".detail.a[0].numeric must be one or two compariso"),
    ({"detail": {"a": [{"numeric": ["!", 1]}]}}, ".detail.a[0].numeric must be one or two compar"),
    ({"detail": {"a": [{"anything-but": []}]}}, ".detail.a[0].anything-but must be a text, a num"),
    ({"$or": [{"source": ["a"]}]}, ".$or must be a list of two patterns or more; got [{'source'"),
    ({"$or": [{"source": ["a"]}, "b"]}, ".$or[1] must be a pattern of its own; got 'b'."),
    ({"source": ["a" * 5000]}, " must be at most 4096 characters, not 5016."),
    ("[1]", " must be a map or JSON of one; got '[1]'."),
    ("{", " must be a map or JSON of one; got '{'."),
]


@pytest.mark.parametrize(("pattern", "sentence"), BAD)
def test_what_eventbridge_would_refuse_of_a_pattern_is_told_with_its_path(pattern, sentence):
    """By itself, in a response, and once it is known: then without what was given."""
    alone = refused(lambda: EventTrigger("e", PLAN, {"event_pattern": pattern}))
    assert [each for each in alone if each.startswith(f"EventTrigger e: event_pattern{sentence}")]
    told = refused(lambda: response(events={"e": {"event_pattern": pattern}}))
    path = f"IncidentResponse x: events.e.event_pattern{sentence}"
    assert [line for line in told if line.startswith(path)], told
    later = refused(lambda: EventTrigger("e", PLAN, {"event_pattern": output(pattern)}))
    short = sentence.partition("; ")[0].rstrip(".")
    assert [each for each in later if each.startswith(f"EventTrigger e: event_pattern{short}")]


NO_PLAN = f"plan must be a response plan or its ARN, such as {PLAN}"


@pytest.mark.parametrize(
    "wrong", [f"{TOPIC}updates", PLAN.replace("::", ":us-east-1:", 1), f"{PLAN}/more"]
)
def test_what_is_no_plan_is_refused_also_once_it_is_known(wrong):
    """The ARN of anything else would be an alarm that nobody hears."""
    alarm = {"namespace": "Shop", "metric_name": "Errors", "threshold": 1}
    rule = {"event_pattern": {"source": ["a"]}}
    for kind, args in ((AlarmTrigger, alarm), (EventTrigger, rule)):
        name = kind.__name__
        told = refused(lambda kind=kind, args=args: kind("n", wrong, args))
        assert told == [f"{name} n: {NO_PLAN}; got {wrong!r}."]
        later = refused(lambda kind=kind, args=args: kind("n", output(wrong), args))
        assert later == [f"{name} n: {NO_PLAN}."]


# Names


def test_a_long_name_is_cut_where_aws_has_a_limit_and_nowhere_else():
    """Each part has room for what pulumi-aws adds; two long names stay two; short ones stay."""
    longest = {"Role": 64, "RolePolicy": 128, "EventRule": 64, "Topic": 256}
    longest |= {"Document": 128, "MetricAlarm": 255, "CompositeAlarm": 255}
    alarm = {"namespace": "Shop", "metric_name": "Errors", "threshold": 1}

    def names(start):
        found = declared(
            lambda: IncidentResponse(
                start,
                {
                    **MINIMAL,
                    "runbook": {**FILLED, "content": DOCUMENT},
                    "alarms": {"a": alarm},
                    "composite_alarms": {"c": {"alarm_rule": "ALARM(a)"}},
                    "events": {"e": {"event_pattern": {"source": ["a"]}}},
                },
            )
        )
        assert len(found["ResponsePlan", f"{start}-plan"]["name"]) <= 200
        return {(kind, name) for kind, name in found if kind in longest}

    short, one, two = names("shop"), names("a" * 300), names("a" * 299 + "b")
    assert all(name.startswith("shop-") and len(name) < 20 for _, name in short)
    assert one & two == set()
    for kind, name in one | two:
        assert len(name) + 8 <= longest[kind]
    assert len(one) == len(short)
