"""A team on call: who takes turns, and who is engaged when nobody answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import Contact, Rotation
from pulumi_incidents.providers._people import ESCALATION, SCHEDULE
from pulumi_incidents.providers.contact import PlanArgs, TargetArgs
from pulumi_incidents.stacks import _members, _team
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._names import fitted
from pulumi_incidents.stacks._stages import Step, stages
from pulumi_incidents.stacks._turns import recurrence
from pulumi_incidents.stacks.responder import Responder, ResponderArgs


class MemberArgs(ResponderArgs):
    """A person of a team, to be made: the inputs of a `Responder`, and its name."""

    name: str
    """What the person is called in the team, such as `ana`; it is kept."""


class TurnsArgs(TypedDict):
    """A rotation: who takes turns, and when. Of `daily`, `weekly` and `monthly` it has one."""

    people: NotRequired[Sequence[str] | None]
    """Names of 1-30 of the team's people, in the order of their shifts; by default all."""
    daily: NotRequired[Sequence[str] | None]
    """Times at which the next one takes over, such as `09:00`."""
    weekly: NotRequired[Sequence[str] | None]
    """Days and times at which the next one takes over; by default `MON 09:00`."""
    monthly: NotRequired[Sequence[str] | None]
    """Days of the month and times at which the next one takes over, such as `1 09:00`."""
    every: NotRequired[int | None]
    """How many days, weeks or months a shift lasts, 1-100; by default 1."""
    at_once: NotRequired[int | None]
    """How many are on call at once; by default 1."""
    hours: NotRequired[Mapping[str, Sequence[str]] | None]
    """Hours in which somebody is on call, by days: `{"MON-FRI": ["09:00-17:00"]}`. What does not
    end after its beginning ends on the next day. By default always."""
    time_zone: NotRequired[str | None]
    """Time zone of the hand-offs and hours; by default that of the team."""
    start: NotRequired[pulumi.Input[str | None]]
    """When the first shift begins, ISO 8601 with a zone; by default at once."""


class EscalationArgs(TypedDict):
    """A stage: whom it engages, and when."""

    after_minutes: int
    """Minutes after the team is engaged, 0-1440."""
    engage: Sequence[Responder | OnCall | pulumi.Input[str]]
    """`on_call`, who has the shift; `everybody`; the name of one of the people; or whoever else by
    the ARN of a person or a schedule, a `Responder`, or an `OnCall`, whose schedule it is."""
    essential: NotRequired[bool | None]
    """Whether an answer of these keeps the next stages from beginning; by default it does."""


class OnCallArgs(TypedDict):
    """The inputs of an `OnCall`."""

    people: Sequence[Responder | MemberArgs | pulumi.Input[str]]
    """The team: persons to be made, a `Responder` each, or ARNs of persons that exist. A
    `Responder` is called by its name here, and what exists by its alias."""
    time_zone: str
    """Time zone of IANA, such as `Europe/Dublin`, by which hand-offs are meant."""
    rotations: NotRequired[Mapping[str, TurnsArgs] | None]
    """At most 8 rotations by name, all of them in force. By default `weekly`, in which all people
    take turns, from Monday at 09:00."""
    gaps: NotRequired[bool | None]
    """Let there be times without anybody on call; by default such rotations are refused."""
    escalation: NotRequired[Sequence[EscalationArgs] | None]
    """The stages in order. By default `on_call` at once, and `everybody` after 10 minutes."""
    behind: NotRequired[Responder | OnCall | pulumi.Input[str | None]]
    """Who is engaged last, 10 minutes after the last stage: as one in a stage."""
    display_name: NotRequired[pulumi.Input[str | None]]
    """Name for people, at most 255 letters, digits, spaces, `_`, `.` and `-`."""
    alias: NotRequired[pulumi.Input[str | None]]
    """Alias of the escalation plan, 1-255 lower-case letters, digits, `-` and `_`; by default that
    of the component, and seven characters. Another alias is another contact."""
    adopt_existing: NotRequired[bool | None]
    """Take over contacts of the given aliases that exist; by default that is refused."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of all that is made."""


class OnCall(Component):
    """A team on call: people, rotations, their schedule, and the escalation plan over it."""

    arn: pulumi.Output[str]
    """ARN of the escalation plan: what `engagements` takes."""
    schedule_arn: pulumi.Output[str]
    """ARN of the schedule, which is whoever has the shift."""
    rotation_arns: pulumi.Output[Mapping[str, str]]
    """ARNs of the rotations, by name: what a `RotationOverride` takes."""
    people_arns: pulumi.Output[Sequence[str]]
    """ARNs of the people, in their order."""

    def __init__(
        self,
        name: str,
        args: OnCallArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("incidents:index:OnCall", name, opts)
        found = look_at(OnCallArgs, args)
        given = self._taken(found, found.beyond(_team.team_mistakes))
        self._child = pulumi.ResourceOptions(parent=self)
        people = [self._person(name, person, given) for person in given["people"]]
        rotations = {
            key: self._rotation(f"{name}-{key}", turns, given, people)
            for key, turns in _team.rotations(given).items()
        }
        schedule = self._contact(
            f"{name}-schedule",
            SCHEDULE,
            {"rotation_ids": [rotation.arn for rotation in rotations.values()]},
            given,
        )
        plan = stages(
            [self._step(each, given, people, schedule.arn) for each in _team.steps(given)]
        )
        escalation = self._contact(name, ESCALATION, {"stages": plan}, given)
        self.arn, self.schedule_arn = escalation.arn, schedule.arn
        arns: list[pulumi.Output[Any]] = [
            pulumi.Output.from_input({key: rotation.arn for key, rotation in rotations.items()}),
            pulumi.Output.all(*people),
        ]
        self.rotation_arns, self.people_arns = arns
        told = OnCall.__annotations__
        self.register_outputs({output: getattr(self, output) for output in told})

    def _person(self, name: str, person: Any, args: OnCallArgs) -> pulumi.Output[str]:
        if isinstance(person, Responder):
            return person.arn
        if not isinstance(person, Mapping):
            return pulumi.Output.from_input(person)
        inputs: Any = {key: value for key, value in person.items() if key != "name"}
        for key in ("adopt_existing", "tags"):
            if inputs.get(key) is None:
                inputs[key] = args.get(key)
        return Responder(f"{name}-{person['name']}", inputs, self._child).arn

    def _rotation(
        self,
        name: str,
        turns: TurnsArgs,
        args: OnCallArgs,
        people: Sequence[pulumi.Output[str]],
    ) -> Rotation:
        places = _members.chosen(turns.get("people"), args["people"])
        return Rotation(
            name,
            self._child,
            contact_ids=[people[place] for place in places],
            time_zone_id=turns.get("time_zone") or args["time_zone"],
            recurrence=recurrence(turns),
            start_time=turns.get("start"),
            tags=args.get("tags"),
        )

    def _contact(self, name: str, kind: Any, plan: PlanArgs, args: OnCallArgs) -> Contact:
        short, child = fitted(self, name, "contact")
        ending = kind == SCHEDULE
        return Contact(
            short,
            child,
            type=kind,
            alias=_ended(args.get("alias"), "-schedule" if ending else ""),
            display_name=_ended(args.get("display_name"), " schedule" if ending else ""),
            plan=plan,
            adopt_existing=args.get("adopt_existing"),
            tags=args.get("tags"),
        )

    def _step(
        self,
        stage: EscalationArgs,
        args: OnCallArgs,
        people: Sequence[pulumi.Output[str]],
        schedule: pulumi.Output[str],
    ) -> Step:
        essential = stage.get("essential") is not False
        engaged = (
            arn for each in stage["engage"] for arn in self._engaged(each, args, people, schedule)
        )
        targets: list[TargetArgs] = [
            {"contact_target_info": {"contact_id": arn, "is_essential": essential}}
            for arn in dict.fromkeys(engaged)  # each once, as in everybody and one of them
        ]
        return Step(stage["after_minutes"], targets)

    def _engaged(
        self,
        each: Any,
        args: OnCallArgs,
        people: Sequence[pulumi.Output[str]],
        schedule: pulumi.Output[str],
    ) -> Sequence[pulumi.Input[str]]:
        """Return whom one entry of a stage means."""
        if isinstance(each, OnCall):
            return [each.schedule_arn]
        if each == _members.ON_CALL:
            return [schedule]
        meant = _members.meant(each, args["people"])
        if meant:
            return [people[index] for index in meant]
        return [each.arn if isinstance(each, Responder) else each]


def _ended(name: pulumi.Input[str | None], ending: str) -> pulumi.Input[str | None]:
    """Return a name with something at its end, if there is a name."""
    if not ending or name is None:
        return name
    given: pulumi.Output[str | None] = pulumi.Output.from_input(cast("Any", name))
    return given.apply(lambda known: f"{known}{ending}" if known else None)
