"""The clock of the local AWS as the control API and the console move it.

`GET /_local/clock` answers `time`, ISO 8601 in UTC and milliseconds, and whether it is `running`.
`PUT` with one of these or both puts it, stops it or lets it run on from there. `POST` with
`advance`, seconds above 0, moves it on. `DELETE` lets it run with the wall again, and so does a
reset.
"""

from __future__ import annotations

from typing import Any

from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.times import read_time
from pulumi_incidents.emulator.storage.lock import LOCK


def get_clock() -> dict[str, Any]:
    """Return what the clock says, and whether it runs."""
    with LOCK:
        time = CLOCK.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"time": time, "running": CLOCK.running}


def set_clock(declared: dict[str, Any]) -> dict[str, Any]:
    """Put the clock to a time, stop it, or let it run."""
    if not declared or declared.keys() - {"time", "running"}:
        raise ValidationException("The body must have time, running or both, and nothing else.")
    running = declared.get("running")
    if "running" in declared and not isinstance(running, bool):
        raise ValidationException("running must be true or false.")
    try:
        time = read_time(declared["time"]) if "time" in declared else None
    except ValueError as error:
        raise ValidationException(f"time {error}.") from None
    with LOCK:  # no operation sees it move
        try:
            CLOCK.set(time, running=running)
        except ValueError as error:
            raise ValidationException(str(error)) from None
        return get_clock()


def advance_clock(declared: dict[str, Any]) -> dict[str, Any]:
    """Move the clock on by some seconds."""
    seconds: Any = declared.pop("advance", None)
    if declared or type(seconds) not in (int, float):
        raise ValidationException("The body must have advance, a number, and nothing else.")
    with LOCK:
        try:
            CLOCK.advance(seconds)
        except ValueError as error:
            raise ValidationException(str(error)) from None
        return get_clock()


def release_clock() -> None:
    """Let the clock run with the wall again."""
    with LOCK:
        CLOCK.follow_wall()
