"""What was asked of the local AWS: the last 100,000 requests, for tests and for the eye."""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections import deque
from datetime import datetime, timezone
from threading import Lock
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.errors import ValidationException

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from pulumi_incidents.emulator.protocol.exchange import Exchange

_SIZE = 100_000
_FILTERS = ("service", "operation", "status", "error", "mutating", "lost", "request_id")
_LOGGER = logging.getLogger(__name__)


class RequestLog:
    """The requests in the order of their answers, safe to use from several threads."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=_SIZE)
        self._numbers = itertools.count(1)
        self._lock = Lock()

    def add(self, service: str, exchange: Exchange) -> None:
        """Note a request and what was answered; tell it on stderr in one line."""
        entry = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "service": service,
            "operation": exchange.operation,
            "status": None if exchange.lost else exchange.response.status_code,
            "error": exchange.error,
            "parameters": exchange.parameters,
            "mutating": exchange.mutating,
            "lost": exchange.lost,
            "needs": [need._asdict() for need in exchange.needs],
            "request_id": exchange.request_id,
        }
        with self._lock:
            entry["id"] = next(self._numbers)
            self._entries.append(entry)
        outcome = "answer lost" if exchange.lost else entry["status"]
        _LOGGER.info("%s %s %s %s", service, exchange.operation, outcome, exchange.error or "")

    def clear(self) -> None:
        """Forget every request; their numbers go on."""
        with self._lock:
            self._entries.clear()

    def matching(self, filters: MultiDict[str, str]) -> list[dict[str, Any]]:
        """Return the entries that match every filter, oldest first.

        A filter is a key of an entry with its value as JSON writes it (strings bare); one given
        several times matches any of its values. `after` is an id; `limit` keeps the newest.
        Raises ValidationException for anything else.
        """
        after, limit = _number(filters, "after", 0), _number(filters, "limit", _SIZE)
        wanted = {key: set(values) for key, values in filters.lists()}
        for key in wanted.keys() - {"after", "limit"} - {*_FILTERS}:
            known = ", ".join((*_FILTERS, "after", "limit"))
            raise ValidationException(f"Requests have no filter {key[:100]!r}; they have {known}.")
        with self._lock:
            entries = list(self._entries)
        found = [
            entry
            for entry in entries
            if entry["id"] > after
            and all(_text(entry[key]) in wanted[key] for key in _FILTERS if key in wanted)
        ]
        return found[-limit:] if limit else []


def _number(filters: MultiDict[str, str], key: str, default: int) -> int:
    text = filters.get(key, str(default))
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValidationException(f"{key} must be a whole number, not {text[:100]!r}.")
    return int(text)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
