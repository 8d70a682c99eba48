"""Checks of escalation plans: whom their stages reach, and whether that is anybody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Level, NotSeen, Result
from pulumi_incidents.oncall import calendar, reach
from pulumi_incidents.oncall.team import ESCALATION, SCHEDULE, Contact, Rotation, Stage


def _reach(facts: Facts) -> Iterator[Result]:
    """Whether every stage of an escalation plan may reach somebody.

    Looked at are the stages of each escalation plan that have targets, and whom these lead to in
    the next 90 days, by what `plan-reaches` reads. A stage reaches nobody if all that it engages is
    gone, has no activated channel in a stage, or is a schedule in which nobody with one is ever on
    call. AWS waits out the minutes of such a stage all the same. A stage without targets is a
    pause, and is not looked at; a plan without stages engages nobody.

    Give people of the stage an activated channel, put others into it, or take the stage out.
    """
    for contact, plans in ways.of_type(facts, ESCALATION):
        found = [*_empty(facts, contact)]
        unseen = reach.unseen(facts.team, [contact.arn])
        seen_alone = Facts.partly(facts, {"team": replace(facts.team, unseen={})})
        if not found and unseen and [*_empty(seen_alone, contact)]:
            yield NotSeen(contact.arn, next(iter(unseen.values())), plans)
        else:
            yield from ways.told_of(found, contact.arn, plans)


def _empty(facts: Facts, contact: Contact) -> Iterator[Finding]:
    if not any(stage.targets for stage in contact.stages):
        seen = f"No stage of {contact.name} engages anybody."
        yield Finding(contact.arn, seen, "Give it a stage that does.")
        return
    window = (facts.now, facts.until)
    for number, stage in enumerate(contact.stages, 1):
        targets = [target.arn for target in stage.targets]
        if targets and reach.unreached(facts.team, targets, *window) == [window]:
            names = " and ".join(map(facts.team.called, targets))
            yield Finding(
                contact.arn,
                f"Stage {number} of {contact.name} reaches nobody: it engages {names}.",
                "Give one of these an activated channel in a stage, engage somebody else, or take "
                "the stage out.",
            )


class _Pair(NamedTuple):
    """Two schedules of an escalation plan, of stages of these numbers."""

    stage: int
    first: Contact
    later: int
    second: Contact


def _others(facts: Facts) -> Iterator[Result]:
    """Whether the second schedule of an escalation plan has somebody else on call than the first.

    Looked at are every two different schedules in two stages of an escalation plan, with their
    shifts and overrides of the next 90 days, by what `schedule-gaps` reads. While everybody who is
    on call in the later one is on call in the earlier one, too, the primary is the secondary: if
    that person sleeps, the later stage wakes nobody else. One schedule in two stages rings the same
    people twice, and is meant.

    Let the members of the two begin their turns in different order, or put somebody else on call by
    an override.
    """
    for contact, plans in ways.of_type(facts, ESCALATION):
        pairs = [*_pairs(facts, contact)]
        schedules = [each for pair in pairs for each in (pair.first, pair.second)]
        whys = (ways.unseen_rotation(facts.team, each) for each in schedules)
        if why := next(filter(None, whys), ""):
            yield NotSeen(contact.arn, why, plans)
        elif pairs:
            found = [each for pair in pairs for each in _same(facts, contact, pair)]
            yield from ways.told_of(found, contact.arn, plans)


def _pairs(facts: Facts, contact: Contact) -> Iterator[_Pair]:
    numbered = enumerate(contact.stages, 1)
    for (number, stage), (later, second) in combinations(numbered, 2):
        for first in _schedules(facts, stage):
            others = (each for each in _schedules(facts, second) if each != first)
            yield from (_Pair(number, first, later, other) for other in others)


def _schedules(facts: Facts, stage: Stage) -> list[Contact]:
    found = (facts.team.contacts.get(target.arn) for target in stage.targets)
    return [contact for contact in found if contact and contact.type == SCHEDULE]


def _same(facts: Facts, contact: Contact, pair: _Pair) -> Iterator[Finding]:
    first = ways.rotations(facts.team, pair.first)
    second = ways.rotations(facts.team, pair.second)
    spans = calendar.spans([*first, *second], facts.now, facts.until)
    later = [(span, _people(span, second)) for span in spans]
    found = [(span, who) for span, who in later if who and who <= _people(span, first)]
    if found:
        names = sorted({facts.team.called(each) for _, who in found for each in who})
        together = [span for span, _ in found]
        yield Finding(
            contact.arn,
            f"Whoever is on call in {pair.second.name}, of stage {pair.later} of {contact.name}, "
            f"is on call in {pair.first.name}, of stage {pair.stage}, as well "
            f"({' or '.join(names)}), {ways.times(facts, together, [*first, *second])}.",
            "Let the turns of one of the two begin with somebody else, or put somebody else on "
            "call by an override.",
        )


def _people(span: calendar.Span, rotations: Sequence[Rotation]) -> set[str]:
    """Return who is on call in some of the rotations of a span."""
    arns = {rotation.arn for rotation in rotations}
    return {person for arn, members in span.on_call if arn in arns for person in members}


CHECKS = (
    Check(
        "stage-reaches",
        Level.WARNING,
        "Every stage of an escalation plan that engages anybody may reach somebody",
        "AWS waits out the minutes of a stage that reaches nobody, and nobody hears anything.",
        _reach,
    ),
    Check(
        "escalation-secondary",
        Level.WARNING,
        "The second schedule of an escalation plan has somebody else on call than the first",
        "If the primary sleeps and is the secondary as well, the later stage wakes nobody else.",
        _others,
    ),
)
