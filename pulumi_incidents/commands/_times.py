"""Times and durations as people write and read them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser, tz
from dateutil.relativedelta import MO, relativedelta

from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.identity.reading import seconds

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?|\d{1,2} ?[ap]m")
_YEARS = range(1970, 9900)
"""Around others there is no room for what comes before and after."""
_LONGEST = timedelta(days=366)
_MIDNIGHT = relativedelta(hour=0, minute=0, second=0, microsecond=0)


def zone_of(name: str | None) -> tzinfo:
    """Return a time zone by its IANA name, such as `Europe/Dublin`; None for that of this machine.

    :raises IncidentManagerError: one sentence, if there is no such zone.
    """
    if name is None:
        return tz.tzlocal()
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # of its three errors for a wrong name, one is a KeyError
        pass
    except KeyError:
        pass
    raise IncidentManagerError(
        f"{name} is no time zone: write the name of one as IANA has it, such as Europe/Dublin."
    )


def moment_of(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the time that a text means, in UTC: the next one, where it says no date.

    `now`, or `+2h` from now; a time such as 03:00; today, tomorrow or a day of the week, with or
    without a time; or a time of ISO 8601, in the zone unless it has its own. Where the clock is put
    ahead over it, it is that much later; where the clock is put back, the first of the two that is
    still to come, or of a date the first.

    :raises IncidentManagerError: one sentence, if it means none.
    """
    here = now.astimezone(zone)
    try:
        found = _moment(text.strip().lower(), here)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in _YEARS:
        raise IncidentManagerError(
            f"{text!r} is no time: write now, 03:00, tomorrow 03:00, Sunday 03:00 or "
            "2026-12-06T03:00."
        )
    return tz.resolve_imaginary(found).astimezone(timezone.utc)


def _moment(text: str, here: datetime) -> datetime:
    day, _, rest = text.partition(" ")
    if text == "now":
        return here
    if text.startswith("+"):
        return here.astimezone(timezone.utc) + duration_of(text[1:])
    if re.match(r"\d{4}-\d\d-\d\d", text):  # a week or a month is no time
        return _dated(text, here)
    if day in ("today", "tomorrow"):
        return _at(rest, here + relativedelta(days=day == "tomorrow"))
    names = [name for name in _DAYS if len(day) > 2 and name.startswith(day)]  # noqa: PLR2004 - Mon
    if names:
        weekday = MO.__class__(_DAYS.index(names[0]))
        return _coming(_at(rest, here + relativedelta(weekday=weekday)), here, weeks=1)
    if not text:
        raise ValueError(text)
    return _coming(_at(text, here), here, days=1)


def _dated(text: str, here: datetime) -> datetime:
    day, _, rest = text.partition(" ")
    is_short = rest and _TIME.fullmatch(rest)  # 3am, which ISO 8601 does not know
    found = parser.isoparse(day if is_short else text.upper().replace(" ", "T"))
    found = found if found.tzinfo else found.replace(tzinfo=here.tzinfo)
    return _at(rest, found) if is_short else found


def _coming(found: datetime, here: datetime, **later: int) -> datetime:
    """Return a time that is not over yet: of one that clocks show twice the second, or a later."""
    times = (found, found.replace(fold=1), found + timedelta(**later))
    return next(each for each in times if each.timestamp() >= here.timestamp())


def _at(text: str, day: datetime) -> datetime:
    """Return a time of a day, its beginning if there is none."""
    begin = day.replace(fold=0) + _MIDNIGHT
    if not text:
        return begin
    text = text.removeprefix("at ")
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return parser.parse(text, default=begin)


def duration_of(text: str) -> timedelta:
    """Return a duration, such as `90s`, `2m` or `1h30m`, of a year at most.

    :raises IncidentManagerError: one sentence, if it is none.
    """
    found = seconds(text)
    if found is None or found > _LONGEST.total_seconds():
        raise IncidentManagerError(f"{text!r} is no duration: write 90s, 2m or 1h30m.")
    return timedelta(seconds=found)


def told(moment: datetime, zone: tzinfo) -> str:
    """Return a time as people read it, such as `Sun 2026-12-06 03:00`."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"


def zone_told(moment: datetime, zone: tzinfo) -> str:
    """Return what a zone is called at a time: `Europe/Dublin`, `UTC` or `CET, UTC+01:00`."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    here = moment.astimezone(zone)
    offset = f"UTC{here:%z}"
    return "UTC" if here.tzname() == "UTC" else f"{here:%Z}, {offset[:-2]}:{offset[-2:]}"
