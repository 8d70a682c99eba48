"""Reads incidents: when each began, of which plan, and what an open one would take in."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands.doctor.scope import Scope

_SERVICE = "ssm-incidents"
_OPEN = "OPEN"
LONG = timedelta(days=1)
"""How long an incident is open before it is one that was forgotten."""


class Incident(NamedTuple):
    """An incident, as ListIncidentRecords answers it."""

    arn: str
    title: str
    created: datetime
    is_open: bool
    impact: int
    trigger: str = ""
    """The ARN of the alarm or rule that started it, if one did."""

    @property
    def plan(self) -> str:
        """The ARN of its response plan, which may be gone."""
        home, _, named = self.arn.partition(":incident-record/")
        return f"{home}:response-plan/{named.partition('/')[0]}"


class Incidents(NamedTuple):
    """What is known of the incidents of an account."""

    found: tuple[Incident, ...] | Unseen = ()
    """All of them, the newest first."""
    dedupe: Mapping[str, str | Unseen] = {}
    """Dedupe strings of those that have been open for long, by ARN; empty if it has none."""


def read(account: Account, scope: Scope) -> Incidents:
    """Read all incidents, and of those that have been open for long their dedupe strings."""
    found = listed(account)
    if isinstance(found, Unseen) or not any(map(dedupe_string, scope.plans)):
        return Incidents(found)
    forgotten = [each.arn for each in found if is_forgotten(each, scope.now)]
    records = account.each(functools.partial(record, account), forgotten)
    dedupe = {
        arn: each if isinstance(each, Unseen) else str(each.get("dedupeString") or "")
        for arn, each in records.items()
        if each is not None
    }
    return Incidents(found, dedupe)


def listed(account: Account) -> tuple[Incident, ...] | Unseen:
    """Return all incidents, the newest first; whoever asks again gets the same answer."""
    subject = "the incidents"
    found = account.pages(_SERVICE, "ListIncidentRecords", "incidentRecordSummaries", subject)
    if isinstance(found, Unseen):
        return found
    incidents = map(_incident, found or ())
    return tuple(sorted(incidents, key=lambda each: each.created, reverse=True))


def record(account: Account, arn: str) -> dict[str, Any] | Unseen | None:
    """Return the record of an incident; None if it is gone."""
    answer = account.ask(_SERVICE, "GetIncidentRecord", arn, arn=arn)
    if answer is None or isinstance(answer, Unseen):
        return answer
    found: dict[str, Any] = answer["incidentRecord"]
    return found


def is_forgotten(incident: Incident, now: datetime) -> bool:
    """Tell whether an incident has been open for long."""
    return incident.is_open and now - incident.created >= LONG


def dedupe_string(plan: Any) -> str:
    """Return the dedupe string of a response plan; empty if it has none."""
    return str(plan.answer["incidentTemplate"].get("dedupeString") or "")


def _incident(answer: Mapping[str, Any]) -> Incident:
    source = answer.get("incidentRecordSource") or {}
    return Incident(
        answer["arn"],
        answer["title"],
        answer["creationTime"],
        answer["status"] == _OPEN,
        answer["impact"],
        source.get("resourceArn") or "" if source.get("invokedBy") else "",
    )
