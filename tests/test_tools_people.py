"""What `make up` tells of people. Real: the local AWS with its clock, and boto3."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone

import pytest

from tools import people

MONDAY = datetime(2026, 12, 7, 10, tzinfo=timezone.utc)
NINE = {"HourOfDay": 9, "MinuteOfHour": 0}


@pytest.fixture
def contacts(local_aws):
    """Return boto3's client, of a local AWS whose clock stands on a Monday morning."""
    local_aws.set_clock(MONDAY)
    return local_aws.client("ssm-contacts")


def person(contacts, alias, **inputs):
    """Make a person."""
    plan = {"Stages": []}
    return contacts.create_contact(Alias=alias, Type="PERSONAL", Plan=plan, **inputs)["ContactArn"]


def rotation(contacts, *arns, **settings):
    """Make a rotation by the week from last Monday on."""
    recurrence = {
        "NumberOfOnCalls": 1,
        "RecurrenceMultiplier": 1,
        "WeeklySettings": [{"DayOfWeek": "MON", "HandOffTime": NINE}],
        **settings,
    }
    return contacts.create_rotation(
        Name="r",
        ContactIds=arns,
        TimeZoneId="Europe/Berlin",
        Recurrence=recurrence,
        StartTime=datetime(2026, 11, 30, 8, tzinfo=timezone.utc),
        IdempotencyToken=uuid.uuid4().hex,
    )["RotationArn"]


def escalation(contacts, alias, *arns):
    """Make a plan that engages schedules of rotations."""
    schedules = [
        contacts.create_contact(
            Alias=f"{alias}-{number}", Type="ONCALL_SCHEDULE", Plan={"RotationIds": [arn]}
        )["ContactArn"]
        for number, arn in enumerate(arns)
    ]
    stages = [
        {
            "DurationInMinutes": 5,
            "Targets": [{"ContactTargetInfo": {"ContactId": each, "IsEssential": True}}],
        }
        for each in [*schedules, *schedules]
    ]
    plan = {"Stages": stages}
    return contacts.create_contact(Alias=alias, Type="ESCALATION", Plan=plan)["ContactArn"]


def test_who_has_the_shift_is_told_by_the_clock_of_the_local_aws(local_aws, contacts):
    """Names, and until when in the zone of the rotation; nobody outside of the hours."""
    ana, ben = person(contacts, "ana", DisplayName="Ana"), person(contacts, "ben")
    two = {"NumberOfOnCalls": 2}
    night = {"Start": {"HourOfDay": 22, "MinuteOfHour": 0}, "End": NINE}
    nights = {"ShiftCoverages": {"MON": [night]}}
    plan = escalation(
        contacts,
        "team",
        rotation(contacts, ana, ben),
        rotation(contacts, ana, ben, **two),
        rotation(contacts, ana, **nights),
    )
    assert list(people.on_call(local_aws, plan)) == [
        "ben, until Mon 2026-12-14 09:00 in Europe/Berlin",
        "Ana and ben, until Mon 2026-12-14 09:00 in Europe/Berlin",
        "nobody",
    ]
    local_aws.set_clock(MONDAY.replace(day=14, hour=22))
    assert list(people.on_call(local_aws, plan)) == [
        "Ana, until Mon 2026-12-21 09:00 in Europe/Berlin",
        "Ana and ben, until Mon 2026-12-21 09:00 in Europe/Berlin",
        "Ana, until Tue 2026-12-15 09:00 in Europe/Berlin",
    ]
    assert list(people.on_call(local_aws, ana)) == ["Ana"]


def test_channels_are_activated_once_and_that_is_said(local_aws, contacts, capsys):
    """Whoever is paged on a laptop has no phone to read a code from."""
    ana = person(contacts, "ana", DisplayName="Ana")
    for kind, number in (("SMS", "+15005550100"), ("VOICE", "+15005550101")):
        contacts.create_contact_channel(
            ContactId=ana, Name=kind, Type=kind, DeliveryAddress={"SimpleAddress": number}
        )
    people.tell(local_aws, ana)
    assert capsys.readouterr().out.splitlines() == [
        "Channels       2 activated, with the codes that the local AWS sent",
        "On call now    Ana",
    ]
    channels = contacts.list_contact_channels(ContactId=ana)["ContactChannels"]
    assert {channel["ActivationStatus"] for channel in channels} == {"ACTIVATED"}
    people.tell(local_aws, ana)
    assert capsys.readouterr().out == "On call now    Ana\n"
