"""Pages and filters of the List operations.

Follows ListIncidentRecords and ListTimelineEvents in the Incident Manager API reference: what
matches all filters is listed, and it matches a filter when any of the filter's values fits.
"""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_incidents.emulator.ssm_incidents.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MAX_PAGE = 100

Thing = TypeVar("Thing")


def page(
    member: str,
    parameters: dict[str, Any],
    entries: Iterable[tuple[str, Thing]],
    show: Callable[[Thing], Any],
    *,
    descending: bool = False,
) -> dict[str, Any]:
    """Return one page of `entries`, each a key and a thing to show, as the output's `member`.

    They are in the order of their keys, and looked at only as far as the page goes. A token
    carries the last key of its page, so that what comes or goes between two pages makes no entry
    appear twice and hides none; it is good for the same request with any number of results.
    """
    asked = {k: v for k, v in parameters.items() if v and k not in ("nextToken", "maxResults")}
    owner = json.dumps([member, asked], sort_keys=True)
    last = _read_token(owner, parameters.get("nextToken", ""))
    rest = (
        entry
        for entry in entries
        if not last or (entry[0] < last if descending else entry[0] > last)
    )
    size = parameters.get("maxResults", _MAX_PAGE)
    found = list(islice(rest, size + 1))
    result: dict[str, Any] = {member: [show(thing) for _, thing in found[:size]]}
    if len(found) > size:
        result["nextToken"] = _token(owner, found[size - 1][0])
    return result


def _token(owner: str, key: str) -> str:
    """Return the token of a place in a list; its seal fits no other list and no other place."""
    seal = hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest()[:32]
    return base64.urlsafe_b64encode(f"{seal}\n{key}".encode()).decode()


def _read_token(owner: str, token: str) -> str:
    if not token:
        return ""
    try:
        key = base64.b64decode(token, altchars="-_", validate=True).decode().split("\n")[1]
    except (ValueError, IndexError):
        key = ""
    if token != _token(owner, key):
        raise ValidationException("The nextToken is not one that was answered to this request.")
    return key


def matches(values: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    """Say whether what has these values, by filter key, matches all filters."""
    return all(_matches(values[entry["key"]], entry["condition"]) for entry in filters)


def _matches(value: Any, condition: dict[str, Any]) -> bool:
    """Say whether a value matches a condition; a list of values does when any of them does."""
    if "before" in condition:
        return bool(value.timestamp() < condition["before"])
    if "after" in condition:
        return bool(value.timestamp() > condition["after"])
    equals = condition["equals"]
    wanted = equals.get("stringValues", equals.get("integerValues"))
    return any(each in wanted for each in (value if isinstance(value, list) else [value]))
