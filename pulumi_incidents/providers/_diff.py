"""Which declared inputs changed. Pure: the model says what counts as the same.

Two values are the same when AWS would store the same: unset and empty optional members, the order
of set-like lists, `3` against `3.0` and the spelling of a time make no difference; keys and values
of maps do.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from pulumi.output import Unknown

from pulumi_incidents.providers._model import is_unset, member, members, seconds, to_api


def canonical(shape: Shape, value: Any) -> Any:
    """Return the normal form of a property value: equal forms mean the same to AWS."""
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(shape, StructureShape):
        return {
            key: canonical(member(shape, key), value[key])
            for key in members(shape)
            if not is_unset(shape, key, value.get(key))
        }
    if isinstance(shape, MapShape):
        return {key: canonical(shape.value, item) for key, item in value.items()}
    if isinstance(shape, ListShape):
        items = [canonical(shape.member, item) for item in value]
        return sorted(items, key=_order) if _is_set(shape) else items
    if shape.type_name == "timestamp":
        with contextlib.suppress(ValueError):  # a wrong one means just what it says
            return seconds(value)
    return int(value) if shape.type_name == "integer" else value


def changed(shape: StructureShape, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """List the properties of a structure that mean something else in `news` than in `olds`."""
    before, after = canonical(shape, olds), canonical(shape, news)
    return [key for key in members(shape) if before.get(key) != after.get(key)]


def patch(
    shape: StructureShape,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    skip: Collection[str] = (),
) -> dict[str, Any]:
    """Return the members that take a structure from `olds` to `news`, some of them aside.

    An update keeps what is left out, so a removed property is sent as its explicit empty value.
    """
    after = canonical(shape, news)
    return {
        members(shape)[key]: to_api(member(shape, key), after[key])
        if key in after
        else _unset(member(shape, key))
        for key in changed(shape, olds, news)
        if key not in skip
    }


def reconcile(
    shape: StructureShape, declared: Mapping[str, Any], live: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `live`, in the user's own spelling wherever it means what was declared.

    A refresh stores this, so that it shows drift and only drift: no order, no `3.0` and no
    explicit `[]` that AWS answers differently.
    """
    drifted = changed(shape, declared, live)
    result: dict[str, Any] = {}
    for key in members(shape):
        if key not in drifted:
            if key in declared:
                result[key] = declared[key]
        elif not is_unset(shape, key, live.get(key)):
            inner, old = member(shape, key), declared.get(key)
            if isinstance(inner, StructureShape) and isinstance(old, Mapping):
                result[key] = reconcile(inner, old, live[key])
            else:
                result[key] = live[key]
    return result


def _unset(shape: Shape) -> Any:
    """Return the value that clears a member."""
    if isinstance(shape, StructureShape):
        return {"empty": {}} if "empty" in shape.members else {}
    return {"string": "", "list": [], "map": {}}[shape.type_name]


def _is_set(shape: ListShape) -> bool:
    # AWS names its set-like lists so: EngagementSet, ChatbotSnsConfigurationSet, …
    return bool(shape.name.endswith("Set"))


def _order(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=str)
