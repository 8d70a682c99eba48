"""What is still to come of engagements: `GET /_local/upcoming`, beside what then comes.

Real: the server process, HTTP on 127.0.0.1 and boto3.
"""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlencode

import pytest

from tools.team import MORNING, make


@pytest.fixture
def team(local_aws):
    """Give a team, on a Monday morning."""
    return make(local_aws)


@pytest.fixture
def incident(incidents, team):
    """Start an incident that engages the team."""
    return incidents.start_incident(responsePlanArn=team.plan)["incidentRecordArn"]


def look(aws, what, **filters):
    """Return what the control API has under a name."""
    with urllib.request.urlopen(f"{aws.url}/_local/{what}?{urlencode(filters)}") as answer:
        return json.load(answer)[what]


def coming(aws, **filters):
    """Return when, to whom and over what pages will be sent, or why one will not."""
    return [
        (each["time"][11:16], each["contactArn"].split("/")[1], each["type"], each["reason"])
        for each in look(aws, "upcoming", **filters)
    ]


LATE = "The contact channel does not exist, or is not activated."


def test_what_is_to_come_is_told_in_order(local_aws, incident):
    """Who, over what, when, by which way, and whom no page will reach."""
    del incident
    assert coming(local_aws) == [
        ("10:03", "ben", "VOICE", LATE),
        ("10:08", "ana", "SMS", None),
        ("10:13", "ana", "VOICE", None),
    ]
    unreached, page, _ = look(local_aws, "upcoming")
    assert (unreached["address"], unreached["resolutions"]) == ("+12065550201", None)
    assert page["address"] == "+12065550100"
    assert [(each["Type"], each.get("StageIndex")) for each in page["resolutions"]] == [
        ("ESCALATION", 1),
        ("PERSONAL", 0),
    ]


def test_what_was_to_come_then_comes(local_aws, team, incident):
    """At the same time over the same channel; and looking ahead has changed nothing."""
    contacts = local_aws.client("ssm-contacts")
    contacts.update_contact(
        ContactId=team.escalation,
        Plan={
            "Stages": [
                {
                    "DurationInMinutes": 7,
                    "Targets": [{"ContactTargetInfo": {"ContactId": person, "IsEssential": False}}],
                }
                for person in team.people.values()
            ]
        },
    )
    incidents = local_aws.client("ssm-incidents")
    second = incidents.start_incident(responsePlanArn=team.plan)["incidentRecordArn"]
    del incident
    before = look(local_aws, "pages")
    foretold = look(local_aws, "upcoming", incident=second)
    assert look(local_aws, "upcoming", incident=second) == foretold
    assert look(local_aws, "pages") == before
    local_aws.advance(3600)
    told = [(each["time"], each["contactChannelArn"]) for each in foretold if not each["reason"]]
    sent = look(local_aws, "pages", incident=second)
    assert told == [
        (each["sentTime"], each["contactChannelArn"])
        for each in sent
        if each["sentTime"] > MORNING.isoformat(timespec="milliseconds")
    ]
    assert len(told) == 4
    assert coming(local_aws) == []


def test_an_acknowledgement_leaves_nothing_to_come(local_aws, team, incident):
    """What has ended does not come; nor does what was stopped."""
    contacts = local_aws.client("ssm-contacts")
    (page,) = look(local_aws, "pages", incident=incident)
    contacts.accept_page(PageId=page["pageArn"], AcceptType="READ", AcceptCode=page["acceptCode"])
    assert coming(local_aws) == []
    engagement = contacts.start_engagement(
        ContactId=team.people["ana"], Sender="a test", Subject="Wake up", Content="Now"
    )["EngagementArn"]
    assert coming(local_aws, engagement=engagement) == [("10:03", "ana", "VOICE", None)]
    assert coming(local_aws, contact=team.people["ben"]) == []
    contacts.stop_engagement(EngagementId=engagement)
    assert coming(local_aws) == []


def test_it_is_told_by_what_is_there_now(local_aws, team, incident):
    """A channel that is activated meanwhile will be paged, and one that is gone will not."""
    del incident
    contacts = local_aws.client("ssm-contacts")
    voice = team.channels["ben", "VOICE"]
    (code,) = look(local_aws, "activations", channel=voice)
    contacts.activate_contact_channel(ContactChannelId=voice, ActivationCode=code["activationCode"])
    assert [each[3] for each in coming(local_aws)] == [None, None, None]
    contacts.delete_contact_channel(ContactChannelId=voice)
    assert coming(local_aws)[0] == ("10:03", "ben", None, LATE)


def test_whoever_is_on_call_by_then_is_to_come(local_aws, incidents, team):
    """A schedule is asked for the time at which its stage begins: after the hand-off, the next."""
    contacts = local_aws.client("ssm-contacts")
    primary = team.escalation.replace("checkout-escalation", "primary")
    stage = {
        "DurationInMinutes": 10,
        "Targets": [{"ContactTargetInfo": {"ContactId": primary, "IsEssential": True}}],
    }
    contacts.update_contact(ContactId=team.escalation, Plan={"Stages": [stage, stage]})
    local_aws.set_clock("2027-02-08T08:55:00Z")
    incidents.start_incident(responsePlanArn=team.plan)
    (page,) = look(local_aws, "pages")
    assert page["contactArn"] == team.people["ben"]
    assert coming(local_aws) == [
        ("09:00", "ben", "VOICE", LATE),
        ("09:05", "chidi", "SMS", None),
        ("09:10", "chidi", "VOICE", None),
    ]
