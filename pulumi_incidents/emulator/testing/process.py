"""A local AWS as a process, which ends with the one that started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from pulumi_incidents.emulator.testing.connection import REGION, LocalAwsError
from pulumi_incidents.emulator.testing.local_aws import LocalAws

_START_SECONDS = 60
_STOP_SECONDS = 10


class _Process(LocalAws):
    """A local AWS that `running` has started, which can tell how it ended."""

    def __init__(self, url: str, process: subprocess.Popen[str], log: Path) -> None:
        super().__init__(url)
        self._process = process
        self._log = log

    def _silence(self, error: Exception) -> str:
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return super()._silence(error)
        return f"The local AWS at {self.url} ended with status {status}: {_last_line(self._log)}"


@contextmanager
def running(replication_set: str | None = REGION) -> Iterator[LocalAws]:
    """Run a local AWS on a free port of 127.0.0.1 for as long as the block lasts.

    It ends with this process however that ends, killed included. `replication_set` is the region
    of an ACTIVE replication set that is there from the start; None starts like an account without.
    Raises LocalAwsError when it does not start, within 60 seconds at most.
    """
    with TemporaryDirectory(prefix="local-aws-") as folder:
        log = Path(folder, "log")
        process = _start(log, replication_set)
        try:
            yield _Process(_address(process, log), process, log)
        finally:
            _stop(process)


def _start(log: Path, replication_set: str | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0", "--end-with-stdin"]
    if replication_set is not None:
        command.append(f"--replication-set={replication_set}")
    # The modules that this process finds, wherever it has them from, and none besides.
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    with log.open("w") as out:
        return subprocess.Popen(  # noqa: S603 - our own module
            command,
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests, which may want to clean up
        )


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None  # noqa: S101 - for the type checker
    watch = Timer(_START_SECONDS, process.kill)
    watch.daemon = True
    watch.start()
    url = process.stdout.readline().strip()
    watch.cancel()
    if url:
        return url
    status, reason = process.wait(), _last_line(log)
    if "ModuleNotFoundError" in reason:
        raise LocalAwsError(
            "The local AWS needs more than is installed: "
            f"pip install '/path/to/clone/of/pulumi-incidents[emulator]' ({reason})."
        )
    raise LocalAwsError(f"The local AWS did not start (status {status}): {reason}")


def _stop(process: subprocess.Popen[str]) -> None:
    with process:  # closes the pipes, and waits
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    lines = [line for line in lines if line != "Ready."]  # of a start that went well
    return lines[-1] if lines else "it wrote no reason."
