"""The contacts of the local AWS with thousands of things in them.

Real: the backend, called as the server calls it, without HTTP. Work is counted and not timed: calls
of Python functions, the same on every machine.
"""

from __future__ import annotations

from datetime import datetime, timezone
from functools import cache

import pytest

from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.ssm_contacts.homes import HOMES
from pulumi_incidents.emulator.ssm_contacts.models import ContactsBackend
from tests.people import WEEKLY, WORDS, by, stage
from tests.work import calls

SMALL, LARGE = 30, 1000
TIME = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _at_home(monkeypatch):
    """Have one region, at one time for all tests: nothing falls due between two of them."""
    monkeypatch.setattr(HOMES, "of", lambda *_: ["us-east-1"])
    CLOCK.set(TIME, running=False)
    yield
    CLOCK.follow_wall()


class Account:
    """So many people, five in each rotation, and ten engagements of each."""

    def __init__(self, number):
        """Make them."""
        self.backend = ContactsBackend("aws", "123456789012")
        self.people = [self._person(f"p{index:04d}") for index in range(number)]
        self.schedules = [self._schedule(index) for index in range(0, number, 5)]
        for contact in self.people * 10:
            self.engagement = self.engage(contact)

    def _person(self, alias):
        create = {"Alias": alias, "Type": "PERSONAL", "Plan": {}}
        contact = self.backend.call("CreateContact", create)["ContactArn"]
        about = {"ContactId": contact, "Name": "mail", "Type": "EMAIL", "DeferActivation": True}
        address = {"DeliveryAddress": {"SimpleAddress": f"{alias}@example.com"}}
        channel = self.backend.call("CreateContactChannel", {**about, **address})
        channel = channel["ContactChannelArn"]
        self.backend.channels[channel.split(":", 5)[5]].is_active = True
        plan = {"Stages": [stage(by(channel)), stage(by(channel))]}
        self.backend.call("UpdateContact", {"ContactId": contact, "Plan": plan})
        return contact

    def _schedule(self, index):
        people = self.people[index : index + 5]
        rotation = {"Name": "r", "ContactIds": people, "TimeZoneId": "UTC", "Recurrence": WEEKLY}
        arn = self.backend.call("CreateRotation", rotation)["RotationArn"]
        plan = {"RotationIds": [arn]}
        create = {"Alias": f"s{index}", "Type": "ONCALL_SCHEDULE", "Plan": plan}
        return self.backend.call("CreateContact", create)["ContactArn"]

    def engage(self, contact):
        """Start an engagement, and return its ARN."""
        start = {"ContactId": contact, **WORDS}
        return self.backend.call("StartEngagement", start)["EngagementArn"]


@cache
def account(number):
    """Make an account, once for all tests."""
    return Account(number)


@pytest.mark.parametrize(
    "start",
    [lambda it: it.engage(it.people[7]), lambda it: it.engage(it.schedules[2])],
    ids=["person", "schedule"],
)
def test_a_start_takes_as_much_in_a_large_account(start):
    """It looks up whom it engages, and goes through nobody else."""
    few, many = account(SMALL), account(LARGE)
    for each in (few, many):
        start(each)  # what is computed once, like the zones that there are
    # A heap that is a hundred times as large is a few comparisons deeper, and none is a call.
    assert calls(lambda: start(many)) == calls(lambda: start(few)) < 1000


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("ListContacts", lambda _: {}),
        ("ListRotations", lambda _: {}),
        ("ListEngagements", lambda _: {}),
        ("ListPagesByContact", lambda it: {"ContactId": it.people[0]}),
        ("ListPagesByEngagement", lambda it: {"EngagementId": it.engagement}),
        ("ListContactChannels", lambda it: {"ContactId": it.people[0]}),
        ("GetContact", lambda it: {"ContactId": it.people[0]}),
    ],
)
def test_a_page_of_a_list_shows_what_is_on_it_and_no_more(operation, parameters):
    """Ten things cost much the same to list out of thirty people's as out of a thousand's."""

    def cost(it):
        asked = {**parameters(it), "MaxResults": 10}
        return calls(lambda: it.backend.call(operation, asked))

    # A look at each of 200 rotations, for their order, is less than one at 10,000 engagements.
    assert cost(account(LARGE)) < cost(account(SMALL)) + LARGE / 4


def test_lists_stay_whole():
    """Everything is on one page, and on one alone."""
    many = account(LARGE)
    found, token = [], ""
    while True:
        page = many.backend.call("ListEngagements", {"NextToken": token} if token else {})
        assert len(page["Engagements"]) <= 100
        found += [each["EngagementArn"] for each in page["Engagements"]]
        if not (token := page.get("NextToken", "")):
            break
    assert len(found) == len(set(found)) >= 10 * LARGE
    assert set(found) == {each.arn for each in many.backend.engagements.values()}
