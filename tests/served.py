"""A local AWS with a state file, as a process that is ended and started again."""

from __future__ import annotations

import subprocess
import sys

from pulumi_incidents.emulator.testing import LocalAws
from tests.conftest import ROOT


class Server:
    """Use it as a context; `aws` is what runs now."""

    def __init__(self, state):
        """Keep the state in a file."""
        self._state = state

    def __enter__(self):
        """Start it."""
        command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0"]
        self._process = subprocess.Popen(
            [*command, "--replication-set=us-east-1", f"--state={self._state}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.aws = LocalAws(self._process.stdout.readline().strip())
        return self

    def __exit__(self, *_):
        """End it."""
        self._end()

    def restart(self, *, kill=False):
        """End it, in order or not, and start it again."""
        self._end(kill=kill)
        self.__enter__()

    def _end(self, *, kill=False):
        with self._process as process:
            if kill:
                process.kill()
            else:
                process.terminate()
