"""The topic that people and chat clients follow, ready for Incident Manager to publish to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers._model import below
from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._component import Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._mistakes import is_output, refuse

_ENDPOINTS = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
    "https": (re.compile(r"https://\S+"), "an address that starts with https://"),
    "lambda": (re.compile(r"arn:aws[a-z-]*:lambda:\S+"), "the ARN of a function"),
    "sqs": (re.compile(r"arn:aws[a-z-]*:sqs:\S+"), "the ARN of a queue"),
}
_HOST = re.compile(r"https://(?:[^/?#]*@)?([^/?#:]*)")
_LONGEST_READABLE = 40
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")


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
    """Encrypt with this key, whose policy must let `ssm-incidents.amazonaws.com` and
    `ssm-contacts.amazonaws.com` use it."""
    other_regions: NotRequired[Sequence[str] | None]
    """Regions in which the same topic is made once more, with its own key and subscriptions, such
    as the other regions of the replication set. Not with a `kms_key_id`."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the topic and the key."""


class IncidentTopic(Component):
    """An SNS topic with the policy, the key and the subscriptions that incidents need."""

    arn: pulumi.Output[str]
    """ARN of the topic, known once its policy is in place.

    AWS tests the topic when a plan with it is made, so a plan with this ARN is made after the
    policy.
    """
    arns: pulumi.Output[Sequence[str]]
    """ARNs of the topics of all regions, known likewise; the first one is `arn`."""
    key_arn: pulumi.Output[str | None]
    """ARN of the key of that topic, when one was made."""

    def __init__(
        self,
        name: str,
        args: IncidentTopicArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("incidents:index:IncidentTopic", name, opts)
        wanted: IncidentTopicArgs = {} if args is None else args
        found = look_at(IncidentTopicArgs, wanted)
        given = self._taken(found, found.beyond(topic_mistakes))
        self._child = pulumi.ResourceOptions(parent=self)
        self._invoke = pulumi.InvokeOutputOptions(parent=self)
        self._account = aws.get_caller_identity_output(opts=self._invoke).account_id
        self.arn, key = self._topic(name, given, None)
        others = [
            self._topic(f"{name}-{region}", given, self._elsewhere(region))[0]
            for region in given.get("other_regions") or ()
        ]
        self.each_arn = [self.arn, *others]
        self.arns = cast("pulumi.Output[Sequence[str]]", pulumi.Output.all(*self.each_arn))
        self.key_arn = pulumi.Output.from_input(key.arn if key else None)
        self.register_outputs({"arn": self.arn, "arns": self.arns, "key_arn": self.key_arn})

    def _topic(
        self, name: str, args: IncidentTopicArgs, region: pulumi.Output[str] | None
    ) -> tuple[pulumi.Output[str], aws.kms.Key | None]:
        key = self._key(name, args, region) if args.get("encrypted") else None
        topic = aws.sns.Topic(
            name,
            kms_master_key_id=key.id if key else args.get("kms_key_id"),
            region=region,
            tags=args.get("tags"),
            opts=self._child,
        )
        policy = aws.sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=pulumi.Output.all(topic.arn, self._account).apply(
                lambda known: _policies.notification_topic(known[0], known[1])
            ),
            region=region,
            opts=self._child,
        )
        for number, subscriber in enumerate(args.get("subscribers") or ()):
            # What it was called at first: by its place in the list.
            before = [pulumi.Alias(name=f"{name}-{number}")] if region is None else []
            aws.sns.TopicSubscription(
                f"{name}-{_name(subscriber)}",
                topic=topic.arn,
                protocol=subscriber["protocol"],
                endpoint=subscriber["endpoint"],
                region=region,
                opts=pulumi.ResourceOptions(parent=self, aliases=before),
            )
        return pulumi.Output.all(topic.arn, policy.id).apply(lambda known: str(known[0])), key

    def _elsewhere(self, region: str) -> pulumi.Output[str]:
        """Return a region, once it is known to be none that has the topic already."""

        def other(own: str) -> str:
            if region == own:
                refuse(
                    self, [f"other_regions has {region}, where the topic is anyway: take it out"]
                )
            return region

        return aws.get_region_output(opts=self._invoke).region.apply(other)

    def _key(
        self, name: str, args: IncidentTopicArgs, region: pulumi.Output[str] | None
    ) -> aws.kms.Key:
        partition = aws.get_partition_output(opts=self._invoke).partition
        return aws.kms.Key(
            name,
            description=f"Messages about incidents: {name}",
            enable_key_rotation=True,
            policy=pulumi.Output.all(partition, self._account).apply(
                lambda known: _policies.topic_key(known[0], known[1])
            ),
            region=region,
            tags=args.get("tags"),
            opts=self._child,
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


def topic_mistakes(args: IncidentTopicArgs, path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of a topic, at `path` of a component's."""
    if args.get("encrypted") and args.get("kms_key_id"):
        yield f"{below(path, 'encrypted')} and kms_key_id exclude each other"
    yield from _region_mistakes(args, below(path, "other_regions"))
    subscribers = {
        f"{below(path, 'subscribers')}[{number}]": subscriber
        for number, subscriber in enumerate(args.get("subscribers") or ())
    }
    for place, subscriber in subscribers.items():
        yield from _endpoint_mistakes(subscriber, place)
    yield from _repeated_mistakes(subscribers)


def _region_mistakes(args: IncidentTopicArgs, path: str) -> Iterator[str]:
    regions = args.get("other_regions") or ()
    if regions and args.get("kms_key_id"):
        yield f"{path} and kms_key_id exclude each other: a key is of one region; set encrypted"
    for number, region in enumerate(regions):
        place = f"{path}[{number}]"
        if not _REGION.fullmatch(region):
            yield f"{place} must be a region, such as eu-west-1; got {region!r}"
        elif region in regions[:number]:
            yield f"{place} is {region} once more; take it out"


def _endpoint_mistakes(subscriber: SubscriberArgs, path: str) -> Iterator[str]:
    endpoint, (pattern, what) = subscriber["endpoint"], _ENDPOINTS[subscriber["protocol"]]
    if isinstance(endpoint, str):
        if not pattern.fullmatch(endpoint):
            yield f"{path}.endpoint must be {what}; got {endpoint!r}"
    elif not subscriber.get("name"):
        yield f"{path}.name is required, because the endpoint is an output; keep it once chosen"


def _repeated_mistakes(subscribers: Mapping[str, SubscriberArgs]) -> Iterator[str]:
    known: dict[object, str] = {}
    for path, subscriber in subscribers.items():
        endpoint, name = subscriber["endpoint"], subscriber.get("name")
        if not is_output(endpoint):
            other = known.setdefault((subscriber["protocol"], endpoint), path)
            if other != path:
                yield f"{path} is {other} once more; take one of them out"
        if name:
            other = known.setdefault(name, path)
            if other != path:
                yield f"{path}.name is also that of {other}; choose another one"
