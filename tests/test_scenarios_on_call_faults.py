"""What people and schedules do when AWS throttles, denies, forgets, or belongs to somebody else.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads. Nothing is lost, nothing is half done without a sentence, nothing is done twice.
"""

from __future__ import annotations

import pytest

from tests.program import EngineError, Team
from tests.test_scenarios_on_call import at, person, phone, rotation, whole_team

DAILY = {"number_of_on_calls": 1, "recurrence_multiplier": 1, "daily_settings": [at(10, 45)]}


@pytest.fixture
def team(tmp_path, stack_environment, local_aws):
    """Return a program that declares nobody yet."""
    return Team(tmp_path / "program", stack_environment, local_aws)


@pytest.fixture
def contacts(local_aws):
    """Return boto3's client."""
    return local_aws.client("ssm-contacts")


def changed_team(name):
    """Return the team of `whole_team` with a change of each kind in it."""
    things = whole_team(name)
    things["ana"] = person(f"{name}-ana", display_name="Ana Maria", tags={"team": "checkout"})
    things["ana-phone"] = phone("ana", "+15005550109")
    things["weekly"] = rotation(f"{name} weekly", "ben", "ana", recurrence=DAILY)
    things["ben-plan"][1]["stages"][0]["duration_in_minutes"] = 9
    return things


CREATES = ("CreateContact", "CreateContactChannel", "CreateRotation")
CHANGES = ("UpdateContact", "UpdateContactChannel", "UpdateRotation", "TagResource")
DELETES = ("DeleteContact", "DeleteContactChannel", "DeleteRotation")


def test_throttling_is_waited_for_at_every_call(team, local_aws, name):
    """Each operation of a life is throttled twice, and the run ends as if nothing had been."""
    for operation in (*CREATES, *CHANGES, *DELETES, "GetContact", "ListTagsForResource"):
        local_aws.fail(operation, "ThrottlingException", times=2)
    team.bring(**whole_team(name))
    team.bring(**changed_team(name))
    team.destroy()
    assert local_aws.faults_left() == 0


def test_a_denial_says_which_right_is_missing(team, local_aws, name):
    """At every call of a life: one sentence, no traceback, and the next run goes on."""
    before, after = whole_team(name), changed_team(name)
    for operation in (*CREATES, *CHANGES):
        local_aws.fail(operation, "AccessDeniedException", times=None)
        team.declare(**after)
        with pytest.raises(EngineError) as failed:
            team.run("up", "--yes", "--skip-preview")
        assert f"Allow ssm-contacts:{operation} on " in str(failed.value)
        assert "Traceback" not in str(failed.value)
        local_aws.heal()
        if operation in CREATES[:-1]:
            team.destroy()
            continue
        team.run("up", "--yes", "--skip-preview", "--refresh")
        team.settled()
        before, after = after, before
    for operation in DELETES:
        team.begin(**before)
        local_aws.fail(operation, "AccessDeniedException", times=None)
        with pytest.raises(EngineError, match=f"Allow ssm-contacts:{operation} on "):
            team.run("destroy", "--yes")
        local_aws.heal()
    team.destroy()
    assert team.state() == {}


def test_what_is_gone_with_its_replication_set_is_gone(team, incidents, name):
    """A set that was deleted took all people along: a refresh sees it, an up says what to do."""
    things = whole_team(name)
    team.bring(**things)
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    team.run("refresh", "--yes")
    assert [each for each in team.state() if each in things] == []
    team.declare(**things)
    with pytest.raises(EngineError, match="This account has no replication set"):
        team.run("up", "--yes", "--skip-preview")
    incidents.create_replication_set(regions={"us-east-1": {}})
    team.bring(**things)
    team.destroy()


def test_a_person_who_takes_turns_is_not_deleted(team, contacts, name):
    """AWS refuses it, and the sentence names the rotation that has the person."""
    team.bring(ana=person(f"{name}-ana"))
    taken = contacts.create_rotation(
        Name=f"{name} theirs",
        ContactIds=[team.id("ana")],
        TimeZoneId="Europe/Dublin",
        Recurrence={
            "NumberOfOnCalls": 1,
            "RecurrenceMultiplier": 1,
            "DailySettings": [{"HourOfDay": 9, "MinuteOfHour": 30}],
        },
    )["RotationArn"]
    with pytest.raises(EngineError) as failed:
        team.run("destroy", "--yes")
    assert f"It is needed by {taken}: take it out of there first." in str(failed.value)
    contacts.delete_rotation(RotationId=taken)
    team.destroy()
    assert team.state() == {}


def test_what_was_half_changed_says_so(team, local_aws, name):
    """An update whose second call fails tells what AWS has done, and a refresh puts it right."""
    team.bring(ana=person(f"{name}-ana"))
    team.declare(ana=person(f"{name}-ana", display_name="Ana", tags={"team": "checkout"}))
    local_aws.fail("TagResource", "AccessDeniedException", times=None)
    with pytest.raises(EngineError) as failed:
        team.run("up", "--yes", "--skip-preview")
    told = "AWS has done ssm-contacts:UpdateContact, and the state does not know it"
    assert told in str(failed.value)
    local_aws.heal()
    team.run("refresh", "--yes")
    team.bring(ana=person(f"{name}-ana", display_name="Ana", tags={"team": "checkout"}))
    assert team.changed() == ["TagResource"]


def test_others_mistakes_do_not_make_a_plan_ours(team, contacts, name):
    """A plan that a contact has already is replaced only where that is asked for."""
    plan = {"Stages": [{"DurationInMinutes": 3, "Targets": []}]}
    ana = contacts.create_contact(Alias=f"{name}-ana", Type="PERSONAL", Plan=plan)["ContactArn"]
    mine = {"contact_id": ana, "stages": [{"duration_in_minutes": 7, "targets": []}]}
    team.declare(plan=("ContactPlan", mine))
    with pytest.raises(EngineError, match="has a plan already, and nothing proves"):
        team.run("up", "--yes", "--skip-preview")
    team.bring(plan=("ContactPlan", {**mine, "adopt_existing": True}))
    assert contacts.get_contact(ContactId=ana)["Plan"]["Stages"][0]["DurationInMinutes"] == 7
    team.destroy()
    assert contacts.get_contact(ContactId=ana)["Plan"]["Stages"] == []
