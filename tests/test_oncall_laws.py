"""What holds of the shifts of any rotation in `oncall`: random ones, beside a slow reading. Pure.

The slow reading counts minutes and has its hand-offs of `dateutil`'s rules of iCalendar; it shares
nothing with `oncall`, nor with the local AWS.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.oncall.shifts import on_call, shifts
from tests.read_rotations import rotation
from tests.rotas import CHANGING, MINUTE, at, by_the_minute, overrides, ranges, rotas
from tests.strategies import examples

MOMENT = timedelta(microseconds=1)
LONG = ranges(60)


def overridden(data, rota, window):
    """Return the rotation with some overrides, as the slow reading has it, and as `oncall` has."""
    rota = rota._replace(overrides=data.draw(overrides(*window, rota.members)))
    return rota, rotation(rota)


@examples(60)
@given(st.data(), rotas(), ranges(4))
def test_a_slow_reading_finds_the_same(data, rota, window):
    """Minute by minute, the same people are on call instead of the same people."""
    slow, given_rotation = overridden(data, rota, window)
    found = iter([*shifts(given_rotation, *window), None])
    shift = next(found)
    for moment, members, instead_of in by_the_minute(slow, *window):
        while shift and shift.end <= moment:
            shift = next(found)
        here = shift if shift and shift.start <= moment else None
        assert (here.members if here else (), here and here.overridden) == (members, instead_of)


@examples(100)
@given(st.data(), rotas(), LONG)
def test_shifts_are_in_order_and_apart(data, rota, window):
    """Each has its time, begins when the one before has ended or later, and overlaps the range."""
    _, given_rotation = overridden(data, rota, window)
    found = list(shifts(given_rotation, *window))
    assert all(each.start < each.end for each in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(each.start < window[1] and each.end > window[0] for each in found)


@examples(100)
@given(st.data(), rotas(covered=False), LONG)
def test_without_hours_there_is_no_gap(data, rota, window):
    """From the start of the rotation on, shifts are the whole range, overrides or not."""
    _, given_rotation = overridden(data, rota, window)
    found = list(shifts(given_rotation, *window))
    begin, end = max(window[0], rota.start), window[1]
    assert all(before.end == after.start for before, after in pairwise(found))
    total = sum((min(each.end, end) - max(each.start, begin) for each in found), timedelta())
    assert total == max(end - begin, timedelta())


@examples(100)
@given(rotas(), LONG)
def test_hours_only_take_time_away(rota, window):
    """While one is on call, it is who would be without coverages, and never longer."""
    rule = {name: each for name, each in rota.recurrence.items() if name != "ShiftCoverages"}
    whole = list(shifts(rotation(rota._replace(recurrence=rule)), *window))
    for shift in shifts(rotation(rota), *window):
        (around,) = [each for each in whole if each.start < shift.end and each.end > shift.start]
        assert around.start <= shift.start < shift.end <= around.end
        assert shift.members == around.members


@examples(100)
@given(rotas(zones=("UTC",), days=28, covered=False))
def test_turns_go_round_in_order(rota):
    """The first shift is that of the first members; then come the next ones, over and over."""
    count = rota.recurrence["NumberOfOnCalls"]
    found = shifts(rotation(rota), rota.start, at("9999-12-31T00:00"))
    for turn, shift in zip(range(2 * len(rota.members)), found, strict=False):
        order = [rota.members.index(each) for each in shift.members]
        assert order == [(turn * count + place) % len(rota.members) for place in range(count)]


@examples(100)
@given(rotas(zones=CHANGING, earliest=4), LONG)
def test_clocks_that_change_move_no_hand_off(rota, window):
    """On the clocks of its zone a rotation is as where clocks never change, but for those hours."""

    def shown(moment):
        return moment.astimezone(ZoneInfo(rota.zone)).replace(tzinfo=ZoneInfo("UTC"))

    still = rotation(rota._replace(zone="UTC", start=shown(rota.start)))
    found = shifts(rotation(rota), *window)
    assert [(shown(each.start), shown(each.end), each.members) for each in found] == [
        (each.start, each.end, each.members) for each in shifts(still, *map(shown, window))
    ]


@examples(100)
@given(st.data(), rotas(), LONG, st.integers(0, 60 * 24 * 60))
def test_a_split_range_has_the_same_shifts(data, rota, window, minutes):
    """One that is cut by the split is whole in both halves."""
    _, given_rotation = overridden(data, rota, window)
    start, end, middle = *window, window[0] + minutes * MINUTE
    halves = [*shifts(given_rotation, start, middle), *shifts(given_rotation, middle, end)]
    assert list(dict.fromkeys(halves)) == list(shifts(given_rotation, start, end))


@examples(100)
@given(st.data(), rotas(), LONG)
def test_who_is_on_call_is_who_has_the_shift(data, rota, window):
    """From its first moment to its last, and nobody between shifts; the last override has it."""
    _, given_rotation = overridden(data, rota, window)
    found = list(shifts(given_rotation, *window))
    for shift in found[:20]:
        last = shift.end - MOMENT
        assert (
            on_call(given_rotation, shift.start) == on_call(given_rotation, last) == shift.members
        )
        over = [each for each in given_rotation.overrides if each.start <= last < each.end]
        assert (shift.overridden is None) == (not over)
        assert not over or shift.members == over[-1].members
    for before, after in [*pairwise(found)][:20]:
        if before.end < after.start:
            assert on_call(given_rotation, before.end) == ()
            assert on_call(given_rotation, after.start - MOMENT) == ()
