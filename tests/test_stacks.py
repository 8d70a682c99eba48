"""The components. Real: the components and the SDK; the engine is the SDK's own mock of it."""

from __future__ import annotations

import json
import re

import pulumi
import pytest

from pulumi_incidents.stacks import (
    AlarmTrigger,
    Drill,
    EventTrigger,
    IncidentResponse,
    IncidentTopic,
    Runbook,
    SubscriberArgs,
)
from tests.mocked import ACCOUNT, LIVE, PLAN, TOPIC, Mocks, declared, output, statements

CONTACT = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact/oncall"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runbook"
PAGER_DUTY = {
    "pager_duty_configuration": {
        "name": "shop",
        "pager_duty_incident_configuration": {"service_id": "P1"},
        "secret_id": "pager-duty",
    }
}
PAGER_DUTY_WITHOUT_NAME = {**PAGER_DUTY["pager_duty_configuration"], "name": "n" * 201}
ALARM = {"namespace": "Shop", "metric_name": "Errors", "threshold": 1}
DRILL = {"occurrence": "2026-Q4-1", "plan_arn": PLAN}
DOCUMENT = """
schemaVersion: "0.3"
parameters:
  Incident: {type: String}
  Resources: {type: StringList}
  Host: {type: String, default: web-1}
mainSteps: []
"""


def test_a_topic_lets_incident_manager_publish_for_this_account_only():
    """The policy names the service, this topic and this account."""
    found = declared(lambda: IncidentTopic("updates"))
    assert statements(found["TopicPolicy", "updates"]["policy"]) == [
        {
            "Sid": "IncidentManagerPublishes",
            "Principal": {"Service": "ssm-incidents.amazonaws.com"},
            "Action": "SNS:Publish",
            "Resource": "arn:of:updates",
            "Condition": {"StringEqualsIfExists": {"AWS:SourceAccount": ACCOUNT}},
        }
    ]


def test_an_encrypted_topic_has_a_key_that_incident_manager_may_use():
    """The account manages the key, and the service may use it on behalf of the account."""
    found = declared(lambda: IncidentTopic("updates", {"encrypted": True}))
    assert found["Topic", "updates"]["kmsMasterKeyId"] == "arn:of:updates"
    key = found["Key", "updates"]
    assert key["enableKeyRotation"] is True
    assert statements(key["policy"]) == [
        {
            "Sid": "TheAccountManages",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "IncidentManagerPublishes",
            "Principal": {"Service": ["ssm-incidents.amazonaws.com", "ssm-contacts.amazonaws.com"]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
        },
    ]


def test_subscribers_get_the_messages_of_the_topic():
    """Each subscriber becomes a subscription."""
    subscribers = [
        {"protocol": "email", "endpoint": "oncall@example.com"},
        {"protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:123456789012:incidents"},
    ]
    found = declared(lambda: IncidentTopic("updates", {"subscribers": subscribers}))
    made = {name: found[kind, name] for kind, name in found if kind == "TopicSubscription"}
    assert made == {
        "updates-email-oncall-example-com-0d8d6db": {"topic": "arn:of:updates", **subscribers[0]},
        "updates-sqs-incidents-83423f2": {"topic": "arn:of:updates", **subscribers[1]},
    }


def test_a_subscription_is_called_after_its_endpoint_and_tells_no_password():
    """The name is short, and of an https address it has the host alone: the rest may be secret."""
    addresses = [
        f"https://me:hunter2@hooks.example.com/{'hunter2' * 20}?key=hunter2",
        "https://hooks.example.com/other",
    ]
    subscribers = [{"protocol": "https", "endpoint": address} for address in addresses]
    found = declared(lambda: IncidentTopic("updates", {"subscribers": subscribers}))
    names = [name for kind, name in found if kind == "TopicSubscription"]
    assert len(names) == 2
    assert all(re.fullmatch("updates-https-hooks-example-com-[0-9a-f]{7}", one) for one in names)


def test_a_runbooks_role_may_do_the_least_that_works():
    """The role is for incidents of this plan and starts this document, in this account."""
    found = declared(lambda: Runbook("restart", "checkout", {"document_name": "Restart"}))
    assert statements(found["Role", "restart"]["assumeRolePolicy"]) == [
        {
            "Sid": "IncidentManagerRunsRunbooks",
            "Principal": {"Service": "ssm-incidents.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {
                    "aws:SourceArn": (
                        f"arn:aws:ssm-incidents:*:{ACCOUNT}:incident-record/checkout/*"
                    )
                },
            },
        }
    ]
    assert statements(found["RolePolicy", "restart"]["policy"]) == [
        {
            "Sid": "StartRunbook",
            "Action": "ssm:StartAutomationExecution",
            "Resource": [
                f"arn:aws:ssm:*:{ACCOUNT}:document/Restart",
                f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/*",
                f"arn:aws:ssm:*:{ACCOUNT}:automation-definition/Restart:*",
            ],
        }
    ]


def test_a_cross_account_runbook_may_also_take_the_documented_role():
    """Only the role that Systems Manager documents is added, and only Systems Manager takes it."""
    args = {"document_name": "AWS-RestartEC2Instance", "cross_account": True}
    found = declared(lambda: Runbook("restart", "checkout", args))
    start, elsewhere = statements(found["RolePolicy", "restart"]["policy"])
    assert start["Resource"][0] == "arn:aws:ssm:*::document/AWS-RestartEC2Instance"
    assert elsewhere == {
        "Sid": "RunInTheImpactedAccount",
        "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::*:role/AWS-SystemsManager-AutomationExecutionRole",
        "Condition": {"StringEquals": {"aws:CalledViaLast": "ssm.amazonaws.com"}},
    }


def test_an_events_role_may_start_this_plan_only():
    """EventBridge takes it for rules of this account; it starts one plan, with all that takes."""
    args = {"event_pattern": {"source": ["com.example.deploy"]}}
    found = declared(lambda: EventTrigger("failed", PLAN, args))
    assert statements(found["Role", "failed"]["assumeRolePolicy"]) == [
        {
            "Sid": "EventBridgeStartsIncidents",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"},
            },
        }
    ]
    via = {"StringEquals": {"aws:CalledViaFirst": "ssm-incidents.amazonaws.com"}}
    assert statements(found["RolePolicy", "failed"]["policy"]) == [
        {"Sid": "StartIncident", "Action": "ssm-incidents:StartIncident", "Resource": PLAN},
        {
            "Sid": "IncidentManagerEngages",
            "Action": "ssm-contacts:StartEngagement",
            "Resource": f"arn:aws:ssm-contacts:*:{ACCOUNT}:contact/*",
            "Condition": via,
        },
        {
            "Sid": "IncidentManagerOpensAnOpsItem",
            "Action": "ssm:CreateOpsItem",
            "Resource": "*",
            "Condition": via,
        },
    ]
    assert found["EventTarget", "failed"]["arn"] == PLAN
    assert json.loads(found["EventRule", "failed"]["eventPattern"]) == args["event_pattern"]


def test_an_alarm_has_the_plan_as_its_action():
    """The plan's ARN is the alarm's one action, as it is."""
    args = {"namespace": "Shop", "metric_name": "FailedPayments", "threshold": 5}
    found = declared(lambda: AlarmTrigger("payments", PLAN, args))
    assert found["MetricAlarm", "payments"]["alarmActions"] == [PLAN]


def test_a_drill_pages_nobody_unless_it_is_asked_to():
    """A muted drill has a plan of its own that engages and tells nobody, with the lowest impact."""
    found = declared(lambda: Drill("drill", DRILL))
    assert found["Incident", "drill"] == {
        "response_plan_arn": "arn:of:drill-plan",
        "title": "Drill 2026-Q4-1",
        "impact": 5,
        "triggers": {"drill": "2026-Q4-1"},
    }
    assert found["ResponsePlan", "drill-plan"] == {
        "display_name": "Drill, nobody is engaged",
        "incident_template": {
            "title": "Drill 2026-Q4-1",
            "impact": 5,
            "summary": f"Rehearses {PLAN}. Nobody is engaged.",
        },
    }


@pytest.mark.parametrize("own", [None, f"{TOPIC}updates", f"{TOPIC}drills"])
def test_a_drill_that_pages_takes_over_whom_the_plan_engages_and_tells(own):
    """Its plan has the people and topics of the rehearsed one, and no dedupe string or runbook."""
    args = {**DRILL, "paging": True}
    found = declared(
        lambda: Drill("drill", {**args, "notification_topic_arn": output(own) if own else None})
    )
    assert found["Incident", "drill"] == {
        "response_plan_arn": "arn:of:drill-plan",
        "title": "Drill 2026-Q4-1",
        "impact": 5,
        "triggers": {"drill": "2026-Q4-1", "paging": True},
    }
    told = [f"{TOPIC}updates", *([own] if own == f"{TOPIC}drills" else [])]
    assert found["ResponsePlan", "drill-plan"] == {
        "display_name": "Drill, people are engaged",
        "incident_template": {
            "title": "Drill 2026-Q4-1",
            "impact": 5,
            "summary": f"A drill. Rehearses {PLAN}. Engaged: arn:boss, arn:oncall.",
            "notification_targets": [{"sns_topic_arn": arn} for arn in told],
        },
        "engagements": LIVE["engagements"],
        "chat_channel": LIVE["chat_channel"],
        "integrations": LIVE["integrations"],
    }


@pytest.mark.parametrize("paging", [False, True])
def test_a_drill_runs_a_runbook_only_if_it_is_given_one(paging):
    """The action that is passed is the one of the drill's plan, muted or not."""
    action = {"ssm_automation": {"document_name": "Restart", "role_arn": "arn:role"}}
    args = {**DRILL, "paging": paging}
    found = declared(lambda: Drill("drill", {**args, "action": output(action)}))
    assert found["ResponsePlan", "drill-plan"]["actions"] == [action]


@pytest.mark.parametrize("notify", [False, True])
def test_a_responses_drill_tells_its_topic_only_when_asked_to(notify):
    """A subscriber of the topic may page people, so a drill is silent there as well."""
    drill = {"occurrence": "2026-Q4-1", "notify": notify}
    args = {"title": "Down", "impact": 1, "engagements": [CONTACT], "drill": drill}
    found = declared(lambda: IncidentResponse("shop", args))
    muted = found["ResponsePlan", "shop-drill-plan"]
    assert "engagements" not in muted
    assert ("notification_targets" in muted["incident_template"]) is notify


def test_a_responses_drill_that_pages_reaches_whom_the_response_reaches():
    """Its plan gets what the response declares, without a look-up and without a runbook."""
    found = declared(
        lambda: response(
            dedupe_string="shop",
            engagements=[CONTACT],
            integrations=[PAGER_DUTY],
            chat_topic_arns=[f"{TOPIC}chat"],
            runbook={"document_name": "Restart"},
            drill={"occurrence": "2026-Q4-1", "paging": True},
        )
    )
    plans = {name: found[kind, name] for kind, name in found if kind == "ResponsePlan"}
    real, drill = plans.pop("x-plan"), plans.pop("x-drill-plan")
    assert plans == {}
    shared = ("engagements", "integrations", "chat_channel")
    assert {key: drill[key] for key in shared} == {key: real[key] for key in shared}
    targets = [{"sns_topic_arn": "arn:of:x-notifications"}]
    assert drill["incident_template"]["notification_targets"] == targets
    assert "dedupe_string" not in drill["incident_template"]
    assert "actions" not in drill


@pytest.mark.parametrize("adopt", [None, False, True])
def test_a_response_takes_plans_over_only_when_it_says_so(adopt):
    """What is said of the response is said of its plan and of the plan of its drill."""
    drill = {"occurrence": "2026-Q4-1"}
    found = declared(lambda: response(adopt_existing=adopt, drill=drill))
    plans = [found["ResponsePlan", name] for name in ("x-plan", "x-drill-plan")]
    assert [plan.get("adopt_existing") for plan in plans] == [adopt, adopt]


def test_a_minimal_response_is_a_plan_and_its_topic():
    """Two inputs give a plan that tells a topic, and nothing else."""
    found = declared(lambda: IncidentResponse("shop", {"title": "Down", "impact": 2}))
    assert {kind for kind, _ in found} == {
        "IncidentResponse",
        "IncidentTopic",
        "ResponsePlan",
        "Topic",
        "TopicPolicy",
    }
    plan = found["ResponsePlan", "shop-plan"]
    assert plan["name"] == "shop-test"
    targets = plan["incident_template"]["notification_targets"]
    assert targets == [{"sns_topic_arn": "arn:of:shop-notifications"}]


def test_what_exists_already_is_used_as_it_is():
    """Topics, roles and documents of somebody else are named in the plan, and none is made."""
    args = {
        "title": "Down",
        "impact": 2,
        "plan_name": "shop",
        "notification_topic_arns": [f"{TOPIC}updates"],
        "chat_topic_arns": [f"{TOPIC}chat"],
        "runbook": {"document_name": "Restart", "role_arn": ROLE},
    }
    found = declared(lambda: IncidentResponse("shop", args))
    assert {kind for kind, _ in found} == {"IncidentResponse", "ResponsePlan", "Runbook"}
    plan = found["ResponsePlan", "shop-plan"]
    assert plan["chat_channel"] == {"chatbot_sns": [f"{TOPIC}chat"]}
    automation = plan["actions"][0]["ssm_automation"]
    assert (automation["document_name"], automation["role_arn"]) == ("Restart", ROLE)


PROTOCOLS = "email, email-json, https, http, sms, lambda, sqs, firehose, application"
RUNBOOK = {"content": DOCUMENT}
QUEUE = {"protocol": "sqs", "endpoint": f"arn:aws:sqs:us-east-1:{ACCOUNT}:incidents"}


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (
            lambda: IncidentTopic("t", {"subscribers": [{"protocol": "email", "endpoint": "me"}]}),
            "IncidentTopic t: subscribers[0].endpoint must be an e-mail address; got 'me'.",
        ),
        (
            lambda: IncidentTopic("t", {"subscribers": [{"protocol": "pager", "endpoint": "x"}]}),
            f"subscribers[0].protocol must be one of {PROTOCOLS}; got 'pager'.",
        ),
        (
            lambda: IncidentTopic("t", {"subscribers": [{**QUEUE, "endpoint": output()}]}),
            "subscribers[0].name is required, because the endpoint is an output; keep it once cho",
        ),
        (
            lambda: IncidentTopic("t", {"subscribers": [QUEUE, {**QUEUE, "name": "again"}]}),
            "IncidentTopic t: subscribers[1] is subscribers[0] once more; take one of them out.",
        ),
        (
            lambda: IncidentTopic(
                "t",
                {
                    "subscribers": [
                        {"protocol": "sqs", "endpoint": output(), "name": "queue"},
                        {"protocol": "lambda", "endpoint": output(), "name": "queue"},
                    ]
                },
            ),
            "subscribers[1].name is also that of subscribers[0]; choose another one.",
        ),
        (
            lambda: IncidentTopic("t", {"encrypted": True, "kms_key_id": "x"}),
            "IncidentTopic t: encrypted and kms_key_id exclude each other.",
        ),
        (lambda: Runbook("r", "p", {}), "Runbook r: set either document_name or content."),
        (
            lambda: Runbook("r", "p", {"content": "{"}),
            "Runbook r: content is neither YAML nor JSON",
        ),
        (lambda: Runbook("r", "p", {"content": "a: b"}), "it has no mainSteps"),
        (
            lambda: Runbook("r", "p", {**RUNBOOK, "parameters": {"Hots": ["a"]}}),
            "parameters.Hots is no parameter of the document; it declares Incident, Resources",
        ),
        (
            lambda: Runbook(
                "r",
                "p",
                {**RUNBOOK, "dynamic_parameters": {"Incident": {"variable": "INVOLVED_RESOURCES"}}},
            ),
            "dynamic_parameters.Incident: INVOLVED_RESOURCES is for a StringList, and it is a Str",
        ),
        (
            lambda: Runbook("r", "p", {**RUNBOOK, "parameters": {"Incident": ["x"]}}),
            "parameters.Resources is missing: the document has no default for it",
        ),
        (
            lambda: IncidentResponse(
                "shop", {"title": "t", "impact": 1, "alarms": {"x": {}}, "events": {"x": {}}}
            ),
            "IncidentResponse shop: events.x has the name of alarms; choose another one.",
        ),
    ],
)
def test_a_mistake_names_the_component_and_the_field(build, sentence):
    """What cannot work is refused before anything is declared, in one sentence."""
    with pytest.raises(pulumi.RunError) as refused:
        declared(build)
    assert sentence in str(refused.value)


NO_PLAN = f"must be a response plan or its ARN, such as {PLAN}"
UNKNOWN = "has to be known when the program runs, because it decides what there is; got an output."


def response(**args):
    """Declare a response with these inputs."""
    return IncidentResponse("x", {"title": "Down", "impact": 1, **args})


@pytest.mark.parametrize(
    ("option", "build"),
    [
        ("encrypted", lambda value: IncidentTopic("x", {"encrypted": value})),
        (
            "cross_account",
            lambda value: Runbook("x", "p", {"document_name": "Restart", "cross_account": value}),
        ),
        ("paging", lambda value: Drill("x", {**DRILL, "paging": value})),
        ("adopt_existing", lambda value: Drill("x", {**DRILL, "adopt_existing": value})),
        ("adopt_existing", lambda value: response(adopt_existing=value)),
        ("drill.paging", lambda value: response(drill={"occurrence": "1", "paging": value})),
        ("drill.notify", lambda value: response(drill={"occurrence": "1", "notify": value})),
        ("drill.runbook", lambda value: response(drill={"occurrence": "1", "runbook": value})),
        ("chat.encrypted", lambda value: response(chat={"encrypted": value})),
        (
            "runbook.cross_account",
            lambda value: response(runbook={"document_name": "Restart", "cross_account": value}),
        ),
    ],
)
def test_a_switch_is_true_or_false_and_nothing_that_is_merely_truthy(option, build):
    """The text "false" or a number is refused, and an output of false as well."""
    for value in ("false", "", 0, 1):
        with pytest.raises(pulumi.RunError) as refused:
            declared(lambda value=value: build(value))
        assert str(refused.value).endswith(f" x: {option} must be true or false; got {value!r}.")
    with pytest.raises(pulumi.RunError) as refused:
        declared(lambda: build(output(value=False)))
    assert str(refused.value).endswith(f" x: {option} {UNKNOWN}")


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: Drill("x", {**DRILL, "occurrence": ""}), "Drill x: occurrence is required."),
        (lambda: Drill("x", {"plan_arn": PLAN}), "Drill x: occurrence is required."),
        (lambda: Drill("x", {**DRILL, "occurrence": output()}), f"Drill x: occurrence {UNKNOWN}"),
        (lambda: Drill("x", {**DRILL, "occurrence": 4}), "occurrence must be a string; got 4."),
        (
            lambda: Drill("x", "2026-Q4-1"),
            "Drill x: args must be a map with occurrence, plan_arn, ",
        ),
        (
            lambda: response(drill="2026-Q4-1"),
            "IncidentResponse x: drill must be a map with occurr",
        ),
        (lambda: response(drill={}), "IncidentResponse x: drill.occurrence is required."),
        (lambda: response(plan_name=output()), f"IncidentResponse x: plan_name {UNKNOWN}"),
        (lambda: Runbook("x", "", {"document_name": "D"}), "Runbook x: plan_name is required."),
        (
            lambda: Runbook("x", "p", {"content": 7}),
            "Runbook x: content must be a map or text; got 7.",
        ),
        (
            lambda: Runbook("x", "p", {**RUNBOOK, "dynamic_parameters": {"Incident": "ARN"}}),
            "dynamic_parameters.Incident must be a map with variable; got 'ARN'.",
        ),
        (
            lambda: Runbook(
                "x",
                "p",
                {"content": "{schemaVersion: '0.3', mainSteps: [], parameters: {Host: String}}"},
            ),
            "content is no automation document: its parameters are no map of maps.",
        ),
        (lambda: IncidentTopic("x", {"subscribers": QUEUE}), "subscribers must be a list; got {"),
        (lambda: IncidentTopic("x", {"subscribers": ["me"]}), "subscribers[0] must be a map with"),
        (
            lambda: IncidentTopic("x", {"subscribers": [{"protocol": "sqs"}]}),
            "IncidentTopic x: subscribers[0].endpoint is required.",
        ),
        (
            lambda: IncidentTopic("x", {"subscribers": [{**QUEUE, "name": output()}]}),
            f"subscribers[0].name {UNKNOWN}",
        ),
        (lambda: AlarmTrigger("x", PLAN, None), "AlarmTrigger x: args is required."),
        (lambda: EventTrigger("x", PLAN, {}), "EventTrigger x: event_pattern is required."),
        (lambda: EventTrigger("x", PLAN, []), "EventTrigger x: args must be a map with event_pat"),
        (lambda: IncidentTopic("x", []), "IncidentTopic x: args must be a map with subscribers"),
        (lambda: IncidentResponse("x", None), "IncidentResponse x: args is required."),
        (lambda: IncidentResponse("x"), "IncidentResponse x: args is required."),
        (lambda: Runbook("x"), "args is required.\nRunbook x: plan_name is required."),
        (lambda: AlarmTrigger("x"), "args is required.\nAlarmTrigger x: plan is required."),
        (lambda: EventTrigger("x", PLAN), "EventTrigger x: args is required."),
        (lambda: Drill("x"), "Drill x: args is required."),
        (lambda: Runbook("x", 7, {"document_name": "D"}), "plan_name must be a string; got 7."),
        (
            lambda: AlarmTrigger("x", "checkout", ALARM),
            f"AlarmTrigger x: plan {NO_PLAN}; got 'checkout'.",
        ),
        (lambda: AlarmTrigger("x", [], ALARM), "plan must be a response plan or its ARN, such"),
        (
            lambda: EventTrigger("x", 7, {"event_pattern": {}, "tag": {}}),
            f"EventTrigger x: plan {NO_PLAN}; got 7.",
        ),
        (
            lambda: EventTrigger("x", PLAN, {"event_pattern": "all"}),
            "EventTrigger x: event_pattern must be a map or JSON of one; got 'all'.",
        ),
    ],
)
def test_an_option_of_the_wrong_kind_is_one_sentence(build, sentence):
    """What would be a traceback, or land in a title as text about an output, is refused."""
    with pytest.raises(pulumi.RunError) as refused:
        declared(build)
    assert sentence in str(refused.value)


def test_all_mistakes_of_a_response_are_told_at_once_before_anything_is_declared():
    """Those in its parts are found with the path of the part, and no part is made."""
    mistakes = {
        "impact": 9,
        "engagements": ["oncall"],
        "engagement": [],
        "notifications": "mail",
        "notification_topic_arns": output(),
        "chat": {"encrypted": "no", "subscribers": [{"protocol": "pager"}, 7]},
        "runbook": {"content": "{"},
        "alarms": {"errors": None},
        "events": {"deploys": {"event_pattern": []}, "plan": {"event_pattern": {"id": ["1"]}}},
        "drill": {"occurrence": "1" * 200, "runbook": True},
    }
    with pytest.raises(pulumi.RunError) as refused:
        declared(lambda: response(**mistakes))
    start = "IncidentResponse x: "
    subscriber = ", ".join(SubscriberArgs.__annotations__)
    topic = "subscribers, publishers, encrypted, kms_key_id, other_regions, tags"
    assert [line.removeprefix(start) for line in str(refused.value).splitlines()] == [
        f"notifications must be a map with {topic}; got 'mail'.",
        f"notification_topic_arns {UNKNOWN}",
        f"chat.subscribers[0].protocol must be one of {PROTOCOLS}; got 'pager'.",
        "chat.subscribers[0].endpoint is required.",
        f"chat.subscribers[1] must be a map with {subscriber}; got 7.",
        "chat.encrypted must be true or false; got 'no'.",
        "alarms.errors is required.",
        "events.deploys.event_pattern must be a map or text; got [].",
        "engagement does not exist; did you mean engagements?",
        "runbook.content is neither YAML nor JSON: while parsing a flow node.",
        "events.plan has the name of a part of every response; choose another one.",
        "impact must be 1 to 5 (1 critical, 2 high, 3 medium, 4 low, 5 no impact); got 9.",
        f"engagements[0] must be an ARN, such as {CONTACT}; got 'oncall'.",
        f"drill.occurrence must be at most 200 characters, not 206; got 'Drill {'1' * 113}….",
    ]
    assert list(Mocks.newest.declared) == [("IncidentResponse", "x")]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"title": "t" * 201}, "title must be at most 200 characters, not 201; got 'ttt"),
        ({"summary": "s" * 8001}, "summary must be at most 8000 characters, not 8001; got 'sss"),
        ({"plan_name": "a b"}, "plan_name may only have letters, digits, - and _; got 'a b'."),
        ({"tags": {"aws:x": "y"}}, "tags['aws:x'] has a key that may only have letters"),
        ({"tags": {"a": "y" * 257}}, "tags.a must be at most 256 characters, not 257"),
        (
            {"integrations": [{"pager_duty_configuration": PAGER_DUTY_WITHOUT_NAME}]},
            "integrations[0].pager_duty_configuration.name must be 1 to 200 characters, not 201",
        ),
        (
            {"runbook": {"document_name": "Restart", "role_arn": "runbook"}},
            f"runbook.role_arn must be an ARN, such as {ROLE}; got 'runbook'.",
        ),
        (
            {"runbook": {"document_name": "Restart", "parameters": {"A": ["x" * 513]}}},
            "runbook.parameters.A[0] must be at most 512 characters, not 513",
        ),
    ],
)
def test_a_limit_of_aws_is_told_by_the_path_that_the_person_wrote(inputs, sentence):
    """Nobody has to know which part of which resource an input becomes."""
    with pytest.raises(pulumi.RunError) as refused:
        declared(lambda: response(**inputs))
    assert str(refused.value).startswith(f"IncidentResponse x: {sentence}")
    assert list(Mocks.newest.declared) == [("IncidentResponse", "x")]


def test_a_limit_of_a_drills_title_is_told_by_what_makes_the_title():
    """It is the title where there is one, and the occurrence otherwise."""
    for key in ("title", "occurrence"):
        with pytest.raises(pulumi.RunError, match=f"Drill x: {key} must be at most 200 char"):
            declared(lambda key=key: Drill("x", {**DRILL, key: "x" * 201}))


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        (
            {"runbook": {"document_name": "Restart", "document_version": "v" * 129}},
            "runbook.document_version",
        ),
        (
            {"action": {"ssm_automation": {"document_name": "R" * 129, "role_arn": ROLE}}},
            "action.ssm_automation.document_name",
        ),
    ],
)
def test_a_limit_of_what_a_drill_runs_is_told_by_the_path_that_the_person_wrote(inputs, path):
    """Whether a runbook is made for it or an action is given."""
    with pytest.raises(pulumi.RunError, match=re.escape(f"Drill x: {path} must be ")):
        declared(lambda: Drill("x", {**DRILL, **inputs}))


def test_the_tags_of_a_response_are_those_of_its_parts_unless_they_have_their_own():
    """None is no tags of a part, as if it had said nothing."""
    found = declared(
        lambda: response(
            tags={"team": "shop"},
            chat={"tags": None},
            alarms={"a": ALARM, "b": {**ALARM, "tags": {"team": "web"}}},
        )
    )
    assert found["Topic", "x-chat"]["tags"] == {"team": "shop"}
    assert found["MetricAlarm", "x-a"]["tags"] == {"team": "shop"}
    assert found["MetricAlarm", "x-b"]["tags"] == {"team": "web"}


def test_an_event_pattern_may_hold_outputs():
    """What another resource knows is part of the pattern once it is known."""
    pattern = {"source": ["com.example"], "detail": {"queue": [output("arn:queue")]}}
    found = declared(lambda: response(events={"e": {"event_pattern": pattern}}))
    assert json.loads(found["EventRule", "x-e"]["eventPattern"]) == {
        "source": ["com.example"],
        "detail": {"queue": ["arn:queue"]},
    }


def test_a_response_without_alarms_and_events_has_maps_of_none():
    """Whoever walks through the ARNs by name finds none, and no list."""
    seen = []
    declared(
        lambda: [arns.apply(seen.append) for arns in (response().alarm_arns, response().rule_arns)]
    )
    assert seen == [{}, {}]


def test_a_class_made_of_a_component_has_its_outputs_and_its_token():
    """Whoever adds to a component keeps what it is in the state."""

    class Shop(IncidentResponse):
        note: str

    found = declared(lambda: Shop("shop", {"title": "Down", "impact": 2}))
    assert ("IncidentResponse", "shop") in found
    with pytest.raises(pulumi.RunError, match="Shop shop: impact is required"):
        declared(lambda: Shop("shop", {"title": "Down"}))
