"""Reads topics that incidents tell, with their keys and subscriptions."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor.scope import Scope


class Topics(NamedTuple):
    """What is known of topics that incidents tell, with their keys and subscriptions."""


def read(account: Account, scope: Scope) -> Topics:
    """Read topics that incidents tell, with their keys and subscriptions."""
    del account, scope
    return Topics()
