"""CloudWatch alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_incidents.stand_in._kind import (
    NAMED,
    REGION,
    TAGGED,
    GoneError,
    Input,
    Kind,
    tag_changes,
    tag_list,
    tag_map,
)
from pulumi_incidents.stand_in._limits import Breach, shown, text_breaches

# Pulumi's input to the member of the CloudWatch API.
_MEMBERS = {
    "metricName": "MetricName",
    "namespace": "Namespace",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "threshold": "Threshold",
    "comparisonOperator": "ComparisonOperator",
    "statistic": "Statistic",
    "extendedStatistic": "ExtendedStatistic",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
    "alarmDescription": "AlarmDescription",
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "insufficientDataActions": "InsufficientDataActions",
}
# The order of actions means nothing.
_ACTIONS = Input(default=[], meaning=frozenset, arn=True)
_NAME = {"pattern": r"[^\x00-\x1f\x7f]*", "words": "have no control characters"}
_STATISTIC = {
    "pattern": r"(p|tm|tc|ts|wm)(100|\d{1,2}(\.\d{1,10})?)|IQM|(PR|TC|TM|TS|WM)\(.*:.*\)",
    "words": "be like p99, tm90, IQM or PR(0:100)",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SHORT_PERIODS = (10, 20, 30)
_OPERATORS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
)


class MetricAlarm(Kind):
    """aws:cloudwatch/metricAlarm:MetricAlarm; the id is the alarm's name.

    An alarm here watches one metric against a fixed threshold: metricQueries, thresholdMetricId and
    the evaluation of queries are missing.
    """

    service = "cloudwatch"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "name": NAMED["name"],
        "metricName": Input(required=True),
        "namespace": Input(required=True),
        "period": Input(required=True),
        "evaluationPeriods": Input(required=True),
        "threshold": Input(required=True),
        "comparisonOperator": Input(required=True, allowed=_OPERATORS),
        "statistic": Input(default=""),
        "extendedStatistic": Input(default=""),
        "dimensions": Input(default={}),
        "datapointsToAlarm": Input(),
        "evaluateLowSampleCountPercentiles": Input(
            default="", computed=True, allowed=("evaluate", "ignore")
        ),
        "treatMissingData": Input(
            default="missing", allowed=("breaching", "notBreaching", "ignore", "missing")
        ),
        "unit": Input(default=""),
        "alarmDescription": Input(default=""),
        "actionsEnabled": Input(default=True),
        "alarmActions": _ACTIONS,
        "okActions": _ACTIONS,
        "insufficientDataActions": _ACTIONS,
        "region": REGION,
        **TAGGED,
    }
    outputs = ("arn",)
    operation = "PutMetricAlarm"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        **_MEMBERS,
        "name": "AlarmName",
        "dimensions": "Dimensions",
        "tagsAll": "Tags",
    }
    one_of = (("statistic", "extendedStatistic"),)
    not_both = (("statistic", "extendedStatistic"),)

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the CloudWatch API does, *PutMetricAlarm*."""
        yield from text_breaches("name", inputs["name"], _NAME)
        statistic = inputs.get("extendedStatistic")
        yield from text_breaches("extendedStatistic", statistic, _STATISTIC)
        period, number = inputs.get("period"), inputs.get("evaluationPeriods")
        if isinstance(period, int) and period % _MINUTE and period not in _SHORT_PERIODS:
            yield Breach("period", "be 10, 20, 30 or a multiple of 60", shown(period))
        if isinstance(period, int) and isinstance(number, int):
            most = (7 * _DAY if period >= _HOUR else _DAY) // max(period, 1)
            if number > most:
                yield Breach("evaluationPeriods", f"be at most {most} of {period} s", str(number))
        enough = inputs.get("datapointsToAlarm")
        if isinstance(enough, int) and isinstance(number, int) and enough > number:
            yield Breach(
                "datapointsToAlarm", f"be at most {number}, as many as periods", str(enough)
            )

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the alarm with its tags in one call."""
        client.put_metric_alarm(**_alarm(inputs["name"], inputs), Tags=tag_list(inputs["tagsAll"]))
        return str(inputs["name"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the alarm and its tags."""
        answer = client.describe_alarms(AlarmNames=[resource_id], AlarmTypes=["MetricAlarm"])
        if not answer["MetricAlarms"]:
            raise GoneError(f"there is no alarm {resource_id}")
        [found] = answer["MetricAlarms"]
        arn = found["AlarmArn"]
        tags = client.list_tags_for_resource(ResourceARN=arn)["Tags"]
        return {
            "arn": arn,
            "name": resource_id,
            "dimensions": {item["Name"]: item["Value"] for item in found.get("Dimensions", [])},
            "tagsAll": tag_map(tags),
            **{
                key: found.get(member, self.inputs[key].default) for key, member in _MEMBERS.items()
            },
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Put the whole alarm in place of the old; its tags have calls of their own."""
        if changed - set(TAGGED):
            client.put_metric_alarm(**_alarm(resource_id, new))
        gone, put = tag_changes(old, new)
        if gone:
            client.untag_resource(ResourceARN=old["arn"], TagKeys=gone)
        if put:
            client.tag_resource(ResourceARN=old["arn"], Tags=tag_list(put))

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Delete the alarm, and the tags that moto would keep for the next one of its name."""
        client.delete_alarms(AlarmNames=[resource_id])
        if state.get("tagsAll"):
            client.untag_resource(ResourceARN=state["arn"], TagKeys=sorted(state["tagsAll"]))


def _alarm(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Answer the alarm without what is empty: PutMetricAlarm keeps nothing of the old one."""
    pairs = inputs["dimensions"].items()
    members = {member: inputs[key] for key, member in _MEMBERS.items()}
    members["Dimensions"] = [{"Name": key, "Value": value} for key, value in pairs]
    filled = {key: value for key, value in members.items() if value not in (None, "", [])}
    return {"AlarmName": name, **filled}
