"""The local AWS as one WSGI application: Incident Manager, moto's services and a small control API.

An AWS request is routed by the service in its signature's credential scope (AWS Signature
Version 4, *Create a signed request*): `ssm-incidents` is answered here, everything else by moto.
"""

from __future__ import annotations

import contextlib
import io
import re
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress.channel import ClientDisconnected
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from pulumi_incidents.emulator import console
from pulumi_incidents.emulator.control import PREFIX, Control
from pulumi_incidents.emulator.front import browsers, callers
from pulumi_incidents.emulator.front.callers import Sent
from pulumi_incidents.emulator.front.faults import Faults
from pulumi_incidents.emulator.front.request_log import RequestLog
from pulumi_incidents.emulator.permissions.denials import DENIALS
from pulumi_incidents.emulator.permissions.mode import DEFAULT, PERMISSIONS
from pulumi_incidents.emulator.protocol import responses as incidents
from pulumi_incidents.emulator.protocol.responses import Exchange, error_response
from pulumi_incidents.emulator.ssm_incidents import notifications, triggers
from pulumi_incidents.emulator.ssm_incidents.exceptions import UnmodelledException
from pulumi_incidents.emulator.ssm_incidents.replication import SETTLING
from pulumi_incidents.emulator.storage.saving import SaveError, Storage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pulumi_incidents.emulator.permissions.requests import Need
_SCOPE = re.compile(
    r"Credential=(?P<access_key>[^/,\s]+)/\d+/(?P<region>[^/,\s]*)/(?P<service>[^/,\s]+)/aws4_request"
)


class LocalAws:
    """The WSGI application behind the one address.

    `replication_region`: create an ACTIVE replication set with this region at start, and again
    after a reset; None starts as a fresh AWS account does, without any. `settle_seconds`: how long
    every later change of a replication set takes. `hosts`: names that it is reached under besides
    those of this machine. `storage` has loaded what there is already, and keeps what is made.
    `permissions`: what of IAM is evaluated at start and after a reset, one of `mode.MODES`.
    """

    def __init__(
        self,
        replication_region: str | None = None,
        settle_seconds: float = 0,
        hosts: Iterable[str] = (),
        storage: Storage | None = None,
        permissions: str = DEFAULT,
    ) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._log = RequestLog()
        self._faults = Faults()
        self._control = Control(self._log, self._faults, self._reset, self._save)
        self._replication_region = replication_region
        self._settle_seconds = settle_seconds
        self._permissions = permissions
        self._hosts = {*browsers.LOCAL_HOSTS, *hosts}
        self._storage = storage
        self._handling = storage.handling if storage else contextlib.nullcontext
        notifications.connect()
        triggers.connect()
        self._prepare()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if reason := browsers.refusal(request, self._hosts):
            return error_response(403, "AccessDeniedException", reason)
        try:
            _buffer_body(request)
        except (HTTPException, OSError):
            return error_response(400, "SerializationException", "The body cannot be read.")
        from_page = console.serves(request)
        if request.path.startswith(PREFIX) and not from_page:
            return self._do(request)
        with self._handling():
            service, exchange = self._ask(request, from_page=from_page)
        if exchange.mutating or not from_page:
            self._note(service, exchange)
        if exchange.lost:
            _hang_up(request)
        return exchange.response

    def _do(self, request: Request) -> Response:
        response = self._control.respond(request)
        if self._storage and request.method in ("POST", "PUT"):
            self._storage.changed()  # by a finding
        return response

    def _ask(self, request: Request, *, from_page: bool) -> tuple[str, Exchange]:
        if from_page:
            return incidents.SERVICE, console.respond(request, self._faults)
        scope = _SCOPE.search(request.headers.get("Authorization", ""))
        if not scope:
            return "unsigned", self._ask_moto(request, _moto_operation(request))
        service, asks = scope["service"].lower(), (scope["access_key"], scope["region"])
        if service == incidents.SERVICE:

            def authorize(operation: str, parameters: dict[str, Any]) -> list[Need]:
                return callers.authorize(Sent(*asks, service, operation), parameters)

            return service, incidents.respond(
                request, incidents.owner_of(*asks), self._faults, authorize
            )
        operation = _moto_operation(request)
        checked = callers.check(request, Sent(*asks, service, operation))
        if isinstance(checked, Exchange):
            return service, checked
        exchange = self._ask_moto(request, operation)
        exchange.needs = checked
        return service, exchange

    def _ask_moto(self, request: Request, operation: str) -> Exchange:
        try:
            answer = Response.from_app(self._moto, request.environ, buffered=True)
            response = browsers.confine(request, answer)
        except NotImplementedError as error:
            message = f"moto does not implement this part of {operation}: {error}"
            response = error_response(501, "NotImplementedException", message)
        return Exchange(operation, response, _moto_error(response))

    def _note(self, service: str, exchange: Exchange) -> None:
        self._log.add(service, exchange)
        if self._storage and exchange.mutating:
            self._storage.changed()

    def _reset(self) -> None:
        with incidents.LOCK:
            moto_api_backend.reset()  # empties every backend, Incident Manager's included
            self._prepare()
            notifications.SENT.clear()
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
        SETTLING.seconds = 0
        if self._replication_region:
            backend = incidents.owner_of("", self._replication_region).backend()
            if not backend.replication_set:  # else the storage has loaded it
                backend.create_replication_set({"regions": {self._replication_region: {}}})
        SETTLING.seconds = self._settle_seconds
        PERMISSIONS.mode = self._permissions


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


def _moto_operation(request: Request) -> str:
    """Name the operation: by target (json), by path (cbor) or by `Action` (query protocol)."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rsplit(".", 1)[-1]
    if "/operation/" in request.path:
        return request.path.rsplit("/", 1)[-1]
    action = re.search(rb"(?:^|&)Action=(\w+)", request.get_data() or request.query_string)
    return action[1].decode() if action else f"{request.method} {request.path}"


def _moto_error(response: Response) -> str | None:
    """Find the AWS code in an error of any protocol."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return None
    header = response.headers.get("X-Amzn-ErrorType", "")
    found = re.search(r'<Code>([^<]+)|"__type": ?"([^"]+)"', response.get_data(as_text=True))
    code = header or (found and (found[1] or found[2])) or ""
    return code.split("#")[-1].split(":")[0] or None
