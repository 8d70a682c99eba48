"""How long the plugin process takes to its first answers, beside what it has to import."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING, Final

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from benchmarks.floor import FloorProvider
from benchmarks.plans import BEFORE, plans
from benchmarks.watched import running, watch
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tools.common import ToolError

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi.dynamic import ResourceProvider

PULUMI_BOTOCORE: Final = "`import pulumi, botocore`"
PULUMI_SESSION: Final = "`import pulumi, botocore.session`"
FIRST_ANSWER: Final = "Plugin process to its first answer"
FLOOR_CHECK: Final = "Plugin process to the first check of the engine's floor"
FIRST_CHECK: Final = "Plugin process to the first check of this provider"

_IMPORTS = {
    PULUMI_BOTOCORE: "import pulumi, botocore",
    PULUMI_SESSION: "import pulumi, botocore.session",
    "`import pulumi, boto3`": "import pulumi, boto3",
}

_WAIT_SECONDS = 60


def first_answers(folder: Path, env: dict[str, str]) -> dict[str, float]:
    """Return, in seconds from the start of each process, one round of all figures."""
    seconds = {
        name: watch([sys.executable, "-c", code], folder, env).seconds
        for name, code in _IMPORTS.items()
    }
    seconds[FIRST_ANSWER], seconds[FLOOR_CHECK] = _ask(folder, env, FloorProvider())
    _, seconds[FIRST_CHECK] = _ask(folder, env, ResponsePlanProvider())
    return seconds


def _ask(folder: Path, env: dict[str, str], provider: ResourceProvider) -> tuple[float, float]:
    """Start the plugin process as the engine does; return when it said its version, and checked."""
    properties = struct_pb2.Struct()
    (plan,) = plans(1, BEFORE).values()
    properties.update({**plan, "__provider": serialize_provider(provider)})
    log = folder / "output.log"
    start = time.perf_counter()
    with (
        log.open("wb") as out,
        running(["pulumi-resource-pulumi-python"], folder, env, out.fileno()),
        grpc.insecure_channel(f"127.0.0.1:{_port(log)}") as channel,
    ):
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.GetPluginInfo(empty_pb2.Empty(), timeout=_WAIT_SECONDS)
        told = time.perf_counter()
        stub.Configure(provider_pb2.ConfigureRequest(), timeout=_WAIT_SECONDS)
        answer = stub.Check(provider_pb2.CheckRequest(news=properties), timeout=_WAIT_SECONDS)
        checked = time.perf_counter()
    if answer.failures:
        raise ToolError(f"The plans of the benchmark are refused: {answer.failures}")
    return told - start, checked - start


def _port(log: Path) -> int:
    give_up = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < give_up:
        text = log.read_text(errors="replace")
        if found := re.match(r"(\d+)\n", text):
            return int(found[1])
        time.sleep(0.002)
    raise ToolError(f"The plugin process told no port within {_WAIT_SECONDS} s: {text.strip()}")
