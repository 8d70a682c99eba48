"""Checks of whom plans engage and when: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from tests import doctored, rights
from tests.people import DAILY, NINE, NOBODY, WEEKLY, stage, whom
from tests.watched import DAY, HOUR, TEMPLATE, Watched

STRANGER = "arn:aws:ssm-contacts:us-east-1:999999999999:contact/boss"
OFFICE = {
    **WEEKLY,
    "ShiftCoverages": {
        day: [{"Start": NINE, "End": {"HourOfDay": 17, "MinuteOfHour": 0}}]
        for day in ("MON", "TUE", "WED", "THU", "FRI")
    },
}


@pytest.fixture
def watched(local_aws):
    """Give a local AWS with nobody in it, on a Monday."""
    return Watched(local_aws)


@pytest.fixture
def ana(watched):
    """Return a person with a channel."""
    return watched.person("ana")


# Who is named and not there


def test_a_contact_that_a_plan_engages_and_is_gone_is_found(watched, ana):
    """AWS leaves the ARN of a deleted contact in the plan; making it again mends it."""
    plan = watched.plan(ana)
    assert watched.fine("contact-exists", plan) == {ana}
    watched.aws.delete_contact(ContactId=ana)
    found = watched.finding("contact-exists", plan)
    assert found.seen == f"The response plan shop engages {ana}, which does not exist."
    assert found.plans == (plan,)
    assert watched.person("ana") == ana
    assert watched.results("contact-exists", plan) == [Fine(ana, (plan,))]


def test_a_contact_that_a_stage_engages_and_is_gone_is_found(watched, ana):
    """A stage is looked at as a plan is, and taking the contact out of it mends it."""
    ben = watched.person("ben")
    shop = watched.escalation("shop", (5, ana), (0, ben))
    plan = watched.plan(shop)
    watched.aws.delete_contact(ContactId=ben)
    found = watched.finding("contact-exists", plan)
    assert found.seen == f"Stage 2 of shop engages {ben}, which does not exist."
    watched.aws.update_contact(ContactId=shop, Plan={"Stages": [stage(whom(ana))]})
    assert watched.fine("contact-exists", plan) == {shop, ana}


def test_somebody_of_an_override_who_is_gone_is_found(watched, ana):
    """Who has left the rotation may be deleted, and stays in an override."""
    ben = watched.person("ben")
    rotation = watched.rotation(ana, ben)
    plan = watched.plan(watched.schedule("days", rotation))
    override = watched.override(rotation, ben, begin=DAY)
    watched.aws.update_rotation(RotationId=rotation, ContactIds=[ana], Recurrence=WEEKLY)
    watched.aws.delete_contact(ContactId=ben)
    found = watched.finding("contact-exists", plan)
    assert found.seen == (
        "An override of the rotation days from Tue 2026-03-03 09:00 UTC puts on call "
        f"{ben}, which does not exist."
    )
    watched.aws.delete_rotation_override(RotationId=rotation, RotationOverrideId=override)
    assert ben not in watched.fine("contact-exists", plan)


def test_a_contact_of_another_account_has_to_be_shared(watched, ana):
    """Of a stranger it is said that the owner has to share, and taking it out mends it."""
    plan = watched.plan(ana, STRANGER)
    found = watched.finding("contact-exists", plan)
    assert found.subject == STRANGER
    assert "is not shared with the account 123456789012" in found.seen
    assert "Let the account 999999999999 share it" in found.mend
    watched.incidents.update_response_plan(arn=plan, engagements=[ana])
    assert watched.fine("contact-exists", plan) == {ana}


def test_one_who_is_named_often_is_found_once(watched):
    """A contact that is gone is one finding, with how many name it."""
    plans = [watched.plan(NOBODY, name=name) for name in ("shop", "till")]
    found = watched.finding("contact-exists", *plans)
    assert found.seen.endswith(f"engages {NOBODY}, which does not exist; 2 name it in all.")
    assert {*found.plans} == {*plans}


def test_a_contact_that_may_not_be_read_is_not_fine(watched, ana):
    """Nobody knows whether it is there, and what hangs on it is not called fine."""
    plan = watched.plan(ana)
    watched.local_aws.fail("GetContact", "AccessDeniedException", times=None)
    [found] = watched.results("contact-exists", plan)
    assert isinstance(found, NotSeen)
    assert found.subject == ana
    assert "ssm-contacts:GetContact" in found.why
    for check in ("plan-reaches", "plan-first-page", "plan-last-page"):
        [found] = watched.results(check, plan)
        assert isinstance(found, NotSeen), check


# Plans that engage nobody


def test_a_plan_that_engages_nobody_is_found_until_it_does(watched, ana):
    """An incident that tells nobody is a warning."""
    plan = watched.plan()
    found = watched.finding("plan-engages", plan)
    assert found.seen == "The response plan engages nobody, and tells nobody."
    watched.incidents.update_response_plan(arn=plan, engagements=[ana])
    assert watched.fine("plan-engages", plan) == {plan}


def test_a_plan_with_topics_alone_wakes_nobody(watched):
    """Topics are told, and are no engagement."""
    topic = rights.topic(watched.local_aws.client("sns"), "chat")
    template = {**TEMPLATE, "notificationTargets": [{"snsTopicArn": topic}]}
    plan = watched.plan(chatChannel={"chatbotSns": [topic]}, incidentTemplate=template)
    found = watched.finding("plan-engages", plan)
    assert found.seen.endswith("engages nobody, and tells a chat channel and topics alone.")


def test_pagerduty_and_impact_5_make_a_plan_without_engagements_fine(watched):
    """PagerDuty pages, and an incident without impact, such as a drill, wakes nobody on purpose."""
    service = {"name": "n", "secretId": "s", "pagerDutyIncidentConfiguration": {"serviceId": "x"}}
    plan = watched.plan(integrations=[{"pagerDutyConfiguration": service}])
    drill = watched.plan(name="drill", incidentTemplate={**TEMPLATE, "impact": 5})
    assert watched.fine("plan-engages", plan, drill) == {plan, drill}
    assert not watched.results("plan-reaches", plan, drill)


# Starts that page nobody


def test_a_plan_whose_people_have_no_channel_pages_nobody(watched):
    """No start pages anybody, until somebody has an activated channel in a stage."""
    ana = watched.contact("ana")
    plan = watched.plan(ana)
    found = watched.finding("plan-reaches", plan)
    assert found.seen == (
        "Nobody is paged if an incident starts now or at any time of the next 90 days."
    )
    for check in ("plan-first-page", "plan-last-page"):
        assert not watched.results(check, plan)
    watched.stages(ana, (5, watched.channel(ana)))
    for check in ("plan-reaches", "plan-first-page", "plan-last-page"):
        assert watched.fine(check, plan) == {plan}


def test_a_gap_in_a_schedule_is_a_time_from_which_nobody_is_paged(watched, ana):
    """Nights and weekends of office hours are found, and a last stage with a person mends them."""
    days = watched.schedule("days", watched.rotation(ana, recurrence=OFFICE))
    shop = watched.escalation("shop", (10, days))
    plan = watched.plan(shop)
    found = watched.finding("plan-reaches", plan)
    assert found.seen == (
        "Nobody is paged if an incident starts from Mon 2026-03-02 17:00 until "
        "Tue 2026-03-03 09:00 UTC, the first of 65 times in 90 days, 1640 hours in all."
    )
    assert watched.fine("plan-first-page", plan) == {plan}
    stages = [stage(whom(days), minutes=10), stage(whom(ana))]
    watched.aws.update_contact(ContactId=shop, Plan={"Stages": stages})
    assert watched.fine("plan-reaches", plan) == {plan}


def test_what_could_not_be_seen_does_not_hide_what_is_certain(watched, ana):
    """Who is reached by others is reached; who may be reached by what is hidden is not fine."""
    days = watched.schedule("days", watched.rotation(ana))
    both, alone = watched.plan(ana, days), watched.plan(days, name="alone")
    denied = doctored.without(watched.local_aws, "ssm-contacts:ListRotationOverrides")
    found = {each.subject: each for each in watched.results("plan-reaches", both, alone, **denied)}
    assert isinstance(found[both], Fine)
    assert isinstance(found[alone], NotSeen)
    assert "ssm-contacts:ListRotationOverrides" in found[alone].why


# The first page and the last one


def test_a_first_page_that_comes_late_is_found(watched, ana):
    """A pause of ten minutes before anybody is engaged is a warning until it is shorter."""
    shop = watched.escalation("shop", (10,), (5, ana))
    plan = watched.plan(shop)
    assert watched.fine("plan-reaches", plan) == {plan}
    found = watched.finding("plan-first-page", plan)
    assert found.seen == (
        "Nobody is paged in the first 5 minutes of an incident that starts now or at any time of "
        "the next 90 days."
    )
    watched.aws.update_contact(ContactId=shop, Plan={"Stages": [stage(whom(ana))]})
    assert watched.fine("plan-first-page", plan) == {plan}


def test_starts_that_page_nobody_are_not_told_as_late_as_well(watched, ana):
    """While Ben is on call, a page comes late in hours of the second stage, and else never."""
    ben = watched.contact("ben")
    first = watched.schedule("first", watched.rotation(ana, ben, recurrence=DAILY))
    office = watched.schedule("office", watched.rotation(ana, recurrence=OFFICE, name="office"))
    plan = watched.plan(watched.escalation("shop", (10, first), (0, office)))
    assert watched.finding("plan-reaches", plan).seen.startswith(
        "Nobody is paged if an incident starts from Tue 2026-03-03 16:50 until Wed 2026-03-04 08:50"
    )
    assert watched.finding("plan-first-page", plan).seen.startswith(
        "Nobody is paged in the first 5 minutes of an incident that starts from Tue 2026-03-03 "
        "09:00 until Tue 2026-03-03 16:50 UTC"
    )


def test_stages_that_go_on_for_longer_than_an_hour_are_found(watched, ana):
    """The last page of 65 minutes is a warning, and one of 60 is not."""
    shop = watched.escalation("shop", (30, ana), (30, ana), (5, ana), (0, ana))
    plan = watched.plan(shop)
    found = watched.finding("plan-last-page", plan)
    assert found.seen == "If nobody answers, the last page is sent 65 minutes after the start."
    stages = [stage(whom(ana), minutes=minutes) for minutes in (30, 30, 0)]
    watched.aws.update_contact(ContactId=shop, Plan={"Stages": stages})
    assert watched.fine("plan-last-page", plan) == {plan}


# Stages


def test_a_stage_that_reaches_nobody_is_found(watched, ana):
    """A person without a channel in a stage alone is a stage for nothing, until there is one."""
    ben = watched.contact("ben", DisplayName="Ben")
    shop = watched.escalation("shop", (5, ana), (5,), (5, ben))
    plan = watched.plan(shop)
    found = watched.finding("stage-reaches", plan)
    assert found.subject == shop
    assert found.seen == "Stage 3 of shop reaches nobody: it engages Ben."
    watched.stages(ben, (0, watched.channel(ben)))
    assert watched.fine("stage-reaches", plan) == {shop}


def test_a_stage_of_a_schedule_without_rotations_is_found(watched, ana):
    """A schedule in which nobody is ever on call reaches nobody, until it has a rotation."""
    days = watched.schedule("days")
    plan = watched.plan(watched.escalation("shop", (5, days), (0, ana)))
    assert watched.finding("stage-reaches", plan).seen.startswith("Stage 1 of shop reaches nobody")
    rotation = watched.rotation(ana)
    watched.aws.update_contact(ContactId=days, Plan={"RotationIds": [rotation]})
    watched.fine("stage-reaches", plan)


def test_an_escalation_plan_without_stages_is_found(watched, ana):
    """A plan that engages nobody is told as that, until it has a stage."""
    shop = watched.escalation("shop")
    plan = watched.plan(shop)
    assert watched.finding("stage-reaches", plan).seen == "No stage of shop engages anybody."
    watched.aws.update_contact(ContactId=shop, Plan={"Stages": [stage(whom(ana))]})
    assert watched.fine("stage-reaches", plan) == {shop}


def test_a_stage_whose_channels_may_not_be_read_is_not_fine(watched, ana):
    """Nobody knows whether it reaches somebody."""
    plan = watched.plan(watched.escalation("shop", (5, ana)))
    watched.local_aws.fail("ListContactChannels", "AccessDeniedException", times=None)
    [found] = watched.results("stage-reaches", plan)
    assert isinstance(found, NotSeen)
    assert "ssm-contacts:ListContactChannels" in found.why


# Primary and secondary


@pytest.fixture
def pair(watched, ana):
    """Return two rotations of the same two people, in two schedules of two stages, and the plan."""
    ben = watched.person("ben")
    first = watched.rotation(ana, ben, name="first")
    second = watched.rotation(ben, ana, name="second")
    schedules = [watched.schedule(alias, each) for alias, each in (("a", first), ("b", second))]
    shop = watched.escalation("shop", (5, schedules[0]), (0, schedules[1]))
    return first, second, shop, watched.plan(shop)


def test_a_primary_who_is_the_secondary_is_found(watched, ana, pair):
    """An override that puts the primary on call in both is found until somebody else is."""
    _, second, shop, plan = pair
    assert watched.fine("escalation-secondary", plan) == {shop}
    override = watched.override(second, ana, begin=HOUR, hours=2)
    found = watched.finding("escalation-secondary", plan)
    assert found.subject == shop
    assert found.seen == (
        "Whoever is on call in b, of stage 2 of shop, is on call in a, of stage 1, as well (ana), "
        "from Mon 2026-03-02 10:00 until Mon 2026-03-02 12:00 UTC."
    )
    watched.aws.delete_rotation_override(RotationId=second, RotationOverrideId=override)
    assert watched.fine("escalation-secondary", plan) == {shop}


def test_two_schedules_whose_people_take_turns_alike_are_told_once(watched, ana):
    """Everybody in turn is both: one time, however often people change, until they differ."""
    ben = watched.person("ben")
    first, second = (watched.rotation(ana, ben, name=name) for name in ("first", "second"))
    shop = watched.escalation(
        "shop", (5, watched.schedule("a", first)), (0, watched.schedule("b", second))
    )
    plan = watched.plan(shop)
    assert watched.finding("escalation-secondary", plan).seen == (
        "Whoever is on call in b, of stage 2 of shop, is on call in a, of stage 1, as well "
        "(ana or ben), now or at any time of the next 90 days."
    )
    watched.aws.update_rotation(RotationId=second, ContactIds=[ben, ana], Recurrence=WEEKLY)
    assert watched.fine("escalation-secondary", plan) == {shop}


def test_people_of_both_schedules_are_fine_if_the_later_one_has_somebody_else(watched, ana, pair):
    """A secondary beside the primary is enough, and one schedule in two stages is meant."""
    _, second, shop, plan = pair
    ben = ana.replace("ana", "ben")
    watched.override(second, ana, ben, begin=HOUR)
    assert watched.fine("escalation-secondary", plan) == {shop}
    days = watched.schedule("days", watched.rotation(ana))
    twice = watched.plan(watched.escalation("twice", (5, days), (0, days)), name="twice")
    assert not watched.results("escalation-secondary", twice)


def test_a_rotation_that_may_not_be_read_leaves_the_secondary_unknown(watched, pair):
    """Nobody knows who is on call, so it is not fine."""
    watched.local_aws.fail("GetRotation", "AccessDeniedException", times=None)
    [found] = watched.results("escalation-secondary", pair[-1])
    assert isinstance(found, NotSeen)
    assert "ssm-contacts:GetRotation" in found.why
