"""The Pulumi types that the local stack has. A new one is a class and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_incidents.emulator.pulumi_aws import iam, sns, sqs

if TYPE_CHECKING:
    from pulumi_incidents.emulator.pulumi_aws._kind import Kind

KINDS: dict[str, Kind] = {
    "aws:iam/role:Role": iam.Role(),
    "aws:iam/rolePolicy:RolePolicy": iam.RolePolicy(),
    "aws:sns/topic:Topic": sns.Topic(),
    "aws:sns/topicPolicy:TopicPolicy": sns.TopicPolicy(),
    "aws:sns/topicSubscription:TopicSubscription": sns.TopicSubscription(),
    "aws:sqs/queue:Queue": sqs.Queue(),
    "aws:sqs/queuePolicy:QueuePolicy": sqs.QueuePolicy(),
}
