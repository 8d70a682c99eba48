"""What a stack's configuration file says, checked before anything is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import pulumi
import pydantic

from pulumi_incidents.stacks.incident_response import IncidentResponseArgs

_EXAMPLE = """
  incidents:response:
    title: Checkout is failing
    impact: 2
"""


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=True)


class Subscriber(_Strict):
    """One of `subscribers` of a topic: see `SubscriberArgs`."""

    protocol: Literal["email", "https", "lambda", "sqs"]
    endpoint: str


class Topic(_Strict):
    """`notifications` or `chat` of `incidents:response`: see `IncidentTopicArgs`."""

    subscribers: list[Subscriber] | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None


class Runbook(_Strict):
    """`runbook` of `incidents:response`: see `RunbookArgs`."""

    document_name: str | None = None
    content: str | None = None
    document_version: str | None = None
    parameters: dict[str, list[str]] | None = None
    dynamic_parameters: dict[str, dict[str, str]] | None = None
    role_arn: str | None = None
    cross_account: bool | None = None


class Alarm(_Strict):
    """One of `alarms` of `incidents:response`: see `MetricAlarmArgs`."""

    namespace: str
    metric_name: str
    threshold: float
    comparison_operator: str | None = None
    statistic: str | None = None
    period: int | None = None
    evaluation_periods: int | None = None
    dimensions: dict[str, str] | None = None
    description: str | None = None
    treat_missing_data: str | None = None


class Event(_Strict):
    """One of `events` of `incidents:response`: see `EventRuleArgs`."""

    event_pattern: dict[str, Any]
    event_bus_name: str | None = None
    description: str | None = None


class Settings(_Strict):
    """The object `incidents:response`: see `IncidentResponseArgs` for each key.

    Only names and types are checked here. The limits of AWS are checked where they are known, by
    the resources in preview.
    """

    title: str
    impact: int
    plan_name: str | None = None
    summary: str | None = None
    dedupe_string: str | None = None
    engagements: list[str] | None = None
    notifications: Topic | None = None
    notification_topic_arns: list[str] | None = None
    chat: Topic | None = None
    chat_topic_arns: list[str] | None = None
    runbook: Runbook | None = None
    alarms: dict[str, Alarm] | None = None
    events: dict[str, Event] | None = None
    tags: dict[str, str] | None = None

    def args(self, drill: str | None = None) -> IncidentResponseArgs:
        """Return the settings as the inputs of the component, with a drill of that occurrence."""
        args = cast("IncidentResponseArgs", self.model_dump(exclude_none=True))
        return {**args, "drill": {"occurrence": drill}} if drill else args


def load_settings(config: pulumi.Config) -> Settings:
    """Read `response` of the stack's configuration.

    :raises pulumi.RunError: one sentence for each mistake, naming the key and the stack's file.
    """
    file = f"Pulumi.{pulumi.get_stack()}.yaml"
    key = config.full_key("response")
    value: Any = config.get_object("response")
    if value is None:
        raise pulumi.RunError(
            f"{file} has no {key}. Add it below `config:`, for example:{_EXAMPLE}"
        )
    try:
        return Settings.model_validate(value)
    except pydantic.ValidationError as error:
        sentences = [
            f"{'.'.join([key, *map(str, mistake['loc'])])} in {file}: {_message(mistake)}."
            for mistake in error.errors()
        ]
        raise pulumi.RunError("\n".join(sentences)) from None


def _message(mistake: Mapping[str, Any]) -> str:
    if mistake["type"] == "extra_forbidden":
        return "there is no such key"
    return str(mistake["msg"])
