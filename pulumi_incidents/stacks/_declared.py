"""What is wrong with a value by what is declared of it: the keys and types of a `TypedDict`.

Mistakes are told as resources tell them. An output that is let through is looked at by the same
declaration once it is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Literal, NamedTuple, TypeVar, cast, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import is_typeddict

from pulumi_incidents.providers import _model
from pulumi_incidents.providers._model import below
from pulumi_incidents.stacks._hints import (
    OUTPUT,
    adapter,
    has_personal,
    inner,
    is_choice,
    keys_of,
    map_of,
    read,
)
from pulumi_incidents.stacks._mistakes import echo, is_output

T = TypeVar("T")
Location = tuple[Any, ...]

_ROOT = "args"  # where the inputs of a component themselves stand
_PLAIN_KEY = re.compile(r"[\w-]+")

# What pydantic calls a mistake -> how resources say it.
_WORDS = {
    "bool_type": "must be true or false",
    "dict_type": "must be a map",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "missing": "is required",
    "string_too_short": "is required",
    "string_type": "must be a string",
    "string_unicode": "must be a string",
}


class Awaited(NamedTuple):
    """An output in a value: its path, what is declared of it, and whether it may be empty text."""

    path: str
    declared: Any
    is_required: bool


@dataclass(frozen=True)
class Look(Generic[T]):
    """A value, and what was found in it."""

    value: T
    failures: Sequence[_model.Failure]
    """What is wrong by the declaration."""
    wrong: frozenset[Any]
    """The keys of the value with something wrong in or below them."""
    outputs: Mapping[Location, Awaited]
    """The outputs that are let through, by the steps that lead to them."""

    def sentences(self) -> Iterator[str]:
        """Yield what is wrong as sentences."""
        return (failure.told() for failure in self.failures)

    def beyond(self, rules: Callable[[T], Iterable[str]]) -> Iterable[str]:
        """Return what rules find in a value that is as declared: they need not ask for types."""
        return () if self.failures else rules(self.value)

    def with_outputs(self, known: Callable[..., Any]) -> T:
        """Return the value as it was given, but for what `known` makes of each of its outputs."""
        value: Any = self.value
        for steps, awaited in self.outputs.items():
            value = _replaced(value, steps, partial(known, awaited=awaited))
        return cast("T", value)


def look_at(
    declared: Any, value: T, path: str = "", *, is_required: bool = True, secret: bool = False
) -> Look[T]:
    """Compare a value, which stands at `path`, with a `TypedDict` or another type.

    What `is_required` is no empty text. Of a value that is `secret` nothing is repeated, names in
    it included.
    """
    try:
        adapter(declared, is_required).validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
    else:
        found = []
    mistakes = [mistake for mistake in found if mistake["type"] != OUTPUT]
    return Look(
        value,
        [_failure(declared, mistake, path, secret=secret) for mistake in mistakes],
        frozenset(mistake["loc"][0] for mistake in mistakes if mistake["loc"]),
        {
            mistake["loc"]: Awaited(_place(declared, mistake["loc"], path)[0], **mistake["ctx"])
            for mistake in found
            if mistake["type"] == OUTPUT
        },
    )


def _replaced(value: Any, steps: Location, change: Callable[[Any], Any]) -> Any:
    if not steps:
        return change(value)
    step, further = steps[0], steps[1:]
    changed = _replaced(value[step], further, change)
    if isinstance(value, Mapping):
        return {**value, step: changed}
    return [*value[:step], changed, *value[step + 1 :]]


def _failure(declared: Any, mistake: ErrorDetails, root: str, *, secret: bool) -> _model.Failure:
    kind, steps, value = mistake["type"], mistake["loc"], mistake["input"]
    if kind in ("extra_forbidden", "invalid_key"):
        path, shape = _place(declared, steps[:-1], root, secret=secret)
        unknown = _model.unknown_key(path, str(steps[-1]), keys_of(map_of(shape)))
        hidden = _model.Failure(path or _ROOT, f"has a key that {unknown.reason}")
        return hidden if secret else unknown
    if steps[-1:] == ("[key]",):
        path, _ = _place(declared, steps[:-1], root, secret=secret)
        return _model.Failure(path, "has a key that must be a string")
    path, shape = _place(declared, steps, root, secret=secret)
    reason = _told(kind, shape, value)
    if reason == _WORDS["missing"] or secret or _is_personal(declared, steps):
        return _model.Failure(path or _ROOT, reason)
    return _model.Failure(path or _ROOT, reason, echo(value))


def _is_personal(declared: Any, steps: Location) -> bool:
    for step in steps:
        declared = inner(map_of(read(declared).shape), step)
    return has_personal(declared)


def _told(kind: str, shape: Any, value: Any) -> str:
    """Return what a value has to be."""
    if value is None or kind == "missing":
        return _WORDS["missing"]
    if is_output(value):
        return "has to be known when the program runs, because it decides what there is"
    if is_typeddict(shape):
        return f"must be a map with {', '.join(keys_of(shape))}"
    if is_choice(shape):
        return "must be a map or text"
    if get_origin(shape) is Literal:
        return f"must be one of {', '.join(get_args(shape))}"
    return _WORDS[kind]


def _place(declared: Any, steps: Location, root: str, *, secret: bool = False) -> tuple[str, Any]:
    """Return the path of a value as a person writes it, and the type that is declared there.

    The keys of a map are a part of a secret, so the path of one ends before them.
    """
    path, shape, is_told = root, read(declared).shape, True
    for step in steps:
        shape = map_of(shape)
        if is_typeddict(shape):
            further = below(path, step)
        elif get_origin(shape) is Sequence:
            further = f"{path}[{step}]"
        else:
            is_told = is_told and not secret
            plain = isinstance(step, str) and _PLAIN_KEY.fullmatch(step)
            further = below(path, step) if plain else f"{path}[{step!r}]"
        path, shape = further if is_told else path, read(inner(shape, step)).shape
    return path, shape
