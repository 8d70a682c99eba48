"""What AWS's documents rule out of contacts, rotations and overrides, and the model lets through.

Follows *Plan*, *Stage*, *Target* and *RecurrenceSettings* in the Incident Manager Contacts API
reference, and *Contacts*, *Escalation plans* and *On-call schedules* in the Incident Manager user
guide. What is not known yet is let through. Pure, but for the time that it is.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from pulumi_incidents.providers import _model
from pulumi_incidents.providers._documented import Rule
from pulumi_incidents.providers._model import Failure, echo

PERSON, ESCALATION, SCHEDULE = "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"
_MOST_ROTATIONS = 8
_SHORTEST_OVERRIDE = 30 * 60
_FURTHEST_OVERRIDE = 184 * 24 * 3600  # of the longest six months
SHORTEST_COVERAGE = 30
"""Minutes that hours on call last at least (guide, *Working with on-call schedules*)."""

_DAY = 24 * 60
_TIME = ("hour_of_day", "minute_of_hour")
_SETTINGS = ("daily_settings", "weekly_settings", "monthly_settings")
_TARGETS = {PERSON: "channel_target_info", ESCALATION: "contact_target_info"}
_TELLS = {
    PERSON: "stages of a person page contact channels: give channel_target_info, and nothing else",
    ESCALATION: "stages of an escalation plan engage people and schedules: give "
    "contact_target_info, and nothing else",
}
_EXAMPLE = "arn:aws:ssm-contacts:us-east-1:123456789012"


def _arn(kind: str, example: str) -> Rule:
    pattern = rf"arn:aws[a-z-]*:ssm-contacts:[a-z0-9-]+:\d{{12}}:{kind}/.+"
    words = kind.replace("-", " ")
    return Rule(
        re.compile(pattern), f"must be the ARN of a {words}, such as {_EXAMPLE}:{kind}/{example}"
    )


CONTACT = _arn("contact", "ana")
CHANNEL = _arn("contact-channel", "ana/0a1b2c3d-1111-2222-3333-444455556666")
ROTATION = _arn("rotation", "0a1b2c3d-1111-2222-3333-444455556666")
_PHONE = re.compile(r"\+[1-9]\d{1,14}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ADDRESSES = {
    "SMS": (_PHONE, "a + followed by the country code and the number, such as +15005550100"),
    "VOICE": (_PHONE, "a + followed by the country code and the number, such as +15005550100"),
    "EMAIL": (_MAIL, "an e-mail address, such as ana@example.com"),
}


def plan_failures(kind: Any, plan: Any) -> Iterator[Failure]:
    """Find what a plan of a contact of this type cannot have; an unknown type may be any."""
    if not isinstance(plan, Mapping) or kind not in (PERSON, ESCALATION, SCHEDULE):
        return
    stages, rotations = _items(plan.get("stages")), _items(plan.get("rotation_ids"))
    if kind == SCHEDULE:
        if stages:
            yield Failure("plan.stages", "must not be given: a schedule has rotation_ids alone")
        if len(rotations) > _MOST_ROTATIONS:
            told = f"must be at most {_MOST_ROTATIONS} items"
            yield Failure("plan.rotation_ids", told, str(len(rotations)))
        return
    if rotations:
        yield Failure("plan.rotation_ids", "must not be given: only an ONCALL_SCHEDULE has them")
    yield from _stage_failures(kind, stages)


def _stage_failures(kind: str, stages: Sequence[Any]) -> Iterator[Failure]:
    for index, stage in enumerate(stages):
        path = f"plan.stages[{index}]"
        targets = stage.get("targets") if isinstance(stage, Mapping) else None
        if isinstance(stage, Mapping) and stage.get("duration_in_minutes") == 0 and targets == []:
            yield Failure(f"{path}.duration_in_minutes", "must be above 0 without targets")
        for number, target in enumerate(_items(targets)):
            if not isinstance(target, Mapping):
                continue
            given = {key for key, value in target.items() if value is not None}
            if given != {_TARGETS[kind]}:
                yield Failure(f"{path}.targets[{number}]", f"does not fit: {_TELLS[kind]}")
            info = target.get("contact_target_info")
            if isinstance(info, Mapping) and not info.get("contact_id"):
                where = f"{path}.targets[{number}].contact_target_info.contact_id"
                yield Failure(where, "is required")


def address_failures(kind: Any, address: Any) -> Iterator[Failure]:
    """Find an address that no channel of this type can have; it is never repeated."""
    if not isinstance(address, Mapping) or kind not in _ADDRESSES:
        return
    simple = address.get("simple_address")
    pattern, wanted = _ADDRESSES[kind]
    if simple is None:
        yield Failure("delivery_address.simple_address", "is required")
    elif isinstance(simple, str) and not pattern.fullmatch(simple):
        yield Failure("delivery_address.simple_address", f"must be {wanted}")


def rotation_failures(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Find what makes no rotation: its members, its zone, and when it hands over."""
    people = _items(inputs.get("contact_ids"))
    yield from _twice("contact_ids", people)
    zone = inputs.get("time_zone_id")
    if isinstance(zone, str) and not is_zone(zone):
        wanted = "must be a time zone of IANA, such as Europe/Dublin"
        yield Failure("time_zone_id", wanted, echo(zone))
    recurrence = inputs.get("recurrence")
    if not isinstance(recurrence, Mapping):
        return
    given = [key for key in _SETTINGS if recurrence.get(key) not in (None, [])]
    if len(given) != 1:
        wanted = f"must set exactly one of {', '.join(_SETTINGS)}"
        yield Failure("recurrence", wanted, ", ".join(given))
    for key in given:
        yield from _twice(f"recurrence.{key}", _items(recurrence[key]))
    yield from _coverage_failures(recurrence.get("shift_coverages"))
    at_once = recurrence.get("number_of_on_calls")
    if isinstance(at_once, int | float) and people and at_once > len(people):
        wanted = f"must be at most the number of contact_ids, {len(people)}"
        yield Failure("recurrence.number_of_on_calls", wanted, echo(at_once))


def override_failures(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Find what makes no override."""
    yield from _twice("new_contact_ids", _items(inputs.get("new_contact_ids")))
    try:
        begin, end = (_model.seconds(inputs.get(key)) for key in ("start_time", "end_time"))
    except ValueError:
        return  # told by the model, or not known
    if end - begin < _SHORTEST_OVERRIDE:
        yield Failure("end_time", "must be at least 30 minutes after start_time")
    if begin - datetime.now(timezone.utc).timestamp() > _FURTHEST_OVERRIDE:
        yield Failure("start_time", "must be at most six months from now")


def _coverage_failures(coverages: Any) -> Iterator[Failure]:
    """Find hours that are too short; what does not end after its beginning ends the next day."""
    for day, windows in coverages.items() if isinstance(coverages, Mapping) else ():
        for index, window in enumerate(_items(windows)):
            times = window if isinstance(window, Mapping) else {}
            start, end = (_minute(times.get(key)) for key in ("start", "end"))
            if (
                start is not None
                and end is not None
                and 0 < (end - start) % _DAY < SHORTEST_COVERAGE
            ):
                path = f"recurrence.shift_coverages[{day!r}][{index}]"
                yield Failure(path, "must last at least 30 minutes")


def _minute(time: Any) -> float | None:
    """Return a time of day in minutes; None where it is not known, or told by the model."""
    parts = [time.get(key) for key in _TIME] if isinstance(time, Mapping) else [None]
    hour, minute = parts if all(isinstance(part, int | float) for part in parts) else (None, None)
    return None if hour is None or minute is None else hour * 60 + minute


def is_zone(name: str) -> bool:
    """Tell whether there is a time zone of this name."""
    return name in zoneinfo.available_timezones()


def _twice(path: str, items: Sequence[Any]) -> Iterator[Failure]:
    for index, item in enumerate(items):
        if item in items[:index]:
            yield Failure(f"{path}[{index}]", "is there already: leave one of the two out")


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
