"""The console: a page that shows the local Incident Manager to a person and works on it.

The page is in `static/`, as it is: no build step and nothing from elsewhere. It has no API of its
own. What it asks goes in at the front door, as a request that botocore makes of it; only the clock
it moves as the control API does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from werkzeug.wrappers import Request, Response

from pulumi_incidents.emulator import timekeeping
from pulumi_incidents.emulator.console import calls, news
from pulumi_incidents.emulator.console.calls import Called
from pulumi_incidents.emulator.protocol.errors import error_response
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.requests import read_body

if TYPE_CHECKING:
    from pulumi_incidents.emulator.protocol.responses import Meet

PAGE = "/"
CONSOLE = "/_local/console/"
# Whose requests they are that go to no service.
NAME = "console"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FILES = {path.name: path for path in (Path(__file__).parent / "static").iterdir()}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_CALL = f"{CONSOLE}call/"
_CLOCK = f"{CONSOLE}clock"


def serves(request: Request) -> bool:
    """Say whether a request is for the page or comes from it; what is signed is for AWS."""
    if request.path == PAGE:
        plain = not request.query_string and "Authorization" not in request.headers
        return plain and request.method in ("GET", "HEAD")
    return request.path.startswith(CONSOLE)


def meets_faults(request: Request) -> bool:
    """Say whether what the page asks for may be delayed, or fail, on demand."""
    called = _called(request)
    return called is not None and called.is_known and called.changes


def own_origin(request: Request) -> str:
    """Return the origin of the page, under the name that this request came by."""
    return f"{request.scheme}://{request.host}"


def respond(request: Request, meet: Meet) -> tuple[str, Exchange]:
    """Answer the page, its files and its requests; return also the service that was asked."""
    called = _called(request)
    name = called.service if called and called.is_known else NAME
    asked = called.operation if called else f"{request.method} {request.path}"
    if not (called or request.path == _CLOCK):
        exchange = Exchange(asked, _get(request))
    elif refused := calls.refusal(request, own_origin(request)):
        exchange = Exchange(asked, refused)
    elif called:
        exchange = calls.respond(called, request, meet)
    else:
        exchange = Exchange(asked, _move_clock(request))
    exchange.response.headers.update(_HEADERS)
    return name, exchange


def _called(request: Request) -> Called | None:
    path = request.path
    return Called.of(path.removeprefix(_CALL)) if path.startswith(_CALL) else None


def _get(request: Request) -> Response:
    name = request.path.removeprefix(CONSOLE)
    if request.method not in ("GET", "HEAD"):
        message = (
            "The console has POST call/<service>/<operation>, POST clock, "
            "and GET for everything else."
        )
        return error_response(405, "MethodNotAllowed", message)
    if name == "state":
        return _json(news.state())
    return _file("index.html" if request.path == PAGE else name)


def _file(name: str) -> Response:
    if name not in _FILES:
        return error_response(404, "NotFound", f"The console has no file {name[:100]}.")
    path = _FILES[name]
    return Response(path.read_bytes(), content_type=_TYPES[path.suffix])


def _move_clock(request: Request) -> Response:
    """Do to the clock what POST, PUT and, for nothing at all, DELETE of the control API do."""
    try:
        declared = read_body(request)
        if "advance" in declared:
            return _json(timekeeping.advance_clock(declared))
        if declared:
            return _json(timekeeping.set_clock(declared))
    except ServiceException as error:
        return error_response(400, error.code, error.message)
    timekeeping.release_clock()
    return _json(timekeeping.get_clock())


def _json(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), content_type="application/json")
