"""A `python3` for the engine that has imported already: what it starts is forked from a warm one.

A command of the engine starts three or four Pythons: the program, its plugin of dynamic resources,
the stand-in of pulumi-aws. Nearly all that they do is to import the SDK, a quarter of a second of
a core each time. So `python3` is a small client, which is all that the engine sees: it has the
working folder, the environment, the arguments and the standard files, ends as the work ends, and
when it is killed, the work is. The process that works has modules in it, and botocore's files, and
nothing that was made of them.

Tests that kill a plugin again and again start it with `Forked`, without an engine and a client.

What neither starts, such as `make up` and what is installed, is cold as ever.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import itertools
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path

from botocore.loaders import JSONFileLoader, Loader

ROOT = Path(__file__).parent.parent
MODULES = (
    *("pulumi", "pulumi.dynamic", "pulumi.runtime._serialization", "pulumi.provider.experimental"),
    *("pulumi_incidents.providers", "pulumi_incidents.providers._client"),
    *("pulumi_incidents.stacks", "pulumi_incidents.stand_in.plugin"),
)
# What botocore reads for the clients of a plugin: to parse it is most of what they cost.
MODELS = ("ssm-incidents", "ssm-contacts", "sts")
DATA = ("endpoints", "partitions", "sdk-default-configuration", "_retry")
FILES = (0, 1, 2)
PACKAGES = "-m pip list -v --format json"

# What a client is called on Linux, with the number of the process that works for it behind it.
CLIENT_OF = "for "
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
    name = "{client}" + str(int.from_bytes(server.recv(4), "big"))
    try:
        with open("/proc/self/comm", "w") as told:
            told.write(name)
    except OSError:
        pass  # no Linux
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
    (folder / "client.py").write_text(CLIENT.format(**names, files=FILES, client=CLIENT_OF))
    (folder / "python3").write_text(PYTHON3.format(**names, packages=PACKAGES))
    (folder / "python3").chmod(0o755)
    with warm(folder):
        yield folder


@contextmanager
def warm(folder):
    """Keep a Python warm that forks whatever is asked of `socket` in a folder."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.forked", folder / "socket"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        assert server.stdout.readline()  # it is ready
        yield
        server.stdin.close()


class Forked:
    """A process of a warm Python, with as much of `subprocess.Popen` as a plugin needs."""

    def __init__(self, folder, *arguments):
        reading, writing = os.pipe()
        self.stdout = os.fdopen(reading)
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(str(folder / "socket"))
        asked = json.dumps([str(ROOT), dict(os.environ), arguments]).encode()
        files = [0, writing, 2]
        socket.send_fds(self.connection, [len(asked).to_bytes(8, "big")], files)
        os.close(writing)
        self.connection.sendall(asked)
        self.pid = int.from_bytes(self.connection.recv(4), "big")

    def kill(self):
        """Kill it, unless it has ended: then its number may be another's."""
        if not select.select([self.connection], [], [], 0)[0]:
            os.kill(self.pid, signal.SIGKILL)

    terminate = kill  # nothing is left to do at its end

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        while self.connection.recv(1):  # until it has ended
            pass
        self.connection.close()
        self.stdout.close()


def worker(client):
    """Return the number of the process that works for a client, or nothing if it is none."""
    with suppress(OSError):
        name = Path(f"/proc/{client}/comm").read_text()
        if name.startswith(CLIENT_OF):
            return int(name.removeprefix(CLIENT_OF))
    return None


def serve(path):
    """Fork a process for each client, until stdin ends."""
    for module in MODULES:
        importlib.import_module(module)
    _read_models()
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


def _read_models():
    """Read what clients are made of, once for all that is forked."""
    read = functools.cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = lambda _, path: read(path)
    loader = Loader()
    for service, kind in itertools.product(MODELS, ("service-2", "endpoint-rule-set-1")):
        loader.load_service_model(service, kind)
    for name in DATA:
        loader.load_data(name)


def _end_with_stdin():
    os.read(0, 1)  # and not sys.stdin, whose lock would be held wherever a process is forked
    os._exit(0)


def _work(connection):
    """Be the process that a client asks for, and tell it which that is and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(connection, 8, len(FILES))
    for number, file in zip(FILES, files, strict=True):
        os.dup2(file, number)
        os.close(file)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += connection.recv(1 << 16)
    connection.sendall(os.getpid().to_bytes(4, "big"))
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
