"""An alarm over other alarms that starts an incident."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers._model import below, echo
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._names import fitted, with_hash
from pulumi_incidents.stacks._started import action_mistakes, actions, known_plan, started

_MOST = 10_240
# Words of a rule that are no names: what stands in quotes or in brackets after a state is one.
_RULE = re.compile(r"\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(|\bAT_LEAST\s*\(|\b(TRUE|FALSE)\b")


class CompositeAlarmArgs(TypedDict):
    """When the alarm goes off, and all else that `aws.cloudwatch.CompositeAlarm` takes."""

    alarm_rule: pulumi.Input[str]
    """Which states of other alarms it is about, such as `ALARM("errors") AND NOT OK("latency")`, by
    the names or ARNs of alarms that exist; at most 10240 characters."""
    actions_suppressor: NotRequired[
        pulumi.Input[aws.cloudwatch.CompositeAlarmActionsSuppressorArgsDict | None]
    ]
    """Alarm that keeps this one silent while it is in ALARM, such as one for maintenance."""
    alarm_actions: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """ARNs of what runs besides the plan when the alarm goes off, such as a topic; at most 4."""
    ok_actions: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """ARNs of what runs when all is well again; at most 5."""
    insufficient_data_actions: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """ARNs of what runs when there is not enough data; at most 5."""
    actions_enabled: NotRequired[pulumi.Input[bool | None]]
    """Whether actions run (default): with `False`, the alarm starts no incident. Another value is
    another alarm."""
    name: NotRequired[pulumi.Input[str | None]]
    """Name of the alarm, at most 255 characters. By default that of the component and seven
    characters that are this stack's own."""
    description: NotRequired[pulumi.Input[str | None]]
    """What the alarm means, for people."""
    region: NotRequired[pulumi.Input[str | None]]
    """Region of the alarms, if another one."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the alarm."""


RENAMED = {"description": "alarm_description", "name": "alarm_name"}
"""Keys that pulumi-aws calls otherwise."""


class CompositeAlarmTrigger(Component):
    """A CloudWatch alarm over other alarms, whose action is a response plan.

    The alarms below it need no action of their own. That AWS lets a composite alarm start a plan is
    unverified: its guide documents it for metric alarms.
    """

    alarm_arn: pulumi.Output[str]
    """ARN of the alarm."""

    def __init__(
        self,
        name: str,
        plan: ResponsePlan | pulumi.Input[str] = REQUIRED,
        args: CompositeAlarmArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the alarm that starts `plan`, given as a resource or by its ARN."""
        super().__init__("incidents:index:CompositeAlarmTrigger", name, opts)
        starts, found = started(plan), look_at(CompositeAlarmArgs, args)
        mistakes = [*starts.sentences(), *found.beyond(composite_mistakes)]
        given: Any = self._taken(found, mistakes)
        named = {RENAMED.get(key, key): value for key, value in given.items() if value is not None}
        # pulumi-aws names no composite alarm by itself, and takes one that exists for its own.
        inputs = {"alarm_name": with_hash(name, "alarm"), **named}
        runs = actions(known_plan(self, self._taken(starts)), given.get("alarm_actions"))
        child_name, child = fitted(self, name, "alarm")
        alarm = aws.cloudwatch.CompositeAlarm(
            child_name, **{**inputs, "alarm_actions": runs}, opts=child
        )
        self.alarm_arn = alarm.arn
        self.register_outputs({"alarm_arn": self.alarm_arn})


def composite_mistakes(args: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of such an alarm, at `path` of a component's."""
    rule, place = args.get("alarm_rule"), below(path, "alarm_rule")
    if isinstance(rule, str):
        if not _RULE.search(rule) or rule.count("(") != rule.count(")"):
            wanted = 'a rule over alarms, such as ALARM("errors") AND ALARM("latency")'
            yield f"{place} must be {wanted}; got {echo(rule)}"
        elif rule != rule.strip():
            yield f"{place} must have no space at its ends; got {echo(rule)}"
        elif len(rule) > _MOST:
            yield f"{place} must be at most {_MOST} characters, not {len(rule)}"
    yield from action_mistakes(args, path)
