"""Checks of what AWS's migration runbooks rewrote, and what a stack declares."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
