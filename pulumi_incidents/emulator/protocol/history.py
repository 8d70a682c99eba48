"""Lists that lag behind: what an account was like some seconds ago.

AWS says of its APIs no more than that they are distributed; that an incident is listed only some
time after its start is what callers report. Nothing is remembered until a fault asks for lists that
lag, because every change then costs a copy of the account.
"""

from __future__ import annotations

import copy
import time
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass
class Lag:
    """How many seconds lists lag behind at the most, 0 is not at all; and since when they do."""

    seconds: float = 0
    since: float = 0

    def take(self, seconds: float) -> None:
        """Let lists lag from now on, longer than before or less."""
        if not self.seconds:
            self.since = time.monotonic()
        self.seconds = seconds


LAG = Lag()


class History:
    """The states that one account went through while lists could ask for them."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, dict[str, Any]]] = deque()

    def __reduce__(self) -> tuple[type[History], tuple[()]]:
        """Save nothing: the clock of another process is another one."""
        return History, ()

    def keep(self, state: dict[str, Any]) -> None:
        """Remember a state that is about to change, if lists lag; forget what none asks for."""
        moment = time.monotonic()
        while self._past and self._past[0][0] <= moment - LAG.seconds:
            self._past.popleft()
        if LAG.seconds:
            self._past.append((moment, copy.deepcopy(state)))

    def as_of(self, seconds: float) -> dict[str, Any]:
        """Return the state of some seconds ago, but not of before lists lagged.

        It is empty if the state is still the same.
        """
        moment = max(time.monotonic() - seconds, LAG.since)
        return next((state for changed, state in self._past if changed > moment), {})
