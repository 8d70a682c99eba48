"""What holds of the shifts of any rotation: random ones, beside a slow reading. Pure."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from pulumi_incidents.emulator.ssm_contacts.recurrence import mistakes
from pulumi_incidents.emulator.ssm_contacts.shifts import on_call, shifts
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
LONG = ranges(60)


def overridden(data, rota, start, end):
    """Return the rotation with some overrides."""
    return rota._replace(overrides=data.draw(overrides(start, end, rota.members)))


@examples(60)
@given(st.data(), rotas(), ranges(4))
def test_a_slow_reading_finds_the_same(data, rota, window):
    """Minute by minute, with the hand-offs of `dateutil`, the same people are on call."""
    rota = overridden(data, rota, *window)
    found = iter([*shifts(rota, *window), None])
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


@examples(100)
@given(st.data(), rotas(), LONG)
def test_shifts_are_in_order_and_apart(data, rota, window):
    """Each has its time, begins when the one before has ended or later, and overlaps the range."""
    found = list(shifts(overridden(data, rota, *window), *window))
    assert all(each.start < each.end for each in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(each.start < window[1] and each.end > window[0] for each in found)


@examples(100)
@given(st.data(), rotas(covered=False), LONG)
def test_without_coverages_there_is_no_gap(data, rota, window):
    """From the start of the rotation on, shifts together are the whole range, overrides or not."""
    found = list(shifts(overridden(data, rota, *window), *window))
    begin, end = max(window[0], rota.start), window[1]
    assert all(before.end == after.start for before, after in pairwise(found))
    total = sum((min(each.end, end) - max(each.start, begin) for each in found), timedelta())
    assert total == max(end - begin, timedelta())


@examples(100)
@given(rotas(), LONG)
def test_coverages_only_take_hours_away(rota, window):
    """While one is on call, it is who would be without coverages, and never longer."""
    hours = {name: each for name, each in rota.recurrence.items() if name != "ShiftCoverages"}
    whole = list(shifts(rota._replace(recurrence=hours), *window))
    for shift in shifts(rota, *window):
        (around,) = [each for each in whole if each.start < shift.end and each.end > shift.start]
        assert around.start <= shift.start
        assert shift.end <= around.end
        assert shift.members == around.members


@examples(100)
@given(rotas(zones=("UTC",), days=28, covered=False))
def test_turns_go_round_in_order(rota):
    """The first shift is that of the first members; then come the next ones, over and over."""
    count = rota.recurrence["NumberOfOnCalls"]
    found = shifts(rota, rota.start, at("9999-12-31T00:00"))
    for turn, shift in zip(range(2 * len(rota.members)), found, strict=False):
        order = [rota.members.index(each) for each in shift.members]
        assert order == [(turn * count + place) % len(rota.members) for place in range(count)]


@examples(100)
@given(rotas(zones=CHANGING, earliest=4), LONG)
def test_clocks_that_change_move_no_hand_off(rota, window):
    """On the clocks of its zone, a rotation is what it would be on clocks that never change.

    But for hours in which they do.
    """

    def shown(moment):
        return moment.astimezone(ZoneInfo(rota.zone)).replace(tzinfo=ZoneInfo("UTC"))

    still = shifts(rota._replace(zone="UTC", start=shown(rota.start)), *map(shown, window))
    found = shifts(rota, *window)
    assert [(shown(each.start), shown(each.end), each.members) for each in found] == [
        (each.start, each.end, each.members) for each in still
    ]


@examples(100)
@given(st.data(), rotas(), LONG)
def test_who_is_on_call_is_who_has_the_shift(data, rota, window):
    """From its first moment to its last, and nobody between shifts."""
    rota = overridden(data, rota, *window)
    found = list(shifts(rota, *window))
    for shift in found[:20]:
        assert on_call(rota, shift.start) == on_call(rota, shift.end - MOMENT) == shift.members
    for before, after in [*pairwise(found)][:20]:
        if before.end < after.start:
            assert on_call(rota, before.end) == on_call(rota, after.start - MOMENT) == ()
    assert on_call(rota, rota.start - MOMENT) == ()


@examples(100)
@given(st.data(), rotas(), LONG, st.integers(0, 60 * 24 * 60))
def test_a_split_range_has_the_same_shifts(data, rota, window, minutes):
    """One that is cut by the split is whole in both halves."""
    rota = overridden(data, rota, *window)
    start, end, middle = *window, window[0] + minutes * MINUTE
    halves = [*shifts(rota, start, middle), *shifts(rota, middle, end)]
    assert list(dict.fromkeys(halves)) == list(shifts(rota, start, end))


@examples(100)
@given(st.data(), rotas(), LONG)
def test_overrides_take_what_they_overlap_and_nothing_else(data, rota, window):
    """The hours on call stay; the last override over a moment has it, and says instead of whom."""
    laid_on = overridden(data, rota, *window)
    for shift in shifts(laid_on, *window):
        over = [
            each for each in laid_on.overrides if each.start < shift.end and each.end > shift.start
        ]
        regular = on_call(rota, shift.start)
        assert regular == on_call(rota, shift.end - MOMENT) != ()
        if shift.overridden is None:
            assert (shift.members, over) == (regular, [])
        else:
            assert (shift.members, shift.overridden) == (over[-1].members, regular)
            assert over[-1].start <= shift.start < shift.end <= over[-1].end
    for edge in (edge for each in laid_on.overrides for edge in (each.start, each.end - MOMENT)):
        assert bool(on_call(rota, edge)) or not on_call(laid_on, edge)


@examples(100)
@given(rotas(zones=("UTC",)), st.integers(1, 9))
def test_whole_rounds_change_nothing(rota, rounds):
    """A rotation of days or weeks that began whole rounds of all members earlier is the same."""
    assume("MonthlySettings" not in rota.recurrence)
    step = 7 if "WeeklySettings" in rota.recurrence else 1
    period = timedelta(days=rota.recurrence["RecurrenceMultiplier"] * step)
    earlier = rota.start - rounds * len(rota.members) * period
    later = rota.start + period
    window = (later, later + timedelta(days=99))
    assert list(shifts(rota._replace(start=earlier), *window)) == list(shifts(rota, *window))
