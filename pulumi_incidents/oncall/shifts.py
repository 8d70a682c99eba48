"""Who is on call in a rotation, and when; pure.

No document states how AWS computes shifts. This follows what the guide says of a rotation
(*Working with on-call schedules*), and the API reference (*RecurrenceSettings*,
*CreateRotationOverride*). *Unverified*: that turns go by as many people as are on call at once;
that a time without coverage uses up its turn; that of overrides the one that was made last is in
force, cuts shifts and adds no hours.
"""

from __future__ import annotations

import functools
import heapq
import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import groupby, pairwise, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pulumi_incidents.oncall.recurrence import LAST, hand_offs, windows
from pulumi_incidents.oncall.team import Override, Rotation

_MOMENT, _DAY = timedelta(microseconds=1), timedelta(days=1)
# A rotation with its recurrence as JSON, so that it can be looked up.
_Told = tuple[str, str, tuple[str, ...], str, str, datetime, tuple[Override, ...]]


class Shift(NamedTuple):
    """Who is on call from `start` until `end`, in UTC."""

    start: datetime
    end: datetime
    members: tuple[str, ...]
    overridden: tuple[str, ...] | None = None
    """Whose turn it would be, in a shift that is overridden."""


def shifts(rotation: Rotation, start: datetime, end: datetime) -> Iterator[Shift]:
    """Yield the shifts that overlap a range, in order, those at its edges whole.

    They come as they are asked for, and as fast from a rotation that is old as from a new one.

    :raises zoneinfo.ZoneInfoNotFoundError: this computer does not know the rotation's zone.
    """
    since = max(start, rotation.start)
    if since >= end:
        return
    zone = ZoneInfo(rotation.zone)
    hours = windows(rotation.recurrence.get("ShiftCoverages") or {}, since, end, zone)
    for shift in _within(_turns(rotation, since, zone), hours):
        if shift.start >= end:
            return
        if shift.end > since:
            parts = _overridden(shift, rotation.overrides)
            yield from (each for each in parts if each.start < end and each.end > start)


def known_shifts(rotation: Rotation, start: datetime, end: datetime) -> list[Shift]:
    """Return what `shifts` yields; asked again for about the same range, it is at hand."""
    begin = datetime.combine(start.date(), time(), start.tzinfo)
    days = (end - begin) // _DAY + 1
    rule = json.dumps(rotation.recurrence, sort_keys=True)
    found = _known((*rotation[:4], rule, *rotation[5:]), begin, days)
    return [shift for shift in found if shift.end > start and shift.start < end]


@functools.lru_cache(maxsize=256)
def _known(told: _Told, begin: datetime, days: int) -> list[Shift]:
    arn, name, members, zone, rule, start, overrides = told
    rotation = Rotation(arn, name, members, zone, json.loads(rule), start, overrides)
    return [*shifts(rotation, begin, begin + days * _DAY)]


def on_call(rotation: Rotation, moment: datetime) -> tuple[str, ...]:
    """Return who is on call at a moment; () is nobody."""
    shift = next(shifts(rotation, moment, moment + _MOMENT), None)
    return shift.members if shift else ()


def _turns(rotation: Rotation, since: datetime, zone: ZoneInfo) -> Iterator[Shift]:
    """Yield the turns from before a moment on, whatever the hours; the first may begin too early.

    So many hand-offs as there were since the start, so many turns are over.
    """
    kinds = hand_offs(rotation.recurrence, rotation.start, zone)
    periods = [kind.period_before(since) for kind in kinds]
    begin = rotation.start
    turn = sum(n * len(kind.times) for n, kind in zip(periods, kinds, strict=True))
    turn -= sum(1 for kind in kinds for _ in takewhile(begin.__ge__, kind.since(0)))
    for moment in heapq.merge(*(kind.since(n) for n, kind in zip(periods, kinds, strict=True))):
        if moment > begin:
            yield Shift(begin, moment, _members(rotation, turn))
            begin = moment
        turn += 1
    yield Shift(begin, LAST, _members(rotation, turn))


def _members(rotation: Rotation, turn: int) -> tuple[str, ...]:
    people, at_once = rotation.members, rotation.recurrence["NumberOfOnCalls"]
    first = turn * at_once
    return tuple(
        people[number % len(people)] for number in range(first, first + min(at_once, len(people)))
    )


def _within(turns: Iterator[Shift], hours: Iterator[tuple[datetime, datetime]]) -> Iterator[Shift]:
    """Yield what of turns is in some hours; both are in order."""
    turn, window = next(turns, None), next(hours, None)
    while turn and window:
        begin, end = max(turn.start, window[0]), min(turn.end, window[1])
        if begin < end:
            yield turn._replace(start=begin, end=end)
        if turn.end <= window[1]:
            turn = next(turns, None)
        else:
            window = next(hours, None)


def _overridden(shift: Shift, overrides: tuple[Override, ...]) -> Iterator[Shift]:
    """Yield a shift as overrides part it, of which the last one over a moment is in force."""
    over = [each for each in overrides if each.start < shift.end and each.end > shift.start]
    if not over:
        yield shift
        return
    edges = {edge for each in over for edge in (each.start, each.end)}
    cuts = sorted({shift.start, shift.end, *(e for e in edges if shift.start < e < shift.end)})

    def in_force(part: tuple[datetime, datetime]) -> int:
        found = (n for n, each in enumerate(over) if each.start <= part[0] < each.end)
        return max(found, default=-1)

    for number, group in groupby(pairwise(cuts), in_force):
        (start, end), *more = group
        end = more[-1][1] if more else end
        if number < 0:
            yield Shift(start, end, shift.members)
        else:
            yield Shift(start, end, over[number].members, shift.members)
