"""What people hear of an incident: messages to the topics of its targets and its chat channel.

AWS's documents say which topics hear of an incident, and not what a message looks like: its shape
here is unverified. Public programs that read one take it for an event: `detail-type` is a type of
the timeline, `detail` has that event's data, and the incident is the first of `resources`. The
rest of the envelope is that of every event of AWS (EventBridge user guide, *Event structure*);
`incidentRecordArn`, `status` and `impact` are added to the data, so that one message is enough.
"""

from __future__ import annotations

import functools
import json
import sys
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import requests
from moto.sns import models as sns
from moto.sns.models import sns_backends

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.emulator.storage.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord

# The ARN of a topic, and the body of what is published to it.
Message = tuple[str, str]

# Seconds that who gets a message over HTTP has to answer it (SNS developer guide, *HTTP/HTTPS*).
_PATIENCE = 15


@functools.cache
def connect() -> None:
    """Let moto's SNS give up a receiver that does not answer: it would wait for ever."""
    impatient = SimpleNamespace(post=functools.partial(requests.post, timeout=_PATIENCE))
    vars(sns)["requests"] = impatient


def topics_of(record: IncidentRecord) -> list[str]:
    """Return the topics that hear of an incident, each once: its targets, its chat channel."""
    return _topics(record.members["notificationTargets"], record.members["chatChannel"])


def named_topics(parameters: dict[str, Any]) -> list[str]:
    """Return the topics that a request names for a plan, each once."""
    targets = [
        *parameters.get("incidentTemplate", {}).get("notificationTargets", []),
        *parameters.get("incidentTemplateNotificationTargets", []),
    ]
    return _topics(targets, parameters.get("chatChannel", {}))


def _topics(targets: Iterable[dict[str, str]], chat_channel: dict[str, Any]) -> list[str]:
    told = [target["snsTopicArn"] for target in targets]
    return list(dict.fromkeys([*told, *chat_channel.get("chatbotSns", [])]))


def message_about(record: IncidentRecord, kind: str, data: dict[str, Any], region: str) -> str:
    """Return the message about an event of the timeline, as JSON."""
    members = record.to_dict()
    detail = {name: members[name] for name in ("status", "impact")}
    return json.dumps(
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": kind,
            "source": "aws.ssm-incidents",
            "account": record.arn.split(":")[4],
            "time": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": [record.arn],
            "detail": {**data, "incidentRecordArn": record.arn, **detail},
        },
        ensure_ascii=False,
    )


class Sent(Recent):
    """What was sent lately."""

    def add(self, topic: str, body: str, error: str | None) -> None:
        """Keep a message; `error` is why its topic did not get it."""
        event = json.loads(body)
        self.keep(
            topic=topic,
            incident=event["resources"][0],
            kind=event["detail-type"],
            body=body,
            error=error,
        )

    def about(self, incident: str | None) -> list[dict[str, Any]]:
        """Return what was sent about an incident, or everything, in the order of sending."""
        return [each for each in self.all() if incident in (None, each["incident"])]


SENT = Sent()


def deliver(messages: Iterable[Message]) -> None:
    """Publish each message; what goes wrong with one is a line on stderr, and nobody's error."""
    for topic, body in messages:
        _, _, _, region, account, _ = topic.split(":", 5)
        failure = None
        try:
            sns_backends[account][region].publish(body, arn=topic)
        except Exception as error:  # noqa: BLE001 - subscribers fail in any way, incidents start
            failure = repr(error)
            sys.stderr.write(f"{topic} did not get a message about an incident: {failure}\n")
        SENT.add(topic, body, failure)
