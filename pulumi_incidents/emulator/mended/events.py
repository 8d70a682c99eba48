"""moto's EventBridge with AWS's idea of when a rule matches.

`connect` puts it where moto reads and applies the pattern of a rule or an archive, and behind
TestEventPattern, which moto does not have.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import InvalidEventPatternException
from moto.events.models import EventPattern, EventPatternParser
from moto.events.responses import EventsHandler

from pulumi_incidents.emulator.clock import iso
from pulumi_incidents.emulator.mended import patterns
from pulumi_incidents.emulator.mended.operators import PatternError

if TYPE_CHECKING:
    from pulumi_incidents.emulator.mended.patterns import Pattern

# What TestEventPattern needs of an event (its page in the EventBridge API reference).
_FIELDS = ("id", "account", "source", "time", "region", "resources", "detail-type")


def connect() -> None:
    """Let patterns match as AWS's do from now on; a second time changes nothing."""
    EventPatternParser.parse = _parse  # type: ignore[method-assign,assignment]
    EventPattern.matches_event = _matches  # type: ignore[method-assign,assignment]
    EventsHandler.test_event_pattern = _test_event_pattern  # type: ignore[method-assign,assignment]


def as_sent(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event of moto's as AWS sends it: its time is one, and nothing is added."""
    told = {name: value for name, value in event.items() if name != "ingestion-time"}
    return {**told, "time": iso(event["time"])} if "time" in event else told


def _read(text: str) -> Pattern:
    try:
        return patterns.read(text)
    except PatternError as error:
        raise InvalidEventPatternException(str(error)) from None


def _parse(parser: Any) -> dict[str, Any]:
    """Return the pattern as moto keeps it, refused if AWS would refuse it."""
    if not parser.pattern:
        return {}
    _read(parser.pattern)
    found: dict[str, Any] = json.loads(parser.pattern)
    return found


def _matches(pattern: Any, event: dict[str, Any]) -> bool:
    if not pattern.get_pattern():  # of a rule with a schedule only, or of an archive of everything
        return True
    return _read(pattern.dump()).matches(as_sent(event))


def _test_event_pattern(handler: Any) -> str:
    """Answer TestEventPattern; which error a wrong event gets is unverified."""
    pattern = _read(handler._get_param("EventPattern") or "")  # noqa: SLF001 - what moto's own do
    try:
        event = json.loads(handler._get_param("Event") or "")  # noqa: SLF001
    except ValueError:
        raise _wrong("it is not JSON") from None
    missing = [name for name in _FIELDS if name not in event] if isinstance(event, dict) else []
    if missing or not isinstance(event, dict):
        raise _wrong(f"it has no {', '.join(missing)}" if missing else "it is not an object")
    return json.dumps({"Result": pattern.matches(event)})


def _wrong(reason: str) -> JsonRESTError:
    return JsonRESTError("ValidationException", f"Parameter Event is not valid. Reason: {reason}.")
