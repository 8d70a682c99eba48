"""Calendars of several rotations beside a look at each of them, moment by moment. Pure.

Rotations are random ones by Hypothesis, and a few that a person can follow on paper.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.oncall import team
from pulumi_incidents.oncall.calendar import (
    ClockChange,
    Double,
    Gap,
    Span,
    clock_changes,
    doubles,
    gaps,
    hours,
    spans,
)
from pulumi_incidents.oncall.shifts import on_call, shifts
from tests.read_rotations import rotation
from tests.rotas import at, overrides, ranges, recurrence, rotas, windows
from tests.strategies import examples

HOUR = timedelta(hours=1)
WEEKDAYS = "MON TUE WED THU FRI"


def turns(arn, people, *hand_offs, **more):
    """Return a rotation in UTC from Monday, 4 May 2026, on."""
    rule, start = recurrence(*hand_offs, **more), at("2026-05-04")
    return team.Rotation(arn, arn, tuple(people), "UTC", rule, start)


DAYS = turns("days", "AB", "00:00", coverages=windows(WEEKDAYS, "08:00-20:00"))
NIGHTS = turns("nights", "BC", "08:00", coverages=windows("MON TUE WED", "20:00-08:00"))


def test_days_and_nights_are_laid_side_by_side():
    """A span has each rotation in its order, and ends when anybody of them changes."""
    assert spans([DAYS, NIGHTS], at("2026-05-04T19:00"), at("2026-05-05T21:00")) == [
        Span(at("2026-05-04T19:00"), at("2026-05-04T20:00"), (("days", ("A",)), ("nights", ()))),
        Span(at("2026-05-04T20:00"), at("2026-05-05T08:00"), (("days", ()), ("nights", ("C",)))),
        Span(at("2026-05-05T08:00"), at("2026-05-05T20:00"), (("days", ("B",)), ("nights", ()))),
        Span(at("2026-05-05T20:00"), at("2026-05-05T21:00"), (("days", ()), ("nights", ("B",)))),
    ]


def test_a_gap_is_when_nobody_is_on_call_anywhere():
    """Nights of the weekend and those that nobody covers; the range cuts the last one."""
    assert gaps([DAYS, NIGHTS], at("2026-05-06"), at("2026-05-10")) == [
        Gap(at("2026-05-07T20:00"), at("2026-05-08T08:00")),
        Gap(at("2026-05-08T20:00"), at("2026-05-10")),
    ]
    assert gaps([], at("2026-05-06"), at("2026-05-10")) == [Gap(at("2026-05-06"), at("2026-05-10"))]
    assert gaps([], at("2026-05-06"), at("2026-05-06")) == []


def test_somebody_in_two_rotations_is_a_double():
    """One time for each that goes on, whatever others do meanwhile, with the rotations."""
    first, second = turns("first", "AB", "00:00"), turns("second", "BAA", "00:00")
    third = turns("third", "CD", "06:00", "18:00")
    assert doubles([first, second, third], at("2026-05-04"), at("2026-05-08T12:00")) == [
        Double(at("2026-05-06"), at("2026-05-07"), "A", ("first", "second")),
        Double(at("2026-05-07"), at("2026-05-08"), "B", ("first", "second")),
        Double(at("2026-05-08"), at("2026-05-08T12:00"), "A", ("first", "second")),
    ]


def test_hours_of_two_rotations_at_once_count_once():
    """A whole week of A alone is a week, and who is never on call has no hours."""
    first, second = turns("first", "AZ", "MON 00:00"), turns("second", "A", "00:00")
    found = hours([first, second], at("2026-05-04"), at("2026-05-11"))
    assert found == {"A": timedelta(days=7), "Z": timedelta()}


def test_clock_changes_are_found_to_the_second():
    """By zone: forward in Los Angeles three weeks before Dublin; the end is not in the range."""
    hour, los_angeles, dublin = HOUR, "America/Los_Angeles", "Europe/Dublin"
    first, second = at("2026-03-08T10:00"), at("2026-03-29T01:00")
    expected = [
        ClockChange(first, los_angeles, -8 * hour, -7 * hour),
        ClockChange(second, dublin, 0 * hour, hour),
    ]
    zones = [dublin, los_angeles, dublin, "UTC", "Asia/Tokyo"]
    assert clock_changes(zones, at("2026-01-01"), at("2026-04-01")) == expected
    assert clock_changes(zones, first, second + timedelta(seconds=1)) == expected
    assert clock_changes(zones, first + timedelta(seconds=1), second) == []
    (half,) = clock_changes(["Australia/Lord_Howe"], at("2026-10-03"), at("2026-10-04"))
    assert half.after - half.before == hour / 2


@st.composite
def several(draw):
    """Return rotations with people in common, and a range."""
    window = draw(ranges(8))
    made = []
    for number in range(draw(st.integers(0, 3))):
        rota = draw(rotas())
        rota = rota._replace(overrides=draw(overrides(*window, rota.members)))
        made.append(rotation(rota, f"rotation-{number}"))
    return made, window


@examples(100)
@given(several())
def test_spans_are_the_range_and_say_who_is_on_call(made):
    """They follow one another from its start to its end, and are right at both of their ends."""
    rotations, (start, end) = made
    found = spans(rotations, start, end)
    assert (found[0].start, found[-1].end) == (start, end)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.on_call != other.on_call for one, other in pairwise(found))
    for span in found[:: max(len(found) // 20, 1)]:
        for moment in (span.start, span.end - timedelta(microseconds=1)):
            assert span.on_call == tuple((each.arn, on_call(each, moment)) for each in rotations)


@examples(100)
@given(several())
def test_gaps_and_doubles_are_those_of_the_shifts(made):
    """Outside of gaps there is a shift of somebody, and a double is in two shifts at once."""
    rotations, (start, end) = made
    held = [(each.arn, shift) for each in rotations for shift in shifts(each, start, end)]

    def there(begin, until):
        return [(a, s) for a, s in held if s.start < until and s.end > begin and s.members]

    found = [start, *(edge for gap in gaps(rotations, start, end) for edge in gap), end]
    for begin, until in [*pairwise(found)][1::2]:
        assert not there(begin, until)
    for begin, until in [*pairwise(found)][::2]:
        covered = begin
        for _, shift in sorted(there(begin, until), key=lambda each: each[1].start):
            assert shift.start <= covered
            covered = max(covered, shift.end)
        assert covered >= until
    for double in doubles(rotations, start, end):
        both = {a for a, s in there(double.start, double.end) if double.person in s.members}
        assert {*double.rotations} <= both
        assert len(double.rotations) > 1


@examples(100)
@given(several())
def test_hours_are_those_of_shifts_without_what_is_double(made):
    """Two rotations: the shifts of a person, less what of them is at the same time."""
    rotations, (start, end) = made[0][:2], made[1]
    expected = dict.fromkeys((who for each in rotations for who in each.members), timedelta())
    for shift in (shift for each in rotations for shift in shifts(each, start, end)):
        for who in shift.members:
            expected[who] += min(shift.end, end) - max(shift.start, start)
    for double in doubles(rotations, start, end):
        expected[double.person] -= double.end - double.start
    assert hours(rotations, start, end) == expected
