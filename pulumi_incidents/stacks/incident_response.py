"""One declaration that makes a working incident response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers.response_plan import IntegrationArgs
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._existing import existing_topics
from pulumi_incidents.stacks._parts import response_mistakes
from pulumi_incidents.stacks._planned import engaged, plan_inputs, plan_name_of
from pulumi_incidents.stacks.alarm_trigger import AlarmTrigger, MetricAlarmArgs
from pulumi_incidents.stacks.composite_alarm_trigger import (
    CompositeAlarmArgs,
    CompositeAlarmTrigger,
)
from pulumi_incidents.stacks.drill import Audience, Drill, DrillArgs
from pulumi_incidents.stacks.event_trigger import EventRuleArgs, EventTrigger
from pulumi_incidents.stacks.on_call import OnCall, OnCallArgs
from pulumi_incidents.stacks.responder import Responder
from pulumi_incidents.stacks.runbook import Runbook, RunbookArgs, again
from pulumi_incidents.stacks.topics import IncidentTopic, IncidentTopicArgs

Part = TypeVar("Part", bound=Mapping[str, object])


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
    display_name: NotRequired[pulumi.Input[str | None]]
    """Name of the plan for people, may hold spaces, at most 200 characters."""
    summary: NotRequired[pulumi.Input[str | None]]
    """What responders should know, at most 8000 characters."""
    dedupe_string: NotRequired[pulumi.Input[str | None]]
    """A start while an incident with the same string is open joins that one."""
    incident_tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of every incident of the plan, at most 50; keys 1-128 and values 0-256 characters."""
    engagements: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """At most 5 ARNs of contacts and escalation plans that are engaged."""
    on_call: NotRequired[OnCall | Responder | OnCallArgs | None]
    """The team that is engaged, or one person: one more of the 5 of `engagements`."""
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
    composite_alarms: NotRequired[Mapping[str, CompositeAlarmArgs] | None]
    """Alarms over other alarms that start an incident, by name; made after `alarms`, which they may
    name by a `name` of theirs."""
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
    on_call_arn: pulumi.Output[str | None]
    """ARN of the escalation plan or the person of `on_call`."""
    topic_arn: pulumi.Output[str | None]
    """ARN of the topic that was made for updates."""
    chat_topic_arn: pulumi.Output[str | None]
    """ARN of the topic that was made for a chat client."""
    role_arn: pulumi.Output[str | None]
    """ARN of the runbook's role, when there is a runbook."""
    alarm_arns: pulumi.Output[Mapping[str, str]]
    """ARNs of the alarms, composite ones included, by name."""
    rule_arns: pulumi.Output[Mapping[str, str]]
    """ARNs of the event rules, by name."""
    drill_arn: pulumi.Output[str | None]
    """ARN of the drill's incident record, when there is a drill."""

    def __init__(
        self,
        name: str,
        args: IncidentResponseArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("incidents:index:IncidentResponse", name, opts)
        found = look_at(IncidentResponseArgs, args)
        args = self._taken(found, response_mistakes(name, found))
        self._child = pulumi.ResourceOptions(parent=self)
        plan_name = plan_name_of(name, args)
        topic = self._notifications(name, args)
        chat = self._topic(f"{name}-chat", args.get("chat"), args)
        runbook = self._runbook(f"{name}-runbook", plan_name, args)
        on_call = self._on_call(f"{name}-on-call", args)
        audience = self._audience(args, on_call, topic, chat)
        inputs = plan_inputs(plan_name, args, audience, runbook.action if runbook else None)
        plan = ResponsePlan(f"{name}-plan", self._child, **inputs)
        self.plan_arn, self.plan_name = plan.arn, plan.name
        self.on_call_arn = _output(on_call)
        self.topic_arn = _output(topic.arn if topic else None)
        self.chat_topic_arn = _output(chat.arn if chat else None)
        self.role_arn = _output(runbook.role_arn if runbook else None)
        self._triggers(name, plan, args)
        self.drill_arn = self._drill(
            f"{name}-drill", args, audience=audience, plan=plan, topic=topic, runbook=runbook
        )
        outputs = IncidentResponse.__annotations__
        self.register_outputs({output: getattr(self, output) for output in outputs})

    def _notifications(self, name: str, args: IncidentResponseArgs) -> IncidentTopic | None:
        wanted = args.get("notifications")
        if wanted is None and not args.get("notification_topic_arns"):
            wanted = {}
        return self._topic(f"{name}-notifications", wanted, args)

    def _topic(
        self, name: str, wanted: IncidentTopicArgs | None, args: IncidentResponseArgs
    ) -> IncidentTopic | None:
        return None if wanted is None else IncidentTopic(name, _tagged(wanted, args), self._child)

    def _runbook(self, name: str, plan_name: str, args: IncidentResponseArgs) -> Runbook | None:
        wanted = args.get("runbook")
        if wanted is None:
            return None
        return Runbook(name, plan_name, _tagged(wanted, args), self._child)

    def _on_call(self, name: str, args: IncidentResponseArgs) -> pulumi.Output[str] | None:
        wanted = args.get("on_call")
        if wanted is None:
            return None
        if isinstance(wanted, (OnCall, Responder)):
            return wanted.arn
        adopt = wanted.get("adopt_existing")
        taken: OnCallArgs = {
            **_tagged(wanted, args),
            "adopt_existing": args.get("adopt_existing") if adopt is None else adopt,
        }
        return OnCall(name, taken, self._child).arn

    def _audience(
        self,
        args: IncidentResponseArgs,
        on_call: pulumi.Output[str] | None,
        topic: IncidentTopic | None,
        chat: IncidentTopic | None,
    ) -> Audience:
        told, talk = (
            [*(made.each_arn if made else ()), *existing_topics(self, field, arns)]
            for made, field, arns in (
                (topic, "notification_topic_arns", args.get("notification_topic_arns")),
                (chat, "chat_topic_arns", args.get("chat_topic_arns")),
            )
        )
        return Audience(
            engagements=engaged(args, on_call),
            chat_channel={"chatbot_sns": talk} if talk else None,
            integrations=args.get("integrations"),
            notification_targets=[{"sns_topic_arn": arn} for arn in told],
        )

    def _triggers(self, name: str, plan: ResponsePlan, args: IncidentResponseArgs) -> None:
        alarms = {
            key: AlarmTrigger(f"{name}-{key}", plan, _tagged(alarm, args), self._child)
            for key, alarm in (args.get("alarms") or {}).items()
        }
        # AWS takes a rule only over alarms that exist.
        after = pulumi.ResourceOptions(parent=self, depends_on=[*alarms.values()])
        composites = {
            key: CompositeAlarmTrigger(f"{name}-{key}", plan, _tagged(alarm, args), after)
            for key, alarm in (args.get("composite_alarms") or {}).items()
        }
        rules = {
            key: EventTrigger(f"{name}-{key}", plan, _tagged(event, args), self._child).rule_arn
            for key, event in (args.get("events") or {}).items()
        }
        alarm_arns = {
            **{key: alarm.alarm_arn for key, alarm in alarms.items()},
            **{key: alarm.alarm_arn for key, alarm in composites.items()},
        }
        arns: list[pulumi.Output[Any]] = [
            pulumi.Output.from_input(made) for made in (alarm_arns, rules)
        ]
        self.alarm_arns, self.rule_arns = arns

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
            inputs["runbook"] = again(_tagged(wanted, args), runbook.document_name)
        return _output(Drill(name, inputs, self._child, audience=audience).incident_arn)


def _output(value: pulumi.Output[str] | None) -> pulumi.Output[str | None]:
    return cast("pulumi.Output[str | None]", pulumi.Output.from_input(value))


def _tagged(part: Part, args: IncidentResponseArgs) -> Part:
    """Return a part with the tags of the response, where it has none of its own."""
    if part.get("tags") is not None:
        return part
    return cast("Part", {**part, "tags": args.get("tags")})
