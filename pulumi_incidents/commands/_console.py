"""What a command prints: its result on stdout, everything else on stderr.

Colour and progress are for terminals; NO_COLOR and FORCE_COLOR are heard. A pipe gets each line
whole, however long it is, unless COLUMNS says how wide it is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Timer
from typing import Any, TextIO

from rich.console import Console

_WHOLE = 10_000
"""Columns of what is no terminal: no line is as long."""
_PATIENCE = 1.0
"""Seconds that something may take before a person wants to know why."""


def result() -> Console:
    """Return the console for what was asked for."""
    return _console(sys.stdout)


def notes() -> Console:
    """Return the console for all the rest."""
    return _console(sys.stderr)


def _console(file: TextIO) -> Console:
    whole = not file.isatty() and "COLUMNS" not in os.environ
    # Names of people and things are no markup, and no emoji.
    return Console(
        file=file,
        width=_WHOLE if whole else None,
        markup=False,
        emoji=False,
        highlight=False,
    )


def print_json(value: Any) -> None:
    """Print a result as JSON; times in ISO 8601."""
    sys.stdout.write(f"{json.dumps(value, default=_told, indent=2, ensure_ascii=False)}\n")
    sys.stdout.flush()  # whoever has closed a pipe is noticed here, and not when Python ends


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal what takes longer than a second, such as `Reading the plans`."""
    console = notes()
    status = console.status(what)
    timer = Timer(_PATIENCE, status.start)
    # A log that FORCE_COLOR asks colours for is no terminal all the same.
    is_shown = console.is_terminal and sys.stderr.isatty()
    if is_shown:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if is_shown:
            timer.join()
        status.stop()


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
