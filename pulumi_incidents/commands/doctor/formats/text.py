"""The report for a person: worst first, and what is fine in a line."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.pages import COMMAND
from pulumi_incidents.commands.doctor.report import LEVELS, Entry, Report
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen

_STYLES = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "bold blue"}
_UNSEEN_STYLE, _FINE_STYLE = "bold magenta", "green"
_NAME = 24
"""Columns of the name of a check that is fine."""
_WHOLE = 10_000
"""Columns of a file: no sentence is as long."""


def show(report: Report, console: Console) -> None:
    """Print the report."""
    for line in _lines(report, console.width):
        # An ARN that is longer than the line stays whole: it is copied.
        console.print(line, soft_wrap=True)


def render(report: Report) -> str:
    """Return the report without colours, a sentence in a line."""
    return "".join(f"{line.plain}\n" for line in _lines(report, _WHOLE))


def summary(report: Report) -> str:
    """Return how much was found, in a sentence."""
    counts = Counter(entry.level for entry in report.entries)
    told = [_many(counts[level], level.value) for level in LEVELS if counts[level]]
    told += [f"{len(report.unseen)} not seen"] if report.unseen else []
    told += [f"{len(report.ignored)} ignored"] if report.ignored else []
    fine = sum(_is_fine(report.of(check)) for check in report.checks)
    return f"{', '.join(told) or 'Nothing found'}, {_many(fine, 'check')} fine."


def unused(report: Report) -> list[str]:
    """Return a sentence for each thing that was to be ignored and is not there."""
    return [
        f"There is nothing to ignore for {each.check}:{each.resource}: take it out."
        for each in report.unused
    ]


def _lines(report: Report, width: int) -> Iterator[Text]:
    many = len(report.plans)
    yield Text(
        f"Account {report.account} in {report.region}, {many} response plan{'s'[: many != 1]}, "
        f"{report.now:%Y-%m-%d %H:%M} UTC"
    )
    for level in LEVELS:
        for check in report.checks:
            found = [entry for entry in report.of(check) if entry.level is level]
            yield from _block(report, check, found, level, width)
    for check in report.checks:
        yield from _unseen(check, report.of(check), width)
    rest = [line for check in report.checks for line in _rest(check, report.of(check), width)]
    yield from [Text(), *rest] if rest else []
    yield from map(Text, unused(report))
    yield Text()
    yield Text(summary(report), "bold")


def _block(
    report: Report, check: Check, found: list[Entry], level: Level, width: int
) -> Iterator[Text]:
    """Yield what a check found that is so bad: of each subject what was seen, and the mend."""
    if not found:
        return
    yield Text()
    yield Text.assemble((level.value.upper(), _STYLES[level]), f"  {check.name}: {check.title}")
    for entry in found:
        if isinstance(entry.result, Finding):
            yield Text(f"  {entry.result.subject}{_plans(report, entry)}", "bold")
            yield from _told("Seen", entry.result.seen, width)
            yield from _told("Mend", entry.result.mend, width)
    yield from _told("Why", check.why, width)
    yield from _told("More", COMMAND.format(check.name), width)


def _plans(report: Report, entry: Entry) -> str:
    """Return for which plans it matters, where the subject is none."""
    names = [report.plans.get(arn, arn) for arn in entry.result.plans]
    return f"  (of {', '.join(names)})" if names else ""


def _unseen(check: Check, entries: Iterable[Entry], width: int) -> Iterator[Text]:
    """Yield what could not be looked at, by the reason: mostly one reason keeps many from sight."""
    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        if entry.is_unseen and isinstance(entry.result, NotSeen):
            by_reason.setdefault(entry.result.why, []).append(entry.result.subject)
    if not by_reason:
        return
    yield Text()
    yield Text.assemble(("NOT SEEN", _UNSEEN_STYLE), f"  {check.name}: {check.title}")
    for reason, subjects in by_reason.items():
        yield from (Text(f"  {subject}", "bold") for subject in subjects)
        yield from _told("Nobody knows", reason, width)
    yield from _told("More", COMMAND.format(check.name), width)


def _rest(check: Check, entries: list[Entry], width: int) -> Iterator[Text]:
    """Yield what is ignored of a check, and a line if the rest is fine."""
    for entry in entries:
        if entry.reason:
            yield Text(f"ignored  {check.name}: {entry.result.subject}")
            yield from _told("Reason", entry.reason, width)
    if not entries:
        yield Text(f"--  {check.name:<{_NAME}}  nothing to look at", "dim")
    elif _is_fine(entries):
        fine = f"  {check.name:<{_NAME}}  {check.title} ({len(entries)})"
        yield Text.assemble(("ok", _FINE_STYLE), fine)
        for entry in entries:
            if isinstance(entry.result, Fine) and entry.result.seen:
                yield from _told("Seen", entry.result.seen, width)


def _told(label: str, sentence: str, width: int) -> Iterator[Text]:
    """Yield a sentence with its label, with the lines after the first below the sentence."""
    indent = " " * (len(label) + 6)
    lines = textwrap.wrap(
        f"    {label}: {sentence}",
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from map(Text, lines)


def _is_fine(entries: list[Entry]) -> bool:
    """Tell whether there was something to look at, and nothing is wrong, unseen or ignored."""
    return bool(entries) and all(isinstance(entry.result, Fine) for entry in entries)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s'[: count != 1]}"
