"""Which plans and incidents are drills of a response plan; pure.

A `Drill` never starts the plan that it rehearses: it has one of its own, whose summary says which
plan that is, and so does the summary of its incident.
"""

from __future__ import annotations

import re

from pulumi_incidents.commands._plans import ARN, Plan

_REHEARSES = re.compile(rf"Rehearses ({ARN})\.")


def rehearsed(summary: str) -> str:
    """Return the ARN of the plan that something with this summary rehearses; empty if none."""
    found = _REHEARSES.search(summary)
    return found[1] if found else ""


def rehearsed_by(plan: Plan) -> str:
    """Return the ARN of the plan that a drill's own plan rehearses; empty for any other plan."""
    return rehearsed(str(plan.answer["incidentTemplate"].get("summary") or ""))
