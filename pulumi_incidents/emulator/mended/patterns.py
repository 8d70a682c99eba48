"""Event patterns: whether an event matches one. Pure.

Follows *Creating Amazon EventBridge event patterns* in the EventBridge user guide and, where it is
silent, what AWS's own open-source engine (aws/event-ruler) documents: arrays of an event are
flattened, and values match together only if they are of the same element of each array. The guide
says that 300 and 300.0 are different numbers, the engine that they are one; the engine is followed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pulumi_incidents.emulator.mended.operators import (
    OPERATORS,
    PatternError,
    Test,
    is_absent,
    matcher,
)

_OR = "$or"
# *Complex example using multiple matching* in the user guide.
_MAX_COMBINATIONS = 1000
_FEWEST_ALTERNATIVES = 2
# What cannot be the name of a field within $or, because it could be meant as an operator.
_RESERVED = {*OPERATORS, "=", "<", "<=", ">", ">=", "regex"}
# Compiled patterns that are kept: rules, and what is asked about once.
_KEPT = 1000

# Path of a field -> what a value there may be; all of them have to match.
_Rule = Mapping[str, list[Test]]
# Number of an array in the event -> index of the element that a value is in.
_Elements = frozenset[tuple[int, int]]


class _Value(NamedTuple):
    """A leaf of an event, and the elements of arrays that it is in."""

    value: Any
    elements: _Elements


@lru_cache(_KEPT)
def read(text: str) -> Pattern:
    """Return the pattern that JSON declares.

    :raises PatternError: with the reason, if it is none.
    """
    try:
        declared = json.loads(text)
    except ValueError:
        raise PatternError("Invalid JSON") from None
    if not isinstance(declared, dict):
        raise PatternError("Filter is not an object")
    return Pattern(_rules(declared, "", [{}], within_or=False))


class Pattern:
    """What an event has to be like: one of several rules, each of fields that all have to match."""

    def __init__(self, rules: list[_Rule]) -> None:
        self._rules = rules

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Say whether an event, as EventBridge sends it, matches."""
        values: dict[str, list[_Value]] = {}
        _flatten(event, "", _Flattening(values), frozenset())
        return any(_matches(rule, values) for rule in self._rules)


def _rules(
    declared: dict[str, Any], path: str, rules: list[_Rule], *, within_or: bool
) -> list[_Rule]:
    """Return the rules with what an object of the pattern adds to each of them."""
    if not declared:
        raise PatternError("Empty objects are not allowed")
    for name, value in declared.items():
        inner = f"{path}.{name}" if path else name
        if name == _OR:
            rules = _alternatives(value, path, rules)
        elif within_or and name in _RESERVED:
            raise PatternError(f"{name} is a reserved name, which cannot be used inside {_OR}.")
        elif isinstance(value, dict):
            rules = _rules(value, inner, rules, within_or=within_or)
        elif isinstance(value, list):
            if not value:
                raise PatternError("Empty arrays are not allowed")
            tests = [matcher(each) for each in value]
            rules = [{**rule, inner: tests} for rule in rules]
        else:
            raise PatternError(f"'{name}' must be an object or an array")
    return rules


def _alternatives(declared: Any, path: str, rules: list[_Rule]) -> list[_Rule]:
    if not isinstance(declared, list):
        raise PatternError(f"It must be an Array followed with {_OR}.")
    if not all(isinstance(each, dict) for each in declared):
        raise PatternError(f"Only JSON object is allowed in array of {_OR} relationship.")
    if len(declared) < _FEWEST_ALTERNATIVES:
        raise PatternError(f"There must have at least 2 Objects in {_OR} relationship.")
    found = [rule for each in declared for rule in _rules(each, path, rules, within_or=True)]
    if len(found) > _MAX_COMBINATIONS:
        raise PatternError(f"{_OR} makes more than {_MAX_COMBINATIONS} combinations.")
    return found


class _Flattening:
    """Collects the leaves of an event by their paths, and numbers its arrays."""

    def __init__(self, values: dict[str, list[_Value]]) -> None:
        self.values = values
        self.arrays = 0


def _flatten(node: Any, path: str, found: _Flattening, elements: _Elements) -> None:
    if isinstance(node, Mapping):
        for name, value in node.items():
            _flatten(value, f"{path}.{name}" if path else name, found, elements)
    elif isinstance(node, list):
        found.arrays += 1
        array = found.arrays
        for index, value in enumerate(node):
            # A leaf of an array is in no element: {"a": [1, 2]} matches 1 and any other field.
            inner = elements | {(array, index)} if isinstance(value, Mapping | list) else elements
            _flatten(value, path, found, inner)
    else:
        found.values.setdefault(path, []).append(_Value(node, elements))


def _matches(rule: _Rule, values: Mapping[str, list[_Value]]) -> bool:
    """Say whether there is a value for each field such that all are of the same elements."""
    chosen: set[_Elements] = {frozenset()}
    # In the order of their names, as the engine does: a field that must be absent is looked for
    # in the elements that are chosen by then.
    for path in sorted(rule):
        there = values.get(path, [])
        chosen = {after for before in chosen for after in _after(before, rule[path], there)}
    return bool(chosen)


def _after(before: _Elements, tests: list[Test], there: list[_Value]) -> Iterator[_Elements]:
    consistent = [value for value in there if _agree(before, value.elements)]
    for value in consistent:
        if any(test(value.value) for test in tests if test is not is_absent):
            yield before | value.elements
    if is_absent in tests and not consistent:
        yield before


def _agree(one: _Elements, other: _Elements) -> bool:
    chosen = dict(one)
    return all(chosen.get(array, index) == index for array, index in other)
