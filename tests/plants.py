"""What components declare, walked: whole examples of it, and the mistakes to plant into them.

Read are the hints alone, with nothing of the code that checks them.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import pulumi
import typing_extensions
from typing_extensions import NotRequired, is_typeddict

from pulumi_incidents import stacks

COMPONENTS = {
    name: kind
    for name, kind in vars(stacks).items()
    if isinstance(kind, type) and issubclass(kind, pulumi.ComponentResource)
}
NAMES = {"Output": pulumi.Output, "T": TypeVar("T")}
SCALARS = {str: "text", int: 1, float: 0.5, bool: True, Any: {"any": ["thing"]}}


class Wrong:
    """What is of no type that is declared anywhere."""

    def __repr__(self):
        """Be known when somebody repeats it."""
        return "hunter2"


class Later:
    """What is known later, such as an output."""

    def __await__(self):
        """Be awaited: never, in these tests."""
        raise NotImplementedError


class Plant(NamedTuple):
    """A mistake: whole inputs with it, where it is, and how the sentence about it goes on."""

    inputs: Any
    path: str
    told: str
    may_be_output: bool = False


def hints(declared):
    """Return what is declared, by name, of a `TypedDict` or a function."""
    return typing_extensions.get_type_hints(declared, localns=NAMES, include_extras=True)


def declaration(component):
    """Return the `TypedDict` that a component takes as its `args`."""
    return read(hints(component.__init__)["args"])[0]


def read(hint):
    """Return what is declared, without its being optional or None, and whether as an input.

    Of what may be a map, text or a resource, it is the map.
    """
    if get_origin(hint) in (NotRequired, Annotated):
        return read(get_args(hint)[0])
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    later = [part for part in get_args(hint) if get_origin(part) in (Awaitable, pulumi.Output)]
    others = [part for part in get_args(hint) if part not in (type(None), *later)]
    plain = [part for part in others if not _is_resource(part)]
    return read(plain[0])[0], bool(later)


def _is_resource(part):
    return isinstance(part, type) and issubclass(part, pulumi.Resource)


def example(hint):
    """Return a value with all that is declared in it, at every depth."""
    shape, _ = read(hint)
    if is_typeddict(shape):
        return {key: example(inner) for key, inner in hints(shape).items()}
    if get_origin(shape) is Mapping:
        return {"some": example(get_args(shape)[1])}
    if get_origin(shape) is Sequence:
        return [example(get_args(shape)[0])]
    return get_args(shape)[0] if get_origin(shape) is Literal else SCALARS[shape]


def plants(hint, path="", put=lambda value: value):
    """Yield every mistake there is room for; `put` makes whole inputs of a part with one in it."""
    shape, may_be_output = read(hint)
    if shape is Any:
        return
    yield Plant(put(Wrong()), path or "args", " must be ")
    yield Plant(put(Later()), path or "args", " has to be known when", may_be_output)
    if is_typeddict(shape):
        yield from _plants_in_keys(shape, path, put)
    elif get_origin(shape) is Mapping:
        inner = get_args(shape)[1]
        yield Plant(put({7: example(inner)}), f"{path}[7]", " has a key that must be a string")
        yield from plants(inner, f"{path}.some", lambda part: put({"some": part}))
    elif get_origin(shape) is Sequence:
        yield from plants(get_args(shape)[0], f"{path}[0]", lambda part: put([part]))


def _plants_in_keys(shape, path, put):
    whole = example(shape)
    start = f"{path}." if path else ""
    yield Plant(put({**whole, "zzz": 1}), f"{start}zzz", " does not exist; ")
    for key, inner in hints(shape).items():
        if get_origin(inner) is not NotRequired and shape.__total__:
            without = {other: whole[other] for other in whole if other != key}
            yield Plant(put(without), start + key, " is required")
            yield Plant(put({**whole, key: None}), start + key, " is required")
        yield from plants(inner, start + key, lambda part, key=key: put({**whole, key: part}))


def declarations(hint, find=lambda value: value):
    """Yield every `TypedDict` below a hint, and what finds a value of it in a whole example."""
    shape, _ = read(hint)
    if is_typeddict(shape):
        yield shape, find
        for key, inner in hints(shape).items():
            yield from declarations(inner, lambda value, key=key: find(value)[key])
    elif get_origin(shape) is Mapping:
        yield from declarations(get_args(shape)[1], lambda value: find(value)["some"])
    elif get_origin(shape) is Sequence:
        yield from declarations(get_args(shape)[0], lambda value: find(value)[0])
