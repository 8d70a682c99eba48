"""The examples of AWS's own model of ssm-contacts, one after the other, at the local AWS.

Real: botocore's `examples-1.json`, the server process, HTTP on 127.0.0.1, boto3. Requests are the
examples' own but for what AWS chose: UUIDs, codes, account and region are those of the local AWS.
Answers are compared with the examples' wherever an example says more than what the local AWS chose.
"""

from __future__ import annotations

import json
import re

import botocore.session
import pytest
from botocore import xform_name

from tests.people import MONDAY, People, answered, by, stage, whom
from tests.wire import CONTACTS

EXAMPLES = (
    botocore.session.get_session()
    .get_component("data_loader")
    .load_service_model("ssm-contacts", "examples-1")["examples"]
)
TIMES = re.compile(r"\d{4}-\d\d-\d\dT")
# Calls of the examples, in an order in which each finds what it names.
ORDER = [
    *("CreateContact", "CreateContactChannel", "SendActivationCode", "ActivateContactChannel"),
    *("UpdateContactChannel", "GetContactChannel", "ListContactChannels", "UpdateContact"),
    *("TagResource", "ListTagsForResource", "UntagResource", "PutContactPolicy"),
    *("GetContactPolicy", "GetContact", "ListContacts", "StartEngagement", "ListEngagements"),
    *("DescribeEngagement", "ListPagesByEngagement", "ListPagesByContact", "AcceptPage"),
    *("DescribePage", "ListPageReceipts", "StopEngagement", "DeactivateContactChannel"),
    *("DeleteContactChannel", "DeleteContact"),
]


# The newest page of the person is not the one that was acknowledged.
ALTERED = {"ListPagesByContact"}


class Examples:
    """A team as the examples have it: what stands for each UUID and code in them."""

    def __init__(self, local_aws):
        """Make what the examples take for there: three people and an escalation plan."""
        local_aws.set_clock(MONDAY)
        self.people = people = People(local_aws)
        self.akuam = people.contact("akuam", DisplayName="Akua Mansa")
        alejr, anasi = people.person("alejr"), people.person("anasi")
        kinds = ("SMS", "EMAIL", "VOICE")
        self.channels = [people.channel(self.akuam, kind) for kind in kinds]
        stages = [stage(by(each, RetryIntervalInMinutes=1)) for each in self.channels]
        people.aws.update_contact(ContactId=self.akuam, Plan={"Stages": stages})
        self.escalation = people.contact(
            "example_escalation",
            "ESCALATION",
            stage(whom(self.akuam, essential=True)),
            stage(whom(alejr)),
            stage(whom(anasi), minutes=0),
            DisplayName="Example Escalation Plan",
        )
        self.engagement = people.engage(self.escalation, PublicSubject="test", PublicContent="test")
        self.page = people.pages()[0]

    def adapted(self, given):
        """Return a request of an example that names what there is here."""
        text = json.dumps(given)
        text = re.sub(r"us-east-\d:\d{12}", "us-east-1:123456789012", text)
        for kind, arns in (
            ("contact-channel", self.channels),
            ("engagement", [self.engagement]),
            ("page", [self.page["pageArn"]]),
        ):
            named = list(dict.fromkeys(re.findall(rf"arn:[^\" ]*:{kind}/\w+/[\w-]+", text)))
            for arn, own in zip(named, arns, strict=False):
                text = text.replace(arn, own)
        text = text.replace('"425440"', json.dumps(self.page["acceptCode"]))
        code = self.people.code(self.channels[0])
        return json.loads(text.replace('"466136"', json.dumps(code)))

    def call(self, operation, given):
        """Send a request of an example."""
        adapted = self.adapted(given)
        if operation == "CreateContact":  # the others take it for there
            adapted["Alias"] = "akuam2"
        return answered(getattr(self.people.aws, xform_name(operation))(**adapted))


@pytest.fixture
def examples(local_aws):
    """Make the team of the examples."""
    return Examples(local_aws)


def shape_of(value):
    """Return what kinds of members an answer has: what AWS chose is not compared."""
    if isinstance(value, dict):
        return {name: shape_of(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape_of(each) for each in value[:1]]
    is_time = hasattr(value, "isoformat") or (isinstance(value, str) and TIMES.match(value))
    return "time" if is_time else type(value).__name__


def test_the_examples_are_replayed_in_an_order_of_their_own():
    """No example of the model is left out."""
    assert sorted(ORDER) == sorted(EXAMPLES)
    assert EXAMPLES.keys() <= CONTACTS.keys()


def test_every_example_of_the_model_works_here(examples):
    """Each request succeeds, and its answer has members of the example's, of the same kinds."""
    for operation in ORDER:
        if operation == "ActivateContactChannel":
            examples.people.aws.send_activation_code(ContactChannelId=examples.channels[0])
        for example in EXAMPLES[operation]:
            answer = examples.call(operation, example["input"])
            wanted, found = shape_of(example["output"]), shape_of(answer)
            if operation in ALTERED:
                wanted, found = wanted.keys(), found.keys()
            assert found == wanted, operation


def test_plans_are_answered_as_the_examples_have_them(examples):
    """A person's three channels, and the escalation plan, are member by member the same."""
    for example in EXAMPLES["GetContact"]:
        answer = examples.call("GetContact", example["input"])
        assert answer == examples.adapted(example["output"])


def test_what_is_known_beforehand_is_answered_as_the_examples_have_it(examples):
    """ARNs of contacts, tags, policies: nothing of these is chosen by AWS."""
    for operation in ("TagResource", "PutContactPolicy"):
        [example] = EXAMPLES[operation]
        assert examples.call(operation, example["input"]) == {}
    [tagged] = EXAMPLES["ListTagsForResource"]
    assert examples.call("ListTagsForResource", tagged["input"]) == tagged["output"]
    [shared], [put] = EXAMPLES["GetContactPolicy"], EXAMPLES["PutContactPolicy"]
    answer = examples.call("GetContactPolicy", shared["input"])
    assert answer == {
        "ContactArn": examples.akuam,
        "Policy": examples.adapted(put["input"])["Policy"],
    }
    [listed] = EXAMPLES["ListContacts"]
    aliases = [each["Alias"] for each in examples.call("ListContacts", {})["Contacts"]]
    assert aliases == [each["Alias"] for each in listed["output"]["Contacts"]]


def test_receipts_are_in_the_order_of_the_example(examples):
    """DELIVERED and READ with the code, then SENT with what the carrier calls it."""
    [accepted], [listed] = EXAMPLES["AcceptPage"], EXAMPLES["ListPageReceipts"]
    assert examples.call("AcceptPage", accepted["input"]) == {}
    receipts = examples.call("ListPageReceipts", listed["input"])["Receipts"]
    wanted = listed["output"]["Receipts"]
    assert [each["ReceiptType"] for each in receipts] == [each["ReceiptType"] for each in wanted]
    infos = [each["ReceiptInfo"] for each in receipts]
    assert infos[:2] == [examples.page["acceptCode"]] * 2
    assert re.fullmatch(r"SM[0-9a-f]{32}", infos[2])
    assert re.fullmatch(r"SM[0-9a-f]{32}", wanted[2]["ReceiptInfo"])
    assert shape_of(receipts) == shape_of(wanted)
