"""The report as SARIF 2.1.0, as code scanning of GitHub reads it.

Follows *Static Analysis Results Interchange Format (SARIF) Version 2.1.0* of OASIS, and *SARIF
support for code scanning* of GitHub. There every result is an alert, whatever its kind, and needs
the path of a file: so nothing that is fine or ignored is in it, and an ARN is also told as a path.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pulumi_incidents
from pulumi_incidents.commands.doctor import pages
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.report import Entry, Report
from pulumi_incidents.commands.doctor.results import Finding, NotSeen

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """Return the report; what could not be looked at is in it as open."""
    return f"{json.dumps(_log(report), indent=2, ensure_ascii=False)}\n"


def _log(report: Report) -> dict[str, Any]:
    places = {check.name: place for place, check in enumerate(report.checks)}
    told = [entry for entry in report.entries if entry.level or entry.is_unseen]
    driver = {
        "name": "pulumi-incidents doctor",
        "semanticVersion": pulumi_incidents.__version__,
        "rules": [*map(_rule, report.checks)],
    }
    run = {
        "tool": {"driver": driver},
        # Reports of several accounts stand beside each other, and do not replace each other.
        "automationDetails": {"id": f"doctor/{report.account}/{report.region}/"},
        "invocations": [_invocation(report)],
        "columnKind": "utf16CodeUnits",
        "results": [
            {
                **_result(entry, places[entry.check.name]),
                "partialFingerprints": {"primaryLocationLineHash": fingerprint},
            }
            for entry, fingerprint in zip(told, _fingerprints(told), strict=True)
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(check: Check) -> dict[str, Any]:
    page = pages.page(check)
    return {
        "id": check.name,
        "name": "".join(word.capitalize() for word in check.name.split("-")),
        "shortDescription": {"text": f"{check.title}."},
        "fullDescription": {"text": check.why},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": check.level.value},
    }


def _invocation(report: Report) -> dict[str, Any]:
    unseen = [
        {
            "level": "error",
            "message": {"text": entry.result.why},
            "associatedRule": {"id": entry.check.name},
        }
        for entry in report.unseen
        if isinstance(entry.result, NotSeen)
    ]
    return {
        "executionSuccessful": not unseen,
        "startTimeUtc": report.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": unseen,
    }


def _result(entry: Entry, place: int) -> dict[str, Any]:
    result = entry.result
    found = isinstance(result, Finding)
    text = f"{result.seen} {result.mend}" if isinstance(result, Finding) else _why(result)
    return {
        "ruleId": entry.check.name,
        "ruleIndex": place,
        "kind": "fail" if found else "open",
        "level": entry.level.value if entry.level else "none",
        "message": {"text": text},
        "locations": [_location(result.subject)],
        "properties": {"plans": [*result.plans]},
    }


def _why(result: Any) -> str:
    return f"Nobody knows, as this could not be looked at: {result.why}"


def _location(subject: str) -> dict[str, Any]:
    parts = [part for part in subject.replace("/", ":").split(":") if part]
    uri = "/".join(quote(part, safe="") for part in parts)
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": subject, "kind": "resource"}],
    }


def _fingerprints(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what stays as it is for as long as the same thing is wrong, whatever is said of it.

    Several findings of a check about one thing are numbered, so that none hides another.
    """
    told: Counter[str] = Counter()
    for entry in entries:
        name = f"{entry.check.name} {entry.result.subject}"
        told[name] += 1
        yield f"{hashlib.sha256(name.encode()).hexdigest()[:32]}:{told[name]}"
