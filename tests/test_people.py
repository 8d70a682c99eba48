"""What is wrong with people and schedules, told before anything is called.

Real: the providers' own checks and botocore's model. Nothing is called.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.providers.contact import ContactProvider
from pulumi_incidents.providers.contact_channel import ContactChannelProvider
from pulumi_incidents.providers.contact_plan import ContactPlanProvider
from pulumi_incidents.providers.rotation import RotationProvider
from pulumi_incidents.providers.rotation_override import RotationOverrideProvider

HOME = "arn:aws:ssm-contacts:us-east-1:123456789012"
ANA, BEN = f"{HOME}:contact/ana", f"{HOME}:contact/ben"
PHONE, WEEKLY = f"{HOME}:contact-channel/ana/1", f"{HOME}:rotation/1"


def told(provider, inputs):
    """Return the sentences about some inputs."""
    return [failure.reason for failure in provider().check({}, inputs).failures]


def contact(**changes):
    """Return a contact that is as it should be, but for some inputs."""
    return {"alias": "ana", "type": "PERSONAL", **changes}


def stages(*targets, minutes=1):
    """Return a plan of one stage."""
    return {"stages": [{"duration_in_minutes": minutes, "targets": list(targets)}]}


def channel_target(arn=PHONE):
    """Return a target of a person's plan."""
    return {"channel_target_info": {"contact_channel_id": arn}}


def contact_target(arn=ANA):
    """Return a target of an escalation plan."""
    return {"contact_target_info": {"contact_id": arn, "is_essential": True}}


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (contact(alias="Ana"), "alias must match"),
        (contact(display_name="Ana!"), "display_name must match"),
        (contact(tags={"a:b": "c"}), "tags['a:b'] has a key that must match"),
        (contact(tags={"a": ""}), "tags['a'] must be 1 to 256 characters"),
        (contact(plan=stages(minutes=31)), "duration_in_minutes must be at most 30"),
        (contact(plan=stages(minutes=0)), "must be above 0 without targets"),
        (contact(plan=stages(contact_target())), "stages of a person page contact channels"),
        (contact(plan=stages({})), "targets[0]"),
        (contact(plan={"rotation_ids": [WEEKLY]}), "only an ONCALL_SCHEDULE has them"),
        (
            contact(type="ESCALATION", plan=stages(channel_target())),
            "stages of an escalation plan engage people and schedules",
        ),
        (
            contact(
                type="ESCALATION", plan=stages({"contact_target_info": {"is_essential": True}})
            ),
            "contact_target_info.contact_id is required",
        ),
        (
            contact(type="ONCALL_SCHEDULE", plan=stages(contact_target())),
            "plan.stages must not be given: a schedule has rotation_ids alone",
        ),
        (
            contact(
                type="ONCALL_SCHEDULE", plan={"rotation_ids": [f"{WEEKLY}{n}" for n in "abcdefghi"]}
            ),
            "plan.rotation_ids must be at most 8 items",
        ),
        (contact(plan=stages(channel_target(ANA))), "must be the ARN of a contact channel"),
        (contact(policy="no"), "policy must be a policy"),
        (contact(policies={}), "did you mean policy?"),
        (contact(type="PERSON"), "type must be one of PERSONAL, ESCALATION, ONCALL_SCHEDULE"),
    ],
)
def test_what_no_contact_has_is_told(inputs, sentence):
    """By the model and by the documents, with the path to it."""
    assert any(sentence in each for each in told(ContactProvider, inputs)), told(
        ContactProvider, inputs
    )


@pytest.mark.parametrize(
    "provider",
    [ContactProvider, ContactChannelProvider, RotationProvider, RotationOverrideProvider],
)
def test_a_token_is_nobodys_input(provider):
    """Providers make their own, also where AWS's model does not mark it as one."""
    found = told(provider, {"idempotency_token": "mine"})
    assert any("idempotency_token does not exist" in each for each in found), found


@pytest.mark.parametrize(
    ("kind", "address", "is_right"),
    [
        ("SMS", "+15005550100", True),
        ("VOICE", "+15005550100", True),
        ("EMAIL", "ana@example.com", True),
        ("SMS", "15005559876", False),
        ("VOICE", "+1 500 555 9876", False),
        ("EMAIL", "+15005559876", False),
        ("EMAIL", "ben@example", False),
    ],
)
def test_an_address_fits_its_channel(kind, address, is_right):
    """A wrong one is told by its form, and not repeated."""
    inputs = {
        "contact_id": ANA,
        "name": "phone",
        "type": kind,
        "delivery_address": {"simple_address": address},
        "context": {"secrets": ["delivery_address"]},
    }
    found = told(ContactChannelProvider, inputs)
    assert (not found) == is_right
    assert not any(address in each for each in found)


def test_a_plan_is_of_a_person_or_of_a_schedule():
    """It has stages or rotations, never both."""
    both = {**stages(channel_target()), "contact_id": ANA, "rotation_ids": [WEEKLY]}
    assert told(ContactPlanProvider, both) == [
        "rotation_ids must not be given beside stages: only a schedule has rotations"
    ]


def hours(start, end, minute=0):
    """Return hours in which somebody is on call."""
    begin = {"hour_of_day": start, "minute_of_hour": 0}
    return {"start": begin, "end": {"hour_of_day": end, "minute_of_hour": minute}}


DAILY = {
    "number_of_on_calls": 1,
    "recurrence_multiplier": 1,
    "daily_settings": [{"hour_of_day": 9, "minute_of_hour": 30}],
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"contact_ids": [ANA, BEN, ANA]}, "contact_ids[2] is there already"),
        ({"contact_ids": [PHONE]}, "contact_ids[0] must be the ARN of a contact, such as"),
        ({"time_zone_id": "PST"}, "time_zone_id must be a time zone of IANA"),
        ({"recurrence": {**DAILY, "daily_settings": []}}, "must set exactly one of daily_settings"),
        (
            {"recurrence": {**DAILY, "weekly_settings": [{}]}},
            (
                "must set exactly one of daily_settings, weekly_settings, monthly_settings; got "
                "daily_settings, weekly_settings"
            ),
        ),
        (
            {"recurrence": {**DAILY, "daily_settings": DAILY["daily_settings"] * 2}},
            "recurrence.daily_settings[1] is there already",
        ),
        (
            {"recurrence": {**DAILY, "number_of_on_calls": 3}},
            "number_of_on_calls must be at most the number of contact_ids, 2; got 3",
        ),
        ({"start_time": "2026-12-01T09:30:00"}, "start_time must say its time zone"),
        (
            {"recurrence": {**DAILY, "shift_coverages": {"MON": [hours(22, 6), hours(9, 9, 29)]}}},
            "recurrence.shift_coverages['MON'][1] must last at least 30 minutes",
        ),
    ],
)
def test_what_is_no_rotation_is_told(changes, sentence):
    """Members, zone, hand-offs and start."""
    inputs = {
        "name": "weekly",
        "contact_ids": [ANA, BEN],
        "time_zone_id": "Europe/Dublin",
        "recurrence": DAILY,
    }
    assert told(RotationProvider, inputs) == []
    found = told(RotationProvider, {**inputs, **changes})
    assert any(sentence in each for each in found), found


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"end_time": "2026-12-24T18:29:00Z"}, "end_time must be at least 30 minutes after"),
        (
            {"start_time": "2999-12-24T18:00:00Z", "end_time": "2999-12-24T20:00:00Z"},
            "start_time must be at most six months from now",
        ),
        ({"rotation_id": ANA}, "rotation_id must be the ARN of a rotation, such as"),
        ({"new_contact_ids": [ANA, ANA]}, "new_contact_ids[1] is there already"),
    ],
)
def test_what_is_no_override_is_told(changes, sentence):
    """Nobody is on call twice, and not for a moment."""
    inputs = {
        "rotation_id": WEEKLY,
        "new_contact_ids": [ANA],
        "start_time": "2026-12-24T18:00:00Z",
        "end_time": "2026-12-24T18:30:00Z",
    }
    assert told(RotationOverrideProvider, inputs) == []
    found = told(RotationOverrideProvider, {**inputs, **changes})
    assert any(sentence in each for each in found), found
