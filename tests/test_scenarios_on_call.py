"""What people, schedules and escalations do from their first declaration to their last.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads. After every step the preview is empty and a refresh finds nothing.
"""

from __future__ import annotations

import pytest

from tests.program import EngineError, Team


@pytest.fixture
def team(tmp_path, stack_environment, local_aws):
    """Return a program that declares nobody yet."""
    return Team(tmp_path / "program", stack_environment, local_aws)


@pytest.fixture
def contacts(local_aws):
    """Return boto3's client."""
    return local_aws.client("ssm-contacts")


def person(alias, **inputs):
    """Return a person."""
    return "Contact", {"alias": alias, "type": "PERSONAL", **inputs}


def phone(contact, number="+15005550100", **inputs):
    """Return a phone that gets text messages."""
    given = {"contact_id": f"${contact}", "type": "SMS", "name": "phone", **inputs}
    return "ContactChannel", {"delivery_address": {"simple_address": number}, **given}


def stage(minutes, *targets):
    """Return a stage of a plan."""
    return {"duration_in_minutes": minutes, "targets": list(targets)}


def pages(channel, **info):
    """Return a target of a person's plan."""
    return {"channel_target_info": {"contact_channel_id": f"${channel}", **info}}


def engages(contact, *, essential=True):
    """Return a target of an escalation plan."""
    return {"contact_target_info": {"contact_id": f"${contact}", "is_essential": essential}}


def at(hour, minute=0):
    """Return a hand-off time."""
    return {"hour_of_day": hour, "minute_of_hour": minute}


DAILY = {"number_of_on_calls": 1, "recurrence_multiplier": 1, "daily_settings": [at(9, 30)]}


def rotation(name, *people, recurrence=DAILY, zone="Europe/Dublin", **inputs):
    """Return a rotation."""
    given = {"name": name, "time_zone_id": zone, "recurrence": recurrence, **inputs}
    return "Rotation", {"contact_ids": [f"${each}" for each in people], **given}


def whole_team(name):
    """Return two people, their channels and plans, a rotation, a schedule and an escalation."""
    return {
        "ana": person(f"{name}-ana", display_name="Ana", tags={"team": "payments"}),
        "ben": person(f"{name}-ben"),
        "ana-phone": phone("ana"),
        "ben-phone": phone("ben", "+15005550101"),
        "ana-plan": (
            "ContactPlan",
            {"contact_id": "$ana", "stages": [stage(5, pages("ana-phone")), stage(3)]},
        ),
        "ben-plan": (
            "ContactPlan",
            {"contact_id": "$ben", "stages": [stage(0, pages("ben-phone"))]},
        ),
        "weekly": rotation(f"{name} weekly", "ana", "ben", tags={"team": "payments"}),
        "schedule": (
            "Contact",
            {
                "alias": f"{name}-schedule",
                "type": "ONCALL_SCHEDULE",
                "plan": {"rotation_ids": ["$weekly"]},
            },
        ),
        "escalation": (
            "Contact",
            {
                "alias": f"{name}-escalation",
                "type": "ESCALATION",
                "plan": {"stages": [stage(10, engages("schedule")), stage(0, engages("ben"))]},
            },
        ),
    }


def test_a_whole_team_comes_and_goes(team, contacts, name):
    """Each thing takes as few calls as AWS allows; nothing is left when it is destroyed."""
    team.bring(**whole_team(name))
    assert sorted(team.changed()) == sorted(
        [
            *["CreateContact"] * 4,
            *["CreateContactChannel"] * 2,
            *["UpdateContact"] * 2,
            *("CreateRotation", "TagResource"),
        ]
    )
    plan = contacts.get_contact(ContactId=team.id("ana"))["Plan"]
    assert [each["DurationInMinutes"] for each in plan["Stages"]] == [5, 3]
    live = contacts.get_rotation(RotationId=team.id("weekly"))
    assert live["ContactIds"] == [team.id("ana"), team.id("ben")]
    assert live["Recurrence"]["DailySettings"] == [{"HourOfDay": 9, "MinuteOfHour": 30}]
    ids = [team.id(each) for each in ("ana", "ben", "schedule", "escalation")]
    team.destroy()
    assert team.state() == {}
    for each in ids:
        with pytest.raises(contacts.exceptions.ResourceNotFoundException):
            contacts.get_contact(ContactId=each)


def test_wrong_ones_are_told_at_once(team, name):
    """Everything that AWS would refuse is told in one preview, and no address is repeated."""
    team.declare(
        ana=person(f"{name}-Ana"),
        phone=phone("ana", "5550100"),
        weekly=rotation(
            "w", "ana", "ana", zone="PST", recurrence={**DAILY, "weekly_settings": [{}]}
        ),
    )
    with pytest.raises(EngineError) as told:
        team.run("preview")
    text = str(told.value)
    for word in ("alias", "simple_address must be a +", "time_zone_id", "exactly one of", "[1]"):
        assert word in text
    assert "5550100;" not in text
