"""The subcommand `doctor`: its options, and what becomes of them."""

from __future__ import annotations

import enum
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown

from pulumi_incidents.commands import _console, _where
from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._plans import read_plan
from pulumi_incidents.commands._times import moment_of, zone_of
from pulumi_incidents.commands.doctor import ignoring, looking, pages
from pulumi_incidents.commands.doctor.catalog import BY_NAME, CHECKS
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.formats import data, junit, sarif, text
from pulumi_incidents.commands.doctor.report import Report, entries
from pulumi_incidents.commands.doctor.results import Level
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.identity.errors import IncidentManagerError

_WHAT, _HOW = "What is looked at", "What is told"


class FailOn(enum.Enum):
    """What is bad enough for exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"

    @property
    def level(self) -> Level | None:
        """That, as a level."""
        return None if self is FailOn.NEVER else Level(self.value)


class Format(enum.Enum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"


def _names(incomplete: str) -> list[tuple[str, str]]:
    """Return the checks whose names a shell may complete, each with what holds."""
    return [(check.name, check.title) for check in CHECKS if check.name.startswith(incomplete)]


def main(  # noqa: PLR0913 - the options of a command
    plans: Annotated[
        list[str] | None,
        typer.Argument(metavar="PLAN", help="Response plans, by their names or ARNs."),
    ] = None,
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Every plan, and everybody, of the account."),
    ] = False,
    stack: _where.Stack = None,
    cwd: _where.Cwd = None,
    region: _where.Region = None,
    profile: _where.Profile = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK",
            help="Make this check alone, and read what it needs. Repeatable.",
            autocompletion=_names,
            rich_help_panel=_WHAT,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="As if it were then: 2026-12-24T18:00, tomorrow 03:00. Shifts are looked at for "
            "90 days from then on.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK:RESOURCE=REASON",
            help="Live with what a check finds of a resource, an ARN in which * stands for "
            "anything. The reason is told. Repeatable.",
            autocompletion=_names,
            rich_help_panel=_HOW,
        ),
    ] = None,
    ignore_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file with such, one in a line; those with # are comments.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(help="What is bad enough for exit code 1.", rich_help_panel=_HOW),
    ] = FailOn.WARNING,
    format_: Annotated[
        Format,
        typer.Option(
            "--format", help="For people, programs, CI, code scanning.", rich_help_panel=_HOW
        ),
    ] = Format.TEXT,
    as_json: Annotated[
        bool, typer.Option("--json", help="The same as --format json.", rich_help_panel=_HOW)
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it into this file.", rich_help_panel=_HOW),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="CHECK",
            help="Show the page of a check, and look at nothing.",
            autocompletion=_names,
        ),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="List all checks, and look at nothing.")
    ] = False,
) -> None:
    """Would it work? Checks the way from alarms to people, and what is ready for the night.

    Of everything that is wrong it tells what was seen, why it matters, and how to mend it. It only
    reads. What it may not read is told as not seen, and never as fine.

    Exit code: 1 if something was found that is as bad as --fail-on, or worse; else 2 if something
    could not be looked at, also with --fail-on never; else 0.

    - `pulumi-incidents doctor checkout`
    - `pulumi-incidents doctor --all --format junit --output doctor.xml`
    - `pulumi-incidents doctor --stack prod --ignore 'person-kinds:*:contact/ana=satellite phone'`
    """
    if explain or show_list:
        _teach(explain)
        return
    if not (plans or everything or stack):
        raise IncidentManagerError(
            "It is not said what to look at: name response plans, or give --all or --stack NAME."
        )
    if plans and everything:
        raise IncidentManagerError("--all is every plan: leave out the names, or --all.")
    if as_json and format_ not in (Format.TEXT, Format.JSON):
        raise IncidentManagerError(f"--json is another format than {format_.value}: give one.")
    asked = [BY_NAME[ignoring.known(name, BY_NAME)] for name in dict.fromkeys(only or ())]
    ignores = _ignores(ignore or (), ignore_file)
    account = _where.account(stack, cwd, region, profile)
    with _console.working("Looking at the account"):
        scope = _scope(account, plans or (), everything, (stack, cwd), _now(at))
        facts = looking.read(account, scope, asked or None)
    report = _report(facts, asked or CHECKS, ignores)
    _tell(report, Format.JSON if as_json else format_, fail_on.level, output)
    raise typer.Exit(report.status(fail_on.level))


def _teach(explain: str | None) -> None:
    console = _console.result()
    if explain is None:
        for check in CHECKS:
            console.print(f"{check.name:<28}  {check.level.value:<7}  {check.title}")
        return
    page = pages.page(BY_NAME[ignoring.known(explain, BY_NAME)])
    console.print(Markdown(page) if console.is_terminal else page)


def _ignores(given: Sequence[str], file: Path | None) -> list[ignoring.Ignore]:
    lines: list[str] = []
    if file:
        try:
            lines = file.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise IncidentManagerError(
                f"What is ignored cannot be read from {file}: {reason}."
            ) from None
    return ignoring.ignores(lines, BY_NAME) + [ignoring.ignore(each, BY_NAME) for each in given]


def _scope(
    account: Account,
    plans: Sequence[str],
    everything: bool,  # noqa: FBT001 - an option
    stack: tuple[str | None, Path | None],
    now: datetime,
) -> Scope:
    """Return what is to be looked at: the plans, those of the stack too, or all."""
    outputs = _where.outputs(*stack)
    if everything:
        return looking.scope(account, None, now, outputs)
    arns = [each if each.startswith("arn:") else read_plan(account, each).arn for each in plans]
    if stack[0]:
        arns += _where.plans_in(outputs, stack[0])
    return looking.scope(account, arns, now, outputs)


def _report(facts: Facts, checks: Sequence[Check], ignores: Sequence[ignoring.Ignore]) -> Report:
    found, unused = entries(looking.look(checks, facts), ignores)
    if not facts.is_everything:
        unused = []  # they may be about what was not looked at
    names = {plan.arn: plan.display_name for plan in facts.plans}
    return Report(facts.account, facts.region, facts.now, names, checks, found, unused)


def _now(at: str | None) -> datetime:
    now = datetime.now(timezone.utc)
    return moment_of(at, zone_of(None), now) if at else now


def _tell(report: Report, kind: Format, fail_on: Level | None, output: Path | None) -> None:
    """Write the report to stdout, or into a file and what came of it in a line to stderr."""
    notes = _console.notes()
    if kind is not Format.TEXT:
        for line in text.unused(report):
            notes.print(line)
    if output:
        try:
            output.write_text(_written(report, kind, fail_on), "utf-8")
        except OSError as error:
            raise IncidentManagerError(
                f"The report cannot be written to {output}: {error.strerror}."
            ) from None
        notes.print(f"{text.summary(report)} See {output}.")
    elif kind is Format.TEXT:
        text.show(report, _console.result())
    else:
        sys.stdout.write(_written(report, kind, fail_on))


def _written(report: Report, kind: Format, fail_on: Level | None) -> str:
    if kind is Format.JSON:
        return data.render(report)
    if kind is Format.JUNIT:
        return junit.render(report, fail_on)
    if kind is Format.SARIF:
        return sarif.render(report)
    return text.render(report)
