"""Where contacts are: in the regions of a replication set, and nowhere without one.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore import xform_name

from tests.calls import refused
from tests.people import DAILY, MONDAY, NOBODY, PLACE, WORDS, People, answered
from tests.wire import CONTACTS

UNKNOWN = "Invalid value provided - Account not found for the request"
PAGED = f"{PLACE}:page/ana/1"
CHANNEL = f"{PLACE}:contact-channel/ana/1"
ROTATION = f"{PLACE}:rotation/1"
ENGAGEMENT = f"{PLACE}:engagement/ana/1"
OVERRIDE = "7c1b2a3e-0a0a-4b4b-8c8c-0123456789ab"
LATER = MONDAY + timedelta(days=1)
# One request to each operation that its model and the documents allow.
REQUESTS = {
    "AcceptPage": {"PageId": PAGED, "AcceptType": "READ", "AcceptCode": "123456"},
    "ActivateContactChannel": {"ContactChannelId": CHANNEL, "ActivationCode": "123456"},
    "CreateContact": {"Alias": "ana", "Type": "PERSONAL", "Plan": {}},
    "CreateContactChannel": {
        "ContactId": NOBODY,
        "Name": "phone",
        "Type": "SMS",
        "DeliveryAddress": {"SimpleAddress": "+12065550100"},
    },
    "CreateRotation": {
        "Name": "days",
        "ContactIds": [NOBODY],
        "TimeZoneId": "UTC",
        "Recurrence": DAILY,
    },
    "CreateRotationOverride": {
        "RotationId": ROTATION,
        "NewContactIds": [],
        "StartTime": MONDAY,
        "EndTime": LATER,
    },
    "DeactivateContactChannel": {"ContactChannelId": CHANNEL},
    "DeleteContact": {"ContactId": NOBODY},
    "DeleteContactChannel": {"ContactChannelId": CHANNEL},
    "DeleteRotation": {"RotationId": ROTATION},
    "DeleteRotationOverride": {"RotationId": ROTATION, "RotationOverrideId": OVERRIDE},
    "DescribeEngagement": {"EngagementId": ENGAGEMENT},
    "DescribePage": {"PageId": PAGED},
    "GetContact": {"ContactId": NOBODY},
    "GetContactChannel": {"ContactChannelId": CHANNEL},
    "GetContactPolicy": {"ContactArn": NOBODY},
    "GetRotation": {"RotationId": ROTATION},
    "GetRotationOverride": {"RotationId": ROTATION, "RotationOverrideId": OVERRIDE},
    "ListContactChannels": {"ContactId": NOBODY},
    "ListContacts": {},
    "ListEngagements": {},
    "ListPageReceipts": {"PageId": PAGED},
    "ListPageResolutions": {"PageId": PAGED},
    "ListPagesByContact": {"ContactId": NOBODY},
    "ListPagesByEngagement": {"EngagementId": ENGAGEMENT},
    "ListPreviewRotationShifts": {
        "Members": ["Ana"],
        "TimeZoneId": "UTC",
        "Recurrence": DAILY,
        "RotationStartTime": MONDAY,
        "EndTime": LATER,
    },
    "ListRotationOverrides": {"RotationId": ROTATION, "StartTime": MONDAY, "EndTime": LATER},
    "ListRotationShifts": {"RotationId": ROTATION, "StartTime": MONDAY, "EndTime": LATER},
    "ListRotations": {},
    "ListTagsForResource": {"ResourceARN": NOBODY},
    "PutContactPolicy": {"ContactArn": NOBODY, "Policy": '{"Statement": []}'},
    "SendActivationCode": {"ContactChannelId": CHANNEL},
    "StartEngagement": {"ContactId": NOBODY, **WORDS},
    "StopEngagement": {"EngagementId": ENGAGEMENT},
    "TagResource": {"ResourceARN": NOBODY, "Tags": [{"Key": "team", "Value": "shop"}]},
    "UntagResource": {"ResourceARN": NOBODY, "TagKeys": ["team"]},
    "UpdateContact": {"ContactId": NOBODY, "DisplayName": "Ana"},
    "UpdateContactChannel": {"ContactChannelId": CHANNEL, "Name": "mobile"},
    "UpdateRotation": {"RotationId": ROTATION, "Recurrence": DAILY},
}
# These name nothing that has to be there.
FREE = {
    *("CreateContact", "ListContacts", "ListEngagements", "ListRotations"),
    "ListPreviewRotationShifts",
}


@pytest.fixture
def aws(local_aws):
    """Give the contacts of an account with a replication set in one region."""
    return local_aws.client("ssm-contacts")


def change_set(incidents, kind, region):
    """Add a region to the replication set, or remove one."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.update_replication_set(arn=arn, actions=[{kind: {"regionName": region}}])


def test_without_a_replication_set_aws_knows_no_account(incidents, aws):
    """Every operation says so, in AWS's words, whether what it names was there or not."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    assert REQUESTS.keys() == CONTACTS.keys()
    for operation, parameters in REQUESTS.items():
        with refused("ValidationException") as seen:
            getattr(aws, xform_name(operation))(**parameters)
        assert seen["Error"]["Message"] == UNKNOWN, operation


@pytest.mark.parametrize("operation", sorted(REQUESTS.keys() - FREE))
def test_what_is_not_there_is_an_error_that_the_model_gives_the_operation(aws, operation):
    """It names the thing and its type, or is a ValidationException where no other is modelled."""
    modelled = {shape.name for shape in CONTACTS[operation].error_shapes}
    with pytest.raises(aws.exceptions.ClientError) as caught:
        getattr(aws, xform_name(operation))(**REQUESTS[operation])
    response = caught.value.response
    if "ResourceNotFoundException" not in modelled:
        assert response["Error"]["Code"] == "ValidationException"
        assert NOBODY in response["Error"]["Message"]
        return
    assert response["Error"]["Code"] == "ResourceNotFoundException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResourceId"] in response["Error"]["Message"]
    types = {"CONTACT", "CONTACT_CHANNEL", "ENGAGEMENT", "PAGE", "ROTATION"}
    assert response["ResourceType"] in types


@pytest.mark.parametrize("operation", sorted(FREE))
def test_what_names_nothing_succeeds_in_an_empty_account(aws, operation):
    """An account has a replication set before anything else."""
    getattr(aws, xform_name(operation))(**REQUESTS[operation])


def test_a_set_that_is_made_anew_has_nobody(incidents, aws):
    """Its data goes with a set, tokens too: a script that is run again makes everything again."""
    given = {**REQUESTS["CreateContact"], "IdempotencyToken": "once"}
    arn = aws.create_contact(**given)["ContactArn"]
    [old] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=old)
    incidents.create_replication_set(regions={"us-east-1": {}})
    assert aws.list_contacts()["Contacts"] == []
    with refused("ResourceNotFoundException"):
        aws.get_contact(ContactId=arn)
    assert aws.create_contact(**given)["ContactArn"] == arn
    assert aws.get_contact(ContactId=arn)["Alias"] == "ana"


def test_contacts_are_there_once_the_set_has_settled(local_aws, incidents, aws):
    """While it is CREATING or DELETING AWS knows no account; UPDATING disturbs nobody."""
    local_aws.set_clock(MONDAY)
    assert aws.list_contacts()["Contacts"] == []
    [old] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=old)
    local_aws._control("PUT", "replication", {"settle_seconds": 60})
    arn = incidents.create_replication_set(regions={"us-east-1": {}})["arn"]
    with refused("ValidationException") as seen:
        aws.list_contacts()
    assert seen["Error"]["Message"] == UNKNOWN
    local_aws.advance(60)
    assert aws.list_contacts()["Contacts"] == []
    change_set(incidents, "addRegionAction", "eu-west-1")
    aws.create_contact(**REQUESTS["CreateContact"])
    local_aws.advance(60)
    incidents.delete_replication_set(arn=arn)
    with refused("ValidationException") as seen:
        aws.list_contacts()
    assert seen["Error"]["Message"] == UNKNOWN


def test_a_contact_is_in_every_region_of_the_set_and_in_no_other(local_aws, incidents, aws):
    """A second region has it under its first ARN; a region that is removed knows no account."""
    ireland = local_aws.client("ssm-contacts", region_name="eu-west-1")
    with refused("ValidationException") as seen:
        ireland.list_contacts()
    assert seen["Error"]["Message"] == UNKNOWN
    arn = aws.create_contact(**REQUESTS["CreateContact"])["ContactArn"]
    change_set(incidents, "addRegionAction", "eu-west-1")
    assert answered(ireland.get_contact(ContactId=arn)) == answered(aws.get_contact(ContactId=arn))
    for region in ("eu-west-1", "us-west-2"):  # whatever region an ARN has, it names the contact
        assert ireland.get_contact(ContactId=arn.replace("us-east-1", region))["Alias"] == "ana"
    there = ireland.create_contact(**{**REQUESTS["CreateContact"], "Alias": "ben"})["ContactArn"]
    assert there == f"{PLACE}:contact/ben".replace("us-east-1", "eu-west-1")
    change_set(incidents, "deleteRegionAction", "eu-west-1")
    with refused("ValidationException"):
        ireland.list_contacts()
    assert [each["Alias"] for each in aws.list_contacts()["Contacts"]] == ["ana", "ben"]


def test_an_alias_is_taken_in_all_regions_and_for_all_types(local_aws, incidents, aws):
    """A person, an escalation plan and a schedule cannot be called alike."""
    arn = aws.create_contact(**REQUESTS["CreateContact"])["ContactArn"]
    change_set(incidents, "addRegionAction", "eu-west-1")
    ireland = local_aws.client("ssm-contacts", region_name="eu-west-1")
    for client in (aws, ireland):
        for kind in ("PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"):
            with refused("ConflictException") as seen:
                client.create_contact(Alias="ana", Type=kind, Plan={})
            assert (seen["ResourceId"], seen["ResourceType"]) == (arn, "CONTACT")
            assert "DependentEntities" not in seen


@pytest.mark.parametrize(
    "arn",
    [
        NOBODY.replace("123456789012", "210987654321").replace("nobody", "ana"),
        NOBODY.replace("arn:aws:", "arn:aws-cn:").replace("nobody", "ana"),
    ],
)
def test_what_is_another_accounts_or_partitions_is_not_there(aws, arn):
    """Access between accounts is not in the local AWS."""
    aws.create_contact(**REQUESTS["CreateContact"])
    with refused("ResourceNotFoundException") as seen:
        aws.get_contact(ContactId=arn)
    assert (seen["ResourceId"], seen["ResourceType"]) == (arn, "CONTACT")


def test_each_partition_has_its_own_set_and_its_own_people(local_aws):
    """In China ARNs are aws-cn's, and nobody of the other partition is there."""
    here, china = local_aws.client("ssm-contacts"), "cn-north-1"
    here.create_contact(**REQUESTS["CreateContact"])
    there = local_aws.client("ssm-contacts", region_name=china)
    with refused("ValidationException"):
        there.list_contacts()
    sets = local_aws.client("ssm-incidents", region_name=china)
    sets.create_replication_set(regions={china: {}})
    assert there.list_contacts()["Contacts"] == []
    people = People(local_aws, region_name=china)
    ben = people.person("ben")
    assert ben == "arn:aws-cn:ssm-contacts:cn-north-1:123456789012:contact/ben"
    people.engage(ben)
    assert people.sent(contact=ben) == ["ben"]


def test_each_account_has_its_own_people(local_aws, aws):
    """Keys of another account see the other account's contacts, once it has a set."""
    aws.create_contact(**REQUESTS["CreateContact"])
    role = "arn:aws:iam::210987654321:role/team"
    keys = local_aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    given = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    other = local_aws.client("ssm-contacts", **given)
    with refused("ValidationException"):
        other.list_contacts()
    sets = local_aws.client("ssm-incidents", **given)
    sets.create_replication_set(regions={"us-east-1": {}})
    assert other.list_contacts()["Contacts"] == []
    made = other.create_contact(**REQUESTS["CreateContact"])["ContactArn"]
    assert made == f"{PLACE}:contact/ana".replace("123456789012", "210987654321")
