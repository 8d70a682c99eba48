"""Checks of limits and quotas: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS, which has the quotas that a test says: which ones
AWS has is unverified.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen
from pulumi_incidents.emulator.testing import LocalAwsError
from tests import doctored
from tests.calls import create_plan, refused
from tests.people import DAILY, People, stage

CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/"


def of(results, subject):
    """Return the one result about a subject."""
    (found,) = [each for each in results if each.subject == subject]
    return found


def test_a_plan_with_as_many_engagements_as_it_may_have_is_found(local_aws, incidents):
    """Until it engages fewer."""
    plan = create_plan(incidents, "checkout")
    contacts = [f"{CONTACT}person-{number}" for number in range(5)]
    incidents.update_response_plan(arn=plan, engagements=contacts)
    [found] = doctored.findings(local_aws, "limit-reached")
    assert found.seen == "checkout has 5 of at most 5 engagements."
    incidents.update_response_plan(arn=plan, engagements=contacts[:4])
    assert doctored.results(local_aws, "limit-reached") == [Fine(plan)]


def test_a_schedule_and_a_rotation_that_are_full_are_found(local_aws):
    """At nine tenths of 30 people, and with 8 rotations."""
    people = People(local_aws)
    members = [people.contact(f"person-{number}") for number in range(27)]
    rotations = [
        people.aws.create_rotation(
            Name=f"rotation-{number}",
            ContactIds=members if not number else members[:26],
            TimeZoneId="UTC",
            Recurrence=DAILY,
            IdempotencyToken=str(number),
        )["RotationArn"]
        for number in range(8)
    ]
    schedule = people.schedule("on-call", *rotations)
    found = doctored.findings(local_aws, "limit-reached")
    assert of(found, schedule).seen == "on-call has 8 of at most 8 rotations."
    assert of(found, rotations[0]).seen == "rotation-0 has 27 of at most 30 people."
    assert len(found) == 2
    people.aws.update_contact(ContactId=schedule, Plan={"RotationIds": rotations[1:]})
    people.aws.update_rotation(RotationId=rotations[0], ContactIds=members[:26], Recurrence=DAILY)
    assert not doctored.findings(local_aws, "limit-reached")


def test_a_quota_that_is_nearly_used_up_is_found_until_it_is_higher(local_aws, incidents):
    """It is a warning once nothing more can be made; below, what is used is told."""
    for number in range(9):
        create_plan(incidents, f"plan-{number}")
    for value, level in ((9, Level.WARNING), (10, None)):
        local_aws.quota("ssm-incidents", "Response plans", value)
        [found] = doctored.findings(local_aws, "quota-used")
        assert found.level is level
        assert found.seen == (
            f"Of the quota Response plans of ssm-incidents, 9 of {value} are used."
        )
    local_aws.quota("ssm-incidents", "Response plans", 50)
    assert doctored.results(local_aws, "quota-used") == [
        Fine("ssm-incidents: Response plans", seen="Response plans: 9 of 50 are used.")
    ]


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("Contacts per account", 2),
        ("Number of escalation plans", 1),
        ("On-call schedules per Region", 1),
        ("Rotations", 1),
    ],
)
def test_people_and_schedules_are_counted_by_what_a_quota_is_called(local_aws, name, used):
    """For an account, or a region."""
    people = People(local_aws)
    ana = people.contact("ana")
    people.contact("ben")
    people.contact("team", "ESCALATION", stage())
    people.schedule("on-call", people.rotation(ana))
    local_aws.quota("ssm-contacts", name, 100)
    [fine] = doctored.results(local_aws, "quota-used")
    assert fine.seen == f"{name}: {used} of 100 are used."


def test_a_quota_that_cannot_be_counted_is_passed_over(local_aws):
    """One for each of something, or of something else."""
    for name in ("Rotations per schedule", "Contact channels per contact", "Incidents"):
        local_aws.quota("ssm-contacts", name, 1)
    assert doctored.results(local_aws, "quota-used") == []


def test_quotas_are_compared_with_the_whole_account_alone(local_aws, incidents):
    """Whoever asks for a plan has no count of the others, and none is asked for."""
    plan = create_plan(incidents, "checkout")
    local_aws.quota("ssm-incidents", "Response plans", 1)
    assert doctored.results(local_aws, "quota-used", plan) == []
    assert local_aws.requests("servicequotas") == []


def test_whoever_may_not_list_quotas_sees_none(local_aws):
    """The right that lacks is told as IAM calls it."""
    denied = doctored.without(local_aws, "servicequotas:ListServiceQuotas")
    found = doctored.results(local_aws, "quota-used", **denied)
    assert [each.subject for each in found] == [
        "the quotas of ssm-contacts",
        "the quotas of ssm-incidents",
    ]
    for unseen in found:
        assert isinstance(unseen, NotSeen)
        assert "servicequotas:ListServiceQuotas" in unseen.why


def test_people_who_may_not_be_seen_are_not_counted_as_none(local_aws):
    """A quota that is used up anyway is found all the same."""
    People(local_aws).contact("ana")
    local_aws.quota("ssm-contacts", "Contacts", 10)
    denied = doctored.without(local_aws, "ssm-contacts:ListContactChannels")
    [unseen] = doctored.results(local_aws, "quota-used", **denied)
    assert isinstance(unseen, NotSeen)
    local_aws.quota("ssm-contacts", "Contacts", 1)
    [found] = doctored.results(local_aws, "quota-used", **denied)
    assert isinstance(found, Finding)


def test_the_local_aws_lists_the_quotas_that_a_test_says(local_aws):
    """Of both services, and of no other; it has none at first."""
    quotas = local_aws.client("service-quotas")
    assert quotas.list_service_quotas(ServiceCode="ssm-incidents")["Quotas"] == []
    local_aws.quota("ssm-incidents", "Response plans", 5)
    [found] = quotas.list_service_quotas(ServiceCode="ssm-incidents")["Quotas"]
    assert (found["QuotaName"], found["Value"]) == ("Response plans", 5.0)
    assert quotas.list_service_quotas(ServiceCode="ssm-contacts")["Quotas"] == []
    with refused("NoSuchResourceException"):
        quotas.list_service_quotas(ServiceCode="nothing")
    with pytest.raises(LocalAwsError, match="ssm-contacts or ssm-incidents"):
        local_aws.quota("ec2", "Instances", 5)
    with pytest.raises(LocalAwsError, match="a value that is a number"):
        local_aws.quota("ssm-incidents", "Response plans", "many")
    quotas.close()
