"""`pulumi-incidents rota`: its options, and how it ends."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from pulumi_incidents.commands import _plans, _times, _where
from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._console import notes, print_json, result, working
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands.rota import schedules, text, wanted
from pulumi_incidents.commands.rota.ical import ical
from pulumi_incidents.commands.rota.listing import listing
from pulumi_incidents.commands.rota.picture import picture
from pulumi_incidents.commands.rota.schedules import MARGIN, Rota
from pulumi_incidents.oncall.team import Team
from pulumi_incidents.providers._errors import IncidentManagerError

_WEEKS, _LONGEST = timedelta(weeks=4), timedelta(days=2 * 366)
_DAY = timedelta(days=1)
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
    ] = "today",
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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.", **_HOW)] = False,
    stack: _where.Stack = None,
    cwd: _where.Cwd = None,
    region: _where.Region = None,
    profile: _where.Profile = None,
) -> None:
    """Show who has which shift, when nobody has one, and who is in two rotations at once.

    Overrides and changes of the clocks are marked, and hours are counted for each person.

    Exit code: 1 if at some time nobody is on call, or somebody is twice; else 2 if something could
    not be looked at; else 0.

    Examples: `rota primary`, `rota checkout --from monday --to 2027-03-31 --svg rota.svg`,
    `rota --stack prod --ics rota.ics`
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
        roots = _roots(account, whose, stack, cwd)
        start, end = _range(since, until, _times.zone_of(zone), now)
        team = read_team(account, roots, start - MARGIN, end + MARGIN)
    _refuse(team, roots, whose or f"stack {stack}")
    place = ZoneInfo(zone or schedules.zone_of(team, roots))
    # Whose days these are is known only now.
    rota = schedules.rota(team, roots, place, *_range(since, until, place, now))
    _write(rota, now, svg, ics)
    if as_json:
        print_json(listing(rota))
    elif _STDOUT not in (svg, ics):
        result().print(text.calendar(rota))
    for each in rota.unseen:
        notes().print(f"Not looked at: {each.why}")
    # What is certain comes before what nobody knows.
    if any(text.sentences(rota)):
        raise typer.Exit(1)
    if rota.unseen:
        raise typer.Exit(2)


def _roots(account: Account, whose: str | None, stack: str | None, cwd: Path | None) -> list[str]:
    if whose is not None:
        return wanted.contacts(account, whose)
    plans = (_plans.read_plan(account, arn) for arn in _where.plans(stack, cwd))
    return [*dict.fromkeys(engaged for plan in plans for engaged in plan.engagements)]


def _range(since: str, until: str | None, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    """Return from when until when; a day that ends it is in it."""
    start = _times.moment_of(since, zone, now)
    if until is None:
        end = start.astimezone(zone) + _WEEKS
    else:
        end = _times.moment_of(until, zone, now).astimezone(zone)
        is_day = re.fullmatch(r"\d{4}-\d\d-\d\d|[a-z]+", until.strip().lower())
        if is_day and until.strip().lower() != "now":
            end += _DAY
    end = end.astimezone(timezone.utc)
    if end <= start:
        raise IncidentManagerError(
            f"--to is {_times.told(end, zone)}, and not after --from, {_times.told(start, zone)}."
        )
    if end - start > _LONGEST:
        raise IncidentManagerError("A rota is of two years at most: name an earlier --to.")
    return start, end


def _refuse(team: Team, roots: list[str], whose: str) -> None:
    """Refuse what has no rota: what is not there, and whoever has no shifts."""
    if schedules.below(team, roots) or any(arn in team.unseen for arn in roots):
        return
    if whose in roots and whose not in team.contacts:
        raise IncidentManagerError(
            f"There is no contact {whose} in this account: list them by "
            "`aws ssm-contacts list-contacts`."
        )
    raise IncidentManagerError(
        f"No on-call schedule is engaged by {whose}: whoever is has no shifts, and "
        "`pulumi-incidents who` says who that is."
    )


def _write(rota: Rota, now: datetime, svg: Path | None, ics: Path | None) -> None:
    if svg:
        _to(svg, picture(rota).encode())
    if ics:
        _to(ics, ical(rota, now))


def _to(file: Path, content: bytes) -> None:
    if file == _STDOUT:
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise IncidentManagerError(f"{file} cannot be written: {error.strerror}.") from None
