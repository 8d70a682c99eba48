"""Pages and filters of the List operations.

Follows ListIncidentRecords and ListTimelineEvents in the Incident Manager API reference: what
matches all filters is listed, and it matches a filter when any of the filter's values fits.
"""

from __future__ import annotations

import base64
from typing import Any

from pulumi_incidents.emulator.ssm_incidents.exceptions import ValidationException

_MAX_PAGE = 100


def page(
    member: str, parameters: dict[str, Any], entries: dict[str, Any], *, descending: bool = False
) -> dict[str, Any]:
    """Return one page of `entries`, in the order of their keys, as the output's `member`.

    A token carries the last key of its page, so that what comes or goes between two pages makes
    no entry appear twice and hides none; it is good for one member and direction.
    """
    owner = f"{member} descending" if descending else member
    last = _read_token(owner, parameters.get("nextToken", ""))
    keys = [key for key in entries if not last or (key < last if descending else key > last)]
    keys.sort(reverse=descending)
    size = parameters.get("maxResults", _MAX_PAGE)
    result: dict[str, Any] = {member: [entries[key] for key in keys[:size]]}
    if len(keys) > size:
        token = f"{owner}\n{keys[size - 1]}".encode()
        result["nextToken"] = base64.urlsafe_b64encode(token).decode()
    return result


def _read_token(owner: str, token: str) -> str:
    if not token:
        return ""
    try:
        found, key = base64.urlsafe_b64decode(token).decode().split("\n")
    except ValueError:
        found, key = "", ""
    if found != owner:
        raise ValidationException("The nextToken is not one that this operation answered.")
    return key


def matches(values: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Say whether what has these values, by filter key, matches one filter.

    A list of values matches when any of them does.
    """
    value, condition = values[entry["key"]], entry["condition"]
    if "before" in condition:
        return bool(value.timestamp() < condition["before"])
    if "after" in condition:
        return bool(value.timestamp() > condition["after"])
    equals = condition["equals"]
    wanted = equals.get("stringValues", equals.get("integerValues"))
    return any(each in wanted for each in (value if isinstance(value, list) else [value]))
