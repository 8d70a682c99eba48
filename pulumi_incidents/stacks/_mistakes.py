"""Tell what is wrong with a component's inputs before anything of it is declared."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator
from typing import Any

import pulumi

from pulumi_incidents.providers import _model


def refuse(component: pulumi.ComponentResource, mistakes: Iterable[str]) -> None:
    """Raise all mistakes at once, one sentence each, that name the component.

    What a part finds, and the limits of a plan find again, is told once.

    :raises pulumi.RunError: which Pulumi prints without a traceback.
    """
    kind, name = type(component).__name__, component._name  # noqa: SLF001 - no public name
    sentences = [f"{kind} {name}: {ended(mistake)}" for mistake in dict.fromkeys(mistakes)]
    if sentences:
        raise pulumi.RunError("\n".join(sentences))


def unvalued(sentences: Iterable[str]) -> Iterator[str]:
    """Yield sentences about an output without what is in it, which may be a secret."""
    return (sentence.partition("; ")[0] for sentence in sentences)


def echo(value: Any) -> str:
    """Return what was given, as short as resources repeat it."""
    return "an output" if is_output(value) else _model.echo(value)


def ended(sentence: str) -> str:
    """Return a sentence with the mark at its end, which a question has."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def is_output(value: Any) -> bool:
    """Tell whether a value may be unknown while the program runs."""
    return isinstance(value, (pulumi.Output, Awaitable))
