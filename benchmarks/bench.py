"""Live one life: the engine or a script against a local AWS, in an empty folder, measured."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks import ways
from benchmarks.plans import AFTER, BEFORE, plans
from benchmarks.results import Life, Measured
from benchmarks.startup import first_answers
from benchmarks.watched import watch
from tools import local_aws
from tools.common import ToolError, file_backend
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Bench:
    """A local AWS, and a new folder with an environment for everything that is measured."""

    def __init__(self, url: str, programs: Path, folder: Path) -> None:
        self._url = url
        self._programs = programs
        self._folder = folder
        self._open = build_opener(ProxyHandler({})).open

    def live(self, life: Life, tell: Callable[[str], None]) -> Life:
        """Return a life with all of its operations, each told as soon as it is measured."""
        self._control("POST", "reset")
        # The topics of the plans are not there, and who may publish to them is not measured.
        self._control("PUT", "permissions", {"mode": "off"})
        if life.latency_ms:
            delay = {"operation": "*", "times": None, "delay": life.latency_ms / 1000}
            self._control("POST", "faults", delay)
        measured: dict[str, Measured] = {}
        with self._room() as (folder, env):
            ways.prepare(life.way, folder)
            if life.way in ways.ENGINE:
                watch(["pulumi", "stack", "init", "local"], folder, env)
            for operation in ways.OPERATIONS:
                summary = BEFORE if operation in ("up", "unchanged") else AFTER
                ways.declare(life.way, folder, plans(life.plans, summary))
                if command := ways.command(life.way, operation):
                    measured[operation] = self._measure(command, folder, env)
                    _compare_calls(life, operation, measured[operation].calls)
                    tell(f" {operation} {measured[operation].seconds:.1f} s")
        return life.model_copy(update={"operations": measured})

    def first_answers(self) -> dict[str, float]:
        """Return the seconds that the plugin process takes to its first answers."""
        with self._room() as (folder, env):
            return first_answers(folder, env)

    def _measure(self, command: list[str], folder: Path, env: dict[str, str]) -> Measured:
        self._control("DELETE", "requests")
        seconds, plugin_kib = watch(command, folder, env)
        calls = len(self._control("GET", "requests")["requests"])
        return Measured(seconds=round(seconds, 3), calls=calls, plugin_kib=plugin_kib)

    def _control(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self._url}/_local/{path}", body, method=method)  # noqa: S310 - ours
        try:
            with self._open(request) as answer:
                return json.loads(answer.read() or "null")
        except OSError as error:
            raise ToolError(f"The local AWS does not answer any more ({error}).") from error

    @contextmanager
    def _room(self) -> Iterator[tuple[Path, dict[str, str]]]:
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            (Path(name) / "state").mkdir()
            yield Path(name), self._environment(Path(name))

    def _environment(self, folder: Path) -> dict[str, str]:
        mine = {
            key: os.environ[key] for key in os.environ if not key.startswith(("AWS_", "PULUMI_"))
        }
        path = [str(Path(sys.executable).parent), str(self._programs), os.environ["PATH"]]
        return {
            **mine,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_ENDPOINT_URL": self._url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "PATH": os.pathsep.join(path),
            "PULUMI_BACKEND_URL": file_backend(folder / "state"),
            "PULUMI_CONFIG_PASSPHRASE": "local",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PYTHONPATH": str(ROOT),
        }


def _compare_calls(life: Life, operation: str, calls: int) -> None:
    """Refuse to compare with a script that does more or less than the provider has to."""
    wanted = ways.CALLS[operation] * life.plans
    if life.way not in ways.ENGINE and calls != wanted:
        raise ToolError(f"{operation} by {life.way} made {calls} requests instead of {wanted}.")


@contextmanager
def opened(programs: Path) -> Iterator[Bench]:
    """Start a local AWS beside the engine's `programs`, and end it."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        aws = local_aws.start(folder, 0)
        try:
            yield Bench(aws.url, programs, folder)
        finally:
            local_aws.stop(folder, aws)
