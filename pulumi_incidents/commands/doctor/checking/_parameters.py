"""What is wrong with the parameters that a plan gives a document, by what the document declares.

Follows *Data elements and parameters* in the Systems Manager user guide, and *Working with Systems
Manager Automation runbooks* in that of Incident Manager about those that are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

# What Incident Manager fills in, and the type of parameter that takes it.
_VARIABLES = {"INCIDENT_RECORD_ARN": "String", "INVOLVED_RESOURCES": "StringList"}
_LISTS = ("StringList", "MapList")
_WRITTEN = {
    "Integer": (re.compile(r"[+-]?\d+"), "a whole number"),
    "Boolean": (re.compile(r"true|false", re.IGNORECASE), "true or false"),
}
# Limits of a declaration -> what is counted, and whether there may be no more.
_LIMITS: Mapping[str, tuple[str, bool]] = {
    "minItems": ("values", False),
    "maxItems": ("values", True),
    "minChars": ("characters", False),
    "maxChars": ("characters", True),
}


def mistakes(action: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield each mistake as the part of a sentence; values are not repeated."""
    given: Mapping[str, Sequence[str]] = action.get("parameters") or {}
    dynamic: Mapping[str, Mapping[str, str]] = action.get("dynamicParameters") or {}
    for name in sorted({*given, *dynamic} - declared.keys()):
        yield f"{name} is no parameter of the document"
    for name, parameter in declared.items():
        if "default" not in parameter and name not in given and name not in dynamic:
            yield f"{name} is missing, and the document has no default for it"
    for name, value in dynamic.items():
        found, wanted = _type(declared.get(name, {})), _VARIABLES.get(value["variable"])
        if name in declared and wanted and found != wanted:
            yield f"{name} is a {found}, and {value['variable']} is for a {wanted}"
    for name, values in given.items():
        if name in declared:
            yield from (f"{name} {reason}" for reason in _wrong(declared[name], values))


def _type(parameter: Mapping[str, Any]) -> str:
    return str(parameter.get("type") or "String")


def _wrong(parameter: Mapping[str, Any], values: Sequence[str]) -> Iterator[str]:
    kind = _type(parameter)
    is_list = kind in _LISTS or kind.startswith("List<")
    if not is_list and len(values) != 1:
        yield f"is a {kind} and has {len(values)} values"
    pattern, told = _WRITTEN.get(kind, (None, ""))
    if pattern and not all(pattern.fullmatch(value) for value in values):
        yield f"is a {kind} and has to be {told}"
    allowed = [_text(value) for value in parameter.get("allowedValues") or ()]
    given = [value.lower() for value in values] if kind == "Boolean" else values
    if allowed and not {*given} <= {*allowed}:
        yield f"may be one of {', '.join(allowed)} alone"
    if not _fits(parameter.get("allowedPattern"), values):
        yield f"has to match {parameter['allowedPattern']}"
    for limit, (what, is_most) in _LIMITS.items():
        # What a map has is in its text, as JSON.
        if limit in parameter and (is_list or what != "values"):
            bound, counts = int(parameter[limit]), _COUNTS[what](values)
            if any(count > bound if is_most else count < bound for count in counts):
                yield f"has to have {bound} {what} at {'most' if is_most else 'least'}"


_COUNTS: Mapping[str, Callable[[Sequence[str]], list[int]]] = {
    "values": lambda values: [len(values)],
    "characters": lambda values: [len(value) for value in values],
}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(pattern: str | None, values: Sequence[str]) -> bool:
    """Tell whether values match a pattern; one that only AWS can read rules out nothing."""
    if not pattern:
        return True
    try:
        return all(re.search(pattern, value) for value in values)
    except re.error:
        return True
