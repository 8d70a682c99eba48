"""Get the Pulumi engine: the `pulumi` program and its Python language host.

`pulumi` on PyPI is the SDK only. The engine is a Go program of its own, looked for in this order:

1. `pulumi` on PATH, when it is new enough and has its Python language host;
2. the user's cache, where an earlier run left it;
3. the official installer, through the SDK (needs open internet);
4. a build from Go modules (needs the Go toolchain and a Go module mirror).

The cache holds one folder per version, so every clone on a machine shares it. It appears there by
one rename, under a lock: a run that is killed leaves only a folder that the next run sweeps away.

`python -m tools.engine` prints the folder with the programs; messages go to stderr.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from tools import engine_go
from tools.common import ToolError, exit_code, locked, run_logged, say
from tools.engine_go import VERSION, YOURSELF

OLDEST = (3, 254)
HELPERS = (
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)
INSTALLER_SECONDS = 300
# The time-out is for a network that swallows packets: without one the SDK's download waits forever.
INSTALL = """
import socket, sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
socket.setdefaulttimeout(10)
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


def ensure() -> Path:
    """Return the folder with a usable engine, and get one first where there is none."""
    if found := _on_path() or _cached():
        return found
    home = _home()
    try:
        with locked(home / "lock", "Another run is getting the Pulumi engine; waiting for it."):
            # Whoever held the lock before has probably just done it.
            return _cached() or _get(home)
    except OSError as error:
        _explain(error, home)


def _home() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(cache) if Path(cache).is_absolute() else Path.home() / ".cache"
    return base / "pulumi-incidents" / "engine"


def _on_path() -> Path | None:
    program = shutil.which("pulumi")
    if program is None:
        return None
    version = _version(program)
    if version is None or not OLDEST <= version < (OLDEST[0] + 1, 0):
        told = f"is {version[0]}.{version[1]}" if version else "does not tell its version"
        say(f"`pulumi` on PATH {told}, and 3.254 or newer is needed: not using it.")
        return None
    # A package manager puts a link on PATH and keeps the helpers beside the real file.
    places = os.pathsep.join([str(Path(program).resolve().parent), os.environ.get("PATH", "")])
    for helper in HELPERS:
        if shutil.which(helper, path=places) is None:
            say(f"`pulumi` on PATH comes without its `{helper}`: not using it.")
            return None
    return Path(program).absolute().parent


def _version(program: str) -> tuple[int, int] | None:
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(  # noqa: S603 - the person's own pulumi
            [program, "version"], capture_output=True, text=True, env=env, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"v?(\d+)\.(\d+)\.", done.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _cached() -> Path | None:
    folder = _home() / f"v{VERSION}" / "bin"
    return folder if _complete(folder) else None


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("pulumi", *HELPERS))


def _get(home: Path) -> Path:
    for left in home.glob(".building-*"):  # the lock is ours, so nobody is building in these
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=home))
    root = work / "root"
    try:
        if not _install(root, work / "install.log"):
            shutil.rmtree(root, ignore_errors=True)
            engine_go.build(root / "bin", work)
        if not _complete(root / "bin") or _version(str(root / "bin" / "pulumi")) is None:
            raise ToolError(f"The Pulumi engine is there but does not run here, {YOURSELF}")
        final = home / f"v{VERSION}"
        shutil.rmtree(final, ignore_errors=True)  # not complete, or we would not be here
        root.rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final / "bin"


def _install(root: Path, log: Path) -> bool:
    say(f"Getting the Pulumi engine v{VERSION}, once per machine: trying the official installer.")
    command = [sys.executable, "-c", INSTALL, str(root), VERSION]
    try:
        run_logged(command, log, limit=INSTALLER_SECONDS)
    except ToolError as error:
        say(f"It did not work here ({error}).")
        return False
    return _complete(root / "bin")


def _explain(error: OSError, home: Path) -> NoReturn:
    where = error.filename or home
    if error.errno == errno.ENOSPC:
        raise ToolError(f"The disk is full ({where}): make room, {YOURSELF}") from error
    raise ToolError(
        f"The Pulumi engine cannot be kept in {where} ({error.strerror}): set XDG_CACHE_HOME to a "
        f"folder you can write, {YOURSELF}"
    ) from error


def main() -> int:
    """Print the folder with the engine's programs."""
    # A CI that cancels a job sends SIGTERM; as an exception it takes the build down with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return exit_code(lambda: print(ensure()))


if __name__ == "__main__":
    sys.exit(main())
