"""Run a command, time it, and watch how much memory the plugin process below it takes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

from tools.common import ToolError, session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SAMPLE_SECONDS = 0.05
_PLUGIN = b"\0pulumi.dynamic\0"
_SHOWN_LINES = 20


class Watched(NamedTuple):
    """What a command took."""

    seconds: float
    """Wall time from its start to its end."""
    plugin_kib: int | None
    """Most memory that the plugin process ever had resident; None without such a process."""


def watch(command: Sequence[str], folder: Path, env: dict[str, str]) -> Watched:
    """Run a command to its end; whatever happens, nothing that it started is left."""
    log = folder / "output.log"
    start = time.perf_counter()
    with (
        log.open("wb") as out,
        running(command, folder, env, out.fileno()) as process,
        _peak_memory(process.pid) as peak,
    ):
        code = process.wait()
        seconds = time.perf_counter() - start
    if code:
        lines = log.read_text(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
        raise ToolError("\n".join([f"`{' '.join(command)}` failed:", *lines]))
    return Watched(seconds, peak[0] if peak else None)


@contextmanager
def running(
    command: Sequence[str], folder: Path, env: dict[str, str], out: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own, and end all of it."""
    process = subprocess.Popen(  # noqa: S603 - the benchmark's own commands
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        start_new_session=True,  # the engine puts its plugins into groups of their own
    )
    try:
        yield process
    finally:
        for pid in session(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _peak_memory(leader: int) -> Iterator[list[int]]:
    """Yield a list that has, at the end, the one peak of the session's plugin process, if any."""
    peak: list[int] = []
    ended = Event()

    def sample() -> None:
        plugin: int | None = None
        while not ended.wait(_SAMPLE_SECONDS):
            with suppress(OSError):  # processes end at any moment
                plugin = plugin or _plugin(leader)
                if plugin and (kib := _peak_kib(plugin)):
                    peak[:] = [kib]

    sampler = Thread(target=sample)
    sampler.start()
    try:
        yield peak
    finally:
        ended.set()
        sampler.join()


def _plugin(leader: int) -> int | None:
    for pid in session(leader):
        with suppress(OSError):
            if _PLUGIN in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    return None


def _peak_kib(pid: int) -> int | None:
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else None
