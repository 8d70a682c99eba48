"""Checks of people's channels: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Level, NotSeen
from tests.watched import Watched

CHECKS = ("person-paged", "person-channels", "person-kinds", "person-unused-channels")


@pytest.fixture
def watched(local_aws):
    """Give a local AWS with nobody in it."""
    return Watched(local_aws)


@pytest.fixture
def ana(watched):
    """Return a person without channels or stages."""
    return watched.contact("ana", DisplayName="Ana")


@pytest.fixture
def plan(watched, ana):
    """Return a plan that engages this person."""
    return watched.plan(ana)


def test_a_person_without_stages_is_found(watched, ana, plan):
    """An activated channel in no stage pages nobody, until it is in one."""
    channel = watched.channel(ana)
    found = watched.finding("person-paged", plan)
    assert found.seen == "Ana has no stages with a channel."
    assert found.plans == (plan,)
    watched.stages(ana, (5, channel))
    assert watched.fine("person-paged", plan) == {ana}


def test_a_person_without_an_activated_channel_is_found(watched, ana, plan):
    """Channels are told by their names, never by their addresses, and activating one mends it."""
    first, second = (
        watched.channel(ana, kind, address, active=False, name=kind.title())
        for kind, address in (("SMS", "+12065550100"), ("EMAIL", "ana@example.com"))
    )
    watched.stages(ana, (5, first), (5, second))
    found = watched.finding("person-paged", plan)
    assert found.seen == ("No channel in the stages of Ana is activated: Sms (SMS), Email (EMAIL).")
    assert "+1206" not in found.seen + found.mend
    assert f"send-activation-code --contact-channel-id {first}`" in found.mend
    assert not watched.results("person-channels", plan)
    watched.local_aws.activate(first)
    assert watched.fine("person-paged", plan) == {ana}


def test_a_person_whose_channels_are_gone_is_found(watched, ana, plan):
    """AWS leaves a deleted channel in the stages; another one mends it."""
    gone = watched.channel(ana)
    watched.stages(ana, (5, gone))
    watched.aws.delete_contact_channel(ContactChannelId=gone)
    found = watched.finding("person-paged", plan)
    assert found.seen == "The channels in the stages of Ana do not exist any more."
    watched.stages(ana, (5, watched.channel(ana)))
    assert watched.fine("person-paged", plan) == {ana}


def test_one_channel_that_is_not_activated_is_found(watched, ana, plan):
    """Of a person who is paged, each channel that is passed over is told until it is activated."""
    first, second = watched.channel(ana), watched.channel(ana, "VOICE", active=False, name="Home")
    watched.stages(ana, (5, first), (5, second))
    found = watched.finding("person-channels", plan)
    assert found.seen == "The channel Home (VOICE) of Ana is not activated."
    watched.local_aws.activate(second)
    assert watched.fine("person-channels", plan) == {ana}


def test_one_channel_that_is_gone_is_found(watched, ana, plan):
    """A deleted channel is told by its ARN until it is taken out of the stages."""
    first, second = watched.channel(ana), watched.channel(ana)
    watched.stages(ana, (5, first), (5, second))
    watched.aws.delete_contact_channel(ContactChannelId=second)
    found = watched.finding("person-channels", plan)
    assert found.seen == f"The channel {second} in the stages of Ana does not exist any more."
    watched.stages(ana, (5, first))
    assert watched.fine("person-channels", plan) == {ana}


@pytest.mark.parametrize(
    ("kind", "level", "seen"),
    [
        ("SMS", None, "The person is paged by messages alone."),
        ("VOICE", None, "The person is paged by calls alone."),
        ("EMAIL", Level.WARNING, "The person is paged by e-mails alone; they wake nobody."),
    ],
)
def test_a_person_with_one_kind_of_channel_is_found(watched, plan, kind, level, seen):
    """Two channels of a kind are one; of another kind mends it, and mails alone are a warning."""
    [ana] = watched.fine("contact-exists", plan)
    channels = [watched.channel(ana, kind), watched.channel(ana, kind)]
    watched.stages(ana, (5, *channels))
    found = watched.finding("person-kinds", plan)
    assert (found.seen, found.level) == (seen, level)
    other = watched.channel(ana, "VOICE" if kind == "SMS" else "SMS")
    assert watched.finding("person-kinds", plan).seen == seen
    watched.stages(ana, (5, *channels), (5, other))
    assert watched.fine("person-kinds", plan) == {ana}


def test_a_channel_that_is_in_no_stage_is_found(watched, ana, plan):
    """Whoever activated it may expect pages, until it is in a stage; others are not told."""
    first, home = watched.channel(ana), watched.channel(ana, "VOICE", name="Home")
    watched.channel(ana, "EMAIL", active=False)
    watched.stages(ana, (5, first))
    found = watched.finding("person-unused-channels", plan)
    assert found.seen == "Ana has activated Home (VOICE), which no stage has."
    watched.stages(ana, (5, first), (0, home))
    assert watched.fine("person-unused-channels", plan) == {ana}


def test_everybody_in_a_rotation_is_looked_at(watched, ana):
    """Who is not on call now may be so at another time, or by an override."""
    ben, cy = watched.person("ben"), watched.person("cy")
    rotation = watched.rotation(ana, ben, cy)
    plan = watched.plan(watched.escalation("shop", (5, watched.schedule("days", rotation))))
    assert watched.finding("person-paged", plan).subject == ana
    watched.stages(ana, (5, watched.channel(ana)))
    assert watched.fine("person-paged", plan) == {ana, ben, cy}


def test_whom_nothing_names_is_not_looked_at(watched, ana):
    """Of the whole account, people are looked at whom an incident or anybody may engage."""
    assert not watched.results("person-paged")
    watched.escalation("shop", (5, ana))
    assert watched.finding("person-paged").subject == ana


@pytest.mark.parametrize("check", CHECKS)
def test_channels_that_may_not_be_read_are_not_fine(watched, ana, plan, check):
    """Nobody knows whether the person is paged, by any of the checks."""
    watched.stages(ana, (5, watched.channel(ana)))
    watched.local_aws.fail("ListContactChannels", "AccessDeniedException", times=None)
    [found] = watched.results(check, plan)
    assert isinstance(found, NotSeen)
    assert found.subject == ana
    assert "ssm-contacts:ListContactChannels" in found.why
