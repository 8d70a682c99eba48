"""What AWS's documents demand of a request and its model cannot say, whatever there is.

Runs after the walk over the model, on a request whose types are right. What depends on what there
is, like members of a rotation, is where it is looked up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.policies import check_policy
from pulumi_incidents.emulator.protocol.validation import Failures
from pulumi_incidents.emulator.ssm_contacts.recurrence import mistakes
from pulumi_incidents.emulator.ssm_contacts.shifts import is_zone

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTACT, _CHANNEL, _ROTATION = r"contact/[^/]+", r"contact-channel/[^/]+/[^/]+", r"rotation/[^/]+"
_ENGAGEMENT, _PAGE = r"engagement/[^/]+/[^/]+", r"page/[^/]+/[^/]+"
# What each ARN member of a request names, in every operation that has it.
_KINDS = {
    "ContactId": _CONTACT,
    "ContactArn": _CONTACT,
    "ContactChannelId": _CHANNEL,
    "ContactIds": _CONTACT,
    "EngagementId": _ENGAGEMENT,
    "NewContactIds": _CONTACT,
    "PageId": _PAGE,
    "ResourceARN": f"{_CONTACT}|{_ROTATION}",
    "RotationId": _ROTATION,
    "RotationIds": _ROTATION,
}
_PHONE, _MAIL = re.compile(r"\+[1-9]\d{1,14}"), re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ADDRESSES = {
    "SMS": (_PHONE, "a + followed by the country code and phone number"),
    "VOICE": (_PHONE, "a + followed by the country code and phone number"),
    "EMAIL": (_MAIL, "an e-mail address"),
}
_SHORTEST_OVERRIDE = 30 * 60


def check_documented(operation: str, parameters: dict[str, Any]) -> None:
    """Raise a ValidationException with everything that the documents forbid in this request."""
    failures = Failures()
    _check_arns(parameters, "", failures)
    if "TimeZoneId" in parameters and not is_zone(parameters["TimeZoneId"]):
        failures.add("TimeZoneId", "Member must be a time zone of IANA, such as Europe/Dublin")
    if operation in _RULES:
        _RULES[operation](parameters, failures)
    failures.raise_if_any()


def _check_arns(value: Any, path: str, failures: Failures, name: str = "") -> None:
    """See that each ARN, at any depth, is one of what its member names."""
    if isinstance(value, dict):
        for key, member in value.items():
            _check_arns(member, f"{path}.{key}" if path else key, failures, key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check_arns(member, f"{path}[{index}]", failures, name)
    elif name in _KINDS and not re.fullmatch(
        rf"arn:aws[a-z-]*:ssm-contacts:[a-z0-9-]+:\d{{12}}:({_KINDS[name]})", value
    ):
        kind = " or ".join(each.split("/")[0] for each in _KINDS[name].split("|"))
        failures.add(path, f"Member must be the ARN of a {kind}")


def check_address(kind: str, address: dict[str, str], failures: Failures) -> None:
    """Note an address that no channel of this type can have."""
    pattern, wanted = _ADDRESSES[kind]
    if "SimpleAddress" not in address:
        failures.add("DeliveryAddress.SimpleAddress", "Member must not be null")
    elif not pattern.fullmatch(address["SimpleAddress"]):
        failures.add("DeliveryAddress.SimpleAddress", f"Member must be {wanted}")


def _channel(parameters: dict[str, Any], failures: Failures) -> None:
    check_address(parameters["Type"], parameters["DeliveryAddress"], failures)


def _rotation(parameters: dict[str, Any], failures: Failures) -> None:
    people = parameters.get("ContactIds", ())
    if len(set(people)) < len(people):
        failures.add("ContactIds", "Member must have unique items")
    if people:  # else the rotation keeps its own, and they are looked at with it
        _recurrence(parameters["Recurrence"], people, failures)
    _tags(parameters, failures)


def _recurrence(recurrence: dict[str, Any], people: list[str], failures: Failures) -> None:
    for path, constraint in mistakes(recurrence, people):
        failures.add(path, constraint)


def _override(parameters: dict[str, Any], failures: Failures) -> None:
    _window(parameters, "", failures)
    people = parameters["NewContactIds"]
    if len(set(people)) < len(people):
        failures.add("NewContactIds", "Member must have unique items")


def _preview(parameters: dict[str, Any], failures: Failures) -> None:
    _recurrence(parameters["Recurrence"], parameters["Members"], failures)
    _later(parameters, failures)
    for index, override in enumerate(parameters.get("Overrides", [])):
        path = f"Overrides[{index}]."
        missing = [name for name in ("NewMembers", "StartTime", "EndTime") if name not in override]
        for name in missing:
            failures.add(path + name, "Member must not be null")
        if not missing:
            _window(override, path, failures)


def _window(given: dict[str, Any], path: str, failures: Failures) -> None:
    """Ask for the shortest time that the console lets an override have."""
    if given["EndTime"] - given["StartTime"] < _SHORTEST_OVERRIDE:
        failures.add(f"{path}EndTime", "Member must be at least 30 minutes after StartTime")


def _later(given: dict[str, Any], failures: Failures, path: str = "") -> None:
    if given.get("StartTime", given["EndTime"] - 1) >= given["EndTime"]:
        failures.add(f"{path}EndTime", "Member must be after StartTime")


def _engagements(parameters: dict[str, Any], failures: Failures) -> None:
    window = parameters.get("TimeRangeValue", {})
    if window.keys() >= {"StartTime", "EndTime"}:
        _later(window, failures, "TimeRangeValue.")


def _tags(parameters: dict[str, Any], failures: Failures) -> None:
    keys = [tag.get("Key") for tag in parameters.get("Tags", [])]
    for index, key in enumerate(keys):
        if key is None:
            failures.add(f"Tags[{index}].Key", "Member must not be null")
        elif key in keys[:index]:
            failures.add(f"Tags[{index}].Key", "Member must have unique items")


def _policy(parameters: dict[str, Any], failures: Failures) -> None:
    check_policy(parameters["Policy"], "Policy", failures)


_RULES: dict[str, Callable[[dict[str, Any], Failures], None]] = {
    "CreateContact": _tags,
    "CreateContactChannel": _channel,
    "CreateRotation": _rotation,
    "CreateRotationOverride": _override,
    "ListEngagements": _engagements,
    "ListPreviewRotationShifts": _preview,
    "ListRotationOverrides": _later,
    "ListRotationShifts": _later,
    "PutContactPolicy": _policy,
    "TagResource": _tags,
    "UpdateRotation": _rotation,
}
