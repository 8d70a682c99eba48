"""An event that starts an incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._started import started


class EventRuleArgs(TypedDict):
    """Which events start an incident."""

    event_pattern: Mapping[str, Any]
    """Pattern that an event has to match, as in the EventBridge documents."""
    event_bus_name: NotRequired[pulumi.Input[str | None]]
    """Name of the event bus; by default the account's own."""
    description: NotRequired[pulumi.Input[str | None]]
    """What the rule is for, for people."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the rule and its role."""


class EventTrigger(Component):
    """An EventBridge rule whose target is a response plan, with the role that starts it."""

    rule_arn: pulumi.Output[str]
    """ARN of the rule."""

    def __init__(
        self,
        name: str,
        plan: ResponsePlan | pulumi.Input[str] = REQUIRED,
        args: EventRuleArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the rule that starts `plan`, given as a resource or by its ARN."""
        super().__init__("incidents:index:EventTrigger", name, opts)
        starts = started(plan)
        given = self._taken(look_at(EventRuleArgs, args), starts.sentences())
        child = pulumi.ResourceOptions(parent=self)
        arn = pulumi.Output.from_input(self._taken(starts))
        invoke = pulumi.InvokeOutputOptions(parent=self)
        place = pulumi.Output.all(
            aws.get_partition_output(opts=invoke).partition,
            aws.get_caller_identity_output(opts=invoke).account_id,
        )
        role = aws.iam.Role(
            name,
            assume_role_policy=place.apply(lambda known: _policies.event_trust(*known)),
            tags=given.get("tags"),
            opts=child,
        )
        permission = aws.iam.RolePolicy(
            name, role=role.id, policy=arn.apply(_policies.event_permissions), opts=child
        )
        rule = aws.cloudwatch.EventRule(
            name,
            event_pattern=pulumi.Output.json_dumps(given["event_pattern"]),
            event_bus_name=given.get("event_bus_name"),
            description=given.get("description"),
            tags=given.get("tags"),
            opts=child,
        )
        aws.cloudwatch.EventTarget(
            name,
            rule=rule.name,
            event_bus_name=given.get("event_bus_name"),
            arn=arn,
            role_arn=role.arn,
            # An event must not come before the role may start the incident.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.rule_arn = rule.arn
        self.register_outputs({"rule_arn": self.rule_arn})
