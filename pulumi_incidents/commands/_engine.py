"""What the Pulumi engine knows of a stack, asked as a person would: `pulumi` on PATH."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_incidents.identity.errors import IncidentManagerError

_AWS = "aws:"
_PATIENCE = 300
"""Seconds to wait for an answer; a backend in a cloud may be slow, and a login never ends."""


def outputs(stack: str, folder: Path | None) -> Any:
    """Return the outputs of a stack; a secret one stays hidden.

    :raises IncidentManagerError: one sentence, with what the engine says.
    """
    return _asked(stack, folder, "stack", "output")


def aws_settings(stack: str, folder: Path | None) -> dict[str, Any]:
    """Return the `aws:` configuration of a stack, by its keys without that prefix.

    Secrets are opened only if one of these keys is one.

    :raises IncidentManagerError: one sentence, with what the engine says.
    """
    found = _of_aws(_asked(stack, folder, "config"))
    if any(each.get("secret") for each in found.values()):
        found = _of_aws(_asked(stack, folder, "config", "--show-secrets"))
    return {key: each.get("value") for key, each in found.items()}


def _of_aws(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key.removeprefix(_AWS): each for key, each in settings.items() if key.startswith(_AWS)}


def _asked(stack: str, folder: Path | None, *command: str) -> Any:
    place = f"stack {stack} in {folder or Path.cwd()}"
    engine = shutil.which("pulumi")
    if engine is None:
        raise IncidentManagerError(
            f"The Pulumi engine, which knows {place}, is not on PATH: install it as "
            "https://www.pulumi.com/docs/install/ says, or leave --stack out."
        )
    options = ("--json", "--stack", stack, "--cwd", str(folder or "."), "--non-interactive")
    try:
        done = subprocess.run(  # noqa: S603 - the engine, and a person's own stack
            [engine, *command, *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise IncidentManagerError(
            f"The Pulumi engine did not tell of {place} within {_PATIENCE} seconds: run "
            f"`pulumi {' '.join(command)} --stack {stack}` to see what it waits for."
        ) from None
    if done.returncode:
        raise IncidentManagerError(f"The Pulumi engine cannot read {place}: {_said(done.stderr)}.")
    return json.loads(done.stdout)


def _said(told: str) -> str:
    """Return what the engine says is wrong: its first error, or else its last line."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    errors = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    return next((each for each in [*errors, *lines[-1:]] if each), "it does not say why").rstrip(
        "."
    )
