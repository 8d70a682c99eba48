"""Faults on demand: errors, slow answers and lost answers of the emulated Incident Manager.

A fault is declared as a JSON object (see `read_fault`) and meets the next valid requests to its
operation, in the order of declaration. Codes follow the *Errors* of each operation and the
*Common Error Types* of the Incident Manager API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from threading import Event, Lock
from typing import Any

from botocore import xform_name
from moto.core.utils import get_service_model

from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    DemandedException,
    UnmodelledException,
    ValidationException,
)
from pulumi_incidents.emulator.ssm_incidents.models import IncidentsBackend
from pulumi_incidents.emulator.ssm_incidents.validation import Failures, check

ANY_OPERATION = "*"

_MODEL = get_service_model("ssm-incidents")
_OPERATIONS = {
    name for name in _MODEL.operation_names if hasattr(IncidentsBackend, xform_name(name))
}
_MODELLED = {shape.name: shape for shape in _MODEL.error_shapes}
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
        "ssm-incidents:{operation} because no identity-based policy allows the "
        "ssm-incidents:{operation} action"
    ),
    "ExpiredTokenException": "The security token included in the request is expired",
    "InternalServerException": "Internal server error",
    "ServiceUnavailable": "Service is unavailable. Please try again shortly.",
    "ThrottlingException": "Rate exceeded",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
}
# For members that the model requires of an error.
_REQUIRED_MEMBERS = {"quotaCode": "L-0A1B2C3D", "serviceCode": "ssm-incidents"}
_KEYS = ("operation", "times", "error", "delay", "lose_answer")
_MAX_DELAY = 600
_MAX_RETRY_AFTER = 86_400


@dataclass(eq=False)
class Fault:
    """What happens to the next `times` requests to an operation; None is until healed.

    `error` is answered in place of an effect; `delay` is in seconds; `lose_answer` closes the
    connection when the request was handled.
    """

    operation: str
    times: int | None = 1
    error: dict[str, Any] = field(default_factory=dict)
    delay: float = 0
    lose_answer: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the fault as it was declared, with how often it is still to happen."""
        given = {"error": self.error, "delay": self.delay, "lose_answer": self.lose_answer}
        kept = {name: value for name, value in given.items() if value}
        return {"operation": self.operation, "times": self.times, **kept}

    def raise_error(self, operation: str) -> None:
        """Raise the error of this fault, if it has one, as the answer to an operation."""
        if not self.error:
            return
        code = self.error["code"]
        default = _MESSAGES.get(code, f"{code} was asked for.").format(operation=operation)
        message = self.error.get("message", default)
        if code in _COMMON:
            common = UnmodelledException(code, message)
            common.status = _COMMON[code]
            raise common
        members = {**_required_members(code), **self.error, "message": message}
        if "retryAfter" in members:
            wait = timedelta(seconds=members["retryAfter"])
            members["retryAfter"] = datetime.now(timezone.utc) + wait
        raise DemandedException(code, message, members)


class Faults:
    """The faults that are left, safe to use from several threads."""

    def __init__(self) -> None:
        self._left: list[Fault] = []
        self._lock = Lock()
        self._healed = Event()

    def add(self, fault: Fault) -> None:
        """Let a fault happen, after those that are there."""
        with self._lock:
            self._left.append(fault)

    def left(self) -> list[dict[str, Any]]:
        """Return what is still to happen."""
        with self._lock:
            return [fault.to_dict() for fault in self._left]

    def heal(self) -> None:
        """Forget every fault; requests that are being delayed go on at once."""
        with self._lock:
            self._left.clear()
            self._healed.set()
            self._healed = Event()

    def take(self, operation: str) -> Fault | None:
        """Use up the first fault for an operation once, and return it after its delay."""
        with self._lock:
            matching = (f for f in self._left if f.operation in (operation, ANY_OPERATION))
            fault = next(matching, None)
            if fault is None:
                return None
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self._left.remove(fault)
            healed = self._healed
        if fault.delay:
            healed.wait(fault.delay)
        return fault


def read_fault(declared: dict[str, Any]) -> Fault:
    """Return the fault that a JSON object declares.

    Its keys: `operation`, a name or "*"; `times`, from 1 up or null, 1 if absent; and at least
    one of `error` (`code`, and any of `message`, `retryAfter` in seconds from now and the other
    members that the code has in the model), `delay` (seconds, at most 600) and `lose_answer`.
    Raises ValidationException for anything else.
    """
    for key in declared:
        _demand(key in _KEYS, f"A fault has no {key!r}; it has {', '.join(_KEYS)}.")
    operation = declared.get("operation")
    known = isinstance(operation, str) and operation in {*_OPERATIONS, ANY_OPERATION}
    _demand(known, f'operation must be "*" or one that this local AWS has, not {operation!r}.')
    _demand(len(declared.keys() - {"operation", "times"}) > 0, f"{operation}: nothing to happen.")
    times = declared.get("times", 1)
    counted = type(times) is int and times > 0
    _demand(counted or times is None, f"times must be 1 or more, or null, not {times!r}.")
    delay = declared.get("delay", 0.001)
    _demand(
        _is_number(delay) and 0 < delay <= _MAX_DELAY,
        f"delay must be more than 0 and at most {_MAX_DELAY} seconds, not {delay!r}.",
    )
    _demand(declared.get("lose_answer", True) is True, "lose_answer can only be true.")
    if "error" in declared:
        _check_error(declared["error"])
    return Fault(**declared)


def _check_error(error: Any) -> None:
    if not isinstance(error, dict) or not isinstance(code := error.get("code"), str):
        raise ValidationException("error must be an object with a code.")
    _demand(None not in error.values(), "error must not have a null member.")
    _demand(
        code in _COMMON or code in _MODELLED,
        f"error.code must be one of {', '.join(sorted({*_COMMON, *_MODELLED}))}, not {code!r}.",
    )
    members = {name: value for name, value in error.items() if name != "code"}
    if code in _COMMON:
        _demand(members.keys() <= {"message"}, f"{code} has no member but its message.")
        _demand(isinstance(members.get("message", ""), str), "error.message must be a string.")
        return
    wait = members.get("retryAfter", 0)
    _demand(
        _is_number(wait) and abs(wait) <= _MAX_RETRY_AFTER,
        f"error.retryAfter must be seconds from now, at most {_MAX_RETRY_AFTER}, not {wait!r}.",
    )
    failures = Failures()
    complete = {"message": "", **_required_members(code), **members}
    check(complete, _MODELLED[code], "error", failures)
    failures.raise_if_any()


def _required_members(code: str) -> dict[str, str]:
    required = _MODELLED[code].required_members
    return {name: value for name, value in _REQUIRED_MEMBERS.items() if name in required}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _demand(condition: bool, sentence: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise ValidationException(sentence)
