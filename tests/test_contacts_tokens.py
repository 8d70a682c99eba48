"""Idempotency tokens and page tokens of contacts, on every operation that the model gives one.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore import xform_name

from tests.calls import refused
from tests.people import DAILY, MONDAY, WORDS, People, answered, by, stage
from tests.wire import CONTACTS

DAY = timedelta(days=1)


class Things:
    """What the requests of a test name."""

    def __init__(self, local_aws):
        """Make one of each."""
        local_aws.set_clock(MONDAY)
        self.people = People(local_aws)
        self.ana = self.people.person("ana")
        self.rotation = self.people.rotation(self.ana, recurrence=DAILY)


@pytest.fixture
def things(local_aws):
    """Make one of each thing."""
    return Things(local_aws)


# For each operation with an IdempotencyToken: its request number n.
REQUESTS = {
    "CreateContact": lambda _, n: {"Alias": f"p{n}", "Type": "PERSONAL", "Plan": {}},
    "CreateContactChannel": lambda t, n: {
        "ContactId": t.ana,
        "Name": f"phone {n}",
        "Type": "SMS",
        "DeliveryAddress": {"SimpleAddress": f"+49171555010{n}"},
    },
    "CreateRotation": lambda t, n: {
        "Name": f"days {n}",
        "ContactIds": [t.ana],
        "TimeZoneId": "UTC",
        "Recurrence": DAILY,
    },
    "CreateRotationOverride": lambda t, n: {
        "RotationId": t.rotation,
        "NewContactIds": [t.ana],
        "StartTime": MONDAY,
        "EndTime": MONDAY + n * DAY,
    },
    "StartEngagement": lambda t, n: {"ContactId": t.ana, **WORDS, "Content": str(n)},
}
WITH_TOKEN = sorted(
    name for name, each in CONTACTS.items() if "IdempotencyToken" in each.input_shape.members
)


def everything(things):
    """Return what the account has, to see whether a request had an effect."""
    aws = things.people.aws
    window = {"RotationId": things.rotation, "StartTime": MONDAY, "EndTime": MONDAY + 9 * DAY}
    answers = [
        aws.list_contacts(),
        aws.list_contact_channels(ContactId=things.ana),
        aws.list_rotations(),
        aws.list_rotation_overrides(**window),
        aws.list_engagements(),
    ]
    codes = things.people.local_aws.activations()
    return [*map(answered, answers), things.people.pages(), codes]


@pytest.mark.parametrize("operation", WITH_TOKEN)
def test_a_request_with_its_token_again_has_no_second_effect(things, operation):
    """It gets the first answer; with anything else in it the token is refused, with no effect."""
    call = getattr(things.people.aws, xform_name(operation))
    first = REQUESTS[operation](things, 1)
    answer = answered(call(**first, IdempotencyToken="t"))
    before = everything(things)
    assert answered(call(**first, IdempotencyToken="t")) == answer
    with refused("ValidationException") as seen:
        call(**REQUESTS[operation](things, 2), IdempotencyToken="t")
    assert "IdempotencyToken" in seen["Error"]["Message"]
    assert everything(things) == before
    call(**REQUESTS[operation](things, 2), IdempotencyToken="u")
    assert everything(things) != before


@pytest.mark.parametrize("operation", ["CreateRotation", "CreateRotationOverride"])
def test_boto3_sends_no_token_for_what_has_to_name_its_own(things, operation):
    """The same request twice makes two of it: a program that may be killed has to send one."""
    call = getattr(things.people.aws, xform_name(operation))
    given = REQUESTS[operation](things, 1)
    assert answered(call(**given)) != answered(call(**given))
    assert (
        "IdempotencyToken" not in things.people.local_aws.requests("ssm-contacts")[-1]["parameters"]
    )


def lists(things):
    """Return the parameters of every operation that has pages, with three things in each list."""
    people, aws = things.people, things.people.aws
    for alias in ("ben", "cleo"):
        people.contact(alias)
        people.rotation(things.ana, name=alias, recurrence=DAILY)
    channels = [people.channel(things.ana) for _ in range(2)]
    targets = [by(channel) for channel in channels] * 2
    aws.update_contact(ContactId=things.ana, Plan={"Stages": [stage(*targets)]})
    engagement, *_ = [people.engage(things.ana) for _ in range(3)]
    window = {"RotationId": things.rotation, "StartTime": MONDAY, "EndTime": MONDAY + 9 * DAY}
    for number in (1, 3, 5):
        aws.create_rotation_override(
            RotationId=things.rotation,
            NewContactIds=[],
            StartTime=MONDAY + number * DAY,
            EndTime=MONDAY + (number + 1) * DAY,
        )
    [page, *_] = people.pages()
    people.accept(page)
    return {
        "ListContactChannels": {"ContactId": things.ana},
        "ListContacts": {},
        "ListEngagements": {},
        "ListPageReceipts": {"PageId": page["pageArn"]},
        "ListPageResolutions": {"PageId": page["pageArn"]},
        "ListPagesByContact": {"ContactId": things.ana},
        "ListPagesByEngagement": {"EngagementId": engagement},
        "ListPreviewRotationShifts": {
            "Members": ["Ana"],
            "TimeZoneId": "UTC",
            "Recurrence": DAILY,
            "StartTime": MONDAY,
            "EndTime": MONDAY + 9 * DAY,
        },
        "ListRotationOverrides": window,
        "ListRotationShifts": window,
        "ListRotations": {},
    }


def test_page_by_page_a_list_is_the_same_list(things):
    """For every operation with pages, and for boto3's paginator; the order does not change."""
    parameters = lists(things)
    paged = {name for name, each in CONTACTS.items() if "NextToken" in each.input_shape.members}
    assert parameters.keys() == paged
    for name, given in parameters.items():
        call = xform_name(name)
        whole = answered(getattr(things.people.aws, call)(**given))
        [member] = whole
        if name == "ListPageResolutions":  # it has no MaxResults
            continue
        assert len(whole[member]) >= 3, name
        pages = things.people.aws.get_paginator(call).paginate(
            **given, PaginationConfig={"PageSize": 1}
        )
        sizes, found = [], []
        for page in pages:
            sizes.append(len(page[member]))
            found += page[member]
        assert found == whole[member], name
        assert set(sizes) == {1}


def test_what_comes_between_two_pages_makes_nothing_appear_twice(things):
    """Engagements come first and contacts anywhere: neither hides nor repeats another."""
    people, aws = things.people, things.people.aws
    made = [people.engage(things.ana) for _ in range(3)]
    first = aws.list_engagements(MaxResults=2)
    people.engage(things.ana)
    rest = aws.list_engagements(NextToken=first["NextToken"])
    arns = [each["EngagementArn"] for page in (first, rest) for each in page["Engagements"]]
    assert arns == made[::-1]
    people.contact("cleo")
    first = aws.list_contacts(MaxResults=1)
    people.contact("aaron")
    people.contact("ben")
    rest = aws.list_contacts(NextToken=first["NextToken"])
    aliases = [each["Alias"] for page in (first, rest) for each in page["Contacts"]]
    assert aliases == ["ana", "ben", "cleo"]


def test_a_page_token_is_good_for_its_list_alone(things):
    """Every operation with pages refuses what is no token and the tokens of all the others."""
    parameters, tokens = lists(things), {}
    for name, given in parameters.items():
        if name != "ListPageResolutions":
            call = getattr(things.people.aws, xform_name(name))
            tokens[name] = call(**given, MaxResults=1)["NextToken"]
            call(**given, NextToken=tokens[name], MaxResults=2)
    for name, given in parameters.items():
        call = getattr(things.people.aws, xform_name(name))
        foreign = [token for other, token in tokens.items() if other != name]
        own = tokens.get(name, "")
        for token in ("x", "x" * 2000, "=", *foreign, *filter(None, (own[:-4], own[4:]))):
            with refused("ValidationException") as seen:
                call(**given, NextToken=token)
            assert "NextToken" in seen["Error"]["Message"]
    ben = things.people.contact("ben-2")
    with refused("ValidationException"):
        things.people.aws.list_contact_channels(
            ContactId=ben, NextToken=tokens["ListContactChannels"]
        )
