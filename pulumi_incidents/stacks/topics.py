"""The topic that people and chat clients follow, ready for Incident Manager to publish to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers._model import below
from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._component import Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._mistakes import refuse, unvalued
from pulumi_incidents.stacks._names import fitted
from pulumi_incidents.stacks.subscribers import (
    SubscriberArgs,
    inputs_of,
    name_of,
    subscriber_mistakes,
)

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")


class IncidentTopicArgs(TypedDict):
    """The inputs of an `IncidentTopic`."""

    subscribers: NotRequired[Sequence[SubscriberArgs] | None]
    """Who gets the messages."""
    publishers: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Who else may publish: services, such as `cloudwatch.amazonaws.com` for an alarm that names
    the topic or `events.amazonaws.com` for a rule, and other accounts, by their 12 digits or the
    ARN of a role. The policy of the topic lets them in, and that of the key of `encrypted`."""
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
        publishers = [self._publisher(one) for one in args.get("publishers") or ()]
        key = self._key(name, args, publishers, region) if args.get("encrypted") else None
        child_name, child = fitted(self, name, "topic")
        topic = aws.sns.Topic(
            child_name,
            kms_master_key_id=key.id if key else args.get("kms_key_id"),
            region=region,
            tags=args.get("tags"),
            opts=child,
        )
        policy = aws.sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=pulumi.Output.all(topic.arn, self._account, publishers).apply(
                lambda known: _policies.notification_topic(*known)
            ),
            region=region,
            opts=self._child,
        )
        for number, subscriber in enumerate(args.get("subscribers") or ()):
            # What it was called at first: by its place in the list.
            before = [pulumi.Alias(name=f"{name}-{number}")] if region is None else []
            aws.sns.TopicSubscription(
                f"{name}-{name_of(subscriber)}",
                topic=topic.arn,
                region=region,
                **inputs_of(subscriber),
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

    def _publisher(self, publisher: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return who else may publish, once it is known to be somebody."""

        def known(value: str) -> str:
            refuse(self, unvalued(publisher_mistakes(value, "publishers")))
            return value

        return pulumi.Output.from_input(publisher).apply(known)

    def _key(
        self,
        name: str,
        args: IncidentTopicArgs,
        publishers: list[pulumi.Output[str]],
        region: pulumi.Output[str] | None,
    ) -> aws.kms.Key:
        partition = aws.get_partition_output(opts=self._invoke).partition
        return aws.kms.Key(
            name,
            description=f"Messages about incidents: {name}",
            enable_key_rotation=True,
            policy=pulumi.Output.all(partition, self._account, publishers).apply(
                lambda known: _policies.topic_key(*known)
            ),
            region=region,
            tags=args.get("tags"),
            opts=self._child,
        )


def topic_mistakes(args: IncidentTopicArgs, path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of a topic, at `path` of a component's."""
    if args.get("encrypted") and args.get("kms_key_id"):
        yield f"{below(path, 'encrypted')} and kms_key_id exclude each other"
    yield from _region_mistakes(args, below(path, "other_regions"))
    for number, publisher in enumerate(args.get("publishers") or ()):
        if isinstance(publisher, str):
            yield from publisher_mistakes(publisher, f"{below(path, 'publishers')}[{number}]")
    yield from subscriber_mistakes(args.get("subscribers") or (), below(path, "subscribers"))


def publisher_mistakes(publisher: str, path: str) -> Iterator[str]:
    """Find what is neither a service nor an account, nor somebody in one."""
    if not _policies.PUBLISHER.fullmatch(publisher):
        wanted = (
            "a service, such as cloudwatch.amazonaws.com, or an account, by 12 digits or an ARN"
        )
        yield f"{path} must be {wanted}; got {publisher!r}"


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
