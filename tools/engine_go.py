"""Build the Pulumi engine from Go modules.

`engine_build` holds two go.mod files, because two versions of one module are needed: the Python
language host left the SDK's module after v3.79.0. It works with this engine, but for the options of
a project: `engine_build/host/main.go` starts it with those.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from pathlib import Path
from typing import NoReturn

from tools.common import ToolError, minutes, run_logged, say

SDK = "github.com/pulumi/pulumi/sdk/v3"
MODULES = Path(__file__).resolve().parent / "engine_build"
GO_MOD = (MODULES / "cli" / "go.mod").read_text()
VERSION = re.findall(rf"{re.escape(SDK)} v(\S+)", GO_MOD)[0]
NEEDED_GO = re.findall(r"^go (\S+)", GO_MOD, re.MULTILINE)[0]
DURATION = "about 4 minutes on 2 cores"
# Both modules at once: while those that the engine needs are downloaded, the host is compiled. The
# first failure ends the whole process group, so that it is the end of the log, too.
BUILD = f"""
build() {{ "$GO" build -C "$1" -v -ldflags "$STAMP" -o "$BIN/$2" "$3" || kill 0; }}
{{
    build host pulumi-language-python-host {SDK}/python/cmd/pulumi-language-python
    build host pulumi-language-python .
}} &
build cli pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
wait
"""
BUILD_BYTES = 6 * 10**9  # Go's module cache, its build cache and temporary files: 4.2 GB measured
YOURSELF = "or install Pulumi 3.254 or newer yourself: https://www.pulumi.com/docs/install/"
NO_NETWORK = re.compile(
    r"dial tcp|lookup .*: |no such host|connection (refused|reset)|network is unreachable"
    r"|i/o timeout|handshake|proxyconnect|: 40[347] |: 50\d |lookup disabled|unexpected EOF"
)


def build(bin_folder: Path, work: Path) -> None:
    """Put the engine's programs into `bin_folder`; everything else stays in `work`."""
    go = shutil.which("go")
    if go is None:
        raise ToolError(
            f"Building the Pulumi engine needs Go {NEEDED_GO} or newer: install Go, {YOURSELF}"
        )
    _check_space(work)
    shutil.copytree(MODULES, work / "modules")  # a copy: Go never touches the checkout
    (work / "tmp").mkdir()
    env = {**os.environ, "GOWORK": "off", "GOTMPDIR": str(work / "tmp")}
    _check_version(go, work, env)
    say(f"Building the Pulumi engine v{VERSION} from Go modules, once per machine: {DURATION}.")
    start = time.monotonic()
    stamp = f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}"
    settings = {**env, "GO": go, "STAMP": stamp, "BIN": str(bin_folder)}
    log = work / "build.log"
    try:
        run_logged(
            ["/bin/sh", "-c", BUILD], log, cwd=work / "modules", env=settings, progress=_progress
        )
    except ToolError as error:
        _explain(str(error), log.read_text(errors="replace"))
    _copy_scripts(go, bin_folder, work, env)
    say(f"Built the Pulumi engine in {minutes(time.monotonic() - start)}.")


def _copy_scripts(go: str, bin_folder: Path, work: Path, env: dict[str, str]) -> None:
    """Put the two helpers that are scripts, not Go programs, beside the engine."""
    sdk = Path(_ask(go, ["list", "-m", "-f", "{{.Dir}}", SDK], work, env))
    for script in (
        sdk / "python" / "cmd" / "pulumi-language-python-exec",
        sdk / "python" / "dist" / "pulumi-resource-pulumi-python",
    ):
        copy = bin_folder / script.name
        shutil.copyfile(script, copy)
        copy.chmod(0o755)


def _check_version(go: str, work: Path, env: dict[str, str]) -> None:
    try:
        # Asked in the module's folder, where Go may get itself a newer toolchain.
        version = _ask(go, ["env", "GOVERSION"], work, env)
    except ToolError as error:
        version = str(error)
    have = re.findall(r"\d+", version.partition(" ")[0])
    if [int(part) for part in have] < [int(part) for part in NEEDED_GO.split(".")]:
        raise ToolError(
            f"Building the Pulumi engine needs Go {NEEDED_GO} or newer and this is not "
            f"({version}): install a newer Go, {YOURSELF}"
        )


def _check_space(work: Path) -> None:
    free = shutil.disk_usage(work).free
    if free < BUILD_BYTES:
        raise ToolError(
            f"Building the Pulumi engine needs about {BUILD_BYTES // 10**9} GB of disk and "
            f"{work.parent} has {free / 10**9:.1f} GB free: make room, {YOURSELF}"
        )


def _ask(go: str, arguments: list[str], work: Path, env: dict[str, str]) -> str:
    """Ask Go something about the engine's module."""
    log = work / "go.log"
    run_logged([go, *arguments], log, cwd=work / "modules" / "cli", env=env)
    return log.read_text().strip().rpartition("\n")[2]


def _progress(log: str) -> str:
    lines = log.splitlines()
    downloaded = sum(line.startswith("go: downloading") for line in lines)
    return f": {downloaded} modules downloaded, {len(lines) - downloaded} packages compiled"


def _explain(last: str, log: str) -> NoReturn:
    if os.strerror(errno.ENOSPC).lower() in log.lower():
        raise ToolError(f"The disk is full and Go stopped ({last}): make room, {YOURSELF}")
    if found := NO_NETWORK.search(log):
        line = next(line for line in log.splitlines() if found[0] in line)
        raise ToolError(
            f"Go could not download the engine's modules ({line.strip()}): "
            f"see to the network or GOPROXY and run this again, {YOURSELF}"
        )
    say("\n".join(log.splitlines()[-15:]))
    raise ToolError(f"Go could not build the Pulumi engine, see above: run this again, {YOURSELF}")
