"""Rotations for tests: short words for them, random ones, and a slow reading of what they mean."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil import rrule
from hypothesis import strategies as st

from pulumi_incidents.emulator.ssm_contacts.shifts import Override, Rota, shifts

WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
# Clocks of these change by an hour or by half of one, on either half of the globe, and in Dublin it
# is winter that is the exception.
CHANGING = ("America/Los_Angeles", "Australia/Sydney", "Europe/Dublin", "Australia/Lord_Howe")
ZONES = (*CHANGING, "UTC", "Asia/Kathmandu", "America/Havana")
MINUTE = timedelta(minutes=1)


def at(text, zone="UTC"):
    """Return when the clocks of a zone show an ISO time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


def clock(text):
    """Return 09:30 as the API has it."""
    hour, minute = text.split(":")
    return {"HourOfDay": int(hour), "MinuteOfHour": int(minute)}


def windows(days, *spans):
    """Return coverages of some days by spans such as 09:00-17:00."""
    times = [
        dict(zip(("Start", "End"), map(clock, span.split("-")), strict=True)) for span in spans
    ]
    return dict.fromkeys(days.split(), times)


def recurrence(*hand_offs, every=1, at_once=1, coverages=None):
    """Return a recurrence by hand-offs such as 09:00, "MON 09:00" or "31 09:00"."""
    found = {"NumberOfOnCalls": at_once, "RecurrenceMultiplier": every}
    for each in hand_offs:
        *day, time = each.split()
        if not day:
            found.setdefault("DailySettings", []).append(clock(time))
        elif day[0] in WEEK:
            weekly = {"DayOfWeek": day[0], "HandOffTime": clock(time)}
            found.setdefault("WeeklySettings", []).append(weekly)
        else:
            monthly = {"DayOfMonth": int(day[0]), "HandOffTime": clock(time)}
            found.setdefault("MonthlySettings", []).append(monthly)
    return found if coverages is None else {**found, "ShiftCoverages": coverages}


def shown(rota, start, end):
    """Return the shifts in a range as its zone has them: from, until, who, and instead of whom."""
    zone = ZoneInfo(rota.zone)

    def local(moment):
        return moment.astimezone(zone).strftime("%m-%d %H:%M")

    return [
        (local(each.start), local(each.end), "".join(each.members))
        + (() if each.overridden is None else ("".join(each.overridden),))
        for each in shifts(rota, at(start, rota.zone), at(end, rota.zone))
    ]


@st.composite
def clocks(draw, earliest=0):
    """Return a time of day from an hour on; clocks change before 4."""
    hour, minute = draw(st.integers(earliest, 23)), draw(st.sampled_from([0, 0, 1, 15, 30, 59]))
    return f"{hour:02}:{minute:02}"


@st.composite
def recurrences(draw, members, earliest=0, days=31, covered=None):
    """Return a recurrence without mistakes; covered says whether it has coverages."""
    day = draw(st.sampled_from([st.just(""), st.sampled_from(WEEK), st.integers(1, days)]))
    hand_off = st.builds("{} {}".format, day, clocks(earliest))
    return recurrence(
        *draw(st.lists(hand_off, min_size=1, max_size=4, unique=True)),
        every=draw(st.one_of(st.integers(1, 3), st.integers(1, 100))),
        at_once=draw(st.integers(1, members)),
        coverages=draw(_coverages(earliest) if covered is None or covered else st.none()),
    )


@st.composite
def _coverages(draw, earliest):
    def span(opens, minutes):
        closes = (int(opens[:2]) * 60 + int(opens[3:]) + minutes) % (24 * 60)
        # A window that would close while clocks change is open until its own beginning: all day.
        closed = f"{closes // 60:02}:{closes % 60:02}"
        return windows("day", f"{opens}-{closed if closed >= f'{earliest:02}' else opens}")["day"][
            0
        ]

    spans = st.builds(span, clocks(earliest), st.integers(30, 24 * 60))
    days = st.dictionaries(st.sampled_from(WEEK), st.lists(spans, max_size=3), min_size=1)
    return draw(st.one_of(st.none(), days.filter(lambda found: any(found.values()))))


@st.composite
def rotas(draw, zones=ZONES, **limits):
    """Return a rotation that starts in the year before the days that tests look at."""
    members = draw(st.integers(1, 30))
    return Rota(
        tuple(f"m{number}" for number in range(members)),
        draw(st.sampled_from(zones)),
        draw(recurrences(members, **limits)),
        at("2025-01-01T00:00") + draw(st.integers(0, 500 * 24 * 60)) * MINUTE,
    )


# Clocks change on these days of 2026, somewhere.
DAYS = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01")


@st.composite
def ranges(draw, days):
    """Return a range of days around one on which clocks change."""
    noon = at(draw(st.sampled_from(DAYS)) + "T12:00")
    start = noon - timedelta(days=draw(st.integers(1, max(days - 1, 1))))
    return start, start + timedelta(days=days)


@st.composite
def overrides(draw, start, end, members):
    """Return overrides that begin in a range, by members or by nobody."""
    length = int((end - start) / MINUTE)

    def override(begin, minutes, who):
        begin = start + begin * MINUTE
        return Override(begin, begin + minutes * MINUTE, who)

    who = st.lists(st.sampled_from(members), max_size=2, unique=True).map(tuple)
    each = st.builds(override, st.integers(0, length), st.integers(30, 3000), who)
    return tuple(draw(st.lists(each, max_size=4)))


def by_the_minute(rota, start, end):
    """Yield each minute of a range with who is on call, and instead of whom: slowly, and otherwise.

    A clock that is only ever put forward has shown a time as soon as the clocks of the zone have:
    for the first time if they show it twice, and with the first one after if they skip it.
    """
    due = _due(rota, end)
    begun = _passed(due, _clock(rota, rota.start))
    now, moment = _clock(rota, start), start
    while moment < end:
        now = max(now, _wall(rota, moment))
        yield moment, *_on_call(rota, moment, now, _passed(due, now) - begun)
        moment += MINUTE


def _on_call(rota, moment, now, turn):
    if moment < rota.start or not _is_covered(rota, now):
        return (), None
    count, people = rota.recurrence["NumberOfOnCalls"], rota.members * 31
    first = turn * count % len(rota.members)
    regular = people[first : first + count]
    for override in reversed(rota.overrides):
        if override.start <= moment < override.end:
            return override.members, regular
    return regular, None


def _wall(rota, moment):
    return moment.astimezone(ZoneInfo(rota.zone)).replace(tzinfo=None)


def _clock(rota, moment):
    return max(_wall(rota, moment - back * MINUTE) for back in range(3 * 60))


def _passed(due, now):
    return sum(count for each, count in due.items() if each <= now)


def _due(rota, end):
    """Return how many hand-offs there are at each time on the clock, by the rules of iCalendar."""
    every, first = rota.recurrence["RecurrenceMultiplier"], _wall(rota, rota.start).date()
    rules = [
        *((rrule.DAILY, first, time, {}) for time in rota.recurrence.get("DailySettings", ())),
        *(
            (rrule.WEEKLY, first - timedelta(days=first.weekday()), each["HandOffTime"], days)
            for each in rota.recurrence.get("WeeklySettings", ())
            for days in [{"byweekday": WEEK.index(each["DayOfWeek"]), "wkst": rrule.MO}]
        ),
        *(
            (rrule.MONTHLY, first.replace(day=1), each["HandOffTime"], days)
            for each in rota.recurrence.get("MonthlySettings", ())
            for last in [each["DayOfMonth"]]
            for days in [{"bymonthday": range(min(last, 28), last + 1), "bysetpos": -1}]
        ),
    ]
    return Counter(
        when
        for frequency, day, time, days in rules
        for when in rrule.rrule(
            frequency,
            dtstart=datetime.combine(day, datetime.min.time()),
            until=end.replace(tzinfo=None) + timedelta(days=2),
            interval=every,
            byhour=time["HourOfDay"],
            byminute=time["MinuteOfHour"],
            **days,
        )
    )


def _is_covered(rota, now):
    coverages = rota.recurrence.get("ShiftCoverages")
    if not coverages:
        return True
    return any(
        _minutes(each["Start"]) <= passed < _closes(each)
        for back in (0, 1)
        for each in coverages.get(WEEK[(now.weekday() - back) % 7], ())
        for passed in [now.hour * 60 + now.minute + back * 24 * 60]
    )


def _minutes(time):
    return time["HourOfDay"] * 60 + time["MinuteOfHour"]


def _closes(window):
    opens, closes = _minutes(window["Start"]), _minutes(window["End"])
    return closes if closes > opens else closes + 24 * 60
