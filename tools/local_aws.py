"""The local AWS process of this clone: start it, find it again, end it.

`local-aws.json` in the folder `.local` records its pid and address. The record alone is not
believed: a pid is given to another process sooner or later, so only a process that answers at the
address and tells the same pid is ours. `local-aws.state` has what was made in it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tools.common import ToolError

ROOT = Path(__file__).resolve().parent.parent
SERVICE = "pulumi-incidents local AWS"
MODULE = "pulumi_incidents.emulator"
START_SECONDS = 60
STOP_SECONDS = 10
# What the emulator ends with when it cannot load its state file.
_UNLOADABLE = 3


class UnloadableStateError(ToolError):
    """There is a state file, and it cannot be loaded."""


class LocalAws(NamedTuple):
    """A local AWS that was started: what the record holds."""

    pid: int
    url: str


def recorded(folder: Path) -> LocalAws | None:
    """Return what the record says, whether or not it still runs."""
    try:
        record = json.loads((folder / "local-aws.json").read_text())
        return LocalAws(int(record["pid"]), str(record["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_running(aws: LocalAws) -> bool:
    """Tell whether the recorded process lives and is the one that answers at its address."""
    return is_alive(aws.pid) and _answering_pid(aws.url) == aws.pid


def start(folder: Path, port: int) -> LocalAws:
    """Start a local AWS that outlives this command, with what the state file in the folder has.

    Port 0 takes any free one. Raises `UnloadableStateError` when the file cannot be loaded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "local-aws.log"
    command = [sys.executable, "-m", MODULE, "--port", str(port), "--replication-set", "us-east-1"]
    command += ["--state", str(state_file(folder))]
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,  # beside stderr in a file: a pipe would break when this command ends
            stderr=out,
            start_new_session=True,  # Ctrl-C is for the command, not for this process
        )
    try:
        aws = LocalAws(process.pid, _wait_for_url(process, log))
        _record(folder, aws)
    except BaseException:  # Ctrl-C too: nobody would know of the process any more
        process.terminate()
        process.wait()
        raise
    # It is meant to run on: without this, Python warns about a child that was not waited for.
    process.returncode = 0
    return aws


def stop(folder: Path, aws: LocalAws) -> None:
    """End the local AWS that `is_running` has just confirmed, and forget it."""
    with suppress(ProcessLookupError):
        os.kill(aws.pid, signal.SIGTERM)
        if not _ends(aws.pid, STOP_SECONDS):
            os.kill(aws.pid, signal.SIGKILL)
            _ends(aws.pid, STOP_SECONDS)
    forget(folder)


def forget(folder: Path) -> None:
    """Remove the record and what was made; only for a local AWS that has ended."""
    for path in (folder / "local-aws.json", *folder.glob(f"{state_file(folder).name}*")):
        path.unlink(missing_ok=True)


def state_file(folder: Path) -> Path:
    """Return where the local AWS keeps what was made."""
    return folder / "local-aws.state"


def is_free(port: int) -> bool:
    """Tell whether a local AWS could listen on this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process has this pid and has not ended."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    try:
        # Where nobody collects orphans, as in many containers, an ended process keeps its pid.
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def _answering_pid(url: str) -> int | None:
    try:
        address = urlsplit(url)
        # Not urllib: that would ask a proxy, where one is set.
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port or 80, timeout=10
        )
        with closing(connection):
            connection.request("GET", "/_local/health")
            answer = json.loads(connection.getresponse().read())
        return int(answer["pid"]) if answer["service"] == SERVICE else None
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None


def _wait_for_url(process: subprocess.Popen[bytes], log: Path) -> str:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        ended = process.poll() is not None
        text = log.read_text(errors="replace")
        if found := re.search(r"^(http://\S+)\n", text, re.MULTILINE):
            return found[1]
        if ended:
            lines = text.strip().splitlines() or [f"exit code {process.returncode}"]
            kind = UnloadableStateError if process.returncode == _UNLOADABLE else ToolError
            raise kind(f"The local AWS did not start: {lines[-1]}")
        time.sleep(0.05)
    raise ToolError(f"The local AWS did not start within {START_SECONDS} s; its log is {log}")


def _record(folder: Path, aws: LocalAws) -> None:
    draft = folder / "local-aws.json.new"
    draft.write_text(json.dumps(aws._asdict()) + "\n")
    draft.replace(folder / "local-aws.json")


def _ends(pid: int, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() >= give_up:
            return False
        time.sleep(0.05)
    return True
