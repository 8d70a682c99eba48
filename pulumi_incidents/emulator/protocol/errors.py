"""Errors that are of no service alone, and the shape in which the JSON protocols have errors.

What a model knows about an error (status code, members) is added when it is serialised; `status` is
for the codes that belong to every AWS service and are in no model.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterable


class ValidationException(ServiceException):
    """The request breaks a constraint of the model or of the documents (400).

    `fields`: what is wrong with which member. Some models have that as members of the error.
    """

    code = "ValidationException"

    def __init__(self, message: str, fields: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.Fields = [{"Name": name, "Message": told} for name, told in fields] or None
        self.Reason = "FIELD_VALIDATION_FAILED" if self.Fields else "OTHER"


class DemandedException(ServiceException):
    """An error of a model that a fault asks for, with any of its members."""

    def __init__(self, code: str, message: str, members: dict[str, Any]) -> None:
        super().__init__(code, message)
        vars(self).update(members)  # the serialiser looks for attributes


class UnmodelledException(ServiceException):
    """An error that AWS services answer without listing it in their model.

    Made of a message, or of a code and a message, like every error of moto's.
    """

    status = 400

    def __init__(self, *told: str, status: int | None = None) -> None:
        super().__init__(*told)
        self.status = status or self.status


class SerializationException(UnmodelledException):
    """The body is not the JSON object that the protocol asks for (400)."""

    code = "SerializationException"


class UnknownOperationException(UnmodelledException):
    """The service has no operation that is asked for in this way (404).

    The status is that of *Common Error Types* in AWS's references; whether every service of the
    JSON 1.1 protocol answers it is unverified.
    """

    code = "UnknownOperationException"
    status = 404


def error_response(
    status: int, code: str, message: str, content_type: str = "application/json"
) -> Response:
    """Return an error in the shape of the JSON protocols, for codes that no model lists."""
    body = json.dumps({"__type": code, "message": message})
    return Response(body, status, {"X-Amzn-ErrorType": code}, content_type=content_type)
