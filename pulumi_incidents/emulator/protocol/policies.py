"""Policies that a request carries as text, in every service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_incidents.emulator.protocol.validation import Failures


def check_policy(text: str, path: str, failures: Failures) -> None:
    """Ask for what every policy has; what else of its grammar AWS checks is unverified."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict) or "Statement" not in policy:
        failures.add(path, "Member must be a policy in JSON, with a Statement")
