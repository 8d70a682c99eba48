"""The Pulumi types that the local stack has. A new one is a class and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_incidents.stand_in import cloudwatch, composite_alarms, events, iam, kms, sns, sqs, ssm

if TYPE_CHECKING:
    from pulumi_incidents.stand_in._kind import Kind

KINDS: dict[str, Kind] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": composite_alarms.CompositeAlarm(),
    "aws:cloudwatch/eventRule:EventRule": events.EventRule(),
    "aws:cloudwatch/eventTarget:EventTarget": events.EventTarget(),
    "aws:cloudwatch/metricAlarm:MetricAlarm": cloudwatch.MetricAlarm(),
    "aws:iam/role:Role": iam.Role(),
    "aws:iam/rolePolicy:RolePolicy": iam.RolePolicy(),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.RolePolicyAttachment(),
    "aws:kms/alias:Alias": kms.Alias(),
    "aws:kms/key:Key": kms.Key(),
    "aws:sns/topic:Topic": sns.Topic(),
    "aws:sns/topicPolicy:TopicPolicy": sns.TopicPolicy(),
    "aws:sns/topicSubscription:TopicSubscription": sns.TopicSubscription(),
    "aws:sqs/queue:Queue": sqs.Queue(),
    "aws:sqs/queuePolicy:QueuePolicy": sqs.QueuePolicy(),
    "aws:ssm/document:Document": ssm.Document(),
}
