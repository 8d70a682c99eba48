"""Tell what is wrong with a component's inputs before anything of it is declared."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi


def refuse(component: pulumi.ComponentResource, mistakes: Iterable[str]) -> None:
    """Raise all mistakes at once, one sentence each, that name the component.

    :raises pulumi.RunError: which Pulumi prints without a traceback.
    """
    kind, name = type(component).__name__, component._name  # noqa: SLF001 - no public name
    sentences = [f"{kind} {name}: {mistake}." for mistake in mistakes]
    if sentences:
        raise pulumi.RunError("\n".join(sentences))
