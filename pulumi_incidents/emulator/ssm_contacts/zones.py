"""Time zones: what the clocks on the wall of one show, as instants, and back; pure.

A day is its proleptic ordinal, as in `datetime.toordinal`: 1 is Monday, 0001-01-01. What lies
beyond the years 1 to 9999 is EARLIEST or LATEST.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
LATEST = datetime.max.replace(tzinfo=timezone.utc)

# "Designators for time zones that don't support Daylight Savings Time rules, such as Pacific
# Standard Time (PST), are not supported" (CreateRotation). IANA has three of these, and systems
# have names beside IANA's.
_REFUSED = {"EST", "HST", "MST", "Factory", "localtime", "posixrules"}


def is_zone(name: str) -> bool:
    """Tell whether AWS takes this as a time zone: an IANA name in its own spelling.

    That UTC is taken is documented, of other zones with one offset all year that Asia/Seoul is;
    that EST, MST and HST are refused as PST is, is unverified.
    """
    return name in _names()


@cache
def _names() -> set[str]:
    return available_timezones() - _REFUSED


def instant(day: int, minute: int, zone: ZoneInfo) -> datetime:
    """Return when the clocks show a minute, counted from midnight of a day, in UTC.

    What they show twice is the first time, and what they skip the first instant after. The minute
    may be one of the next day.
    """
    try:
        shown = datetime.fromordinal(day) + timedelta(minutes=minute)
        early = (shown - _offset(shown.replace(tzinfo=zone))).replace(tzinfo=timezone.utc)
        late = (shown - _offset(shown.replace(tzinfo=zone, fold=1))).replace(tzinfo=timezone.utc)
    except (OverflowError, ValueError):
        return EARLIEST if day < _FIRST_DAYS else LATEST
    return early if early <= late else _change(late, early, zone)


# Before these a day may begin in the year 0.
_FIRST_DAYS = 3


def _offset(moment: datetime) -> timedelta:
    # Every zone has one; it is None of times without a zone alone.
    return cast("timedelta", moment.utcoffset())


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when, after one instant and until another, the offset of a zone changes."""
    old = _offset(before.astimezone(zone))
    seconds = range(int((after - before).total_seconds()))
    return before + timedelta(
        seconds=bisect_left(
            seconds,
            1,
            key=lambda each: _offset((before + timedelta(seconds=each)).astimezone(zone)) != old,
        )
    )


def local_day(moment: datetime, zone: ZoneInfo) -> int:
    """Return the day on the wall of a zone; at the ends of the calendar, that of UTC."""
    try:
        return moment.astimezone(zone).toordinal()
    except OverflowError:
        return moment.toordinal()
