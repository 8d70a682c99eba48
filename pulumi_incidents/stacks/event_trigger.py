"""An event that starts an incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers._model import below
from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._event_patterns import pattern_mistakes
from pulumi_incidents.stacks._json import as_text
from pulumi_incidents.stacks._mistakes import is_output, refuse, unvalued
from pulumi_incidents.stacks._names import fitted
from pulumi_incidents.stacks._started import known_plan, started


class EventRuleArgs(TypedDict):
    """Which events start an incident."""

    event_pattern: pulumi.Input[Mapping[str, Any] | str]
    """Pattern that an event has to match, as in the EventBridge documents: a map, or JSON. Each
    field has a list of the values that it may have."""
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
        found = look_at(EventRuleArgs, args)
        given = self._taken(found, [*starts.sentences(), *found.beyond(event_mistakes)])
        arn = pulumi.Output.from_input(known_plan(self, self._taken(starts)))
        invoke = pulumi.InvokeOutputOptions(parent=self)
        place = pulumi.Output.all(
            aws.get_partition_output(opts=invoke).partition,
            aws.get_caller_identity_output(opts=invoke).account_id,
        )
        role_name, named = fitted(self, name, "role")
        role = aws.iam.Role(
            role_name,
            assume_role_policy=place.apply(lambda known: _policies.event_trust(*known)),
            tags=given.get("tags"),
            opts=named,
        )
        policy_name, named = fitted(self, name, "policy")
        permission = aws.iam.RolePolicy(
            policy_name, role=role.id, policy=arn.apply(_policies.event_permissions), opts=named
        )
        rule_name, named = fitted(self, name, "rule")
        rule = aws.cloudwatch.EventRule(
            rule_name,
            event_pattern=self._pattern(given),
            event_bus_name=given.get("event_bus_name"),
            description=given.get("description"),
            tags=given.get("tags"),
            opts=named,
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

    def _pattern(self, args: EventRuleArgs) -> pulumi.Output[str]:
        """Return the pattern as JSON, once all of it is known to be a pattern."""

        def text(known: Any) -> str:
            refuse(self, unvalued(pattern_mistakes(known, "event_pattern")))
            return str(as_text(known))

        return pulumi.Output.from_input(args["event_pattern"]).apply(text)


def event_mistakes(args: EventRuleArgs, path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of a rule, at `path` of a component's."""
    pattern: Any = args["event_pattern"]
    if not is_output(pattern):
        yield from pattern_mistakes(pattern, below(path, "event_pattern"))
