"""Filters of the List operations.

Follows ListIncidentRecords and ListTimelineEvents in the Incident Manager API reference: what
matches all filters is listed, and it matches a filter when any of the filter's values fits.
"""

from __future__ import annotations

from typing import Any


def matches(values: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    """Say whether what has these values, by filter key, matches all filters."""
    return all(_matches(values[entry["key"]], entry["condition"]) for entry in filters)


def _matches(value: Any, condition: dict[str, Any]) -> bool:
    """Say whether a value matches a condition; a list of values does when any of them does."""
    if "before" in condition:
        return bool(value.timestamp() < condition["before"])
    if "after" in condition:
        return bool(value.timestamp() > condition["after"])
    equals = condition["equals"]
    wanted = equals.get("stringValues", equals.get("integerValues"))
    return any(each in wanted for each in (value if isinstance(value, list) else [value]))
