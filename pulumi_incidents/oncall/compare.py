"""Where shifts as they are read here differ from what AWS says of them; pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, groupby, pairwise
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from pulumi_incidents.oncall.shifts import Shift
from pulumi_incidents.oncall.zones import UTC

_OVERRIDDEN = "OVERRIDDEN"
_start = attrgetter("start")


class Held(NamedTuple):
    """Who is on call at a time, and instead of whom, in no order; nobody is `frozenset()`."""

    members: frozenset[str] = frozenset()
    overridden: frozenset[str] | None = None


class Difference(NamedTuple):
    """A time, in UTC, at which two readings have others on call, or instead of others."""

    start: datetime
    end: datetime
    own: Held
    aws: Held


def aws_shift(answer: Mapping[str, Any]) -> Shift:
    """Return a shift as ListRotationShifts and ListPreviewRotationShifts answer it."""
    details = answer.get("ShiftDetails") or {}
    instead_of = tuple(details.get("OverriddenContactIds") or ())
    return Shift(
        answer["StartTime"].astimezone(UTC),
        answer["EndTime"].astimezone(UTC),
        tuple(answer.get("ContactIds") or ()),
        instead_of if answer.get("Type") == _OVERRIDDEN else None,
    )


def differences(
    own: Iterable[Shift], aws: Iterable[Shift], start: datetime, end: datetime
) -> list[Difference]:
    """Return when in a range two readings differ, the earliest first; [] is that they agree.

    Before the first difference they agree from the start on. How shifts are parted, several at the
    same time included, and the order of people make none; a shift of nobody is none at all.
    """
    one, other = _cut(own, start, end), _cut(aws, start, end)
    edges = sorted({start, end, *(edge for shift in (*one, *other) for edge in shift[:2])})
    parts = zip(pairwise(edges), _held(one, edges), _held(other, edges), strict=False)
    found = []
    for (mine, theirs), alike in groupby(parts, itemgetter(1, 2)):
        times = [part for part, *_ in alike]
        if mine != theirs:
            found.append(Difference(times[0][0], times[-1][1], mine, theirs))
    return found


def _cut(shifts: Iterable[Shift], start: datetime, end: datetime) -> list[Shift]:
    cut = (each._replace(start=max(each.start, start), end=min(each.end, end)) for each in shifts)
    return sorted((each for each in cut if each.members and each.start < each.end), key=_start)


def _held(shifts: Iterable[Shift], moments: Iterable[datetime]) -> Iterator[Held]:
    """Yield who is on call from each of some moments on; all is in order of time."""
    waiting, now = deque(shifts), list[Shift]()
    for moment in moments:
        while waiting and waiting[0].start <= moment:
            now.append(waiting.popleft())
        now = [shift for shift in now if shift.end > moment]
        instead_of = [shift.overridden for shift in now if shift.overridden is not None]
        yield Held(
            frozenset(person for shift in now for person in shift.members),
            frozenset(chain(*instead_of)) if instead_of else None,
        )
