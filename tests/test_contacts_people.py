"""Contacts of the local AWS: people, escalation plans and schedules, their tags and policies.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

import json

import pytest

from tests.calls import refused
from tests.people import NOBODY, PLACE, People, answered, by, stage, whom

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
KINDS = ("PERSONAL", "ESCALATION", "ONCALL_SCHEDULE")


@pytest.fixture
def people(local_aws):
    """Give a team that is to be made."""
    return People(local_aws)


def plan_of(people, contact):
    """Return the plan that a contact has."""
    return people.aws.get_contact(ContactId=contact)["Plan"]


# The life of a contact


@pytest.mark.parametrize("kind", KINDS)
def test_a_contact_is_got_and_listed_as_it_was_made(people, kind):
    """Its ARN follows from its alias; a plan may be blank; a list has no plans."""
    made = people.aws.create_contact(Alias="a-n_4", DisplayName="Ánà 安 7", Type=kind, Plan={})
    arn = made["ContactArn"]
    assert arn == f"{PLACE}:contact/a-n_4"
    summary = {"ContactArn": arn, "Alias": "a-n_4", "DisplayName": "Ánà 安 7", "Type": kind}
    assert answered(people.aws.get_contact(ContactId=arn)) == {**summary, "Plan": {}}
    assert people.aws.list_contacts()["Contacts"] == [summary]
    people.aws.delete_contact(ContactId=arn)
    assert people.aws.list_contacts()["Contacts"] == []
    with refused("ResourceNotFoundException"):
        people.aws.delete_contact(ContactId=arn)


def test_an_update_is_a_patch_and_a_plan_replaces_the_one_before(people):
    """What is left out stays, an empty name and a blank plan clear."""
    ana = people.contact("ana", "PERSONAL", stage(minutes=1), DisplayName="Ana")
    people.aws.update_contact(ContactId=ana, DisplayName="Ana K.")
    assert plan_of(people, ana) == {"Stages": [stage(minutes=1)]}
    two = {"Stages": [stage(minutes=2), stage(minutes=1)]}
    people.aws.update_contact(ContactId=ana, Plan=two)
    found = people.aws.get_contact(ContactId=ana)
    assert (found["DisplayName"], found["Plan"]) == ("Ana K.", two)
    people.aws.update_contact(ContactId=ana, DisplayName="", Plan={"Stages": []})
    found = people.aws.get_contact(ContactId=ana)
    assert (found["DisplayName"], found["Plan"]) == ("", {"Stages": []})


def test_the_targets_of_a_plan_keep_their_order_and_their_members(people):
    """Those of people are channels, with how often to try; those of escalation plans contacts."""
    ana, ben = people.contact("ana"), people.contact("ben")
    first, second = people.channel(ana), people.channel(ana, "EMAIL")
    stages = [stage(by(second, RetryIntervalInMinutes=3), by(first)), stage(by(second), minutes=0)]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    assert plan_of(people, ana) == {"Stages": stages}
    stages = [stage(whom(ben), whom(ana, essential=True), minutes=0), stage(minutes=30)]
    escalation = people.contact("all", "ESCALATION", *stages)
    assert plan_of(people, escalation) == {"Stages": stages}
    other = people.contact("more", "ESCALATION", stage(whom(people.schedule("oncall"))))
    assert plan_of(people, other)["Stages"][0]["Targets"] == [whom(f"{PLACE}:contact/oncall")]


def test_a_list_has_a_beginning_of_aliases_and_a_type(people):
    """Both have to fit; the order is that of aliases."""
    for alias in ("ben", "anna", "ana"):
        people.contact(alias)
    people.contact("an-all", "ESCALATION")
    people.schedule("anytime")

    def listed(**asked):
        return [each["Alias"] for each in people.aws.list_contacts(**asked)["Contacts"]]

    assert listed() == ["an-all", "ana", "anna", "anytime", "ben"]
    assert listed(AliasPrefix="an", Type="PERSONAL") == ["ana", "anna"]
    assert listed(Type="ONCALL_SCHEDULE") == ["anytime"]
    assert listed(AliasPrefix="x") == []


# Plans that make no sense


def wrong_plans(people):
    """Return contacts of each type, plans that they cannot have, and what is said of each."""
    ana, ben, escalation = (
        people.contact("ana"),
        people.contact("ben"),
        people.contact("e", KINDS[1]),
    )
    mine, other = people.channel(ana), people.channel(ben)
    rotation = people.rotation(ana)
    gone = f"{PLACE}:contact-channel/ana/gone"
    both = {**by(mine), **whom(ana)}
    anybody = {"ContactTargetInfo": {"IsEssential": True}}
    ruled = "Member must have exactly"
    return [
        (ana, [stage(whom(ben))], {}, f"{ruled} ChannelTargetInfo for a contact of type PERSONAL"),
        (ana, [stage(both)], {}, ruled),
        (ana, [stage({})], {}, ruled),
        (ana, [stage(minutes=0)], {}, "Member must be above 0 for a stage without targets"),
        (ana, [], {"RotationIds": [rotation]}, "Member must not be given for a contact of type P"),
        (ana, [stage(by(other))], {}, f"{other} is a channel of {ben}, and not of {ana}"),
        (ana, [stage(by(gone))], {}, f"{gone} does not exist"),
        (escalation, [stage(by(mine))], {}, f"{ruled} ContactTargetInfo"),
        (escalation, [stage(anybody)], {}, "Targets[0].ContactTargetInfo.ContactId"),
        (escalation, [stage(whom(NOBODY))], {}, f"{NOBODY} does not exist"),
        (escalation, [stage(whom(escalation))], {}, "is an escalation plan; stages engage people"),
        (people.schedule("s"), [stage(by(mine))], {}, "ONCALL SCHEDULE contact cannot have stages"),
    ]


def test_a_plan_that_a_type_cannot_have_is_refused_by_create_and_update(people):
    """Each of the two has the error that it models, the same reason, and no effect."""
    for number, (contact, stages, more, reason) in enumerate(wrong_plans(people)):
        found = people.aws.get_contact(ContactId=contact)
        plan = {"Stages": stages, **more}
        missing = "does not exist" in reason
        with refused("ResourceNotFoundException" if missing else "ValidationException") as seen:
            people.aws.update_contact(ContactId=contact, Plan=plan)
        assert reason in seen["Error"]["Message"]
        assert plan_of(people, contact) == found["Plan"]
        with refused("ValidationException") as seen:
            people.aws.create_contact(Alias=f"new{number}", Type=found["Type"], Plan=plan)
        # A contact that is not there has no channels yet.
        assert reason.replace(contact, f"{PLACE}:contact/new{number}") in seen["Error"]["Message"]
        with refused("ResourceNotFoundException"):
            people.aws.get_contact(ContactId=f"{PLACE}:contact/new{number}")


def test_everything_that_is_wrong_with_a_plan_is_told_at_once(people):
    """The error has a field for each, with its path."""
    stages = [stage(minutes=0), stage(whom(NOBODY))]
    with refused("ValidationException") as seen:
        people.contact("ana", "PERSONAL", *stages)
    assert seen["Reason"] == "FIELD_VALIDATION_FAILED"
    assert [field["Name"] for field in seen["Fields"]] == [
        "Plan.Stages[0].DurationInMinutes",
        "Plan.Stages[1].Targets[0]",
    ]
    assert all(field["Message"].startswith("Member must ") for field in seen["Fields"])


def test_a_schedule_has_no_stages_and_at_most_eight_rotations(people):
    """AWS's own words for stages, an empty list of them included; a quota for the ninth."""
    with refused("ValidationException") as seen:
        people.contact("s", "ONCALL_SCHEDULE", stage(minutes=1))
    assert seen["Error"]["Message"] == (
        "Invalid value provided - ONCALL SCHEDULE contact cannot have stages in plan"
    )
    assert seen["Reason"] == "OTHER"
    people.contact("empty", "ONCALL_SCHEDULE")  # `Stages: []` says nothing
    ana = people.contact("ana")
    rotations = [people.rotation(ana, name=f"r{number}") for number in range(9)]
    schedule = people.schedule("s", *rotations[:8])
    assert plan_of(people, schedule) == {"RotationIds": rotations[:8]}
    with refused("ServiceQuotaExceededException") as seen:
        people.aws.update_contact(ContactId=schedule, Plan={"RotationIds": rotations})
    assert {name: seen[name] for name in ("ResourceId", "ResourceType", "ServiceCode")} == {
        "ResourceId": schedule,
        "ResourceType": "CONTACT",
        "ServiceCode": "ssm-contacts",
    }
    assert seen["QuotaCode"]
    assert plan_of(people, schedule) == {"RotationIds": rotations[:8]}
    missing = f"{PLACE}:rotation/missing"
    with refused("ResourceNotFoundException") as seen:
        people.aws.update_contact(ContactId=schedule, Plan={"RotationIds": [missing]})
    assert (seen["ResourceId"], seen["ResourceType"]) == (missing, "ROTATION")


# Deleting


def test_who_is_in_a_rotation_is_not_deleted(people):
    """The conflict names the rotations; out of them, the person goes with all channels."""
    ana, ben = people.person("ana"), people.contact("ben")
    rotations = [people.rotation(ana, ben), people.rotation(ana)]
    with refused("ConflictException") as seen:
        people.aws.delete_contact(ContactId=ana)
    assert (seen["ResourceId"], seen["ResourceType"]) == (ana, "CONTACT")
    assert seen["DependentEntities"] == [
        {"RelationType": "ROTATION", "DependentResourceIds": rotations}
    ]
    assert all(arn in seen["Error"]["Message"] for arn in rotations)
    [channel] = people.aws.list_contact_channels(ContactId=ana)["ContactChannels"]
    for arn in rotations:
        recurrence = people.aws.get_rotation(RotationId=arn)["Recurrence"]
        people.aws.update_rotation(RotationId=arn, Recurrence=recurrence, ContactIds=[ben])
    people.aws.delete_contact(ContactId=ana)
    with refused("ResourceNotFoundException") as seen:
        people.aws.get_contact_channel(ContactChannelId=channel["ContactChannelArn"])
    assert seen["ResourceType"] == "CONTACT_CHANNEL"


def test_a_conflict_names_as_many_dependents_as_its_type_holds(people):
    """A person may be in more than 25 rotations."""
    ana = people.contact("ana")
    rotations = [people.rotation(ana) for _ in range(26)]
    with refused("ConflictException") as seen:
        people.aws.delete_contact(ContactId=ana)
    [dependent] = seen["DependentEntities"]
    assert dependent["DependentResourceIds"] == rotations[:25]


def test_an_escalation_plan_keeps_who_is_deleted(people):
    """The plan names what is gone; the next update has to leave it out."""
    ana = people.contact("ana")
    plan = {"Stages": [stage(whom(ana))]}
    escalation = people.contact("all", "ESCALATION", *plan["Stages"])
    people.aws.delete_contact(ContactId=ana)
    assert plan_of(people, escalation) == plan
    with refused("ResourceNotFoundException") as seen:
        people.aws.update_contact(ContactId=escalation, Plan=plan)
    assert seen["ResourceId"] == ana


# Tags


@pytest.mark.parametrize("kind", [*KINDS, "ROTATION"])
def test_contacts_and_rotations_have_tags(people, kind):
    """They are given at creation, changed, added to and removed, and stay through updates."""
    tags = [{"Key": "team", "Value": "Läden 1"}, {"Key": "a/b+c=d", "Value": "x"}]
    if kind == "ROTATION":
        arn = people.rotation(people.contact("ana"), Tags=tags)
    else:
        arn = people.aws.create_contact(Alias="a", Type=kind, Plan={}, Tags=tags)["ContactArn"]
        people.aws.update_contact(ContactId=arn, DisplayName="A")

    def tagged():
        return people.aws.list_tags_for_resource(ResourceARN=arn)["Tags"]

    assert tagged() == tags
    people.aws.tag_resource(
        ResourceARN=arn, Tags=[{"Key": "team", "Value": "y"}, {"Key": "n", "Value": "z"}]
    )
    assert {tag["Key"]: tag["Value"] for tag in tagged()} == {"team": "y", "a/b+c=d": "x", "n": "z"}
    people.aws.untag_resource(ResourceARN=arn, TagKeys=["team", "a/b+c=d", "nothing"])
    assert tagged() == [{"Key": "n", "Value": "z"}]


def test_a_tag_may_lack_its_value(people):
    """The model lets it; it is answered as it was given."""
    ana = people.contact("ana", Tags=[{"Key": "shop"}])
    assert people.aws.list_tags_for_resource(ResourceARN=ana)["Tags"] == [{"Key": "shop"}]


def test_tags_have_limits(people):
    """50 of them, each with a key, and each key once."""
    ana = people.contact("ana", Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(50)])
    people.aws.tag_resource(ResourceARN=ana, Tags=[{"Key": "k1", "Value": "w"}])
    with refused("ServiceQuotaExceededException") as seen:
        people.aws.tag_resource(ResourceARN=ana, Tags=[{"Key": "one-more", "Value": "v"}])
    assert (seen["ResourceId"], seen["ResourceType"]) == (ana, "CONTACT")
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}, {"Value": "3"}]
    for call in (
        lambda: people.aws.tag_resource(ResourceARN=ana, Tags=twice),
        lambda: people.contact("ben", Tags=twice),
        lambda: people.rotation(ana, Tags=twice),
    ):
        with refused("ValidationException") as seen:
            call()
        assert [field["Name"] for field in seen["Fields"]] == ["Tags[1].Key", "Tags[2].Key"]


def test_a_channel_has_no_tags(people):
    """Tags are of contacts and rotations, as the model says."""
    channel = people.channel(people.contact("ana"))
    with refused("ValidationException") as seen:
        people.aws.list_tags_for_resource(ResourceARN=channel)
    assert "ResourceARN" in seen["Error"]["Message"]


# Policies


def test_a_policy_is_kept_and_replaced(people):
    """There is no operation that removes one; without one, none is answered."""
    ana = people.contact("ana")
    assert answered(people.aws.get_contact_policy(ContactArn=ana)) == {"ContactArn": ana}
    other = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]})
    for policy in (POLICY, other):
        people.aws.put_contact_policy(ContactArn=ana, Policy=policy)
        found = answered(people.aws.get_contact_policy(ContactArn=ana))
        assert found == {"ContactArn": ana, "Policy": policy}


@pytest.mark.parametrize("policy", ["x", "[]", "{}", '{"Statement":\n[]}', "[" * 10_000])
def test_what_is_no_policy_is_refused(people, policy):
    """It is JSON with a Statement, on one line, as the pattern of the model has it."""
    ana = people.contact("ana")
    with refused("ValidationException") as seen:
        people.aws.put_contact_policy(ContactArn=ana, Policy=policy)
    assert [field["Name"] for field in seen["Fields"]] == ["Policy"]


# ARNs


@pytest.mark.parametrize(
    "arn",
    [
        f"{PLACE}:contact/",
        f"{PLACE}:contact/a/b",
        f"{PLACE}:rotation/ana",
        f"{PLACE}:",
        "arn:aws:ssm-contacts::123456789012:contact/ana",
        "arn:aws:ssm-contacts:us-east-1:1:contact/ana",
        f"{PLACE}:" + "a" * 60 + "!",
        f"{PLACE}:" + "a:" * 900 + "!",
    ],
)
def test_an_arn_of_something_else_is_refused_at_once(people, arn):
    """AWS's pattern nests two repetitions, and keeps nobody waiting for what it does not fit."""
    with refused("ValidationException") as seen:
        people.aws.get_contact(ContactId=arn)
    assert [field["Name"] for field in seen["Fields"]] == ["ContactId"]
