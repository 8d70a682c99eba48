"""Composite alarms, which moto lacks: their rules, and what becomes of them when an alarm changes.

Follows PutCompositeAlarm in the CloudWatch API and *Create a composite alarm* in the CloudWatch
user guide. Periods of a suppressor are kept and not waited for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.cloudwatch.models import Alarm

_TOKEN = re.compile(r'\s*(\(|\)|"[^"]*"|[^\s()"]+)')
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_SUPPRESSOR = {
    "ActionsSuppressor": "actions_suppressor",
    "ActionsSuppressorWaitPeriod": "actions_suppressor_wait_period",
    "ActionsSuppressorExtensionPeriod": "actions_suppressor_extension_period",
}
# Alarms may be over each other in a circle, which then ends.
_UNDER_WAY: ContextVar[frozenset[str]] = ContextVar("_UNDER_WAY", default=frozenset())
_REASON = "The rule of the composite alarm was evaluated"


@functools.cache
def connect() -> None:
    """Let there be composite alarms from now on; a second time changes nothing."""
    CloudWatchResponse.put_composite_alarm = _put  # type: ignore[attr-defined]
    changed = CloudWatchBackend.set_alarm_state
    CloudWatchBackend.set_alarm_state = _and_evaluate(changed)  # type: ignore[method-assign]


def is_suppressed(alarm: Alarm, backend: Any) -> bool:
    """Tell whether a composite alarm runs no actions, because of its suppressor."""
    suppressor = getattr(alarm, "actions_suppressor", None)
    return bool(suppressor) and _state(backend, str(suppressor)) == "ALARM"


def _put(self: Any) -> Any:
    """Answer PutCompositeAlarm: the alarm has the state of its rule at once."""
    name, rule = self._get_param("AlarmName"), self._get_param("AlarmRule")
    backend = self.cloudwatch_backend
    for alarm in _named(rule):
        if _state(backend, alarm) is None:
            raise ValidationError(f"Could not save the composite alarm, as alarm {alarm} is none.")
    earlier = backend.alarms.get(name)
    answer = self.put_metric_alarm()
    alarm = backend.alarms[name]
    for parameter, attribute in _SUPPRESSOR.items():
        setattr(alarm, attribute, self._get_param(parameter))
    if earlier:
        alarm.state_value = earlier.state_value
    _evaluate(backend, alarm)
    return answer


def _and_evaluate(set_alarm_state: Callable[..., None]) -> Callable[..., None]:
    """Return SetAlarmState that also brings the composite alarms over that alarm to their state."""

    @functools.wraps(set_alarm_state)
    def with_composites(backend: Any, alarm_name: str, *args: Any, **kwargs: Any) -> None:
        known = backend.alarms.get(alarm_name)
        before = known and known.state_value
        set_alarm_state(backend, alarm_name, *args, **kwargs)
        if backend.alarms[alarm_name].state_value == before:
            return
        for alarm in list(backend.alarms.values()):
            if alarm.rule and alarm_name in map(_plain, _named(alarm.rule)):
                _evaluate(backend, alarm)

    return with_composites


def _evaluate(backend: Any, alarm: Alarm) -> None:
    holding = holds(str(alarm.rule), functools.partial(_state, backend))
    state = "ALARM" if holding else "OK"
    under_way = _UNDER_WAY.get()
    if state == alarm.state_value or alarm.name in under_way:
        return
    earlier = _UNDER_WAY.set(under_way | {alarm.name})
    try:
        backend.set_alarm_state(alarm.name, _REASON, "{}", state)
    finally:
        _UNDER_WAY.reset(earlier)


def _state(backend: Any, name: str) -> str | None:
    alarm = backend.alarms.get(_plain(name))
    return alarm.state_value if alarm else None


def _plain(name: str) -> str:
    """Return the name of an alarm that is named by its ARN."""
    return name.split(":alarm:", 1)[1] if name.startswith("arn:") else name


def holds(rule: str, state: Callable[[str], str | None]) -> bool:
    """Tell whether a rule is true of alarms, each in the state that is answered of its name.

    :raises ValidationError: the rule is none, or has AT_LEAST, which the local AWS does not know.
    """
    tokens = _Tokens(rule)
    value = _any(tokens, state)
    tokens.expect(None)
    return value


def _named(rule: str) -> list[str]:
    """Return the alarms that a rule names."""
    names: list[str] = []
    holds(rule, names.append)
    return list(dict.fromkeys(names))


class _Tokens:
    """The words of a rule, one after the other."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._all: Iterator[str] = iter(_TOKEN.findall(rule))
        self.next: str | None = next(self._all, None)

    def take(self) -> str:
        """Return the next word and go on."""
        word, self.next = self.next, next(self._all, None)
        if word is None:
            raise self.mistake("it ends too early")
        return word

    def expect(self, word: str | None) -> None:
        """Go on past a word, or find the end where there is to be none."""
        if self.next != word:
            raise self.mistake(f"{self.next} is not expected there")
        if word is not None:
            self.take()

    def mistake(self, why: str) -> ValidationError:
        """Return what is answered to a rule that is none."""
        return ValidationError(f"AlarmRule must be a rule over alarms: {why} in {self._rule}")


def _any(tokens: _Tokens, state: Callable[[str], str | None]) -> bool:
    value = _all(tokens, state)
    while tokens.next == "OR":
        tokens.take()
        value = _all(tokens, state) or value
    return value


def _all(tokens: _Tokens, state: Callable[[str], str | None]) -> bool:
    value = _one(tokens, state)
    while tokens.next == "AND":
        tokens.take()
        value = _one(tokens, state) and value
    return value


def _one(tokens: _Tokens, state: Callable[[str], str | None]) -> bool:
    word = tokens.take()
    if word == "NOT":
        return not _one(tokens, state)
    if word in ("TRUE", "FALSE"):
        return word == "TRUE"
    if word == "(":
        value = _any(tokens, state)
    elif word in _STATES:
        tokens.expect("(")
        value = state(tokens.take().strip('"')) == word
    else:
        raise tokens.mistake(f"{word} is not known")
    tokens.expect(")")
    return value
