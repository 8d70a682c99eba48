"""What is declared, as types that pydantic checks: the evaluated hints of a `TypedDict`.

Nested ones are checked at every depth. An output is let through where `pulumi.Input` is declared:
pydantic tells where it stands, apart from mistakes. A resource is let through where its class is
declared.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ForwardRef,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

import pulumi
import typing_extensions
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StrictStr,
    TypeAdapter,
    WrapValidator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import NotRequired, Required, TypedDict, is_typeddict

from pulumi_incidents.stacks._mistakes import is_output

OUTPUT = "output"
"""What pydantic calls an output where one may stand. It is no mistake."""

PERSONAL = "personal"
"""What marks, in `Annotated`, a value that no message repeats, secret or not."""

# What `pulumi.Input` says in strings, whatever module names it.
_NAMES = {"Output": pulumi.Output, "T": TypeVar("T")}


class Key(NamedTuple):
    """A key of a `TypedDict`."""

    declared: Any
    is_required: bool


@functools.cache
def keys_of(declared: Any) -> Mapping[str, Key]:
    """Return the keys of a `TypedDict`; which are required, its evaluated hints alone tell."""
    hints = typing_extensions.get_type_hints(declared, localns=_NAMES, include_extras=True)
    optional: Any = NotRequired
    return {
        key: Key(get_args(hint)[0], is_required=False)
        if get_origin(hint) is optional
        else Key(hint, is_required=declared.__total__)
        for key, hint in hints.items()
    }


class Hint(NamedTuple):
    """What is declared, whether as an input, and whether None is allowed."""

    shape: Any
    is_input: bool = False
    may_be_none: bool = False
    is_personal: bool = False
    resources: tuple[type, ...] = ()
    """Classes of resources that may stand there."""


def read(hint: Any) -> Hint:
    """Take a hint apart; what an output of it would be is what is declared beside it."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    plain = [part for part in parts if not _is_later(part)]
    marked = [part for part in plain if get_origin(part) is Annotated]
    shapes = [get_args(part)[0] if part in marked else part for part in plain]
    resources = tuple(shape for shape in shapes if _is_resource(shape))
    others = [shape for shape in shapes if shape is not NoneType and shape not in resources]
    return Hint(
        functools.reduce(operator.or_, others),
        is_input=len(plain) < len(parts),
        may_be_none=NoneType in shapes,
        is_personal=any(PERSONAL in get_args(part)[1:] for part in marked),
        resources=resources,
    )


def _is_later(part: Any) -> bool:
    # Outside of a `TypedDict`, what `pulumi.Input` says in strings is not evaluated.
    return isinstance(part, ForwardRef) or get_origin(part) in (Awaitable, pulumi.Output)


def _is_resource(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, pulumi.Resource)


def inner(shape: Any, step: Any) -> Any:
    """Return what is declared of an item or a key of a list, a map or a `TypedDict`."""
    if is_typeddict(shape):
        return keys_of(shape)[step].declared
    return get_args(shape)[0 if get_origin(shape) is Sequence else 1]


def has_personal(hint: Any) -> bool:
    """Tell whether something in a value is marked as personal: then none of it is repeated."""
    shape, *_, is_personal, _ = read(hint)
    shape = map_of(shape)
    if is_typeddict(shape):
        return any(has_personal(key.declared) for key in keys_of(shape).values())
    if get_origin(shape) in (Mapping, Sequence):
        return has_personal(inner(shape, None))
    return is_personal


def is_choice(shape: Any) -> bool:
    """Tell whether a text may stand where a map may: what AWS takes as JSON or YAML."""
    return get_origin(shape) in (Union, UnionType)


def map_of(shape: Any) -> Any:
    """Return the map of such a choice; anything else is returned as it is."""
    return get_args(shape)[0] if is_choice(shape) else shape


@functools.cache
def adapter(declared: Any, is_required: bool) -> TypeAdapter[Any]:  # noqa: FBT001 - a key
    """Return what checks a value by its hint; a text that is required is not empty."""
    return TypeAdapter(_checked(declared, is_required=is_required))


def _checked(hint: Any, *, is_required: bool) -> Any:
    """Return a hint as a type that pydantic checks."""
    shape, is_input, may_be_none, _, resources = read(hint)
    checked = _checked_shape(shape)
    if shape is str and is_required:
        # AWS takes no empty text where it needs one.
        checked = Annotated[checked, Field(min_length=1)]
    if may_be_none:
        checked = checked | None
    if resources:
        checked = Annotated[checked, WrapValidator(_lets_through(resources))]
    if is_input:
        later = _lets_outputs_through(hint, is_required=is_required)
        checked = Annotated[checked, WrapValidator(later)]
    return checked


def _checked_shape(shape: Any) -> Any:
    if is_typeddict(shape):
        return _checked_map(shape)
    if is_choice(shape):
        return Annotated[_checked_shape(map_of(shape)), WrapValidator(_or_text)]
    if get_origin(shape) is Mapping:
        return dict[StrictStr, _checked(get_args(shape)[1], is_required=False)]  # type: ignore[misc]
    if get_origin(shape) is Sequence:
        item = _checked(get_args(shape)[0], is_required=False)
        return Annotated[list[item], Strict(), BeforeValidator(_as_list)]  # type: ignore[valid-type]
    if shape is int:
        return Annotated[int, Strict(), BeforeValidator(_as_whole)]
    return Annotated[shape, Strict()] if shape in (bool, float, str) else shape


@functools.cache
def _checked_map(declared: Any) -> Any:
    fields = {
        key: (Required if is_required else NotRequired)[_checked(hint, is_required=is_required)]
        for key, (hint, is_required) in keys_of(declared).items()
    }
    checked = cast("Any", TypedDict)(declared.__name__, fields)
    checked.__pydantic_config__ = ConfigDict(extra="forbid")
    return checked


def _lets_outputs_through(
    hint: Any, *, is_required: bool
) -> Callable[[Any, Callable[[Any], Any]], Any]:
    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        if is_output(value):
            context = {"declared": hint, "is_required": is_required}
            raise PydanticCustomError(OUTPUT, "known later", context)
        return handler(value)

    return check


def _lets_through(resources: tuple[type, ...]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    return lambda value, handler: value if isinstance(value, resources) else handler(value)


def _or_text(value: Any, handler: Callable[[Any], Any]) -> Any:
    return value if isinstance(value, str) else handler(value)


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _as_whole(value: Any) -> Any:
    # Numbers of other resources are floats.
    return int(value) if isinstance(value, float) and value.is_integer() else value
