"""What people, schedules and escalations do from their first declaration to their last.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads. After every step the preview is empty and a refresh finds nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

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


OWNER = "pulumi-incidents/owner"
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


def test_a_wrong_address_is_told_in_preview_and_not_repeated(team, name):
    """Whether it is a secret or not: it is personal data."""
    team.declare(ana=person(f"{name}-ana"), phone=phone("ana", "5559876"))
    with pytest.raises(EngineError, match=r"simple_address must be a \+") as told:
        team.run("preview")
    assert "5559876" not in str(told.value)


def test_a_contact_from_its_first_field_to_its_last(team, contacts, name):
    """Each field is added, changed and taken out, which clears it; the rest stays as it is."""
    alias = f"{name}-ana"
    steps = [
        ({}, ["CreateContact"]),
        ({"display_name": "Ana", "tags": {"a": "1"}}, ["UpdateContact", "TagResource"]),
        ({"display_name": "Ana Maria", "tags": {"b": "2"}}, None),
        ({"plan": {"stages": [stage(1)]}}, None),
        ({"plan": {"stages": [stage(2), stage(30)]}}, ["UpdateContact"]),
        ({"plan": {"stages": []}}, ["UpdateContact"]),
        ({"plan": {"stages": [stage(7)]}}, ["UpdateContact"]),
        ({}, ["UpdateContact"]),
    ]
    for inputs, operations in steps:
        team.bring(ana=person(alias, **inputs))
        if operations:
            assert team.changed() == operations
        live = contacts.get_contact(ContactId=team.id("ana"))
        assert live.get("DisplayName", "") == inputs.get("display_name", "")
        wanted = inputs.get("plan", {}).get("stages", [])
        assert [each["DurationInMinutes"] for each in live["Plan"]["Stages"]] == [
            each["duration_in_minutes"] for each in wanted
        ]
        tags = contacts.list_tags_for_resource(ResourceARN=team.id("ana"))["Tags"]
        kept = {tag["Key"]: tag["Value"] for tag in tags}
        assert kept.pop("pulumi-incidents/owner")
        assert kept == inputs.get("tags", {})
    before = team.id("ana")
    team.bring(ana=("Contact", {"alias": alias, "type": "ESCALATION"}))
    assert team.changed() == ["DeleteContact", "CreateContact"]
    team.bring(ana=("Contact", {"alias": f"{alias}-2", "type": "ESCALATION"}))
    assert team.changed() == ["CreateContact", "DeleteContact"]
    assert team.id("ana") != before


def test_a_contact_without_an_alias_has_one_that_stays(team):
    """It is the resource's name, in small letters, and characters that are this stack's own."""
    team.bring(Ana=("Contact", {"type": "PERSONAL"}))
    arn = team.id("Ana")
    assert ":contact/ana-" in arn
    team.bring(Ana=("Contact", {"type": "PERSONAL", "display_name": "Ana"}))
    assert team.id("Ana") == arn


def test_a_policy_is_shared_changed_and_never_taken_out(team, contacts, name):
    """A policy means what its JSON says; AWS cannot remove one, which the preview tells."""
    policy = {"Version": "2012-10-17", "Statement": []}
    team.bring(ana=person(f"{name}-ana", policy=policy))
    assert team.changed() == ["CreateContact", "PutContactPolicy"]
    team.bring(ana=person(f"{name}-ana", policy='{"Statement": [], "Version": "2012-10-17"}'))
    assert team.changed() == []
    contacts.put_contact_policy(ContactArn=team.id("ana"), Policy='{"Statement": [1]}')
    team.run("refresh", "--yes")
    team.bring(ana=person(f"{name}-ana", policy=policy))
    assert team.changed() == ["PutContactPolicy"]
    team.declare(ana=person(f"{name}-ana"))
    with pytest.raises(EngineError, match="policy cannot be taken out"):
        team.run("preview")


def test_a_channel_from_its_first_field_to_its_last(team, contacts, name):
    """Name and address change in place; another person or type is another channel."""
    people = {"ana": person(f"{name}-ana"), "ben": person(f"{name}-ben")}
    team.bring(**people, phone=phone("ana"))
    assert team.state()["phone"]["outputs"]["activation_status"] == "NOT_ACTIVATED"
    arn = team.id("phone")
    team.bring(**people, phone=phone("ana", "+15005550102", name="mobile_1"))
    assert (team.changed(), team.id("phone")) == (["UpdateContactChannel"], arn)
    live = contacts.get_contact_channel(ContactChannelId=arn)
    assert live["DeliveryAddress"] == {"SimpleAddress": "+15005550102"}
    team.bring(**people, phone=phone("ana", "+15005550102", type="VOICE"))
    assert sorted(team.changed()) == ["CreateContactChannel", "DeleteContactChannel"]
    team.bring(**people, phone=phone("ben", "+15005550102", type="VOICE"))
    assert sorted(team.changed()) == ["CreateContactChannel", "DeleteContactChannel"]
    assert team.id("phone").split("/")[1] == f"{name}-ben"


def test_a_rotation_from_its_first_field_to_its_last(team, contacts, name):
    """Minutes, unsorted days, coverages and the order of members stay as they are written."""
    people = {each: person(f"{name}-{each}") for each in ("ana", "ben", "cid")}
    day = {"number_of_on_calls": 1, "recurrence_multiplier": 1}
    monthly = [
        {"day_of_month": 20, "hand_off_time": at(8)},
        {"day_of_month": 13, "hand_off_time": at(12, 34)},
    ]
    weekly = [{"day_of_week": "WED", "hand_off_time": at(4, 25)}]
    covered = {"MON": [{"start": at(9, 30), "end": at(17, 15)}]}
    for inputs in (
        {"recurrence": DAILY},
        {"recurrence": {**DAILY, "recurrence_multiplier": 2}, "zone": "America/Los_Angeles"},
        {"recurrence": {**day, "monthly_settings": monthly}},
        {"recurrence": {**day, "weekly_settings": weekly}},
        {"recurrence": {**DAILY, "shift_coverages": covered}},
        {"start_time": "2026-12-01T09:30:00Z"},
        {"start_time": "2046-12-01T09:30:15+01:00"},
        {},
    ):
        team.bring(**people, weekly=rotation(name, "ana", "ben", **inputs))
        assert set(team.changed()) <= {
            *("CreateContact", "CreateRotation", "TagResource", "UpdateRotation")
        }
    live = contacts.get_rotation(RotationId=team.id("weekly"))
    assert "ShiftCoverages" not in live["Recurrence"]
    team.bring(**people, weekly=rotation(name, "cid", "ana", "ben"))
    live = contacts.get_rotation(RotationId=team.id("weekly"))
    assert [each.rpartition("-")[2] for each in live["ContactIds"]] == ["cid", "ana", "ben"]
    before = team.id("weekly")
    team.bring(**people, weekly=rotation(f"{name}-2", "ana"))
    assert sorted(team.changed()) == ["CreateRotation", "DeleteRotation", "TagResource"]
    assert team.id("weekly") != before


def test_an_override_is_another_one_after_any_change(team, contacts, name):
    """AWS cannot change one; the shifts are as before once it is taken out."""
    people = {each: person(f"{name}-{each}") for each in ("ana", "ben")}
    base = {**people, "weekly": rotation(name, "ana", "ben")}
    start = datetime.now(timezone.utc) + timedelta(days=20)

    def override(hours):
        end = start + timedelta(hours=hours)
        return "RotationOverride", {
            "rotation_id": "$weekly",
            "new_contact_ids": ["$ben"],
            "start_time": start.isoformat(timespec="seconds"),
            "end_time": end.isoformat(timespec="seconds"),
        }

    team.bring(**base, holiday=override(8))
    rotation_arn, _, identifier = team.id("holiday").partition(",")
    found = contacts.get_rotation_override(RotationId=rotation_arn, RotationOverrideId=identifier)
    assert found["NewContactIds"] == [team.id("ben")]
    team.bring(**base, holiday=override(9))
    assert sorted(team.changed()) == ["CreateRotationOverride", "DeleteRotationOverride"]
    team.bring(**base)
    assert team.changed() == ["DeleteRotationOverride"]


def test_drift_is_seen_and_repaired(team, contacts, name):
    """What somebody changes behind the stack's back is shown by a refresh, and put back."""
    things = whole_team(name)
    team.bring(**things)
    ana, weekly, phone_arn = team.id("ana"), team.id("weekly"), team.id("ana-phone")
    contacts.update_contact(ContactId=ana, DisplayName="Eve", Plan={"Stages": []})
    live = contacts.get_rotation(RotationId=weekly)
    contacts.update_rotation(
        RotationId=weekly, Recurrence=live["Recurrence"], ContactIds=live["ContactIds"][::-1]
    )
    contacts.update_contact_channel(ContactChannelId=phone_arn, Name="other")
    contacts.tag_resource(ResourceARN=weekly, Tags=[{"Key": "team", "Value": "other"}])
    contacts.delete_contact(ContactId=team.id("escalation"))
    team.run("refresh", "--yes")
    team.bring(**things)
    assert sorted(team.changed()) == [
        "CreateContact",
        "TagResource",
        "UpdateContact",
        "UpdateContact",
        "UpdateContactChannel",
        "UpdateRotation",
    ]
    assert contacts.get_contact(ContactId=ana)["DisplayName"] == "Ana"
    assert contacts.get_rotation(RotationId=weekly)["ContactIds"] == live["ContactIds"]


CREATES = (
    *("CreateContact", "CreateContactChannel", "CreateRotation", "TagResource"),
    *("UpdateContact", "CreateRotationOverride"),
)


@pytest.mark.parametrize("operation", CREATES)
def test_an_answer_that_is_lost_makes_nothing_twice(team, contacts, local_aws, name, operation):
    """A run that is killed before it records what it has made is gone on with by the next one."""
    start = (datetime.now(timezone.utc) + timedelta(days=9)).isoformat(timespec="seconds")
    end = (datetime.now(timezone.utc) + timedelta(days=10)).isoformat(timespec="seconds")
    override = {
        "rotation_id": "$weekly",
        "new_contact_ids": ["$ben"],
        "start_time": start,
        "end_time": end,
    }
    things = {**whole_team(name), "holiday": ("RotationOverride", override)}
    for kind, inputs in things.values():
        if kind == "Contact":
            inputs["adopt_existing"] = True
    team.declare(**things)
    local_aws.lose_answer(operation, times=None)
    with pytest.raises(EngineError):
        team.run("up", "--yes", "--skip-preview")
    local_aws.heal()
    team.bring(**things)
    rotations = contacts.list_rotations(RotationNamePrefix=name)["Rotations"]
    assert [each["RotationArn"] for each in rotations] == [team.id("weekly")]
    overrides = contacts.list_rotation_overrides(
        RotationId=team.id("weekly"), StartTime=0, EndTime=4e9
    )["RotationOverrides"]
    assert len(overrides) == 1
    for each in ("ana", "ben"):
        found = contacts.list_contact_channels(ContactId=team.id(each))["ContactChannels"]
        assert [channel["ContactChannelArn"] for channel in found] == [team.id(f"{each}-phone")]


def test_what_is_somebody_elses_is_not_taken(team, contacts, name):
    """A contact that exists is taken over where asked for; what others took is let go."""
    arn = contacts.create_contact(
        Alias=f"{name}-ana", Type="PERSONAL", DisplayName="Before", Plan={"Stages": []}
    )["ContactArn"]
    team.declare(ana=person(f"{name}-ana"))
    with pytest.raises(EngineError, match="set adopt_existing=True"):
        team.run("up", "--yes", "--skip-preview")
    team.bring(ana=person(f"{name}-ana", adopt_existing=True))
    assert team.id("ana") == arn
    assert not contacts.get_contact(ContactId=arn).get("DisplayName")
    mark = {"Key": "pulumi-incidents/owner", "Value": "other/stack@0123456789ab"}
    contacts.tag_resource(ResourceARN=arn, Tags=[mark])
    team.destroy()
    assert contacts.get_contact(ContactId=arn)["Alias"] == f"{name}-ana"


def test_a_secret_number_is_nowhere_in_clear(team, name, tmp_path):
    """It is in no file of the program or the state, and in nothing that a command prints."""
    number = "+15005559876"
    given = phone("ana", number)
    given[1]["delivery_address"] = {"simple_address": {"secret": number}}
    people = {"ana": person(f"{name}-ana")}
    team.declare(**people, phone=given)
    (team.folder / "team.json").chmod(0o600)
    printed = team.run("up", "--yes", "--diff")
    printed += team.run("preview", "--refresh", "--diff") + team.run("refresh", "--yes")
    printed += team.run("stack", "export")
    wrong = phone("ana", "no")
    wrong[1]["delivery_address"] = {"simple_address": {"secret": f"{number}0000000000"}}
    team.declare(**people, phone=wrong)
    with pytest.raises(EngineError) as told:
        team.run("preview")
    printed += str(told.value)
    assert number not in printed
    held = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "team.json"]
    assert held
    assert not [path for path in held if number.encode() in path.read_bytes()]


def test_a_person_whom_a_conflict_names_by_no_arn_is_found_by_the_alias(
    team, contacts, local_aws, name
):
    """AWS may say that there is one by its alias: it is looked for among all contacts."""
    other, arn = (
        contacts.create_contact(Alias=alias, Type="PERSONAL", Plan={"Stages": []})["ContactArn"]
        for alias in (f"{name}-anabel", f"{name}-ana")
    )
    local_aws.fail(
        "CreateContact", "ConflictException", ResourceId=f"{name}-ana", ResourceType="CONTACT"
    )
    team.begin(ana=person(f"{name}-ana", adopt_existing=True))
    assert team.id("ana") == arn != other


def test_a_plan_from_its_first_stage_to_its_last(team, contacts, name):
    """Stages, targets, order and what they say change in place; another contact is another plan."""
    base = {
        "ana": person(f"{name}-ana"),
        "ben": person(f"{name}-ben"),
        "phone": phone("ana"),
        "mobile": phone("ana", "+15005550103", name="mobile"),
        "escalation": ("Contact", {"alias": f"{name}-escalation", "type": "ESCALATION"}),
    }

    def plan(contact, *stages):
        return "ContactPlan", {"contact_id": f"${contact}", "stages": list(stages)}

    def live(contact):
        return contacts.get_contact(ContactId=team.id(contact))["Plan"]["Stages"]

    ana, ben = engages("ana"), engages("ben", essential=False)
    for stages in (
        [stage(1)],
        [stage(0, ana)],
        [stage(0, ana, ben), stage(2)],
        [stage(0, ben, ana), stage(5)],
        [stage(0, engages("ana", essential=False))],
    ):
        team.bring(**base, plan=plan("escalation", *stages))
        assert len(live("escalation")) == len(stages)
    people = [each["ContactTargetInfo"] for each in live("escalation")[0]["Targets"]]
    assert people == [{"ContactId": team.id("ana"), "IsEssential": False}]
    team.bring(**base, plan=plan("ana", stage(1, pages("phone", retry_interval_in_minutes=3))))
    assert live("escalation") == []
    team.bring(**base, plan=plan("ana", stage(1, pages("mobile", retry_interval_in_minutes=5))))
    channel = live("ana")[0]["Targets"][0]["ChannelTargetInfo"]
    assert channel == {"ContactChannelId": team.id("mobile"), "RetryIntervalInMinutes": 5}
    contacts.update_contact(ContactId=team.id("ana"), Plan={"Stages": []})
    team.run("refresh", "--yes")
    team.bring(**base, plan=plan("ana", stage(1, pages("mobile", retry_interval_in_minutes=5))))
    assert len(live("ana")) == 1
    team.bring(**base)
    assert live("ana") == []


def test_what_somebody_deleted_is_made_anew(team, contacts, name):
    """A refresh drops what is gone, of each kind, and the next up makes it again."""
    start = datetime.now(timezone.utc) + timedelta(days=3)
    override = {
        "rotation_id": "$weekly",
        "new_contact_ids": ["$ben"],
        "start_time": start.isoformat(timespec="seconds"),
        "end_time": (start + timedelta(hours=8)).isoformat(timespec="seconds"),
    }
    things = {**whole_team(name), "holiday": ("RotationOverride", override)}
    team.bring(**things)
    rotation_arn, _, identifier = team.id("holiday").partition(",")
    contacts.delete_rotation_override(RotationId=rotation_arn, RotationOverrideId=identifier)
    contacts.delete_contact_channel(ContactChannelId=team.id("ana-phone"))
    team.run("refresh", "--yes")
    assert not {"holiday", "ana-phone"} & team.state().keys()
    team.bring(**things)
    contacts.delete_rotation(RotationId=team.id("weekly"))
    for each in ("escalation", "schedule", "ana", "ben"):
        contacts.delete_contact(ContactId=team.id(each))
    team.run("refresh", "--yes")
    assert not things.keys() & team.state().keys()
    team.bring(**things)
    team.destroy()


def test_tags_of_the_stack_are_those_of_people_and_rotations(team, contacts, name):
    """They are added to the own ones, followed when they change, and taken off with the stack's."""
    things = {
        "ana": person(f"{name}-ana", tags={"team": "payments"}),
        "weekly": rotation(name, "ana"),
    }

    def tags(resource):
        found = contacts.list_tags_for_resource(ResourceARN=team.id(resource))["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found if tag["Key"] != OWNER}

    team.configure(**{"aws:defaultTags": {"tags": {"cost": "42", "team": "shop"}}})
    team.bring(**things)
    assert tags("ana") == {"cost": "42", "team": "payments"}
    assert tags("weekly") == {"cost": "42", "team": "shop"}
    team.configure(**{"aws:defaultTags": {"tags": {"cost": "43"}}})
    team.bring(**things)
    assert tags("ana") == {"cost": "43", "team": "payments"}
    assert tags("weekly") == {"cost": "43"}
    team.configure(**{"aws:defaultTags": {"tags": {"cost:center": "42"}}})
    with pytest.raises(EngineError, match="has a key that must match"):
        team.run("preview")
