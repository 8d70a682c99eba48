"""Rotations as people say them, such as MON 09:00, and as AWS takes them; pure.

Follows *RecurrenceSettings* in the Incident Manager Contacts API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pulumi_incidents.providers._model import below, echo
from pulumi_incidents.providers._people import SHORTEST_COVERAGE
from pulumi_incidents.providers.rotation import HandOffTimeArgs, RecurrenceArgs

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
# What decides when the next one takes over -> how one hand-off is written, and an example of it.
_HAND_OFFS = {
    "daily": (re.compile(rf"(){_TIME}"), "a time of day, such as 09:00"),
    "weekly": (re.compile(rf"({'|'.join(DAYS)}) {_TIME}"), "a day and a time, such as MON 09:00"),
    "monthly": (
        re.compile(rf"([1-9]|[12]\d|3[01]) {_TIME}"),
        "a day of the month and a time, such as 1 09:00",
    ),
}
_WINDOW = re.compile(rf"{_TIME}-{_TIME}")
_DAYS = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
_DAY = 24 * 60
_DEFAULT = {"weekly": ["MON 09:00"]}


def recurrence(turns: Mapping[str, Any]) -> RecurrenceArgs:
    """Return the recurrence of a rotation in which nothing is wrong."""
    kind, hand_offs = _hand_offs(turns)
    settings = [_setting(kind, each) for each in hand_offs]
    at_once, every, hours = (turns.get(key) for key in ("at_once", "every", "hours"))
    found = {
        "number_of_on_calls": 1 if at_once is None else at_once,
        "recurrence_multiplier": 1 if every is None else every,
        f"{kind}_settings": settings,
        **({"shift_coverages": _coverages(hours)} if hours else {}),
    }
    return cast("RecurrenceArgs", found)


def windows(hours: Mapping[str, Sequence[str]]) -> dict[str, list[tuple[int, int]]]:
    """Return the windows of each day, in minutes from its midnight.

    One that does not end after its beginning ends on the next day, as AWS knows no 24:00.
    """
    return {
        day: [
            _minutes(window)
            for days, some in hours.items()
            if day in _days(days)
            for window in some
        ]
        for day in DAYS
    }


def turn_mistakes(turns: Mapping[str, Any], path: str) -> Iterator[str]:
    """Find what makes no rotation, at `path` of a component's inputs."""
    given = [kind for kind in _HAND_OFFS if turns.get(kind) is not None]
    if len(given) > 1:
        yield f"{path} has {' and '.join(given)}, which exclude each other: keep one of them"
    for kind in given:
        yield from _hand_off_mistakes(kind, turns[kind], below(path, kind))
    for days, some in (turns.get("hours") or {}).items():
        yield from _window_mistakes(days, some, below(path, "hours"))
    if turns.get("hours") == {}:
        yield f"{below(path, 'hours')} cover nothing: give a day, or leave them out for always"


def _hand_offs(turns: Mapping[str, Any]) -> tuple[str, Sequence[str]]:
    given = {kind: turns[kind] for kind in _HAND_OFFS if turns.get(kind)} or _DEFAULT
    return next(iter(given.items()))


def _hand_off_mistakes(kind: str, hand_offs: Sequence[str], path: str) -> Iterator[str]:
    pattern, wanted = _HAND_OFFS[kind]
    if not hand_offs:
        yield f"{path} has no hand-off: give {wanted}"
    for number, each in enumerate(hand_offs):
        if not pattern.fullmatch(each):
            yield f"{path}[{number}] must be {wanted}; got {echo(each)}"
        elif each in hand_offs[:number]:
            yield f"{path}[{number}] is {each} once more; take it out"


def _window_mistakes(days: str, some: Sequence[str], path: str) -> Iterator[str]:
    place = below(path, days)
    if not _DAYS.fullmatch(days):
        yield f"{path} has {echo(days)}, which must be a day or several, such as MON or MON-FRI"
    if not some:
        yield f"{place} covers nothing: give hours, such as 09:00-17:00, or take the day out"
    for number, window in enumerate(some):
        if not _WINDOW.fullmatch(window):
            yield f"{place}[{number}] must be hours, such as 09:00-17:00; got {echo(window)}"
        elif _length(window) < SHORTEST_COVERAGE:
            yield f"{place}[{number}] must be {SHORTEST_COVERAGE} minutes at least; got {window}"


def _setting(kind: str, hand_off: str) -> Any:
    """Return a hand-off as AWS takes it."""
    day, hour, minute = cast("re.Match[str]", _HAND_OFFS[kind][0].fullmatch(hand_off)).groups()
    time: HandOffTimeArgs = {"hour_of_day": int(hour), "minute_of_hour": int(minute)}
    if kind == "daily":
        return time
    key, value = ("day_of_week", day) if kind == "weekly" else ("day_of_month", int(day))
    return {key: value, "hand_off_time": time}


def _coverages(hours: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        day: [{"start": _time(start), "end": _time(end)} for start, end in some]
        for day, some in windows(hours).items()
        if some
    }


def _time(minute: int) -> HandOffTimeArgs:
    return {"hour_of_day": minute // 60 % 24, "minute_of_hour": minute % 60}


def _days(written: str) -> Sequence[str]:
    """Return the days that are meant by one or by a range of them, which may be over a Sunday."""
    first, last = cast("re.Match[str]", _DAYS.fullmatch(written)).groups()
    start = DAYS.index(first)
    number = (DAYS.index(last or first) - start) % 7 + 1
    return [DAYS[(start + each) % 7] for each in range(number)]


def _minutes(window: str) -> tuple[int, int]:
    start = _parts(window)[0]
    return start, start + _length(window)


def _length(window: str) -> int:
    start, end = _parts(window)
    return (end - start - 1) % _DAY + 1


def _parts(window: str) -> tuple[int, int]:
    hours = [int(each) for each in re.findall(r"\d\d", window)]
    return hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
