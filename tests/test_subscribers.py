"""Subscribers of a topic that come, go and move in their list.

Real: the engine, the stand-in of pulumi-aws and the SNS of the local AWS, which like AWS answers
the subscription that is there when the same endpoint subscribes again.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.program import Program

QUEUE = "arn:aws:sqs:us-east-1:123456789012:"

# An entry `{"queue": NAME}` is a queue of the program itself, whose ARN is an output.
SUBSCRIBERS = """
import json
import pathlib

import pulumi
import pulumi_aws as aws
from pulumi_incidents.stacks import IncidentTopic

def subscriber(entry):
    if "queue" not in entry:
        return entry
    queue = aws.sqs.Queue(entry["queue"], name=entry["queue"])
    return {"protocol": "sqs", "endpoint": queue.arn, "name": entry["queue"]}

subscribers = [subscriber(entry) for entry in json.loads(pathlib.Path("list.json").read_text())]
"""
NOW = f"""{SUBSCRIBERS}
IncidentTopic("updates", {{"subscribers": subscribers}})
"""
BEFORE = f"""{SUBSCRIBERS}
topic = IncidentTopic("updates")
for number, subscriber in enumerate(subscribers):
    subscriber.pop("name", None)
    opts = pulumi.ResourceOptions(parent=topic)
    aws.sns.TopicSubscription(f"updates-{{number}}", topic=topic.arn, **subscriber, opts=opts)
"""


class Topic(Program):
    """A topic whose subscribers are declared in a file: a step is a command, without new code."""

    def __init__(self, folder, environment, local_aws, source=NOW):
        super().__init__(folder, environment, source)
        self.sns = local_aws.client("sns")
        self.configure()

    def bring(self, *names):
        """Declare subscribers, bring the stack there, and return who is subscribed at AWS."""
        (self.folder / "list.json").write_text(json.dumps([entry(name) for name in names]))
        self.up()
        return self.subscribed()

    def subscribed(self):
        """Return who is subscribed at AWS, as the end of the endpoint -> the subscription."""
        (topic,) = self.sns.list_topics()["Topics"]
        found = self.sns.list_subscriptions_by_topic(TopicArn=topic["TopicArn"])["Subscriptions"]
        return {re.split("[:/]", one["Endpoint"])[-1]: one["SubscriptionArn"] for one in found}


def entry(name):
    """Return a subscriber: an address, a queue that is there, or a queue of the program."""
    if "@" in name:
        return {"protocol": "email", "endpoint": name}
    return (
        {"queue": name} if name.startswith("own") else {"protocol": "sqs", "endpoint": QUEUE + name}
    )


@pytest.fixture
def topic(tmp_path, stack_environment, local_aws):
    """Return a program with one topic."""
    return Topic(tmp_path / "topic", stack_environment, local_aws)


def test_only_the_subscriber_that_changes_is_touched(topic):
    """One that goes, comes, moves or changes leaves the subscription of every other as it is."""
    all_three = topic.bring("me@example.com", "own", "b")
    assert sorted(all_three) == ["b", "me@example.com", "own"]
    gone = topic.bring("own", "b")
    assert gone == {name: all_three[name] for name in ("own", "b")}
    came = topic.bring("c", "own", "b")
    assert {name: came.pop(name) for name in ("own", "b")} == gone
    assert list(came) == ["c"]
    changed = topic.bring("own", "b", "d")
    assert {name: changed.pop(name) for name in ("own", "b")} == gone
    assert list(changed) == ["d"]
    topic.destroy()


def test_a_stack_of_before_keeps_its_subscriptions(tmp_path, stack_environment, local_aws):
    """Subscriptions named by their place in the list are taken on under their new names."""
    topic = Topic(tmp_path / "topic", stack_environment, local_aws, BEFORE)
    before = topic.bring("me@example.com", "own", "b")
    assert "updates-0" in topic.state()
    (topic.folder / "__main__.py").write_text(NOW)
    local_aws.forget()
    assert set(topic.preview().values()) == {"same"}
    assert topic.bring("me@example.com", "own", "b") == before
    asked = set(local_aws.operations("sns"))
    assert "GetSubscriptionAttributes" in asked
    assert not {"Subscribe", "Unsubscribe"} & asked
    assert "updates-0" not in topic.state()
    after = topic.bring("own", "b")
    assert after == {name: before[name] for name in ("own", "b")}
    topic.destroy()
