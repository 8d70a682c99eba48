"""A drill: an incident that nobody is paged for by surprise."""

from __future__ import annotations

from typing import Any

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import Incident, ResponsePlan
from pulumi_incidents.providers.response_plan import IncidentTemplateArgs
from pulumi_incidents.stacks._mistakes import option_mistakes, refuse


class DrillArgs(TypedDict):
    """The inputs of a `Drill`."""

    occurrence: str
    """Which drill it is, such as `2026-Q4-1`. Another one starts another incident."""
    plan_arn: pulumi.Input[str]
    """The plan that is rehearsed."""
    title: NotRequired[str | None]
    """Title of the incident; by default `Drill` and the occurrence."""
    paging: NotRequired[bool | None]
    """Start the real plan, which engages everybody it names. By default a muted one is made."""
    action: NotRequired[pulumi.Output[Any] | None]
    """Runbook of the muted plan, such as `action` of a `Runbook`; by default none runs."""
    notification_topic_arn: NotRequired[pulumi.Output[str] | None]
    """Topic that is told of a muted drill; by default none."""


class Drill(pulumi.ComponentResource):
    """One rehearsal of a response plan, with the lowest impact.

    AWS engages whoever the started plan names and has no way to start it silently. So by default a
    drill has a plan of its own, without engagements, and the real plan only lends its name.
    """

    incident_arn: pulumi.Output[str]
    """ARN of the incident record."""

    def __init__(
        self, name: str, args: DrillArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("pulumi-incidents:index:Drill", name, None, opts)
        refuse(
            self,
            option_mistakes(args, {"occurrence": str, "paging": bool}, required=["occurrence"]),
        )
        title = args.get("title") or f"Drill {args['occurrence']}"
        plan_arn = args["plan_arn"] if args.get("paging") else self._muted(name, title, args)
        incident = Incident(
            name,
            response_plan_arn=plan_arn,
            title=title,
            impact=5,
            triggers={"drill": args["occurrence"]},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.incident_arn = incident.arn
        self.register_outputs({"incident_arn": self.incident_arn})

    def _muted(self, name: str, title: str, args: DrillArgs) -> pulumi.Output[str]:
        rehearsed = pulumi.Output.from_input(args["plan_arn"])
        topic, action = args.get("notification_topic_arn"), args.get("action")
        template: IncidentTemplateArgs = {
            "title": title,
            "impact": 5,
            "summary": pulumi.Output.concat("Rehearses ", rehearsed, ". Nobody is engaged."),
            "notification_targets": [{"sns_topic_arn": topic}] if topic else None,
        }
        plan = ResponsePlan(
            f"{name}-plan",
            display_name="Drill, nobody is engaged",
            incident_template=template,
            actions=[action] if action else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return plan.arn
