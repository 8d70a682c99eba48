"""Who is on call in several rotations at once, when nobody is, and for how long each; pure.

Ranges have their start in them, and not their end; all moments are in UTC.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from pulumi_incidents.oncall.shifts import known_shifts
from pulumi_incidents.oncall.team import Rotation
from pulumi_incidents.oncall.zones import changes


class Lasting(Protocol):
    """What is so from a time until another one."""

    @property
    def start(self) -> datetime:
        """From when on."""

    @property
    def end(self) -> datetime:
        """Until when."""


class Span(NamedTuple):
    """A time in which the same people are on call."""

    start: datetime
    end: datetime
    on_call: tuple[tuple[str, tuple[str, ...]], ...]
    """Each rotation by its ARN, in the order of the schedule, with who is on call: () is nobody."""

    @property
    def people(self) -> frozenset[str]:
        """Everybody who is on call in any rotation."""
        return frozenset(person for _, members in self.on_call for person in members)


class Gap(NamedTuple):
    """A time in which nobody is on call in any rotation."""

    start: datetime
    end: datetime


class Double(NamedTuple):
    """A time in which a person is on call in more than one rotation."""

    start: datetime
    end: datetime
    person: str
    rotations: tuple[str, ...]


class ClockChange(NamedTuple):
    """When clocks of a zone are put forward or back, and how far from UTC before and after."""

    moment: datetime
    zone: str
    before: timedelta
    after: timedelta


def spans(rotations: Sequence[Rotation], start: datetime, end: datetime) -> list[Span]:
    """Return who is on call when: spans that are together the range, no two alike in a row."""
    if start >= end:
        return []
    each = (_changes(place, given, start, end) for place, given in enumerate(rotations))
    now: list[tuple[str, ...]] = [()] * len(rotations)
    since = {start: tuple(now)}
    for moment, place, members in heapq.merge(*each, key=itemgetter(0)):
        now[place] = members
        since[moment] = tuple(now)
    begun = [(next(alike)[0], who) for who, alike in groupby(since.items(), itemgetter(1))]
    ends = [*(moment for moment, _ in begun[1:]), end]
    arns = [given.arn for given in rotations]
    return [
        Span(begin, until, tuple(zip(arns, who, strict=True)))
        for (begin, who), until in zip(begun, ends, strict=True)
    ]


def gaps(rotations: Sequence[Rotation], start: datetime, end: datetime) -> list[Gap]:
    """Return when nobody is on call in any of the rotations."""
    found = (shift for given in rotations for shift in known_shifts(given, start, end))
    held = sorted((shift.start, shift.end) for shift in found if shift.members)
    return [Gap(*each) for each in between(held, start, end)]


def between(
    times: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what of a range is in none of some times, which are in the order of their starts."""
    since = start
    for begin, until in times:
        if since < min(begin, end):
            yield since, min(begin, end)
        since = max(since, until)
    if since < end:
        yield since, end


def doubles(rotations: Sequence[Rotation], start: datetime, end: datetime) -> list[Double]:
    """Return when somebody is on call in several of the rotations, the earliest first."""
    if len(rotations) == 1:
        return []
    found: list[Double] = []
    latest: dict[tuple[str, tuple[str, ...]], int] = {}
    for span in spans(rotations, start, end):
        for person in sorted(span.people):
            several = dict.fromkeys(arn for arn, members in span.on_call if person in members)
            who = person, tuple(several)
            if len(several) > 1:
                place = latest.get(who)
                if place is None or found[place].end < span.start:
                    latest[who] = len(found)
                    found.append(Double(span.start, span.end, *who))
                else:
                    found[place] = found[place]._replace(end=span.end)
    return found


def hours(rotations: Sequence[Rotation], start: datetime, end: datetime) -> dict[str, timedelta]:
    """Return for how long each member is on call; in several rotations at once it counts once.

    Members who are never on call are there, too.
    """
    found = {person: timedelta() for given in rotations for person in given.members}
    for span in spans(rotations, start, end):
        for person in span.people:
            found[person] = found.get(person, timedelta()) + (span.end - span.start)
    return found


def clock_changes(zones: Iterable[str], start: datetime, end: datetime) -> list[ClockChange]:
    """Return when clocks of some zones are put forward or back, the earliest first.

    :raises zoneinfo.ZoneInfoNotFoundError: this computer does not know a zone.
    """
    return sorted(
        ClockChange(moment, zone, before, after)
        for zone in set(zones)
        for moment, before, after in changes(ZoneInfo(zone), start, end)
    )


def _changes(
    place: int, rotation: Rotation, start: datetime, end: datetime
) -> Iterator[tuple[datetime, int, tuple[str, ...]]]:
    """Yield when in a range somebody else, or nobody, is on call from then on."""
    for shift in known_shifts(rotation, start, end):
        yield max(shift.start, start), place, shift.members
        if shift.end < end:
            yield shift.end, place, ()
