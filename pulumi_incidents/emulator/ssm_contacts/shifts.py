"""Who is on call when: the shifts of a rotation, its coverages and its overrides; pure.

No document states how AWS computes shifts. What is done here follows the words of the API and of
the guide ("Working with on-call schedules"), and is unverified:

- Shift k lasts from one hand-off to the next, the first one from the start of the rotation. On call
  are NumberOfOnCalls members from the k*NumberOfOnCalls-th on, in their order, over and over.
- A shift that has no time, because two hand-offs fall together or no coverage is in it, uses a turn
  up.
- Coverages cut a shift into one for each window. A window is of the day that it begins on; of two
  that overlap, the later one begins where the other ends. Without coverages all hours are covered.
- An override replaces what it overlaps, cut where shifts begin and end, and covers no further
  hours. Of several, the one that was created last is in force. It may leave nobody on call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import dropwhile, groupby, pairwise, takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pulumi_incidents.emulator.ssm_contacts.recurrence import DAY, DAYS, HandOffs, length, minute
from pulumi_incidents.emulator.ssm_contacts.zones import (
    EARLIEST,
    LATEST,
    instant,
    is_zone,
    local_day,
)

__all__ = ["Override", "Rota", "Shift", "is_zone", "on_call", "shifts"]


class Override(NamedTuple):
    """Who is on call instead of those whose turn it is, from `start` until `end`, in UTC."""

    start: datetime
    end: datetime
    members: tuple[str, ...]


class Rota(NamedTuple):
    """A rotation as the API has it, without mistakes of its recurrence.

    `zone` is an IANA name, `recurrence` a RecurrenceSettings, `start` in UTC; `overrides` are in
    the order of their creation.
    """

    members: tuple[str, ...]
    zone: str
    recurrence: Mapping[str, Any]
    start: datetime
    overrides: tuple[Override, ...] = ()


class Shift(NamedTuple):
    """Who is on call from `start` until `end`, in UTC.

    `overridden` are those who would be without any override, in a shift of the type OVERRIDDEN; of
    a REGULAR one it is None.
    """

    start: datetime
    end: datetime
    members: tuple[str, ...]
    overridden: tuple[str, ...] | None = None


def shifts(rota: Rota, start: datetime, end: datetime) -> Iterator[Shift]:
    """Yield the shifts that overlap a range of time, in order, as they are asked for.

    The API's words are that a range filters shifts, so those at its edges are whole (unverified).
    """
    if start < end:
        yield from takewhile(lambda shift: shift.start < end, _from(rota, start))


def on_call(rota: Rota, moment: datetime) -> tuple[str, ...]:
    """Return who is on call at a moment: nobody before the start and outside of coverages."""
    shift = next(_from(rota, moment), None)
    return shift.members if shift and shift.start <= moment else ()


def _from(rota: Rota, moment: datetime) -> Iterator[Shift]:
    """Yield the shifts that end after a moment."""
    laid_on = (part for turn in _turns(rota, moment) for part in _overridden(turn, rota.overrides))
    return dropwhile(lambda shift: shift.end <= moment, laid_on)


def _turns(rota: Rota, moment: datetime) -> Iterator[Shift]:
    """Yield turns as if there were no overrides, those of a moment and after it; some are empty."""
    zone = ZoneInfo(rota.zone)
    hand_offs = HandOffs(rota.recurrence, zone, rota.start)
    first = hand_offs.after(rota.start)
    for opens, closes in _windows(rota.recurrence, zone, max(moment, rota.start)):
        begin = max(opens, rota.start)
        number = hand_offs.after(max(begin, moment))
        begin = max(begin, hand_offs.at(number - 1))
        while begin < closes:
            end = min(hand_offs.at(number), closes)
            yield Shift(begin, end, _members(rota, number - first))
            begin, number = end, number + 1


def _members(rota: Rota, turn: int) -> tuple[str, ...]:
    count = rota.recurrence["NumberOfOnCalls"]
    places = range(turn * count, (turn + 1) * count)
    return tuple(rota.members[each % len(rota.members)] for each in places)


def _windows(
    recurrence: Mapping[str, Any], zone: ZoneInfo, moment: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when until when hours are covered, in order, from a day before a moment on."""
    coverages = recurrence.get("ShiftCoverages")
    if not coverages:
        yield EARLIEST, LATEST
        return
    week = _week(coverages)
    # A window of the day before may still be open.
    for day in range(local_day(moment, zone) - 1, date.max.toordinal() + 1):
        for opens, closes in week[(day - 1) % 7]:
            yield instant(day, opens, zone), instant(day, closes, zone)


def _week(coverages: Mapping[str, Sequence[Any]]) -> list[list[tuple[int, int]]]:
    """Return the windows of each day of the week without overlaps, in minutes from midnight."""
    begun = [
        sorted(
            (opens := minute(each["Start"]), opens + length(each))
            for each in coverages.get(day, ())
        )
        for day in DAYS
    ]
    week: list[list[tuple[int, int]]] = []
    for index, windows in enumerate(begun):
        week.append([])
        taken = max((closes for _, closes in begun[index - 1]), default=0) - DAY
        for opens, closes in windows:
            if max(opens, taken) < closes:
                week[-1].append((max(opens, taken), closes))
                taken = closes
    return week


def _overridden(turn: Shift, overrides: Sequence[Override]) -> Iterator[Shift]:
    """Yield the parts that overrides leave of a turn, and those that they take; none if empty."""
    cuts = (edge for each in overrides for edge in each[:2] if turn.start < edge < turn.end)
    parts = pairwise(sorted({turn.start, turn.end, *cuts}))

    def in_force(part: tuple[datetime, datetime]) -> Override | None:
        return next(
            (each for each in reversed(overrides) if each.start <= part[0] < each.end), None
        )

    for override, run in groupby(parts, key=in_force):
        spans = list(run)
        begin, end = spans[0][0], spans[-1][1]
        if override is None:
            yield Shift(begin, end, turn.members)
        else:
            yield Shift(begin, end, override.members, turn.members)
