"""Checks of secrets of PagerDuty integrations."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
