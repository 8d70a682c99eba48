"""Reads all that checks look at, subjects side by side, and runs the checks over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._plans import Plan, listed, look_up
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts, UnreadError
from pulumi_incidents.commands.doctor.reading import (
    alarms,
    drift,
    drills,
    incidents,
    pagerduty,
    quotas,
    replication,
    rules,
    runbooks,
    team,
    topics,
)
from pulumi_incidents.commands.doctor.results import Result
from pulumi_incidents.commands.doctor.scope import Scope

_READERS: Mapping[str, Callable[[Account, Scope], Any]] = {
    "team": team.read,
    "replication": replication.read,
    "topics": topics.read,
    "runbooks": runbooks.read,
    "pagerduty": pagerduty.read,
    "alarms": alarms.read,
    "rules": rules.read,
    "drift": drift.read,
    "drills": drills.read,
    "incidents": incidents.read,
    "quotas": quotas.read,
}


def scope(
    account: Account,
    arns: Iterable[str] | None,
    now: datetime,
    declared: Mapping[str, Any] | None = None,
) -> Scope:
    """Return what is to be looked at: the plans with these ARNs, or with None everything.

    :raises IncidentManagerError: one sentence, if it is not known whose account this is, or which
        plans there are.
    """
    named = listed(account) if arns is None else arns
    found = look_up(account, named)
    return Scope(
        now=now,
        account=account.id,
        region=account.region,
        partition=account.partition,
        is_everything=arns is None,
        plans=tuple(each for each in found.values() if isinstance(each, Plan)),
        lost={arn: each for arn, each in found.items() if not isinstance(each, Plan)},
        declared=declared or {},
    )


def read(account: Account, scope: Scope, checks: Iterable[Check] | None = None) -> Facts:
    """Read all that checks look at, subjects side by side; without checks, what any looks at.

    What some checks look at is what they ask for when they are tried: they are pure.
    """
    found: dict[str, Any] = {}
    lacking = {*_READERS} if checks is None else _lacking(checks, Facts.partly(scope, found))
    while lacking:
        found |= account.each(lambda name: _READERS[name](account, scope), lacking)
        lacking = _lacking(checks or (), Facts.partly(scope, found))
    return Facts.partly(scope, found)


def _lacking(checks: Iterable[Check], facts: Facts) -> set[str]:
    """Return what is to be read before these checks can go on."""
    return {name for name in (_unread(check, facts) for check in checks) if name}


def _unread(check: Check, facts: Facts) -> str:
    """Return the first thing that a check looks at and that is not read; empty if there is none."""
    try:
        [*check.look(facts)]
    except UnreadError as error:
        return str(error)
    return ""


def look(checks: Iterable[Check], facts: Facts) -> dict[Check, list[Result]]:
    """Return what each check finds."""
    return {check: [*check.look(facts)] for check in checks}
