"""What AWS's documents rule out and the model of its API lets through: ARNs of the wrong service.

Follows the members of CreateResponsePlan and StartIncident in the API reference, *Chat channels*
and *Integrations* in the Incident Manager user guide, and CreateSecret of Secrets Manager. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from botocore.model import StructureShape

from pulumi_incidents.providers import _model
from pulumi_incidents.providers._model import Failure, below, echo


class Rule(NamedTuple):
    """What a text has to be, as a pattern and in words."""

    pattern: re.Pattern[str]
    reason: str


TOPIC = Rule(
    re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?"),
    "must be the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:incidents",
)
DOCUMENT = Rule(
    re.compile(r"(?!arn:).*|arn:aws[a-z-]*:ssm:[a-z0-9-]*:(\d{12})?:[a-z-]+/.+", re.DOTALL),
    "must be the name of an automation document, or its ARN",
)
SECRET = Rule(
    re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+|[A-Za-z0-9/_+=.@-]+"),
    "must be the name or the ARN of a secret, never the key that is in it",
)


def failures(
    shape: StructureShape, inputs: Mapping[str, Any], rules: Mapping[str, Rule]
) -> Iterator[Failure]:
    """Yield what breaks a rule, by paths such as `chat_channel.chatbot_sns[]`.

    What the model refuses already is not told twice.
    """
    found = [
        (path, rule, value)
        for written, rule in rules.items()
        for path, value in _values(inputs, written.split("."), "")
        if not rule.pattern.fullmatch(value)
    ]
    if not found:
        return
    known = {key: inputs[key] for key in inputs if key in _model.members(shape)}
    told = {failure.path for failure in _model.check(shape, known)}
    for path, rule, value in found:
        if path not in told:
            # What stands in place of a secret's name may be the secret, which no log is to have.
            yield Failure(path, rule.reason, "" if rule is SECRET else echo(value))


def _values(value: Any, steps: list[str], path: str) -> Iterator[tuple[str, str]]:
    """Yield the texts at the end of some steps, with their paths; a step may be a list's."""
    if not steps:
        if isinstance(value, str) and value:
            yield path, value
        return
    step, *further = steps
    key = step.removesuffix("[]")
    if not isinstance(value, Mapping) or key not in value:
        return
    inner, place = value[key], below(path, key)
    if step == key:
        yield from _values(inner, further, place)
    elif isinstance(inner, (list, tuple)):
        for number, item in enumerate(inner):
            yield from _values(item, further, f"{place}[{number}]")
