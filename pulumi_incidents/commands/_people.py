"""The people, schedules and escalation plans of a live account, as a team."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.oncall import team as teams
from pulumi_incidents.oncall.team import Channel, Contact, Rotation, Team

Read = TypeVar("Read")

_SERVICE = "ssm-contacts"
_ALIAS = re.compile(r"[a-z0-9_-]{1,255}")
_LISTED_MEMBERS = 25
"""The type of lists in answers has no more; a rotation may have 30 members."""


def contacts(account: Account, prefix: str = "") -> list[Any]:
    """Return the contacts of an account whose alias begins so, as ListContacts answers them.

    Of a word with which no alias can begin there are none.

    :raises IncidentManagerError: one sentence, if they cannot be listed.
    """
    if prefix and not _ALIAS.fullmatch(prefix):
        return []
    asked = {"AliasPrefix": prefix} if prefix else {}
    found = account.pages(_SERVICE, "ListContacts", "Contacts", "the contacts", **asked)
    if isinstance(found, Unseen):
        raise IncidentManagerError(found.why)
    return found or []


def read_team(
    account: Account,
    roots: Iterable[str] | None,
    start: datetime,
    end: datetime,
    *,
    with_channels: bool = True,
) -> Team:
    """Return the team of contacts and all that their ways lead to, or of everybody.

    `roots` are ARNs of contacts, None for all that there are. Of overrides those are in it that
    overlap the range. What may not be looked at is in `unseen`; a rotation is, too, if its
    overrides are. Without channels nobody's addresses are asked for.

    :raises IncidentManagerError: one sentence, if everybody is wanted and cannot be listed.
    """
    reader = _Reader(account, start, end, with_channels=with_channels)
    wanted = [*(reader.listed() if roots is None else roots)]
    while wanted := [arn for arn in dict.fromkeys(wanted) if not reader.has(arn)]:
        wanted = [arn for found in account.each(reader.look, wanted).values() for arn in found]
    return reader.team()


class _Reader:
    """Looks at contacts, and at what is theirs: each of them once, many at the same time."""

    def __init__(
        self, account: Account, start: datetime, end: datetime, *, with_channels: bool
    ) -> None:
        self._account = account
        self._with_channels = with_channels
        self._range = {"StartTime": start, "EndTime": end}
        self._looked: set[str] = set()
        self._listed: dict[str, Any] = {}
        self.contacts: dict[str, Contact] = {}
        self.channels: dict[str, Channel] = {}
        self.rotations: dict[str, Rotation] = {}
        self.unseen: dict[str, str] = {}

    def team(self) -> Team:
        """Return all that was read; in order of ARNs, as it was read side by side."""
        return Team(
            _in_order(self.contacts),
            _in_order(self.channels),
            _in_order(self.rotations),
            _in_order(self.unseen),
        )

    def has(self, arn: str) -> bool:
        """Tell whether a contact was looked at."""
        return arn in self._looked

    def listed(self) -> list[str]:
        """Return the ARNs of all contacts; all rotations are read with it."""
        listed = contacts(self._account)
        rotations = self._account.pages(_SERVICE, "ListRotations", "Rotations", "the rotations")
        if isinstance(rotations, Unseen):
            raise IncidentManagerError(rotations.why)
        self._listed = {each["RotationArn"]: each for each in rotations or ()}
        self._account.each(self._rotation, self._listed)
        return [each["ContactArn"] for each in listed]

    def look(self, arn: str) -> list[str]:
        """Look at a contact, and return the ARNs of those whom it leads to."""
        self._looked.add(arn)
        answer = self._account.ask(_SERVICE, "GetContact", arn, ContactId=arn)
        if isinstance(answer, Unseen):
            self.unseen[arn] = answer.why
        if answer is None or isinstance(answer, Unseen):
            return []
        found = self.contacts[arn] = teams.contact(answer)
        if found.type == teams.PERSON:
            if self._with_channels:
                self._channels(arn)
            return []
        rotations = self._account.each(self._rotation, found.rotations)
        targets = [target.arn for stage in found.stages for target in stage.targets]
        return [*targets, *(member for members in rotations.values() for member in members)]

    def _channels(self, arn: str) -> None:
        found = self._account.pages(
            _SERVICE, "ListContactChannels", "ContactChannels", arn, ContactId=arn
        )
        if isinstance(found, Unseen):
            self.unseen[f"{arn}/channels"] = found.why
            return
        channels = map(teams.channel, found or ())
        self.channels.update({channel.arn: channel for channel in channels})

    def _rotation(self, arn: str) -> list[str]:
        """Look at a rotation, and return its members: those by override, too."""
        answer = self._listed.get(arn) or {}
        if not _is_whole(answer):
            answer = self._account.ask(_SERVICE, "GetRotation", arn, RotationId=arn)
        if answer is None:
            return []
        if isinstance(answer, Unseen):
            self.unseen[arn] = answer.why
            return []
        if why := teams.unreadable(answer):
            self.unseen[arn] = why
            return []
        asked: dict[str, Any] = {"RotationId": arn, **self._range}
        found = self._account.pages(
            _SERVICE, "ListRotationOverrides", "RotationOverrides", arn, **asked
        )
        if isinstance(found, Unseen):
            # Whose turn it is says nothing as long as somebody else may stand in.
            self.unseen[arn] = found.why
            return []
        # Of two that overlap the one that was made last is in force, in whichever order they come.
        made_since = sorted(found or (), key=itemgetter("CreateTime"))
        overrides = tuple(map(teams.override, made_since))
        made = self.rotations[arn] = teams.rotation(answer, overrides)
        return [*made.members, *(member for each in overrides for member in each.members)]


def _in_order(found: Mapping[str, Read]) -> dict[str, Read]:
    return dict(sorted(found.items()))


def _is_whole(listed: Mapping[str, Any]) -> bool:
    """Tell whether a rotation as ListRotations has it is all of it, members included."""
    members = {"ContactIds", "StartTime", "TimeZoneId", "Recurrence"}
    return members <= listed.keys() and len(listed["ContactIds"]) < _LISTED_MEMBERS
