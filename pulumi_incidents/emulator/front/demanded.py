"""Errors on demand: which ones a service has, how they are declared, and how they read.

Codes follow the *Errors* of each operation and the *Common Error Types* of AWS's API references.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.emulator.protocol.errors import DemandedException, UnmodelledException
from pulumi_incidents.emulator.protocol.validation import Failures, check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_incidents.emulator.protocol.service import Service

# Answered by every AWS service, and in no model. An account that never used Incident Manager
# gets UnsupportedOperationException.
_COMMON = {
    "ExpiredTokenException": 403,
    "IncompleteSignature": 403,
    "InvalidSignatureException": 403,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "UnrecognizedClientException": 403,
    "UnsupportedOperationException": 400,
}
_MESSAGES = {
    "AccessDeniedException": (
        "User: arn:aws:iam::123456789012:user/moto is not authorized to perform: "
        "{service}:{operation} because no identity-based policy allows the "
        "{service}:{operation} action"
    ),
    "ExpiredTokenException": "The security token included in the request is expired",
    "InternalServerException": "Internal server error",
    "ServiceUnavailable": "Service is unavailable. Please try again shortly.",
    "ThrottlingException": "Rate exceeded",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
}
_MAX_RETRY_AFTER = 86_400


def demand(condition: bool, sentence: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise a ValueError with this sentence unless the condition holds."""
    if not condition:
        raise ValueError(sentence)


def check_error(error: Mapping[str, Any], services: Sequence[Service]) -> None:
    """Raise a ValueError if no service, or not every AWS service, has this code and its members."""
    code = error.get("code", "")
    demand(isinstance(code, str), "must have a code that is a string")
    demand(None not in error.values(), "must not have a null member")
    having = [service for service in services if code in service.errors]
    known = ", ".join(sorted({*_COMMON, *(name for each in services for name in each.errors)}))
    demand(code in _COMMON or bool(having), f"must have one of the codes {known}")
    members = _members(error)
    if code in _COMMON:
        demand(members.keys() <= {"message"}, f"{code} has no member but its message")
        demand(isinstance(members.get("message", ""), str), "error.message must be a string")
        return
    wait = members.get("retryAfter", 0)
    demand(
        type(wait) in (int, float) and abs(wait) <= _MAX_RETRY_AFTER,
        f"error.retryAfter must be seconds from now, at most {_MAX_RETRY_AFTER}",
    )
    broken = [reason for service in having if (reason := _mistake(service, code, members))]
    demand(len(broken) < len(having), broken[0] if broken else "")


def has_error(service: Service, error: Mapping[str, Any]) -> bool:
    """Say whether a service has an error with this code and these members."""
    code = error["code"]
    return code in _COMMON or (
        code in service.errors and not _mistake(service, code, _members(error))
    )


def raise_error(service: Service, operation: str, error: Mapping[str, Any]) -> None:
    """Raise an error as the answer of a service to an operation."""
    code = error["code"]
    told = _MESSAGES.get(code, f"{code} was asked for.")
    message = error.get("message", told.format(service=service.name, operation=operation))
    if code in _COMMON:
        raise UnmodelledException(code, message, status=_COMMON[code])
    members = _complete(service, code, {**_members(error), "message": message})
    if "retryAfter" in members:
        members["retryAfter"] = now() + timedelta(seconds=members["retryAfter"])
    raise DemandedException(code, message, members)


def _members(error: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in error.items() if name != "code"}


def _mistake(service: Service, code: str, members: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the members of an error by the model of a service, if anything."""
    failures = Failures()
    check(
        _complete(service, code, {"message": "", **members}),
        service.errors[code],
        "error",
        failures,
    )
    try:
        failures.raise_if_any()
    except ServiceException as found:
        return found.message
    return None


def _complete(service: Service, code: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an error with those that its model requires.

    `message` is spelled as the model has it: some APIs say `Message`.
    """
    shape = service.errors[code]
    message = next((name for name in shape.members if name.lower() == "message"), "message")
    given = {message if name == "message" else name: each for name, each in members.items()}
    defaults = {"quotacode": "L-0A1B2C3D", "servicecode": service.name}
    required = {name: defaults.get(name.lower()) for name in shape.required_members}
    return {**{name: value for name, value in required.items() if value}, **given}
