"""SQS queues and their policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_incidents.stand_in._kind import (
    NAMED,
    REGION,
    TAGGED,
    GoneError,
    Input,
    Kind,
    tag_changes,
)
from pulumi_incidents.stand_in._limits import Breach, fifo_breaches

# Pulumi's input to the queue attribute of the SQS API.
_NUMBERS = {
    "delaySeconds": "DelaySeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_TEXTS = {
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "redrivePolicy": "RedrivePolicy",
}
_SWITCHES = {
    "fifoQueue": "FifoQueue",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
}
_ATTRIBUTES = {**_NUMBERS, **_TEXTS, **_SWITCHES}


class Queue(Kind):
    """aws:sqs/queue:Queue; the id is the queue's URL."""

    service = "sqs"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        **NAMED,
        "delaySeconds": Input(default=0, allowed=range(901)),
        "maxMessageSize": Input(default=1048576, allowed=range(1024, 1048577)),
        "messageRetentionSeconds": Input(default=345600, allowed=range(60, 1209601)),
        "receiveWaitTimeSeconds": Input(default=0, allowed=range(21)),
        "visibilityTimeoutSeconds": Input(default=30, allowed=range(43201)),
        "kmsMasterKeyId": Input(default=""),
        "policy": Input(computed=True, json=True),
        "redrivePolicy": Input(default="", json=True),
        "fifoQueue": Input(default=False, replaces=True),
        "contentBasedDeduplication": Input(default=False),
        "sqsManagedSseEnabled": Input(computed=True),
        "region": REGION,
        **TAGGED,
    }
    outputs = ("arn", "url")
    not_both = (("name", "namePrefix"), ("kmsMasterKeyId", "sqsManagedSseEnabled"))
    operation = "CreateQueue"
    members = {"name": "QueueName", "tagsAll": "tags"}  # noqa: RUF012 # declared ClassVar by Kind

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the SQS API does, *CreateQueue*."""
        yield from fifo_breaches(inputs, "fifoQueue", 80)

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the queue with its attributes and tags in one call."""
        attributes = {
            attribute: _text(inputs[key])
            for key, attribute in _ATTRIBUTES.items()
            # SQS refuses the empty value of an attribute that only other queues have.
            if inputs[key] != self.inputs[key].default
        }
        answer = client.create_queue(
            QueueName=inputs["name"], Attributes=attributes, tags=inputs["tagsAll"]
        )
        return str(answer["QueueUrl"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read attributes and tags."""
        found = _read(client, resource_id)
        tags = client.list_queue_tags(QueueUrl=resource_id).get("Tags", {})
        arn = found["QueueArn"]
        return {
            "arn": arn,
            "url": resource_id,
            "name": arn.rsplit(":", 1)[-1],
            **{key: int(found[attribute]) for key, attribute in _NUMBERS.items()},
            **{key: found.get(attribute, "") for key, attribute in _TEXTS.items()},
            **{key: found.get(attribute) == "true" for key, attribute in _SWITCHES.items()},
            "tagsAll": tags,
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
        attributes = {_ATTRIBUTES[key]: _text(new[key]) for key in changed & set(_ATTRIBUTES)}
        if attributes:
            # moto 5.2 drops the policy in a call that does not name it; it may be a QueuePolicy's.
            attributes.setdefault("Policy", _read(client, resource_id).get("Policy", ""))
            client.set_queue_attributes(QueueUrl=resource_id, Attributes=attributes)
        gone, put = tag_changes(old, new)
        if gone:
            client.untag_queue(QueueUrl=resource_id, TagKeys=gone)
        if put:
            client.tag_queue(QueueUrl=resource_id, Tags=put)

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Delete the queue."""
        client.delete_queue(QueueUrl=resource_id)


class QueuePolicy(Kind):
    """aws:sqs/queuePolicy:QueuePolicy; the id is the queue's URL."""

    service = "sqs"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "queueUrl": Input(required=True, replaces=True),
        "policy": Input(required=True, json=True),
        "region": REGION,
    }
    outputs = ()
    operation = "SetQueueAttributes"
    members = {"queueUrl": "QueueUrl"}  # noqa: RUF012 # declared ClassVar by Kind

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Put the policy on the queue."""
        _set_policy(client, inputs["queueUrl"], inputs["policy"])
        return str(inputs["queueUrl"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the queue's policy."""
        policy = _read(client, resource_id).get("Policy")
        if not policy:
            raise GoneError(f"{resource_id} has no policy")
        return {"queueUrl": resource_id, "policy": policy}

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

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Leave the queue without a policy, as a new one is."""
        _set_policy(client, resource_id, "")


def _read(client: Any, url: str) -> dict[str, str]:
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(answer["Attributes"])


def _set_policy(client: Any, url: str, policy: str) -> None:
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
