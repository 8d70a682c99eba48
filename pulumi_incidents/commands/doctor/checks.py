"""What a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Level, Result


class Check(NamedTuple):
    """One thing that is looked at, of each subject that it is about."""

    name: str
    """In kebab-case. It is in users' `--ignore`, and in what CI keeps: it never changes."""
    level: Level
    """How bad a finding is, unless the finding says otherwise."""
    title: str
    """What holds when all is fine: a sentence without its point."""
    why: str
    """Why it matters: one sentence."""
    look: Callable[[Facts], Iterable[Result]]
    """Pure. Yields a result for each subject; none if there is nothing to look at.

    Its docstring is the page of the check, in Markdown: what is looked at, by which calls and with
    which permissions, what is found, how it is mended, and what is unverified.
    """
