"""What was measured: the data that everything shown is made from."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmarks.ways import FLOOR
from pulumi_incidents import __version__
from tools.local_aws import ROOT

DISTRIBUTIONS = ("pulumi", "boto3", "botocore", "moto", "waitress", "awscli")


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(_Data):
    """One operation on all plans of a life."""

    seconds: float
    """Wall time of the whole command."""
    calls: int
    """Requests that reached the local AWS."""
    plugin_kib: int | None = None
    """Peak resident memory of the plugin process."""


class Life(_Data):
    """Plans brought up, left as they are, updated, refreshed and destroyed, in one way."""

    plans: int
    way: str
    latency_ms: int
    turn: int
    operations: dict[str, Measured] = {}

    @property
    def key(self) -> tuple[int, str, int, int]:
        """What tells a life from all others of a run."""
        return self.plans, self.way, self.latency_ms, self.turn


class Setting(_Data):
    """Where it was measured, and with what."""

    machine: dict[str, str]
    versions: dict[str, str]


class Results(_Data):
    """One run."""

    day: str
    setting: Setting
    lives: list[Life] = []
    startups: list[dict[str, float]] = []

    def measured(self, way: str, plans: int, latency_ms: int, operation: str) -> list[Measured]:
        """Return every measurement of an operation; the engine's floor knows no latency."""
        latency_ms = 0 if way == FLOOR else latency_ms
        return [
            life.operations[operation]
            for life in self.lives
            if (life.plans, life.way, life.latency_ms) == (plans, way, latency_ms)
            and operation in life.operations
        ]

    def save(self, path: Path) -> None:
        """Write the data, all or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(self.model_dump_json(indent=1, exclude_none=True) + "\n")
        draft.replace(path)


def load(path: Path) -> Results:
    """Read the data of a run."""
    return Results.model_validate_json(path.read_text())


def today() -> str:
    """Return the day, in UTC."""
    return datetime.now(timezone.utc).date().isoformat()


def setting(programs: Path) -> Setting:
    """Describe this machine, and the versions of all that takes part."""
    engine = subprocess.run(  # noqa: S603 - the engine
        [str(programs / "pulumi"), "version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    memory = int(_first(r"MemTotal: +(\d+)", "/proc/meminfo"))
    return Setting(
        machine={
            "Processor": _first(r"model name\s*: (.+)", "/proc/cpuinfo"),
            "Cores": str(len(re.findall(r"^processor\s", _read("/proc/cpuinfo"), re.MULTILINE))),
            "Memory": f"{memory / 2**20:.0f} GiB",
            "System": f"{platform.system()} {platform.release()}",
        },
        versions={
            "pulumi-incidents": f"{__version__}, code {_code()}",
            "Python": platform.python_version(),
            "Pulumi engine": engine.removeprefix("v"),
            **{name: _version(name) for name in DISTRIBUTIONS},
        },
    )


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "none"


def _code() -> str:
    """Return what tells the measured code, and that which measures, from any other."""
    digest = hashlib.sha256()
    rooms = ("identity", "providers", "emulator", "stand_in")
    for folder in (*(f"pulumi_incidents/{room}" for room in rooms), "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, _read(path))
    return found[1] if found else ""


def _read(path: str) -> str:
    return Path(path).read_text()
