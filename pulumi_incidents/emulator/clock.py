"""The time as AWS's APIs have it: in UTC, in milliseconds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def now() -> datetime:
    """Return the time in UTC, in the milliseconds that the APIs answer.

    A time read from an API and given back in a filter then compares as equal.
    """
    moment = datetime.now(timezone.utc)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


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
