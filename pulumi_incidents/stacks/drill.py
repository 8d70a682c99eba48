"""A drill: an incident that nobody is paged for by surprise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import Incident, ResponsePlan
from pulumi_incidents.providers._ownership import automatic_start
from pulumi_incidents.providers.response_plan import ActionArgs
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._limits import UNKNOWN, plan_limit_mistakes
from pulumi_incidents.stacks.runbook import Runbook, RunbookArgs, planned, runbook_mistakes


class DrillArgs(TypedDict):
    """The inputs of a `Drill`."""

    occurrence: str
    """Which drill it is, such as `2026-Q4-1`. Another one starts another incident."""
    plan_arn: pulumi.Input[str]
    """The plan that is rehearsed."""
    title: NotRequired[str | None]
    """Title of the incident; by default `Drill` and the occurrence."""
    paging: NotRequired[bool | None]
    """Engage and tell whomever the rehearsed plan does; by default nobody.

    Changing it starts another incident.
    """
    runbook: NotRequired[RunbookArgs | None]
    """Runbook of the drill, with a role for the drill's own plan; by default none runs."""
    action: NotRequired[pulumi.Input[ActionArgs | None]]
    """Action of the drill's plan, in place of a `runbook`, with a role of yours.

    That of a `Runbook` of the rehearsed plan does not do: its role is for incidents of that plan.
    """
    notification_topic_arn: NotRequired[pulumi.Input[str | None]]
    """Topic that is told of the drill; by default none, or those of the plan with `paging`."""
    adopt_existing: NotRequired[bool | None]
    """Take over the drill's plan and incident, where they exist already."""


class Audience(NamedTuple):
    """Whom a plan engages and tells: what a drill that pages takes over from it."""

    engagements: pulumi.Input[Any] = None
    chat_channel: pulumi.Input[Any] = None
    integrations: pulumi.Input[Any] = None
    notification_targets: pulumi.Input[Any] = None


class Drill(Component):
    """One rehearsal of a response plan, with the lowest impact.

    AWS engages whoever the started plan names, and joins a start to the open incident of the same
    dedupe string. So a drill always has a plan of its own, without a dedupe string: whatever goes
    wrong while it is open starts an incident of its own. That plan engages nobody, or with `paging`
    whomever the rehearsed plan engages.
    """

    incident_arn: pulumi.Output[str]
    """ARN of the incident record."""

    def __init__(
        self,
        name: str,
        args: DrillArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
        *,
        audience: Audience | None = None,
    ) -> None:
        """Start the drill.

        Whoever declares the rehearsed plan as well may say its audience, so that a preview sees
        what changes in the same run; otherwise the plan is looked up.
        """
        super().__init__("incidents:index:Drill", name, opts)
        found = look_at(DrillArgs, args)
        args = self._taken(found, found.beyond(_mistakes))
        title, paging = drill_title(args["occurrence"], args.get("title")), args.get("paging")
        engaged = (audience or self._look_up(name, args["plan_arn"])) if paging else None
        plan = self._plan(name, title, args, engaged)
        incident = Incident(
            name,
            response_plan_arn=plan.arn,
            title=title,
            impact=5,
            triggers={"drill": args["occurrence"], **({"paging": True} if paging else {})},
            adopt_existing=args.get("adopt_existing"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.incident_arn = incident.arn
        self.register_outputs({"incident_arn": self.incident_arn})

    def _look_up(self, name: str, arn: pulumi.Input[str]) -> Audience:
        plan = ResponsePlan.get(f"{name}-rehearsed", arn, pulumi.ResourceOptions(parent=self))
        template = plan.incident_template
        return Audience(
            engagements=_found(template, plan.engagements),
            chat_channel=_found(template, plan.chat_channel),
            integrations=_found(template, plan.integrations),
            notification_targets=template.apply(lambda known: known.get("notification_targets")),
        )

    def _plan(
        self, name: str, title: str, args: DrillArgs, audience: Audience | None
    ) -> ResponsePlan:
        topic, action = args.get("notification_topic_arn"), self._action(name, args)
        engaged = audience or Audience()
        told = pulumi.Output.all(args["plan_arn"], engaged.engagements)
        return ResponsePlan(
            f"{name}-plan",
            display_name=f"Drill, {'people are' if audience else 'nobody is'} engaged",
            incident_template={
                "title": title,
                "impact": 5,
                "summary": told.apply(lambda known: _summary(known[0], known[1])),
                "notification_targets": _targets(engaged.notification_targets, topic),
            },
            engagements=engaged.engagements,
            chat_channel=engaged.chat_channel,
            integrations=engaged.integrations,
            actions=[action] if action else None,
            adopt_existing=args.get("adopt_existing"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _action(self, name: str, args: DrillArgs) -> pulumi.Input[Any]:
        wanted = args.get("runbook")
        if wanted is None:
            return args.get("action")
        # The name of the plan is not known before the plan is made, and that needs the role.
        plans = f"{automatic_start(f'{name}-plan')}*"
        opts = pulumi.ResourceOptions(parent=self)
        return Runbook(f"{name}-runbook", plans, wanted, opts).action


def drill_title(occurrence: str, title: str | None = None) -> str:
    """Return the title of a drill's incident."""
    return title or f"Drill {occurrence}"


def rehearsal_mistakes(
    title: str, written: Mapping[str, str], action: pulumi.Input[Any] = None
) -> Iterator[str]:
    """Find what AWS would refuse of a drill's plan, by the paths that are `written` for it."""
    plan = {
        "name": UNKNOWN,
        "incident_template": {"title": title, "impact": 5},
        "actions": [action] if action else None,
    }
    yield from plan_limit_mistakes(plan, written)


def _mistakes(args: DrillArgs) -> Iterator[str]:
    runbook, action, title = args.get("runbook"), args.get("action"), args.get("title")
    written = {"incident_template.title": "title" if title else "occurrence"}
    if runbook is None:
        written["actions[0]."] = "action."
    else:
        yield from runbook_mistakes(runbook, "runbook")
        if action:
            yield "runbook and action exclude each other"
        action, written["actions[0].ssm_automation."] = planned(runbook), "runbook."
    yield from rehearsal_mistakes(drill_title(args["occurrence"], title), written, action)


def _found(template: pulumi.Output[Any], part: pulumi.Output[Any]) -> pulumi.Output[Any]:
    """Return a part of a plan that was looked up: nothing, where the plan does not have it.

    In a preview the SDK takes what the plan does not have for unknown, which would be a change each
    time. A template every plan has: once that is known, so is the rest.
    """
    return template.apply(lambda _: part.future())


def _summary(rehearsed: str, engagements: Sequence[str] | None) -> str:
    """Return what somebody reads who wonders whether it is real."""
    if not engagements:
        return f"Rehearses {rehearsed}. Nobody is engaged."
    # Their order means nothing, and AWS may answer another one than was declared.
    return f"A drill. Rehearses {rehearsed}. Engaged: {', '.join(sorted(engagements))}."


def _targets(rehearsed: pulumi.Input[Any], topic: pulumi.Input[str | None]) -> pulumi.Input[Any]:
    """Return the plan's targets and the drill's own topic, each once."""
    own = [{"sns_topic_arn": topic}] if topic else []
    if rehearsed is None:
        return own or None

    def both(known: Sequence[Any]) -> list[Mapping[str, Any]]:
        targets, more = known
        return [*(targets or []), *(target for target in more if target not in (targets or []))]

    return cast("pulumi.Output[Any]", pulumi.Output.all(rehearsed, own)).apply(both)
