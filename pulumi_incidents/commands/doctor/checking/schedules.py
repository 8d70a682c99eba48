"""Checks of on-call schedules, their rotations and overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps

from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Level, NotSeen, Result
from pulumi_incidents.oncall import calendar
from pulumi_incidents.oncall.team import SCHEDULE, Contact, Rotation

_Look = Callable[[Facts, Contact, Sequence[Rotation]], Iterator[Finding]]


def _each_schedule(look: _Look) -> Callable[[Facts], Iterator[Result]]:
    """Look at each schedule, unless one of its rotations could not be seen."""

    @wraps(look)
    def looked(facts: Facts) -> Iterator[Result]:
        for schedule, matters in ways.of_type(facts, SCHEDULE):
            if why := ways.unseen_rotation(facts.team, schedule):
                yield NotSeen(schedule.arn, why, matters)
            else:
                rotations = ways.rotations(facts.team, schedule)
                found = look(facts, schedule, rotations)
                yield from ways.told_of(found, schedule.arn, matters)

    return looked


@_each_schedule
def _covered(facts: Facts, schedule: Contact, rotations: Sequence[Rotation]) -> Iterator[Finding]:
    """Whether somebody is on call at any time of the next 90 days.

    Looked at are the shifts of each on-call schedule, with overrides, by
    `ssm-contacts:GetContact`, `ssm-contacts:GetRotation` (with `--all`
    `ssm-contacts:ListRotations`) and `ssm-contacts:ListRotationOverrides`. A schedule pages whoever
    is on call when its stage begins, and in a gap nobody. Gaps come of hours that do not meet, also
    where two time zones change their clocks on different days, of a rotation that has not begun,
    and of an override that names nobody.

    Cover the gap by the hours of a rotation or by another rotation: hours that end at 23:59 leave a
    minute, and those until midnight end at 00:00. An override changes who is on call in a shift,
    and makes none where there is none: it covers a gap that another override has made, and no
    other. Where a gap is meant, let a later stage of the escalation plan engage somebody, and
    ignore the finding with that as the reason.

    *Unverified*: how AWS computes shifts, as no document says it. `pulumi-incidents rota` compares
    them with AWS's own on request.
    """
    if not rotations:
        seen = f"The schedule {schedule.name} has no rotations, so that nobody is ever on call."
        yield Finding(schedule.arn, seen, "Give it a rotation.")
    elif gaps := calendar.gaps(rotations, facts.now, facts.until):
        yield Finding(
            schedule.arn,
            f"Nobody is on call in {schedule.name} {ways.times(facts, gaps, rotations)}.",
            "Cover that time by the hours of a rotation, or by another rotation; where an override "
            "put nobody on call, delete that.",
        )


@_each_schedule
def _single(facts: Facts, schedule: Contact, rotations: Sequence[Rotation]) -> Iterator[Finding]:
    """Whether nobody is on call in two rotations of a schedule at once.

    Looked at are the shifts of the rotations of each on-call schedule in the next 90 days, with
    overrides, by what `schedule-gaps` reads. Rotations side by side are there to have several
    people on call; a person who is in two of them is paged once, and one person less than the
    schedule says is on call.

    Change the members of one rotation or their order, or put somebody else on call by an override.
    """
    found: dict[str, list[calendar.Double]] = {}
    for double in calendar.doubles(rotations, facts.now, facts.until):
        found.setdefault(double.person, []).append(double)
    for person, doubles in found.items():
        names = " and ".join(facts.team.called(arn) for arn in doubles[0].rotations)
        yield Finding(
            schedule.arn,
            f"{facts.team.called(person)} is on call in {names} of {schedule.name} at once, "
            f"{ways.times(facts, doubles, rotations)}.",
            "Change the members of one of these rotations, or put somebody else on call by an "
            "override.",
        )


@_each_schedule
def _several(facts: Facts, schedule: Contact, rotations: Sequence[Rotation]) -> Iterator[Finding]:
    """Whether more than one person takes turns in a schedule.

    Looked at are the members of the rotations of each on-call schedule, by what `schedule-gaps`
    reads. Who is alone in it is always on call: nobody takes over for a holiday, and an override
    has nobody else to name, as it takes members of the rotation alone.

    Take somebody else into a rotation.
    """
    members = {member for rotation in rotations for member in rotation.members}
    if len(members) == 1:
        name = facts.team.called(members.pop())
        seen = f"{name} is the only one who is ever on call in {schedule.name}."
        yield Finding(schedule.arn, seen, "Take somebody else into one of its rotations.")


def _overrides(facts: Facts) -> Iterator[Result]:
    """Whether overrides of the next 90 days name people of the rotation, and as many as it wants.

    Looked at are the overrides that `ssm-contacts:ListRotationOverrides` answers for each rotation,
    with its members. An override stays when its people leave the rotation, which AWS says of edited
    schedules (guide, *Working with on-call schedules*): whoever left is still on call then. An
    override that puts fewer people on call than the rotation has at once is a note.

    Delete the override with `aws ssm-contacts delete-rotation-override`, and make another one with
    people who are in the rotation.
    """
    plans = ways.leading(facts)
    for rotation in facts.team.rotations.values():
        matters = plans.get(rotation.arn, ())
        yield from ways.told_of(_overridden(facts, rotation), rotation.arn, matters)
    named = [arn for schedule, _ in ways.of_type(facts, SCHEDULE) for arn in schedule.rotations]
    for arn in dict.fromkeys(named):
        if why := facts.team.unseen.get(arn):
            yield NotSeen(arn, why, plans.get(arn, ()))


def _overridden(facts: Facts, rotation: Rotation) -> Iterator[Finding]:
    for override in rotation.overrides:
        when = ways.ranged(facts, override.start, override.end, ways.zone_of(rotation))
        subject = f"An override puts {_named(facts, override.members)} on call in {rotation.name}"
        mend = (
            f"Delete it with `aws ssm-contacts delete-rotation-override --rotation-id "
            f"{rotation.arn} --rotation-override-id {override.id}`, and make another one."
        )
        left = [each for each in override.members if each not in rotation.members]
        wanted = min(rotation.recurrence["NumberOfOnCalls"], len(rotation.members))
        if left:
            words = "is" if len(left) == 1 else "are"
            seen = f"{subject} {when}, and {_named(facts, left)} {words} not in the rotation."
            yield Finding(rotation.arn, seen, mend)
        elif len(override.members) < wanted:
            are = "is" if wanted == 1 else "are"
            seen = f"{subject} {when}, where {wanted} {are} on call otherwise."
            yield Finding(rotation.arn, seen, mend, Level.NOTE)


def _named(facts: Facts, people: Sequence[str]) -> str:
    return " and ".join(map(facts.team.called, people)) or "nobody"


CHECKS = (
    Check(
        "schedule-gaps",
        Level.WARNING,
        "Somebody is on call in every schedule at any time of the next 90 days",
        "In a gap a schedule pages nobody, and AWS goes on to the next stage, if there is one.",
        _covered,
    ),
    Check(
        "schedule-doubles",
        Level.WARNING,
        "Nobody is on call in two rotations of a schedule at once",
        "One person less is on call than the schedule says.",
        _single,
    ),
    Check(
        "schedule-people",
        Level.WARNING,
        "More than one person takes turns in every schedule",
        "Whoever is alone is always on call, and nobody takes over.",
        _several,
    ),
    Check(
        "override-people",
        Level.WARNING,
        "Overrides name people who are in the rotation",
        "Whoever has left a rotation is still on call by an override, and may not know of it.",
        _overrides,
    ),
)
