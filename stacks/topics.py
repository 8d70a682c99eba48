"""The topic that people and chat clients follow, ready for Incident Manager to publish to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._mistakes import (
    below,
    fitting,
    is_output,
    option_mistakes,
    refuse,
)

_ENDPOINTS = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
    "https": (re.compile(r"https://\S+"), "an address that starts with https://"),
    "lambda": (re.compile(r"arn:aws[a-z-]*:lambda:\S+"), "the ARN of a function"),
    "sqs": (re.compile(r"arn:aws[a-z-]*:sqs:\S+"), "the ARN of a queue"),
}
_HOST = re.compile(r"https://(?:[^/?#]*@)?([^/?#:]*)")
_LONGEST_READABLE = 40
_KINDS = {"encrypted": bool, "subscribers": list}


class SubscriberArgs(TypedDict):
    """Somebody or something that gets every message of a topic."""

    protocol: Literal["email", "https", "lambda", "sqs"]
    """How it is reached."""
    endpoint: pulumi.Input[str]
    """E-mail address, https address, or ARN of a function or queue.

    An e-mail address has to confirm; a queue or function needs a policy that lets SNS in.
    """
    name: NotRequired[str | None]
    """Which subscriber it is, where the endpoint is an output: needed there, and to be kept.

    Another name for the same endpoint unsubscribes it. All others are known by their endpoint.
    """


class IncidentTopicArgs(TypedDict):
    """The inputs of an `IncidentTopic`."""

    subscribers: NotRequired[Sequence[SubscriberArgs] | None]
    """Who gets the messages."""
    encrypted: NotRequired[bool | None]
    """Encrypt with a key that is made here: the one of SNS itself shuts the service out."""
    kms_key_id: NotRequired[pulumi.Input[str | None]]
    """Encrypt with this key, whose policy must let `ssm-incidents.amazonaws.com` use it."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the topic and the key."""


class IncidentTopic(pulumi.ComponentResource):
    """An SNS topic with the policy, the key and the subscriptions that incidents need."""

    arn: pulumi.Output[str]
    """ARN of the topic, known once its policy is in place.

    AWS tests the topic when a plan with it is made, so a plan with this ARN is made after the
    policy.
    """
    key_arn: pulumi.Output[str | None]
    """ARN of the key, when one was made."""

    def __init__(
        self,
        name: str,
        args: IncidentTopicArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("pulumi-incidents:index:IncidentTopic", name, None, opts)
        given = args or {}
        refuse(self, topic_mistakes(given))
        child = pulumi.ResourceOptions(parent=self)
        account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        key = self._key(name, account, given) if given.get("encrypted") else None
        topic = aws.sns.Topic(
            name,
            kms_master_key_id=key.id if key else given.get("kms_key_id"),
            tags=given.get("tags"),
            opts=child,
        )
        policy = aws.sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=pulumi.Output.all(topic.arn, account).apply(
                lambda known: _policies.notification_topic(known[0], known[1])
            ),
            opts=child,
        )
        for number, subscriber in enumerate(given.get("subscribers") or ()):
            aws.sns.TopicSubscription(
                f"{name}-{_name(subscriber)}",
                topic=topic.arn,
                protocol=subscriber["protocol"],
                endpoint=subscriber["endpoint"],
                # What it was called at first: by its place in the list.
                opts=pulumi.ResourceOptions(
                    parent=self, aliases=[pulumi.Alias(name=f"{name}-{number}")]
                ),
            )
        self.arn = pulumi.Output.all(topic.arn, policy.id).apply(lambda known: str(known[0]))
        self.key_arn = pulumi.Output.from_input(key.arn if key else None)
        self.register_outputs({"arn": self.arn, "key_arn": self.key_arn})

    def _key(self, name: str, account: pulumi.Output[str], args: IncidentTopicArgs) -> aws.kms.Key:
        partition = aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=self)).partition
        return aws.kms.Key(
            name,
            description=f"Messages about incidents: {name}",
            enable_key_rotation=True,
            policy=pulumi.Output.all(partition, account).apply(
                lambda known: _policies.topic_key(known[0], known[1])
            ),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _name(subscriber: SubscriberArgs) -> str:
    """Return what a subscription is called: what it is, and not where in the list it stands.

    SNS answers the subscription that is there when an endpoint subscribes again. Under another
    name it would be taken on like that, and then removed because its old name is gone.
    """
    protocol, endpoint, name = _identity(subscriber)
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name or _readable(protocol, endpoint)).strip("-")
    identity = f"{protocol} {endpoint} {name}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:7]
    return f"{protocol}-{readable[:_LONGEST_READABLE]}-{digest}"


def _identity(subscriber: SubscriberArgs) -> tuple[str, str, str]:
    """Return protocol and endpoint, or the name where the endpoint is not known yet."""
    protocol, endpoint = subscriber["protocol"], subscriber["endpoint"]
    if isinstance(endpoint, str):
        return protocol, endpoint, ""
    return protocol, "", subscriber.get("name") or ""


def _readable(protocol: str, endpoint: str) -> str:
    """Return what of an endpoint people know it by; the rest of an address may be a password."""
    if host := _HOST.match(endpoint):
        return host[1]
    return endpoint if protocol == "email" else endpoint.split(":", 5)[-1]


def topic_mistakes(args: Any, path: str = "") -> Iterator[str]:
    """Find what is wrong with the inputs of a topic, which stand at `path` of a component's."""
    yield from option_mistakes(args, _KINDS, path)
    given = fitting(args, _KINDS)
    if given.get("encrypted") and args.get("kms_key_id"):
        yield f"{below(path, 'encrypted')} and kms_key_id exclude each other"
    subscribers = {
        f"{below(path, 'subscribers')}[{number}]": subscriber
        for number, subscriber in enumerate(given.get("subscribers", ()))
    }
    for place, subscriber in subscribers.items():
        yield from _subscriber_mistakes(subscriber, place)
    yield from _repeated_mistakes(subscribers)


def _subscriber_mistakes(subscriber: Any, path: str) -> Iterator[str]:
    kinds = {"protocol": str, "name": str}
    yield from option_mistakes(subscriber, kinds, path, required=["protocol"])
    protocol = fitting(subscriber, kinds).get("protocol")
    if not protocol:
        return
    endpoint = subscriber.get("endpoint")
    if protocol not in _ENDPOINTS:
        yield f"{path}.protocol must be one of {', '.join(_ENDPOINTS)}; got {protocol!r}"
        return
    pattern, what = _ENDPOINTS[protocol]
    if is_output(endpoint):
        if not subscriber.get("name"):
            yield f"{path}.name is required, because the endpoint is an output; keep it once chosen"
    elif not isinstance(endpoint, str) or not pattern.fullmatch(endpoint):
        yield f"{path}.endpoint must be {what}; got {endpoint!r}"


def _repeated_mistakes(subscribers: Mapping[str, Any]) -> Iterator[str]:
    known: dict[object, str] = {}
    for path, subscriber in subscribers.items():
        given = fitting(subscriber, {"protocol": str, "endpoint": str, "name": str})
        if "endpoint" in given:
            other = known.setdefault((given.get("protocol"), given["endpoint"]), path)
            if other != path:
                yield f"{path} is {other} once more; take one of them out"
        if given.get("name"):
            other = known.setdefault(given["name"], path)
            if other != path:
                yield f"{path}.name is also that of {other}; choose another one"
