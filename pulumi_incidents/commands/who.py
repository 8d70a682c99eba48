"""`pulumi-incidents who`: whom an incident pages, minute by minute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Annotated, NamedTuple

import typer

from pulumi_incidents.commands import _console, _pages, _times, _where
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands._plans import nearest
from pulumi_incidents.commands._subjects import Subject, only, subject_of
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.oncall.reach import people, unseen
from pulumi_incidents.oncall.team import Team
from pulumi_incidents.oncall.walk import Event, What, walk

_FURTHEST = timedelta(days=7)
"""How far a walk is followed: no plan that people have read takes as long."""

Asked = Annotated[
    str | None,
    typer.Argument(
        metavar="PLAN",
        help="Name or ARN of a response plan; or ARN of a contact, or contact/ALIAS. Of a --stack "
        "with one plan it may be left out.",
    ),
]
At = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="When the incident starts: now, +2h, 03:00, tomorrow 03:00, Sunday 03:00 or "
        "2026-12-06T03:00.",
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        help="Time zone of all times, such as Europe/Dublin; by default that of this machine.",
    ),
]
For = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="DURATION", help="Look no further than 90s, 2m or 1h30m after the start."
    ),
]
Asleep = Annotated[
    list[str],
    typer.Option(
        metavar="NAME",
        help="Who sleeps, by alias or display name; everybody else acknowledges. Repeatable. "
        "Without it nobody answers.",
    ),
]
AnswerAfter = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="How long after the first page everybody who is not asleep acknowledges it, such as "
        "2m; at once by default.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the pages as JSON, with the way that led to each.")
]


class _Night(NamedTuple):
    """What is supposed."""

    start: datetime
    zone: tzinfo
    limit: timedelta
    """How long after the start somebody looks."""
    asleep: Sequence[str]
    answer_after: timedelta | None
    """How long after their first page all others acknowledge it; None if nobody does."""
    answer_told: str
    """The same as it was said."""

    @property
    def end(self) -> datetime:
        """The last time that is shown."""
        return self.start + self.limit

    def told(self) -> str:
        """Return it in words."""
        zone = _times.zone_told(self.start, self.zone)
        when = f"an incident starts on {_times.told(self.start, self.zone)} ({zone})"
        if self.answer_after is None:
            return f"{when}, and nobody answers."
        others = "everybody else" if self.asleep else "everybody"
        sleep = [f"{' and '.join(self.asleep)} asleep"] if self.asleep else []
        after = f"after {self.answer_told}" if self.answer_after else "at once"
        return f"{', '.join([when, *sleep])}, and {others} answers {after}."


def main(  # noqa: PLR0913 - the options of a command
    asked: Asked = None,
    *,
    at: At = "now",
    zone: Zone = None,
    span: For = None,
    asleep: Asleep = [],  # noqa: B006 - Typer reads it, and nobody changes it
    answer_after: AnswerAfter = None,
    as_json: Json = False,
    stack: _where.Stack = None,
    cwd: _where.Cwd = None,
    region: _where.Region = None,
    profile: _where.Profile = None,
) -> None:
    """Show who is paged if an incident starts, over what, and minute by minute to the last stage.

    - `pulumi-incidents who checkout --at "Sunday 03:00" --asleep ana`
    - `pulumi-incidents who contact/on-call`
    - `pulumi-incidents who --stack prod --json`

    Exit code: 0 somebody is paged, 1 nobody at all, 2 something could not be looked at.
    """
    night = _night(at, zone, span, asleep, answer_after)
    account = _where.account(stack, cwd, region, profile)
    with _console.working("Reading who is engaged"):
        subject = subject_of(account, asked or only(stack, cwd))
        end = night.start + max(night.limit, _FURTHEST)
        team = read_team(account, subject.engaged, night.start, end)
    events = walk(team, subject.engaged, night.start, _answers(team, subject, night))
    _tell(team, events, night, subject, as_json=as_json)
    raise typer.Exit(_code(subject, [each for each in events if each.time <= night.end]))


def _night(
    at: str, zone: str | None, span: str | None, asleep: Sequence[str], answer_after: str | None
) -> _Night:
    here = _times.zone_of(zone)
    at_once = timedelta() if asleep else None
    return _Night(
        _times.moment_of(at, here, datetime.now(timezone.utc)),
        here,
        _FURTHEST if span is None else _times.duration_of(span),
        asleep,
        at_once if answer_after is None else _times.duration_of(answer_after),
        answer_after or "",
    )


def _answers(team: Team, subject: Subject, night: _Night) -> dict[str, timedelta]:
    """Return how long after the first page who is awake acknowledges it."""
    if night.answer_after is None:
        return {}
    there = {person for arn in subject.engaged for person in people(team, arn)}
    hidden = [*unseen(team, subject.engaged).values()]
    asleep = {_named(team, there, hidden, name) for name in night.asleep}
    return dict.fromkeys(there - asleep, night.answer_after)


def _named(team: Team, there: Iterable[str], hidden: Sequence[str], name: str) -> str:
    """Return who of those who may be paged has a name: an alias, or a name that is one person's.

    `hidden` says of whatever could not be looked at why: whoever is in there has no name yet.
    """
    contacts = {arn: team.contacts[arn] for arn in there}
    wanted = name.lower().removeprefix("contact/")
    found = [arn for arn, each in contacts.items() if wanted in (arn, each.alias)]
    found = found or [arn for arn, each in contacts.items() if wanted == each.name.lower()]
    if len(found) == 1:
        return found[0]
    aliases = sorted(each.alias for each in contacts.values())
    if found:
        several = " and ".join(sorted(contacts[arn].alias for arn in found))
        raise IncidentManagerError(f"{name} is the name of {several}: say --asleep by the alias.")
    if hidden:
        raise IncidentManagerError(
            f"Whether {name} may be paged here could not be seen: {hidden[0]}"
        )
    told = nearest(name, aliases) if aliases else "nobody is."
    raise IncidentManagerError(f"{name} is nobody who may be paged here, asleep or not: {told}")


def _tell(
    team: Team, events: Sequence[Event], night: _Night, subject: Subject, *, as_json: bool
) -> None:
    """Print what comes to pass, and what is to be said about it."""
    shown = [each for each in events if each.time <= night.end]
    # Whoever wants JSON has the words beside it.
    words = _console.notes() if as_json else _console.result()
    words.print(f"{subject.name}: {night.told()}")
    if as_json:
        _console.print_json(_pages.as_json(team, shown, night.start))
    elif shown:
        words.print("", _pages.table(team, shown, night.start, night.zone), sep="\n")
    for sentence in dict.fromkeys(each.why for each in events if each.what is What.UNSEEN):
        _console.notes().print(sentence)
    words.print(*_ending(events, night, subject), sep="\n")


def _ending(events: Sequence[Event], night: _Night, subject: Subject) -> list[str]:
    """Return what is said at the end: what comes later, and who is not in it."""
    pages = [each for each in events if each.what is What.PAGE]
    later = [each for each in pages if each.time > night.end]
    if later:
        told = f"It goes on: the next page is at minute {_pages.minute(later[0], night.start)}"
    elif pages:
        told = "After that, nobody"
    else:
        told = "Nobody at all is paged"
        told += "" if subject.engaged else f": {subject.name} engages nobody"
    is_hidden = any(each.what is What.UNSEEN for each in events)
    told += ", as far as could be seen." if is_hidden else "."
    services = [
        f"PagerDuty is told, too, and pages whom its service {each} knows."
        for each in subject.services
    ]
    return ["", told, *services]


def _code(subject: Subject, shown: Iterable[Event]) -> int:
    found = {each.what for each in shown}
    if What.UNSEEN in found or (What.PAGE not in found and subject.services):
        return 2
    return 0 if What.PAGE in found else 1
