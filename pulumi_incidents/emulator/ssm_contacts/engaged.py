"""Engagements and their pages, and what is still to come of them.

Follows *Engagement*, *Page*, *Receipt* and *ResolutionContact* in the Incident Manager Contacts API
reference.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_incidents.emulator.ssm_contacts.entities import Channel

_WORDS = ("Subject", "Content", "PublicSubject", "PublicContent")


@dataclass
class Engagement:
    """One engagement of a contact; `key` is its place in the order of creation.

    `acknowledged`: when each person first did so, by `contact/alias`. `steps`: how many of what it
    has to do were planned, from which the names of its pages are made: a process that is killed
    comes to the same pages again.
    """

    key: str
    arn: str
    contact: str
    members: dict[str, Any]
    start: datetime
    stop: datetime | None = None
    acknowledged: dict[str, datetime] = field(default_factory=dict)
    steps: int = 0

    @property
    def incident(self) -> str | None:
        """The incident that it is part of."""
        return self.members.get("IncidentId")

    def take_step(self) -> int:
        """Count one more thing to do."""
        self.steps += 1
        return self.steps

    def ends(self, branch: Branch) -> bool:
        """Tell whether a branch goes no further: it was stopped, or somebody acknowledged."""
        return self.stop is not None or not branch.heeded.isdisjoint(self.acknowledged)

    def to_dict(self) -> dict[str, Any]:
        """Return what DescribeEngagement answers."""
        words = {name: self.members[name] for name in _WORDS if name in self.members}
        return {**self.to_summary(), **words}

    def to_summary(self) -> dict[str, Any]:
        """Return the `Engagement` data type."""
        return {
            "EngagementArn": self.arn,
            "ContactArn": self.contact,
            "Sender": self.members["Sender"],
            "IncidentId": self.incident,
            "StartTime": self.start,
            "StopTime": self.stop,
        }


@dataclass
class Branch:
    """One contact that an engagement came to, and the stages of the plan it had then.

    `path`: the way to it, as the `ResolutionContact` data type has each step. `heeded`: whose
    acknowledgement ends it, by `contact/alias`.
    """

    path: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    heeded: set[str]

    def way(self, stage: int) -> list[dict[str, Any]]:
        """Return the way that leads on through one of its stages."""
        return [*self.path[:-1], {**self.path[-1], "StageIndex": stage}]


class Due(NamedTuple):
    """A stage that begins at a time; `number` is never another one's."""

    time: datetime
    number: str
    engagement: str
    branch: Branch
    stage: int


class Happening(NamedTuple):
    """Something that happened to an incident, for its timeline."""

    incident: str
    time: datetime
    kind: str
    data: dict[str, Any]
    about: str


class Page:
    """One message to one channel of a person; `key` is its place in the order of creation."""

    def __init__(
        self,
        key: str,
        engagement: Engagement,
        channel: Channel,
        path: list[dict[str, Any]],
        sent: datetime,
    ) -> None:
        seed = f"{engagement.arn} {engagement.take_step()}"
        alias = channel.arn.split("/")[1]
        place = channel.arn.rsplit(":", 1)[0]
        self.key = key
        self.arn = f"{place}:page/{alias}/{uuid.uuid5(uuid.NAMESPACE_URL, seed)}"
        self.engagement = engagement.arn
        self.contact = channel.contact
        self.channel = channel.arn
        self.kind = channel.kind
        self.address = channel.number_or_mail
        self.members = engagement.members
        self.path = path
        digest = hashlib.sha256(seed.encode()).digest()
        self.code = f"{int.from_bytes(digest[:8], 'big') % 10**6:06d}"
        self.sent = sent
        self.delivered: datetime | None = None
        self.read: datetime | None = None
        self.receipts: list[dict[str, Any]] = []
        self.note("SENT", f"SM{digest.hex()[:32]}", sent)

    @property
    def words(self) -> tuple[str | None, str | None]:
        """Subject and content; a text message has the public ones, which are no secret."""
        public = "Public" if self.kind == "SMS" else ""
        return self.members.get(f"{public}Subject"), self.members.get(f"{public}Content")

    def note(self, kind: str, info: str, time: datetime, channel: str | None = None) -> None:
        """Keep a receipt."""
        self.receipts.append(
            {
                "ContactChannelArn": channel or self.channel,
                "ReceiptType": kind,
                "ReceiptInfo": info,
                "ReceiptTime": time,
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what DescribePage answers."""
        words = {name: self.members[name] for name in _WORDS if name in self.members}
        return {**self.to_summary(), **words}

    def to_summary(self) -> dict[str, Any]:
        """Return the `Page` data type."""
        return {
            "PageArn": self.arn,
            "EngagementArn": self.engagement,
            "ContactArn": self.contact,
            "Sender": self.members["Sender"],
            "IncidentId": self.members.get("IncidentId"),
            "SentTime": self.sent,
            "DeliveryTime": self.delivered,
            "ReadTime": self.read,
        }
