"""SNS topics, their policies and their subscriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_incidents.stand_in._kind import (
    NAMED,
    REGION,
    TAGGED,
    Input,
    Kind,
    tag_changes,
    tag_list,
    tag_map,
)
from pulumi_incidents.stand_in._limits import (
    ARN,
    Breach,
    fifo_breaches,
    shown,
    text_breaches,
)

# Pulumi's input to the topic attribute of the SNS API.
_TOPIC = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "deliveryPolicy": "DeliveryPolicy",
    "fifoTopic": "FifoTopic",
    "contentBasedDeduplication": "ContentBasedDeduplication",
}
_PROTOCOLS = (
    "http",
    "https",
    "email",
    "email-json",
    "sms",
    "sqs",
    "application",
    "lambda",
    "firehose",
)
_RAW_PROTOCOLS = ("http", "https", "sqs", "firehose")
_MAIL = {"pattern": ".+@.+", "words": "be an email address"}
_ENDPOINTS = {
    "http": {"pattern": "http://.+", "words": "begin with http://"},
    "https": {"pattern": "https://.+", "words": "begin with https://"},
    "email": _MAIL,
    "email-json": _MAIL,
    "sms": {"pattern": r"\+?[0-9]{7,15}", "words": "be a phone number, such as +4915112345678"},
    **dict.fromkeys(("sqs", "application", "lambda", "firehose"), ARN),
}
# Pulumi's input to the subscription attribute of the SNS API.
_SUBSCRIPTION = {
    "rawMessageDelivery": "RawMessageDelivery",
    "filterPolicyScope": "FilterPolicyScope",
    "filterPolicy": "FilterPolicy",
    "redrivePolicy": "RedrivePolicy",
    "deliveryPolicy": "DeliveryPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


class Topic(Kind):
    """aws:sns/topic:Topic; the id is the topic's ARN."""

    service = "sns"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        **NAMED,
        "displayName": Input(default=""),
        "kmsMasterKeyId": Input(default=""),
        "policy": Input(computed=True, json=True),
        "deliveryPolicy": Input(default="", json=True),
        "fifoTopic": Input(default=False, replaces=True),
        "contentBasedDeduplication": Input(default=False),
        "region": REGION,
        **TAGGED,
    }
    outputs = ("arn", "owner")
    not_both = (("name", "namePrefix"),)
    operation = "CreateTopic"
    members = {"name": "Name", "tagsAll": "Tags"}  # noqa: RUF012 # declared ClassVar by Kind

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the SNS API does, *CreateTopic* and *SetTopicAttributes*."""
        yield from text_breaches("displayName", inputs.get("displayName"), {"max": 100})
        yield from fifo_breaches(inputs, "fifoTopic", 256)

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the topic with its attributes and tags in one call."""
        answer = client.create_topic(
            Name=inputs["name"],
            Attributes=_attributes(_TOPIC, inputs),
            Tags=tag_list(inputs["tagsAll"]),
        )
        return str(answer["TopicArn"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read attributes and tags."""
        found = client.get_topic_attributes(TopicArn=resource_id)["Attributes"]
        tags = client.list_tags_for_resource(ResourceArn=resource_id)["Tags"]
        return {
            "arn": resource_id,
            "owner": found["Owner"],
            "name": resource_id.rsplit(":", 1)[-1],
            "displayName": found.get("DisplayName", ""),
            "kmsMasterKeyId": found.get("KmsMasterKeyId", ""),
            "policy": found.get("Policy"),
            "deliveryPolicy": found.get("DeliveryPolicy", ""),
            "fifoTopic": _is_true(found.get("FifoTopic")),
            "contentBasedDeduplication": _is_true(found.get("ContentBasedDeduplication")),
            "tagsAll": tag_map(tags),
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Set the changed attributes, an empty value where one was taken away."""
        for key in changed & set(_TOPIC):
            client.set_topic_attributes(
                TopicArn=resource_id,
                AttributeName=_TOPIC[key],
                AttributeValue=_text(new[key]),
            )
        gone, put = tag_changes(old, new)
        if gone:
            client.untag_resource(ResourceArn=resource_id, TagKeys=gone)
        if put:
            client.tag_resource(ResourceArn=resource_id, Tags=tag_list(put))

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Delete the topic."""
        client.delete_topic(TopicArn=resource_id)


class TopicPolicy(Kind):
    """aws:sns/topicPolicy:TopicPolicy; the id is the topic's ARN."""

    service = "sns"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "arn": Input(required=True, replaces=True, arn=True),
        "policy": Input(required=True, json=True),
        "region": REGION,
    }
    outputs = ("owner",)
    operation = "SetTopicAttributes"
    members = {"arn": "TopicArn", "policy": "AttributeValue"}  # noqa: RUF012 # declared ClassVar by Kind

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Put the policy on the topic."""
        _set_policy(client, inputs["arn"], inputs["policy"])
        return str(inputs["arn"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the topic's policy."""
        found = client.get_topic_attributes(TopicArn=resource_id)["Attributes"]
        return {"arn": resource_id, "owner": found["Owner"], "policy": found.get("Policy")}

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],  # noqa: ARG002 # part of the shape
        new: dict[str, Any],
        changed: set[str],  # noqa: ARG002 # only the policy changes in place
    ) -> None:
        """Put the new policy in place of the old."""
        _set_policy(client, resource_id, new["policy"])

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Put back the policy that a new topic has: a topic is never without one."""
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
            ],
            "Resource": resource_id,
            "Condition": {"StringEquals": {"AWS:SourceOwner": state["owner"]}},
        }
        policy = {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [statement],
        }
        _set_policy(client, resource_id, json.dumps(policy))


class TopicSubscription(Kind):
    """aws:sns/topicSubscription:TopicSubscription; the id is the subscription's ARN."""

    service = "sns"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "topic": Input(required=True, replaces=True, arn=True),
        "protocol": Input(required=True, replaces=True, allowed=_PROTOCOLS),
        "endpoint": Input(required=True, replaces=True),
        "rawMessageDelivery": Input(default=False),
        "filterPolicy": Input(default="", json=True),
        "filterPolicyScope": Input(computed=True, allowed=("MessageAttributes", "MessageBody")),
        "redrivePolicy": Input(default="", json=True),
        "deliveryPolicy": Input(default="", json=True),
        "subscriptionRoleArn": Input(default="", arn=True),
        # Of these two only the plugin knows: how long it waits for a confirmation.
        "confirmationTimeoutInMinutes": Input(default=1),
        "endpointAutoConfirms": Input(default=False),
        "region": REGION,
    }
    outputs = ("arn", "ownerId", "pendingConfirmation")
    operation = "Subscribe"
    members = {"topic": "TopicArn", "protocol": "Protocol", "endpoint": "Endpoint"}  # noqa: RUF012 # declared ClassVar by Kind

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse the endpoints that the SNS API does, *Subscribe*."""
        protocol = str(inputs.get("protocol"))
        yield from text_breaches("endpoint", inputs.get("endpoint"), _ENDPOINTS.get(protocol, {}))
        if protocol == "firehose" and not inputs.get("subscriptionRoleArn"):
            yield Breach("protocol", "have subscriptionRoleArn beside it", shown(protocol))
        raw = inputs.get("rawMessageDelivery") is True
        if raw and protocol in _PROTOCOLS and protocol not in _RAW_PROTOCOLS:
            yield Breach("rawMessageDelivery", f"be false for {protocol}", "True")

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Subscribe; the ARN is wanted even while the receiver has not confirmed."""
        answer = client.subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=_attributes(_SUBSCRIPTION, inputs),
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the subscription's attributes."""
        answer = client.get_subscription_attributes(SubscriptionArn=resource_id)
        found = answer["Attributes"]
        return {
            "arn": resource_id,
            "ownerId": found["Owner"],
            "pendingConfirmation": _is_true(found.get("PendingConfirmation")),
            "topic": found["TopicArn"],
            "protocol": found["Protocol"],
            "endpoint": found["Endpoint"],
            "rawMessageDelivery": _is_true(found.get("RawMessageDelivery")),
            "filterPolicy": found.get("FilterPolicy", ""),
            "filterPolicyScope": found.get("FilterPolicyScope"),
            "redrivePolicy": found.get("RedrivePolicy", ""),
            "deliveryPolicy": found.get("DeliveryPolicy", ""),
            "subscriptionRoleArn": found.get("SubscriptionRoleArn", ""),
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],  # noqa: ARG002 # part of the shape
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Set the changed attributes; the scope goes before the filter that it explains."""
        for key, attribute in _SUBSCRIPTION.items():
            if key in changed:
                client.set_subscription_attributes(
                    SubscriptionArn=resource_id,
                    AttributeName=attribute,
                    AttributeValue=_text(new[key]),
                )

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Unsubscribe."""
        client.unsubscribe(SubscriptionArn=resource_id)


def _set_policy(client: Any, arn: str, policy: str) -> None:
    client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _attributes(names: dict[str, str], inputs: dict[str, Any]) -> dict[str, str]:
    """Only what is set: a standard topic refuses even the false of a FIFO attribute."""
    return {names[key]: _text(inputs[key]) for key in names if inputs[key]}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_true(value: str | None) -> bool:
    return (value or "").lower() == "true"
