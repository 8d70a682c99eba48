"""The report as JSON: everything that was looked at, for programs of one's own."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from pulumi_incidents.commands.doctor.report import Entry, Report
from pulumi_incidents.commands.doctor.results import Finding, Fine, NotSeen

VERSION = 1
"""It is another one as soon as a member goes or means something else."""


def render(report: Report) -> str:
    """Return the report."""
    results = [_result(entry) for entry in report.entries]
    told = {
        "version": VERSION,
        "account": report.account,
        "region": report.region,
        "time": report.now.isoformat(),
        "plans": [*report.plans],
        "checks": [check.name for check in report.checks],
        "counts": Counter(each["level"] or each["status"] for each in results),
        "results": results,
        "unused_ignores": [*map(str, report.unused)],
    }
    return f"{json.dumps(told, indent=2, ensure_ascii=False)}\n"


def status(entry: Entry) -> str:
    """Return what came of a subject: `finding`, `unseen`, `ignored` or `fine`."""
    if entry.reason:
        return "ignored"
    return {Finding: "finding", NotSeen: "unseen", Fine: "fine"}[type(entry.result)]


def _result(entry: Entry) -> dict[str, Any]:
    result = entry.result
    return {
        "check": entry.check.name,
        "status": status(entry),
        "level": entry.level and entry.level.value,
        "subject": result.subject,
        "plans": [*result.plans],
        "seen": getattr(result, "seen", None) or getattr(result, "why", None),
        "matters": None if isinstance(result, Fine) else entry.check.why,
        "mend": getattr(result, "mend", None),
        "ignored": entry.reason,
    }
