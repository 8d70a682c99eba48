"""The report as JUnit's XML, which CI systems show: a test case for each subject of each check."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.pages import COMMAND
from pulumi_incidents.commands.doctor.report import Entry, Report
from pulumi_incidents.commands.doctor.results import Finding, Level, NotSeen

_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
# What a name at AWS may have and XML 1.0 may not, escaped or not.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNKNOWN = "\ufffd"


def render(report: Report, fail_on: Level | None) -> str:
    """Return the report: what the command fails on is a failure, what is unseen an error.

    What is found and less bad than `fail_on` is told in the output of a test that passes.
    """
    failed = {*report.at_least(fail_on)} if fail_on else set()
    suites = Element("testsuites", name=f"doctor of account {report.account}")
    for check in report.checks:
        entries = report.of(check)
        suite = SubElement(suites, "testsuite", {"name": check.name, **_counts(entries, failed)})
        suite.set("timestamp", report.now.replace(tzinfo=None).isoformat(timespec="seconds"))
        for entry in entries:
            _case(suite, entry, is_failed=entry in failed)
    indent(suites)
    return f"{_DECLARATION}{_NO_XML.sub(_UNKNOWN, tostring(suites, encoding='unicode'))}\n"


def _counts(entries: list[Entry], failed: set[Entry]) -> dict[str, str]:
    counts = {
        "tests": len(entries),
        "failures": sum(entry in failed for entry in entries),
        "errors": sum(entry.is_unseen for entry in entries),
        "skipped": sum(bool(entry.reason) for entry in entries),
    }
    return {name: str(count) for name, count in counts.items()}


def _case(suite: Element, entry: Entry, *, is_failed: bool) -> None:
    check, result = entry.check, entry.result
    case = SubElement(suite, "testcase", classname=f"doctor.{check.name}", name=result.subject)
    case.set("time", "0")
    if entry.reason:
        SubElement(case, "skipped", message=entry.reason)
    elif isinstance(result, NotSeen):
        _told(case, "error", result.why, check, type="unseen")
    elif isinstance(result, Finding) and entry.level:
        kind = "failure" if is_failed else "system-out"
        more: dict[str, Any] = {"type": entry.level.value} if is_failed else {}
        _told(case, kind, result.seen, check, result.mend, **more)


def _told(case: Element, kind: str, seen: str, check: Check, mend: str = "", **more: str) -> None:
    given = {"message": seen, **more} if more else {}
    lines = [seen, check.why, mend, COMMAND.format(check.name)]
    SubElement(case, kind, given).text = "\n".join(line for line in lines if line)
