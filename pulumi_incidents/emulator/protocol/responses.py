"""The HTTP side of an emulated service: a request in, a response out.

Both follow the service's own model: botocore's shapes say where each input member travels, and
moto's serialiser writes outputs and errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from moto.core.exceptions import ServiceException
from werkzeug.wrappers import Response

from pulumi_incidents.emulator.protocol.errors import UnmodelledException, error_response
from pulumi_incidents.emulator.protocol.exchange import Exchange
from pulumi_incidents.emulator.protocol.needs import Need
from pulumi_incidents.emulator.protocol.requests import checked_parameters
from pulumi_incidents.emulator.protocol.service import Owner, Service
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from moto.core.model import OperationModel
    from werkzeug.wrappers import Request


class Fault(Protocol):
    """What happens to a request on demand.

    `lose_answer`: its answer must not reach the client. `lag`: seconds by which a list lags behind.
    """

    @property
    def lose_answer(self) -> bool:
        """Whether the answer is lost."""

    @property
    def lag(self) -> float | None:
        """How many seconds the state is behind, if it is."""

    def raise_error(self, service: Service, operation: str) -> None:
        """Raise the error that is answered in place of an effect, if there is to be one."""


# The one error of the models that is the service's own fault: AWS's references have it with 500.
# Those of JSON 1.1 say no status.
_OWN_FAULT = "InternalServerException"
# Of an operation and its parameters: what it takes. Raises an error if its sender has no right.
Authorize = Callable[[str, dict[str, Any]], list[Need]]
# Of an operation of a service: the fault that a valid request to it meets, after its delay.
Meet = Callable[[Service, str], "Fault | None"]


def anybody(_: str, __: dict[str, Any]) -> list[Need]:
    """Let everybody do everything."""
    return []


def no_fault(_: Service, __: str) -> None:
    """Let nothing happen."""


def respond(
    service: Service,
    request: Request,
    owner: Owner,
    meet: Meet = no_fault,
    authorize: Authorize = anybody,
) -> Exchange:
    """Answer one request to a service; whatever a client sends, this does not raise."""
    exchange = Exchange(f"{request.method} {request.path}")
    try:
        exchange.operation, path_members = service.route(request)
        operation = service.operations[exchange.operation]
        parameters = checked_parameters(operation, request, path_members)
        service.check(operation.name, parameters)
        exchange.parameters = parameters
        exchange.needs = authorize(operation.name, parameters)
        fault = meet(service, operation.name)
        if fault:
            exchange.lost = fault.lose_answer
            fault.raise_error(service, operation.name)
        exchange.response = _done(service, operation, owner, parameters, fault)
    except ServiceException as error:
        exchange.error = error.code
        exchange.response = _refusal(service, exchange.operation, error)
    return exchange


def _refusal(service: Service, operation: str, error: ServiceException) -> Response:
    if isinstance(error, UnmodelledException):
        kind = service.content_type
        return error_response(error.status, error.code, error.message, kind)
    response = _serialized(service, service.operations[operation], error)
    if error.code == _OWN_FAULT:
        response.status_code = 500
    return response


def _done(
    service: Service,
    operation: OperationModel,
    owner: Owner,
    parameters: dict[str, Any],
    fault: Fault | None,
) -> Response:
    with LOCK:
        backend = service.backend(owner)
        lag = fault.lag if fault else None
        result = backend.call(operation.name, parameters, owner.region, lag)
        response = _serialized(service, operation, result)
        messages = backend.take_messages()
    service.deliver(messages)
    return response


def _serialized(service: Service, operation: OperationModel, result: Any) -> Response:
    answer = service.serializer(operation_model=operation).serialize(result)
    return Response(answer["body"], answer["status_code"], answer["headers"])
