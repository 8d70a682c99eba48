"""The time as the local AWS has it: in UTC, in milliseconds, by one clock that a test may move.

The clock runs with the wall until it is told otherwise. What is about the process itself, such as
the request log, delays and lists that lag, does not ask it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# The first year in which a clock cannot be put: what is planned years ahead still has a time.
_TOO_LATE = 3000


class Clock:
    """A clock that runs with the wall, ahead of it or behind, or stands still.

    It can be put to any time of the years from 1970 to 2999, also back; ValueError for another one,
    which leaves it as it was. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._ahead = timedelta()  # of the wall, while it runs
        self._stopped: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether time passes."""
        return self._stopped is None

    def now(self) -> datetime:
        """Return the time in UTC, in whole milliseconds."""
        with self._lock:
            moment = self._moment(_wall())
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def set(self, time: datetime | None = None, *, running: bool | None = None) -> None:
        """Put it to a time, which has a zone, and stop it or let it run on; None is as it is."""
        with self._lock:
            wall = _wall()
            runs = self.running if running is None else running
            self._put(time or self._moment(wall), wall, running=runs)

    def advance(self, seconds: float) -> None:
        """Move it on, and let it run or stand still as before; ValueError unless above 0."""
        if not seconds > 0:
            raise ValueError("A clock is moved on by more than 0 seconds.")
        with self._lock:
            wall = _wall()
            try:
                later = self._moment(wall) + timedelta(seconds=seconds)
            except OverflowError:
                later = datetime.max.replace(tzinfo=timezone.utc)
            self._put(later, wall, running=self.running)

    def follow_wall(self) -> None:
        """Let it run with the wall again."""
        with self._lock:
            self._ahead, self._stopped = timedelta(), None

    def dump(self) -> str:
        """Return how it goes, to be kept: the same text for as long as nobody touches it."""
        with self._lock:
            stopped = self._stopped and self._stopped.isoformat()
            return json.dumps({"ahead": self._ahead.total_seconds(), "stopped": stopped})

    def load(self, kept: str) -> None:
        """Go on as what `dump` returned says: one that ran has run meanwhile.

        Anything else is no clock, and lets it run with the wall.
        """
        self.follow_wall()
        try:
            found = json.loads(kept)
            stopped = found["stopped"] and datetime.fromisoformat(found["stopped"])
            ahead = timedelta(seconds=found["ahead"])
            with self._lock:
                wall = _wall()
                self._put(stopped or wall + ahead, wall, running=not stopped)
        except (KeyError, OverflowError, TypeError, ValueError):
            return

    def _moment(self, wall: datetime) -> datetime:
        return self._stopped or wall + self._ahead

    def _put(self, time: datetime, wall: datetime, *, running: bool) -> None:
        if not _EPOCH <= time < _EPOCH.replace(year=_TOO_LATE):
            raise ValueError(f"A clock can be put to the years from 1970 to {_TOO_LATE - 1}.")
        self._ahead = time - wall if running else timedelta()
        self._stopped = None if running else time.astimezone(timezone.utc)


CLOCK = Clock()


def now() -> datetime:
    """Return the time in UTC, in the milliseconds that the APIs answer.

    A time read from an API and given back in a filter then compares as equal.
    """
    return CLOCK.now()


def from_epoch(seconds: float) -> datetime:
    """Return a timestamp of a request in UTC, in milliseconds."""
    return _EPOCH + timedelta(milliseconds=round(seconds * 1000))


def iso(moment: Any) -> str:
    """Return a time as events have it; moto keeps seconds, or what its caller gave."""
    try:
        whole = datetime.fromtimestamp(float(moment), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return str(moment)
    return whole.strftime("%Y-%m-%dT%H:%M:%SZ")


def _wall() -> datetime:
    return datetime.now(timezone.utc)
