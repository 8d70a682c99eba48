"""The limits of AWS on the values of inputs, as botocore's own model has them; pure.

botocore itself holds to the lower bounds alone, and moto to few of the rest: a name that is too
long would be taken here, and refused by AWS. Unknown values pass, at any depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi.runtime.rpc import UNKNOWN

if TYPE_CHECKING:
    from botocore.model import OperationModel

# The member of a call that an input is sent as; of an input with inputs of its own, theirs, too.
Member = str | tuple[str, Mapping[str, str]]

ARN = {"pattern": r"arn:[\w-]+:[\w-]+:[\w-]*:[\w-]*:.+", "words": "be an ARN"}
_WORDS = "have letters, digits, - and _ only"
# What of a long value is shown.
_SHOWN = 60
# Patterns are written for Java, where `\w` is ASCII. Python has no `\p`: these let more through.
_UNICODE = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": r"\s"}
# A pattern that says of a text how long it may be.
_BOUNDED = re.compile(r"\^?(\[[^\]]+\])\{(\d+),(\d+)\}\$?")
_TYPES: dict[str, tuple[Any, str]] = {
    "boolean": ((bool,), "true or false"),
    "double": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "list": ((list,), "a list"),
    "map": ((dict,), "a map"),
    "string": ((str,), "text"),
    "structure": ((dict,), "a map"),
}


class Breach(NamedTuple):
    """A value that AWS refuses."""

    path: str
    """Where it is, from the input on."""
    demand: str
    """What it must do or be."""
    given: str
    """What of it does not."""
    too_long: bool = False


def model_breaches(operation: OperationModel, key: str, member: Member, value: Any) -> list[Breach]:
    """Answer what of an input's value breaks the limits of the member that it is sent as."""
    path, inner = (member, {}) if isinstance(member, str) else member
    shape: Any = operation.input_shape
    for name in path.split("."):
        shape = (shape.member if shape.type_name == "list" else shape).members[name]
    return list(_breaches(key, shape, value, inner))


def text_breaches(path: str, value: Any, limits: Mapping[str, Any]) -> Iterator[Breach]:
    """Answer what is wrong with a text: `min` and `max` characters, `pattern`, `enum`.

    `words` say what the pattern demands, if it does not say so itself. What is no text is the
    model's matter.
    """
    if not isinstance(value, str) or value == UNKNOWN:
        return
    low, high = limits.get("min", 0), limits.get("max")
    pattern = limits.get("pattern")
    if pattern and (bounded := _BOUNDED.fullmatch(pattern)):
        pattern, low, high = f"{bounded[1]}+", int(bounded[2]), int(bounded[3])
    if len(value) < low or (high is not None and len(value) > high):
        demand = f"have {_range(low, high)} characters"
        yield Breach(path, demand, f"{len(value)}: {shown(value)}", len(value) > low)
    if value and pattern and not _matches(pattern, value):
        yield Breach(path, limits.get("words", f"match {pattern}"), shown(value))
    if "enum" in limits and value not in limits["enum"]:
        yield Breach(path, f"be one of {', '.join(limits['enum'])}", shown(value))


def fifo_breaches(inputs: Mapping[str, Any], switch: str, high: int) -> Iterator[Breach]:
    """Answer what is wrong with a topic or a queue that is a FIFO one, or that is none."""
    fifo = inputs.get(switch, False)
    limits: dict[str, Any] = {"min": 1, "max": high}
    if fifo is True:
        limits |= {"pattern": r"[A-Za-z0-9_-]+\.fifo", "words": f"{_WORDS}, and end with .fifo"}
    elif fifo is False:
        limits |= {"pattern": "[A-Za-z0-9_-]+", "words": _WORDS}
        if inputs.get("contentBasedDeduplication") is True:
            yield Breach("contentBasedDeduplication", f"be false without {switch}", "True")
    yield from text_breaches("name", inputs["name"], limits)


def shown(value: Any) -> str:
    """Answer a value for a sentence, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _breaches(path: str, shape: Any, value: Any, inner: Mapping[str, str]) -> Iterator[Breach]:
    if value is None or value == UNKNOWN:
        return
    pairs = shape.type_name == "list" and shape.member.type_name == "structure"
    kinds, name = _TYPES["map" if pairs else shape.type_name]
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    # bool is a subclass of int in Python, and no number for AWS.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        yield Breach(path, f"be {name}", shown(value))
    elif isinstance(value, str):
        yield from text_breaches(path, value, shape.metadata)
    elif shape.type_name == "structure":
        yield from _block(path, shape, value, inner)
    elif isinstance(value, list | dict):
        yield from _many(path, shape, value)
    elif (low is not None and value < low) or (high is not None and value > high):
        yield Breach(path, f"be {_range(low, high)}", shown(value))


def _block(
    path: str, shape: Any, value: Mapping[str, Any], inner: Mapping[str, str]
) -> Iterator[Breach]:
    """Answer what is wrong with an input that has inputs of its own."""
    for key in sorted(value.keys() - inner.keys()):
        yield Breach(path, f"have only {', '.join(inner)}", shown(key))
    for key, member in inner.items():
        if key in value:
            yield from _breaches(f"{path}.{key}", shape.members[member], value[key], {})
        elif member in shape.required_members:
            yield Breach(path, f"have {key}", shown(value))


def _many(path: str, shape: Any, value: list[Any] | dict[str, Any]) -> Iterator[Breach]:
    """Answer what is wrong with a list or a map; some lists of pairs are declared as a map."""
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < low or (high is not None and len(value) > high):
        yield Breach(path, f"have {_range(low, high)} entries", str(len(value)))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _breaches(f"{path}[{index}]", shape.member, item, {})
        return
    is_map = shape.type_name == "map"
    pair = (shape.key, shape.value) if is_map else tuple(shape.member.members.values())
    for key, item in value.items():
        where = f"{path}.{key[:_SHOWN]}"
        yield from _breaches(f"{where} (key)", pair[0], key, {})
        yield from _breaches(where, pair[1], item, {})


def _range(low: float | None, high: float | None) -> str:
    if low and high is not None:
        return f"{low} to {high}"
    return f"at most {high}" if high is not None else f"at least {low}"


def _matches(pattern: str, value: str) -> bool:
    flags = re.UNICODE if r"\p" in pattern else re.ASCII
    for java, python in _UNICODE.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern, value, flags) is not None
