"""Reads quotas of the account."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor.scope import Scope


class Quotas(NamedTuple):
    """What is known of quotas of the account."""


def read(account: Account, scope: Scope) -> Quotas:
    """Read quotas of the account."""
    del account, scope
    return Quotas()
