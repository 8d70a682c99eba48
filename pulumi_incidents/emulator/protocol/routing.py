"""Which operation a request asks for, in each protocol that is spoken here.

Follows Smithy, *AWS restJson1* (by method and path) and *AWS JSON 1.1* (by a header, at one path).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, PathConverter, Rule

from pulumi_incidents.emulator.protocol.errors import UnknownOperationException

if TYPE_CHECKING:
    from moto.core.model import ServiceModel
    from werkzeug.wrappers import Request

# Returns the operation that a request asks for, and the members that its path holds.
Router = Callable[["Request"], tuple[str, dict[str, Any]]]


class _Label(PathConverter):
    """A part of a path that may hold anything, as an ARN holds slashes."""

    regex = r"(?s:.+)"
    part_isolating = False


def _by_path(model: ServiceModel) -> Router:
    operations = [model.operation_model(name) for name in model.operation_names]
    rules = [
        Rule(
            re.sub(r"{(\w+)}", r"<label:\1>", operation.http["requestUri"]),
            methods=[operation.http["method"]],
            endpoint=operation.name,
        )
        for operation in operations
    ]
    routes = Map(rules, merge_slashes=False, converters={"label": _Label}).bind("localhost")

    def route(request: Request) -> tuple[str, dict[str, Any]]:
        try:
            name, members = routes.match(request.path, request.method)
        except (NotFound, MethodNotAllowed):
            raise _unknown(model, f"{request.method} {request.path[:100]}") from None
        return name, dict(members)

    return route


def _by_target(model: ServiceModel) -> Router:
    targets = {f"{model.metadata['targetPrefix']}.{name}": name for name in model.operation_names}

    def route(request: Request) -> tuple[str, dict[str, Any]]:
        if (request.method, request.path) != ("POST", "/"):
            raise _unknown(model, f"{request.method} {request.path[:100]}")
        target = request.headers.get("X-Amz-Target", "")
        if target not in targets:
            raise _unknown(model, target[:100] or "without an X-Amz-Target")
        return targets[target], {}

    return route


def _unknown(model: ServiceModel, asked: str) -> UnknownOperationException:
    return UnknownOperationException(f"{model.service_name} has no operation {asked}.")


# By the names that botocore has for the protocols.
ROUTERS: dict[str, Callable[[ServiceModel], Router]] = {"rest-json": _by_path, "json": _by_target}
