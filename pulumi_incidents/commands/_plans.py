"""Response plans of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen


class Plan(NamedTuple):
    """A response plan, as GetResponsePlan answers it."""

    arn: str
    name: str
    display_name: str
    """As people read it: the display name, or the name where there is none."""
    engagements: tuple[str, ...]
    """ARNs of the contacts that an incident engages."""
    answer: Mapping[str, Any]
    """All that GetResponsePlan answered."""


def plan_of(answer: Mapping[str, Any]) -> Plan:
    """Return a plan as GetResponsePlan answers it."""
    name = answer["name"]
    engagements = tuple(answer.get("engagements") or ())
    return Plan(answer["arn"], name, answer.get("displayName") or name, engagements, answer)


def look_up(account: Account, arns: Iterable[str]) -> dict[str, Plan | Unseen | None]:
    """Return plans by their ARNs; None for what does not exist."""

    def read(arn: str) -> Plan | Unseen | None:
        found = account.ask("ssm-incidents", "GetResponsePlan", arn, arn=arn)
        return plan_of(found) if isinstance(found, Mapping) else found

    return account.each(read, arns)
