"""Reads incidents that are open."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor.scope import Scope


class Incidents(NamedTuple):
    """What is known of incidents that are open."""


def read(account: Account, scope: Scope) -> Incidents:
    """Read incidents that are open."""
    del account, scope
    return Incidents()
