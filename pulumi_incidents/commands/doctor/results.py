"""What a check finds."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Level(enum.Enum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    """Somebody who is to be paged would not be, or something would not start."""
    WARNING = "warning"
    """It would work, and one more thing that goes wrong is too many."""
    NOTE = "note"
    """Worth knowing."""


class Fine(NamedTuple):
    """Nothing is wrong with a subject, by this check."""

    subject: str
    """An ARN, or what people call it where it has none."""
    plans: tuple[str, ...] = ()
    """ARNs of the response plans that it matters to, where the subject is none."""
    seen: str = ""
    """What was seen, where that is worth a sentence."""


class Finding(NamedTuple):
    """Something is wrong with a subject."""

    subject: str
    seen: str
    """What was seen: one sentence."""
    mend: str
    """What to do about it: one sentence."""
    level: Level | None = None
    """How bad it is, where that is not what its check says."""
    plans: tuple[str, ...] = ()


class NotSeen(NamedTuple):
    """A subject could not be looked at, so nobody knows."""

    subject: str
    why: str
    """One sentence, with what would let it be looked at."""
    plans: tuple[str, ...] = ()


Result = Fine | Finding | NotSeen
