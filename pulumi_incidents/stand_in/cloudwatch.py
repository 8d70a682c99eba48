"""CloudWatch alarms over metrics, and what they share with those over other alarms."""

from __future__ import annotations

from abc import abstractmethod
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
from pulumi_incidents.stand_in._metric_queries import (
    from_cloudwatch,
    meaning,
    query_breaches,
    to_cloudwatch,
)

# Pulumi's input to the member of the CloudWatch API.
_MEMBERS = {
    "metricName": "MetricName",
    "namespace": "Namespace",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "threshold": "Threshold",
    "thresholdMetricId": "ThresholdMetricId",
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
ACTIONS = Input(default=[], meaning=frozenset, arn=True)
"""What an alarm runs."""
NAME = {"pattern": r"[^\x00-\x1f\x7f]*", "words": "have no control characters"}
"""How an alarm may be called."""
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
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)
# What an alarm over queries has in its queries instead.
_METRIC = ("metricName", "namespace", "period", "statistic", "extendedStatistic", "unit")


class Alarm(Kind):
    """What all alarms share; the id is the alarm's name."""

    service = "cloudwatch"
    outputs = ("arn",)

    @abstractmethod
    def put(self, client: Any, name: str, inputs: dict[str, Any], **tags: Any) -> None:
        """Put the whole alarm in place of the old one; `tags` are for one that is new."""

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
            self.put(client, resource_id, new)
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


class MetricAlarm(Alarm):
    """aws:cloudwatch/metricAlarm:MetricAlarm.

    Nothing here looks at metrics: SetAlarmState makes an alarm go off. Missing: PromQL
    (evaluationCriteria, evaluationInterval), evaluationWindow and warmUpConfiguration.
    """

    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "name": NAMED["name"],
        "metricName": Input(default=""),
        "namespace": Input(default=""),
        "period": Input(),
        "metricQueries": Input(default=[], meaning=meaning),
        "evaluationPeriods": Input(required=True),
        "threshold": Input(),
        "thresholdMetricId": Input(default=""),
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
        "alarmActions": ACTIONS,
        "okActions": ACTIONS,
        "insufficientDataActions": ACTIONS,
        "region": REGION,
        **TAGGED,
    }
    operation = "PutMetricAlarm"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        **_MEMBERS,
        "name": "AlarmName",
        "dimensions": "Dimensions",
        "tagsAll": "Tags",
    }
    one_of = (
        ("metricName", "metricQueries"),
        ("threshold", "thresholdMetricId"),
    )
    not_both = (
        ("statistic", "extendedStatistic"),
        ("threshold", "thresholdMetricId"),
        *(("metricQueries", key) for key in (*_METRIC, "dimensions")),
    )

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the CloudWatch API does, *PutMetricAlarm*."""
        yield from text_breaches("name", inputs["name"], NAME)
        yield from query_breaches(inputs.get("metricQueries"))
        if inputs.get("metricName") and "metricQueries" not in inputs:
            yield from _metric_breaches(inputs)
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
        self.put(client, inputs["name"], inputs, Tags=tag_list(inputs["tagsAll"]))
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
            "metricQueries": from_cloudwatch(found.get("Metrics", [])),
            "tagsAll": tag_map(tags),
            **{
                key: found.get(member, self.inputs[key].default) for key, member in _MEMBERS.items()
            },
        }

    def put(self, client: Any, name: str, inputs: dict[str, Any], **tags: Any) -> None:
        """Put the alarm in place of the old one."""
        client.put_metric_alarm(**_alarm(name, inputs), **tags)


def _metric_breaches(inputs: Mapping[str, Any]) -> Iterator[Breach]:
    """Answer what an alarm over one metric lacks."""
    for key in ("namespace", "period"):
        if not inputs.get(key):
            yield Breach(key, "be given for an alarm over one metric", shown(inputs.get(key)))
    if not inputs.get("statistic") and not inputs.get("extendedStatistic"):
        demand = "be given, or extendedStatistic, for an alarm over one metric"
        yield Breach("statistic", demand, shown(None))


def _alarm(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Answer the alarm without what is empty: PutMetricAlarm keeps nothing of the old one."""
    pairs = inputs["dimensions"].items()
    members = {member: inputs[key] for key, member in _MEMBERS.items()}
    members["Dimensions"] = [{"Name": key, "Value": value} for key, value in pairs]
    members["Metrics"] = to_cloudwatch(inputs["metricQueries"])
    filled = {key: value for key, value in members.items() if value not in (None, "", [])}
    return {"AlarmName": name, **filled}
