"""What EventBridge refuses in a pattern of events, and what could never match; pure.

Follows *Creating Amazon EventBridge event patterns*, *Comparison operators* and *Event structure*
in the EventBridge user guide, and PutRule in its API. What is not known yet is let through.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_incidents.providers._model import below, echo, unknown_key
from pulumi_incidents.stacks._json import parsed
from pulumi_incidents.stacks._mistakes import is_output

_MOST = 4096
_FIELDS = (
    *("version", "id", "detail-type", "source", "account", "time", "region", "resources"),
    *("detail", "replay-name", "$or"),
)
_TEXTS = ("prefix", "suffix", "equals-ignore-case", "wildcard", "cidr")
_OPERATORS = (*_TEXTS, "anything-but", "numeric", "exists")
# Operators that may stand in these.
_INNER = {
    "prefix": ("equals-ignore-case",),
    "suffix": ("equals-ignore-case",),
    "anything-but": ("prefix", "suffix", "equals-ignore-case", "wildcard"),
}
_COMPARED = ("=", "<", "<=", ">", ">=")


def pattern_mistakes(pattern: Any, path: str) -> Iterator[str]:
    """Find what EventBridge would refuse, with the path of it."""
    document = parsed(pattern)
    if not isinstance(document, Mapping):
        yield f"{path} must be a map or JSON of one; got {echo(pattern)}"
        return
    for key in document:
        if key not in _FIELDS:
            yield unknown_key(path, key, _FIELDS).told()
    yield from _map_mistakes(document, path)
    if not _has_outputs(document):
        text = pattern if isinstance(pattern, str) else json.dumps(document)
        if len(text) > _MOST:
            yield f"{path} must be at most {_MOST} characters, not {len(text)}"


def _map_mistakes(pattern: Mapping[str, Any], path: str) -> Iterator[str]:
    if not pattern:
        yield f"{path} must not be empty: name a field, and the values that it may have"
    for key, value in pattern.items():
        place = below(path, key)
        if is_output(value):
            continue
        if key == "$or":
            yield from _choice_mistakes(value, place)
        elif isinstance(value, Mapping):
            yield from _map_mistakes(value, place)
        elif isinstance(value, (list, tuple)):
            yield from _values_mistakes(value, place)
        else:
            yield f"{place} must be a list of the values that it may have; got {echo(value)}"


def _choice_mistakes(choices: Any, path: str) -> Iterator[str]:
    if not isinstance(choices, (list, tuple)) or len(choices) < 2:  # noqa: PLR2004 - a choice
        yield f"{path} must be a list of two patterns or more; got {echo(choices)}"
        return
    for number, choice in enumerate(choices):
        place = f"{path}[{number}]"
        if isinstance(choice, Mapping):
            yield from _map_mistakes(choice, place)
        elif not is_output(choice):
            yield f"{place} must be a pattern of its own; got {echo(choice)}"


def _values_mistakes(values: Sequence[Any], path: str) -> Iterator[str]:
    if not values:
        yield f"{path} must not be empty: it would match no event"
    for number, value in enumerate(values):
        place = f"{path}[{number}]"
        if isinstance(value, Mapping):
            yield from _operator_mistakes(value, place, _OPERATORS)
        elif isinstance(value, (list, tuple)):
            yield f"{place} must be a value or an operator, not a list; got {echo(value)}"


def _operator_mistakes(given: Mapping[str, Any], path: str, known: Sequence[str]) -> Iterator[str]:
    if len(given) != 1 or next(iter(given)) not in known:
        yield f"{path} must be one of the operators {', '.join(known)}; got {echo(dict(given))}"
        return
    ((operator, value),) = given.items()
    place = below(path, operator)
    if known is _INNER["anything-but"] and isinstance(value, (list, tuple)) and value:
        value = next((item for item in value if not isinstance(item, str)), value[0])
    if is_output(value):
        return
    if operator in _INNER and isinstance(value, Mapping):
        yield from _operator_mistakes(value, place, _INNER[operator])
        return
    holds, wanted = _RULES.get(operator, _TEXT)
    if not holds(value):
        yield f"{place} must be {wanted}; got {echo(value)}"


def _is_range(value: Any) -> bool:
    if not isinstance(value, (list, tuple)) or len(value) not in (2, 4):
        return False
    return all(
        is_output(item) or (_is_number(item) if odd % 2 else item in _COMPARED)
        for odd, item in enumerate(value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_excluded(value: Any) -> bool:
    values = value if isinstance(value, (list, tuple)) else [value]
    return bool(values) and all(
        isinstance(item, str) or _is_number(item) or is_output(item) for item in values
    )


_TEXT: tuple[Callable[[Any], bool], str] = (lambda value: isinstance(value, str), "text")
_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "exists": (lambda value: isinstance(value, bool), "true or false"),
    "numeric": (_is_range, 'one or two comparisons, such as [">", 0, "<=", 5]'),
    "anything-but": (_is_excluded, "a text, a number or a list of them"),
}


def _has_outputs(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_outputs, value.values()))
    return any(map(_has_outputs, value)) if isinstance(value, (list, tuple)) else is_output(value)
