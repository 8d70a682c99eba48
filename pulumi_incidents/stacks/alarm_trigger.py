"""An alarm that starts an incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._started import started


class MetricAlarmArgs(TypedDict):
    """When the alarm goes off: https://docs.aws.amazon.com/AmazonCloudWatch/ has each term."""

    namespace: pulumi.Input[str]
    """Namespace of the metric, such as `AWS/ApplicationELB`."""
    metric_name: pulumi.Input[str]
    """Name of the metric."""
    threshold: pulumi.Input[float]
    """Value to compare with."""
    comparison_operator: NotRequired[pulumi.Input[str | None]]
    """How to compare; by default `GreaterThanOrEqualToThreshold`."""
    statistic: NotRequired[pulumi.Input[str | None]]
    """What of each period is compared; by default `Sum`."""
    period: NotRequired[pulumi.Input[int | None]]
    """Length of a period in seconds; by default 60."""
    evaluation_periods: NotRequired[pulumi.Input[int | None]]
    """How many periods in a row; by default 1."""
    dimensions: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Dimensions of the metric."""
    description: NotRequired[pulumi.Input[str | None]]
    """What the alarm means, for people."""
    treat_missing_data: NotRequired[pulumi.Input[str | None]]
    """`notBreaching` (default), `breaching`, `ignore` or `missing`."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the alarm."""


class AlarmTrigger(Component):
    """A CloudWatch metric alarm whose action is a response plan.

    To let an alarm of your own start a plan, put the plan's `arn` into its `alarm_actions`.
    """

    alarm_arn: pulumi.Output[str]
    """ARN of the alarm."""

    def __init__(
        self,
        name: str,
        plan: ResponsePlan | pulumi.Input[str] = REQUIRED,
        args: MetricAlarmArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the alarm that starts `plan`, given as a resource or by its ARN."""
        super().__init__("incidents:index:AlarmTrigger", name, opts)
        starts = started(plan)
        given = self._taken(look_at(MetricAlarmArgs, args), starts.sentences())
        alarm = aws.cloudwatch.MetricAlarm(
            name,
            namespace=given["namespace"],
            metric_name=given["metric_name"],
            threshold=given["threshold"],
            comparison_operator=cast("str", given.get("comparison_operator"))
            or "GreaterThanOrEqualToThreshold",
            statistic=given.get("statistic") or "Sum",
            period=given.get("period") or 60,
            evaluation_periods=cast("int", given.get("evaluation_periods")) or 1,
            dimensions=given.get("dimensions"),
            alarm_description=given.get("description"),
            treat_missing_data=given.get("treat_missing_data") or "notBreaching",
            alarm_actions=[self._taken(starts)],
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.alarm_arn = alarm.arn
        self.register_outputs({"alarm_arn": self.alarm_arn})
