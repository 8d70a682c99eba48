"""Reads everybody who may be paged."""

from __future__ import annotations

from dataclasses import replace

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.oncall.team import Team
from pulumi_incidents.providers._errors import IncidentManagerError

EVERYBODY = "everybody"
"""What stands in `Team.unseen` for those whom no plan leads to, if they cannot be listed."""


def read(account: Account, scope: Scope) -> Team:
    """Read whom the plans lead to, or everybody of the account, with overrides of the range."""
    if scope.is_everything:
        try:
            return read_team(account, None, scope.now, scope.until)
        except IncidentManagerError as error:
            found = _engaged(account, scope)
            return replace(found, unseen={**found.unseen, EVERYBODY: str(error)})
    return _engaged(account, scope)


def _engaged(account: Account, scope: Scope) -> Team:
    engaged = [arn for plan in scope.plans for arn in plan.engagements]
    return read_team(account, engaged, scope.now, scope.until)
