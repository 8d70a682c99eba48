"""A rota as a calendar in the terminal: who has which shift, day by day or week by week.

Whatever a colour says, a word says too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pulumi_incidents.commands._rows import Row, Rows
from pulumi_incidents.commands.rota import schedules
from pulumi_incidents.commands.rota.schedules import Day, Lasts, Rota, Schedule
from pulumi_incidents.oncall.calendar import ClockChange, Double, Gap
from pulumi_incidents.oncall.shifts import Shift

LONGEST_BY_DAY = timedelta(days=37)
"""A longer range is told week by week."""

_WRONG, _OTHER = "bold red", "magenta"
_BAR = 24
_DATE = "%a %d %b %Y"


class _Block(NamedTuple):
    """One schedule, by days or by weeks."""

    rota: Rota
    schedule: Schedule
    length: int

    def clock(self, shown: datetime, *, ends: bool = False, day: bool = True) -> str:
        """Return what clocks show, with the day where weeks are told; a day ends at 24:00."""
        is_last = ends and shown.time() == time()
        told = "24:00" if is_last else shown.time().isoformat("minutes")
        return (
            f"{_last(shown) if is_last else shown:%a} {told}" if self.length > 1 and day else told
        )

    def span(self, start: datetime, end: datetime) -> str:
        """Return from when until when."""
        first, last = self.rota.local(start), self.rota.local(end)
        is_longer = first.date() != _last(last).date()
        if self.length > 1 and first.time() == last.time() == time():
            return f"{first:%a}–{_last(last):%a}" if is_longer else f"{first:%a}"
        return f"{self.clock(first)}–{self.clock(last, ends=True, day=is_longer)}"

    def within(self, day: Day, found: Shift | Gap | Double) -> str:
        """Return the part of a day or week in which something is, if that is not all of it."""
        start, end = max(found.start, day.start), min(found.end, day.end)
        return "" if (start, end) == (day.start, day.end) else f"{self.span(start, end)}"


def calendar(rota: Rota, more: Iterable[str] = ()) -> RenderableType:
    """Return the calendar of each schedule, and below what is wrong and who has how many hours.

    :param more: sentences for the end.
    """
    length = 1 if rota.end - rota.start <= LONGEST_BY_DAY else 7
    blocks = [_Block(rota, each, length) for each in rota.schedules]
    return Group(
        *(part for each in blocks for part in _parts(each)), *_below(rota), *map(Text, more)
    )


def _parts(block: _Block) -> tuple[RenderableType, ...]:
    return Text(title(block.rota, block.schedule), "bold"), Rows(_rows(block))


def title(rota: Rota, schedule: Schedule) -> str:
    """Return which schedule it is, of which days, by which clocks."""
    start, end = rota.local(rota.start), rota.local(rota.end)
    last = f"{_last(end):{_DATE}}" if end.time() == time() else f"{end:{_DATE} %H:%M}"
    first = f"{start:{_DATE}}" if start.time() == time() else f"{start:{_DATE} %H:%M}"
    return f"{schedule.contact.name}, {first} to {last}, times of {rota.zone.key}"


def _rows(block: _Block) -> Iterator[Row]:
    for number, day in enumerate(schedules.days(block.rota, block.length)):
        if day.date.weekday() == 0 or block.length > 1 or not number:
            yield "", "", Text()
        lines = [*_lines(block, day)] or [("", Text("not known"))]
        for place, (rotation, line) in enumerate(lines):
            yield "" if place else _day(block, day), rotation, line
    yield "", "", Text()


def _day(block: _Block, day: Day) -> str:
    if block.length == 1:
        return f"{day.date:%a %d %b}"
    return f"{day.date:%d %b}–{_last(block.rota.local(day.end)):%d %b}"


def _last(end: datetime) -> datetime:
    """Return a time of the day that ends, or goes on, at a time."""
    return end - timedelta(seconds=1)


def _lines(block: _Block, day: Day) -> Iterator[tuple[str, Text]]:
    """Yield who has a shift in a day, under the name of the rotation, and what else to know."""
    for lane in block.schedule.lanes:
        for number, shift in enumerate(schedules.pieces(lane, day)):
            style = "" if shift.overridden is None else _OTHER
            told = Text(_after(block.within(day, shift))).append(block.rota.who(shift), style)
            yield "" if number else lane.rotation.name, told
    for gap in schedules.overlapping(block.schedule.gaps, day):
        yield "", Text(f"{_after(block.within(day, gap))}nobody", _WRONG)
    for each in schedules.overlapping(schedules.doubles(block.rota, block.schedule), day):
        who, where = block.rota.team.called(each.person), block.rota.names(each.rotations)
        yield "", Text(f"{_after(block.within(day, each))}{who} twice: {where}", _WRONG)
    for change in schedules.changes(block.rota, day):
        when = "" if block.length == 1 else f"{block.rota.local(change.moment):%a} "
        yield "", Text(f"{when}{clocks(block.rota, change)}", _OTHER)


def _after(when: str) -> str:
    return f"{when} " if when else ""


def clocks(rota: Rota, change: ClockChange) -> str:
    """Return when clocks change by how much, as they show it until then."""
    jump = change.after - change.before
    told = f"clocks {'go on' if jump > timedelta() else 'go back'} {hours(abs(jump))}"
    if change.zone == rota.zone.key:
        return f"{change.moment + change.before:%H:%M} {told}"
    return f"{rota.local(change.moment):%H:%M} {told} in {change.zone}"


def _below(rota: Rota) -> Iterator[RenderableType]:
    for sentence in sentences(rota):
        yield Text(sentence, _WRONG)
    if rota.hours:
        yield Text("Hours on call", "bold")
        yield Padding(_hours(rota), (0, 0, 0, 2), expand=False)


def sentences(rota: Rota) -> Iterator[str]:
    """Yield what is wrong: a sentence for each schedule with gaps and each person who is twice."""
    for schedule in rota.schedules:
        if schedule.gaps:
            yield f"{schedule.contact.name}: nobody is on call {times(rota, schedule.gaps)}."
    for person, rotations in {(each.person, each.rotations): None for each in rota.doubles}:
        found = [each for each in rota.doubles if each[2:] == (person, rotations)]
        where = rota.names(rotations)
        yield f"{rota.team.called(person)} is in {where} at once {times(rota, found)}."
    yield from (missing.why for missing in rota.gone)


def times(rota: Rota, found: Sequence[Lasts]) -> str:
    """Return when something is: from when until when, or how often, how long, and when first."""
    first = found[0]
    when = " to ".join(f"{rota.local(each):%a %d %b %H:%M}" for each in (first.start, first.end))
    if len(found) == 1:
        return f"from {when}"
    total = sum((each.end - each.start for each in found), timedelta())
    return f"{len(found)} times, {hours(total)} in all, first from {when}"


def hours(length: timedelta) -> str:
    """Return a length in hours, with minutes where there are some."""
    whole, rest = divmod(round(length / timedelta(minutes=1)), 60)
    told = [f"{whole} h"] if whole or not rest else []
    return " ".join([*told, f"{rest} min"] if rest else told)


def ranked(found: Mapping[str, timedelta]) -> list[tuple[str, timedelta]]:
    """Return who has how many hours, the most first."""
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _hours(rota: Rota) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    most = max(rota.hours.values())
    for person, length in ranked(rota.hours):
        bar = "█" * round(_BAR * (length / most)) if most else ""
        table.add_row(rota.team.called(person), hours(length), bar)
    return table
