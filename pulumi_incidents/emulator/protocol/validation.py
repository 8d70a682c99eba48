"""Checks a request against AWS's own model of its input.

Pure: a value and its shape in, the value or one ValidationException with *all* failures out.
Follows the constraints in AWS's API references, which are those of botocore's service models.
`botocore.validate` knows only the lower bounds and takes Python's idea of types (`True` is an
integer there); a service has to be stricter than its client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import ListShape, MapShape, Shape, StructureShape

# Named one by one up to here: a message has to stay readable when a large list is all wrong.
_MAX_NAMED = 20
_MAX_KEY = 100
# Of the type integer (Smithy, *Simple types*).
_MAX_INTEGER = 2**31 - 1
# Seconds since 1970 of the years 1 to 9999, what datetime can hold.
_EPOCH_RANGE = (-62135596800, 253402300799)

_JSON_TYPES: dict[str, tuple[type, str]] = {
    "string": (str, "a string"),
    "boolean": (bool, "a boolean"),
    "integer": (int, "an integer"),
    "list": (list, "a list"),
    "map": (dict, "a map"),
    "structure": (dict, "a structure"),
}


class Failures:
    """Collects what is wrong with one request."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, path: str, constraint: str) -> None:
        """Note that the value at `path` breaks `constraint`, which starts with "Member must"."""
        self._found.append((path, constraint))

    def raise_if_any(self) -> None:
        """Raise everything noted so far as one ValidationException, worded as AWS does."""
        if not self._found:
            return
        count = len(self._found)
        head = f"{count} validation error{'s' if count > 1 else ''} detected: "
        rest = f"; and {count - _MAX_NAMED} more" if count > _MAX_NAMED else ""
        named = self._found[:_MAX_NAMED]
        told = (f"Value at '{path}' failed to satisfy constraint: {what}" for path, what in named)
        raise ValidationException(head + "; ".join(told) + rest, named)


def check(value: Any, shape: Shape, path: str, failures: Failures) -> Any:
    """Check `value` against `shape` at every depth; return it without null members.

    A null member of a structure counts as absent (Smithy, restJson1); null anywhere else is a
    failure.
    """
    if shape.type_name == "timestamp":
        _check_timestamp(value, path, failures)
        return value
    json_type, name = _JSON_TYPES[shape.type_name]
    # bool is a subclass of int in Python, and not in JSON.
    if not isinstance(value, json_type) or (isinstance(value, bool) and json_type is int):
        failures.add(path, f"Member must be {name}")
        return value
    walk = _WALKS.get(shape.type_name)
    return walk(value, shape, path, failures) if walk else value


def _check_timestamp(value: Any, path: str, failures: Failures) -> None:
    """Body timestamps are epoch seconds, whole or not (Smithy, restJson1)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        failures.add(path, "Member must be a timestamp in epoch seconds")
    elif not _EPOCH_RANGE[0] <= value <= _EPOCH_RANGE[1]:
        failures.add(path, "Member must be a timestamp between the years 1 and 9999")


def _check_range(size: int, shape: Shape, path: str, failures: Failures, what: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        failures.add(path, f"Member must have {what} greater than or equal to {low}")
    if high is not None and size > high:
        failures.add(path, f"Member must have {what} less than or equal to {high}")


def _check_string(value: str, shape: Shape, path: str, failures: Failures) -> str:
    _check_range(len(value), shape, path, failures, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, value):
        failures.add(path, f"Member must satisfy regular expression pattern: {pattern}")
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        failures.add(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    return value


def _check_integer(value: int, shape: Shape, path: str, failures: Failures) -> int:
    _check_range(value, shape, path, failures, "value")
    if "max" not in shape.metadata and abs(value) > _MAX_INTEGER:
        failures.add(path, "Member must be an integer of 32 bits")
    return value


def _check_list(value: list[Any], shape: ListShape, path: str, failures: Failures) -> list[Any]:
    _check_range(len(value), shape, path, failures, "length")
    return [check(v, shape.member, f"{path}[{i}]", failures) for i, v in enumerate(value)]


def _check_map(
    value: dict[str, Any], shape: MapShape, path: str, failures: Failures
) -> dict[str, Any]:
    _check_range(len(value), shape, path, failures, "length")
    checked = {}
    for key, member in value.items():
        where = f"{path}.{_short(key)}"
        check(key, shape.key, f"{where} (key)", failures)
        checked[key] = check(member, shape.value, where, failures)
    return checked


def _check_structure(
    value: dict[str, Any], shape: StructureShape, path: str, failures: Failures
) -> dict[str, Any]:
    given = {name: member for name, member in value.items() if member is not None}
    prefix = f"{path}." if path else ""
    for name in shape.metadata.get("required", []):
        if name not in given:
            failures.add(f"{prefix}{name}", "Member must not be null")
    if shape.is_tagged_union and len(given) != 1:
        failures.add(path, f"Member must have exactly one of: [{', '.join(shape.members)}]")
    checked = {}
    for name, member in given.items():
        if name in shape.members:
            checked[name] = check(member, shape.members[name], prefix + name, failures)
        else:
            failures.add(prefix + _short(name), "Member must be one that the API knows")
    return checked


def _short(key: str) -> str:
    return key if len(key) <= _MAX_KEY else f"{key[:_MAX_KEY]}…"


_WALKS: dict[str, Callable[[Any, Any, str, Failures], Any]] = {
    "string": _check_string,
    "integer": _check_integer,
    "list": _check_list,
    "map": _check_map,
    "structure": _check_structure,
}
