"""mypy as `make check` runs it, with the cache of it, one at a time."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys

from tests.conftest import ROOT


def mypy(settings, path, *more_paths):
    """Type-check what is at a path and return what ended; `more_paths` hold modules it imports."""
    cache = ROOT / ".mypy_cache"
    cache.mkdir(exist_ok=True)
    # Other workers of pytest-xdist wait: the cache is a database.
    with (cache / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run(
            [sys.executable, "-m", "mypy", "--config-file", settings, path],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": os.pathsep.join(map(str, (ROOT, *more_paths)))},
            capture_output=True,
            text=True,
            check=False,
        )
