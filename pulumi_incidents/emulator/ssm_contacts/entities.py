"""The things that the contacts API keeps: contact, channel, rotation, override.

Each owns its ARN and its shape in the API. Follows the *Data Types* of the Incident Manager
Contacts API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.clock import from_epoch, now
from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.ssm_contacts.shifts import Override, Rota

if TYPE_CHECKING:
    from datetime import datetime

PERSON, ESCALATION, SCHEDULE = "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"
_MEMBERS = ("ContactIds", "TimeZoneId", "Recurrence")


def tags_of(parameters: dict[str, Any]) -> dict[str, str | None]:
    """Return the tags of a request; one may lack its value."""
    return {tag["Key"]: tag.get("Value") for tag in parameters.get("Tags", [])}


class Contact:
    """A person, an escalation plan or an on-call schedule."""

    def __init__(self, arn: str, parameters: dict[str, Any]) -> None:
        self.arn = arn
        self.alias: str = parameters["Alias"]
        self.kind: str = parameters["Type"]
        self.display_name: str = ""
        self.plan: dict[str, Any] = {}
        self.policy: str | None = None
        self.tags = tags_of(parameters)
        self.update(parameters)

    def update(self, parameters: dict[str, Any]) -> None:
        """Patch: what is omitted stays, a plan replaces the one before."""
        self.display_name = parameters.get("DisplayName", self.display_name)
        self.plan = parameters.get("Plan", self.plan)

    @property
    def stages(self) -> list[dict[str, Any]]:
        """The stages of its plan; a schedule has none."""
        return self.plan.get("Stages") or []

    @property
    def rotations(self) -> list[str]:
        """The ARNs of the rotations of a schedule."""
        return self.plan.get("RotationIds") or []

    def leave(self, rotation: str) -> None:
        """Take a rotation out of a schedule."""
        left = [arn for arn in self.rotations if resource_of(arn) != resource_of(rotation)]
        if len(left) < len(self.rotations):
            self.plan = {**self.plan, "RotationIds": left}

    def to_dict(self) -> dict[str, Any]:
        """Return what GetContact answers."""
        return {**self.to_summary(), "Plan": self.plan}

    def to_summary(self) -> dict[str, Any]:
        """Return the `Contact` data type."""
        return {
            "ContactArn": self.arn,
            "Alias": self.alias,
            "DisplayName": self.display_name,
            "Type": self.kind,
        }


@dataclass
class Channel:
    """A way to reach a person; `key` is its place in the order of creation.

    `code`: what activates it, sent last at `code_sent`, if one was sent and not used.
    """

    key: str
    arn: str
    contact: str
    name: str
    kind: str
    address: dict[str, str]
    is_active: bool = False
    code: str | None = None
    code_sent: datetime | None = None

    @property
    def number_or_mail(self) -> str:
        """Where it rings."""
        return self.address.get("SimpleAddress", "")

    def to_dict(self) -> dict[str, Any]:
        """Return the `ContactChannel` data type, which is also what GetContactChannel answers."""
        return {
            "ContactArn": self.contact,
            "ContactChannelArn": self.arn,
            "Name": self.name,
            "Type": self.kind,
            "DeliveryAddress": self.address,
            "ActivationStatus": "ACTIVATED" if self.is_active else "NOT_ACTIVATED",
        }


class RotationOverride:
    """Other people than usual on call for a while; `key` is its place in the order of creation."""

    def __init__(self, key: str, identifier: str, rotation: str, given: dict[str, Any]) -> None:
        self.key = key
        self.identifier = identifier
        self.rotation = rotation
        self.created = now()
        self.what = Override(
            from_epoch(given["StartTime"]),
            from_epoch(given["EndTime"]),
            tuple(given["NewContactIds"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the `RotationOverride` data type."""
        return {
            "RotationOverrideId": self.identifier,
            "NewContactIds": list(self.what.members),
            "StartTime": self.what.start,
            "EndTime": self.what.end,
            "CreateTime": self.created,
        }


@dataclass
class Rotation:
    """Who is on call by turns.

    Without a start of its own it starts when it is made: GetRotation has to answer one, and what
    AWS does is unverified.
    """

    arn: str
    name: str
    members: dict[str, Any]
    start: datetime
    tags: dict[str, str | None]
    overrides: dict[str, RotationOverride] = field(default_factory=dict)
    overrides_made: int = 0

    @classmethod
    def of(cls, arn: str, given: dict[str, Any]) -> Rotation:
        """Return the rotation that a request makes."""
        rotation = cls(arn, given["Name"], {}, now(), tags_of(given))
        rotation.update(given)
        return rotation

    def update(self, given: dict[str, Any]) -> None:
        """Patch: what is omitted stays; that this is so on AWS is unverified."""
        self.members.update({name: given[name] for name in _MEMBERS if name in given})
        if "StartTime" in given:
            self.start = from_epoch(given["StartTime"])

    @property
    def contacts(self) -> list[str]:
        """The ARNs of its members, in the order of their shifts."""
        return list(self.members["ContactIds"])

    def rota(self) -> Rota:
        """Return it as what shifts are computed of."""
        return rota_of(
            self.contacts,
            self.members,
            self.start,
            tuple(override.what for override in self.overrides.values()),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the `Rotation` data type, which is also what GetRotation answers."""
        return {"RotationArn": self.arn, "Name": self.name, "StartTime": self.start, **self.members}


def rota_of(
    people: list[str],
    members: dict[str, Any],
    start: datetime,
    overrides: tuple[Override, ...],
) -> Rota:
    """Return what shifts are computed of, of a request or of a rotation."""
    return Rota(tuple(people), members["TimeZoneId"], members["Recurrence"], start, overrides)
