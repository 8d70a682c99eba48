"""Checks of whether plans reach somebody, when first and when last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import wraps

from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Level, NotSeen, Result
from pulumi_incidents.oncall import reach
from pulumi_incidents.oncall.reach import Unreached

FIRST_PAGE = timedelta(minutes=5)
"""How long after the start the first page is sent at the latest."""
LAST_PAGE = timedelta(minutes=60)
"""How long after the start the last page is sent at the latest, if nobody answers."""

_MINUTE = timedelta(minutes=1)
_Look = Callable[[Facts, Plan], Iterator[Finding]]


def _each_plan(
    is_meant: Callable[[Facts, Plan], bool], enough: timedelta | None
) -> Callable[[_Look], Callable[[Facts], Iterator[Result]]]:
    """Look at each plan that is meant.

    What was not seen counts as somebody who is paged at once, so what is found is so nevertheless.
    Where nothing is found it does not matter if those who were seen are always paged within
    `enough`; with None it always does.
    """

    def of(look: _Look) -> Callable[[Facts], Iterator[Result]]:
        @wraps(look)
        def looked(facts: Facts) -> Iterator[Result]:
            for plan in (each for each in facts.plans if is_meant(facts, each)):
                found = [*look(facts, plan)]
                unseen = reach.unseen(facts.team, plan.engagements)
                if unseen and not found and not _is_certain(facts, plan, enough):
                    yield NotSeen(plan.arn, next(iter(unseen.values())))
                else:
                    yield from ways.told_of(found, plan.arn)

        return looked

    return of


def _engages(facts: Facts, plan: Plan) -> bool:
    del facts
    return bool(plan.engagements)


def _pages(facts: Facts, plan: Plan) -> bool:
    """Tell whether a plan may page anybody at all: if not, that alone is told of it."""
    window = (facts.now, facts.until)
    return reach.unreached(facts.team, plan.engagements, *window) != [window]


def _is_certain(facts: Facts, plan: Plan, enough: timedelta | None) -> bool:
    """Tell whether those who were seen are enough."""
    seen = replace(facts.team, unseen={})
    window = (facts.now, facts.until)
    return enough is not None and not reach.unreached(seen, plan.engagements, *window, enough)


@_each_plan(_engages, timedelta.max)
def _always(facts: Facts, plan: Plan) -> Iterator[Finding]:
    """Whether an incident pages somebody whenever it starts in the next 90 days.

    Looked at is everything that the engagements of a response plan lead to: escalation plans,
    schedules with their shifts and overrides, people's stages and channels, by
    `ssm-contacts:GetContact`, `ssm-contacts:ListContactChannels`, `ssm-contacts:GetRotation` and
    `ssm-contacts:ListRotationOverrides`. A start counts if at least one page is sent from it, at
    once or by a later stage, though nobody answers. It is computed, not sampled: one minute without
    anybody is found.

    `person-paged`, `stage-reaches` and `schedule-gaps` say what is missing. Let a last stage engage
    somebody who is not on call by turns, and no gap of a schedule leaves an incident to nobody.

    *Unverified*: how AWS computes shifts, as no document says it.
    """
    found = reach.unreached(facts.team, plan.engagements, facts.now, facts.until)
    if found:
        yield Finding(
            plan.arn,
            f"Nobody is paged if an incident starts {_when(facts, plan, found)}.",
            "Let it engage somebody at that time who has an activated channel in a stage, such as "
            "a person in the last stage of the escalation plan.",
        )


@_each_plan(_pages, FIRST_PAGE)
def _first(facts: Facts, plan: Plan) -> Iterator[Finding]:
    """Whether the first page is sent within five minutes, whenever an incident starts.

    Looked at is what `plan-reaches` looks at. The minutes of stages without targets, of stages that
    reach nobody, and of a person's own first stages add up before anybody hears of the incident.
    Starts from which nobody is paged at all are told by `plan-reaches` alone.

    Engage somebody in the first stage who has an activated channel in the own first stage, and
    take pauses out before it.
    """
    found = reach.late(facts.team, plan.engagements, facts.now, facts.until, FIRST_PAGE)
    if found:
        yield Finding(
            plan.arn,
            f"Nobody is paged in the first {FIRST_PAGE // _MINUTE} minutes of an incident that "
            f"starts {_when(facts, plan, found)}.",
            "Engage somebody at once who has an activated channel in the own first stage.",
        )


@_each_plan(_pages, None)
def _last(facts: Facts, plan: Plan) -> Iterator[Finding]:
    """Whether the last page is sent within an hour, if nobody answers.

    Looked at is what `plan-reaches` looks at: the minutes of all stages to the last page that an
    engagement of the plan may send, of whoever is on call. Until then somebody who would answer may
    still be asleep, and an hour is long for an outage that nobody works on.

    Shorten the stages, or engage more people at the same time.
    """
    longest = max(reach.last_stage(facts.team, arn) for arn in plan.engagements)
    if longest > LAST_PAGE:
        yield Finding(
            plan.arn,
            f"If nobody answers, the last page is sent {longest // _MINUTE} minutes after the "
            "start.",
            f"Shorten the stages, so that it is sent within {LAST_PAGE // _MINUTE} minutes.",
        )


def _when(facts: Facts, plan: Plan, found: Sequence[Unreached]) -> str:
    arns = reach.reachable(facts.team, plan.engagements)
    rotations = [facts.team.rotations[arn] for arn in arns if arn in facts.team.rotations]
    return ways.times(facts, found, rotations)


CHECKS = (
    Check(
        "plan-reaches",
        Level.ERROR,
        "An incident of every response plan pages somebody, whenever it starts",
        "Where it pages nobody, nobody knows of it.",
        _always,
    ),
    Check(
        "plan-first-page",
        Level.WARNING,
        f"The first page is sent within {FIRST_PAGE // _MINUTE} minutes",
        "Until then nobody knows of the incident.",
        _first,
    ),
    Check(
        "plan-last-page",
        Level.WARNING,
        f"The last page is sent within {LAST_PAGE // _MINUTE} minutes if nobody answers",
        "Until then somebody who would answer may not have been woken.",
        _last,
    ),
)
