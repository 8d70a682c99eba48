"""What a stack's configuration file says, checked before anything is declared."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal, cast, get_args, get_origin

import pulumi
import pydantic
from pulumi.runtime.config import is_config_secret
from pydantic_core import ErrorDetails

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
    name: str | None = None


class Topic(_Strict):
    """`notifications` or `chat` of `incidents:response`: see `IncidentTopicArgs`."""

    subscribers: list[Subscriber] | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None
    other_regions: list[str] | None = None


class Runbook(_Strict):
    """`runbook` of `incidents:response`: see `RunbookArgs`."""

    document_name: str | None = None
    content: str | None = None
    document_version: str | None = None
    parameters: dict[str, list[str]] | None = None
    dynamic_parameters: dict[str, dict[str, str]] | None = None
    role_arn: str | None = None
    assume_role_arn: str | None = None
    statements: list[dict[str, Any]] | None = None
    cross_account: bool | None = None
    share_with: list[str] | None = None


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
    adopt_existing: bool | None = None
    tags: dict[str, str] | None = None

    def args(self, drill: str | None = None) -> IncidentResponseArgs:
        """Return the settings as the inputs of the component, with a drill of that occurrence."""
        args = cast("IncidentResponseArgs", self.model_dump(exclude_none=True))
        return {**args, "drill": {"occurrence": drill}} if drill else args


def load_settings(config: pulumi.Config) -> Settings:
    """Read `response` of the stack's configuration.

    :raises pulumi.RunError: one sentence for each mistake, naming the key and the stack's file.
        What was given is told as well, unless it is a secret.
    """
    file = f"Pulumi.{pulumi.get_stack()}.yaml"
    key = config.full_key("response")
    text = config.get("response")
    if text is None:
        raise pulumi.RunError(
            f"{file} has no {key}. Add it below `config:`, for example:{_EXAMPLE}"
        )
    secret = is_config_secret(key)
    try:
        settings = Settings.model_validate(_decoded(text))
    except pydantic.ValidationError as error:
        sentences = [
            f"{'.'.join([key, *map(str, mistake['loc'])])} in {file}: {_told(mistake, secret)}"
            for mistake in error.errors()
        ]
        raise pulumi.RunError("\n".join(sentences)) from None
    if secret:
        # Names and documents have to be plain text, so the values would not stay secret.
        raise pulumi.RunError(
            f"{key} in {file} is a secret, and its values would reach the state in plain text: "
            "set it without --secret. A plan needs no secret, at most the name of one."
        )
    return settings


def _decoded(text: str) -> Any:
    """Return what a value of the configuration is: maps and lists reach a program as JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _told(mistake: ErrorDetails, secret: bool) -> str:  # noqa: FBT001 - of one private caller
    """Return what is wrong with one value, and what was given."""
    path, kind = mistake["loc"], mistake["type"]
    if kind == "missing":
        return "Field required."
    if kind == "extra_forbidden":
        known = list(_model_at(path[:-1]).model_fields)
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The keys are {', '.join(known)}."
        return f"there is no such key. {hint}"
    if kind == "model_type":
        return f"Input should be a map with the keys {', '.join(_model_at(path).model_fields)}."
    told = mistake["msg"].replace("a valid dictionary", "a map")
    return f"{told}." if secret else f"{told}; got {_shown(mistake['input'])}."


def _model_at(path: Sequence[str | int]) -> type[pydantic.BaseModel]:
    """Return the model whose keys are looked for at a path, in which lists and names have steps."""
    model: type[pydantic.BaseModel] = Settings
    for step in path:
        field = model.model_fields.get(str(step))
        model = next(_models(field.annotation), model) if field else model
    return model


def _models(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    # Python 3.10 takes `list[Alarm]` for a class.
    is_class = isinstance(annotation, type) and get_origin(annotation) is None
    if is_class and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


_LONGEST_SHOWN = 60


def _shown(value: Any) -> str:
    """Return a value as the stack's file has it, when it is short enough to be found there."""
    if isinstance(value, (dict, list)):
        return "a map" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
