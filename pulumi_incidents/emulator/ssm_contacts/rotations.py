"""What the contacts API does with rotations: their members, their overrides and their shifts.

Follows CreateRotation and its siblings in the Incident Manager Contacts API reference, and *Working
with on-call schedules* in the Incident Manager user guide.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta

from pulumi_incidents.emulator.clock import from_epoch, now
from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.protocol.validation import Failures
from pulumi_incidents.emulator.ssm_contacts.entities import (
    PERSON,
    Rotation,
    RotationOverride,
    rota_of,
)
from pulumi_incidents.emulator.ssm_contacts.exceptions import (
    ResourceNotFoundException,
    invalid,
)
from pulumi_incidents.emulator.ssm_contacts.paging import page
from pulumi_incidents.emulator.ssm_contacts.recurrence import mistakes
from pulumi_incidents.emulator.ssm_contacts.shifts import Override, Rota, Shift, shifts
from pulumi_incidents.emulator.ssm_contacts.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

# How far ahead an override may be (Incident Manager user guide, *Creating overrides*).
_FURTHEST = relativedelta(months=6)
_YEAR_1 = from_epoch(-62135596800)


class RotationOperations(State):
    """The part of the backend that works on rotations."""

    def create_rotation(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Create a rotation; its ARN ends in a UUID, and names may be alike: both unverified."""
        self._check_people(parameters["ContactIds"])
        arn = self._arn(f"rotation/{uuid.uuid4()}")
        self.rotations[resource_of(arn)] = Rotation.of(arn, parameters)
        return {"RotationArn": arn}

    def get_rotation(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the rotation."""
        return self._rotation(parameters["RotationId"]).to_dict()

    def update_rotation(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Patch the rotation; its recurrence is replaced as a whole. Overrides stay."""
        rotation = self._rotation(parameters["RotationId"])
        people = parameters.get("ContactIds", rotation.contacts)
        self._check_people(people)
        failures = Failures()
        for path, constraint in mistakes(parameters["Recurrence"], people):
            failures.add(path, constraint)
        failures.raise_if_any()
        rotation.update(parameters)
        return {}

    def delete_rotation(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the rotation, also from each schedule that has it."""
        rotation = self._rotation(parameters["RotationId"])
        for contact in self.contacts.values():
            contact.leave(rotation.arn)
        del self.rotations[resource_of(rotation.arn)]
        return {}

    def list_rotations(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the rotations whose name begins so, by name."""
        prefix = parameters.get("RotationNamePrefix", "")
        named = sorted(
            (f"{rotation.name} {rotation.arn}", rotation)
            for rotation in self.rotations.values()
            if rotation.name.startswith(prefix)
        )
        return page("Rotations", parameters, named, Rotation.to_dict)

    # Overrides

    def create_rotation_override(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Put others on call for a while: members of the rotation, at most six months ahead.

        Which error AWS answers to others, and that nobody at all may be on call, is unverified.
        """
        rotation = self._rotation(parameters["RotationId"])
        members = set(map(resource_of, rotation.contacts))
        for arn in parameters["NewContactIds"]:
            if resource_of(self._contact(arn).arn) not in members:
                raise invalid(f"{arn} is not a member of {rotation.arn}.")
        if from_epoch(parameters["StartTime"]) > now() + _FURTHEST:
            raise invalid("An override begins at most six months from now.")
        rotation.overrides_made += 1
        key, identifier = f"{rotation.overrides_made:06d}", str(uuid.uuid4())
        override = RotationOverride(key, identifier, rotation.arn, parameters)
        rotation.overrides[identifier] = override
        return {"RotationOverrideId": identifier}

    def get_rotation_override(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the override."""
        override = self._override(parameters)
        return {**override.to_dict(), "RotationArn": override.rotation}

    def delete_rotation_override(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the override: the shifts are as before."""
        override = self._override(parameters)
        del self._rotation(override.rotation).overrides[override.identifier]
        return {}

    def list_rotation_overrides(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the overrides that are good at some time of the window, in order of creation."""
        rotation = self._rotation(parameters["RotationId"])
        begin, end = from_epoch(parameters["StartTime"]), from_epoch(parameters["EndTime"])
        found = (
            (override.key, override)
            for override in rotation.overrides.values()
            if override.what.start < end and override.what.end > begin
        )
        return page("RotationOverrides", parameters, found, RotationOverride.to_dict)

    # Shifts

    def list_rotation_shifts(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the shifts of a rotation in a window, from now on unless a start is given."""
        rotation = self._rotation(parameters["RotationId"])
        begin = from_epoch(parameters["StartTime"]) if "StartTime" in parameters else now()
        return _shown(parameters, rotation.rota(), begin)

    def list_preview_rotation_shifts(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the shifts that a rotation of anybody would have; it starts now unless said.

        Members are any words here, in the answers as in the question.
        """
        begin = from_epoch(parameters["StartTime"]) if "StartTime" in parameters else None
        first = parameters.get("RotationStartTime")
        start = from_epoch(first) if first is not None else begin or now()
        overrides = tuple(
            Override(
                from_epoch(each["StartTime"]),
                from_epoch(each["EndTime"]),
                tuple(each["NewMembers"]),
            )
            for each in parameters.get("Overrides", [])
        )
        rota = rota_of(parameters["Members"], parameters, start, overrides)
        return _shown(parameters, rota, begin or start)

    def _check_people(self, arns: Sequence[str]) -> None:
        for arn in arns:
            if self._contact(arn).kind != PERSON:
                raise invalid(f"{arn} is not of type {PERSON}; the members of a rotation are.")

    def _override(self, parameters: dict[str, Any]) -> RotationOverride:
        rotation = self._rotation(parameters["RotationId"])
        identifier = parameters["RotationOverrideId"]
        if identifier not in rotation.overrides:
            message = f"{rotation.arn} has no override {identifier}."
            raise ResourceNotFoundException(message, identifier, "ROTATION_OVERRIDE")
        return rotation.overrides[identifier]


def _shown(parameters: dict[str, Any], rota: Rota, begin: datetime) -> dict[str, Any]:
    return page("RotationShifts", parameters, _listed(parameters, rota, begin), _shift)


def _listed(parameters: dict[str, Any], rota: Rota, begin: datetime) -> Iterator[tuple[str, Shift]]:
    """Return the shifts with what sorts them; two of one start are of different ends."""
    for shift in shifts(rota, begin, from_epoch(parameters["EndTime"])):
        yield f"{_sortable(shift.start)} {_sortable(shift.end)}", shift


def _sortable(moment: datetime) -> str:
    return f"{(moment - _YEAR_1) // timedelta(milliseconds=1):015d}"


def _shift(shift: Shift) -> dict[str, Any]:
    """Return the `RotationShift` data type."""
    told: dict[str, Any] = {
        "ContactIds": list(shift.members),
        "StartTime": shift.start,
        "EndTime": shift.end,
        "Type": "REGULAR" if shift.overridden is None else "OVERRIDDEN",
    }
    if shift.overridden is not None:
        told["ShiftDetails"] = {"OverriddenContactIds": list(shift.overridden)}
    return told
