"""A rota as a picture: weeks below each other, a line for each rotation, colours for people.

Whatever is drawn has a title, which is read aloud and shown by a mouse that rests on it; what a
colour says is said by words, initials or hatching too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pulumi_incidents.commands.rota import schedules, text
from pulumi_incidents.commands.rota._page import MARGIN, PEOPLE, WIDTH, Page, shortened
from pulumi_incidents.commands.rota.schedules import Day, Rota, Schedule
from pulumi_incidents.oncall.calendar import Double, Gap
from pulumi_incidents.oncall.shifts import Shift

# In pixels: names on the left, lines, the room between weeks, and that of a day.
_NAMES, _LINE, _SPACE = 140, 26, 16
_LEFT = MARGIN + _NAMES
_WIDTH = (WIDTH - MARGIN - _LEFT) / 7
_MOST = 5 * _WIDTH

_DAY = timedelta(days=1)

_LEGEND = {
    "inside override": "by an override",
    "gap": "nobody on call",
    "twice": "in two rotations at once",
}


class _Bar(NamedTuple):
    """What lasts from a time to another one, and what may be written on it, the longest first."""

    start: datetime
    end: datetime
    kind: str
    title: str
    words: tuple[str, ...]


class _Line(NamedTuple):
    """Bars beside each other, and what they are called."""

    name: str
    kind: str
    bars: list[_Bar]


def picture(rota: Rota) -> str:
    """Return the shifts of a rota as SVG."""
    page = Page("; ".join(text.title(rota, each) for each in rota.schedules))
    colours = _colours(rota)
    y = float(MARGIN)
    for schedule in rota.schedules:
        page.text(MARGIN, y, text.title(rota, schedule), "title")
        y += _LINE + _SPACE
        for week in schedules.days(rota, 7):
            lines = [*_shifts(rota, schedule, week, colours), *_wrong(rota, schedule, week)]
            lines += _clocks(rota, week)
            y = _draw(page, y, _Week(rota, week), lines)
    y = _hours(page, y, rota, colours)
    return page.svg(_legend(page, y) + MARGIN)


def _people(rota: Rota) -> dict[str, None]:
    """Return everybody, in the order of first shifts; who has none comes last."""
    lanes = (lane for schedule in rota.schedules for lane in schedule.lanes)
    shifts = sorted(shift[:3] for lane in lanes for shift in lane.shifts)
    found = {person: None for _, _, members in shifts for person in members}
    return found | dict.fromkeys(rota.hours)


def _colours(rota: Rota) -> dict[str, str]:
    """Return a colour for each person: the rarest one in their rotations, and then of all.

    There are more people than colours, and who hands over to whom has to be seen.
    """
    beside: dict[str, set[str]] = {person: set() for person in _people(rota)}
    for schedule in rota.schedules:
        for lane in schedule.lanes:
            people = {person for shift in lane.shifts for person in shift.members}
            for person in people:
                beside[person] |= people
    found: dict[str, int] = {}
    for person, others in beside.items():
        near, all_ = Counter(map(found.get, others)), Counter(found.values())
        found[person] = min(range(len(PEOPLE)), key=lambda each: (near[each], all_[each]))
    return {person: f"p{colour}" for person, colour in found.items()}


class _Week(NamedTuple):
    """Seven days from Monday on, of which the rota may have fewer."""

    rota: Rota
    within: Day

    @property
    def days(self) -> list[date]:
        """Return the days."""
        first = self.within.date
        return [first + timedelta(days=each - first.weekday()) for each in range(7)]

    def x(self, moment: datetime) -> float:
        """Return where a time is in the picture; a day has its width however long it is."""
        day = self.rota.local(moment).date()
        begin, end = (schedules.midnight(day + _DAY * each, self.rota.zone) for each in (0, 1))
        return _LEFT + _WIDTH * ((day - self.days[0]).days + (moment - begin) / (end - begin))

    def has(self, day: date) -> bool:
        """Tell whether a day is in the rota, some of it or all of it."""
        begin, end = (schedules.midnight(day + _DAY * each, self.rota.zone) for each in (0, 1))
        return begin < self.within.end and end > self.within.start


def _draw(page: Page, y: float, week: _Week, lines: list[_Line]) -> float:
    """Draw a week: its days, and lines of bars over them."""
    below = y + _LINE
    for number, day in enumerate(week.days):
        x = _LEFT + number * _WIDTH
        page.text(x + 6, y, f"{day:%a} {day.day} {day:%b}", "strong" if week.has(day) else "quiet")
        kind = "inside" if week.has(day) else "outside"
        page.day(x, below, _WIDTH, len(lines) * _LINE, kind)
    for line in lines:
        page.text(MARGIN, below, shortened(line.name, _NAMES), line.kind)
        for bar in line.bars:
            x, end = (week.x(each) for each in (bar.start, bar.end))
            page.bar(x, below, end - x, bar.kind, bar.title, *bar.words)
        below += _LINE
    return below + _SPACE


def _shifts(
    rota: Rota, schedule: Schedule, week: Day, colours: Mapping[str, str]
) -> Iterator[_Line]:
    for lane in schedule.lanes:
        bars = []
        for shift in schedules.pieces(lane, week):
            kind = colours[shift.members[0]] if shift.members else "gap"
            if shift.overridden is not None:
                kind += " override"
            title = f"{lane.rotation.name}: {rota.who(shift)} {_span(rota, shift)}"
            words = _words(rota, shift)
            bars.append(_Bar(shift.start, shift.end, f"shift {kind}", title, words))
        yield _Line(lane.rotation.name, "quiet", bars)


def _words(rota: Rota, shift: Shift) -> tuple[str, ...]:
    """Return what may be written on a shift: who has it for whom, who has it, and initials."""
    if not shift.members:
        return (rota.who(shift), "nobody")
    names = (rota.team.called(person).split() for person in shift.members)
    # Those of a first and a last name: more have no room where shifts are short.
    initials = ("".join(word[0] for word in (*name[:1], *name[1:][-1:])) for name in names)
    return rota.who(shift), rota.names(shift.members), "/".join(initials)


def _wrong(rota: Rota, schedule: Schedule, week: Day) -> Iterator[_Line]:
    """Yield when nobody is on call, and a line for each person who is in two rotations at once."""
    gaps = [
        _Bar(*_cut(gap, week), "gap", f"Nobody is on call {_span(rota, gap)}", ("nobody",))
        for gap in schedules.overlapping(schedule.gaps, week)
    ]
    if gaps:
        yield _Line("Nobody", "wrong", gaps)
    twice: dict[str, list[_Bar]] = {}
    for each in schedules.overlapping(schedules.doubles(rota, schedule), week):
        where = rota.names(each.rotations)
        title = f"{rota.team.called(each.person)} is in {where} at once {_span(rota, each)}"
        bar = _Bar(*_cut(each, week), "twice", title, (where, "2"))
        twice.setdefault(each.person, []).append(bar)
    for person, bars in twice.items():
        yield _Line(f"2× {rota.team.called(person)}", "wrong", bars)


def _clocks(rota: Rota, week: Day) -> Iterator[_Line]:
    """Yield the days on which clocks change."""
    bars = []
    for day in schedules.overlapping(schedules.days(rota), week):
        told = [text.clocks(rota, change) for change in schedules.changes(rota, day)]
        if told:
            title = f"{day.date:%a %d %b} {', '.join(told)}"
            words = [
                each.replace(" clocks go on ", " +").replace(" clocks go back ", " -")
                for each in told
            ]
            bars.append(_Bar(day.start, day.end, "clocks", title, (words[0], words[0][:5])))
    if bars:
        yield _Line("Clocks", "quiet", bars)


def _cut(found: Gap | Double, week: Day) -> tuple[datetime, datetime]:
    return max(found.start, week.start), min(found.end, week.end)


def _span(rota: Rota, found: Shift | Gap | Double) -> str:
    times = (f"{rota.local(each):%a %d %b %H:%M}" for each in (found.start, found.end))
    return "from {} to {}".format(*times)


def _hours(page: Page, y: float, rota: Rota, colours: Mapping[str, str]) -> float:
    """Draw who has how many hours, the most first."""
    if not rota.hours:
        return y
    page.text(MARGIN, y, "Hours on call", "strong")
    most = max(rota.hours.values())
    for person, length in text.ranked(rota.hours):
        y += _LINE
        who, told = rota.team.called(person), text.hours(length)
        width = _MOST * (length / most) if most else 0
        page.text(MARGIN, y, shortened(who, _NAMES))
        page.bar(_LEFT, y, width, f"shift {colours[person]}", f"{who}: {told} on call")
        page.text(_LEFT + width + 8, y, told)
    return y + _LINE + _SPACE


def _legend(page: Page, y: float) -> float:
    x = float(_LEFT)
    for kind, words in _LEGEND.items():
        page.bar(x, y, _LINE, kind, words)
        page.text(x + _LINE + 8, y, words)
        x += 2 * _WIDTH
    return y + _LINE
