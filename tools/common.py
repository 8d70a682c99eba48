"""What the tools share: expected failures, a lock, and long commands that are not silent."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROGRESS_SECONDS = 20


class ToolError(Exception):
    """An expected failure, told in one sentence."""


def say(message: str) -> None:
    """Tell the person at the terminal; stdout is kept for results."""
    print(message, file=sys.stderr, flush=True)


def exit_code(work: Callable[[], int | None]) -> int:
    """Do the work of a command; an expected failure is one sentence and exit code 1."""
    try:
        return work() or 0
    except ToolError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130


def minutes(seconds: float) -> str:
    """Spell a duration."""
    whole, rest = divmod(round(seconds), 60)
    return f"{whole} min {rest:02} s" if whole else f"{rest} s"


@contextmanager
def locked(path: Path, waiting: str) -> Iterator[None]:
    """Hold the lock file; while somebody else does, say so now and then.

    The kernel frees it when its holder ends, however that ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        tell_at = time.monotonic()
        while not _try_lock(file.fileno()):
            if time.monotonic() >= tell_at:
                tell_at += PROGRESS_SECONDS
                say(waiting)
            time.sleep(0.2)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def file_backend(folder: Path) -> str:
    """Address a folder as the engine's backend, such that a killed engine leaves what loads again.

    Beside each checkpoint the engine would keep a file of attributes, which is written in place: a
    kill at that moment leaves it empty, and every command then ends with "failed to load
    checkpoint: EOF".
    """
    return f"file://{folder}?metadata=skip"


def session(leader: int) -> Iterator[int]:
    """Find every process of a session: the engine puts its plugins into groups of their own."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended since
        if int(fields[3]) == leader:
            yield int(stat.parent.name)


def run_attended(command: Sequence[str], cwd: Path, env: dict[str, str]) -> int:
    """Run a command at this terminal and return its exit code; Ctrl-C is for it to handle."""
    with subprocess.Popen(command, cwd=cwd, env=env) as process:  # noqa: S603 - the callers' own commands
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # noqa: PERF203 - the command got it too, and ends in order
                continue


def run_logged(  # noqa: PLR0913 - what subprocess takes, and three of our own
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    limit: float | None = None,
    progress: Callable[[str], str] = lambda _: "",
) -> None:
    """Run a command into a log file and tell how far it is, so that no CI log stays silent.

    `limit` is in seconds. `progress` makes the told line's end of what is in the log. A failure
    is a `ToolError` with the log's last line.
    """
    start = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - the callers' own commands
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # its own group: what it starts can be ended with it
        )
    try:
        while _runs(process):
            spent = time.monotonic() - start
            if limit is not None and spent > limit:
                raise ToolError(f"no end after {minutes(spent)}")
            say(f"  {minutes(spent)}{progress(log.read_text(errors='replace'))}")
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        lines = log.read_text(errors="replace").strip().splitlines()
        raise ToolError(lines[-1] if lines else f"exit code {process.returncode}")


def _runs(process: subprocess.Popen[bytes]) -> bool:
    """Wait until the command ends or it is time to tell something."""
    try:
        process.wait(PROGRESS_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False
