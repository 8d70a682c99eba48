"""What people write into components, on the way up, in an incident and on the way down.

One program for all of it. Real: the engine, the stand-in of pulumi-aws and the local AWS.
"""

from __future__ import annotations

import json

import pytest

from tests import rights
from tests.program import Program

PROGRAM = """
import pulumi
import pulumi_aws as aws
from pulumi_incidents.providers import Incident, ResponsePlan
from pulumi_incidents.stacks import (
    AlarmTrigger,
    CompositeAlarmTrigger,
    EventTrigger,
    IncidentResponse,
    IncidentTopic,
    Runbook,
    load_settings,
)

shop = IncidentResponse("shop", load_settings(pulumi.Config()))
pulumi.export("plan", shop.plan_arn)
pulumi.export("alarms", shop.alarm_arns)
pulumi.export("rules", shop.rule_arns.apply(lambda arns: sorted(arns.items())))

quiet = {"namespace": "Shop", "threshold": 1, "actions_enabled": False}
errors, slow = (
    AlarmTrigger(name, shop.plan_arn, {**quiet, "metric_name": name}) for name in ("errors", "slow")
)
rule = pulumi.Output.format('ALARM("{0}") AND ALARM("{1}")', errors.alarm_name, slow.alarm_name)
both = CompositeAlarmTrigger("both", shop.plan_arn, {"alarm_rule": rule})
pulumi.export("both", both.alarm_arn)
pulumi.export("members", [errors.alarm_name, slow.alarm_name])

queue = aws.sqs.Queue("updates")
updates = IncidentTopic(
    "updates",
    {
        "encrypted": True,
        "publishers": ["cloudwatch.amazonaws.com", "210987654321"],
        "subscribers": [
            {
                "protocol": "sqs",
                "name": "queue",
                "endpoint": queue.arn,
                "filter_policy": {"detail": {"status": ["OPEN"]}, "resources": [{"prefix": "arn"}]},
                "filter_policy_scope": "MessageBody",
                "raw_message_delivery": True,
            },
            {"protocol": "sms", "endpoint": "+4915112345678"},
        ],
    },
)
pulumi.export("topic", updates.arn)
pulumi.export("key", updates.key_arn)

# The name of a plan, and the content of a document, as other resources know them.
plan = ResponsePlan("other", incident_template={"title": "Down", "impact": 3})
content = shop.plan_arn.apply(lambda arn: f"# {arn}\\nschemaVersion: '0.3'\\nmainSteps: []\\n")
restart = Runbook(
    "restart",
    plan.name,
    {
        "content": content,
        "managed_policies": {"read": pulumi.Config().require("managed")},
    },
)
pulumi.export("other", plan.name)
said = pulumi.Config().get_object("said")
failover = Incident("failover", response_plan_arn=plan.arn, on_delete="retain", **said)
pulumi.export("failover", failover.arn)
pulumi.export("role", restart.role_name)
pulumi.export("document", restart.document_name)
long = "a-long-name-for-a-rule-that-nobody-would-think-to-be-too-long-for-iam"
event = EventTrigger(long, plan, {"event_pattern": '{"source": [ "com.example.shop" ]}'})
pulumi.export("rule", event.rule_arn)
"""
TOPIC = "arn:aws:sns:us-east-1:123456789012:all-is-well"
TEXT = """\
schemaVersion: "0.3"
parameters: {Service: {type: String}}  # which one
mainSteps:
  - name: say
    action: aws:executeScript
    inputs:
      Runtime: python3.11
      Handler: say
      Script: |
        def say(events, context):
            # in the words of the team
            return events
"""
SAID = {"summary": "Customers cannot pay.", "tags": {"failover": "west"}}
METRIC = {"metric_name": "Orders", "namespace": "Shop", "period": 300, "stat": "Sum"}
RESPONSE = {
    "title": "Checkout is failing",
    "impact": 2,
    "alarms": {
        "slow": {
            "name": "shop-latency",
            "namespace": "Shop",
            "metric_name": "Latency",
            "extended_statistic": "p99",
            "evaluate_low_sample_count_percentiles": "ignore",
            "threshold": 2.5,
            "evaluation_periods": 5,
            "datapoints_to_alarm": 3,
            "unit": "Seconds",
            "alarm_actions": [TOPIC],
            "ok_actions": [TOPIC],
            "insufficient_data_actions": [TOPIC],
            "tags": {"team": "shop"},
        },
        "few": {
            "metric_queries": [
                {"id": "orders", "metric": METRIC, "return_data": True},
                {"id": "band", "expression": "ANOMALY_DETECTION_BAND(orders, 2)"},
            ],
            "threshold_metric_id": "band",
            "comparison_operator": "LessThanLowerThreshold",
        },
    },
    "display_name": "Checkout, first response",
    "incident_tags": {"service": "checkout"},
    "chat": {"publishers": ["events.amazonaws.com"]},
    "runbook": {"content": TEXT, "parameters": {"Service": ["checkout"]}},
    "composite_alarms": {
        "worst": {
            "alarm_rule": 'ALARM("shop-latency")',
            "actions_suppressor": {
                "alarm": "shop-latency",
                "wait_period": 60,
                "extension_period": 60,
            },
        }
    },
}


@pytest.fixture
def managed(local_aws):
    """Return the ARN of a policy that somebody else has made."""
    text = json.dumps(rights.allow("ssm-incidents:ListTimelineEvents"))
    iam = local_aws.client("iam")
    return iam.create_policy(PolicyName="read", PolicyDocument=text)["Policy"]["Arn"]


@pytest.fixture
def program(tmp_path, stack_environment, managed):
    """Return a program with a response from its configuration, and parts beside it."""
    program = Program(tmp_path / "written", stack_environment, PROGRAM)
    program.configure(response=RESPONSE, managed=managed, said=SAID)
    return program


def test_what_is_written_reaches_aws_and_works(program, local_aws, incidents):
    """Everything comes up as declared and settles, starts incidents and goes away again."""
    outputs = program.up()
    alarms(local_aws.client("cloudwatch"), outputs)
    topic(local_aws, outputs)
    runbooks(local_aws, incidents, outputs)
    plan = incidents.get_response_plan(arn=outputs["plan"])
    assert plan["displayName"] == "Checkout, first response"
    assert plan["incidentTemplate"]["incidentTags"] == {"service": "checkout"}
    named = outputs["rule"].rpartition("/")[2]
    assert len(named) <= 64
    rule = local_aws.client("events").describe_rule(Name=named)
    assert rule["EventPattern"] == '{"source": [ "com.example.shop" ]}'
    assert outputs["rules"] == []  # what a map without entries has, and no list has `items`
    composite_alarm_starts(local_aws.client("cloudwatch"), incidents, outputs)
    record = incidents.get_incident_record(arn=outputs["failover"])["incidentRecord"]
    assert record["summary"] == SAID["summary"]
    tags = incidents.list_tags_for_resource(resourceArn=record["arn"])["tags"]
    assert tags["failover"] == "west"
    program.destroy()
    assert program.state() == {}


def alarms(cloudwatch, outputs):
    """Show that each alarm is as it is written, and that it starts the plan."""
    plan = outputs["plan"]
    found = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    metric, composite = (
        {each["AlarmArn"]: each for each in found[kind]}
        for kind in ("MetricAlarms", "CompositeAlarms")
    )
    slow, few = (metric[outputs["alarms"][name]] for name in ("slow", "few"))
    worst = composite[outputs["alarms"]["worst"]]
    assert slow["AlarmName"] == "shop-latency"
    assert (slow["ExtendedStatistic"], slow["DatapointsToAlarm"], slow["Unit"]) == (
        *("p99", 3),
        "Seconds",
    )
    assert slow["AlarmActions"] == [plan, TOPIC]
    assert slow["OKActions"] == slow["InsufficientDataActions"] == [TOPIC]
    assert [query["Id"] for query in few["Metrics"]] == ["orders", "band"]
    assert (few["ThresholdMetricId"], few["AlarmActions"]) == ("band", [plan])
    assert (worst["AlarmActions"], worst["ActionsSuppressorWaitPeriod"]) == ([plan], 60)


def topic(local_aws, outputs):
    """Show that the topic lets others in, and that its subscribers get what they want."""
    sns, kms = local_aws.client("sns"), local_aws.client("kms")
    policy = sns.get_topic_attributes(TopicArn=outputs["topic"])["Attributes"]["Policy"]
    key = kms.get_key_policy(KeyId=outputs["key"], PolicyName="default")["Policy"]
    for text in (policy, key):
        *_, services, accounts = json.loads(text)["Statement"]
        assert services["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
        assert accounts["Principal"] == {"AWS": ["arn:aws:iam::210987654321:root"]}
    found = sns.list_subscriptions_by_topic(TopicArn=outputs["topic"])["Subscriptions"]
    made = {each["Protocol"]: each for each in found}
    assert made["sms"]["Endpoint"] == "+4915112345678"
    arn = made["sqs"]["SubscriptionArn"]
    filtered = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert filtered["FilterPolicyScope"] == "MessageBody"
    assert json.loads(filtered["FilterPolicy"])["detail"] == {"status": ["OPEN"]}
    assert filtered["RawMessageDelivery"] == "true"


def runbooks(local_aws, incidents, outputs):
    """Show that documents are kept as they are written, and what their roles may do."""
    ssm, iam = local_aws.client("ssm"), local_aws.client("iam")
    plan = incidents.get_response_plan(arn=outputs["plan"])
    name = plan["actions"][0]["ssmAutomation"]["documentName"]
    assert ssm.get_document(Name=name, DocumentFormat="YAML")["Content"] == TEXT
    later = ssm.get_document(Name=outputs["document"], DocumentFormat="YAML")["Content"]
    assert later.startswith(f"# {outputs['plan']}\nschemaVersion")
    attached = iam.list_attached_role_policies(RoleName=outputs["role"])["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["read"]
    (trust,) = iam.get_role(RoleName=outputs["role"])["Role"]["AssumeRolePolicyDocument"][
        "Statement"
    ]
    records = trust["Condition"]["ArnLike"]["aws:SourceArn"]
    assert records.endswith(f":incident-record/{outputs['other']}/*")


def composite_alarm_starts(cloudwatch, incidents, outputs):
    """Show that the alarm over two others starts an incident when both go off, and they none."""

    def started():
        found = incidents.list_incident_records()["incidentRecordSummaries"]
        by = [each["incidentRecordSource"].get("resourceArn") for each in found]
        return [arn for arn in by if arn]

    for name, expected in zip(outputs["members"], ([], [outputs["both"]]), strict=True):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
        assert started() == expected
