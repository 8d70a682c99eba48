"""What is to be looked at, when, and for which response plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands._plans import Plan

AHEAD = timedelta(days=90)
"""How far ahead shifts are looked at."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where, when and what for; each reader is given it."""

    now: datetime
    """In UTC. What happens at AWS goes by AWS's clock, so this is the wall's, or `--at`."""
    account: str
    region: str
    partition: str
    is_everything: bool = False
    """Whether the whole account is looked at (`--all`), and not only what some plans lead to."""
    plans: tuple[Plan, ...] = ()
    """The response plans that were read."""
    lost: Mapping[str, Unseen | None] = field(default_factory=dict)
    """ARNs of plans that were to be looked at: those unseen, and None for those not there."""
    declared: Mapping[str, Any] = field(default_factory=dict)
    """The outputs of the stack, with `--stack`."""

    @property
    def until(self) -> datetime:
        """The end of what is looked at ahead."""
        return self.now + AHEAD
