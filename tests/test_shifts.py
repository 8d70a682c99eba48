"""The shifts of rotations as a person reads them, on the clocks of their zones. Pure.

The guide's and the API's words are followed (*Working with on-call schedules*); no document has an
example to compare with, and none of this was compared with AWS.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from pulumi_incidents.emulator.ssm_contacts import recurrence as recurrences
from pulumi_incidents.emulator.ssm_contacts.shifts import Override, Rota, on_call, shifts
from pulumi_incidents.emulator.ssm_contacts.zones import EARLIEST, LATEST
from tests.rotas import at, recurrence, shown, windows

LOS_ANGELES, SYDNEY = "America/Los_Angeles", "Australia/Sydney"
DUBLIN, LORD_HOWE = "Europe/Dublin", "Australia/Lord_Howe"
WEEKDAYS = "MON TUE WED THU FRI"
EVERY_DAY = f"{WEEKDAYS} SAT SUN"


def rota(zone, start, *hand_offs, members="ABC", **more):
    """Return a rotation of people with short names."""
    return Rota(tuple(members), zone, recurrence(*hand_offs, **more), at(start, zone))


def overridden(given, *overrides):
    """Return a rotation with overrides: from, until and who, on the clocks of its zone."""
    return given._replace(
        overrides=tuple(
            Override(at(start, given.zone), at(end, given.zone), tuple(who))
            for start, end, who in overrides
        )
    )


WEEKLY = rota(LOS_ANGELES, "2026-02-23T09:00", "MON 09:00")


def test_a_week_each_is_an_hour_shorter_when_clocks_go_forward():
    """Hand-offs keep their time on the clock, and so move in UTC."""
    found = list(shifts(WEEKLY, at("2026-01-01"), at("2026-03-17")))
    assert [(each.start, each.end, each.members, each.overridden) for each in found] == [
        (at("2026-02-23T17:00"), at("2026-03-02T17:00"), ("A",), None),
        (at("2026-03-02T17:00"), at("2026-03-09T16:00"), ("B",), None),
        (at("2026-03-09T16:00"), at("2026-03-16T16:00"), ("C",), None),
        (at("2026-03-16T16:00"), at("2026-03-23T16:00"), ("A",), None),
    ]
    assert found[1].end - found[1].start == timedelta(hours=167)


# Rotation, range, and the shifts in it.
READINGS = {
    "office hours are a shift for each day": (
        rota(
            LOS_ANGELES,
            "2026-02-23T09:00",
            "MON 09:00",
            coverages=windows(WEEKDAYS, "09:00-17:00"),
        ),
        ("2026-02-26", "2026-03-04"),
        [
            ("02-26 09:00", "02-26 17:00", "A"),
            ("02-27 09:00", "02-27 17:00", "A"),
            ("03-02 09:00", "03-02 17:00", "B"),
            ("03-03 09:00", "03-03 17:00", "B"),
        ],
    ),
    "a night belongs to the day that it begins on": (
        rota(DUBLIN, "2026-05-01T22:00", "22:00", coverages=windows("FRI SUN", "22:00-06:00")),
        ("2026-05-01", "2026-05-05"),
        [("05-01 22:00", "05-02 06:00", "A"), ("05-03 22:00", "05-04 06:00", "C")],
    ),
    "a night is cut by a hand-off in it": (
        rota(DUBLIN, "2026-05-01T00:00", "00:00", coverages=windows("FRI", "22:00-06:00")),
        ("2026-05-01", "2026-05-05"),
        [("05-01 22:00", "05-02 00:00", "A"), ("05-02 00:00", "05-02 06:00", "B")],
    ),
    "a window that ends when it begins is a day": (
        rota("UTC", "2026-05-01T00:00", "MON 09:00", coverages=windows("SAT", "09:00-09:00")),
        ("2026-05-01", "2026-05-06"),
        [("05-02 09:00", "05-03 09:00", "A")],
    ),
    "several windows in a day, in any order; the later of two that overlap gives way": (
        rota(
            "UTC",
            "2026-05-01T00:00",
            "MON 09:00",
            coverages=windows("SAT", "18:00-20:00", "11:00-14:00", "08:00-12:00", "09:00-10:00")
            | windows("FRI", "20:00-09:00"),
        ),
        ("2026-05-01", "2026-05-04"),
        [
            ("05-01 20:00", "05-02 09:00", "A"),
            ("05-02 09:00", "05-02 12:00", "A"),
            ("05-02 12:00", "05-02 14:00", "A"),
            ("05-02 18:00", "05-02 20:00", "A"),
        ],
    ),
    "days without coverage use a turn up": (
        rota("UTC", "2026-05-01T09:00", "09:00", coverages=windows("FRI MON", "10:00-16:00")),
        ("2026-05-01", "2026-05-10"),
        [
            ("05-01 10:00", "05-01 16:00", "A"),
            ("05-04 10:00", "05-04 16:00", "A"),
            ("05-08 10:00", "05-08 16:00", "B"),
        ],
    ),
    "no coverages at all are all hours": (
        rota("UTC", "2026-05-01T09:00", "09:00", coverages={}),
        ("2026-05-01", "2026-05-02"),
        [("05-01 09:00", "05-02 09:00", "A")],
    ),
    "a fortnight each, counted from the week of the start": (
        rota(SYDNEY, "2026-05-06T12:00", "WED 12:00", every=2),
        ("2026-05-01", "2026-06-04"),
        [
            ("05-06 12:00", "05-20 12:00", "A"),
            ("05-20 12:00", "06-03 12:00", "B"),
            ("06-03 12:00", "06-17 12:00", "C"),
        ],
    ),
    "a week begins on Monday, so the first hand-off here is that of the week after next": (
        rota("UTC", "2026-05-10T12:00", "MON 09:00", every=2),
        ("2026-05-01", "2026-06-01T09:00"),
        [("05-10 12:00", "05-18 09:00", "A"), ("05-18 09:00", "06-01 09:00", "B")],
    ),
    "two hand-offs a week, in any order": (
        rota("UTC", "2026-05-06T04:25", "FRI 15:57", "WED 04:25"),
        ("2026-05-01", "2026-05-14"),
        [
            ("05-06 04:25", "05-08 15:57", "A"),
            ("05-08 15:57", "05-13 04:25", "B"),
            ("05-13 04:25", "05-15 15:57", "C"),
        ],
    ),
    "a start between hand-offs makes the first shift shorter": (
        rota("UTC", "2026-05-06T12:30", "21:00", "09:00"),
        ("2026-05-01", "2026-05-07T10:00"),
        [
            ("05-06 12:30", "05-06 21:00", "A"),
            ("05-06 21:00", "05-07 09:00", "B"),
            ("05-07 09:00", "05-07 21:00", "C"),
        ],
    ),
    "every third day": (
        rota("UTC", "2026-05-06T09:00", "09:00", every=3),
        ("2026-05-08", "2026-05-13"),
        [
            ("05-06 09:00", "05-09 09:00", "A"),
            ("05-09 09:00", "05-12 09:00", "B"),
            ("05-12 09:00", "05-15 09:00", "C"),
        ],
    ),
    "the 31st of a shorter month is its last day": (
        rota("UTC", "2027-12-31T08:00", "31 08:00"),
        ("2028-01-01", "2028-05-01"),
        [
            ("12-31 08:00", "01-31 08:00", "A"),
            ("01-31 08:00", "02-29 08:00", "B"),
            ("02-29 08:00", "03-31 08:00", "C"),
            ("03-31 08:00", "04-30 08:00", "A"),
            ("04-30 08:00", "05-31 08:00", "B"),
        ],
    ),
    "hand-offs that fall together use a turn up, and keep the order of their times": (
        rota("UTC", "2027-02-01T00:00", "30 08:00", "31 08:00", "29 09:00"),
        ("2027-02-27", "2027-03-30"),
        [
            ("02-01 00:00", "02-28 08:00", "A"),
            ("02-28 08:00", "02-28 09:00", "C"),
            ("02-28 09:00", "03-29 09:00", "A"),
            ("03-29 09:00", "03-30 08:00", "B"),
        ],
    ),
    "a quarter each, on two days": (
        rota("UTC", "2026-11-13T12:34", "20 08:00", "13 12:34", every=3),
        ("2026-11-01", "2027-03-01"),
        [
            ("11-13 12:34", "11-20 08:00", "A"),
            ("11-20 08:00", "02-13 12:34", "B"),
            ("02-13 12:34", "02-20 08:00", "C"),
            ("02-20 08:00", "05-13 12:34", "A"),
        ],
    ),
    "two of five at once: the next two, round and round": (
        rota("UTC", "2026-05-01T00:00", "00:00", members="ABCDE", at_once=2),
        ("2026-05-01", "2026-05-06"),
        [
            ("05-01 00:00", "05-02 00:00", "AB"),
            ("05-02 00:00", "05-03 00:00", "CD"),
            ("05-03 00:00", "05-04 00:00", "EA"),
            ("05-04 00:00", "05-05 00:00", "BC"),
            ("05-05 00:00", "05-06 00:00", "DE"),
        ],
    ),
    "the override of the guide's picture, cut where the shifts meet": (
        overridden(
            rota("UTC", "2026-05-01T09:00", "FRI 09:00", members="JM"),
            ("2026-05-05T09:00", "2026-05-11T09:00", "Z"),
        ),
        ("2026-05-01", "2026-05-15T09:00"),
        [
            ("05-01 09:00", "05-05 09:00", "J"),
            ("05-05 09:00", "05-08 09:00", "Z", "J"),
            ("05-08 09:00", "05-11 09:00", "Z", "M"),
            ("05-11 09:00", "05-15 09:00", "M"),
        ],
    ),
    "of several overrides the latest is in force, and one below it cuts nothing": (
        overridden(
            rota("UTC", "2026-05-04T00:00", "MON 00:00"),
            ("2026-05-05T00:00", "2026-05-07T00:00", "B"),
            ("2026-05-06T00:00", "2026-05-09T00:00", "C"),
            ("2026-05-08T00:00", "2026-05-08T12:00", "CA"),
        ),
        ("2026-05-04", "2026-05-11"),
        [
            ("05-04 00:00", "05-05 00:00", "A"),
            ("05-05 00:00", "05-06 00:00", "B", "A"),
            ("05-06 00:00", "05-08 00:00", "C", "A"),
            ("05-08 00:00", "05-08 12:00", "CA", "A"),
            ("05-08 12:00", "05-09 00:00", "C", "A"),
            ("05-09 00:00", "05-11 00:00", "A"),
        ],
    ),
    "an override by nobody is a shift of nobody, and adds no hours": (
        overridden(
            rota("UTC", "2026-05-04T00:00", "MON 00:00", coverages=windows("MON", "09:00-17:00")),
            ("2026-05-04T12:00", "2026-05-06T00:00", ""),
        ),
        ("2026-05-04", "2026-05-11"),
        [("05-04 09:00", "05-04 12:00", "A"), ("05-04 12:00", "05-04 17:00", "", "A")],
    ),
    "spring in Los Angeles: 02:30 is 03:00": (
        rota(LOS_ANGELES, "2026-03-07T02:30", "02:30"),
        ("2026-03-07T02:30", "2026-03-09T02:30"),
        [("03-07 02:30", "03-08 03:00", "A"), ("03-08 03:00", "03-09 02:30", "B")],
    ),
    "spring in Sydney: a window that the clocks skip is none": (
        rota(SYDNEY, "2026-10-01T09:00", "09:00", coverages=windows("SAT SUN", "02:00-03:00")),
        ("2026-10-01", "2026-10-11"),
        [("10-03 02:00", "10-03 03:00", "B"), ("10-10 02:00", "10-10 03:00", "C")],
    ),
    "spring in Lord Howe, by half an hour: 02:10 is 02:30": (
        rota(LORD_HOWE, "2026-10-03T02:10", "02:10"),
        ("2026-10-03T02:10", "2026-10-05T02:10"),
        [("10-03 02:10", "10-04 02:30", "A"), ("10-04 02:30", "10-05 02:10", "B")],
    ),
}


@pytest.mark.parametrize("promise", READINGS)
def test_a_rotation_is_read(promise):
    """As the row says."""
    given, window, expected = READINGS[promise]
    assert shown(given, *window) == expected


@pytest.mark.parametrize(
    ("zone", "day", "time", "first"),
    [
        (LOS_ANGELES, "2026-11-01", "01:30", "2026-11-01T08:30"),
        (SYDNEY, "2026-04-05", "02:30", "2026-04-04T15:30"),
        (DUBLIN, "2026-10-25", "01:30", "2026-10-25T00:30"),
        (LORD_HOWE, "2026-04-05", "01:45", "2026-04-04T14:45"),
        ("America/Havana", "2026-11-01", "00:30", "2026-11-01T04:30"),
    ],
)
def test_in_autumn_the_first_of_two_times_counts(zone, day, time, first):
    """A time that clocks show twice hands over once, when they show it first."""
    given = rota(zone, f"{day}T00:00", time)
    found = list(shifts(given, given.start, given.start + timedelta(hours=12)))
    assert [(each.end, each.members) for each in found][:1] == [(at(first), ("A",))]
    assert [(each.start, each.members) for each in found][1:] == [(at(first), ("B",))]


def test_midnight_comes_once_where_clocks_are_set_back_over_it():
    """In St. John's 00:01 was 23:01 again: who has the hour anew has the day after it."""
    given = rota("America/St_Johns", "2010-11-06T00:00", "00:00")
    midnight, day = at("2010-11-07T02:30"), timedelta(hours=25)
    (found,) = shifts(given, midnight + timedelta(minutes=30), midnight + timedelta(hours=2))
    assert (found.start, found.end, found.members) == (midnight, midnight + day, ("B",))
    anew = given._replace(start=midnight + timedelta(minutes=30))
    (found,) = shifts(anew, midnight, midnight + timedelta(hours=2))
    assert (found.start, found.end, found.members) == (anew.start, midnight + day, ("A",))


def test_a_day_that_an_island_skipped_hands_over_with_the_next_one():
    """Samoa had no 30 December 2011: what was due then is due when the 31st begins."""
    given = rota("Pacific/Apia", "2011-12-29T09:00", "09:00")
    assert shown(given, "2011-12-29T09:00", "2012-01-01T09:00") == [
        ("12-29 09:00", "12-31 00:00", "A"),
        ("12-31 00:00", "12-31 09:00", "B"),
        ("12-31 09:00", "01-01 09:00", "C"),
    ]


def test_a_range_has_whole_shifts_and_none_that_only_touch_it():
    """A range filters shifts and does not cut them; its end is not in it, a moment is none."""
    monday = at("2026-03-16T09:00", LOS_ANGELES)
    hour, week = timedelta(hours=1), timedelta(days=7)
    (found,) = shifts(WEEKLY, monday + hour, monday + 2 * hour)
    assert (found.start, found.end) == (monday, monday + week)
    assert [each.members for each in shifts(WEEKLY, monday, monday + week)] == [("A",)]
    assert list(shifts(WEEKLY, monday + hour, monday + hour)) == []
    assert list(shifts(WEEKLY, WEEKLY.start - week, WEEKLY.start)) == []


def test_nobody_is_on_call_before_the_start_or_outside_of_coverages():
    """From the first moment of a shift on, and until its last."""
    covered = rota("UTC", "2026-05-01T00:00", "00:00", coverages=windows("SAT", "09:00-17:00"))
    moment = timedelta(microseconds=1)
    opens, closes = at("2026-05-02T09:00"), at("2026-05-02T17:00")
    assert on_call(WEEKLY, WEEKLY.start - moment) == ()
    assert on_call(WEEKLY, WEEKLY.start) == ("A",)
    assert [on_call(covered, opens + by) for by in (-moment, 0 * moment)] == [(), ("B",)]
    assert [on_call(covered, closes + by) for by in (-moment, 0 * moment)] == [("B",), ()]
    night = rota("UTC", "2026-05-01T00:00", "MON 00:00", coverages=windows("SAT", "22:00-06:00"))
    assert on_call(night, at("2026-05-03T05:59")) == ("A",)


@pytest.mark.parametrize("hand_offs", [["09:00"], ["SUN 09:00"], ["31 23:00", "1 00:00"]])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", LOS_ANGELES, "Pacific/Kiritimati"])
@pytest.mark.parametrize("coverages", [None, windows(EVERY_DAY, "22:00-06:00")])
def test_the_calendar_ends_and_nothing_breaks(hand_offs, zone, coverages):
    """In the years 1 and 9999 there are shifts as in any other; the first and the last are cut."""
    given = Rota(("A", "B"), zone, recurrence(*hand_offs, every=100, coverages=coverages), EARLIEST)
    few = timedelta(days=3)
    found = [*shifts(given, EARLIEST, EARLIEST + few), *shifts(given, LATEST - few, LATEST)]
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert [on_call(given, each.start) for each in found] == [each.members for each in found]
    if coverages is None:
        assert (found[0].start, found[0].members, found[-1].end) == (EARLIEST, ("A",), LATEST)
    else:
        assert found[0].start < EARLIEST + few / 2 < LATEST - few / 2 < found[-1].end
    assert [*shifts(given._replace(start=LATEST), EARLIEST, LATEST)] == []


def test_an_old_start_takes_no_longer(monkeypatch):
    """A shift of today is found in as many steps whether the rotation is new or centuries old."""
    asked = []
    real = recurrences.instant
    monkeypatch.setattr(recurrences, "instant", lambda *at: asked.append(at) or real(*at))

    def steps(start):
        asked.clear()
        assert on_call(rota(LOS_ANGELES, start, "09:00"), at("2026-05-01T12:00"))
        return len(asked)

    assert steps("1026-04-01T09:00") == steps("2026-04-01T09:00") < 20


def test_shifts_are_made_as_they_are_asked_for():
    """A range of thousands of years costs nothing until it is read."""
    found = shifts(WEEKLY, at("2026-05-04T12:00"), at("9999-01-01"))
    assert [next(found).members for _ in range(3)] == [("A",), ("B",), ("C",)]
