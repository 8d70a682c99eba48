"""What commands read of a live account. Real: the local AWS over HTTP, with boto3."""

from __future__ import annotations

import os
from datetime import timedelta
from unittest import mock

import pytest

from pulumi_incidents.commands import _where
from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands._people import read_team
from pulumi_incidents.commands._plans import listed, look_up, read_plan
from pulumi_incidents.identity.errors import IncidentManagerError
from tests.recorder import recording
from tests.teams import START, Team

DAYS = timedelta(days=90)


@pytest.fixture
def team(local_aws):
    """Return who makes people in the local AWS."""
    return Team(local_aws)


@pytest.fixture
def look(local_aws):
    """Return what opens the local AWS as an account that is only read."""
    with mock.patch.dict(os.environ, local_aws.environment, clear=True):
        yield _where.account


def plan(incidents, name, *engaged):
    """Make a response plan, and return its ARN."""
    template = {"title": name, "impact": 3}
    made = incidents.create_response_plan(
        name=name, displayName=name.title(), incidentTemplate=template, engagements=engaged
    )
    return made["arn"]


def test_a_plan_is_read_by_its_name_or_its_arn(look, team):
    """And what it engages is told in the order of the plan."""
    ana, ben = team.person("ana"), team.person("ben")
    arn = plan(team.incidents, "checkout", ben, ana)
    found = read_plan(look(), "checkout")
    assert found == read_plan(look(), arn)
    assert (found.arn, found.name, found.display_name) == (arn, "checkout", "Checkout")
    assert found.engagements == (ben, ana)


def test_a_plan_that_is_not_there_is_told_with_those_that_are(look, incidents):
    """One sentence, with the nearest name if one is near."""
    with pytest.raises(IncidentManagerError, match=r"checkout .*: there is none at all, so check"):
        read_plan(look(), "checkout")
    for name in ("checkout", "payments", *(f"shop-{each}" for each in "abcde")):
        plan(incidents, name)
    with pytest.raises(IncidentManagerError, match=r"chekout .*: did you mean checkout\?$"):
        read_plan(look(), "chekout")
    arn = "arn:aws:ssm-incidents::123456789012:response-plan/payment"
    with pytest.raises(IncidentManagerError, match=r"payment in .*: did you mean payments\?$"):
        read_plan(look(), arn)
    with pytest.raises(IncidentManagerError, match=r"xyz in .*: there are checkout, .*, 2 more\.$"):
        read_plan(look(), "xyz")


def test_all_plans_are_read_in_one_list_and_one_call_each(look, incidents, local_aws):
    """A plan that may not be looked at is told beside those that may."""
    arns = {plan(incidents, f"plan-{each}") for each in range(7)}
    local_aws.forget()
    account = look()
    found = look_up(account, listed(account))
    assert {each.arn for each in found.values()} == arns
    asked = local_aws.operations()
    assert sorted(asked) == [*["GetResponsePlan"] * 7, "ListResponsePlans"]
    local_aws.fail("GetResponsePlan", "AccessDeniedException", times=1)
    [unseen] = [each for each in look_up(look(), arns).values() if isinstance(each, Unseen)]
    assert "Allow ssm-incidents:GetResponsePlan on arn:aws:ssm-incidents" in unseen.why


def escalation(team):
    """Make an escalation plan of a schedule and a person; return it, and all that it leads to."""
    ana, ben, cleo = (team.person(alias) for alias in ("ana", "ben", "cleo"))
    rotation = team.rotation(ana, ben)
    team.override(rotation, ben, begin=10)
    schedule = team.schedule("on-call", rotation)
    return team.escalation("checkout", (5, schedule), (5, cleo)), rotation, {ana, ben, cleo}


def test_a_team_is_all_that_a_way_leads_to_and_nobody_else(look, team):
    """Schedules, rotations with their overrides, members, and channels without addresses."""
    root, rotation, people = escalation(team)
    team.person("dora")
    found = read_team(look(), [root], START, START + DAYS)
    kinds = {contact.alias: contact.type for contact in found.contacts.values()}
    assert kinds == {
        **dict.fromkeys(("ana", "ben", "cleo"), "PERSONAL"),
        "on-call": "ONCALL_SCHEDULE",
        "checkout": "ESCALATION",
    }
    assert {channel.contact for channel in found.channels.values()} == people
    assert [len(each.overrides) for each in found.rotations.values()] == [1]
    assert found.rotations[rotation].recurrence["DailySettings"]
    assert found.unseen == {}
    assert "+1555" not in repr(found)


def test_a_team_of_everybody_has_those_in_no_plan(look, team, local_aws):
    """Rotations are listed, and none of them is asked for by itself."""
    root, _, _ = escalation(team)
    dora = team.person("dora")
    local_aws.forget()
    found = read_team(look(), None, START, START + DAYS)
    assert {root, dora} < found.contacts.keys()
    assert len(found.contacts) == 6
    asked = local_aws.operations("ssm-contacts")
    assert {each: asked.count(each) for each in asked} == {
        "ListContacts": 1,
        "ListRotations": 1,
        "ListRotationOverrides": 1,
        "GetContact": 6,
        "ListContactChannels": 4,
    }


def test_what_is_gone_is_in_no_team(look, team):
    """A plan may name a contact that was deleted: it does not exist, and that is known."""
    root, _, _ = escalation(team)
    [cleo] = [arn for arn in _contacts(team) if arn.endswith("/cleo")]
    team.contacts.delete_contact(ContactId=cleo)
    found = read_team(look(), [root], START, START + DAYS)
    assert cleo not in found.contacts
    assert found.unseen == {}


def _contacts(team):
    return [each["ContactArn"] for each in team.contacts.list_contacts()["Contacts"]]


@pytest.mark.parametrize(
    ("operation", "lost"),
    [
        ("GetContact", "contact/checkout"),
        ("ListContactChannels", "/channels"),
        ("GetRotation", "rotation/"),
        ("ListRotationOverrides", "rotation/"),
    ],
)
def test_what_may_not_be_looked_at_is_unseen(look, team, local_aws, operation, lost):
    """Each by its own key, with a sentence that says what to allow; nothing is taken for gone."""
    root, _, _ = escalation(team)
    local_aws.fail(operation, "AccessDeniedException", times=None)
    found = read_team(look(), [root], START, START + DAYS)
    assert found.unseen
    assert all(lost in arn for arn in found.unseen)
    assert all(f"Allow ssm-contacts:{operation} on" in why for why in found.unseen.values())


def test_overrides_are_in_the_order_in_which_they_were_made(look, team):
    """Whatever the order of the list is: no document says it, and the last one is in force."""
    ana, ben, cleo = (team.person(each) for each in ("ana", "ben", "cleo"))
    rotation = team.rotation(ana, ben, cleo)
    root = team.schedule("shop", rotation)
    for minutes, person in enumerate((ben, cleo)):
        team.at(minutes)
        team.override(rotation, person)
    account = look()
    pages = account.pages

    def backwards(*asked, **parameters):
        return pages(*asked, **parameters)[::-1]

    with mock.patch.object(account, "pages", backwards):
        found = read_team(account, [root], START, START + DAYS).rotations[rotation]
    assert [each.members for each in found.overrides] == [(ben,), (cleo,)]


@pytest.mark.parametrize("operation", ["ListContacts", "ListRotations"])
def test_everybody_who_cannot_be_listed_is_an_error(look, local_aws, operation):
    """Nobody knows who is left out."""
    local_aws.fail(operation, "AccessDeniedException", times=None)
    with pytest.raises(IncidentManagerError, match=f"Allow ssm-contacts:{operation}"):
        read_team(look(), None, START, START + DAYS)


def test_nothing_is_written_by_reading(look, team, local_aws):
    """The log of requests proves it."""
    root, _, _ = escalation(team)
    plan(team.incidents, "checkout", root)
    local_aws.forget()
    account = look()
    look_up(account, listed(account))
    read_team(account, None, START, START + DAYS)
    asked = local_aws.requests(None)
    assert len(asked) > 10
    assert [entry["operation"] for entry in asked if entry["mutating"]] == []


@pytest.mark.parametrize(
    ("answered", "instead", "why"),
    [
        (b'"StartTime"', b'"Beginning"', "has no StartTime, from which turns are counted"),
        (b'"UTC"', b'"Mars/Olympus"', "is in the time zone Mars/Olympus, unknown to this computer"),
    ],
)
def test_a_rotation_whose_turns_nobody_can_tell_is_unseen(team, local_aws, answered, instead, why):
    """One that AWS answers without a start, or in a zone that is not known here, with the reason.

    The local AWS has neither, so its answers are changed on their way, over HTTP.
    """
    rotation = team.rotation(team.person("ana"), team.person("ben"))
    shop = team.schedule("shop", rotation)
    with recording(local_aws.url, answered=lambda told: told.replace(answered, instead)) as between:
        settings = local_aws.environment | {"AWS_ENDPOINT_URL": between.url}
        with mock.patch.dict(os.environ, settings, clear=True):
            found = read_team(_where.account(), [shop], START, START + DAYS)
    assert list(found.unseen) == [rotation]
    assert found.unseen[rotation].startswith(f"{rotation} {why}")
    assert found.rotations == {}
