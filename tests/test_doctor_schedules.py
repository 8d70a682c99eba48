"""Checks of schedules, overrides and what nothing names: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Fine, Level, NotSeen
from tests import doctored
from tests.people import DAILY, MONDAY, NINE, NOBODY, WEEKLY
from tests.watched import DAY, HOUR, Watched

EVENING = {"HourOfDay": 17, "MinuteOfHour": 0}
WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def hours(start, end, recurrence=WEEKLY, days=WEEK, **more):
    """Return a recurrence with hours on some days."""
    coverages = {day: [{"Start": start, "End": end}] for day in days}
    return {**recurrence, "ShiftCoverages": coverages, **more}


@pytest.fixture
def watched(local_aws):
    """Give a local AWS with nobody in it, on a Monday."""
    return Watched(local_aws)


@pytest.fixture
def ana(watched):
    """Return a person."""
    return watched.person("ana")


@pytest.fixture
def ben(watched):
    """Return another person."""
    return watched.person("ben")


def engaged(watched, *rotations):
    """Return a schedule of rotations, and a plan that engages it."""
    days = watched.schedule("days", *rotations)
    return days, watched.plan(days)


# Gaps


def test_an_override_covers_no_gap_but_that_of_another_override(watched, ana, ben):
    """It changes who is on call in a shift: hours, and not an override, mend what has none."""
    office = watched.rotation(ana, ben, recurrence=hours(NINE, EVENING))
    _, plan = engaged(watched, office)
    night = watched.override(office, ana, begin=8 * HOUR, hours=16)
    assert "from Mon 2026-03-02 17:00" in watched.finding("schedule-gaps", plan).seen
    watched.aws.delete_rotation_override(RotationId=office, RotationOverrideId=night)
    watched.aws.update_rotation(RotationId=office, Recurrence=WEEKLY)
    assert watched.fine("schedule-gaps", plan)
    nobody = watched.override(office, begin=DAY)
    found = watched.finding("schedule-gaps", plan)
    assert "where an override put nobody on call, delete that" in found.mend
    watched.aws.delete_rotation_override(RotationId=office, RotationOverrideId=nobody)
    assert watched.fine("schedule-gaps", plan)


def test_nights_that_nobody_has_are_found_until_somebody_has_them(watched, ana, ben):
    """The first gap is told in the zone of the rotation, with how many there are."""
    office = watched.rotation(ana, ben, recurrence=hours(NINE, EVENING), TimeZoneId="Europe/Dublin")
    days, plan = engaged(watched, office)
    found = watched.finding("schedule-gaps", plan)
    assert found.subject == days
    assert found.plans == (plan,)
    assert found.seen == (
        "Nobody is on call in days from Mon 2026-03-02 17:00 until Tue 2026-03-03 09:00 "
        "Europe/Dublin, the first of 90 times in 90 days, 1439 hours in all."
    )
    nights = watched.rotation(
        ben, ana, recurrence=hours(EVENING, NINE), TimeZoneId="Europe/Dublin", start=MONDAY - DAY
    )
    watched.aws.update_contact(ContactId=days, Plan={"RotationIds": [office, nights]})
    assert watched.fine("schedule-gaps", plan) == {days}


def test_a_rotation_that_has_not_begun_is_a_gap_that_is_now(watched, ana, ben):
    """Until it begins nobody is on call, and an earlier start mends it."""
    rotation = watched.rotation(ana, ben, start=MONDAY + 3 * DAY)
    days, plan = engaged(watched, rotation)
    found = watched.finding("schedule-gaps", plan)
    assert found.seen == "Nobody is on call in days now, until Thu 2026-03-05 09:00 UTC."
    watched.aws.update_rotation(RotationId=rotation, StartTime=MONDAY - DAY, Recurrence=WEEKLY)
    assert watched.fine("schedule-gaps", plan) == {days}


def test_an_override_that_names_nobody_is_a_gap(watched, ana, ben):
    """A holiday without anybody is found until the override is deleted."""
    rotation = watched.rotation(ana, ben)
    days, plan = engaged(watched, rotation)
    override = watched.override(rotation, begin=DAY, hours=24)
    found = watched.finding("schedule-gaps", plan)
    assert "from Tue 2026-03-03 09:00 until Wed 2026-03-04 09:00 UTC." in found.seen
    watched.aws.delete_rotation_override(RotationId=rotation, RotationOverrideId=override)
    assert watched.fine("schedule-gaps", plan) == {days}


def test_an_hour_that_two_zones_leave_is_found(watched, ana, ben):
    """Rotations of two zones that meet in winter leave an hour when one has changed its clocks."""
    dublin = watched.rotation(
        ana, ben, recurrence=hours(NINE, EVENING), TimeZoneId="Europe/Dublin", start=MONDAY - DAY
    )
    midday, four = ({"HourOfDay": hour, "MinuteOfHour": 0} for hour in (12, 4))
    york = watched.rotation(
        ben,
        ana,
        recurrence=hours(midday, four),
        TimeZoneId="America/New_York",
        start=MONDAY - 2 * DAY,
    )
    days, plan = engaged(watched, dublin, york)
    found = watched.finding("schedule-gaps", plan)
    # From 8 March on New York is on summer time, and three weeks later Dublin is, too.
    assert found.seen == (
        "Nobody is on call in days from Sun 2026-03-08 08:00 until Sun 2026-03-08 09:00 UTC, "
        "the first of 21 times in 90 days, 21 hours in all."
    )
    five = {"HourOfDay": 5, "MinuteOfHour": 0}
    watched.aws.update_rotation(RotationId=york, Recurrence=hours(midday, five))
    assert watched.fine("schedule-gaps", plan) == {days}


def test_a_schedule_without_rotations_is_found(watched, ana, ben):
    """Nobody is ever on call in it, until it has a rotation."""
    days, plan = engaged(watched)
    found = watched.finding("schedule-gaps", plan)
    assert found.seen == "The schedule days has no rotations, so that nobody is ever on call."
    rotation = watched.rotation(ana, ben)
    watched.aws.update_contact(ContactId=days, Plan={"RotationIds": [rotation]})
    assert watched.fine("schedule-gaps", plan) == {days}


# Who is on call


def test_one_person_in_two_rotations_at_once_is_found(watched, ana, ben):
    """Two rotations side by side with one person in both are found until their orders differ."""
    first = watched.rotation(ana, ben, name="first", recurrence=DAILY)
    second = watched.rotation(ana, ben, name="second", recurrence=WEEKLY)
    days, plan = engaged(watched, first, second)
    found = watched.results("schedule-doubles", plan)
    assert [each.subject for each in found] == [days, days]
    assert found[0].seen == (
        "ana is on call in first and second of days at once, now, until Tue 2026-03-03 09:00 UTC, "
        "the first of 27 times in 90 days, 648 hours in all."
    )
    watched.aws.update_rotation(
        RotationId=second, ContactIds=[ben, ana], Recurrence={**DAILY}, StartTime=MONDAY
    )
    assert watched.fine("schedule-doubles", plan) == {days}


def test_a_schedule_of_one_person_is_found(watched, ana, ben):
    """Who is alone is always on call, until somebody else is in the rotation."""
    rotation = watched.rotation(ana)
    days, plan = engaged(watched, rotation)
    found = watched.finding("schedule-people", plan)
    assert found.seen == "ana is the only one who is ever on call in days."
    watched.aws.update_rotation(RotationId=rotation, ContactIds=[ana, ben], Recurrence=WEEKLY)
    assert watched.fine("schedule-people", plan) == {days}


@pytest.mark.parametrize("check", ["schedule-gaps", "schedule-doubles", "schedule-people"])
def test_a_rotation_that_may_not_be_read_is_not_fine(watched, ana, ben, check):
    """Nobody knows who is on call in a schedule of it."""
    days, plan = engaged(watched, watched.rotation(ana, ben))
    watched.local_aws.fail("ListRotationOverrides", "AccessDeniedException", times=None)
    [found] = watched.results(check, plan)
    assert isinstance(found, NotSeen)
    assert found.subject == days
    assert "ssm-contacts:ListRotationOverrides" in found.why


# Overrides


def test_an_override_of_somebody_who_left_the_rotation_is_found(watched, ana, ben):
    """It stays when its people leave; deleting it as the sentence says mends it."""
    rotation = watched.rotation(ana, ben)
    _, plan = engaged(watched, rotation)
    override = watched.override(rotation, ben, begin=DAY)
    assert watched.fine("override-people", plan) == {rotation}
    watched.aws.update_rotation(RotationId=rotation, ContactIds=[ana], Recurrence=WEEKLY)
    found = watched.finding("override-people", plan)
    assert found.subject == rotation
    assert found.seen == (
        "An override puts ben on call in days from Tue 2026-03-03 09:00 until "
        "Tue 2026-03-03 10:00 UTC, and ben is not in the rotation."
    )
    assert f"--rotation-id {rotation} --rotation-override-id {override}`" in found.mend
    watched.aws.delete_rotation_override(RotationId=rotation, RotationOverrideId=override)
    assert watched.fine("override-people", plan) == {rotation}


def test_an_override_that_leaves_fewer_people_on_call_is_a_note(watched, ana, ben):
    """Two are on call at once, and one by an override, until that names two."""
    rotation = watched.rotation(ana, ben, recurrence={**WEEKLY, "NumberOfOnCalls": 2})
    _, plan = engaged(watched, rotation)
    override = watched.override(rotation, ben)
    found = watched.finding("override-people", plan)
    assert found.level is Level.NOTE
    assert found.seen.endswith(
        "10:00 until Mon 2026-03-02 11:00 UTC, where 2 are on call otherwise."
    )
    watched.aws.delete_rotation_override(RotationId=rotation, RotationOverrideId=override)
    watched.override(rotation, ben, ana)
    assert watched.fine("override-people", plan) == {rotation}


def test_overrides_that_may_not_be_read_are_not_fine(watched, ana, ben):
    """Nobody knows whom they name."""
    rotation = watched.rotation(ana, ben)
    _, plan = engaged(watched, rotation)
    watched.local_aws.fail("ListRotationOverrides", "AccessDeniedException", times=None)
    [found] = watched.results("override-people", plan)
    assert isinstance(found, NotSeen)
    assert found.subject == rotation


# What nothing names


def test_whom_nothing_names_is_found_in_the_whole_account(watched, ana, ben):
    """People, schedules, plans and rotations that nothing names are notes until something does."""
    rotation = watched.rotation(ben)
    shop = watched.escalation("shop", (5, ana))
    days = watched.schedule("days")
    found = watched.results("contact-unused")
    assert {each.subject: each.seen for each in found if not isinstance(each, Fine)} == {
        shop: "No response plan, stage or rotation names shop.",
        days: "No response plan, stage or rotation names days.",
        rotation: "The rotation days is in no schedule.",
    }
    watched.aws.update_contact(ContactId=days, Plan={"RotationIds": [rotation]})
    plan = watched.plan(shop, days)
    assert watched.fine("contact-unused") == {ana, ben, shop, days, rotation}
    assert not watched.results("contact-unused", plan)


def test_a_person_whom_nothing_names_is_found(watched, ana):
    """Somebody who was forgotten, or has left, is found until a plan engages them."""
    found = watched.finding("contact-unused")
    assert found.seen == "No response plan, stage or rotation names ana."
    watched.plan(ana)
    assert watched.fine("contact-unused") == {ana}


def test_what_is_hidden_may_name_anybody(watched, ana):
    """A plan that may not be read may engage the person, so nobody knows."""
    watched.plan(NOBODY)
    watched.local_aws.fail("GetResponsePlan", "AccessDeniedException", times=None)
    [found] = watched.results("contact-unused")
    assert isinstance(found, NotSeen)
    assert found.subject == ana
    assert "ssm-incidents:GetResponsePlan" in found.why


@pytest.mark.parametrize("operation", ["ListContacts", "ListRotations"])
def test_without_lists_only_whom_plans_lead_to_are_looked_at(watched, operation):
    """Who may not list everybody hears that, and of those whom plans engage what is wrong."""
    plan = watched.plan(watched.contact("cy"))
    denied = doctored.without(watched.local_aws, f"ssm-contacts:{operation}")
    [found] = watched.results("contact-unused", **denied)
    assert isinstance(found, NotSeen)
    assert f"ssm-contacts:{operation}" in found.why
    [found] = watched.results("person-paged", **denied)
    assert found.plans == (plan,)
