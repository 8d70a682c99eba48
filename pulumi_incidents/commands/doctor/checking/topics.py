"""Checks of topics that incidents tell, with their keys and subscriptions."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
