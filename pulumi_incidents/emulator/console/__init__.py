"""The console: a page that shows the local Incident Manager to a person and works on it.

The page is in `static/`, as it is: no build step and nothing from elsewhere. It has no API of its
own. What it asks goes in at the front door, as a request that botocore makes of it.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

from botocore.exceptions import ParamValidationError
from botocore.serialize import create_serializer
from moto.core.exceptions import ServiceException
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.permissions.denials import DENIALS
from pulumi_incidents.emulator.protocol.errors import error_response
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.partitions import PARTITIONS
from pulumi_incidents.emulator.protocol.requests import read_body
from pulumi_incidents.emulator.protocol.responses import Meet, no_fault
from pulumi_incidents.emulator.protocol.responses import respond as answer
from pulumi_incidents.emulator.protocol.service import Owner
from pulumi_incidents.emulator.ssm_incidents.models import backends
from pulumi_incidents.emulator.ssm_incidents.notifications import SENT
from pulumi_incidents.emulator.ssm_incidents.service import INCIDENTS
from pulumi_incidents.emulator.storage.lock import LOCK

PAGE = "/"
CONSOLE = "/_local/console/"
# Whose page it is, by the name in the signatures of its requests.
SERVICE = INCIDENTS.name
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
_BOOT = str(uuid.uuid4())
_SERIALIZER = create_serializer(INCIDENTS.protocol)


def serves(request: Request) -> bool:
    """Say whether a request is for the page or comes from it; what is signed is for AWS."""
    if request.path == PAGE:
        plain = not request.query_string and "Authorization" not in request.headers
        return plain and request.method in ("GET", "HEAD")
    return request.path.startswith(CONSOLE)


def meets_faults(request: Request) -> bool:
    """Say whether what the page asks for may be delayed, or fail, on demand.

    What only reads may not: an open page must not use up what a test declares.
    """
    return request.path.startswith(_CALL) and Exchange(_called(request)).mutating


def own_origin(request: Request) -> str:
    """Return the origin of the page, under the name that this request came by."""
    return f"{request.scheme}://{request.host}"


def respond(request: Request, meet: Meet) -> Exchange:
    """Answer the page, its files and its requests."""
    if request.path.startswith(_CALL):
        exchange = _call(request, meet if meets_faults(request) else no_fault)
    else:
        exchange = Exchange(f"{request.method} {request.path}", _get(request))
    exchange.response.headers.update(_HEADERS)
    return exchange


def _called(request: Request) -> str:
    return request.path.removeprefix(_CALL)


def _get(request: Request) -> Response:
    name = request.path.removeprefix(CONSOLE)
    if request.method not in ("GET", "HEAD"):
        message = "The console has POST call/<operation>, and GET for everything else."
        return error_response(405, "MethodNotAllowed", message)
    if name == "state":
        return Response(json.dumps(_state()), content_type="application/json")
    return _file("index.html" if request.path == PAGE else name)


def _file(name: str) -> Response:
    if name not in _FILES:
        return error_response(404, "NotFound", f"The console has no file {name[:100]}.")
    path = _FILES[name]
    return Response(path.read_bytes(), content_type=_TYPES[path.suffix])


def _state() -> dict[str, Any]:
    """Return what the page compares to see that there is something new, and whose state there is.

    `boot` is another one after a restart, `version` after any change of an account's state, and
    `clock` after any that somebody makes to it.
    """
    with LOCK:
        accounts = [
            {"account": account, "partition": partition, "version": backend.version}
            for account, partitions in backends.items()
            for partition, backend in partitions.items()
            if backend.replication_set or backend.plans or backend.records
        ]
        clock = json.loads(CLOCK.dump())
    default = INCIDENTS.owner_of("", "us-east-1").account
    accounts.sort(key=lambda each: (each["account"] != default, *each.values()))
    news = {"messages": SENT.total, "denials": DENIALS.total}
    return {"boot": _BOOT, "clock": clock, "accounts": accounts, **news}


def _call(request: Request, meet: Meet) -> Exchange:
    """Send what the page asks to the API, as an SDK would, for the account in the query string."""
    operation = _called(request)
    if request.method != "POST" or request.mimetype != "application/json":
        message = "A call is a POST of application/json."
        return Exchange(operation, error_response(415, "UnsupportedMediaType", message))
    if request.headers.get("Origin") != own_origin(request):
        message = "Only the console itself may call; the Origin header does not name it."
        return Exchange(operation, error_response(403, "AccessDeniedException", message))
    if operation not in INCIDENTS.operations:
        message = f"Incident Manager has no operation {operation[:100]}."
        return Exchange(operation, error_response(404, "UnknownOperationException", message))
    try:
        made = _sdk_request(operation, read_body(request))
    # botocore raises a RuntimeError about times that no calendar has.
    except (ParamValidationError, ServiceException, RuntimeError) as error:
        return Exchange(operation, error_response(400, "ParamValidationError", str(error)))
    return answer(INCIDENTS, made, _owner(request), meet)


def _sdk_request(operation: str, parameters: dict[str, Any]) -> Request:
    """Return the request that every SDK makes of these parameters."""
    model = INCIDENTS.operations[operation]
    made = _SERIALIZER.serialize_to_request(parameters, model)
    builder = EnvironBuilder(
        path=made["url_path"],
        query_string=made["query_string"],
        method=made["method"],
        data=made["body"] or None,
        headers=made["headers"],
    )
    return Request(builder.get_environ())


def _owner(request: Request) -> Owner:
    default = INCIDENTS.owner_of("", "us-east-1")
    account = request.args.get("account", default.account)
    partition = request.args.get("partition", default.place)
    known = re.fullmatch(r"\d{12}", account) and partition in PARTITIONS
    return Owner(account, partition) if known else default
