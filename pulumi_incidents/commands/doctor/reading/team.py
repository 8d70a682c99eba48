"""Reads everybody who may be paged."""

from __future__ import annotations

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.oncall.team import Team


def read(account: Account, scope: Scope) -> Team:
    """Read whom the plans lead to, or everybody of the account, with overrides of the range."""
    engaged = [arn for plan in scope.plans for arn in plan.engagements]
    roots = None if scope.is_everything else engaged
    return read_team(account, roots, scope.now, scope.until)
