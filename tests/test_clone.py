"""A clone of this repository, as people use one. Real: the files of git, pip, make and pytest."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.wheel import bare, pip, run


@pytest.fixture
def clone(tmp_path):
    """Return a folder with the files that git knows, and nothing else."""
    listed = run("git", "ls-files", "-z", cwd=ROOT)
    for name in listed.strip("\0").split("\0"):
        copy = tmp_path / "clone" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy, follow_symlinks=False)
    return tmp_path / "clone"


def test_a_clone_that_was_installed_from_still_runs_its_tests(clone, tmp_path):
    """What pip leaves in the clone does not come in the way of pytest there."""
    pip("install", "--no-deps", "--target", tmp_path / "installed", clone)
    assert list(clone.glob("*.egg-info"))
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    own = {key: value for key, value in bare().items() if not key.startswith("PYTEST_")}
    done = run(*command, "tests/test_emulator_log.py", cwd=clone, env=own)
    assert " passed" in done


def test_make_hands_arguments_on_to_pytest():
    """Who gives ARGS runs those tests and no others."""
    mine = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "ARGS")}
    done = subprocess.run(
        ["make", "-n", "-o", ".venv/.dev", "test", "ARGS=tests/test_model.py -k 'impact or title'"],
        cwd=ROOT,
        env=mine,
        capture_output=True,
        text=True,
        check=True,
    )
    (command,) = (line for line in done.stdout.splitlines() if " -m pytest " in line)
    assert shlex.split(command)[-3:] == ["tests/test_model.py", "-k", "impact or title"]
