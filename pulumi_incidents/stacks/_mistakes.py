"""Tell what is wrong with a component's inputs before anything of it is declared."""

from __future__ import annotations

import reprlib
from collections.abc import Awaitable, Collection, Iterable, Iterator, Mapping
from typing import Any

import pulumi

# Kind of option -> its types, and how a person calls it.
_KINDS: Mapping[type, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    dict: ((Mapping,), "a map"),
    list: ((list, tuple), "a list"),
    str: ((str,), "a string"),
}


def refuse(component: pulumi.ComponentResource, mistakes: Iterable[str]) -> None:
    """Raise all mistakes at once, one sentence each, that name the component.

    :raises pulumi.RunError: which Pulumi prints without a traceback.
    """
    kind, name = type(component).__name__, component._name  # noqa: SLF001 - no public name
    sentences = [f"{kind} {name}: {mistake}." for mistake in mistakes]
    if sentences:
        raise pulumi.RunError("\n".join(sentences))


def is_output(value: Any) -> bool:
    """Tell whether a value may be unknown while the program runs."""
    return isinstance(value, (pulumi.Output, Awaitable))


def below(path: str, key: str) -> str:
    """Return the path of a key in the map at a path, which is empty for a component's inputs."""
    return f"{path}.{key}" if path else key


def kind_mistakes(path: str, value: Any, kind: type, *, required: bool = False) -> Iterator[str]:
    """Find a value that is none of its kind: `bool`, `dict`, `list` or `str`.

    `None` is no value, and neither is an empty text where a text belongs. An output is truthy
    whatever it comes to, so it cannot be an option that decides what is declared.
    """
    types, called = _KINDS[kind]
    if value is None or (kind is str and isinstance(value, str) and not value):
        if required:
            yield f"{path} is required"
    elif is_output(value):
        yield (
            f"{path} has to be known when the program runs, because it decides what there is; "
            "got an output"
        )
    elif not isinstance(value, types):
        yield f"{path} must be {called}; got {reprlib.repr(value)}"


def option_mistakes(
    args: Any, kinds: Mapping[str, type], path: str = "", *, required: Collection[str] = ()
) -> Iterator[str]:
    """Find what is no map, and in a map the options that are none of their kind."""
    yield from kind_mistakes(path or "args", args, dict, required=True)
    if isinstance(args, Mapping):
        for key, kind in kinds.items():
            yield from kind_mistakes(
                below(path, key), args.get(key), kind, required=key in required
            )


def fitting(args: Any, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return the options that are given and of their kind: those that can be looked into."""
    given = args if isinstance(args, Mapping) else {}
    return {key: given[key] for key in kinds if isinstance(given.get(key), _KINDS[kinds[key]][0])}
