"""What people write into components, on the way up, in an incident and on the way down.

One program for all of it. Real: the engine, the stand-in of pulumi-aws and the local AWS.
"""

from __future__ import annotations

import pytest

from tests.program import Program

PROGRAM = """
import pulumi
import pulumi_aws as aws
from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import AlarmTrigger, CompositeAlarmTrigger, IncidentResponse
from pulumi_incidents.stacks import load_settings

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
"""
TOPIC = "arn:aws:sns:us-east-1:123456789012:all-is-well"
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
def program(tmp_path, stack_environment):
    """Return a program with a response from its configuration, and parts beside it."""
    program = Program(tmp_path / "written", stack_environment, PROGRAM)
    program.configure(response=RESPONSE)
    return program


def test_what_is_written_reaches_aws_and_works(program, local_aws, incidents):
    """Everything comes up as declared and settles, starts incidents and goes away again."""
    outputs = program.up()
    plan = outputs["plan"]
    alarms(local_aws.client("cloudwatch"), outputs)
    assert outputs["rules"] == []  # what a map without entries has, and no list has `items`
    composite_alarm_starts(local_aws.client("cloudwatch"), incidents, outputs)
    assert incidents.get_response_plan(arn=plan)["incidentTemplate"]["impact"] == 2
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


def composite_alarm_starts(cloudwatch, incidents, outputs):
    """Show that the alarm over two others starts an incident when both go off, and they none."""

    def started():
        found = incidents.list_incident_records()["incidentRecordSummaries"]
        return [each["incidentRecordSource"].get("resourceArn") for each in found]

    for name, expected in zip(outputs["members"], ([], [outputs["both"]]), strict=True):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
        assert started() == expected
