"""Which account a command looks at, and as whom: the options that all of them share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError

from pulumi_incidents.commands import _engine
from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._plans import ARN
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.identity.reading import taken
from pulumi_incidents.identity.settings import IdentityError, Settings, overridden, settings_of

_PANEL = "Which account"

Stack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Look where this Pulumi stack is: by its aws: configuration and its outputs.",
        rich_help_panel=_PANEL,
    ),
]
Cwd = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The folder of the stack's program, if it is not this one.",
        rich_help_panel=_PANEL,
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="The region to ask, one of the replication set. By default that of the stack, or of "
        "the environment.",
        rich_help_panel=_PANEL,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="PROFILE",
        help="The profile of the AWS configuration to ask as. It replaces the keys and roles of a "
        "stack.",
        rich_help_panel=_PANEL,
    ),
]


def account(
    stack: str | None = None,
    cwd: Path | None = None,
    region: str | None = None,
    profile: str | None = None,
) -> Account:
    """Return the account that the options lead to; it is not called yet.

    But where a stack says which accounts may be used: then AWS is asked which one it is.

    :raises IncidentManagerError: one sentence, if they lead to none.
    """
    _check(stack, cwd)
    settings = _settings(stack, cwd) if stack else Settings()
    settings = overridden(settings, {"region": region, "profile": profile})
    try:
        found = Account(settings)
    except (BotoCoreError, IdentityError) as error:
        raise IncidentManagerError(f"AWS cannot be asked: {str(error).rstrip('.')}.") from None
    _ = found.region  # without one nothing can be looked at
    if settings.limits_accounts:
        _ = found.id
    return found


def outputs(stack: str | None = None, cwd: Path | None = None) -> dict[str, Any]:
    """Return the outputs of a stack; without a stack there are none.

    :raises IncidentManagerError: one sentence, if they cannot be read.
    """
    _check(stack, cwd)
    return dict(_engine.outputs(stack, cwd)) if stack else {}


def plans(stack: str | None = None, cwd: Path | None = None) -> list[str]:
    """Return the ARNs of the response plans that are anywhere in the outputs of a stack.

    Without a stack there are none.

    :raises IncidentManagerError: one sentence, if its outputs name no plan, or cannot be read.
    """
    return plans_in(outputs(stack, cwd), stack) if stack else []


def plans_in(outputs: Mapping[str, Any], stack: str) -> list[str]:
    """Return the ARNs of the response plans that are anywhere in these outputs of a stack.

    :raises IncidentManagerError: one sentence, if they name no plan.
    """
    found = [*dict.fromkeys(_named(outputs))]
    if not found:
        raise IncidentManagerError(
            f"No output of stack {stack} has the ARN of a response plan: export one, as in "
            '`pulumi.export("plan_arn", plan.arn)`, or name the plan. A secret output is not read.'
        )
    return found


def _check(stack: str | None, cwd: Path | None) -> None:
    if cwd and not stack:
        raise IncidentManagerError("--cwd is the folder of a stack: add --stack NAME.")
    if cwd and not cwd.is_dir():
        raise IncidentManagerError(f"{cwd} is not a folder: correct --cwd.")


def _settings(stack: str, cwd: Path | None) -> Settings:
    values, failures = taken(_engine.aws_settings(stack, cwd))
    if failures:
        path, reason = failures[0]
        end = "" if reason.endswith("?") else "."
        raise IncidentManagerError(f"aws:{path} of stack {stack} {reason}{end}")
    return settings_of(values)


def _named(value: Any) -> Iterator[str]:
    """Yield every ARN of a response plan in a value."""
    if isinstance(value, str):
        yield from re.findall(ARN, value)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)
