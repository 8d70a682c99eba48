"""The iCalendar of a rota, read by another library than the one that writes it: vobject.

Real: the command, the local AWS over HTTP and what it says of shifts; for random rotations, which
are pure, the reading of `oncall`.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.commands.rota import schedules
from pulumi_incidents.commands.rota.ical import ical
from pulumi_incidents.oncall.calendar import gaps
from pulumi_incidents.oncall.shifts import shifts
from pulumi_incidents.oncall.team import SCHEDULE, Contact, Team
from tests.read_rotations import rotation
from tests.rota_command import WEEKS, Rota
from tests.rotas import overrides, ranges, recurrence, rotas
from tests.strategies import examples

NOW = datetime(2027, 3, 22, 9, tzinfo=timezone.utc)


@pytest.fixture
def rota(local_aws, monkeypatch, capsys):
    """Return the command, pointed at the local AWS that has the team."""
    return Rota(local_aws, monkeypatch, capsys)


def events(text):
    """Return what a calendar shows of a file: from when, until when, and what."""
    found = vobject.readOne(text).vevent_list
    return sorted((each.dtstart.value, each.dtend.value, each.summary.value) for each in found)


def uids(text):
    """Return which event begins when with what, by its UID."""
    found = vobject.readOne(text).vevent_list
    told = {each.uid.value: (each.dtstart.value, each.summary.value) for each in found}
    assert len(told) == len(found)
    return told


def test_calendars_show_the_shifts_that_aws_lists(rota):
    """Each shift is an event with the names of its people; each gap is one as well."""
    names = {arn: name.title() for name, arn in rota.team["Contacts"].items()}
    span = {"StartTime": datetime(2027, 3, 22, tzinfo=timezone.utc)}
    span["EndTime"] = span["StartTime"] + timedelta(days=14, hours=-1)
    expected = []
    for name, arn in rota.team["Rotations"].items():
        listed = rota.contacts.list_rotation_shifts(RotationId=arn, **span)["RotationShifts"]
        for shift in listed:
            who = names[shift["ContactIds"][0]]
            if shift["Type"] == "OVERRIDDEN":
                who += " for " + names[shift["ShiftDetails"]["OverriddenContactIds"][0]]
            expected.append((shift["StartTime"], shift["EndTime"], f"{who}: {name}"))
    sundays = (
        datetime(2027, 3, 28, tzinfo=timezone.utc),
        datetime(2027, 4, 3, 23, tzinfo=timezone.utc),
    )
    ends = (
        datetime(2027, 3, 28, 23, tzinfo=timezone.utc),
        datetime(2027, 4, 4, 23, tzinfo=timezone.utc),
    )
    gone = "Nobody is on call: Primary"
    expected += [(*times, gone) for times in zip(sundays, ends, strict=True)]
    assert events(rota("checkout", *WEEKS, "--ics", "-")) == sorted(expected)


def test_the_file_is_written_beside_the_calendar(rota, tmp_path):
    """And says the same as on stdout."""
    file = tmp_path / "rota.ics"
    assert rota("checkout", *WEEKS, "--ics", str(file)) == rota("checkout", *WEEKS)
    assert events(file.read_text()) == events(rota("checkout", *WEEKS, "--ics", "-"))


def test_a_calendar_has_a_name_and_leaves_people_free(rota):
    """Whoever is on call can be invited; overrides and gaps can be told apart from shifts."""
    text = rota("checkout", *WEEKS, "--ics", "-")
    read = vobject.readOne(text)
    assert (read.version.value, read.name_list[0].value) == ("2.0", "Primary")
    assert read.x_wr_calname.value == "Primary"
    assert {event.transp.value for event in read.vevent_list} == {"TRANSPARENT"}
    kinds = {
        event.summary.value: event.categories.value
        for event in read.vevent_list
        if hasattr(event, "categories")
    }
    assert kinds == {"Ben for Ana: Weeks": ["Override"], "Nobody is on call: Primary": ["Gap"]}
    [told] = {
        e.description.value for e in read.vevent_list if e.summary.value.startswith("Ben for")
    }
    assert told == ("On call for Primary, in the rotation Weeks. By an override, in place of Ana.")
    lines = text.encode().split(b"\n")
    assert max(map(len, lines)) <= 75 + 1
    assert {line[-1:] for line in lines[:-1]} == {b"\r"}


def test_a_later_file_replaces_what_it_says_anew(rota):
    """What is in two files has one UID in both, whatever their ranges; it names no account."""
    first = rota("checkout", *WEEKS, "--ics", "-")
    week = rota("checkout", "--from", "2027-03-25", "--to", "2027-03-31", "--ics", "-")
    before, after = uids(first), uids(week)
    assert after.items() <= before.items()
    assert "123456789012" not in first
    rota.override(
        rota.team["Rotations"]["Weeks"], rota.people[:1], "2027-03-31T09:00", "2027-03-31T17:00"
    )
    swapped = uids(rota("checkout", *WEEKS, "--ics", "-"))
    assert {*swapped} > {*before}
    assert sorted(swapped[uid][1] for uid in {*swapped} - {*before}) == [
        "Ana for Ben: Weeks",
        "Ben: Weeks",
    ]


def test_a_gap_that_a_range_cuts_is_whole(rota):
    """Its event is the same tomorrow, when the range begins later."""
    sunday = ("--from", "2027-03-28T12:00", "--to", "2027-03-28T13:00", "--ics", "-")
    [event] = events(rota("checkout", *sunday))
    assert event[:2] == (
        datetime(2027, 3, 28, tzinfo=timezone.utc),
        datetime(2027, 3, 28, 23, tzinfo=timezone.utc),
    )


def test_a_rotation_of_two_schedules_is_in_the_file_once(rota):
    """Nobody has a shift twice because two schedules share it."""
    turns = rota.schedule("turns", rota.people, recurrence("MON 09:00"), "2027-03-22T09:00")
    plan = {"RotationIds": [turns]}
    rota.contacts.create_contact(Alias="others", Type="ONCALL_SCHEDULE", Plan=plan)
    targets = [
        {"ContactTargetInfo": {"ContactId": f"{rota.people[0][:-3]}{name}", "IsEssential": True}}
        for name in ("turns", "others")
    ]
    plan = {"Stages": [{"DurationInMinutes": 5, "Targets": targets}]}
    rota.contacts.create_contact(Alias="both", Type="ESCALATION", Plan=plan)
    days = ("--from", "2027-03-23", "--to", "2027-03-29", "--ics", "-")
    told = events(rota("both", *days, code=0))
    assert [what for _, _, what in told] == ["Ana: turns", "Ben: turns"]


@examples(60)
@given(st.data())
def test_random_rotas_are_read_as_they_are(data):
    """Whatever the recurrence, the zone, the overrides and the names."""
    start, end = data.draw(ranges(14))
    rota = data.draw(rotas())
    made = rotation(rota._replace(overrides=data.draw(overrides(start, end, rota.members))))
    name = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
    names = dict(
        zip(rota.members, data.draw(st.tuples(*[name for _ in rota.members])), strict=True)
    )
    schedule = Contact("arn:s", "s", "s", SCHEDULE, (), (made.arn,))
    people = {arn: Contact(arn, arn, told, "PERSONAL") for arn, told in names.items()}
    team = Team({"arn:s": schedule, **people}, {}, {made.arn: made})
    found = schedules.rota(team, ["arn:s"], ZoneInfo("UTC"), start, end)
    expected = [(s.start, s.end, f"{found.who(s)}: {made.name}") for s in shifts(made, start, end)]
    margin = schedules.MARGIN
    expected += [
        (*gap, "Nobody is on call: s")
        for gap in gaps([made], start - margin, end + margin)
        if gap.start < end and gap.end > start
    ]
    assert events(ical(found, NOW).decode()) == sorted(expected)
