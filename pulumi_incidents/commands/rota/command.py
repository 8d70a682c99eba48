"""`pulumi-incidents rota`: its options, and how it ends."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from pulumi_incidents.commands import _where
from pulumi_incidents.commands._console import notes, print_json, result, working
from pulumi_incidents.commands.rota import comparing, text, wanted
from pulumi_incidents.commands.rota.comparing import Comparison
from pulumi_incidents.commands.rota.ical import ical
from pulumi_incidents.commands.rota.listing import listing
from pulumi_incidents.commands.rota.picture import picture
from pulumi_incidents.commands.rota.reading import Days, read
from pulumi_incidents.commands.rota.schedules import Rota
from pulumi_incidents.identity.errors import IncidentManagerError

_STDOUT = Path("-")
_WHEN: dict[str, Any] = {"rich_help_panel": "Which days"}
_HOW: dict[str, Any] = {"rich_help_panel": "What is told"}


def main(  # noqa: PLR0913 - the options of a command
    whose: Annotated[
        str | None,
        typer.Argument(
            metavar="SCHEDULE|PLAN",
            help="An on-call schedule or escalation plan by its alias or ARN, or a response plan "
            "by its name or ARN: all schedules that it engages are shown.",
            show_default=False,
        ),
    ] = None,
    *,
    since: Annotated[
        str,
        typer.Option("--from", metavar="DAY", help="The first day, or a time.", **_WHEN),
    ] = "now",
    until: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DAY", help="The last day, or a time: by default 4 weeks on.", **_WHEN
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="Whose clocks to show, such as Europe/Dublin: by default the rotation's.",
            **_WHEN,
        ),
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw a picture too, - on stdout.", **_HOW),
    ] = None,
    ics: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write iCalendar too, for people's calendars, - on stdout.", **_HOW
        ),
    ] = None,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare", help="Ask AWS for its shifts as well, and say where they differ.", **_HOW
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.", **_HOW)] = False,
    stack: _where.Stack = None,
    cwd: _where.Cwd = None,
    region: _where.Region = None,
    profile: _where.Profile = None,
) -> None:
    """Show who has which shift, when nobody has one, and who is in two rotations at once.

    Overrides and changes of the clocks are marked, and hours are counted for each person.

    Exit code: 1 if at some time nobody is on call, if somebody is twice, or if AWS has other
    shifts; else 2 if something could not be looked at; else 0.

    - `pulumi-incidents rota primary`
    - `pulumi-incidents rota checkout --from monday --to 2027-03-31 --svg rota.svg`
    - `pulumi-incidents rota --stack prod --ics rota.ics`
    """
    if [as_json, svg == _STDOUT, ics == _STDOUT].count(True) > 1:
        raise IncidentManagerError("Of --json, --svg - and --ics - only one can have stdout.")
    if whose is None and stack is None:
        raise IncidentManagerError(
            "Whose rota is not said: name an on-call schedule or a response plan, or give --stack."
        )
    now = datetime.now(timezone.utc)
    with working("Reading the schedules"):
        account = _where.account(stack, cwd, region, profile)
        roots = wanted.contacts(account, whose, [] if whose else _where.plans(stack, cwd))
        rota = read(account, whose or f"stack {stack}", roots, Days(since, until, zone, now))
        compared = comparing.compare(account, rota) if compare else []
    if svg:
        _write(svg, picture(rota).encode())
    if ics:
        _write(ics, ical(rota, now))
    said = comparing.sentences(rota, compared)
    if as_json:
        print_json(listing(rota, compared))
    elif _STDOUT in (svg, ics):
        for sentence in said:
            notes().print(sentence)
    else:
        result().print(text.calendar(rota, said))
    _end(rota, compared)


def _write(file: Path, content: bytes) -> None:
    if file == _STDOUT:
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise IncidentManagerError(f"{file} cannot be written: {error.strerror}.") from None


def _end(rota: Rota, compared: list[Comparison]) -> None:
    """Tell what could not be looked at, and end; what is certain comes before what nobody knows."""
    unseen = [each.why for each in (*rota.unseen, *comparing.unseen(compared))]
    for why in unseen:
        notes().print(f"Not looked at: {why}")
    if any(text.sentences(rota)) or any(each.differences for each in compared):
        raise typer.Exit(1)
    if unseen:
        raise typer.Exit(2)
