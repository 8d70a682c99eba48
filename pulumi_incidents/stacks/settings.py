"""What a stack's configuration file says, checked before anything is declared."""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi.runtime.config import is_config_secret

from pulumi_incidents.stacks._addresses import address_failures, addressed
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._mistakes import ended
from pulumi_incidents.stacks.incident_response import IncidentResponseArgs

_EXAMPLE = """
  incidents:response:
    title: Checkout is failing
    impact: 2
"""


def load_settings(config: pulumi.Config) -> IncidentResponseArgs:
    """Return the object `response` of the stack's configuration as the inputs of a component.

    The text `drill`, if it is set, is the `occurrence` of its drill. The object `addresses` has
    those of the people in `on_call`, by name and channel; they are secrets, encrypted there or not.
    Keys and types are checked here, and the rest by the component.

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
    declared = _with_drill(_decoded(text), config.get("drill"))
    addresses = _decoded(config.get("addresses"))
    response: IncidentResponseArgs = addressed(declared, addresses)
    failures = [
        *look_at(IncidentResponseArgs, response, key, secret=secret).failures,
        *address_failures(declared, addresses, config.full_key("addresses"), key),
    ]
    if failures:
        raise pulumi.RunError("\n".join(ended(mine.told(f" in {file}")) for mine in failures))
    if secret:
        # Names and documents have to be plain text, so the values would not stay secret.
        raise pulumi.RunError(
            f"{key} in {file} is a secret, and its values would reach the state in plain text: "
            "set it without --secret. A plan needs no secret, at most the name of one, and "
            f"addresses of people go into {config.full_key('addresses')}."
        )
    return response


def _decoded(text: str | None) -> Any:
    """Return what a value of the configuration is: maps and lists reach a program as JSON."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _with_drill(response: Any, occurrence: str | None) -> Any:
    """Return a response with a drill of this occurrence; what is no map is told by its check."""
    drill = response.get("drill") or {} if isinstance(response, dict) else None
    if not occurrence or not isinstance(drill, dict):
        return response
    return {**response, "drill": {**drill, "occurrence": occurrence}}
