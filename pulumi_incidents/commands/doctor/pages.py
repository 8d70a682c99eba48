"""The page of a check, in Markdown: what it looks at, and how what it finds is mended; pure."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.results import Level

COMMAND = "pulumi-incidents doctor --explain {}"
"""What shows the page of a check."""
_ARTICLE = {Level.ERROR: "an error", Level.WARNING: "a warning", Level.NOTE: "a note"}


def page(check: Check) -> str:
    """Return the page."""
    body = inspect.cleandoc(check.look.__doc__ or "")
    return (
        f"# {check.name}\n\n**{check.title}.** {check.why}\n\n"
        f"What is found is {_ARTICLE[check.level]}.\n\n{body}\n"
    )


def index(checks: Iterable[Check]) -> str:
    """Return a table of checks, with links to their pages."""
    rows = [
        f"| [{check.name}](checks/{check.name}.md) | {check.level.value} | {check.title} |"
        for check in checks
    ]
    return "\n".join(["| Check | Found as | What holds |", "| --- | --- | --- |", *rows, ""])
