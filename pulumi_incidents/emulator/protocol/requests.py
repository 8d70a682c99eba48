"""The parameters of a request, gathered from where the model says each member travels.

Follows Smithy, *AWS restJson1* and *AWS JSON 1.1*: in the latter every member is in the body.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from pulumi_incidents.emulator.protocol.errors import SerializationException
from pulumi_incidents.emulator.protocol.validation import Failures, check

if TYPE_CHECKING:
    from moto.core.model import OperationModel, StructureShape
    from werkzeug.wrappers import Request


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


def checked_parameters(
    operation: OperationModel, request: Request, path_members: dict[str, str]
) -> dict[str, Any]:
    """Return the input of an operation; raise everything that its model forbids in it at once."""
    failures = Failures()
    shape = cast("StructureShape", operation.input_shape)  # every operation has one
    places = {n: m.serialization.get("location", "body") for n, m in shape.members.items()}
    parameters: dict[str, Any] = dict(path_members)
    for name, value in read_body(request).items():
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
    return checked
