"""The services that moto has, asked as the one WSGI application that its server is.

What moto does not have is said in the protocol of the request, with the status 501: of the server's
errors the one that no AWS SDK tries again, which would not help.
"""

from __future__ import annotations

import re
import sys
import traceback
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.model import OperationNotFoundError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from pulumi_incidents.emulator.front import browsers
from pulumi_incidents.emulator.mended import (
    accounts,
    documents,
    executions,
    quotas,
    simulation,
    subscriptions,
    templates,
)
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.refusals import refuse, service_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_NOT_HERE = "NotImplementedException"
_OURS = Path(__file__).parents[1]
# What moto's services do as AWS does from their first request on.
_MENDS = {
    "iam": (simulation,),
    "servicequotas": (quotas,),
    "sns": (subscriptions,),
    "ssm": (documents, executions),
}


class _UnknownServiceError(Exception):
    """moto has no such service."""


class _UnknownOperationError(Exception):
    """moto has the service, and nothing at a path of it."""


class _Application(DomainDispatcherApplication):
    """moto's server, which says what it does not have, and says nothing on stdout."""

    def get_backend_for_host(self, host: str | None) -> Any:
        if host and "." in host and not self._known(host):
            raise _UnknownServiceError
        return super().get_backend_for_host(host)

    @cache  # noqa: B019 - there is one application
    def _known(self, host: str) -> bool:
        return any(pattern.match(f"http://{host}") for _, pattern in self.backend_url_patterns)


class MotoServices:
    """All of moto's services."""

    def __init__(self) -> None:
        accounts.connect()
        self._application = _Application(_create)

    def respond(self, request: Request) -> Exchange:
        """Answer one request; what moto does not have or breaks on is an answer as well."""
        operation = operation_of(request)
        try:
            response = browsers.confine(request, self._asked(request))
        except Exception as error:  # noqa: BLE001 - moto's own mistakes are of any kind
            reason, code = _explained(error, service_of(request) or "s3", operation)
            refusal = refuse(request, HTTPStatus.NOT_IMPLEMENTED, code, reason)
            return Exchange(operation, refusal, code)
        return Exchange(operation, response, _error(response))

    def _asked(self, request: Request) -> Response:
        answer = Response.from_app(self._application, request.environ, buffered=True)
        if _is_nothing(request, answer):
            raise _UnknownOperationError
        return answer


def operation_of(request: Request) -> str:
    """Name the operation: by target (json), by path (cbor) or by `Action` (query protocol)."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rsplit(".", 1)[-1]
    if "/operation/" in request.path:
        return request.path.rsplit("/", 1)[-1]
    action = re.search(rb"(?:^|&)Action=(\w+)", request.get_data() or request.query_string)
    return action[1].decode() if action else f"{request.method} {request.path}"


def _create(backend: Any) -> Any:
    if backend is None:
        raise _UnknownServiceError
    if backend in templates.SERVICES:
        templates.connect()
    for mend in _MENDS.get(backend, ()):
        mend.connect()
    application = create_backend_app(backend)
    for missing in (NotFound, MethodNotAllowed):
        application.register_error_handler(missing, _raise_unknown)
    return application


def _raise_unknown(_: Exception) -> NoReturn:
    raise _UnknownOperationError


def _is_nothing(request: Request, response: Response) -> bool:
    """Say whether this is how moto answers an operation that it cannot name."""
    missing = response.status_code == HTTPStatus.NOT_FOUND and not response.get_data()
    return missing and request.method != "HEAD" and response.content_type != "application/xml"


def _explained(error: Exception, service: str, operation: str) -> tuple[str, str]:
    """Return why moto has no answer, as a sentence and AWS's code for it."""
    if isinstance(error, _UnknownServiceError):
        reason = f"The local AWS has no {service}, and neither has moto"
        return f"{reason}: leave {operation} out of what you run here.", _NOT_HERE
    if isinstance(error, _UnknownOperationError | OperationNotFoundError):
        reason = f"moto has no {operation} in its {service}: leave it out of what you run here."
        return reason, _NOT_HERE
    if isinstance(error, NotImplementedError):
        return f"moto does not implement this part of {operation}: {error}", _NOT_HERE
    place = traceback.extract_tb(error.__traceback__)[-1]
    if _OURS in Path(place.filename).parents:  # a mistake of ours keeps its traceback
        traceback.print_exception(error)
    told = f"{type(error).__name__}: {error}, at line {place.lineno} of {Path(place.filename).name}"
    reason = f"moto fails at {operation} of {service} as it was asked here ({told})."
    sys.stderr.write(f"{reason}\n")
    return reason, "InternalFailure"


def _error(response: Response) -> str | None:
    """Find the AWS code in an error of any protocol."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return None
    header = response.headers.get("X-Amzn-ErrorType", "")
    found = re.search(rb'<Code>([^<]+)|"__type": ?"([^"]+)"', response.get_data())
    code = header or (found and (found[1] or found[2]).decode()) or ""
    return code.split("#")[-1].split(":")[0] or None
