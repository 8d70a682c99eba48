"""The last things of a kind that happened: kept for tests, the console and the eye."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Any

from pulumi_incidents.emulator.clock import now

_KEPT = 1_000


class Recent:
    """The last 1,000 of them, numbered; safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._lock = Lock()
        self.total = 0

    def keep(self, **entry: Any) -> None:
        """Keep one, with its number and the time."""
        moment = now().isoformat(timespec="milliseconds")
        with self._lock:
            self.total += 1
            self._kept.append({"number": self.total, "time": moment, **entry})

    def all(self) -> list[dict[str, Any]]:
        """Return all that are kept, oldest first."""
        with self._lock:
            return list(self._kept)

    def clear(self) -> None:
        """Forget them; the count goes on, so that it says whether there is news."""
        with self._lock:
            self._kept.clear()
            self.total += 1
