"""A sample event, made of an event pattern, that the pattern lets through. Pure.

Follows *Creating Amazon EventBridge event patterns*, *Comparison operators* and *Event structure*
in the EventBridge user guide. Whether it does match is for EventBridge to say, with
TestEventPattern.
"""

from __future__ import annotations

import ipaddress
import itertools
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_OR = "$or"
# What every event has as a text, and as a list of texts (*Event structure*). Besides there is its
# detail, and what a replay adds: whatever else an event is about is in its detail.
_TEXTS = ("version", "id", "detail-type", "source", "account", "time", "region")
_LISTS = ("resources",)
_REPLAY = "replay-name"
_MOST_RULES = 1000
_SAMPLE = "sample"
# Texts of different letters at both ends, so that one of them is none that is ruled out.
_CANDIDATES = (_SAMPLE, "Quota", "0", "zebra-7", "_x_", "é")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Path = tuple[str, ...]
_Rule = Mapping[Path, Sequence[Any]]


class NothingMatchesError(Exception):
    """No event can match; `str()` is the reason, as the end of a sentence."""


class NoSampleError(Exception):
    """No event could be made; `str()` is the reason, as the end of a sentence."""


class _Absent:
    """The value of a field that must not be there."""


_ABSENT = _Absent()


def sample(pattern: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event like `base`, with the fields of a pattern as the pattern wants them.

    :raises NothingMatchesError: if no event can be as it says.
    :raises NoSampleError: if none could be made, though there may be some.
    """
    reasons = []
    for rule in itertools.islice(_rules(pattern, ()), _MOST_RULES):
        made = _attempt(rule, base)
        if isinstance(made, dict):
            return made
        reasons.append(made)
    raise next((each for each in reasons if isinstance(each, NoSampleError)), reasons[0])


def _attempt(rule: _Rule, base: Mapping[str, Any]) -> dict[str, Any] | Exception:
    try:
        return _event(rule, base)
    except (NothingMatchesError, NoSampleError) as reason:
        return reason


def _rules(pattern: Mapping[str, Any], path: Path) -> Iterator[_Rule]:
    """Yield what a pattern says of each field, once for each choice among its alternatives."""
    parts: list[list[_Rule]] = []
    for name, value in pattern.items():
        if name == _OR:
            parts.append([rule for each in value for rule in _rules(each, path)])
        elif isinstance(value, Mapping):
            parts.append([*_rules(value, (*path, name))])
        else:
            parts.append([{(*path, name): value}])
    for chosen in itertools.product(*parts):
        yield {key: values for rule in chosen for key, values in rule.items()}


def _event(rule: _Rule, base: Mapping[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = {**base, "detail": {}}
    for path, entries in rule.items():
        value = _first(path, entries)
        if len(path) == 1 and path[0] in _LISTS:
            event[path[0]] = [] if value is _ABSENT else [value]
        elif value is not _ABSENT:
            _put(event, path, value)
    return event


def _put(event: dict[str, Any], path: Path, value: Any) -> None:
    *inner, name = path
    for each in inner:
        event = event.setdefault(each, {})
        if not isinstance(event, dict):
            raise NoSampleError(f"{'.'.join(path)} is both a field and in one")
    event[name] = value


def _first(path: Path, entries: Sequence[Any]) -> Any:
    """Return the first value that one of the entries of a field lets through, and it can have."""
    named = ".".join(path)
    unclear: Exception | None = None
    for entry in entries:
        try:
            value = _value(entry)
        except NoSampleError as reason:
            unclear = reason
            continue
        if _can_be(path, value):
            return value
    raise unclear or NothingMatchesError(f"no event has such a {named}")


def _can_be(path: Path, value: Any) -> bool:
    if len(path) == 1 and path[0] in (*_TEXTS, *_LISTS):
        return isinstance(value, str) or (value is _ABSENT and path[0] in _LISTS)
    if value is _ABSENT:
        return True
    if path == (_REPLAY,):
        return isinstance(value, str)
    return path[0] == "detail" and len(path) > 1  # which is an object, and never a value


def _value(entry: Any) -> Any:
    """Return a value that one entry lets through."""
    if not isinstance(entry, Mapping):
        return entry
    ((name, argument),) = entry.items()
    if name not in _MADE:
        raise NoSampleError(f"the operator {name} is not known here")
    return _MADE[name](argument)


def _text(argument: Any) -> str:
    """Return a text that begins and ends as it is given: itself."""
    given = argument["equals-ignore-case"] if isinstance(argument, Mapping) else argument
    return str(given) or _SAMPLE


def _wildcard(argument: str) -> str:
    return re.sub(r"\\(.)|\*", lambda found: found[1] or "x", argument)


def _numeric(argument: Sequence[Any]) -> float:
    pairs = [*zip(argument[::2], argument[1::2], strict=True)]
    numbers = [number for _, number in pairs]
    near = [each + step for each in numbers for step in (0, 1, -1)]
    for candidate in (*near, sum(numbers) / len(numbers)):
        if all(_COMPARED[sign](candidate, number) for sign, number in pairs):
            return float(candidate) if candidate % 1 else int(candidate)
    raise NoSampleError(f"no number was found for {list(argument)}")


def _cidr(argument: str) -> str:
    return str(ipaddress.ip_network(argument, strict=False).network_address)


def _anything_but(argument: Any) -> Any:
    """Return a value that is none of what is given, nor like it."""
    if isinstance(argument, Mapping):
        ((name, given),) = argument.items()
        if name not in _LIKE:
            raise NoSampleError(f"anything-but with {name} is not known here")
        values = given if isinstance(given, list) else [given]
        tests = [_LIKE[name](value) for value in values]
    else:
        values = argument if isinstance(argument, list) else [argument]
        if all(isinstance(each, int | float) for each in values):
            return max(values) + 1
        tests = [value.__eq__ for value in values]
    found = [text for text in _CANDIDATES if not any(test(text) for test in tests)]
    if not found:
        raise NoSampleError("no text was found that anything-but leaves")
    return found[0]


def _like(pattern: str) -> Callable[[str], bool]:
    parts = re.findall(r"\\.|\*|[^\\*]+", pattern)
    translated = (".*" if part == "*" else re.escape(part.removeprefix("\\")) for part in parts)
    expression = re.compile("".join(translated), re.DOTALL)
    return lambda text: bool(expression.fullmatch(text))


_LIKE: Mapping[str, Callable[[str], Callable[[str], bool]]] = {
    "prefix": lambda given: lambda text: text.startswith(given),
    "suffix": lambda given: lambda text: text.endswith(given),
    "equals-ignore-case": lambda given: lambda text: text.lower() == given.lower(),
    "wildcard": _like,
}
_MADE: Mapping[str, Callable[[Any], Any]] = {
    "prefix": _text,
    "suffix": _text,
    "equals-ignore-case": _text,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
    "exists": lambda wanted: _SAMPLE if wanted else _ABSENT,
}
