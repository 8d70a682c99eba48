"""Checks of alarms that start response plans."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
