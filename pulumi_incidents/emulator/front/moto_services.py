"""The services that moto has, asked as the one WSGI application that its server is."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from pulumi_incidents.emulator.front import browsers
from pulumi_incidents.emulator.protocol.errors import error_response
from pulumi_incidents.emulator.protocol.exchange import Exchange

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


class MotoServices:
    """All of moto's services."""

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)

    def respond(self, request: Request) -> Exchange:
        """Answer one request."""
        operation = operation_of(request)
        try:
            answer = Response.from_app(self._application, request.environ, buffered=True)
            response = browsers.confine(request, answer)
        except NotImplementedError as error:
            message = f"moto does not implement this part of {operation}: {error}"
            response = error_response(501, "NotImplementedException", message)
        return Exchange(operation, response, _error(response))


def operation_of(request: Request) -> str:
    """Name the operation: by target (json), by path (cbor) or by `Action` (query protocol)."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rsplit(".", 1)[-1]
    if "/operation/" in request.path:
        return request.path.rsplit("/", 1)[-1]
    action = re.search(rb"(?:^|&)Action=(\w+)", request.get_data() or request.query_string)
    return action[1].decode() if action else f"{request.method} {request.path}"


def _error(response: Response) -> str | None:
    """Find the AWS code in an error of any protocol."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return None
    header = response.headers.get("X-Amzn-ErrorType", "")
    found = re.search(r'<Code>([^<]+)|"__type": ?"([^"]+)"', response.get_data(as_text=True))
    code = header or (found and (found[1] or found[2])) or ""
    return code.split("#")[-1].split(":")[0] or None
