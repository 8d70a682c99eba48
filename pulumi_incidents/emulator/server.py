"""The local AWS as one WSGI application: the emulated services, moto's, and a small control API."""

from __future__ import annotations

import contextlib
import io
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from moto.moto_api._internal.models import moto_api_backend
from waitress.channel import ClientDisconnected
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from pulumi_incidents.emulator import console, timekeeping
from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.control import PREFIX, Control
from pulumi_incidents.emulator.front import browsers, localstack
from pulumi_incidents.emulator.front.faults import Faults, read_fault
from pulumi_incidents.emulator.front.request_log import RequestLog
from pulumi_incidents.emulator.front.routing import Routing
from pulumi_incidents.emulator.permissions.denials import DENIALS
from pulumi_incidents.emulator.permissions.mode import DEFAULT, PERMISSIONS, get_mode, set_mode
from pulumi_incidents.emulator.protocol.errors import UnmodelledException, error_response
from pulumi_incidents.emulator.protocol.refusals import refuse
from pulumi_incidents.emulator.protocol.requests import read_body
from pulumi_incidents.emulator.seed import sowing
from pulumi_incidents.emulator.seed.reading import Seed
from pulumi_incidents.emulator.services import SERVICES
from pulumi_incidents.emulator.ssm_incidents.service import prepare
from pulumi_incidents.emulator.storage.lock import LOCK
from pulumi_incidents.emulator.storage.saving import SaveError, Storage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pulumi_incidents.emulator.protocol.exchange import Exchange
    from pulumi_incidents.emulator.protocol.service import Call


@dataclass(frozen=True, kw_only=True)
class Start:
    """What there is at the start, and again after a reset.

    `replication_region`: an ACTIVE replication set with this region; None is as a fresh AWS account
    is, without any. `settle_seconds`: how long every later change of a replication set takes.
    `permissions`: what of IAM is evaluated, one of `mode.MODES`. `seed`: people and plans, where
    there are none.
    """

    replication_region: str | None = None
    settle_seconds: float = 0
    permissions: str = DEFAULT
    seed: Seed | None = None


class LocalAws:
    """The WSGI application behind the one address.

    `start`: what there is at the start and after a reset. `hosts`: names that it is reached under
    besides those of this machine. `storage` has loaded what there is already, and keeps what is
    made. Raises `SeedError` for a seed that cannot be taken.
    """

    def __init__(
        self, start: Start, hosts: Iterable[str] = (), storage: Storage | None = None
    ) -> None:
        self._log = RequestLog()
        self._faults = Faults()
        self._routing = Routing(self._faults.take)
        self._control = Control(self._calls())
        self._start = start
        self._hosts = {*browsers.LOCAL_HOSTS, *hosts}
        self._storage = storage
        self._handling = storage.handling if storage else contextlib.nullcontext
        for service in SERVICES.values():
            service.connect()
        self._prepare()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if reason := browsers.refusal(request, self._hosts):
            return refuse(request, 403, "AccessDeniedException", reason)
        try:
            _buffer_body(request)
        except (HTTPException, OSError):
            return error_response(400, "SerializationException", "The body cannot be read.")
        from_page = console.serves(request)
        if request.path.startswith(PREFIX) and not from_page:
            return self._do(request)
        if request.path == localstack.HEALTH:
            return localstack.health()
        with self._handling():
            service, exchange = self._routing.respond(request)
        exchange.identify()
        if exchange.mutating or not from_page:
            self._note(service, exchange)
        if exchange.lost:
            _hang_up(request)
        return exchange.response

    def _do(self, request: Request) -> Response:
        response = self._control.respond(request)
        if self._storage and request.method != "GET":
            self._storage.changed()  # by a finding, or the clock
        return response

    def _note(self, service: str, exchange: Exchange) -> None:
        self._log.add(service, exchange)
        if self._storage and exchange.mutating:
            self._storage.changed()

    def _calls(self) -> dict[str, Call]:
        """Return what the control API does here, and what its services add to it."""
        log, faults = self._log, self._faults
        calls: dict[str, Call] = {
            "GET requests": lambda request: {"requests": log.matching(request.args)},
            "DELETE requests": lambda _: log.clear(),
            "GET faults": lambda _: {"faults": faults.left()},
            "POST faults": lambda request: faults.add(read_fault(read_body(request))),
            "DELETE faults": lambda _: faults.heal(),
            "POST reset": lambda _: self._reset(),
            "POST save": lambda _: self._save(),
            "GET denials": lambda _: {"denials": DENIALS.all()},
            "GET permissions": lambda _: get_mode(),
            "PUT permissions": lambda request: set_mode(read_body(request)),
            "GET clock": lambda _: timekeeping.get_clock(),
            "PUT clock": lambda request: timekeeping.set_clock(read_body(request)),
            "POST clock": lambda request: timekeeping.advance_clock(read_body(request)),
            "DELETE clock": lambda _: timekeeping.release_clock(),
            **sowing.CALLS,
        }
        for service in SERVICES.values():
            calls.update(service.calls)
        return calls

    def _reset(self) -> None:
        self._faults.heal()
        with LOCK:
            moto_api_backend.reset()  # empties every backend, ours included
            CLOCK.follow_wall()
            self._prepare()
            for service in SERVICES.values():
                service.forget()
            DENIALS.clear()

    def _save(self) -> None:
        if self._storage is None:
            message = "This local AWS keeps no state: start it with --state FILE."
            raise UnmodelledException("ConflictException", message, status=409)
        try:
            self._storage.save()
        except SaveError as error:
            raise UnmodelledException("InternalServerException", str(error), status=500) from error

    def _prepare(self) -> None:
        if self._storage:
            self._storage.changed()
        prepare(self._start.replication_region, self._start.settle_seconds)
        PERMISSIONS.mode = self._start.permissions
        if self._start.seed:
            sowing.sow_if_empty(self._start.seed)


def _buffer_body(request: Request) -> None:
    """Read the body once, and put it back for moto, which reads it again."""
    body = request.get_data()
    request.environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    # The body is whole now, whether or not it came in chunks.
    request.environ.pop("HTTP_TRANSFER_ENCODING", None)
    # moto looks for the path as it was sent under the name that werkzeug's own server gives it.
    request.environ["RAW_URI"] = request.environ.get("REQUEST_URI", "")


def _hang_up(request: Request) -> NoReturn:
    """Close the connection without an answer.

    The channel of a request is reached through the one thing that waitress tells of it, and its
    exception for a client that went away ends the request without another word.
    """
    channel = request.environ["waitress.client_disconnected"].__self__
    with contextlib.suppress(OSError):  # the client may have gone by itself
        channel.socket.shutdown(socket.SHUT_RDWR)
    raise ClientDisconnected
