"""What was denied, and to whom: kept for tests, the console and the eye."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timezone
from threading import Lock
from typing import Any

_KEPT = 1_000
ACCESS_DENIED = "AccessDeniedException"


@dataclass(frozen=True)
class Denial:
    """Something that a principal may not do, or that is not there to be done.

    `code` is AWS's, and `reason` goes on where `…is not authorized to perform…` ends.
    """

    principal: str
    action: str
    resource: str
    reason: str
    code: str = ACCESS_DENIED

    @property
    def message(self) -> str:
        """The message in AWS's words."""
        if self.code != ACCESS_DENIED:
            return self.reason
        return (
            f"User: {self.principal} is not authorized to perform: {self.action} "
            f"on resource: {self.resource} {self.reason}"
        )


class Denials:
    """The last 1,000 denials, safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._lock = Lock()
        self.total = 0

    def add(self, denial: Denial, effect: str) -> None:
        """Keep a denial and what came of it, and tell both on stderr in one line."""
        with self._lock:
            self.total += 1
            self._kept.append(
                {
                    "number": self.total,
                    "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                    "principal": denial.principal,
                    "action": denial.action,
                    "resource": denial.resource,
                    "code": denial.code,
                    "message": denial.message,
                    "effect": effect,
                }
            )
        sys.stderr.write(f"{effect}: {denial.code}, {denial.message}\n")

    def all(self) -> list[dict[str, Any]]:
        """Return what was denied, oldest first."""
        with self._lock:
            return list(self._kept)

    def clear(self) -> None:
        """Forget what was denied; the count goes on, so that it says whether there is news."""
        with self._lock:
            self._kept.clear()
            self.total += 1


DENIALS = Denials()
