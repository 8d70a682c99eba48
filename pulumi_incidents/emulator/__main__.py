"""Serve the local AWS: `python -m pulumi_incidents.emulator --port N`.

Prints its base address as the one line on stdout when it is ready, and `Ready.` on stderr, which
clients of LocalStack wait for; a line for each request and everything else goes to stderr. SIGTERM
and SIGINT end it with status 0, or 1 when the state of `--state` could not be saved at the end;
with `--end-with-stdin`, so does the end of its input.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import re
import signal
import socket
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Thread
from typing import Any

from waitress.server import create_server

from pulumi_incidents.emulator.front.lanes import CONNECTIONS, Lanes
from pulumi_incidents.emulator.permissions.mode import DEFAULT, MODES
from pulumi_incidents.emulator.seed.reading import SeedError, load
from pulumi_incidents.emulator.server import LocalAws, Start
from pulumi_incidents.emulator.ssm_contacts.courier import Courier
from pulumi_incidents.emulator.ssm_contacts.mail import SmtpServer
from pulumi_incidents.emulator.ssm_incidents.replication_set import Settling
from pulumi_incidents.emulator.storage.saving import SaveError, Storage
from pulumi_incidents.emulator.storage.state_file import StateError

_HOST = "127.0.0.1"
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - what a container has to listen on
_MAX_PORT = 65535
# Each holds one request: a delay on demand or a long poll of SQS keeps it for seconds.
_THREADS = 64
_QUICK_THREADS = 8


def main(argv: list[str] | None = None, name: str | None = None) -> int:
    """Serve until told to stop; return the exit status. `name` is what a person has called it.

    2: the port, the state file or the seed file cannot be had; 3: the state file cannot be loaded,
    or the seed not be taken.
    """
    options = parser(name).parse_args(argv)
    if options.end_with_stdin:
        Thread(target=_end_with_stdin, daemon=True).start()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((options.host, options.port))
            listener.listen(128)
        except OSError as error:
            sys.stderr.write(
                f"The local AWS cannot listen on port {options.port} of {options.host} "
                f"({error.strerror}): stop the program that uses it, or choose another port.\n"
            )
            return 2
        try:
            return _run(options, listener)
        except (SeedError, StateError) as error:
            sys.stderr.write(f"{error}\n")
            return error.status


def _run(options: argparse.Namespace, listener: socket.socket) -> int:
    host = _HOST if options.host == _ANY_ADDRESS else options.host
    start = Start(
        replication_region=options.replication_set,
        settle_seconds=options.settle_seconds,
        permissions=options.permissions,
        seed=load(options.seed) if options.seed else None,
    )
    storage = Storage(options.state) if options.state else None
    try:
        application = LocalAws(start, (host, *options.allow_host), storage)
    except SeedError:
        if storage:
            _close(storage)
        raise
    with _courier(options.smtp, storage), contextlib.suppress(SystemExit):  # how it is stopped
        _serve(listener, host, application, as_json=options.json)
    return _close(storage) if storage else 0


def _courier(server: SmtpServer | None, storage: Storage | None) -> AbstractContextManager[Any]:
    if server is None:
        return contextlib.nullcontext()
    return contextlib.closing(Courier(server, storage.changed if storage else _nothing))


def _nothing() -> None:
    pass


def _close(storage: Storage) -> int:
    try:
        storage.close()
    except SaveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def parser(name: str | None = None) -> argparse.ArgumentParser:
    """Return what reads the options of the command."""
    parser = argparse.ArgumentParser(
        prog=name or "python -m pulumi_incidents.emulator",
        description="A local AWS with Incident Manager, SNS, IAM, SSM and the rest of moto.",
    )
    parser.add_argument(
        "--port", type=_port, required=True, help="port to listen on; 0 picks a free one"
    )
    parser.add_argument(
        "--host",
        type=_name,
        default=_HOST,
        help=f"IPv4 address or name to listen on, {_HOST} by default; {_ANY_ADDRESS} is every one",
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        type=_name,
        action="append",
        default=[],
        help="answer requests to this name, too, as a container gets them; may be repeated",
    )
    parser.add_argument(
        "--replication-set",
        metavar="REGION",
        type=_region,
        help="start with an ACTIVE replication set in this region",
    )
    parser.add_argument(
        "--settle-seconds",
        metavar="N",
        type=_seconds,
        default=0,
        help="how long a change of a replication set takes; 0, the default, is at once",
    )
    parser.add_argument(
        "--permissions",
        choices=MODES,
        default=DEFAULT,
        help="what of IAM is evaluated: by default what services do on somebody's behalf; with "
        "enforce also what users and roles of the local IAM ask for",
    )
    parser.add_argument(
        "--seed",
        metavar="FILE",
        type=Path,
        help="make the contacts, rotations and response plans of this JSON file, at the start and "
        "after a reset, unless there are some already; docs/emulator.md",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="load what was made from this file if it exists, and keep it there",
    )
    parser.add_argument(
        "--smtp",
        metavar="HOST:PORT",
        type=_smtp,
        help="send pages and activation codes by e-mail to this SMTP server, of this machine only",
    )
    parser.add_argument(
        "--end-with-stdin",
        action="store_true",
        help="end when the standard input does, and so with the process that holds the other end",
    )
    parser.add_argument(
        "--json", action="store_true", help='print the address as JSON: {"url": "http://…"}'
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_MAX_PORT}")
    return int(text)


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an IPv4 address or a name without port")
    return text.lower()


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a region, like us-east-1")
    return text


def _seconds(text: str) -> float:
    settling = Settling()
    try:
        settling.take(float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 3600") from None
    return settling.seconds


def _smtp(text: str) -> SmtpServer:
    try:
        return SmtpServer.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _serve(listener: socket.socket, host: str, application: LocalAws, *, as_json: bool) -> None:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s")
    logging.getLogger("pulumi_incidents").setLevel(logging.INFO)
    # Said for each request that waits, by the one thread that everything comes in through.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # Raises in the main thread, which ends the loop of the server.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    server = create_server(
        application,
        sockets=[listener],
        threads=_QUICK_THREADS,
        connection_limit=CONNECTIONS,
        ident=None,
    )
    server.task_dispatcher = Lanes(_THREADS, server.task_dispatcher)
    url = f"http://{host}:{listener.getsockname()[1]}"
    sys.stdout.write(f"{json.dumps({'url': url}) if as_json else url}\n")
    sys.stdout.flush()
    sys.stderr.write("Ready.\n")
    # moto prints now and then, and stdout has exactly one line.
    with contextlib.redirect_stdout(sys.stderr):
        server.run()


def _end_with_stdin() -> None:
    # Not sys.stdin: a thread that waits in it makes the interpreter's own end fatal.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(*_: Any) -> None:
    # Once is enough: a second signal would end the last save.
    signal.signal(signal.SIGTERM, _ignore)
    signal.signal(signal.SIGINT, _ignore)
    sys.exit(0)


def _ignore(*_: Any) -> None:
    # Not SIG_IGN: Python complains when a signal has arrived already.
    pass


if __name__ == "__main__":
    sys.exit(main())
