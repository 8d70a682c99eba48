"""What is drawn, printed and written: the shifts of some schedules in a range of days; pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from operator import attrgetter
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pulumi_incidents.oncall import calendar
from pulumi_incidents.oncall.calendar import ClockChange, Double, Gap, Lasting
from pulumi_incidents.oncall.reach import named
from pulumi_incidents.oncall.shifts import Shift, known_shifts
from pulumi_incidents.oncall.team import SCHEDULE, Contact, Rotation, Team

MARGIN = timedelta(days=35)
"""How far around a range overrides and gaps are read, so that what is at its edges is whole."""

_DAY = timedelta(days=1)
_start, _end = attrgetter("start"), attrgetter("end")


Lasts = TypeVar("Lasts", bound=Lasting)


class Lane(NamedTuple):
    """A rotation with its shifts in the range, whole at the edges of it."""

    rotation: Rotation
    shifts: tuple[Shift, ...]


class Schedule(NamedTuple):
    """An on-call schedule: its rotations, and when nobody has a shift in any, cut to the range."""

    contact: Contact
    lanes: tuple[Lane, ...]
    gaps: tuple[Gap, ...]

    @property
    def rotations(self) -> tuple[Rotation, ...]:
        """The rotations, in the order of the schedule."""
        return tuple(lane.rotation for lane in self.lanes)


class Missing(NamedTuple):
    """Somebody who has shifts and does not exist, or something that could not be looked at."""

    arn: str
    why: str
    """One sentence."""


@dataclass(frozen=True)
class Rota:
    """The shifts of schedules from `start` to `end`, in UTC, as they are told in a zone."""

    team: Team
    zone: ZoneInfo
    start: datetime
    end: datetime
    schedules: tuple[Schedule, ...]
    doubles: tuple[Double, ...]
    """Whoever is in two of all these rotations at once."""
    hours: Mapping[str, timedelta]
    """How long each person is on call; two rotations at once count once."""
    clock_changes: tuple[ClockChange, ...]
    gone: tuple[Missing, ...] = ()
    unseen: tuple[Missing, ...] = ()

    @property
    def rotations(self) -> tuple[Rotation, ...]:
        """All rotations, each of them once."""
        return _rotations(self.schedules)

    def local(self, moment: datetime) -> datetime:
        """Return what the clocks show at a moment."""
        return moment.astimezone(self.zone)

    def names(self, arns: Iterable[str]) -> str:
        """Return what people or rotations are called in a sentence."""
        *first, last = map(self.team.called, arns)
        return f"{', '.join(first)} and {last}" if first else last

    def who(self, shift: Shift) -> str:
        """Return who has a shift, and for whom where it is overridden."""
        told = self.names(shift.members) if shift.members else "nobody"
        if shift.overridden is None:
            return told
        relieved = [arn for arn in shift.overridden if arn not in shift.members]
        return f"{told} for {self.names(relieved)}" if relieved else f"{told} by an override"


class Day(NamedTuple):
    """A day, or several of them, between two midnights of a zone; times are in UTC."""

    date: date
    start: datetime
    end: datetime


def rota(team: Team, roots: Iterable[str], zone: ZoneInfo, start: datetime, end: datetime) -> Rota:
    """Return the rota of all schedules below some contacts, from a time until another one.

    :param team: without channels, which say nothing of shifts.
    """
    start, end = start.astimezone(timezone.utc), end.astimezone(timezone.utc)
    schedules = tuple(_schedule(team, contact, start, end) for contact in below(team, roots))
    rotations = _rotations(schedules)
    zones = [zone.key, *(rotation.zone for rotation in rotations)]
    hours = calendar.hours(rotations, start, end)
    return Rota(
        team,
        zone,
        start,
        end,
        schedules,
        tuple(calendar.doubles(rotations, start, end)),
        hours,
        tuple(calendar.clock_changes(zones, start, end)),
        tuple(_gone(team, roots, hours)),
        tuple(Missing(arn, why) for arn, why in team.unseen.items()),
    )


def zone_of(team: Team, roots: Iterable[str]) -> str:
    """Return the zone in which a rota is best read: that of its first rotation, else UTC."""
    arns = (arn for contact in below(team, roots) for arn in contact.rotations)
    return next((team.rotations[arn].zone for arn in arns if arn in team.rotations), "UTC")


def days(rota: Rota, length: int = 1) -> Iterator[Day]:
    """Yield the days of a rota, or its weeks from Monday on if `length` is 7, cut to its range."""
    day = rota.local(rota.start).date()
    while (begin := midnight(day, rota.zone)) < rota.end:
        following = day + _DAY * (length - day.weekday() % length)
        end = midnight(following, rota.zone)
        yield Day(day, max(begin, rota.start), min(end, rota.end))
        day = following


def overlapping(found: Iterable[Lasts], day: Day) -> Iterator[Lasts]:
    """Yield what is in a day, some of it or all of it."""
    return (each for each in found if each.start < day.end and each.end > day.start)


def pieces(lane: Lane, day: Day) -> list[Shift]:
    """Return the shifts in a day, cut to it; one after the other of the same people are one."""
    found: list[Shift] = []
    # They are in order and apart, so nobody has to look at those of a whole year for each week.
    first = bisect_right(lane.shifts, day.start, key=_end)
    for shift in lane.shifts[first : bisect_left(lane.shifts, day.end, key=_start)]:
        cut = shift._replace(start=max(shift.start, day.start), end=min(shift.end, day.end))
        if found and found[-1][1:] == (cut.start, *cut[2:]):
            cut = found.pop()._replace(end=cut.end)
        found.append(cut)
    return found


def doubles(rota: Rota, schedule: Schedule) -> list[Double]:
    """Return when somebody of a schedule is in two rotations at once, of this schedule or not."""
    own = {rotation.arn for rotation in schedule.rotations}
    return [each for each in rota.doubles if own & {*each.rotations}]


def changes(rota: Rota, day: Day) -> list[ClockChange]:
    """Return when clocks change in a day."""
    return [each for each in rota.clock_changes if day.start <= each.moment < day.end]


def below(team: Team, roots: Iterable[str]) -> list[Contact]:
    """Return the schedules that are engaged by way of some contacts, in the order of stages."""
    return [
        contact
        for contact in map(team.contacts.get, named(team, roots))
        if contact and contact.type == SCHEDULE
    ]


def _schedule(team: Team, contact: Contact, start: datetime, end: datetime) -> Schedule:
    found = [team.rotations[arn] for arn in contact.rotations if arn in team.rotations]
    lanes = tuple(Lane(rotation, tuple(known_shifts(rotation, start, end))) for rotation in found)
    # What one rotation leaves open, another one that could not be read may cover.
    is_whole = not any(arn in team.unseen for arn in contact.rotations)
    return Schedule(contact, lanes, tuple(calendar.gaps(found, start, end)) if is_whole else ())


def _rotations(schedules: Iterable[Schedule]) -> tuple[Rotation, ...]:
    found = {rotation.arn: rotation for each in schedules for rotation in each.rotations}
    return tuple(found.values())


def _gone(team: Team, roots: Iterable[str], people: Iterable[str]) -> Iterator[Missing]:
    engaged = named(team, roots)
    found = [team.contacts[arn] for arn in engaged if arn in team.contacts]
    for arn in engaged:
        if arn not in team.contacts and arn not in team.unseen:
            told = "is engaged and does not exist: take it out of the plan."
            yield Missing(arn, f"{team.called(arn)} {told}")
    for arn in people:
        if arn not in team.contacts and arn not in team.unseen:
            told = "has shifts and does not exist: put somebody else into the rotation."
            yield Missing(arn, f"{team.called(arn)} {told}")
    for contact in found:
        for arn in contact.rotations:
            if arn not in team.rotations and arn not in team.unseen:
                told = f"has a rotation that does not exist, {arn}: take it out of the schedule."
                yield Missing(arn, f"{contact.name} {told}")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)
