"""A `python3` for the engine that has imported already: what it starts is forked from a warm one.

A command of the engine starts three or four Pythons: the program, its plugin of dynamic resources,
the stand-in of pulumi-aws. Nearly all that they do is to import the SDK, a quarter of a second of
a core each time. So `python3` is a small client, which is all that the engine sees: it has the
working folder, the environment, the arguments and the standard files, ends as the work ends, and
when it is killed, the work is. The process that works has modules in it, and nothing that was made
of them.

What no engine of a test starts, such as `make up` and what is installed, is cold as ever.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = (
    *("pulumi", "pulumi.dynamic", "pulumi.runtime._serialization", "pulumi.provider.experimental"),
    *("pulumi_incidents.providers", "pulumi_incidents.providers._client"),
    *("pulumi_incidents.stacks", "pulumi_incidents.stand_in.plugin"),
)
FILES = (0, 1, 2)
PACKAGES = "-m pip list -v --format json"

# Written out, because it runs without `site`: to read that costs as much as all the rest.
CLIENT = """
import array, json, os, signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
with socket.socket(socket.AF_UNIX) as server:
    server.connect("{folder}/socket")
    files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", {files}))]
    asked = json.dumps([os.getcwd(), dict(os.environ), sys.argv[1:]]).encode()
    server.sendmsg([len(asked).to_bytes(8, "big")], files)
    server.sendall(asked)
    code = server.recv(1)
if not code:
    os.kill(os.getpid(), signal.SIGKILL)
os._exit(code[0])
"""

# The language host also asks pip before every command, for a third of a second, and the answer is
# the same all along. A program with another path, or another Python, gets a cold one.
PYTHON3 = """#!/bin/sh
case "$PYTHONPATH:$*" in
"{root}:-u -m pulumi.dynamic "* | "{root}:{engine}/"* | \\
"{root}:{root}:-m pulumi_incidents.stand_in"*)
    exec "{python}" -I -S "{folder}/client.py" "$@" ;;
*":{packages}") exec cat "{folder}/packages.json" ;;
esac
exec "{python}" "$@"
"""


@contextmanager
def python3(folder, engine):
    """Put a `python3` into a folder that is on the PATH of an engine, and keep it warm."""
    python = Path(sys.executable).parent / "python3"
    answer = subprocess.run([python, *PACKAGES.split()], capture_output=True, check=True).stdout
    (folder / "packages.json").write_bytes(answer)
    names = {"folder": folder, "engine": engine, "python": python, "root": ROOT}
    (folder / "client.py").write_text(CLIENT.format(**names, files=FILES))
    (folder / "python3").write_text(PYTHON3.format(**names, packages=PACKAGES))
    (folder / "python3").chmod(0o755)
    with subprocess.Popen(
        [python, "-m", "tests.forked", folder / "socket"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        assert server.stdout.readline()  # it is ready
        yield folder
        server.stdin.close()


def serve(path):
    """Fork a process for each client, until stdin ends."""
    for module in MODULES:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # they tell their clients how they ended
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        threading.Thread(target=_end_with_stdin, daemon=True).start()
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                os._exit(_work(connection))
            connection.close()


def _end_with_stdin():
    os.read(0, 1)  # and not sys.stdin, whose lock would be held wherever a process is forked
    os._exit(0)


def _work(connection):
    """Be the process that a client asks for, and tell it how that ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(connection, 8, len(FILES))
    for number, file in zip(FILES, files, strict=True):
        os.dup2(file, number)
        os.close(file)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += connection.recv(1 << 16)
    threading.Thread(target=_die_with, args=[connection], daemon=True).start()
    folder, environment, arguments = json.loads(asked)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = _run([each for each in arguments if each != "-u"])
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    with suppress(OSError):  # the client may have been killed by now
        connection.send(bytes([code]))
    return code


def _die_with(connection):
    connection.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _run(arguments):
    """Run `-m MODULE …` or `FILE …` as Python does, and return its exit code."""
    sys.stdout.reconfigure(write_through=True)
    try:
        if arguments[0] == "-m":
            sys.argv, sys.path[0] = arguments[1:], str(Path.cwd())
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv, sys.path[0] = arguments, str(Path(arguments[0]).parent)
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is, Python ends with it
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
