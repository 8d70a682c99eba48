"""What the local AWS adds to contacts as to every service: faults, lag, log, state, permissions.

Real: the server process, its state file and restarts, HTTP on 127.0.0.1, boto3, and moto's IAM.
Nothing is patched.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from pulumi_incidents.emulator.testing import LocalAwsError
from tests.calls import refused
from tests.people import MONDAY, WORDS, People, answered, by, stage, whom
from tests.served import Server

CREATED = {"Alias": "ana", "Type": "PERSONAL", "Plan": {}}


@pytest.fixture
def people(local_aws):
    """Give a team that is to be made, on a Monday at nine."""
    local_aws.set_clock(MONDAY)
    return People(local_aws)


# Faults


@pytest.mark.parametrize(
    ("code", "status", "members"),
    [
        ("AccessDeniedException", 400, {}),
        ("ConflictException", 400, {"ResourceId": "x", "ResourceType": "CONTACT"}),
        ("DataEncryptionException", 400, {}),
        ("InternalServerException", 500, {"RetryAfterSeconds": 3}),
        ("ResourceNotFoundException", 400, {"ResourceId": "x", "ResourceType": "CONTACT"}),
        ("ServiceQuotaExceededException", 400, {"QuotaCode": "L-1", "ResourceId": "x"}),
        ("ThrottlingException", 400, {"RetryAfterSeconds": 7, "QuotaCode": "L-1"}),
        ("ValidationException", 400, {"Reason": "CANNOT_PARSE", "Fields": []}),
    ],
)
def test_an_error_on_demand_is_answered_as_the_model_says(people, code, status, members):
    """The code, its status and its members arrive, required ones are filled in, nothing is done."""
    people.local_aws.fail("CreateContact", code, message="No.", **members)
    with pytest.raises(getattr(people.aws.exceptions, code)) as caught:
        people.contact("ana")
    answer = caught.value.response
    assert answer["Error"]["Message"] == answer["Message"] == "No."
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert members.items() <= answer.items()
    shape = people.aws.meta.service_model.shape_for(code)
    assert set(shape.required_members) <= answer.keys()
    assert people.aws.list_contacts()["Contacts"] == []
    people.contact("ana")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "ThrottlingException", "RetryAfterSeconds": "7"},
        {"code": "ThrottlingException", "retryAfterSeconds": 7},
        {"code": "ConflictException", "ResourceId": "x"},
        {"code": "ConflictException", "retryAfter": 7},
    ],
)
def test_an_error_that_the_model_does_not_have_is_refused(people, wrong):
    """A fault for an operation of contacts has the members that contacts have."""
    with pytest.raises(LocalAwsError):
        people.local_aws.fault("CreateContact", error=wrong)
    people.contact("ana")


def test_a_start_whose_answer_is_lost_pages_once(people):
    """The SDK repeats it under one token; there is one engagement and one page."""
    ana = people.person("ana")
    people.local_aws.lose_answer("StartEngagement")
    with pytest.raises(ConnectionClosedError):
        people.engage(ana, IdempotencyToken="first")
    assert people.sent() == ["ana"]
    people.engage(ana, IdempotencyToken="first")
    assert people.sent() == ["ana"]
    people.local_aws.lose_answer("StartEngagement")
    retrying = People(people.local_aws, config=Config(retries={"total_max_attempts": 3}))
    retrying.engage(ana)
    assert people.sent() == ["ana", "ana"]
    assert len(people.aws.list_engagements()["Engagements"]) == 2


# Lists that lag


def test_a_list_lags_behind_what_a_get_knows(people):
    """Contacts, channels, rotations, engagements and pages are listed as they were before."""
    people.local_aws.fault("*", times=None, lag=300)
    ana = people.person("ana")
    people.rotation(ana)
    engagement = people.engage(ana)
    assert people.aws.get_contact(ContactId=ana)["Alias"] == "ana"
    assert people.aws.list_contacts()["Contacts"] == []
    assert people.aws.list_rotations()["Rotations"] == []
    assert people.aws.list_engagements()["Engagements"] == []
    people.local_aws.heal()
    assert len(people.aws.list_contact_channels(ContactId=ana)["ContactChannels"]) == 1
    assert len(people.aws.list_rotations()["Rotations"]) == 1
    assert len(people.aws.list_pages_by_engagement(EngagementId=engagement)["Pages"]) == 1


def test_what_is_due_happens_though_a_list_lags(people):
    """The list that lags does not show the page, and does not swallow it either."""
    ana = people.contact("ana")
    stages = [stage(by(people.channel(ana)), minutes=1) for _ in range(2)]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    engagement = people.engage(ana)
    people.local_aws.fault("ListPagesByEngagement", times=None, lag=300)
    people.local_aws.advance(60)
    asked = {"EngagementId": engagement}
    assert len(people.aws.list_pages_by_engagement(**asked)["Pages"]) == 1
    assert people.sent() == ["ana", "ana"]
    people.local_aws.heal()
    assert len(people.aws.list_pages_by_engagement(**asked)["Pages"]) == 2


def test_a_timeline_that_lags_loses_nothing_of_an_engagement(people, incidents):
    """A page that is due while the timeline lags is on it afterwards."""
    given = {"title": "Down", "impact": 1}
    ana = people.contact("ana")
    stages = [stage(minutes=1), stage(by(people.channel(ana)))]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    plan = incidents.create_response_plan(name="p", incidentTemplate=given, engagements=[ana])
    record = incidents.start_incident(responsePlanArn=plan["arn"])["incidentRecordArn"]

    def paged():
        found = incidents.list_timeline_events(incidentRecordArn=record)["eventSummaries"]
        return sum(each["eventType"] == "SSM Contacts Page for Incident" for each in found)

    people.local_aws.fault("ListTimelineEvents", times=None, lag=300)
    people.local_aws.advance(60)
    assert paged() == 0
    people.local_aws.heal()
    assert paged() == 1


def test_an_engagement_of_an_incident_is_listed_late_too(people, incidents):
    """What Incident Manager starts lags as what a caller starts."""
    plan = incidents.create_response_plan(
        name="p",
        incidentTemplate={"title": "Down", "impact": 1},
        engagements=[people.person("ana")],
    )["arn"]
    people.local_aws.fault("ListEngagements", times=None, lag=300)
    incidents.start_incident(responsePlanArn=plan)
    assert people.aws.list_engagements()["Engagements"] == []
    people.local_aws.heal()
    assert len(people.aws.list_engagements()["Engagements"]) == 1


# The log


def test_the_log_has_what_was_asked_of_contacts(people):
    """With the parameters as they were checked, and which requests change something."""
    people.local_aws.forget()
    people.aws.create_contact(**CREATED, IdempotencyToken="t")
    people.aws.list_contacts(AliasPrefix="a")
    with refused("ResourceNotFoundException"):
        people.aws.delete_rotation(
            RotationId="arn:aws:ssm-contacts:us-east-1:123456789012:rotation/1"
        )
    told = [
        (each["operation"], each["status"], each["error"], each["mutating"])
        for each in people.local_aws.requests("ssm-contacts")
    ]
    assert told == [
        ("CreateContact", 200, None, True),
        ("ListContacts", 200, None, False),
        ("DeleteRotation", 400, "ResourceNotFoundException", True),
    ]
    first, second, _ = people.local_aws.requests("ssm-contacts")
    assert first["parameters"] == {**CREATED, "IdempotencyToken": "t"}
    assert second["parameters"] == {"AliasPrefix": "a"}
    assert people.local_aws.requests("ssm-incidents") == []


# Permissions


@pytest.fixture
def user(people):
    """Give the contacts of a user of the local IAM, and let policies be given to it."""
    iam = people.local_aws.client("iam")
    iam.create_user(UserName="ana")
    keys = iam.create_access_key(UserName="ana")["AccessKey"]
    people.local_aws.permissions("enforce")

    def allow(action, resource):
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="ana", PolicyName="one", PolicyDocument=policy)

    made = People(
        people.local_aws,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    return made.aws, allow


def test_who_may_not_engage_is_denied(people, user):
    """The right is for one contact, whatever the region of its ARN."""
    aws, allow = user
    ana, ben = people.person("ana"), people.person("ben")
    with refused("AccessDeniedException") as seen:
        aws.start_engagement(ContactId=ana, **WORDS)
    assert f"ssm-contacts:StartEngagement on resource: {ana}" in seen["Error"]["Message"]
    [denial] = people.local_aws.denials()
    assert (denial["action"], denial["resource"]) == ("ssm-contacts:StartEngagement", ana)
    allow("ssm-contacts:StartEngagement", ana.replace("us-east-1", "*"))
    aws.start_engagement(ContactId=ana, **WORDS)
    with refused("AccessDeniedException"):
        aws.start_engagement(ContactId=ben, **WORDS)
    assert people.sent() == ["ana"]


def test_who_plans_with_somebody_needs_that_right_as_well(people, user):
    """An escalation plan takes AssociateContact on each contact in it."""
    aws, allow = user
    ana = people.person("ana")
    given = {"Alias": "all", "Type": "ESCALATION", "Plan": {"Stages": [stage(whom(ana))]}}
    place = ana.rpartition("/")[0]
    allow("ssm-contacts:CreateContact", f"{place}/all")
    with refused("AccessDeniedException") as seen:
        aws.create_contact(**given)
    assert f"ssm-contacts:AssociateContact on resource: {ana}" in seen["Error"]["Message"]
    allow(["ssm-contacts:CreateContact", "ssm-contacts:AssociateContact"], f"{place}/*")
    assert aws.create_contact(**given)["ContactArn"] == f"{place}/all"


# The state file


@pytest.fixture
def server(tmp_path):
    """Run a local AWS of its own, with a state file."""
    with Server(tmp_path / "aws.state") as made:
        yield made


def look(people, rotation, engagement):
    """Return what there is to be seen of everything that is kept."""
    aws = people.aws
    window = {"RotationId": rotation, "StartTime": MONDAY, "EndTime": MONDAY + timedelta(days=8)}
    contacts = aws.list_contacts()["Contacts"]
    answers = [
        *(aws.get_contact(ContactId=each["ContactArn"]) for each in contacts),
        *(aws.list_contact_channels(ContactId=each["ContactArn"]) for each in contacts),
        *(aws.get_contact_policy(ContactArn=each["ContactArn"]) for each in contacts),
        *(aws.list_tags_for_resource(ResourceARN=each["ContactArn"]) for each in contacts),
        aws.get_rotation(RotationId=rotation),
        aws.list_tags_for_resource(ResourceARN=rotation),
        aws.list_rotation_overrides(**window),
        aws.list_rotation_shifts(**window),
        aws.describe_engagement(EngagementId=engagement),
        aws.list_pages_by_engagement(EngagementId=engagement),
        *(aws.list_page_receipts(PageId=page["pageArn"]) for page in people.pages()),
        *(aws.list_page_resolutions(PageId=page["pageArn"]) for page in people.pages()),
    ]
    return [answered(each) for each in answers]


def test_people_and_what_is_due_survive_a_restart(server):
    """A page that is due while nobody runs is sent at its time; codes and tokens are good still."""
    aws = server.aws
    aws.set_clock(MONDAY)
    people = People(aws)
    tags = [{"Key": "team", "Value": "shop"}]
    ana, ben = people.person("ana"), people.contact("ben", Tags=tags)
    new = people.channel(ben, active=False)
    people.aws.send_activation_code(ContactChannelId=new)
    rotation = people.rotation(ana, ben, Tags=tags)
    people.aws.create_rotation_override(
        RotationId=rotation,
        NewContactIds=[ben],
        StartTime=MONDAY + timedelta(days=1),
        EndTime=MONDAY + timedelta(days=2),
    )
    schedule = people.schedule("oncall", rotation)
    people.aws.put_contact_policy(ContactArn=ana, Policy='{"Statement": []}')
    stages = [stage(whom(schedule)), stage(whom(ana))]
    plan = people.contact("all", "ESCALATION", *stages)
    engagement = people.engage(plan, IdempotencyToken="once")
    before, code = look(people, rotation, engagement), people.code(new)
    assert people.sent() == ["ana"]

    server.restart()
    people = People(server.aws)
    assert look(people, rotation, engagement) == before
    assert people.engage(plan, IdempotencyToken="once") == engagement
    people.aws.activate_contact_channel(ContactChannelId=new, ActivationCode=code)
    server.aws.advance(5 * 60)
    assert people.sent() == ["ana", "ana"]
    [last, first] = people.aws.list_pages_by_engagement(EngagementId=engagement)["Pages"]
    assert (first["SentTime"], last["SentTime"]) == (MONDAY, MONDAY + timedelta(minutes=5))
    people.accept(people.pages()[1])


def test_a_process_that_is_killed_comes_to_the_same_pages(server):
    """What was due and not saved happens again, under the same names and codes."""
    aws = server.aws
    aws.set_clock(MONDAY)
    people = People(aws)
    ana = people.contact("ana")
    channel = people.channel(ana)
    stages = [stage(by(channel)), stage(by(channel))]
    people.aws.update_contact(ContactId=ana, Plan={"Stages": stages})
    people.engage(ana)
    aws._control("POST", "save")
    aws.set_clock(MONDAY + timedelta(minutes=5))
    pages = people.pages()
    assert len(pages) == 2
    server.restart(kill=True)
    server.aws.set_clock(MONDAY + timedelta(minutes=5))
    assert People(server.aws).pages() == pages
