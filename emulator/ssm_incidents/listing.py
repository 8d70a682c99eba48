"""Pages and filters of the List operations.

Follows ListIncidentRecords in the Incident Manager API reference: a record is listed when it
matches all filters, and it matches a filter when any of the filter's values fits.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.ssm_incidents.exceptions import ValidationException

if TYPE_CHECKING:
    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord

_MAX_PAGE = 100


def page(member: str, parameters: dict[str, Any], entries: dict[str, Any]) -> dict[str, Any]:
    """Return one page of `entries`, in the order of their keys, as the output's `member`.

    A token carries the last key of its page, so that what comes or goes between two pages makes
    no entry appear twice and hides none.
    """
    after = _read_token(member, parameters.get("nextToken", ""))
    keys = sorted(key for key in entries if key > after)
    size = parameters.get("maxResults", _MAX_PAGE)
    result: dict[str, Any] = {member: [entries[key] for key in keys[:size]]}
    if len(keys) > size:
        token = f"{member}\n{keys[size - 1]}".encode()
        result["nextToken"] = base64.urlsafe_b64encode(token).decode()
    return result


def _read_token(member: str, token: str) -> str:
    if not token:
        return ""
    try:
        owner, key = base64.urlsafe_b64decode(token).decode().split("\n")
    except ValueError:
        owner, key = "", ""
    if owner != member:
        raise ValidationException("The nextToken is not one that this operation answered.")
    return key


def matches(record: IncidentRecord, entry: dict[str, Any]) -> bool:
    """Say whether a record matches one filter of ListIncidentRecords."""
    condition = entry["condition"]
    if entry["key"] == "creationTime":
        created = record.creation_time.timestamp()
        return bool(
            created < condition["before"] if "before" in condition else created > condition["after"]
        )
    value = {
        "impact": record.members["impact"],
        "status": record.status,
        "createdBy": record.source["createdBy"],
    }[entry["key"]]
    equals = condition["equals"]
    return value in equals.get("stringValues", equals.get("integerValues"))
