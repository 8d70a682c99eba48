"""People, schedules and escalation plans, as far as they decide who is paged; pure.

Everything is known by its ARN. Follows *Contact*, *Stage*, *Target*, *ContactChannel* and
*Rotation* in the Incident Manager Contacts API reference.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PERSON, ESCALATION, SCHEDULE = "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"
_ACTIVATED = "ACTIVATED"


class Channel(NamedTuple):
    """A phone or a mailbox of a person; only one that is active is paged."""

    arn: str
    contact: str
    name: str
    type: str
    """SMS, VOICE or EMAIL."""
    is_active: bool


class Target(NamedTuple):
    """Whom a stage engages: a channel in a person's plan, a contact in an escalation plan."""

    arn: str
    is_channel: bool = False
    is_essential: bool = False
    """Whether an acknowledgement of this contact ends the plan."""


class Stage(NamedTuple):
    """Targets that are engaged together; the next stage begins `minutes` later."""

    minutes: int
    targets: tuple[Target, ...] = ()


class Contact(NamedTuple):
    """A person, an escalation plan or an on-call schedule; the last has rotations, no stages."""

    arn: str
    alias: str
    name: str
    """As people read it: the display name, or the alias where there is none."""
    type: str
    stages: tuple[Stage, ...] = ()
    rotations: tuple[str, ...] = ()


class Override(NamedTuple):
    """Who is on call from `start` until `end`, in UTC, instead of those whose turn it is."""

    start: datetime
    end: datetime
    members: tuple[str, ...]
    id: str = ""


class Rotation(NamedTuple):
    """Whose turn it is, over and over.

    `recurrence` is a RecurrenceSettings as the API has it, `start` in UTC, and `overrides` are in
    the order of their creation.
    """

    arn: str
    name: str
    members: tuple[str, ...]
    zone: str
    """An IANA name."""
    recurrence: Mapping[str, Any]
    start: datetime
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Team:
    """All that decides whom an engagement pages, by ARN.

    What is named and in none of these does not exist; what is in `unseen` may, and could not be
    looked at: each with a sentence that says why. `channels` of a person that are unseen stand
    there by the person's ARN and `/channels` at its end.
    """

    contacts: Mapping[str, Contact] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)

    def may_be_person(self, arn: str) -> bool:
        """Whether somebody in a rotation is a person, or unseen, and not gone by an override alone.

        Another contact may have the name of somebody who is gone, and is not engaged instead.
        """
        contact = self.contacts.get(arn)
        return arn in self.unseen if contact is None else contact.type == PERSON

    def called(self, arn: str) -> str:
        """Return what people call a contact or rotation: its name, or the end of its ARN.

        Of contacts that have the same name, each is told with its alias.
        """
        contact = self.contacts.get(arn)
        if contact and contact.name in self._alike:
            return f"{contact.name} ({contact.alias})"
        found = contact or self.rotations.get(arn)
        return found.name if found else arn.rpartition(":")[2].partition("/")[2] or arn

    @functools.cached_property
    def _alike(self) -> frozenset[str]:
        counted = Counter(contact.name for contact in self.contacts.values())
        return frozenset(name for name, count in counted.items() if count > 1)


def contact(answer: Mapping[str, Any]) -> Contact:
    """Return a contact as GetContact answers it."""
    plan = answer.get("Plan") or {}
    return Contact(
        answer["ContactArn"],
        answer["Alias"],
        answer.get("DisplayName") or answer["Alias"],
        answer["Type"],
        tuple(map(_stage, plan.get("Stages") or ())),
        tuple(plan.get("RotationIds") or ()),
    )


def _stage(answer: Mapping[str, Any]) -> Stage:
    return Stage(answer["DurationInMinutes"], tuple(map(_target, answer["Targets"])))


def _target(answer: Mapping[str, Any]) -> Target:
    if channel := answer.get("ChannelTargetInfo"):
        return Target(channel["ContactChannelId"], is_channel=True)
    engaged = answer["ContactTargetInfo"]
    return Target(engaged.get("ContactId") or "", is_essential=engaged["IsEssential"])


def channel(answer: Mapping[str, Any]) -> Channel:
    """Return a channel as ListContactChannels answers it, without its address."""
    is_active = answer["ActivationStatus"] == _ACTIVATED
    kind = answer.get("Type") or ""
    return Channel(
        answer["ContactChannelArn"], answer["ContactArn"], answer["Name"], kind, is_active
    )


def rotation(answer: Mapping[str, Any], overrides: tuple[Override, ...] = ()) -> Rotation:
    """Return a rotation as GetRotation and ListRotations answer it, with its StartTime."""
    return Rotation(
        answer["RotationArn"],
        answer["Name"],
        tuple(answer["ContactIds"]),
        answer["TimeZoneId"],
        answer["Recurrence"],
        answer["StartTime"],
        overrides,
    )


def unreadable(answer: Mapping[str, Any]) -> str:
    """Return why nobody here can say whose turn it is in a rotation: a sentence, or nothing.

    *Unverified*: whether GetRotation answers a StartTime where none was given.
    """
    arn, zone = answer["RotationArn"], answer["TimeZoneId"]
    if not answer.get("StartTime"):
        return f"{arn} has no StartTime, from which turns are counted: give it one."
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return f"{arn} is in the time zone {zone}, unknown to this computer: update tzdata here."
    return ""


def override(answer: Mapping[str, Any]) -> Override:
    """Return an override as ListRotationOverrides answers it."""
    return Override(
        answer["StartTime"],
        answer["EndTime"],
        tuple(answer["NewContactIds"]),
        answer["RotationOverrideId"],
    )
