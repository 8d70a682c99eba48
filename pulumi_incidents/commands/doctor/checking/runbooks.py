"""Checks of documents of runbooks and their roles."""

from __future__ import annotations

from pulumi_incidents.commands.doctor.checks import Check

CHECKS: tuple[Check, ...] = ()
