"""Quick tests with other versions of Python and of what the package needs.

`python -m tools.versions` runs them with the lowest versions that pyproject.toml allows, on the
oldest Python, and with the highest on every Python from 3.10 to 3.14 that is on this machine. Each
has an environment of its own in build/versions. Which Pythons were missing is said at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tools.common import ToolError, exit_code, say
from tools.local_aws import ROOT

FOLDER = ROOT / "build" / "versions"
MINORS = range(10, 15)
UV = ROOT / ".venv-docs" / "bin" / "uv"

# What goes through every library that the package needs; some tests are on the engine.
TESTS = (
    *("diff", "errors", "model", "ownership", "settings", "configuration"),
    *("incident", "plugin_process", "response_plan", "stacks"),
    *("commands_reading", "commands_times", "commands_who"),
    *("emulator", "emulator_protocol", "emulator_triggers", "emulator_validation"),
)


class Run(NamedTuple):
    """One environment: a Python and how versions are chosen."""

    name: str
    python: Path
    resolution: str


def runs() -> list[Run]:
    """Return the lowest versions on the oldest Python here, and the highest on all of them."""
    found = {minor: python for minor in MINORS if (python := _python(minor))}
    if not found:
        raise ToolError("There is no Python from 3.10 to 3.14 here: install one.")
    oldest = min(found)
    lowest = Run(f"3.{oldest}-lowest", found[oldest], "lowest-direct")
    return [lowest, *(Run(f"3.{minor}-highest", found[minor], "highest") for minor in found)]


def _python(minor: int) -> Path | None:
    """Return a Python of that version which runs: on PATH, or one that pyenv has."""
    name = f"python3.{minor}"
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    places = [shutil.which(name), *sorted(versions.glob(f"3.{minor}.*/bin/{name}"), reverse=True)]
    return next((Path(place) for place in places if place and _works(place)), None)


def _works(python: str | Path) -> bool:
    """Tell whether it is more than a name: pyenv puts one for each of its versions on PATH."""
    return not subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode  # noqa: S603 - a Python


def check(run: Run) -> bool:
    """Make the environment of a run, say what is in it, and tell whether its tests pass."""
    say(f"\n{run.name}: {run.resolution} versions")
    home = FOLDER / run.name
    python = home / "bin" / "python"
    install = ("pip", "install", "--quiet", "--python", python, "--resolution", run.resolution)
    _uv("venv", "--quiet", "--clear", "--seed", "--python", run.python, home)
    _uv(*install, "-r", ROOT / "requirements.txt")
    _uv("pip", "list", "--quiet", "--python", python)
    tests = [f"tests/test_{name}.py" for name in TESTS]
    return not _run(python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *tests)


def _uv(*arguments: str | Path) -> None:
    if _run(UV, *arguments):
        raise ToolError(f"uv could not do it: {' '.join(map(str, arguments))}.")


def _run(*command: str | Path) -> int:
    bare = {
        name: os.environ[name] for name in os.environ if name not in {"VIRTUAL_ENV", "PYTHONPATH"}
    }
    return subprocess.run(command, cwd=ROOT, env=bare, check=False).returncode  # noqa: S603 - ours


def main() -> int:
    """Do all runs, and say how each ended."""
    wanted = runs()
    passed = {run.name: check(run) for run in wanted}
    say("")
    for name, ok in passed.items():
        say(f"{name:<14} {'passed' if ok else 'FAILED'}")
    missing = [f"3.{minor}" for minor in MINORS if f"3.{minor}-highest" not in passed]
    if missing:
        say(f"not here       {', '.join(missing)}")
    return 0 if all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(exit_code(main))
