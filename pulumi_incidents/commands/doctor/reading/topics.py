"""Reads topics that incidents tell, with their keys and subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.reading import keys
from pulumi_incidents.commands.doctor.reading.keys import Key
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.iam.requests import parts_of

_SNS = "sns"
# What is listed instead of the ARN of a subscription until it is confirmed.
_PENDING = "PendingConfirmation"
# What is listed instead for some days after somebody has unsubscribed, as by the link in a mail.
_DELETED = "Deleted"


class Subscription(NamedTuple):
    """Somebody who hears of what a topic is told; addresses of people are not printed."""

    protocol: str
    endpoint: str
    is_confirmed: bool


class Topic(NamedTuple):
    """A topic that exists."""

    arn: str
    policy: str
    key_id: str = ""
    """What encrypts it, as the topic has it: an id, an alias or an ARN; empty without a key."""
    key: Key | Unseen | None = None
    """That key; None if it does not exist, or there is none."""
    subscriptions: tuple[Subscription, ...] | Unseen = ()


Topics = Mapping[str, Topic | Unseen | None]
"""Topics that plans name, by their ARNs."""


def read(account: Account, scope: Scope) -> Topics:
    """Read the topics of the plans, for chat channels and notification targets."""
    named = [arn for plan in scope.plans for arn in (*targets(plan), *chats(plan))]
    return account.each(lambda arn: _topic(account, arn), named)


def targets(plan: Plan) -> tuple[str, ...]:
    """Return the topics of a plan's notification targets."""
    found = plan.answer["incidentTemplate"].get("notificationTargets") or ()
    return tuple(target["snsTopicArn"] for target in found if "snsTopicArn" in target)


def chats(plan: Plan) -> tuple[str, ...]:
    """Return the topics of a plan's chat channel."""
    return tuple((plan.answer.get("chatChannel") or {}).get("chatbotSns") or ())


def _topic(account: Account, arn: str) -> Topic | Unseen | None:
    region = (parts_of(arn) or {}).get("region") or account.region
    answer = account.ask(_SNS, "GetTopicAttributes", arn, region=region, TopicArn=arn)
    if answer is None or isinstance(answer, Unseen):
        return answer
    attributes = answer["Attributes"]
    key_id = attributes.get("KmsMasterKeyId") or ""
    return Topic(
        arn,
        attributes.get("Policy") or "{}",
        key_id,
        keys.read(account, key_id, region) if key_id else None,
        _subscriptions(account, arn, region),
    )


def _subscriptions(account: Account, arn: str, region: str) -> tuple[Subscription, ...] | Unseen:
    found = account.pages(
        _SNS, "ListSubscriptionsByTopic", "Subscriptions", arn, region=region, TopicArn=arn
    )
    if isinstance(found, Unseen):
        return found
    return tuple(
        Subscription(each["Protocol"], each["Endpoint"], each["SubscriptionArn"] != _PENDING)
        for each in found or ()
        if each["SubscriptionArn"] != _DELETED
    )
