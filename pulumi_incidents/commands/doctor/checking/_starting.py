"""What checks of alarms and of rules share: which plans are looked at, and times in words; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.alarms import Alarm
from pulumi_incidents.commands.doctor.reading.rules import Rule
from pulumi_incidents.commands.doctor.results import Finding, Fine, NotSeen, Result

LONG = timedelta(days=1)
"""How long an alarm or an incident is in a state before it is worth knowing."""


def concerned(facts: Facts, plans: Iterable[str]) -> bool:
    """Tell whether one of these plans is looked at: all are, where the whole account is."""
    return facts.is_everything or not _looked_at(facts).isdisjoint(plans)


def _looked_at(facts: Facts) -> set[str]:
    """Return the ARNs of the plans that were read, and of those that could not be."""
    return {*(plan.arn for plan in facts.plans), *facts.lost}


def _missing(facts: Facts, plan: str) -> str:
    """Return why a plan that is named cannot be started: a sentence's end; empty if it can.

    A plan that nobody asked about and nobody listed is not looked at.
    """
    if ways.owner(plan) != facts.account:
        return "is of another account"
    gone = plan in facts.lost and facts.lost[plan] is None
    unlisted = facts.is_everything and plan not in _looked_at(facts)
    return "does not exist" if gone or unlisted else ""


def plans_there(facts: Facts, each: Alarm | Rule, kind: str, mend: str) -> Iterator[Result]:
    """Yield each plan that an alarm or a rule starts and that is not there; else it is fine.

    A plan that is listed is there, even if it may not be read.
    """
    faults = {plan: why for plan in each.plans if (why := _missing(facts, plan))}
    for plan, why in faults.items():
        seen = f"The {kind} {each.name} starts the response plan {plan}, which {why}."
        yield Finding(each.arn, seen, mend, plans=each.plans)
    unread = [found for plan in each.plans if (found := facts.lost.get(plan))]
    if unread and not faults and not facts.is_everything:
        yield NotSeen(each.arn, unread[0].why, each.plans)
    elif not faults:
        yield Fine(each.arn, each.plans)


def told(duration: timedelta) -> str:
    """Return a duration as people say it, in its largest unit."""
    minutes = int(duration.total_seconds() // 60)
    for unit, length in (("day", 1440), ("hour", 60)):
        if minutes >= length:
            return _counted(minutes // length, unit)
    return _counted(minutes, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
