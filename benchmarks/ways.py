"""The ways that are compared, and how each is told what to do: files, then one command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.plans import AFTER, request

PROVIDER: Final = "provider"
FLOOR: Final = "floor"
BOTO3_1: Final = "boto3-1"
BOTO3_4: Final = "boto3-4"
CLI: Final = "cli"

WAYS: Final = {
    PROVIDER: "this provider",
    FLOOR: "engine's floor",
    BOTO3_1: "boto3, 1 thread",
    BOTO3_4: "boto3, 4 threads",
    CLI: "AWS CLI loop",
}
"""Every way, and how it is called where people read of it."""

ENGINE: Final = (PROVIDER, FLOOR)
OPERATIONS: Final = ("up", "unchanged", "update", "refresh", "destroy")

CALLS: Final = {"up": 1, "unchanged": 0, "update": 2, "refresh": 2, "destroy": 2}
"""Requests for one plan: the fewest that AWS allows, where nothing of others may be changed."""

_MODULES = {PROVIDER: "pulumi_incidents.providers", FLOOR: "benchmarks.floor"}
_PROGRAM = """
import json
import pathlib

from {module} import ResponsePlan

for name, plan in json.loads(pathlib.Path("plans.json").read_text()).items():
    ResponsePlan(name, **plan)
"""
_ENGINE_COMMAND = {"unchanged": "up", "update": "up"}
_CLI_LOOP = Path(__file__).with_name("cli_loop.sh")


def prepare(way: str, folder: Path) -> None:
    """Write what a way needs besides the plans."""
    if way in ENGINE:
        (folder / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
        (folder / "__main__.py").write_text(_PROGRAM.format(module=_MODULES[way]))


def declare(way: str, folder: Path, plans: dict[str, dict[str, Any]]) -> None:
    """Write the plans down."""
    (folder / "plans.json").write_text(json.dumps(plans))
    if way == CLI:
        for name, plan in plans.items():
            (folder / f"{name}.json").write_text(json.dumps(request(plan)))


def command(way: str, operation: str) -> list[str]:
    """Return what does an operation; nothing where a script has nothing to do.

    Only the engine can tell that nothing changed; whoever runs a script has to know it.
    """
    if way in ENGINE:
        name = _ENGINE_COMMAND.get(operation, operation)
        return ["pulumi", name, "--yes", "--skip-preview", "--non-interactive"]
    if operation == "unchanged":
        return []
    if way == CLI:
        return [str(_CLI_LOOP), operation, AFTER]
    return [sys.executable, "-m", "benchmarks.calls", operation, way.removeprefix("boto3-")]
