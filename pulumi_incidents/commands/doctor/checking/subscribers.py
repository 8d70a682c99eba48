"""Checks of who hears of the topics that incidents tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from pulumi_incidents.commands._aws import Unseen, region_of
from pulumi_incidents.commands.doctor.checking._of_topics import Plans, arns, every, looked
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.topics import Subscription, Topic, chats, targets
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

# Where Amazon Q Developer in chat applications, formerly AWS Chatbot, hears of topics.
_CHAT_HOST = "chatbot.amazonaws.com"


def _heard(facts: Facts) -> Iterator[Result]:
    """Whether somebody hears of what each topic is told, and no subscription waits for somebody.

    Looked at are the subscriptions that `sns:ListSubscriptionsByTopic` answers. A topic without one
    that is confirmed is told of incidents, and nobody hears of it. One that waits for its
    confirmation hears of nothing: whoever has the address confirms by the link that AWS sent. That
    is good for two days; after them, subscribe the address again.

    Of a chat channel that nobody follows `topic-chat` tells.

    Addresses are not told, as they are those of people: only by which protocol they are reached.
    Whether a queue or a function takes the messages is not looked at, nor whether a filter of a
    subscription lets them through.
    """
    yield from looked(facts, every, _subscriptions_of)


def _subscriptions_of(facts: Facts, topic: Topic, plans: Plans) -> Iterator[Result]:
    del facts
    names, found = arns(plans), topic.subscriptions
    if isinstance(found, Unseen):
        yield NotSeen(topic.arn, found.why, names)
        return
    is_heard = any(each.is_confirmed for each in found)
    waiting = Counter(each.protocol for each in found if not each.is_confirmed)
    kinds = ", ".join(f"{count} by {protocol}" for protocol, count in sorted(waiting.items()))
    if waiting:
        lost = "" if is_heard else ", and nobody else hears of it"
        yield Finding(
            topic.arn,
            f"Subscriptions to the topic wait for their confirmation{lost}: {kinds}.",
            "Let whoever has the address confirm by the link in AWS's message, which is good for "
            "two days, or subscribe it again.",
            plans=names,
        )
    elif not is_heard:
        yield from _silent(topic, plans)
    else:
        yield Fine(topic.arn, names)


def _silent(topic: Topic, plans: Plans) -> Iterator[Result]:
    """Yield that nobody hears of a topic; where it is a chat channel alone, `topic-chat` does."""
    if any(topic.arn in targets(plan) for plan in plans):
        given = f"--topic-arn {topic.arn} --region {region_of(topic.arn)}"
        yield Finding(
            topic.arn,
            "Nobody hears of what the topic is told: it has no subscription.",
            f"Subscribe somebody with `aws sns subscribe {given} --protocol email "
            "--notification-endpoint ADDRESS`, or take it out of the plan.",
            plans=arns(plans),
        )


def _chat(facts: Facts) -> Iterator[Result]:
    """Whether a chat client follows each topic of a chat channel.

    Looked at are the subscriptions to topics of chat channels (`sns:ListSubscriptionsByTopic`). A
    chat client follows a topic once it is among the topics of a channel that Amazon Q Developer in
    chat applications, formerly AWS Chatbot, is set up for: that subscribes
    `https://global.sns-api.chatbot.amazonaws.com`. Without it the incident has a chat channel that
    is silent, and nobody can work on it from there.

    It is set up in the console of Amazon Q Developer in chat applications: the channel, and this
    topic among its SNS topics (*Chat channels* in the Incident Manager user guide, Task 2).

    *Unverified*: that the address is the same in every partition; any of `chatbot.amazonaws.com` is
    taken for it. Who is in the channel is not looked at.
    """
    yield from looked(facts, chats, _chat_of)


def _chat_of(facts: Facts, topic: Topic, plans: Plans) -> Iterator[Result]:
    del facts
    names, found = arns(plans), topic.subscriptions
    if isinstance(found, Unseen):
        yield NotSeen(topic.arn, found.why, names)
    elif any(map(_is_chat, found)):
        yield Fine(topic.arn, names)
    else:
        yield Finding(
            topic.arn,
            "No chat client follows the topic, which is a chat channel.",
            "Put the topic among those of a channel of Amazon Q Developer in chat applications.",
            plans=names,
        )


def _is_chat(subscription: Subscription) -> bool:
    host = urlsplit(subscription.endpoint).hostname or ""
    return subscription.is_confirmed and host.endswith(_CHAT_HOST)


CHECKS = (
    Check(
        "topic-heard",
        Level.WARNING,
        "Somebody hears of what topics are told",
        "Until a subscription is confirmed, nobody hears of an incident by it.",
        _heard,
    ),
    Check(
        "topic-chat",
        Level.WARNING,
        "A chat client follows each chat channel",
        "Without one the chat channel of an incident stays silent.",
        _chat,
    ),
)
