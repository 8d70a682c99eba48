"""Checks of the newest incident of each plan: when, acknowledged, and its runbook."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
