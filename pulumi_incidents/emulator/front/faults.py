"""Faults on demand: errors, slow answers and lost answers of the emulated services.

A fault is declared as a JSON object (see `Fault`) and meets the next valid requests to its
operation, in the order of declaration.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from threading import Event, Lock
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from typing_extensions import Self

from pulumi_incidents.emulator.front.demanded import check_error, demand, has_error, raise_error
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.history import LAG
from pulumi_incidents.emulator.protocol.service import Service
from pulumi_incidents.emulator.services import SERVICES

ANY_OPERATION = "*"
_LIST = "List"

_MAX_DELAY = 600


def _known_operation(operation: str, info: ValidationInfo) -> str:
    services = _of(info)
    titles = " or ".join(service.title for service in services)
    demand(
        operation == ANY_OPERATION or any(operation in each.operations for each in services),
        f'must be "*" or an operation of {titles}',
    )
    return operation


def _only_true(value: bool) -> bool:  # noqa: FBT001 - a validator
    demand(value, "can only be true")
    return value


def _known_error(error: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """Check that one of the services that have the operation has this error."""
    operation = info.data.get("operation", ANY_OPERATION)  # not there if it is a wrong one
    check_error(error, _having(operation, _of(info)))
    return error


def _of(info: ValidationInfo) -> Sequence[Service]:
    """Return the services that a fault is declared for."""
    return cast("Sequence[Service]", info.context)


def _having(operation: str, services: Sequence[Service]) -> list[Service]:
    return [each for each in services if operation in (ANY_OPERATION, *each.operations)]


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

    `operation`: a name, or "*" for each; it is met in every service that has it, and the error.
    `times`: from 1 up or null, 1 if absent. `probability`: with which a request meets the fault,
    above 0 and at most 1; 1 if absent.
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
    _services: list[Service] = PrivateAttr()

    @model_validator(mode="after")
    def _do_something(self, info: ValidationInfo) -> Self:
        if not (self.error or self.delay or self.lose_answer or self.lag):
            raise ValueError("nothing to happen: give error, delay, lose_answer or lag")
        if self.lag and not self.operation.startswith((_LIST, ANY_OPERATION)):
            raise ValueError(f"only List operations lag, and {self.operation} is none")
        having = _having(self.operation, _of(info))
        self._services = [each for each in having if not self.error or has_error(each, self.error)]
        self._source = random.Random(self.seed)  # noqa: S311 - chances, no secrets
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the fault as it was declared, with how often it is still to happen."""
        return {**self.model_dump(exclude_defaults=True), "times": self.times}

    def meets(self, service: Service, operation: str) -> bool:
        """Say whether a request to an operation meets this fault, by its chances."""
        if service not in self._services or self.operation not in (operation, ANY_OPERATION):
            return False
        if self.lag and not operation.startswith(_LIST):
            return False
        return self.probability == 1 or self._source.random() < self.probability

    def draw_delay(self) -> float:
        """Return the seconds that a request has to wait."""
        if isinstance(self.delay, Uniform | Lognormal):
            return min(self.delay.draw(self._source), _MAX_DELAY)
        return self.delay or 0

    def raise_error(self, service: Service, operation: str) -> None:
        """Raise the error of this fault, if it has one, as the answer to an operation."""
        if self.error:
            raise_error(service, operation, self.error)


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

    def take(self, service: Service, operation: str) -> Fault | None:
        """Use up the first fault that a request meets once, and return it after its delay."""
        with self._lock:
            fault = next((each for each in self._left if each.meets(service, operation)), None)
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


def read_fault(
    declared: dict[str, Any], services: Sequence[Service] = tuple(SERVICES.values())
) -> Fault:
    """Return the fault that a JSON object declares; raise a ValidationException if it cannot.

    It is for those of the services that have its operation and its error.
    """
    try:
        return Fault.model_validate(declared, context=services)
    except ValidationError as error:
        raise ValidationException(
            "; ".join(
                f"{'.'.join(map(str, wrong['loc'])) or 'A fault'}: "
                f"{wrong['msg'].removeprefix('Value error, ')}, not {str(wrong['input'])[:200]!r}"
                for wrong in error.errors()
            )
        ) from None
