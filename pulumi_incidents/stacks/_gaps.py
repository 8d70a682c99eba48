"""When nobody is on call, by the hours of the rotations of a schedule; pure.

A year is looked at, so that the changes of the clocks of every zone are in it: rotations of two
zones may meet in winter and not in summer (guide, *Working with on-call schedules*). Hours that
overlap a change of the clocks are those that the clocks on the wall show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pulumi_incidents.stacks._turns import DAYS, windows

_BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
_WARM_UP = 3  # days: what one zone leaves open there, another one may cover from the day before
_DAYS = _WARM_UP + 53 * 7


class Covered(NamedTuple):
    """The hours of a rotation, by day, in its zone."""

    zone: str
    hours: Mapping[str, Sequence[str]]


class Gap(NamedTuple):
    """A time without anybody on call, in UTC."""

    start: datetime
    end: datetime


def gap(rotations: Sequence[Covered]) -> Gap | None:
    """Return the first time that no rotation covers; one without hours covers all."""
    if not all(rotation.hours for rotation in rotations):
        return None
    covered = sorted(window for rotation in rotations for window in _covered(rotation))
    end = covered[0][1]
    for start, stop in covered:
        if start > end >= _BEGIN:
            return Gap(end, start)
        end = max(end, stop)
    return None


def told(found: Gap, zone: str) -> str:
    """Return a gap in the words of a zone."""
    edges = (edge.astimezone(ZoneInfo(zone)) for edge in found)
    start, end = (f"{DAYS[edge.weekday()]} {edge:%Y-%m-%d %H:%M}" for edge in edges)
    return f"from {start} to {end} in {zone}"


def _covered(rotation: Covered) -> Iterator[tuple[datetime, datetime]]:
    week = windows(rotation.hours)
    for number in range(_DAYS):
        day = _BEGIN.date() + timedelta(days=number - _WARM_UP)
        for edges in week[DAYS[day.weekday()]]:
            start, stop = (_instant(day, edge, rotation.zone) for edge in edges)
            yield start, stop


def _instant(day: date, minute: int, zone: str) -> datetime:
    """Return when a minute of a day is: what the clocks show, some minutes after midnight."""
    local = datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(minutes=minute)
    return local.astimezone(timezone.utc)
