"""One declaration that makes a working incident response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers.response_plan import IncidentTemplateArgs, IntegrationArgs
from pulumi_incidents.stacks._component import Component
from pulumi_incidents.stacks._existing import existing_topics, number_mistakes
from pulumi_incidents.stacks._mistakes import (
    below,
    fitting,
    kind_mistakes,
    option_mistakes,
    refuse,
)
from pulumi_incidents.stacks.alarm_trigger import AlarmTrigger, MetricAlarmArgs
from pulumi_incidents.stacks.drill import Audience, Drill, DrillArgs
from pulumi_incidents.stacks.event_trigger import EventRuleArgs, EventTrigger, event_mistakes
from pulumi_incidents.stacks.runbook import Runbook, RunbookArgs, again, runbook_mistakes
from pulumi_incidents.stacks.topics import IncidentTopic, IncidentTopicArgs, topic_mistakes

_KINDS = {
    "plan_name": str,
    "notifications": dict,
    "notification_topic_arns": list,
    "chat": dict,
    "chat_topic_arns": list,
    "runbook": dict,
    "alarms": dict,
    "events": dict,
    "drill": dict,
    "adopt_existing": bool,
}


class RehearsalArgs(TypedDict):
    """A drill of an `IncidentResponse`."""

    occurrence: str
    """Which drill it is, such as `2026-Q4-1`. Another one starts another incident."""
    paging: NotRequired[bool | None]
    """Engage and tell whomever the plan does; by default nobody. Changing it is another drill."""
    notify: NotRequired[bool | None]
    """Tell the topic of updates, as `paging` does. By default it is not told: a subscriber may page
    people, too."""
    runbook: NotRequired[bool | None]
    """Run the plan's runbook as well; by default none runs.

    It is the same document, with a role of the drill's own. A `role_arn` of the runbook is taken
    over, and has to trust Incident Manager for the drill's plan as well.
    """


class IncidentResponseArgs(TypedDict):
    """The inputs of an `IncidentResponse`."""

    title: pulumi.Input[str]
    """Title of an incident, at most 200 characters."""
    impact: pulumi.Input[int]
    """1 critical, 2 high, 3 medium, 4 low, 5 no impact."""
    plan_name: NotRequired[str | None]
    """Name of the plan, 1-200 letters, digits, `-` and `_`; by default component and stack."""
    summary: NotRequired[pulumi.Input[str | None]]
    """What responders should know, at most 8000 characters."""
    dedupe_string: NotRequired[pulumi.Input[str | None]]
    """A start while an incident with the same string is open joins that one."""
    engagements: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """At most 5 ARNs of contacts and escalation plans that are engaged."""
    integrations: NotRequired[pulumi.Input[Sequence[pulumi.Input[IntegrationArgs]] | None]]
    """At most one integration, such as PagerDuty."""
    notifications: NotRequired[IncidentTopicArgs | None]
    """The topic that is told of updates; one is made even without this."""
    notification_topic_arns: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Topics that exist and are told of updates; then none is made without `notifications`."""
    chat: NotRequired[IncidentTopicArgs | None]
    """The topic that a chat client follows, to be made."""
    chat_topic_arns: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Topics that exist and that chat clients follow."""
    runbook: NotRequired[RunbookArgs | None]
    """What runs when an incident starts."""
    alarms: NotRequired[Mapping[str, MetricAlarmArgs] | None]
    """Alarms that start an incident, by name."""
    events: NotRequired[Mapping[str, EventRuleArgs] | None]
    """Events that start an incident, by name."""
    drill: NotRequired[RehearsalArgs | None]
    """A rehearsal, muted by default."""
    adopt_existing: NotRequired[bool | None]
    """Take over plans of these names that somebody else made; by default that is refused."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the plan and of all that is made for it."""


class IncidentResponse(Component):
    """A response plan with all it needs to work, made in the order in which AWS needs it.

    Topics get their policies and the runbook its role before the plan is made: AWS tests a topic
    when a plan names it, and an incident may start as soon as the plan is there.
    """

    plan_arn: pulumi.Output[str]
    """ARN of the response plan: what an alarm or an event rule of your own starts."""
    plan_name: pulumi.Output[str]
    """Name of the response plan."""
    topic_arn: pulumi.Output[str | None]
    """ARN of the topic that was made for updates."""
    chat_topic_arn: pulumi.Output[str | None]
    """ARN of the topic that was made for a chat client."""
    role_arn: pulumi.Output[str | None]
    """ARN of the runbook's role, when there is a runbook."""
    alarm_arns: pulumi.Output[Mapping[str, str]]
    """ARNs of the alarms, by name."""
    rule_arns: pulumi.Output[Mapping[str, str]]
    """ARNs of the event rules, by name."""
    drill_arn: pulumi.Output[str | None]
    """ARN of the drill's incident record, when there is a drill."""

    def __init__(
        self,
        name: str,
        args: IncidentResponseArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("incidents:index:IncidentResponse", name, opts)
        refuse(self, _mistakes(args))
        self._child = pulumi.ResourceOptions(parent=self)
        plan_name = args.get("plan_name") or f"{name}-{pulumi.get_stack()}"
        topic = self._notifications(name, args)
        chat = self._topic(f"{name}-chat", args.get("chat"), args)
        runbook = self._runbook(f"{name}-runbook", plan_name, args)
        audience = self._audience(args, topic, chat)
        plan = self._plan(f"{name}-plan", plan_name, args, audience, runbook)
        self.plan_arn, self.plan_name = plan.arn, plan.name
        self.topic_arn = _output(topic.arn if topic else None)
        self.chat_topic_arn = _output(chat.arn if chat else None)
        self.role_arn = _output(runbook.role_arn if runbook else None)
        self._triggers(name, plan, args)
        self.drill_arn = self._drill(
            f"{name}-drill", args, audience=audience, plan=plan, topic=topic, runbook=runbook
        )
        self.register_outputs(
            {output: getattr(self, output) for output in type(self).__annotations__}
        )

    def _notifications(self, name: str, args: IncidentResponseArgs) -> IncidentTopic | None:
        wanted = args.get("notifications")
        if wanted is None and not args.get("notification_topic_arns"):
            wanted = {}
        return self._topic(f"{name}-notifications", wanted, args)

    def _topic(
        self, name: str, wanted: IncidentTopicArgs | None, args: IncidentResponseArgs
    ) -> IncidentTopic | None:
        if wanted is None:
            return None
        with_tags: IncidentTopicArgs = {"tags": args.get("tags"), **wanted}
        return IncidentTopic(name, with_tags, self._child)

    def _runbook(self, name: str, plan_name: str, args: IncidentResponseArgs) -> Runbook | None:
        wanted = args.get("runbook")
        if wanted is None:
            return None
        return Runbook(name, plan_name, {"tags": args.get("tags"), **wanted}, self._child)

    def _audience(
        self, args: IncidentResponseArgs, topic: IncidentTopic | None, chat: IncidentTopic | None
    ) -> Audience:
        told, talk = (
            [*(made.each_arn if made else ()), *existing_topics(self, field, arns)]
            for made, field, arns in (
                (topic, "notification_topic_arns", args.get("notification_topic_arns")),
                (chat, "chat_topic_arns", args.get("chat_topic_arns")),
            )
        )
        return Audience(
            engagements=args.get("engagements"),
            chat_channel={"chatbot_sns": talk} if talk else None,
            integrations=args.get("integrations"),
            notification_targets=[{"sns_topic_arn": arn} for arn in told],
        )

    def _plan(
        self,
        name: str,
        plan_name: str,
        args: IncidentResponseArgs,
        audience: Audience,
        runbook: Runbook | None,
    ) -> ResponsePlan:
        template: IncidentTemplateArgs = {
            "title": args["title"],
            "impact": args["impact"],
            "summary": args.get("summary"),
            "dedupe_string": args.get("dedupe_string"),
            "notification_targets": audience.notification_targets,
        }
        return ResponsePlan(
            name,
            name=plan_name,
            incident_template=template,
            engagements=audience.engagements,
            chat_channel=audience.chat_channel,
            integrations=audience.integrations,
            actions=[runbook.action] if runbook else None,
            adopt_existing=args.get("adopt_existing"),
            tags=args.get("tags"),
            opts=self._child,
        )

    def _triggers(self, name: str, plan: ResponsePlan, args: IncidentResponseArgs) -> None:
        tags = args.get("tags")
        alarms = {
            key: AlarmTrigger(f"{name}-{key}", plan, {"tags": tags, **alarm}, self._child).alarm_arn
            for key, alarm in (args.get("alarms") or {}).items()
        }
        rules = {
            key: EventTrigger(f"{name}-{key}", plan, {"tags": tags, **event}, self._child).rule_arn
            for key, event in (args.get("events") or {}).items()
        }
        self.alarm_arns, self.rule_arns = pulumi.Output.all(**alarms), pulumi.Output.all(**rules)

    def _drill(  # noqa: PLR0913 - all that was made before it
        self,
        name: str,
        args: IncidentResponseArgs,
        *,
        audience: Audience,
        plan: ResponsePlan,
        topic: IncidentTopic | None,
        runbook: Runbook | None,
    ) -> pulumi.Output[str | None]:
        drill, wanted = args.get("drill"), args.get("runbook")
        if not drill:
            return _output(None)
        inputs: DrillArgs = {
            "occurrence": drill["occurrence"],
            "paging": drill.get("paging"),
            "plan_arn": plan.arn,
            "adopt_existing": args.get("adopt_existing"),
            "notification_topic_arn": topic.arn if topic and drill.get("notify") else None,
        }
        if drill.get("runbook") and wanted and runbook:
            again_with_tags: RunbookArgs = {"tags": args.get("tags"), **wanted}
            inputs["runbook"] = again(again_with_tags, runbook.document_name)
        return _output(Drill(name, inputs, self._child, audience=audience).incident_arn)


def _output(value: pulumi.Output[str] | None) -> pulumi.Output[str | None]:
    return cast("pulumi.Output[str | None]", pulumi.Output.from_input(value))


def _mistakes(args: Any) -> Iterator[str]:
    """Find everything at once, in the parts as well: they are declared one after the other."""
    yield from option_mistakes(args, _KINDS)
    given = fitting(args, _KINDS)
    for key in ("notifications", "chat"):
        yield from topic_mistakes(given.get(key, {}), key)
    if "runbook" in given:
        yield from runbook_mistakes(given["runbook"], "runbook")
    for key, alarm in given.get("alarms", {}).items():
        yield from kind_mistakes(below("alarms", key), alarm, dict, required=True)
    for key, event in given.get("events", {}).items():
        yield from event_mistakes(event, below("events", key))
    if "drill" in given:
        kinds = {"occurrence": str, "paging": bool, "notify": bool, "runbook": bool}
        yield from option_mistakes(given["drill"], kinds, "drill", required=["occurrence"])
        if fitting(given["drill"], kinds).get("runbook") and "runbook" not in given:
            yield "drill.runbook has nothing to run: the response has no runbook"
    yield from number_mistakes(given)
    yield from _name_mistakes(given)


def _name_mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    taken: dict[str, str] = dict.fromkeys(("notifications", "chat", "runbook", "plan", "drill"), "")
    for kind in ("alarms", "events"):
        for key in given.get(kind, {}):
            if key in taken:
                other = f" of {taken[key]}" if taken[key] else " of a part of every response"
                yield f"{kind}.{key} has the name{other}; choose another one"
            taken[key] = kind
