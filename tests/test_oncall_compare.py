"""Two readings of shifts side by side: where they differ, and that they do not.

The shifts of AWS are those that a running local AWS answers, over HTTP with boto3, or as on paper.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.oncall.compare import Difference, Held, aws_shift, differences
from pulumi_incidents.oncall.shifts import Shift, on_call, shifts
from pulumi_incidents.oncall.team import Rotation
from tests.read_rotations import rotation
from tests.rotas import MINUTE, at, overrides, ranges, recurrence, rotas
from tests.strategies import examples

START, HOUR = at("2026-05-04"), timedelta(hours=1)
END = START + 24 * HOUR


def shift(since, until, people, instead_of=None):
    """Return a shift by hours after the start, of people by their letters."""
    overridden = None if instead_of is None else tuple(instead_of)
    return Shift(START + since * HOUR, START + until * HOUR, tuple(people), overridden)


def held(people, instead_of=None):
    """Return who is on call by letters."""
    return Held(frozenset(people), None if instead_of is None else frozenset(instead_of))


def test_the_first_difference_is_when_they_begin_to_differ():
    """Before it they agree; it goes on as long as both say the same of it."""
    own = [shift(-5, 6, "A"), shift(6, 9, "B"), shift(9, 24, "B")]
    aws = [shift(0, 8, "A"), shift(8, 24, "B")]
    assert differences(own, aws, START, END) == [
        Difference(START + 6 * HOUR, START + 8 * HOUR, held("B"), held("A"))
    ]


def test_a_gap_in_one_is_nobody():
    """What the one covers and the other does not is a difference, at the end as well."""
    assert differences([shift(0, 20, "A")], [shift(2, 24, "A")], START, END) == [
        Difference(START, START + 2 * HOUR, held("A"), held("")),
        Difference(START + 20 * HOUR, END, held(""), held("A")),
    ]
    assert differences([], [], START, END) == []


def test_parts_orders_and_shifts_of_nobody_are_no_difference():
    """Two at once may be two shifts, one may be cut anywhere, and what is outside is nothing."""
    own = [shift(-9, 0, "Z"), shift(0, 24, "AB"), shift(24, 30, "C")]
    aws = [shift(0, 9, "A"), shift(0, 24, "B"), shift(9, 24, "A")]
    assert differences(own, aws, START, END) == []
    assert differences([shift(0, 24, "", "A")], [], START, END) == []


def test_instead_of_whom_is_a_difference():
    """Somebody on call by an override is not the same as somebody whose turn it is."""
    own, aws = [shift(0, 24, "A", "B")], [shift(0, 12, "A"), shift(12, 24, "A", "C")]
    assert [each.aws for each in differences(own, aws, START, END)] == [held("A"), held("A", "C")]


@examples(60)
@given(st.data(), rotas(), ranges(30))
def test_a_rotation_that_is_moved_differs_from_itself(data, rota, window):
    """Just when somebody else is on call, the other way round as well, and unmoved never."""
    start, end = window
    rota = rota._replace(overrides=data.draw(overrides(start, end, rota.members)))
    moved = [
        each._replace(start=each.start + 7 * MINUTE, end=each.end + 7 * MINUTE)
        for each in shifts(rotation(rota), start - HOUR, end)
    ]
    own = [*shifts(rotation(rota), start, end)]
    assert differences(own, own, start, end) == []
    found = differences(own, moved, start, end)
    assert all(each.own != each.aws and start <= each.start < each.end <= end for each in found)
    assert found == [
        Difference(each.start, each.end, each.aws, each.own)
        for each in differences(moved, own, start, end)
    ]
    for moment in (start + (end - start) * part / 97 for part in range(97)):
        if not any(each.start <= moment < each.end for each in found):
            now, then = (on_call(rotation(rota), moment - by) for by in (0 * HOUR, 7 * MINUTE))
            assert {*now} == {*then}


def test_what_aws_lists_and_previews_is_what_is_read(local_aws):
    """A preview differs from a rotation by its override alone, and says who is on call by it."""
    contacts = local_aws.client("ssm-contacts")
    rule = recurrence("MON 09:00", "THU 21:00")
    end = START + timedelta(days=30)
    asked = {"Members": ["ana", "ben"], "TimeZoneId": "America/Los_Angeles", "Recurrence": rule}
    pages = contacts.get_paginator("list_preview_rotation_shifts").paginate(
        **asked,
        RotationStartTime=START,
        StartTime=START,
        EndTime=end,
        Overrides=[
            {"NewMembers": ["ben"], "StartTime": START + 5 * HOUR, "EndTime": START + 6 * HOUR}
        ],
    )
    told = [aws_shift(each) for page in pages for each in page["RotationShifts"]]
    assert told[1] == shift(5, 6, ["ben"], ["ana"])
    own = Rotation("arn", "turns", ("ana", "ben"), "America/Los_Angeles", rule, START)
    (difference,) = differences(shifts(own, START, end), told, START, end)
    assert difference[:2] == (START + 5 * HOUR, START + 6 * HOUR)
    assert difference[2:] == (held(["ana"]), held(["ben"], ["ana"]))
