"""Faults on demand: errors, slow answers and lost answers of the emulated Incident Manager.

A fault is declared as a JSON object (see `Fault`) and meets the next valid requests to its
operation, in the order of declaration. Codes follow the *Errors* of each operation and the
*Common Error Types* of the Incident Manager API reference.
"""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta, timezone
from threading import Event, Lock
from typing import Annotated, Any

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from typing_extensions import Self

from pulumi_incidents.emulator.protocol.history import LAG
from pulumi_incidents.emulator.protocol.validation import Failures, check
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    DemandedException,
    UnmodelledException,
    ValidationException,
)

ANY_OPERATION = "*"
_LIST = "List"

_MODEL = get_service_model("ssm-incidents")
_OPERATIONS = set(_MODEL.operation_names)
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
_MAX_DELAY = 600
_MAX_RETRY_AFTER = 86_400


def _known_operation(operation: str) -> str:
    if operation not in {*_OPERATIONS, ANY_OPERATION}:
        raise ValueError('must be "*" or an operation of Incident Manager')
    return operation


def _only_true(value: bool) -> bool:  # noqa: FBT001 - a validator
    _demand(value, "can only be true")
    return value


def _known_error(error: dict[str, Any]) -> dict[str, Any]:
    """Check that the model, or every AWS service, has this code with these members."""
    code = error.get("code", "")
    _demand(isinstance(code, str), "must have a code that is a string")
    _demand(None not in error.values(), "must not have a null member")
    known = ", ".join(sorted({*_COMMON, *_MODELLED}))
    _demand(code in _COMMON or code in _MODELLED, f"must have one of the codes {known}")
    members = {name: value for name, value in error.items() if name != "code"}
    if code in _COMMON:
        _demand(members.keys() <= {"message"}, f"{code} has no member but its message")
        _demand(isinstance(members.get("message", ""), str), "error.message must be a string")
        return error
    wait = members.get("retryAfter", 0)
    _demand(
        type(wait) in (int, float) and abs(wait) <= _MAX_RETRY_AFTER,
        f"error.retryAfter must be seconds from now, at most {_MAX_RETRY_AFTER}",
    )
    failures = Failures()
    complete = {"message": "", **_required_members(code), **members}
    check(complete, _MODELLED[code], "error", failures)
    try:
        failures.raise_if_any()
    except ServiceException as found:
        raise ValueError(found.message) from None
    return error


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


Seconds = Annotated[float, Field(gt=0, le=_MAX_DELAY)]


class Uniform(_Declared):
    """Delays of any length from `low` to `high` seconds, each as likely."""

    low: Annotated[float, Field(ge=0, le=_MAX_DELAY)]
    high: Seconds

    def draw(self, source: random.Random) -> float:
        """Return a delay."""
        return source.uniform(self.low, self.high)


class Lognormal(_Declared):
    """Delays as networks have them: half of them below `median` seconds, and a long tail.

    `sigma` is the standard deviation of the logarithm: with 0.5, one in a hundred takes more than
    3.2 times the median.
    """

    median: Seconds
    sigma: Annotated[float, Field(gt=0, le=3)]

    def draw(self, source: random.Random) -> float:
        """Return a delay."""
        return source.lognormvariate(math.log(self.median), self.sigma)


class Fault(_Declared):
    """What happens to the next `times` requests to an operation; null is until healed.

    `operation`: a name, or "*" for each. `times`: from 1 up or null, 1 if absent.
    `probability`: with which a request meets the fault, above 0 and at most 1; 1 if absent.
    `seed`: of the chances of this fault, so that a run can be repeated.

    At least one of these happens. `error`: answered in place of an effect; `code`, and any of
    `message`, `retryAfter` in seconds from now and the other members that the code has in the
    model. `delay`: seconds, at most 600, or a distribution: `{"low": 0.1, "high": 2}` or
    `{"median": 0.1, "sigma": 0.5}`. `lose_answer`: close the connection when the request was
    handled. `lag`: seconds by which a List operation lags behind; with "*", only those meet it.
    """

    operation: Annotated[str, AfterValidator(_known_operation)]
    times: Annotated[int, Field(ge=1)] | None = 1
    probability: Annotated[float, Field(gt=0, le=1)] = 1
    seed: int | None = None
    error: Annotated[dict[str, Any], AfterValidator(_known_error)] = Field(default_factory=dict)
    delay: Seconds | Uniform | Lognormal | None = None
    lose_answer: Annotated[bool, AfterValidator(_only_true)] = False
    lag: Seconds | None = None
    _source: random.Random = PrivateAttr()

    @model_validator(mode="after")
    def _do_something(self) -> Self:
        if not (self.error or self.delay or self.lose_answer or self.lag):
            raise ValueError("nothing to happen: give error, delay, lose_answer or lag")
        if self.lag and not self.operation.startswith((_LIST, ANY_OPERATION)):
            raise ValueError(f"only List operations lag, and {self.operation} is none")
        self._source = random.Random(self.seed)  # noqa: S311 - chances, no secrets
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the fault as it was declared, with how often it is still to happen."""
        return {**self.model_dump(exclude_defaults=True), "times": self.times}

    def meets(self, operation: str) -> bool:
        """Say whether a request to an operation meets this fault, by its chances."""
        if self.operation not in (operation, ANY_OPERATION):
            return False
        if self.lag and not operation.startswith(_LIST):
            return False
        return self.probability == 1 or self._source.random() < self.probability

    def draw_delay(self) -> float:
        """Return the seconds that a request has to wait."""
        if isinstance(self.delay, Uniform | Lognormal):
            return min(self.delay.draw(self._source), _MAX_DELAY)
        return self.delay or 0

    def raise_error(self, operation: str) -> None:
        """Raise the error of this fault, if it has one, as the answer to an operation."""
        if not self.error:
            return
        code = self.error["code"]
        default = _MESSAGES.get(code, f"{code} was asked for.").format(operation=operation)
        message = self.error.get("message", default)
        if code in _COMMON:
            raise UnmodelledException(code, message, status=_COMMON[code])
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
            self._set_lag()

    def left(self) -> list[dict[str, Any]]:
        """Return what is still to happen."""
        with self._lock:
            return [fault.to_dict() for fault in self._left]

    def heal(self) -> None:
        """Forget every fault; requests that are being delayed go on at once."""
        with self._lock:
            self._left.clear()
            self._set_lag()
            self._healed.set()
            self._healed = Event()

    def take(self, operation: str) -> Fault | None:
        """Use up the first fault that a request meets once, and return it after its delay."""
        with self._lock:
            fault = next((each for each in self._left if each.meets(operation)), None)
            if fault is None:
                return None
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self._left.remove(fault)
                    self._set_lag()
            delay, healed = fault.draw_delay(), self._healed
        if delay:
            healed.wait(delay)
        return fault

    def _set_lag(self) -> None:
        LAG.take(max((fault.lag or 0 for fault in self._left), default=0))


def read_fault(declared: dict[str, Any]) -> Fault:
    """Return the fault that a JSON object declares; raise a ValidationException if it cannot."""
    try:
        return Fault.model_validate(declared)
    except ValidationError as error:
        raise ValidationException(
            "; ".join(
                f"{'.'.join(map(str, wrong['loc'])) or 'A fault'}: "
                f"{wrong['msg'].removeprefix('Value error, ')}, not {str(wrong['input'])[:200]!r}"
                for wrong in error.errors()
            )
        ) from None


def _required_members(code: str) -> dict[str, str]:
    required = _MODELLED[code].required_members
    return {name: value for name, value in _REQUIRED_MEMBERS.items() if name in required}


def _demand(condition: bool, sentence: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise ValueError(sentence)
