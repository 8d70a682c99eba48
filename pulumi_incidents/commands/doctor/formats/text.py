"""The report for a person: worst first, and what is fine in a line."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.pages import COMMAND
from pulumi_incidents.commands.doctor.report import LEVELS, Entry, Report
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen

_Item = TypeVar("_Item")
_STYLES = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "bold blue"}
_UNSEEN, _UNSEEN_STYLE, _FINE_STYLE = "NOT SEEN", "bold magenta", "green"
_NAME = 24
"""Columns of the name of a check that is fine."""
_MANY = 3
"""Sentences that are told of what is fine."""
_ARN = re.compile(r"arn:[^\s`]*[^\s`.,:;]")
_JOINED = "\N{NO-BREAK SPACE}"
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
    plans = _many(len(report.plans), "response plan")
    yield Text(
        f"Account {report.account} in {report.region}, {plans}, {report.now:%Y-%m-%d %H:%M} UTC"
    )
    for level in LEVELS:
        for check in report.checks:
            found = [entry for entry in report.of(check) if entry.level is level]
            yield from _block(report, check, found, level, width)
    yield from _unseen(report, width)
    rest = [line for check in report.checks for line in _rest(check, report.of(check), width)]
    rest += _nothing(report, width)
    yield from [Text(), *rest] if rest else []
    yield from map(Text, unused(report))
    yield Text()
    yield Text(summary(report), "bold")


def _block(
    report: Report, check: Check, found: list[Entry], level: Level, width: int
) -> Iterator[Text]:
    """Yield what a check found that is so bad: what was seen, and once what mends it."""
    if not found:
        return
    many = len(report.of(check))
    of = f" ({len(found)} of {many})" if many > 1 else ""
    yield Text()
    told = f"  {check.name}  Expected: {check.title}{of}"
    yield Text.assemble((level.value.upper(), _STYLES[level]), told)
    findings = [(entry, entry.result) for entry in found if isinstance(entry.result, Finding)]
    for mend, group in _grouped(findings, lambda each: each[1].mend).items():
        for seen, entries in _grouped(group, lambda each: each[1].seen).items():
            for entry, finding in entries:
                yield Text(f"  {finding.subject}{_plans(report, entry)}", "bold")
            yield from _told("Seen", seen, width)
        yield from _told("Mend", mend, width)
    yield from _told("Why", check.why, width)
    yield from _told("More", COMMAND.format(check.name), width)


def _grouped(items: Iterable[_Item], key: Callable[[_Item], str]) -> dict[str, list[_Item]]:
    """Return items that have the same text together, in the order of the first of each."""
    groups: dict[str, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _plans(report: Report, entry: Entry) -> str:
    """Return for which plans it matters, where the subject is none."""
    names = [report.plans.get(arn, arn) for arn in entry.result.plans]
    return f"  (of {', '.join(names)})" if names else ""


def _unseen(report: Report, width: int) -> Iterator[Text]:
    """Yield what could not be looked at, by the reason: one mostly keeps much from sight."""
    unseen = [(e.check, e.result) for e in report.unseen if isinstance(e.result, NotSeen)]
    for group in _grouped(unseen, lambda each: _ARN.sub("\0", each[1].why)).values():
        names = ", ".join(dict.fromkeys(check.name for check, _ in group))
        yield Text()
        first, *more = _wrapped(f"{_UNSEEN}  {names}", width, " " * (len(_UNSEEN) + 2))
        yield Text.assemble((_UNSEEN, _UNSEEN_STYLE), first.removeprefix(_UNSEEN))
        yield from map(Text, more)
        for subject in dict.fromkeys(result.subject for _, result in group):
            yield Text(f"  {subject}", "bold")
        yield from _told("Nobody knows", _shared([result.why for _, result in group]), width)


def _shared(reasons: Sequence[str]) -> str:
    """Return reasons that differ by ARNs alone as one, with * where these differ."""
    together = zip(*map(_ARN.findall, reasons), strict=True)
    kept = iter([len({*arns}) == 1 for arns in together])
    return _ARN.sub(lambda arn: arn[0] if next(kept) else "*", reasons[0])


def _rest(check: Check, entries: list[Entry], width: int) -> Iterator[Text]:
    """Yield what is ignored of a check, and a line if the rest is fine."""
    for entry in entries:
        if entry.reason:
            yield Text(f"ignored  {check.name}: {entry.result.subject}")
            yield from _told("Reason", entry.reason, width)
    if _is_fine(entries):
        fine = f"  {check.name:<{_NAME}}  {check.title} ({len(entries)})"
        yield Text.assemble(("ok", _FINE_STYLE), fine)
        seen = [each for each in (getattr(entry.result, "seen", "") for entry in entries) if each]
        for sentence in seen[:_MANY]:
            yield from _told("Seen", sentence, width)
        if seen[_MANY:]:
            yield from _told("Seen", f"and {len(seen) - _MANY} more, which --json has", width)


def _nothing(report: Report, width: int) -> Iterator[Text]:
    """Yield the checks that found nothing to look at, in a line."""
    names = [check.name for check in report.checks if not report.of(check)]
    if names:
        # What was not seen may have led to something.
        far = ", as far as was seen" if report.unseen else ""
        told = f"--  nothing to look at{far}: {', '.join(names)}"
        yield from (Text(line, "dim") for line in _wrapped(told, width, " " * 4))


def _told(label: str, sentence: str, width: int) -> Iterator[Text]:
    """Yield a sentence with its label, with the lines after the first below the sentence."""
    lines = _wrapped(f"    {label}: {sentence}", width, " " * (len(label) + 6))
    yield from map(Text, lines)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Return a text in lines. A command stays whole, as it is copied, however long it is."""
    kept = re.sub("`[^`]*`", lambda command: command[0].replace(" ", _JOINED), text)
    lines = textwrap.wrap(
        kept,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_JOINED, " ") for line in lines]


def _is_fine(entries: list[Entry]) -> bool:
    """Tell whether there was something to look at, and nothing is wrong, unseen or ignored."""
    return bool(entries) and all(isinstance(entry.result, Fine) for entry in entries)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s'[: count != 1]}"
