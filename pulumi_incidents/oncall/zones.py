"""What the clocks of a time zone show, and when; pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what clocks show at a moment, without the zone."""
    return moment.astimezone(zone).replace(tzinfo=None)


def instant(time: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment, in UTC, at which clocks show a time without a zone.

    Of a time that they show twice it is the first; one that they skip has come when they change.
    *Unverified*: no document says what AWS makes of either.
    """
    early, late = time.replace(tzinfo=zone, fold=0), time.replace(tzinfo=zone, fold=1)
    if _offset(early) < _offset(late):  # skipped: one reads it as after the change, one as before
        return _change(late.astimezone(UTC), early.astimezone(UTC), zone)
    return early.astimezone(UTC)


def changes(
    zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Yield when clocks change in a range, and how far they are ahead of UTC before and after."""
    before = start - _SECOND  # a change at the start is in the range, one at the end is not
    while before < end - _SECOND:
        after = min(before + _DAY, end - _SECOND)
        old, new = (_offset(each.astimezone(zone)) for each in (before, after))
        if old != new:
            yield _change(before, after, zone), old, new
        before = after


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second at which clocks are as they are afterwards."""
    new = _offset(after.astimezone(zone))
    return before + _SECOND * bisect_left(
        range((after - before) // _SECOND),
        x=True,
        key=lambda passed: _offset((before + passed * _SECOND).astimezone(zone)) == new,
    )


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()
