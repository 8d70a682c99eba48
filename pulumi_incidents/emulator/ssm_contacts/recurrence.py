"""When a rotation hands over: the recurrence of the API as a sequence of instants; pure.

Hand-offs are the listed times of every RecurrenceMultiplier-th day, week or month, on the clocks of
the rotation's zone, from the day, week or month that has its start. No document states how AWS
computes them: this, that weeks begin on Monday, and that a day which a month lacks is its last one,
is unverified.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pulumi_incidents.emulator.ssm_contacts.zones import instant, local_day

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
HOUR, DAY = 60, 24 * 60
_SHORTEST = 30

_Settings = Sequence[Mapping[str, Any]]
_Minute = tuple[int, int]  # a day, and the minute of it


def minute(time: Mapping[str, int]) -> int:
    """Return the minute of the day that a HandOffTime is."""
    return time["HourOfDay"] * HOUR + time["MinuteOfHour"]


def length(window: Mapping[str, Mapping[str, int]]) -> int:
    """Return how many minutes on the clock a CoverageTime has, 1 to 1440.

    An End that is not after its Start is on the next day (unverified): the API cannot say 24:00.
    """
    return (minute(window["End"]) - minute(window["Start"]) - 1) % DAY + 1


def _daily(settings: _Settings, day: int) -> list[_Minute]:
    return [(day, minute(each)) for each in settings]


def _weekly(settings: _Settings, week: int) -> list[_Minute]:
    return [
        (week * 7 + 1 + DAYS.index(each["DayOfWeek"]), minute(each["HandOffTime"]))
        for each in settings
    ]


def _monthly(settings: _Settings, month: int) -> list[_Minute]:
    year, index = divmod(month, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return [(0 if year < MINYEAR else date.max.toordinal() + 1, 0)] * len(settings)
    first, days = date(year, index + 1, 1).toordinal(), monthrange(year, index + 1)[1]
    return [
        (first + min(each["DayOfMonth"], days) - 1, minute(each["HandOffTime"]))
        for each in settings
    ]


def _month(day: int) -> int:
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


class _Kind(NamedTuple):
    """One kind of recurrence: the number of its day, week or month, and the hand-offs of one."""

    unit: Callable[[int], int]
    hand_offs: Callable[[_Settings, int], list[_Minute]]


_KINDS = {
    "DailySettings": _Kind(lambda day: day, _daily),
    "WeeklySettings": _Kind(lambda day: (day - 1) // 7, _weekly),
    "MonthlySettings": _Kind(_month, _monthly),
}


class HandOffs:
    """The hand-offs of a recurrence without mistakes, numbered in order by whole numbers.

    Those that fall together, as on a day that a short month lacks, keep a number each. They begin
    and end with the calendar: beyond it, all are EARLIEST or LATEST.
    """

    def __init__(self, recurrence: Mapping[str, Any], zone: ZoneInfo, start: datetime) -> None:
        name = next(each for each in _KINDS if recurrence.get(each))
        kind, settings = _KINDS[name], recurrence[name]
        self._zone, self._unit = zone, kind.unit
        self._every, self._count = recurrence["RecurrenceMultiplier"], len(settings)
        self._origin = kind.unit(local_day(start, zone))
        self._in_unit = lru_cache(maxsize=4)(
            lambda unit: sorted(instant(*each, zone) for each in kind.hand_offs(settings, unit))
        )

    def at(self, number: int) -> datetime:
        """Return the instant of a hand-off, in UTC."""
        period, index = divmod(number, self._count)
        return self._in_unit(self._origin + period * self._every)[index]

    def after(self, moment: datetime) -> int:
        """Return the number of the first hand-off after a moment from the start on.

        It takes as many steps in any year. Where clocks are set back over midnight, a hand-off of
        the next period may be over, hence two of them.
        """
        period = (self._unit(local_day(moment, self._zone)) - self._origin) // self._every
        near = range(period * self._count, (period + 2) * self._count)
        return near.start + bisect_right(near, moment, key=self.at)


def mistakes(recurrence: Mapping[str, Any], members: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the path and the constraint of all that a recurrence of valid types breaks.

    Exactly one kind of settings is what AWS's CloudFormation schema and Terraform's documents say,
    thirty minutes the guide; the rest would mean nothing. Whether AWS refuses it is unverified.
    """
    given = [name for name in _KINDS if recurrence.get(name)]
    if len(given) != 1:
        yield "Recurrence", f"Member must have exactly one of {', '.join(_KINDS)}"
    if recurrence["NumberOfOnCalls"] > len(members):
        constraint = f"Member must not be greater than the number of contacts, {len(members)}"
        yield "Recurrence.NumberOfOnCalls", constraint
    for name in given:
        settings = recurrence[name]
        for index, each in enumerate(settings):
            if each in settings[:index]:
                yield f"Recurrence.{name}[{index}]", "Member must not be there twice"
    yield from _mistakes_of_coverages(recurrence.get("ShiftCoverages") or {})


def _mistakes_of_coverages(coverages: Mapping[str, _Settings]) -> Iterator[tuple[str, str]]:
    if coverages and not any(coverages.values()):
        yield "Recurrence.ShiftCoverages", "Member must have a time on one day at least"
    for day, windows in coverages.items():
        for index, window in enumerate(windows):
            path = f"Recurrence.ShiftCoverages.{day}[{index}]"
            if not {"Start", "End"} <= window.keys():
                yield path, "Member must have Start and End"
            elif length(window) < _SHORTEST:
                yield path, f"Member must be {_SHORTEST} minutes or longer"
