"""When a rotation hands over, and at which hours anybody is on call; pure.

Follows *RecurrenceSettings* in the Incident Manager Contacts API reference. All of it is reckoned
on the clocks of the rotation's zone. *Unverified*, as no document states it: that periods begin
with a day, a Monday or the first of a month, and the first one is that of the rotation's start;
that a day which a month lacks is its last one; that hours which do not end after their beginning
end on the next day, and that of hours which overlap the later ones begin when the earlier ones end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from pulumi_incidents.oncall.zones import UTC, instant, shown

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
LAST = datetime(9900, 1, 1, tzinfo=UTC)
"""Nothing is reckoned beyond: a century before the end of what Python knows of days."""

_DAY = timedelta(days=1)
_Length = timedelta | relativedelta


class HandOffs(NamedTuple):
    """The hand-offs of one kind, the same ones in each period."""

    first: datetime
    """The beginning of the first period, without a zone."""
    length: _Length
    """How long a period is, such as a fortnight."""
    times: tuple[_Length, ...]
    """When in a period it hands over, from its beginning."""
    zone: ZoneInfo

    def period_before(self, moment: datetime) -> int:
        """Return the number of a period that has begun by a moment: the one before, or the first.

        All hand-offs of earlier periods are over by then.
        """
        time = shown(moment, self.zone)
        if isinstance(self.length, timedelta):
            periods = (time - self.first) // self.length
        else:
            months = (time.year - self.first.year) * 12 + time.month - self.first.month
            periods = months // (self.length.years * 12 + self.length.months)
        return max(periods - 1, 0)

    def since(self, period: int) -> Iterator[datetime]:
        """Yield the hand-offs of a period and all later ones, in UTC and in order."""
        for number in count(period):
            begin = self.first + number * self.length
            if begin >= LAST.replace(tzinfo=None):
                return
            for time in sorted(begin + each for each in self.times):
                yield instant(time, self.zone)


def hand_offs(recurrence: Mapping[str, Any], start: datetime, zone: ZoneInfo) -> list[HandOffs]:
    """Return the hand-offs of a rotation: of one kind, as far as AWS's documents go."""
    every, today = recurrence["RecurrenceMultiplier"], _midnight(shown(start, zone))
    daily = tuple(_passed(each) for each in recurrence.get("DailySettings") or ())
    weekly = tuple(
        DAYS.index(each["DayOfWeek"]) * _DAY + _passed(each["HandOffTime"])
        for each in recurrence.get("WeeklySettings") or ()
    )
    monthly = tuple(
        relativedelta(day=each["DayOfMonth"]) + _passed(each["HandOffTime"])
        for each in recurrence.get("MonthlySettings") or ()
    )
    kinds = (
        HandOffs(today, every * _DAY, daily, zone),
        HandOffs(today - today.weekday() * _DAY, every * 7 * _DAY, weekly, zone),
        HandOffs(today.replace(day=1), relativedelta(months=every), monthly, zone),
    )
    return [kind for kind in kinds if kind.times]


def windows(
    coverages: Mapping[str, Any], start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the hours that overlap a range, and some before it, in order and apart.

    Where there are no coverages, these are all hours.
    """
    if not coverages:
        yield datetime.min.replace(tzinfo=UTC), LAST
        return
    # What begins on the day before may be open, and what begins another day before may cut it.
    day = _midnight(shown(start, zone)) - 3 * _DAY
    closed = midnight = instant(day, zone)
    while midnight < end:
        for opens, closes in sorted(map(_span, coverages.get(DAYS[day.weekday()]) or ())):
            begin, close = max(instant(day + opens, zone), closed), instant(day + closes, zone)
            if begin < close:
                yield begin, close
                closed = close
        day += _DAY
        midnight = instant(day, zone)


def _midnight(time: datetime) -> datetime:
    return datetime.combine(time, datetime.min.time())


def _span(window: Mapping[str, Any]) -> tuple[timedelta, timedelta]:
    opens, closes = _passed(window["Start"]), _passed(window["End"])
    return opens, closes if closes > opens else closes + _DAY


def _passed(time: Mapping[str, int]) -> timedelta:
    return timedelta(hours=time["HourOfDay"], minutes=time["MinuteOfHour"])
