"""The HTTP side of the emulated Incident Manager: a request in, a response out.

Follows the rest-json protocol (Smithy, *AWS restJson1*) by the service's own model: botocore's
shapes say where each input member travels, and moto's serialiser writes outputs and errors.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from moto.core.exceptions import ServiceException
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from
from moto.utilities.utils import get_partition
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, PathConverter, Rule
from werkzeug.wrappers import Response

from pulumi_incidents.emulator.protocol.validation import Failures, check
from pulumi_incidents.emulator.ssm_incidents.documented import check_documented
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    SerializationException,
    UnknownOperationException,
    UnmodelledException,
)
from pulumi_incidents.emulator.ssm_incidents.models import PARTITIONS, IncidentsBackend, backends
from pulumi_incidents.emulator.ssm_incidents.notifications import deliver

if TYPE_CHECKING:
    from moto.core.model import OperationModel, StructureShape
    from werkzeug.wrappers import Request

    from pulumi_incidents.emulator.front.faults import Faults
    from pulumi_incidents.emulator.permissions.requests import Need

SERVICE = "ssm-incidents"
# Held for every call: an operation, its clientToken and a reset are one step each.
LOCK = RLock()

# Of an operation and its parameters.
Authorize = Callable[[str, dict[str, Any]], "list[Need]"]

_READING = re.compile(r"(BatchGet|Describe|Get|List|Lookup|Search|Simulate)[A-Z]|(GET|HEAD) ")
_MODEL = get_service_model(SERVICE)
_OPERATIONS = {name: _MODEL.operation_model(name) for name in _MODEL.operation_names}
_SERIALIZER = get_serializer_class(SERVICE, "rest-json")


class _Label(PathConverter):
    """A part of a path that may hold anything, as an ARN holds slashes."""

    regex = r"(?s:.+)"
    part_isolating = False


_ROUTES = Map(
    [
        Rule(
            re.sub(r"{(\w+)}", r"<label:\1>", operation.http["requestUri"]),
            methods=[operation.http["method"]],
            endpoint=name,
        )
        for name, operation in _OPERATIONS.items()
    ],
    merge_slashes=False,
    converters={"label": _Label},
)


@dataclass
class Exchange:
    """One request and what was answered to it; `parameters` only if the request was a valid one.

    `lost`: the answer must not reach the client. `needs`: the rights that it took, where those of
    callers are evaluated.
    """

    operation: str
    response: Response = field(default_factory=Response)
    error: str | None = None
    parameters: Any = None
    lost: bool = False
    needs: list[Need] = field(default_factory=list)

    @property
    def mutating(self) -> bool:
        """Whether the operation may change something, by its name; in every service."""
        return not _READING.match(self.operation)


class Owner(NamedTuple):
    """Whose state a request works on: an account in a partition."""

    account: str
    partition: str

    def backend(self) -> IncidentsBackend:
        """Return that state; ask under the lock, since a reset puts another in its place."""
        return backends[self.account][self.partition]


def owner_of(access_key: str, region: str) -> Owner:
    """Return whose state a request of this access key in this region works on.

    The account is found as moto finds it for its own services, so that ARNs agree.
    """
    account = os.environ.get("MOTO_ACCOUNT_ID") or get_account_id_from(access_key)
    partition = get_partition(region)
    return Owner(account, partition if partition in PARTITIONS else "aws")


def respond(
    request: Request, owner: Owner, faults: Faults, authorize: Authorize = lambda *_: []
) -> Exchange:
    """Answer one request to Incident Manager; whatever a client sends, this does not raise.

    `authorize` returns what an operation with these parameters takes, and raises an error if its
    sender has no right to it.
    """
    exchange = Exchange(f"{request.method} {request.path}")
    try:
        exchange.operation, uri = _route(request)
        operation = _OPERATIONS[exchange.operation]
        exchange.parameters = _checked(operation, read_body(request), uri, request)
        exchange.needs = authorize(exchange.operation, exchange.parameters)
        if fault := faults.take(exchange.operation):
            exchange.lost = fault.lose_answer
            fault.raise_error(exchange.operation)
        with LOCK:
            backend = owner.backend()
            if fault and fault.lag:
                backend = backend.as_of(fault.lag)
            result = backend.call(exchange.operation, exchange.parameters)
            exchange.response = _serialize(operation, result)
            messages = backend.take_messages()
        deliver(messages)
    except UnmodelledException as error:
        exchange.error = error.code
        exchange.response = error_response(error.status, error.code, error.message)
    except ServiceException as error:
        exchange.error = error.code
        exchange.response = _serialize(operation, error)
    return exchange


def error_response(status: int, code: str, message: str) -> Response:
    """Return an error in the shape of the JSON protocols, for codes that no model lists."""
    body = json.dumps({"__type": code, "message": message})
    headers = {"X-Amzn-ErrorType": code}
    return Response(body, status, headers, content_type="application/json")


def _route(request: Request) -> tuple[str, dict[str, Any]]:
    try:
        name, uri = _ROUTES.bind("localhost").match(request.path, request.method)
    except (NotFound, MethodNotAllowed):
        raise UnknownOperationException(
            f"{SERVICE} has no operation {request.method} {request.path[:100]}."
        ) from None
    return name, dict(uri)


def read_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body; no body is an empty object."""
    try:
        # Python would take UTF-16 and UTF-32 as well, which JSON on a network is not (RFC 8259).
        text = request.get_data().decode() or "{}"
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise SerializationException("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise SerializationException("The body is not a JSON object.")
    return body


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)


def _checked(
    operation: OperationModel, body: dict[str, Any], uri: dict[str, str], request: Request
) -> dict[str, Any]:
    """Return the input, gathered from where the model says each member travels, and checked."""
    failures = Failures()
    shape = cast("StructureShape", operation.input_shape)  # every operation has one
    places = {n: m.serialization.get("location", "body") for n, m in shape.members.items()}
    parameters: dict[str, Any] = dict(uri)
    for name, value in body.items():
        if places.get(name, "body") == "body":
            parameters[name] = value  # an unknown one fails in the walk over the model
        else:
            failures.add(name, f"Member must be in the {places[name]} and not in the body")
    for name, values in request.args.lists():
        if places.get(name) != "querystring":
            failures.add(name[:100], "Member must be one that the query string can have")
        elif shape.members[name].type_name == "list":
            parameters[name] = values
        elif len(values) == 1:
            parameters[name] = values[0]
        else:
            failures.add(name, "Member must be given once")
    checked: dict[str, Any] = check(parameters, shape, "", failures)
    failures.raise_if_any()
    check_documented(operation.name, checked)
    return checked


def _serialize(operation: OperationModel, result: Any) -> Response:
    answer = _SERIALIZER(operation_model=operation).serialize(result)
    return Response(answer["body"], answer["status_code"], answer["headers"])
