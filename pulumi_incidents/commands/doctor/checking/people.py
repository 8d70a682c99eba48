"""Checks of people, schedules and escalation plans."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checking import (
    channels,
    engaged,
    escalations,
    reaching,
    schedules,
    unused,
)
from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = (
    *engaged.CHECKS,
    *reaching.CHECKS,
    *escalations.CHECKS,
    *channels.CHECKS,
    *schedules.CHECKS,
    *unused.CHECKS,
)
