"""Checks of people, schedules and escalation plans."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
