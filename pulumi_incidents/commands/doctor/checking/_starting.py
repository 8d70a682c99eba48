"""What checks of alarms and of rules share: which plans are looked at, and times in words; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pulumi_incidents.commands.doctor.facts import Facts

_ARN_ACCOUNT = 4
LONG = timedelta(days=1)
"""How long an alarm or an incident is in a state before it is worth knowing."""


def concerned(facts: Facts, plans: Iterable[str]) -> bool:
    """Tell whether one of these plans is looked at: all are, where the whole account is."""
    return facts.is_everything or any(plan in known(facts) or plan in facts.lost for plan in plans)


def known(facts: Facts) -> set[str]:
    """Return the ARNs of the plans that were read."""
    return {plan.arn for plan in facts.plans}


def missing(facts: Facts, plan: str) -> str:
    """Return why a plan that is named cannot be started: a sentence's end; empty if it can.

    A plan that nobody asked about and nobody listed is not looked at.
    """
    if plan.split(":")[_ARN_ACCOUNT] != facts.account:
        return "is of another account"
    gone = plan in facts.lost and facts.lost[plan] is None
    unlisted = facts.is_everything and plan not in known(facts) and plan not in facts.lost
    return "does not exist" if gone or unlisted else ""


def told(duration: timedelta) -> str:
    """Return a duration as people say it, in its largest unit."""
    minutes = int(duration.total_seconds() // 60)
    for unit, length in (("day", 1440), ("hour", 60)):
        if minutes >= length:
            return _counted(minutes // length, unit)
    return _counted(minutes, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
