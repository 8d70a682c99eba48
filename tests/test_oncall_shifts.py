"""The shifts of `oncall` are those of the local AWS: two readings of AWS's documents.

Thousands of random rotations go through the pure functions of both, and some through a running
local AWS, over HTTP with boto3. Nothing of either is replaced. What both may have read wrong,
nobody could compare with AWS.
"""

from __future__ import annotations

import os
import random
import uuid
from datetime import timedelta

import pytest

from pulumi_incidents.emulator.ssm_contacts import shifts as local
from pulumi_incidents.oncall import recurrence as steps_of
from pulumi_incidents.oncall import team
from pulumi_incidents.oncall.shifts import Shift, known_shifts, on_call, shifts
from tests.read_rotations import random_rota, rotation
from tests.rotas import at, recurrence, windows

# So many rotations are read twice; ONCALL_ROTATIONS=100000 are more of them.
ROTATIONS = int(os.environ.get("ONCALL_ROTATIONS", "1500"))
SHARDS = 8
SERVED = 25
EVERY_DAY = "MON TUE WED THU FRI SAT SUN"


def week(zone, start, *hand_offs, members="ABC", **more):
    """Return a rotation of people with short names."""
    rule = recurrence(*hand_offs, **more)
    return team.Rotation("arn", "turns", tuple(members), zone, rule, at(start, zone))


LOS_ANGELES = week("America/Los_Angeles", "2026-02-23T09:00", "MON 09:00")


def test_a_week_each_is_an_hour_shorter_when_clocks_go_forward():
    """Hand-offs keep their time on the clock, and so move in UTC."""
    assert [*shifts(LOS_ANGELES, at("2026-01-01"), at("2026-03-17"))] == [
        Shift(at("2026-02-23T17:00"), at("2026-03-02T17:00"), ("A",)),
        Shift(at("2026-03-02T17:00"), at("2026-03-09T16:00"), ("B",)),
        Shift(at("2026-03-09T16:00"), at("2026-03-16T16:00"), ("C",)),
        Shift(at("2026-03-16T16:00"), at("2026-03-23T16:00"), ("A",)),
    ]


def test_midnight_comes_once_where_clocks_are_set_back_over_it():
    """In St. John's 00:01 was 23:01 again: who has the hour anew has the day after it."""
    days = week("America/St_Johns", "2010-11-06T00:00", "00:00")
    midnight, half_an_hour = at("2010-11-07T02:30"), timedelta(minutes=30)
    anew = days._replace(start=midnight + half_an_hour)
    for given, who in (days, "B"), (anew, "A"):
        (found,) = shifts(given, midnight + half_an_hour, midnight + 2 * half_an_hour)
        assert found == (max(midnight, given.start), midnight + timedelta(hours=25), (who,), None)


def test_a_day_that_an_island_skipped_hands_over_with_the_next_one():
    """Samoa had no 30 December 2011: what was due then is due when the 31st begins."""
    given = week("Pacific/Apia", "2011-12-29T09:00", "09:00")
    found = shifts(given, given.start, given.start + timedelta(days=3))
    assert [(each.end, *each.members) for each in found] == [
        (at("2011-12-30T10:00"), "A"),
        (at("2011-12-30T19:00"), "B"),
        (at("2011-12-31T19:00"), "C"),
        (at("2012-01-01T19:00"), "A"),
    ]


def test_a_range_has_whole_shifts_and_none_that_only_touch_it():
    """A range filters shifts and does not cut them; its end is not in it, a moment is none."""
    monday = at("2026-03-16T16:00")
    hour, days = timedelta(hours=1), timedelta(days=7)
    (found,) = shifts(LOS_ANGELES, monday + hour, monday + 2 * hour)
    assert (found.start, found.end) == (monday, monday + days)
    assert [each.members for each in shifts(LOS_ANGELES, monday, monday + days)] == [("A",)]
    assert [*shifts(LOS_ANGELES, monday + hour, monday + hour)] == []
    assert [*shifts(LOS_ANGELES, LOS_ANGELES.start - days, LOS_ANGELES.start)] == []


def test_nobody_is_on_call_before_the_start_or_outside_of_the_hours():
    """From the first moment of a shift on, and until its last."""
    moment = timedelta(microseconds=1)
    hours = windows("SAT", "09:00-17:00")
    covered = week("UTC", "2026-05-01T00:00", "00:00", coverages=hours)
    opens, closes = at("2026-05-02T09:00"), at("2026-05-02T17:00")
    assert [on_call(covered, opens - moment), on_call(covered, opens)] == [(), ("B",)]
    assert [on_call(covered, closes - moment), on_call(covered, closes)] == [("B",), ()]
    start = LOS_ANGELES.start
    assert [on_call(LOS_ANGELES, start - moment), on_call(LOS_ANGELES, start)] == [(), ("A",)]


def test_a_rotation_without_hand_offs_is_one_turn():
    """AWS should answer none; a reading of one ends all the same."""
    given = week("UTC", "2026-05-01T00:00", at_once=2)
    (found,) = shifts(given, at("2026-05-04"), at("2026-06-01"))
    assert (found.start, found.members) == (given.start, ("A", "B"))
    nobody = given._replace(members=(), recurrence=recurrence("00:00"))
    assert on_call(nobody, at("2026-05-04")) == ()


def test_hours_of_no_day_are_nobody():
    """Coverages that have no window in them end a search, and nobody is on call."""
    given = week("UTC", "2026-05-01T00:00", "00:00", coverages={"MON": []})
    assert [*shifts(given, at("2026-05-01"), at("2027-05-01"))] == []


def test_an_old_rotation_is_not_walked_from_its_start(monkeypatch):
    """A shift of today is found in as many steps whether the rotation is new or centuries old."""
    asked, real = [], steps_of.instant
    monkeypatch.setattr(steps_of, "instant", lambda *time: asked.append(time) or real(*time))

    def steps(start, *hand_offs):
        asked.clear()
        hours = windows(EVERY_DAY, "22:00-06:00")
        given = week("America/Los_Angeles", start, *hand_offs, coverages=hours)
        assert on_call(given, at("2026-05-01T12:00"))
        return len(asked)

    assert steps("1026-04-01T09:00", "09:00") == steps("2026-04-01T09:00", "09:00") < 30
    assert steps("1026-04-01T09:00", "31 09:00") <= steps("2026-02-01T09:00", "31 09:00") + 1 < 30


def test_shifts_are_made_as_they_are_asked_for():
    """A range of thousands of years costs nothing until it is read, and ends a century early."""
    found = shifts(LOS_ANGELES, at("2026-05-04T12:00"), at("9999-01-01"))
    assert [next(found).members for _ in range(3)] == [("A",), ("B",), ("C",)]
    (last,) = shifts(LOS_ANGELES, at("9899-12-31T12:00"), at("9999-01-01"))
    assert last.end == at("9900-01-01")


@pytest.mark.parametrize("shard", range(SHARDS))
def test_both_readings_are_the_same(shard):
    """Random rotations, with overrides, on days of all kinds, have the same shifts in both."""
    different = 0
    for seed in range(shard, ROTATIONS, SHARDS):
        rota, window = random_rota(random.Random(seed))  # noqa: S311 - the same ones in each run
        found = [*map(tuple, shifts(rotation(rota), *window))]
        assert found == [*map(tuple, local.shifts(rota, *window))], seed
        different += len(found) > 1
    assert different > ROTATIONS / SHARDS / 2


def test_shifts_that_are_at_hand_are_the_same():
    """Asked for parts of a range that was asked for before, they are those that are computed."""
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311 - the same ones in each run
        rota, (start, end) = random_rota(chance)
        given = rotation(rota)
        for _ in range(3):
            assert known_shifts(given, start, end) == [*shifts(given, start, end)], seed
            start += (end - start) * chance.random() / 2
            end -= (end - start) * chance.random() / 2
    changed = given._replace(members=("new",), overrides=())
    found = known_shifts(changed, rota.start, rota.start + timedelta(days=99))
    assert {shift.members for shift in found} == {("new",)}


def test_shifts_are_those_that_the_local_aws_lists(local_aws):
    """Over HTTP: what is made with boto3 and read as a team has the shifts that AWS's API lists."""
    contacts = local_aws.client("ssm-contacts")
    for seed in range(SERVED):
        rota, (start, end) = random_rota(random.Random(seed))  # noqa: S311
        local_aws.set_clock(start)
        arn = _made(contacts, rota)
        listed = contacts.get_paginator("list_rotation_shifts").paginate(
            RotationId=arn, StartTime=start, EndTime=end
        )
        found = [
            (
                each["StartTime"],
                each["EndTime"],
                tuple(each["ContactIds"]),
                tuple(each["ShiftDetails"]["OverriddenContactIds"])
                if each["Type"] == "OVERRIDDEN"
                else None,
            )
            for page in listed
            for each in page["RotationShifts"]
        ]
        assert [*map(tuple, shifts(_as_read(contacts, arn, start, end), start, end))] == found, seed


def _made(contacts, rota):
    people = {}
    for name in rota.members:
        alias = f"{name}-{uuid.uuid4().hex[:8]}"
        made = contacts.create_contact(Alias=alias, Type="PERSONAL", Plan={"Stages": []})
        people[name] = made["ContactArn"]
    arn = contacts.create_rotation(
        Name="turns",
        ContactIds=[*people.values()],
        TimeZoneId=rota.zone,
        StartTime=rota.start,
        Recurrence=rota.recurrence,
        IdempotencyToken=str(uuid.uuid4()),
    )["RotationArn"]
    for each in rota.overrides:
        contacts.create_rotation_override(
            RotationId=arn,
            NewContactIds=[people[name] for name in each.members],
            StartTime=each.start,
            EndTime=each.end,
            IdempotencyToken=str(uuid.uuid4()),
        )
    return arn


def _as_read(contacts, arn, start, end):
    listed = contacts.list_rotation_overrides(RotationId=arn, StartTime=start, EndTime=end)
    overrides = tuple(map(team.override, listed["RotationOverrides"]))
    return team.rotation(contacts.get_rotation(RotationId=arn), overrides)
