"""An alarm that starts an incident."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
from typing_extensions import TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers._model import below, echo
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._mistakes import is_output
from pulumi_incidents.stacks._names import fitted
from pulumi_incidents.stacks._started import action_mistakes, actions, known_plan, started


class MetricAlarmArgs(TypedDict, total=False):
    """When the alarm goes off, and all else that `aws.cloudwatch.MetricAlarm` takes.

    It watches one metric, an expression over `metric_queries`, or a PromQL query: one of them is
    required, with the first two a `threshold` or a `threshold_metric_id` as well.
    https://docs.aws.amazon.com/AmazonCloudWatch/ has each term.
    """

    namespace: pulumi.Input[str | None]
    """Namespace of the metric, such as `AWS/ApplicationELB`."""
    metric_name: pulumi.Input[str | None]
    """Name of the metric."""
    dimensions: pulumi.Input[Mapping[str, pulumi.Input[str]] | None]
    """Dimensions of the metric."""
    unit: pulumi.Input[str | None]
    """Unit of the metric, such as `Seconds`: data in other units is not looked at."""
    statistic: pulumi.Input[str | None]
    """What of each period is compared; by default `Sum`."""
    extended_statistic: pulumi.Input[str | None]
    """In place of a `statistic`, a percentile such as `p99`, or another one such as `tm90`."""
    period: pulumi.Input[int | None]
    """Length of a period in seconds; by default 60."""
    metric_queries: pulumi.Input[
        Sequence[pulumi.Input[aws.cloudwatch.MetricAlarmMetricQueryArgsDict]] | None
    ]
    """In place of one metric, up to 20 metrics and expressions over them; `return_data` says which
    one is compared."""
    threshold: pulumi.Input[float | None]
    """Value to compare with."""
    threshold_metric_id: pulumi.Input[str | None]
    """In place of a `threshold`, the `id` of the query whose expression is a band of anomaly
    detection."""
    comparison_operator: pulumi.Input[str | None]
    """How to compare; by default `GreaterThanOrEqualToThreshold`, and with a band required."""
    evaluation_periods: pulumi.Input[int | None]
    """How many periods are looked at; by default 1."""
    datapoints_to_alarm: pulumi.Input[int | None]
    """How many of them have to breach; by default all."""
    evaluate_low_sample_count_percentiles: pulumi.Input[str | None]
    """Of a percentile of few samples, `evaluate` or `ignore`."""
    treat_missing_data: pulumi.Input[str | None]
    """`notBreaching` (default), `breaching`, `ignore` or `missing`."""
    evaluation_criteria: pulumi.Input[Mapping[str, Any] | None]
    """In place of a metric and threshold, a PromQL query, as pulumi-aws has it."""
    evaluation_interval: pulumi.Input[int | None]
    """How often a PromQL query is evaluated, in seconds."""
    evaluation_window: pulumi.Input[Mapping[str, Any] | None]
    """Periods by the clock in place of a sliding window, as pulumi-aws has it."""
    warm_up_configuration: pulumi.Input[Mapping[str, Any] | None]
    """How long a new alarm waits for data, as pulumi-aws has it."""
    alarm_actions: pulumi.Input[Sequence[pulumi.Input[str]] | None]
    """ARNs of what runs besides the plan when the alarm goes off, such as a topic; at most 4."""
    ok_actions: pulumi.Input[Sequence[pulumi.Input[str]] | None]
    """ARNs of what runs when all is well again; at most 5."""
    insufficient_data_actions: pulumi.Input[Sequence[pulumi.Input[str]] | None]
    """ARNs of what runs when there is not enough data; at most 5."""
    actions_enabled: pulumi.Input[bool | None]
    """Whether actions run (default): with `False`, the alarm starts no incident."""
    name: pulumi.Input[str | None]
    """Name of the alarm, at most 255 characters; by default an automatic one."""
    description: pulumi.Input[str | None]
    """What the alarm means, for people."""
    region: pulumi.Input[str | None]
    """Region of the metric and the alarm, if another one, such as `us-east-1` for CloudFront."""
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | None]
    """Tags of the alarm."""


RENAMED = {"description": "alarm_description"}
"""Keys that pulumi-aws calls otherwise."""

_OF_ONE_METRIC = ("namespace", "metric_name", "statistic", "extended_statistic")
_METRIC = (*_OF_ONE_METRIC, "dimensions", "period", "unit")
_THRESHOLDS = ("threshold", "threshold_metric_id", "comparison_operator")
_COUNTED = ("evaluation_periods", "datapoints_to_alarm")
# What is watched -> what cannot be given with it (API, *PutMetricAlarm*).
_EXCLUDED = {
    "metric_queries": _METRIC,
    "evaluation_criteria": (*_METRIC, "metric_queries", *_THRESHOLDS, *_COUNTED),
    "statistic": ("extended_statistic",),
    "threshold": ("threshold_metric_id",),
}
_BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold")
_BAND_OPERATORS = (*_BANDS, "GreaterThanUpperThreshold")


class AlarmTrigger(Component):
    """A CloudWatch metric alarm whose action is a response plan.

    To let an alarm of your own start a plan, put the plan's `arn` into its `alarm_actions`.
    """

    alarm_arn: pulumi.Output[str]
    """ARN of the alarm."""
    alarm_name: pulumi.Output[str]
    """Name of the alarm, as the rule of a composite alarm names it."""

    def __init__(
        self,
        name: str,
        plan: ResponsePlan | pulumi.Input[str] = REQUIRED,
        args: MetricAlarmArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the alarm that starts `plan`, given as a resource or by its ARN."""
        super().__init__("incidents:index:AlarmTrigger", name, opts)
        starts, found = started(plan), look_at(MetricAlarmArgs, args)
        mistakes = [*starts.sentences(), *found.beyond(alarm_mistakes)]
        given: Any = self._taken(found, mistakes)
        runs = actions(known_plan(self, self._taken(starts)), given.get("alarm_actions"))
        child_name, child = fitted(self, name, "alarm")
        alarm = aws.cloudwatch.MetricAlarm(
            child_name, **{**_inputs(given), "alarm_actions": runs}, opts=child
        )
        self.alarm_arn, self.alarm_name = alarm.arn, alarm.name
        self.register_outputs({"alarm_arn": self.alarm_arn, "alarm_name": self.alarm_name})


def _inputs(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of the alarm; what is left out has a default where one makes sense."""
    given = _given(args)
    defaults: dict[str, Any] = {}
    if "evaluation_criteria" not in given:
        defaults = {
            "evaluation_periods": 1,
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "treat_missing_data": "notBreaching",
        }
        if "metric_queries" not in given:
            defaults["period"] = 60
            if "extended_statistic" not in given:
                defaults["statistic"] = "Sum"
    return {RENAMED.get(key, key): value for key, value in {**defaults, **given}.items()}


def _given(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not left out: None, and an empty text or list, are as good as that."""
    empty: Any = (None, "", [])
    return {key: args[key] for key in args if is_output(args[key]) or args[key] not in empty}


def alarm_mistakes(args: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of an alarm, at `path` of a component's."""
    given = _given(args)
    yield from _unknown_mistakes(given, path)
    for key, others in _EXCLUDED.items():
        for other in others if key in given else ():
            if other in given:
                yield f"{below(path, key)} and {other} exclude each other"
    yield from _watched_mistakes(given, path)
    yield from _query_mistakes(given, path)
    enough: Any = given.get("datapoints_to_alarm")
    periods: Any = given.get("evaluation_periods", 1)
    if _are_numbers(enough, periods) and not 1 <= enough <= periods:
        place = below(path, "datapoints_to_alarm")
        yield f"{place} must be 1 to {periods}, as many as evaluation_periods; got {echo(enough)}"
    yield from action_mistakes(given, path)


def _unknown_mistakes(given: Mapping[str, Any], path: str) -> Iterator[str]:
    """Find what only a newer pulumi-aws knows than the one that is installed."""
    known = inspect.signature(aws.cloudwatch.MetricAlarmArgs.__init__).parameters
    for key in given:
        if RENAMED.get(key, key) not in known:
            yield f"{below(path, key)} is not known to the pulumi-aws that is installed: upgrade it"


def _watched_mistakes(given: Mapping[str, Any], path: str) -> Iterator[str]:
    if "evaluation_criteria" in given:
        if "evaluation_interval" not in given:
            yield f"{below(path, 'evaluation_interval')} is required with evaluation_criteria"
        return
    if "evaluation_interval" in given:
        yield f"{below(path, 'evaluation_interval')} is for evaluation_criteria, and there are none"
    if "metric_queries" not in given:
        for key in ("namespace", "metric_name"):
            if key not in given:
                yield f"{below(path, key)} is required, or metric_queries in place of one metric"
    if not given.keys() & {"threshold", "threshold_metric_id"}:
        yield f"{below(path, 'threshold')} is required, or threshold_metric_id in its place"
    yield from _operator_mistakes(given, below(path, "comparison_operator"))


def _operator_mistakes(given: Mapping[str, Any], place: str) -> Iterator[str]:
    operator = given.get("comparison_operator")
    if is_output(operator):
        return
    if "threshold_metric_id" in given and operator not in _BAND_OPERATORS:
        wanted = f"one of {', '.join(_BAND_OPERATORS)} with threshold_metric_id"
        yield f"{place} must be {wanted}; got {echo(operator)}"
    elif operator in _BAND_OPERATORS and "threshold_metric_id" not in given:
        yield f"{place} is for a band, which threshold_metric_id names; got {echo(operator)}"


def _query_mistakes(given: Mapping[str, Any], path: str) -> Iterator[str]:
    queries, band = given.get("metric_queries"), given.get("threshold_metric_id")
    if queries is None:
        if band is not None:
            yield f"{below(path, 'threshold_metric_id')} is an id of metric_queries: give them, too"
        return
    if is_output(queries) or any(map(is_output, queries)):
        return
    place = below(path, "metric_queries")
    for number, query in enumerate(queries):
        if (query.get("metric") is None) == (query.get("expression") is None):
            yield f"{place}[{number}] must have either a metric or an expression"
    if not any(query.get("return_data") for query in queries):
        yield f"{place} must have one with return_data: True, which is compared"
    ids = [query["id"] for query in queries]
    if band is not None and not any(map(is_output, [band, *ids])) and band not in ids:
        there, named = ", ".join(ids), below(path, "threshold_metric_id")
        yield f"{named} must be an id of metric_queries, which are {there}; got {echo(band)}"


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) for value in values)
