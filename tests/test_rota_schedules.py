"""What a rota is made of. Pure: teams as AWS answers them, also those that a local AWS refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from pulumi_incidents.commands.rota import schedules, text
from pulumi_incidents.commands.rota.picture import picture
from pulumi_incidents.oncall.team import (
    ESCALATION,
    PERSON,
    SCHEDULE,
    Contact,
    Rotation,
    Stage,
    Target,
    Team,
)
from tests.rotas import at, recurrence

MONDAY = at("2027-03-22")
LONDON = ZoneInfo("Europe/London")


def person(arn, name=None):
    """Return a person; the ARN is as long as a test needs it."""
    return Contact(arn, arn, name or arn.title(), PERSON)


def turns(arn, *people, zone="UTC"):
    """Return a rotation by the week."""
    return Rotation(arn, arn, people, zone, recurrence("MON 00:00"), MONDAY)


def schedule(arn, *rotations):
    """Return a schedule of rotations by their ARNs."""
    return Contact(arn, arn, arn, SCHEDULE, (), rotations)


def escalation(arn, *targets):
    """Return an escalation plan with a stage for each target."""
    stages = tuple(Stage(5, (Target(each),)) for each in targets)
    return Contact(arn, arn, arn, ESCALATION, stages)


def team(*things, unseen=()):
    """Return a team of such."""
    rotations = {each.arn: each for each in things if isinstance(each, Rotation)}
    contacts = {each.arn: each for each in things if isinstance(each, Contact)}
    return Team(contacts, {}, rotations, dict(unseen))


def rota(of, *roots, zone="UTC", days=7):
    """Return the rota of a week from Monday on."""
    end = MONDAY + timedelta(days=days)
    return schedules.rota(of, roots, ZoneInfo(zone), MONDAY, end)


def test_schedules_are_in_the_order_in_which_they_are_engaged():
    """By way of plans in plans, each once; a circle of plans ends."""
    found = team(
        escalation("first", "second", "one", "first"),
        escalation("second", "ana", "two", "first", "three"),
        *(schedule(name) for name in ("one", "two", "three", "other")),
        person("ana"),
    )
    assert [each.arn for each in schedules.below(found, ["first", "one"])] == [
        "two",
        "three",
        "one",
    ]


def test_whoever_has_shifts_and_does_not_exist_is_told():
    """Nobody would be paged: AWS is asked for each member, and has no such contact."""
    found = rota(team(schedule("s", "r"), turns("r", "ana", "ben"), person("ana")), "s")
    [missing] = found.gone
    assert missing.arn == "ben"
    assert missing.why.endswith(
        "has shifts and does not exist: put somebody else into the rotation."
    )
    assert missing.why in text.sentences(found)


def test_a_rotation_that_does_not_exist_is_told():
    """A schedule may name one that was deleted."""
    found = rota(team(schedule("s", "r", "gone"), turns("r", "ana"), person("ana")), "s")
    assert [missing.why for missing in found.gone] == [
        "s has a rotation that does not exist, gone: take it out of the schedule."
    ]


def test_what_was_not_seen_is_not_said_to_be_missing():
    """Nor is there a gap where it may be on call."""
    unseen = {"r": "why", "ben": "why"}
    things = (schedule("s", "r", "q"), turns("q", "ben"), escalation("e", "s", "ben"))
    found = rota(team(*things, unseen=unseen), "e", days=3)
    assert found.gone == ()
    assert {missing.arn for missing in found.unseen} == {"r", "ben"}
    [one] = found.schedules
    assert one.gaps == ()
    assert len(one.lanes) == 1


def test_a_schedule_without_rotations_has_nobody_at_any_time():
    """That is one gap, as long as the range."""
    found = rota(team(schedule("s")), "s")
    assert found.schedules[0].gaps == ((MONDAY, MONDAY + timedelta(days=7)),)
    assert [*text.sentences(found)] == [
        "s: nobody is on call from Mon 22 Mar 00:00 to Mon 29 Mar 00:00."
    ]


def test_people_of_the_same_name_are_told_apart():
    """By their aliases; others are called as everywhere."""
    people = (person("ana", "Ana"), person("ana-2", "Ana"), person("ben", "Ben"))
    found = rota(team(schedule("s", "r"), turns("r", *(each.arn for each in people)), *people), "s")
    assert found.names(["ana", "ben", "ana-2"]) == "Ana (ana), Ben and Ana (ana-2)"


@pytest.mark.parametrize(("length", "expected"), [(1, [24, 23, 24]), (7, [47, 24])])
def test_days_and_weeks_are_those_of_the_clocks(length, expected):
    """A day on which clocks are put on has 23 hours, and a week begins on Monday."""
    start, end = at("2027-03-27", "Europe/London"), at("2027-03-30", "Europe/London")
    found = schedules.rota(team(schedule("s")), ["s"], LONDON, start, end)
    cut = [*schedules.days(found, length)]
    assert [(day.end - day.start) / timedelta(hours=1) for day in cut] == expected
    assert (cut[0].start, cut[-1].end) == (start, end)


def test_a_range_of_times_says_them():
    """Whoever asks for noon is told that the calendar begins there."""
    noon = MONDAY + timedelta(hours=12)
    found = schedules.rota(team(schedule("s")), ["s"], LONDON, noon, noon + timedelta(days=1))
    assert text.title(found, found.schedules[0]) == (
        "s, Mon 22 Mar 2027 12:00 to Tue 23 Mar 2027 12:00, times of Europe/London"
    )


def test_colours_of_one_rotation_differ_where_there_are_more_people_than_colours():
    """The ninth person is in the colour of somebody whom nobody takes for them."""
    people = [f"p{number:02}" for number in range(12)]
    named = [person(each, f"Person {each} Of Many") for each in people]
    first, others = turns("a", *people[:1], *people[8:]), turns("b", *people[1:8])
    of = team(*named, first, others, schedule("s", "a", "b"))
    drawn = picture(rota(of, "s", days=7 * 12))
    colours = dict(
        re.findall(r"<title>(Person p\d\d) Of Many: .*\s*<rect class=\"shift (p\d)", drawn)
    )
    for some in (first, others):
        assert len({colours[f"Person {each}"] for each in some.members}) == len(some.members)
    assert len({*colours.values()}) == 8
    assert ">PM</text>" in picture(rota(of, "s", zone="Asia/Tokyo"))
