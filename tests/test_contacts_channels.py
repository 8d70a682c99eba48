"""Channels of people in the local AWS, and the codes that activate them.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

import pytest

from tests.calls import refused
from tests.people import PLACE, People, answered, by, stage


@pytest.fixture
def people(local_aws):
    """Give a team that is to be made."""
    return People(local_aws)


def status(people, channel):
    """Return whether a channel is activated, as AWS spells it."""
    return people.aws.get_contact_channel(ContactChannelId=channel)["ActivationStatus"]


@pytest.mark.parametrize(
    ("kind", "address"),
    [("SMS", "+12065550100"), ("VOICE", "+12065550199"), ("EMAIL", "ána@example.com")],
)
def test_a_channel_is_got_and_listed_as_it_was_made(people, kind, address):
    """Its ARN names the person, and it is not activated."""
    ana = people.contact("ana")
    arn = people.channel(ana, kind, address, active=False, name="Ánas phone")
    assert arn.startswith(f"{PLACE}:contact-channel/ana/")
    told = {
        "ContactArn": ana,
        "ContactChannelArn": arn,
        "Name": "Ánas phone",
        "Type": kind,
        "DeliveryAddress": {"SimpleAddress": address},
        "ActivationStatus": "NOT_ACTIVATED",
    }
    assert answered(people.aws.get_contact_channel(ContactChannelId=arn)) == told
    assert people.aws.list_contact_channels(ContactId=ana)["ContactChannels"] == [told]
    people.aws.delete_contact_channel(ContactChannelId=arn)
    assert people.aws.list_contact_channels(ContactId=ana)["ContactChannels"] == []
    with refused("ResourceNotFoundException") as seen:
        people.aws.delete_contact_channel(ContactChannelId=arn)
    assert (seen["ResourceId"], seen["ResourceType"]) == (arn, "CONTACT_CHANNEL")


def test_the_channels_of_a_person_are_in_the_order_of_creation(people):
    """Those of somebody whose alias begins alike are not among them."""
    ana, anna = people.contact("ana"), people.contact("anna")
    made = [people.channel(ana, active=False) for _ in range(3)]
    people.channel(anna, active=False)
    listed = people.aws.list_contact_channels(ContactId=ana)["ContactChannels"]
    assert [each["ContactChannelArn"] for each in listed] == made


def test_a_channel_is_activated_by_the_code_that_it_was_sent(people):
    """At creation unless that is deferred; the latest code is the one, and good once."""
    ana = people.contact("ana")
    channel = people.channel(ana, active=False)
    assert people.code(channel) is None
    codes = []
    for _ in range(2):
        people.aws.send_activation_code(ContactChannelId=channel)
        codes.append(people.code(channel))
    assert all(len(code) == 6 for code in codes)
    wrong = next(code for code in ("000000", "000001", "000002") if code not in codes)
    for code in {wrong, codes[0]} - {codes[1]}:
        with refused("ValidationException") as seen:
            people.aws.activate_contact_channel(ContactChannelId=channel, ActivationCode=code)
        assert "SendActivationCode" in seen["Error"]["Message"]
    assert status(people, channel) == "NOT_ACTIVATED"
    people.aws.activate_contact_channel(ContactChannelId=channel, ActivationCode=codes[1])
    assert status(people, channel) == "ACTIVATED"
    assert people.code(channel) is None
    with refused("ValidationException"):
        people.aws.activate_contact_channel(ContactChannelId=channel, ActivationCode=codes[1])
    people.aws.deactivate_contact_channel(ContactChannelId=channel)
    assert status(people, channel) == "NOT_ACTIVATED"
    people.aws.send_activation_code(ContactChannelId=channel)
    people.activate(channel)
    assert status(people, channel) == "ACTIVATED"


def test_a_channel_is_sent_a_code_when_it_is_made(people, local_aws):
    """The control API tells codes, of one channel or of all, with where they went and when."""
    ana = people.contact("ana")
    sent = {
        people.aws.create_contact_channel(
            ContactId=ana,
            Name=kind,
            Type=kind,
            DeliveryAddress={"SimpleAddress": address},
        )["ContactChannelArn"]: address
        for kind, address in (("SMS", "+12065550100"), ("EMAIL", "ana@example.com"))
    }
    told = local_aws._control("GET", "activations")["activations"]
    assert {each["contactChannelArn"]: each["address"] for each in told} == sent
    channel = next(iter(sent))
    [told] = local_aws._control("GET", f"activations?channel={channel}")["activations"]
    assert (told["contactArn"], told["type"]) == (ana, "SMS")
    assert told["sentTime"] <= local_aws.clock().isoformat(timespec="milliseconds")


def test_an_update_changes_what_it_names(people):
    """A new name leaves a channel activated, a new address does not."""
    ana = people.contact("ana")
    channel = people.channel(ana, address="+12065550100")
    people.aws.update_contact_channel(ContactChannelId=channel, Name="Mobile")
    found = people.aws.get_contact_channel(ContactChannelId=channel)
    assert (found["Name"], found["ActivationStatus"]) == ("Mobile", "ACTIVATED")
    for address, expected in (("+12065550100", "ACTIVATED"), ("+12065550101", "NOT_ACTIVATED")):
        people.aws.update_contact_channel(
            ContactChannelId=channel, DeliveryAddress={"SimpleAddress": address}
        )
        found = people.aws.get_contact_channel(ContactChannelId=channel)
        assert found["DeliveryAddress"] == {"SimpleAddress": address}
        assert (found["Name"], found["ActivationStatus"]) == ("Mobile", expected)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("SMS", "12065550100"),
        ("SMS", "+0"),
        ("SMS", "+1206555010012345"),
        ("SMS", "ana@example.com"),
        ("VOICE", "+1 206 555 0100"),
        ("EMAIL", "+12065550100"),
        ("EMAIL", "ana@example"),
        ("EMAIL", "ana@b@example.com"),
    ],
)
def test_an_address_of_another_type_is_refused(people, kind, address):
    """Phones have a + and their country, mail an @; a channel cannot change its type by it."""
    ana = people.contact("ana")
    with refused("ValidationException") as seen:
        people.channel(ana, kind, address)
    [field] = seen["Fields"]
    assert field["Name"] == "DeliveryAddress.SimpleAddress"
    channel = people.channel(ana, kind, active=False)
    before = answered(people.aws.get_contact_channel(ContactChannelId=channel))
    for wrong in ({"SimpleAddress": address}, {}):
        with refused("ValidationException") as seen:
            people.aws.update_contact_channel(
                ContactChannelId=channel, Name="new", DeliveryAddress=wrong
            )
        assert [field["Name"] for field in seen["Fields"]] == ["DeliveryAddress.SimpleAddress"]
    assert answered(people.aws.get_contact_channel(ContactChannelId=channel)) == before


def test_a_person_has_one_channel_of_a_name_and_of_an_address(people):
    """Another one is a conflict with the first, made or changed; of other people it is none."""
    ana, ben = people.contact("ana"), people.contact("ben")
    first = people.channel(ana, address="+12065550100", active=False, name="one")
    second = people.channel(ana, address="+12065550101", active=False, name="two")
    calls = (
        lambda: people.channel(ana, address="+12065550102", name="one"),
        lambda: people.channel(ana, address="+12065550100", name="three"),
        lambda: people.aws.update_contact_channel(ContactChannelId=second, Name="one"),
        lambda: people.aws.update_contact_channel(
            ContactChannelId=second, DeliveryAddress={"SimpleAddress": "+12065550100"}
        ),
    )
    for call in calls:
        with refused("ConflictException") as seen:
            call()
        assert (seen["ResourceId"], seen["ResourceType"]) == (first, "CONTACT_CHANNEL")
    people.channel(ana, "VOICE", "+12065550100", active=False, name="voice")
    people.channel(ben, address="+12065550100", active=False, name="one")
    people.aws.update_contact_channel(ContactChannelId=first, Name="one")


@pytest.mark.parametrize("kind", ["ESCALATION", "ONCALL_SCHEDULE"])
def test_only_people_have_channels(people, kind):
    """A plan and a schedule are reached by the channels of people."""
    contact = people.contact("all", kind)
    with refused("ValidationException") as seen:
        people.channel(contact)
    assert contact in seen["Error"]["Message"]
    assert people.aws.list_contact_channels(ContactId=contact)["ContactChannels"] == []


def test_a_plan_keeps_a_channel_that_is_deleted(people):
    """Its stage passes it over."""
    ana = people.contact("ana")
    gone, left = people.channel(ana), people.channel(ana)
    plan = {"Stages": [stage(by(gone)), stage(by(left))]}
    people.aws.update_contact(ContactId=ana, Plan=plan)
    people.aws.delete_contact_channel(ContactChannelId=gone)
    assert people.aws.get_contact(ContactId=ana)["Plan"] == plan
    people.local_aws.set_clock(people.local_aws.clock())
    people.engage(ana)
    assert people.pages() == []
    people.local_aws.advance(5 * 60)
    assert [each["contactChannelArn"] for each in people.pages()] == [left]
