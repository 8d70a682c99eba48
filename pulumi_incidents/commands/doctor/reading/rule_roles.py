"""Reads the roles with which rules of EventBridge start response plans.

Follows *Amazon EventBridge targets*, *Permissions*, in the EventBridge user guide, and *Required
IAM permissions for manually starting incidents* in that of Incident Manager.
"""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands.doctor.reading import roles
from pulumi_incidents.commands.doctor.reading.roles import Right, Role
from pulumi_incidents.commands.doctor.scope import Scope

_INCIDENTS = "ssm-incidents.amazonaws.com"
_VIA = tuple((f"aws:CalledVia{which}", _INCIDENTS) for which in ("", "First", "Last"))


def rights(scope: Scope, plan: str) -> tuple[Right, ...]:
    """Return what the start of a plan takes of its caller.

    Incident Manager engages contacts and opens the OpsItem in forward access sessions. That an
    EventBridge rule's role needs them, too, is unverified.
    """
    engaged = next((each.engagements for each in scope.plans if each.arn == plan), ())
    return (
        Right("ssm-incidents:StartIncident", plan),
        *(Right("ssm-contacts:StartEngagement", contact, _VIA) for contact in engaged),
        Right("ssm:CreateOpsItem", "*", _VIA),
    )


def read(
    account: Account, scope: Scope, region: str, starts: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Role | Unseen | None]:
    """Read the role of each of some targets, which are pairs of a plan and the role's ARN."""
    return account.each(
        lambda start: roles.read(account, start[1], rights(scope, start[0]), scope.now, region),
        starts,
    )
