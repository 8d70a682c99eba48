"""Whom an engagement may reach at all, when it would page nobody, and how long it goes on; pure.

Follows *Stage*, *Target* and *ContactTargetInfo* in the Incident Manager Contacts API reference.
What could not be looked at counts as something that would page: `unseen` says what that is, and
nothing here is certain where it is not empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from pulumi_incidents.oncall.calendar import between
from pulumi_incidents.oncall.shifts import known_shifts
from pulumi_incidents.oncall.team import ESCALATION, PERSON, SCHEDULE, Contact, Target, Team

_NOW = timedelta()
_Times = tuple[datetime, datetime]


class Unreached(NamedTuple):
    """Starts from `start` until `end`, in UTC, from which nobody would be paged."""

    start: datetime
    end: datetime


def unreached(
    team: Team,
    engaged: Iterable[str],
    start: datetime,
    end: datetime,
    within: timedelta = timedelta.max,
) -> list[Unreached]:
    """Return at which times of a range an incident might start and no page would be sent in time.

    `within` is how long after the start a page has to be sent; by default it may be any time. It is
    exact. Stages come later than the start: rotations have to be known until the last one, and so
    have their overrides.
    """
    left = defaultdict(set)
    for root in engaged:
        for offset, arn in _leads_to(team, root):
            if offset <= within:
                left[arn].add((offset, within - offset))
    for arn, times in left.items():
        if not _is_schedule(team, arn) and _pages_within(team, arn, max(rest for _, rest in times)):
            return []
    paged = [each for arn in left for each in _paged(team, arn, left[arn], (start, end))]
    return [Unreached(*each) for each in between(sorted(paged), start, end)]


def late(
    team: Team, engaged: Iterable[str], start: datetime, end: datetime, within: timedelta
) -> list[Unreached]:
    """Return at which times of a range an incident might start and page somebody, but too late."""
    never = unreached(team, engaged, start, end)
    found = unreached(team, engaged, start, end, within)
    return [Unreached(*part) for each in found for part in between(never, *each)]


def named(team: Team, engaged: Iterable[str]) -> list[str]:
    """Return the ARNs of these contacts and of those whom stages name, in the order of stages.

    They may be there or not. Of schedules it is not who is on call.
    """
    found: dict[str, None] = {}
    waiting = [*engaged]
    while waiting:
        arn = waiting.pop(0)
        if arn not in found:
            found[arn] = None
            if contact := team.contacts.get(arn):
                targets = (target for _, target in _targets(contact))
                waiting[:0] = [target.arn for target in targets if not target.is_channel]
    return [*found]


def reachable(team: Team, engaged: Iterable[str]) -> list[str]:
    """Return the ARNs of all contacts and rotations that these contacts lead to, now or ever.

    They may be there or not, and these contacts are among them.
    """
    contacts = named(team, engaged)
    there = (team.contacts[arn] for arn in contacts if arn in team.contacts)
    rotations = [arn for contact in there for arn in contact.rotations]
    members = [arn for each in rotations for arn in _members(team, each)]
    return [*dict.fromkeys([*contacts, *rotations, *members])]


def people(team: Team, arn: str) -> set[str]:
    """Return all people whom a contact may lead to, now or ever, with or without a channel."""
    found = (team.contacts.get(each) for each in reachable(team, [arn]))
    return {contact.arn for contact in found if contact and contact.type == PERSON}


def unseen(team: Team, engaged: Iterable[str]) -> dict[str, str]:
    """Return what these contacts may lead to and could not be looked at, with the reason."""
    found = {*reachable(team, engaged)}
    there = [team.contacts[arn] for arn in found if arn in team.contacts]
    channels = {target.arn for contact in there for _, target in _targets(contact)}
    found |= channels | {f"{contact.arn}/channels" for contact in there}
    return {arn: why for arn, why in team.unseen.items() if arn in found}


def last_stage(team: Team, arn: str) -> timedelta:
    """Return how long after the start the last page is sent if nobody answers.

    Of a schedule, whoever may be on call counts. Without any page it is no time at all.
    """
    return max(
        (
            offset + passed
            for offset, leads_to in _leads_to(team, arn)
            for person in _standing_for(team, leads_to)
            for passed in _sent(team, person)
        ),
        default=_NOW,
    )


def _leads_to(
    team: Team, arn: str, offset: timedelta = _NOW, way: tuple[str, ...] = ()
) -> Iterator[tuple[timedelta, str]]:
    """Yield when who is engaged after all: people and schedules. A plan in itself is none."""
    contact = team.contacts.get(arn)
    if contact is None or contact.type != ESCALATION:
        yield offset, arn
    elif arn not in way:
        for passed, target in _targets(contact):
            yield from _leads_to(team, target.arn, offset + passed, (*way, arn))


def _targets(contact: Contact) -> Iterator[tuple[timedelta, Target]]:
    """Yield the targets of all stages, with how long after the first stage theirs begins."""
    minutes = accumulate((stage.minutes for stage in contact.stages), initial=0)
    for passed, stage in zip(minutes, contact.stages, strict=False):
        for target in stage.targets:
            yield timedelta(minutes=passed), target


def _sent(team: Team, arn: str) -> list[timedelta]:
    """Return when pages are sent by a person's own plan."""
    if arn in team.unseen:
        return [_NOW]
    contact = team.contacts.get(arn)
    if contact is None or contact.type != PERSON:
        return []
    return [passed for passed, target in _targets(contact) if _pages(team, contact, target)]


def _pages_within(team: Team, arn: str, limit: timedelta) -> bool:
    return any(passed <= limit for passed in _sent(team, arn))


def _pages(team: Team, person: Contact, target: Target) -> bool:
    if channel := team.channels.get(target.arn):
        return channel.is_active
    return any(each in team.unseen for each in (target.arn, f"{person.arn}/channels"))


def _is_schedule(team: Team, arn: str) -> bool:
    return (contact := team.contacts.get(arn)) is not None and contact.type == SCHEDULE


def _standing_for(team: Team, arn: str) -> set[str]:
    """Return everybody who may be on call in a schedule, or a person alone."""
    if not _is_schedule(team, arn):
        return {arn}
    return {each for rotation in team.contacts[arn].rotations for each in _members(team, rotation)}


def _members(team: Team, arn: str) -> list[str]:
    """Return everybody who may be on call in a rotation, gone or not; of an unseen one, itself."""
    if arn not in team.rotations:
        return [arn]
    rotation = team.rotations[arn]
    all_named = [*rotation.members, *(each for o in rotation.overrides for each in o.members)]
    # A contact of another type that has the name of somebody who is gone is not engaged.
    return [each for each in all_named if each not in team.contacts or team.may_be_person(each)]


def _paged(
    team: Team, schedule: str, left: set[tuple[timedelta, timedelta]], window: _Times
) -> Iterator[_Times]:
    """Yield the starts in a range from which somebody on call is paged in time.

    `left` has after how long the schedule is engaged, and how much time is left then.
    """
    start, end = window
    if not _is_schedule(team, schedule):
        return
    offsets = [offset for offset, _ in left]
    for arn in team.contacts[schedule].rotations:
        if arn in team.unseen:
            yield window
        elif rotation := team.rotations.get(arn):
            members = _members(team, arn)
            rung = [
                (offset, {each for each in members if _pages_within(team, each, limit)})
                for offset, limit in left
            ]
            for shift in known_shifts(rotation, start + min(offsets), end + max(offsets)):
                for offset, paged in rung:
                    if not paged.isdisjoint(shift.members):
                        yield shift.start - offset, shift.end - offset
