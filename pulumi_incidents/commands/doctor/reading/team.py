"""Reads everybody who may be paged."""

from __future__ import annotations

from datetime import timedelta

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.oncall.team import Team

EVERYBODY = "everybody"
"""What stands in `Team.unseen` for those whom no plan leads to, if they cannot be listed."""

_STAGES = timedelta(days=1)
"""How long after a start its stages may still ask who is on call."""


def read(account: Account, scope: Scope) -> Team:
    """Read whom the plans lead to, or everybody of the account, with overrides of the range."""
    window = (scope.now, scope.until + _STAGES)
    engaged = [arn for plan in scope.plans for arn in plan.engagements]
    if not scope.is_everything:
        return read_team(account, engaged, *window)
    try:
        listed = read_team(account, None, *window)
    except IncidentManagerError as error:
        listed = Team(unseen={EVERYBODY: str(error)})
    # Who is not listed may be there all the same: a contact that another account does not share.
    others = read_team(account, [arn for arn in engaged if arn not in listed.contacts], *window)
    return Team(
        {**listed.contacts, **others.contacts},
        {**listed.channels, **others.channels},
        {**listed.rotations, **others.rotations},
        {**listed.unseen, **others.unseen},
    )
