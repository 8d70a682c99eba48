"""What the plan of each type of contact may have.

Follows *Plan*, *Stage* and *Target* in the Incident Manager Contacts API reference, and *Contacts*,
*Escalation plans* and *On-call schedules* in the Incident Manager user guide. But for stages of a
schedule, what AWS answers to each of these is unverified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.validation import Failures
from pulumi_incidents.emulator.ssm_contacts.entities import ESCALATION, PERSON, SCHEDULE
from pulumi_incidents.emulator.ssm_contacts.exceptions import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_CHANNELS, _OF_CONTACTS = "ChannelTargetInfo", "ContactTargetInfo"
# What the targets of a plan are, by the type of its contact.
_TARGETS = {PERSON: _OF_CHANNELS, ESCALATION: _OF_CONTACTS}


def check_plan(kind: str, plan: dict[str, Any]) -> None:
    """Raise a ValidationException with everything that a contact of this type cannot have."""
    if kind == SCHEDULE and plan.get("Stages"):
        raise invalid("ONCALL SCHEDULE contact cannot have stages in plan")
    failures = Failures()
    for path, constraint in _mistakes(kind, plan):
        failures.add(path, constraint)
    failures.raise_if_any()


def _mistakes(kind: str, plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    stages = plan.get("Stages") or []
    if plan.get("RotationIds") and kind != SCHEDULE:
        yield "Plan.RotationIds", f"Member must not be given for a contact of type {kind}"
    for index, stage in enumerate(stages):
        path = f"Plan.Stages[{index}]"
        if not stage["DurationInMinutes"] and not stage["Targets"]:
            yield f"{path}.DurationInMinutes", "Member must be above 0 for a stage without targets"
        for number, target in enumerate(stage["Targets"]):
            yield from _target_mistakes(kind, target, f"{path}.Targets[{number}]")


def _target_mistakes(kind: str, target: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    wanted = _TARGETS[kind]
    if list(target) != [wanted]:
        yield path, f"Member must have exactly {wanted} for a contact of type {kind}"
    elif wanted == _OF_CONTACTS and "ContactId" not in target[wanted]:
        yield f"{path}.{wanted}.ContactId", "Member must not be null"


def targets_of(plan: dict[str, Any], member: str) -> list[str]:
    """Return the ARNs in the stages of a plan: `ContactId` or `ContactChannelId`."""
    infos = (
        info
        for stage in plan.get("Stages") or []
        for target in stage["Targets"]
        for info in target.values()
    )
    return [info[member] for info in infos if member in info]
