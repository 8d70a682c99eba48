"""What holds of the shifts of any rotation, by each reading of them: random ones. Pure.

The readings are that of the local AWS and that of `oncall`. Beside them is a slow one, which counts
minutes, has its hand-offs of `dateutil`'s rules of iCalendar, and shares nothing with either.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pulumi_incidents.emulator.ssm_contacts import shifts as emulated
from pulumi_incidents.emulator.ssm_contacts.recurrence import mistakes
from pulumi_incidents.oncall import shifts as oncall
from tests.read_rotations import rotation
from tests.rotas import (
    CHANGING,
    MINUTE,
    at,
    by_the_minute,
    overrides,
    ranges,
    rotas,
)
from tests.strategies import examples

MOMENT = timedelta(microseconds=1)


class Reading(NamedTuple):
    """Who says what the shifts of a rotation are."""

    shifts: Callable
    on_call: Callable


READINGS = {
    "local AWS": Reading(emulated.shifts, emulated.on_call),
    # It has rotations of its own.
    "oncall": Reading(
        lambda rota, *window: oncall.shifts(rotation(rota), *window),
        lambda rota, moment: oncall.on_call(rotation(rota), moment),
    ),
}
each_reading = pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
LONG = ranges(60)


def overridden(data, rota, start, end):
    """Return the rotation with some overrides."""
    return rota._replace(overrides=data.draw(overrides(start, end, rota.members)))


@each_reading
@examples(60)
@given(st.data(), rotas(), ranges(4))
def test_a_slow_reading_finds_the_same(reading, data, rota, window):
    """Minute by minute, with the hand-offs of `dateutil`, the same people are on call."""
    rota = overridden(data, rota, *window)
    found = iter([*reading.shifts(rota, *window), None])
    shift = next(found)
    for moment, members, instead_of in by_the_minute(rota, *window):
        while shift and shift.end <= moment:
            shift = next(found)
        here = shift if shift and shift.start <= moment else None
        assert (here.members if here else (), here and here.overridden) == (members, instead_of)


@examples(100)
@given(rotas())
def test_random_rotations_have_no_mistakes(rota):
    """What the laws are about is what the API takes."""
    assert list(mistakes(rota.recurrence, rota.members)) == []


@each_reading
@examples(100)
@given(st.data(), rotas(), LONG)
def test_shifts_are_in_order_and_apart(reading, data, rota, window):
    """Each has its time, begins when the one before has ended or later, and overlaps the range."""
    found = list(reading.shifts(overridden(data, rota, *window), *window))
    assert all(each.start < each.end for each in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(each.start < window[1] and each.end > window[0] for each in found)


@each_reading
@examples(100)
@given(st.data(), rotas(covered=False), LONG)
def test_without_coverages_there_is_no_gap(reading, data, rota, window):
    """From the start of the rotation on, shifts together are the whole range, overrides or not."""
    found = list(reading.shifts(overridden(data, rota, *window), *window))
    begin, end = max(window[0], rota.start), window[1]
    assert all(before.end == after.start for before, after in pairwise(found))
    total = sum((min(each.end, end) - max(each.start, begin) for each in found), timedelta())
    assert total == max(end - begin, timedelta())


@each_reading
@examples(100)
@given(rotas(), LONG)
def test_coverages_only_take_hours_away(reading, rota, window):
    """While one is on call, it is who would be without coverages, and never longer."""
    hours = {name: each for name, each in rota.recurrence.items() if name != "ShiftCoverages"}
    whole = list(reading.shifts(rota._replace(recurrence=hours), *window))
    for shift in reading.shifts(rota, *window):
        (around,) = [each for each in whole if each.start < shift.end and each.end > shift.start]
        assert around.start <= shift.start
        assert shift.end <= around.end
        assert shift.members == around.members


@each_reading
@examples(100)
@given(rotas(zones=("UTC",), days=28, covered=False))
def test_turns_go_round_in_order(reading, rota):
    """The first shift is that of the first members; then come the next ones, over and over."""
    count = rota.recurrence["NumberOfOnCalls"]
    found = reading.shifts(rota, rota.start, at("9999-12-31T00:00"))
    for turn, shift in zip(range(2 * len(rota.members)), found, strict=False):
        order = [rota.members.index(each) for each in shift.members]
        assert order == [(turn * count + place) % len(rota.members) for place in range(count)]


@each_reading
@examples(100)
@given(rotas(zones=CHANGING, earliest=4), LONG)
def test_clocks_that_change_move_no_hand_off(reading, rota, window):
    """On the clocks of its zone, a rotation is what it would be on clocks that never change.

    But for hours in which they do.
    """

    def shown(moment):
        return moment.astimezone(ZoneInfo(rota.zone)).replace(tzinfo=ZoneInfo("UTC"))

    still = reading.shifts(rota._replace(zone="UTC", start=shown(rota.start)), *map(shown, window))
    found = reading.shifts(rota, *window)
    assert [(shown(each.start), shown(each.end), each.members) for each in found] == [
        (each.start, each.end, each.members) for each in still
    ]


@each_reading
@examples(100)
@given(st.data(), rotas(), LONG)
def test_who_is_on_call_is_who_has_the_shift(reading, data, rota, window):
    """From its first moment to its last, and nobody between shifts; the last override has it."""
    rota = overridden(data, rota, *window)
    found = list(reading.shifts(rota, *window))
    for shift in found[:20]:
        last = shift.end - MOMENT
        assert reading.on_call(rota, shift.start) == shift.members
        assert reading.on_call(rota, last) == shift.members
        over = [each for each in rota.overrides if each.start <= last < each.end]
        assert (shift.overridden is None) == (not over)
        assert not over or shift.members == over[-1].members
    for before, after in [*pairwise(found)][:20]:
        if before.end < after.start:
            assert reading.on_call(rota, before.end) == ()
            assert reading.on_call(rota, after.start - MOMENT) == ()
    assert reading.on_call(rota, rota.start - MOMENT) == ()


@each_reading
@examples(100)
@given(st.data(), rotas(), LONG, st.integers(0, 60 * 24 * 60))
def test_a_split_range_has_the_same_shifts(reading, data, rota, window, minutes):
    """One that is cut by the split is whole in both halves."""
    rota = overridden(data, rota, *window)
    start, end, middle = *window, window[0] + minutes * MINUTE
    halves = [*reading.shifts(rota, start, middle), *reading.shifts(rota, middle, end)]
    assert list(dict.fromkeys(halves)) == list(reading.shifts(rota, start, end))


@each_reading
@examples(100)
@given(st.data(), rotas(), LONG)
def test_overrides_take_what_they_overlap_and_nothing_else(reading, data, rota, window):
    """The hours on call stay; the last override over a moment has it, and says instead of whom."""
    laid_on = overridden(data, rota, *window)
    for shift in reading.shifts(laid_on, *window):
        over = [
            each for each in laid_on.overrides if each.start < shift.end and each.end > shift.start
        ]
        regular = reading.on_call(rota, shift.start)
        assert regular == reading.on_call(rota, shift.end - MOMENT) != ()
        if shift.overridden is None:
            assert (shift.members, over) == (regular, [])
        else:
            assert (shift.members, shift.overridden) == (over[-1].members, regular)
            assert over[-1].start <= shift.start < shift.end <= over[-1].end
    for edge in (edge for each in laid_on.overrides for edge in (each.start, each.end - MOMENT)):
        assert bool(reading.on_call(rota, edge)) or not reading.on_call(laid_on, edge)


@each_reading
@examples(100)
@given(rotas(zones=("UTC",)), st.integers(1, 9))
def test_whole_rounds_change_nothing(reading, rota, rounds):
    """A rotation of days or weeks that began whole rounds of all members earlier is the same."""
    assume("MonthlySettings" not in rota.recurrence)
    step = 7 if "WeeklySettings" in rota.recurrence else 1
    period = timedelta(days=rota.recurrence["RecurrenceMultiplier"] * step)
    earlier = rota.start - rounds * len(rota.members) * period
    later = rota.start + period
    window = (later, later + timedelta(days=99))
    assert list(reading.shifts(rota._replace(start=earlier), *window)) == list(
        reading.shifts(rota, *window)
    )
