"""`pulumi-incidents import`: bring what exists already into a stack, without touching it."""

from __future__ import annotations

from pulumi_incidents.commands._handed import handed
from pulumi_incidents.providers import import_file

_NAME = "pulumi-incidents import"


def _run(words: list[str]) -> int:
    # All that fails there is that something could not be looked at, or written.
    return 2 if import_file.main(words, _NAME) else 0


main = handed(import_file.parser(_NAME), _run)
