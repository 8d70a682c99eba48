"""Reads secrets of PagerDuty integrations."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor.scope import Scope


class PagerDuty(NamedTuple):
    """What is known of secrets of PagerDuty integrations."""


def read(account: Account, scope: Scope) -> PagerDuty:
    """Read secrets of PagerDuty integrations."""
    del account, scope
    return PagerDuty()
