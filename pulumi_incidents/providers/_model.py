"""Translate and validate properties by walking botocore's own model of a service.

Properties are the API's members in snake_case, so nothing here names a field: a member that AWS
adds works as soon as botocore knows it. Pure: no network, no credentials, no engine.

The model is what AWS's own reference of the API is made from:
https://docs.aws.amazon.com/incident-manager/latest/APIReference/.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple, cast

from botocore import xform_name
from botocore.loaders import create_loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from pulumi.output import Unknown

from pulumi_incidents.providers import _patterns

_IMPACTS = "1 critical, 2 high, 3 medium, 4 low, 5 no impact"
_LONGEST_ECHO = 120
_UNKNOWN = "does not exist"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Failure(NamedTuple):
    """A value that AWS would refuse: where it stands, what is wrong with it, what was given."""

    path: str
    reason: str
    given: str = ""

    def told(self, where: str = "") -> str:
        """Return it as every resource and component says it, `where` after its path."""
        given = f"; got {self.given}" if self.given else ""
        return f"{self.path}{where} {self.reason}{given}"


@cache
def _loaded(service: str) -> Any:
    return create_loader().load_service_model(service, "service-2")


@cache
def lists_tags(service: str) -> bool:
    """Tell whether the tags of a service are a list of keys and values at AWS, and not a map."""
    return "Tag" in _loaded(service)["shapes"]


@cache
def _described(service: str) -> Any:
    """Return the model of a service, whose tags are a map whatever they are at AWS."""
    described = _loaded(service)
    if not lists_tags(service):
        return described
    shapes = described["shapes"]
    parts = {"key": {"shape": "TagKey"}, "value": {"shape": "TagValue"}}
    tags = {"type": "map", "max": shapes["TagsList"]["max"], **parts}
    return {**described, "shapes": {**shapes, "TagsList": tags}}


@cache
def _service_model(service: str) -> ServiceModel:
    return ServiceModel(_described(service), service)


@cache
def inputs_of(service: str, operation: str) -> StructureShape:
    """Return the shape of what an operation takes: `CreateResponsePlan` of `ssm-incidents`."""
    return cast("StructureShape", _service_model(service).operation_model(operation).input_shape)


@cache
def inputs_with(
    service: str, operation: str, *more: tuple[str, str], optional: tuple[str, ...] = ()
) -> StructureShape:
    """Return what an operation takes, with members of others: pairs of operation and member.

    Of its own, some may be left out although the operation requires them.
    """
    described = _described(service)
    shapes = described["shapes"]

    def taken(name: str) -> Any:
        return shapes[described["operations"][name]["input"]["shape"]]

    added = {member: taken(other)["members"][member] for other, member in more}
    own = taken(operation)
    required = [member for member in own.get("required", ()) if member not in optional]
    whole = {**own, "members": {**own["members"], **added}, "required": required}
    return joined(service, f"{operation}And{len(added)}More{len(optional)}Less", whole)


@cache
def inputs_spread(service: str, operation: str, kept: str, spread: str) -> StructureShape:
    """Return two members of what an operation takes, with those of the second in its place."""
    described = _described(service)
    shapes = described["shapes"]
    taken = shapes[described["operations"][operation]["input"]["shape"]]["members"]
    inner = shapes[taken[spread]["shape"]]
    own = {kept: taken[kept], **inner["members"]}
    name = f"{operation}Of{spread}"
    flat = {"type": "structure", "required": [kept, *inner.get("required", ())], "members": own}
    return joined(service, name, flat)


def joined(service: str, name: str, whole: Any, **parts: Any) -> StructureShape:
    """Return a structure that is none of a service's own, in the words of its model.

    It is made of shapes of the model, and of `parts` beside them.
    """
    described = _described(service)
    shapes = {**described["shapes"], **parts, name: whole}
    model = ServiceModel({**described, "shapes": shapes}, service)
    return cast("StructureShape", model.shape_for(name))


@cache
def members(shape: StructureShape) -> dict[str, str]:
    """Map the property names of a structure to the API's member names.

    A client token is no property: providers and botocore make their own. Of ssm-contacts, not every
    one is marked as such, and all are of one shape.
    """
    return {
        xform_name(name): name
        for name, member in shape.members.items()
        if not (member.metadata.get("idempotencyToken") or member.name == "IdempotencyToken")
    }


def member(shape: StructureShape, key: str) -> Shape:
    """Return the shape of the property `key` of a structure."""
    return shape.members[members(shape)[key]]


def is_required(shape: StructureShape, key: str) -> bool:
    """Tell whether a structure must have the property `key`."""
    return members(shape)[key] in shape.required_members


def required(shape: StructureShape) -> list[str]:
    """List the properties that a structure must have."""
    return [key for key in members(shape) if is_required(shape, key)]


def to_api(shape: Shape, value: Any) -> Any:
    """Turn a property value into what boto3 takes: member names and whole numbers, no nulls."""
    if isinstance(shape, StructureShape):
        names = members(shape)
        return {
            names[key]: to_api(member(shape, key), item)
            for key, item in value.items()
            if item is not None and key in names
        }
    if isinstance(shape, ListShape):
        return [to_api(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: to_api(shape.value, item) for key, item in value.items()}
    if shape.type_name == "integer":
        return int(value)
    return value


def from_api(shape: Shape, value: Any) -> Any:
    """Turn what boto3 answers into a property value; times become ISO 8601 in UTC."""
    if isinstance(shape, StructureShape):
        return {
            key: from_api(member(shape, key), value[name])
            for key, name in members(shape).items()
            if name in value
        }
    if isinstance(shape, ListShape):
        return [from_api(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: from_api(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return value


def is_unset(shape: StructureShape, key: str, value: Any) -> bool:
    """Tell whether the property `key` of a structure says the same with `value` as without it.

    AWS answers `""`, `[]` or `{}` for an optional member that is not set, so all of them, null and
    a structure of unset members mean that. A required member, and the choice of a union, is always
    set, and so is every key of a map.
    """
    if value is None:
        return True
    if is_required(shape, key) or (shape.is_tagged_union and isinstance(value, str)):
        return False
    inner = member(shape, key)
    if isinstance(inner, StructureShape) and isinstance(value, Mapping):
        known = members(inner)
        return all(name in known and is_unset(inner, name, item) for name, item in value.items())
    return value in ("", [], (), {})


def check(
    shape: StructureShape, inputs: Mapping[str, Any], secrets: Collection[str] = ()
) -> Iterator[Failure]:
    """Yield every reason for which AWS would refuse `inputs`, each with its full property path.

    Values that are not known yet, at any depth, are let through. Of the inputs in `secrets` nothing
    is repeated.
    """
    yield from without_secrets(_check(shape, inputs, ""), secrets)


def without_secrets(failures: Iterable[Failure], secrets: Collection[str]) -> Iterator[Failure]:
    """Yield failures in which nothing of the inputs in `secrets` is repeated."""
    for failure in failures:
        top = re.split(r"[.\[]", failure.path)[0]
        if top not in secrets:
            yield failure
        else:
            # Keys of a map, quoted in a path, and keys that do not exist are as much part of a
            # secret as its values.
            path = re.split(r"\[['\"]", failure.path)[0]
            if failure.reason.startswith(_UNKNOWN):
                path = path.rpartition(".")[0] or path
            yield Failure(path, failure.reason)


def unknown_key(path: str, key: str, known: Collection[str]) -> Failure:
    """Say that a key does not exist, and which one was probably meant."""
    nearest = difflib.get_close_matches(xform_name(key), known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(sorted(known))}"
    return Failure(below(path, key), f"{_UNKNOWN}; {hint}")


def _check(shape: Shape, value: Any, path: str) -> Iterator[Failure]:
    if isinstance(value, Unknown):
        return
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path)
    else:
        reason = _SCALARS[shape.type_name](shape, value)
        if reason:
            yield Failure(path, reason, echo(value))


def _structure(shape: StructureShape, value: Any, path: str) -> Iterator[Failure]:
    names = members(shape)
    if not isinstance(value, Mapping):
        yield Failure(path, f"must be a map with {', '.join(names)}", echo(value))
        return
    given = {key for key in names if not is_unset(shape, key, value.get(key))}
    for key, item in value.items():
        if key not in names:
            yield unknown_key(path, key, names)
        elif key in given:
            yield from _check(member(shape, key), item, below(path, key))
    for key in names:
        if is_required(shape, key) and key not in given:
            yield Failure(below(path, key), "is required")
    chosen = [key for key in names if value.get(key) not in (None, [])]
    if shape.is_tagged_union and (len(given) != 1 or len(chosen) != 1):
        yield Failure(path, f"must set exactly one of {', '.join(names)}")


def _list(shape: ListShape, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, (list, tuple)):
        yield Failure(path, "must be a list", echo(value))
        return
    reason = _range(shape, len(value), "items")
    if reason:
        yield Failure(path, reason, str(len(value)))
    for index, item in enumerate(value):
        yield from _check(shape.member, item, f"{path}[{index}]")


def _map(shape: MapShape, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, Mapping):
        yield Failure(path, "must be a map", echo(value))
        return
    reason = _range(shape, len(value), "entries")
    if reason:
        yield Failure(path, reason, str(len(value)))
    for key, item in value.items():
        inner = f"{path}[{echo(key)}]"
        reason = _string(shape.key, key)
        if reason:
            yield Failure(inner, f"has a key that {reason}")
        yield from _check(shape.value, item, inner)


def _string(shape: Shape, value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        return f"must be one of {', '.join(enum)}"
    reason = _range(shape, len(value), "characters")
    if reason:
        return f"{reason}, not {len(value)}"
    pattern = shape.metadata.get("pattern")
    return _patterns.reason(pattern, value) if pattern else None


def _integer(shape: Shape, value: Any) -> str | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not float(value).is_integer():
        return "must be a whole number"
    reason = _range(shape, int(value))
    return f"{reason} ({_IMPACTS})" if reason and shape.name == "Impact" else reason


def _boolean(_shape: Shape, value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def seconds(value: Any) -> float:
    """Return a time, in any spelling that is taken, in seconds since 1970.

    Raises ValueError with what a wrong one must be.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = _EPOCH + timedelta(seconds=value)
        else:
            # Python before 3.11 does not read the Z that AWS and JavaScript write.
            moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", value))
        if moment.tzinfo:
            return moment.astimezone(timezone.utc).timestamp()  # fails outside the years 1 to 9999
    except (OverflowError, TypeError, ValueError):
        raise ValueError(
            "must be an ISO 8601 time such as 2026-01-31T03:00:00Z, or seconds since 1970"
        ) from None
    raise ValueError("must say its time zone, as in 2026-01-31T03:00:00Z")


def _timestamp(_shape: Shape, value: Any) -> str | None:
    try:
        seconds(value)
    except ValueError as error:
        return str(error)
    return None


_SCALARS = {
    "boolean": _boolean,
    "integer": _integer,
    "string": _string,
    "timestamp": _timestamp,
}


def _range(shape: Shape, size: int, unit: str = "") -> str | None:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if size >= low and (high is None or size <= high):
        return None
    limits = (
        f"at least {low}" if high is None else f"at most {high}" if not low else f"{low} to {high}"
    )
    return f"must be {limits} {unit}".rstrip()


def below(path: str, key: str) -> str:
    """Return the path of a key in what stands at a path, empty for the inputs themselves."""
    return f"{path}.{key}" if path else key


def echo(value: Any) -> str:
    """Return what was given, as failures repeat it."""
    whole = isinstance(value, float) and value.is_integer()
    text = repr(int(value) if whole else value)  # numbers reach a provider as floats
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}…"
