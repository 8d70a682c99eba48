"""Pulumi's property values as plain Python values, and back, with their secrets kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

Properties = Mapping[str, PropertyValue]


def plain(value: PropertyValue) -> Any:
    """Answer the value as boto3 wants it: no wrappers, and whole numbers as integers."""
    inner = value.value
    if isinstance(inner, Mapping):
        return {key: plain(item) for key, item in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [plain(item) for item in inner]
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    return inner


def plain_map(values: Properties) -> dict[str, Any]:
    """Answer a resource's properties as plain values; a null is an absent property."""
    return {key: plain(item) for key, item in values.items() if item.value is not None}


def wrapped(value: Any) -> PropertyValue:
    """Answer a plain value as Pulumi's; its numbers are floats."""
    if isinstance(value, Mapping):
        return PropertyValue({key: wrapped(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return PropertyValue([wrapped(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def wrapped_map(values: Mapping[str, Any], like: Properties) -> dict[str, PropertyValue]:
    """Answer plain properties as Pulumi's; what was secret in `like` is secret again."""
    answer = {}
    for key, value in values.items():
        known = like.get(key)
        if value is None:
            continue
        if known is None:
            answer[key] = wrapped(value)
        elif plain(known) == value:
            # The very same value, so that a secret deep inside it stays where it was.
            answer[key] = known
        else:
            answer[key] = wrapped(value).with_secret(known.contains_secret())
    return answer


def has_unknown(value: Any) -> bool:
    """Tell whether a plain value holds, at any depth, something only known after `up`."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    # The SDK's provider classes hand an unknown over as this string, not as `Computed`.
    return bool(value == UNKNOWN)


def same(before: Any, after: Any, meaning: Callable[[Any], Any] | None = None) -> bool:
    """Tell whether two plain values are equal, or have the same meaning."""
    if before == after:
        return True
    if meaning is None or not before or not after or has_unknown([before, after]):
        return False
    try:
        return bool(meaning(before) == meaning(after))
    except (TypeError, ValueError):
        return False
