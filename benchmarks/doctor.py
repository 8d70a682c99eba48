"""How long `pulumi-incidents doctor --all` looks at a large account, and how often it asks.

`python -m benchmarks.doctor` measures it, in a minute; `python -m benchmarks.report` tells it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from subprocess import DEVNULL, run
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from benchmarks import crowd
from benchmarks.results import today
from pulumi_incidents.emulator.testing import running
from tools.common import ToolError
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from pulumi_incidents.emulator.testing import LocalAws

DATA = Path(__file__).with_name("doctor.json")
LATENCY_MS = 20
TARGET_SECONDS = 10
_TURNS = 5
_COULD_NOT_LOOK = 2


class Looked(BaseModel):
    """What was measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: str
    latency_ms: int
    calls: int
    """Requests of one command."""
    seconds: list[float]
    """Wall time of the command, once for each turn."""

    def told(self) -> str:
        """Return it for the document."""
        middle, low, high = statistics.median(self.seconds), min(self.seconds), max(self.seconds)
        verdict = "holds" if high < TARGET_SECONDS else "missed"
        return (
            f"`pulumi-incidents doctor --all` of {crowd.PLANS} response plans, {crowd.CONTACTS} "
            f"contacts and {crowd.ROTATIONS} rotations, each request {self.latency_ms} ms away: "
            f"{middle:.1f} s ({low:.1f}–{high:.1f}), the start of Python included, and "
            f"{self.calls} requests, eight at a time. Target: less than {TARGET_SECONDS} s, which "
            f"{verdict}. Measured on {self.day}, {len(self.seconds)} times, by "
            "`python -m benchmarks.doctor`."
        )


def load() -> Looked:
    """Read what was measured."""
    return Looked.model_validate_json(DATA.read_text())


def measure(turns: int = _TURNS) -> Looked:
    """Measure it on a local AWS of its own."""
    with running() as aws:
        crowd.settle(aws)
        found = [_turn(aws) for _ in range(turns)]
    calls = {calls for _, calls in found}
    if len(calls) > 1:
        raise ToolError(f"The doctor asked {sorted(calls)} times: that should be one number.")
    seconds = [round(taken, 3) for taken, _ in found]
    return Looked(day=today(), latency_ms=LATENCY_MS, calls=calls.pop(), seconds=seconds)


def _turn(aws: LocalAws) -> tuple[float, int]:
    """Return how long one command took, and how many requests it made."""
    aws.forget()
    words = [str(LATENCY_MS / 1000), "doctor", "--all"]
    command = [sys.executable, "-m", "benchmarks.slowed", *words]
    with tempfile.TemporaryDirectory() as folder:
        env = {**aws.environment, "PYTHONPATH": str(ROOT)}
        start = time.perf_counter()
        done = run(command, cwd=folder, env=env, stdout=DEVNULL, check=False)  # noqa: S603 - ours
        taken = time.perf_counter() - start
    if done.returncode >= _COULD_NOT_LOOK:
        raise ToolError(f"The doctor ended with status {done.returncode}.")
    return taken, len(aws.requests(None))


def main() -> None:
    """Measure, and keep it."""
    found = measure()
    DATA.write_text(f"{found.model_dump_json(indent=1)}\n")
    sys.stdout.write(f"{found.told()}\n")


if __name__ == "__main__":
    main()
