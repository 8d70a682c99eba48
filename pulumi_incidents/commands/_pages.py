"""A walk as people read it, and as programs do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any, NamedTuple

from rich import box
from rich.table import Table

from pulumi_incidents.oncall.team import Team
from pulumi_incidents.oncall.walk import Event, What

_WORDS = {"SMS": "message", "VOICE": "call", "EMAIL": "e-mail"}
_STYLES = {
    What.ACKNOWLEDGED: "green",
    What.SKIPPED: "yellow",
    What.NOBODY: "yellow",
    What.UNSEEN: "red",
}


class Row(NamedTuple):
    """A line of the table: who is told, or is not and why."""

    minute: str
    time: str
    who: str
    how: str
    way: str
    style: str


def table(team: Team, events: Iterable[Event], start: datetime, zone: tzinfo) -> Table:
    """Return events as a table, by the clock of a zone."""
    made = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
    made.add_column("Minute", justify="right", no_wrap=True)
    made.add_column("Time", no_wrap=True)
    for title in ("Who", "How", "By way of"):
        made.add_column(title, overflow="fold")
    for row in rows(team, events, start, zone):
        made.add_row(*row[:5], style=row.style)
    return made


def rows(team: Team, events: Iterable[Event], start: datetime, zone: tzinfo) -> Iterator[Row]:
    """Yield the lines of the table; what a person is told at one time by one way is one."""
    for _, found in groupby(events, lambda each: _line(team, each)):
        together = [*found]
        first = together[0]
        yield Row(
            minute(first, start),
            f"{first.time.astimezone(zone):%a %H:%M}",
            _who(team, first),
            " and ".join(dict.fromkeys(_how(team, each) for each in together)),
            " → ".join(_way(team, first)),
            _STYLES.get(first.what, ""),
        )


def minute(event: Event, start: datetime) -> str:
    """Return how long after the start something is, such as `5` or `1:30`."""
    minutes, seconds = divmod(round((event.time - start).total_seconds()), 60)
    return f"{minutes}:{seconds:02}" if seconds else str(minutes)


def as_json(team: Team, events: Iterable[Event], start: datetime) -> list[dict[str, Any]]:
    """Return the pages for a program: when in minutes, to whom, over what, and the way there."""
    return [
        {
            "minute": _number((event.time - start).total_seconds() / 60),
            "contact_arn": _person(event),
            "channel_arn": event.about,
            "type": team.channels[event.about].type,
            "via": [
                {"contact_arn": step.arn, "type": step.type, "stage": step.stage}
                for step in event.way
            ],
        }
        for event in events
        if event.what is What.PAGE
    ]


def _number(minutes: float) -> float:
    return int(minutes) if minutes.is_integer() else minutes


def _line(team: Team, event: Event) -> tuple[Any, ...]:
    return event.time, event.what, _person(event), _way(team, event)


def _person(event: Event) -> str:
    """Return the ARN of whom an event is about: of a channel, whose it is."""
    is_channel = ":contact-channel/" in event.about
    return event.way[-1].arn if is_channel else event.about


def _who(team: Team, event: Event) -> str:
    """Return whom an event is about; of a rotation that is unseen, nobody knows a name."""
    return "whoever is on call" if ":rotation/" in event.about else team.called(_person(event))


def _way(team: Team, event: Event) -> Sequence[str]:
    """Return what led to a person, each with the stage that did."""
    steps = [step for step in event.way if step.arn != _person(event)]
    return [
        team.called(step.arn) + ("" if step.stage is None else f", stage {step.stage + 1}")
        for step in steps
    ]


def _how(team: Team, event: Event) -> str:
    channel = team.channels.get(event.about)
    name = channel.name if channel else "a channel"
    if event.what is What.PAGE and channel:
        return f"{_WORDS.get(channel.type, channel.type)} ({name})"
    if event.what is What.ACKNOWLEDGED:
        return "acknowledges"
    if event.what is What.SKIPPED:
        return f"not paged: {name} {event.why}"
    if event.what is What.NOBODY:
        return f"passed over: {event.why}"
    return "unknown: could not be looked at"
