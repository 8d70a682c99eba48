"""Who names whom, which plans lead to whom, and times in words; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pulumi_incidents.commands._times import told, zone_told
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Fine, Result
from pulumi_incidents.commands.doctor.scope import AHEAD
from pulumi_incidents.oncall.calendar import Lasting
from pulumi_incidents.oncall.reach import reachable
from pulumi_incidents.oncall.team import Contact, Rotation, Team


class Naming(NamedTuple):
    """Who names a contact or a rotation, and how."""

    arn: str
    """What is named."""
    by: str
    """The ARN of what names it."""
    words: str
    """Such as "The response plan shop engages"."""


def namings(facts: Facts) -> Iterator[Naming]:
    """Yield everything that plans, contacts, rotations and overrides name."""
    for plan in facts.plans:
        for arn in plan.engagements:
            yield Naming(arn, plan.arn, f"The response plan {plan.display_name} engages")
    for contact in facts.team.contacts.values():
        yield from _of_contact(contact)
    for rotation in facts.team.rotations.values():
        yield from _of_rotation(rotation)


def _of_contact(contact: Contact) -> Iterator[Naming]:
    for arn in contact.rotations:
        yield Naming(arn, contact.arn, f"The schedule {contact.name} has the rotation")
    for number, stage in enumerate(contact.stages, 1):
        words = f"Stage {number} of {contact.name} engages"
        yield from (
            Naming(target.arn, contact.arn, words)
            for target in stage.targets
            if not target.is_channel
        )


def _of_rotation(rotation: Rotation) -> Iterator[Naming]:
    for arn in rotation.members:
        yield Naming(arn, rotation.arn, f"The rotation {rotation.name} has the member")
    for override in rotation.overrides:
        since = zoned(override.start, zone_of(rotation))
        words = f"An override of the rotation {rotation.name} from {since} puts on call"
        yield from (Naming(arn, rotation.arn, words) for arn in override.members)


def leading(facts: Facts) -> Mapping[str, tuple[str, ...]]:
    """Return the ARNs of the plans that lead to each contact and rotation, by its ARN."""
    found: dict[str, list[str]] = defaultdict(list)
    for plan in facts.plans:
        for arn in reachable(facts.team, plan.engagements):
            found[arn].append(plan.arn)
    return {arn: tuple(plans) for arn, plans in found.items()}


def of_type(facts: Facts, kind: str) -> Iterator[tuple[Contact, tuple[str, ...]]]:
    """Yield the contacts of a type, with the ARNs of the plans that lead to each."""
    plans = leading(facts)
    for contact in facts.team.contacts.values():
        if contact.type == kind:
            yield contact, plans.get(contact.arn, ())


def rotations(team: Team, schedule: Contact) -> list[Rotation]:
    """Return the rotations of a schedule that are there, in its order."""
    return [team.rotations[arn] for arn in schedule.rotations if arn in team.rotations]


def unseen_rotation(team: Team, schedule: Contact) -> str:
    """Return why a rotation of a schedule could not be looked at; empty if all were seen."""
    return next((team.unseen[arn] for arn in schedule.rotations if arn in team.unseen), "")


def owner(arn: str) -> str:
    """Return the account that an ARN is of."""
    return arn.split(":")[4]


def told_of(
    found: Iterable[Finding], subject: str, plans: tuple[str, ...] = ()
) -> Iterator[Result]:
    """Yield what was found of a subject that matters to plans; where nothing was, it is fine."""
    told = [each._replace(plans=plans) for each in found]
    yield from told or (Fine(subject, plans),)


def zone_of(rotation: Rotation) -> tzinfo:
    """Return the time zone that people of a rotation live by."""
    return ZoneInfo(rotation.zone)


def _zone_of_all(rotations: Iterable[Rotation]) -> tzinfo:
    """Return the zone of several rotations: UTC where they differ, or there is none."""
    zones = {rotation.zone for rotation in rotations}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")


def zoned(moment: datetime, zone: tzinfo) -> str:
    """Return a moment with its zone, such as `Sun 2026-12-06 03:00 Europe/Dublin`."""
    return f"{told(moment, zone)} {zone_told(moment, zone)}"


def ranged(facts: Facts, start: datetime, end: datetime, zone: tzinfo) -> str:
    """Return a time as words, such as "now, until Sun 2026-12-06 03:00 Europe/Dublin"."""
    is_now, is_open = start <= facts.now, end >= facts.until
    if is_open:
        whole = f"now or at any time of the next {AHEAD.days} days"
        return whole if is_now else f"from {zoned(start, zone)} on"
    since = "now," if is_now else f"from {told(start, zone)}"
    return f"{since} until {zoned(end, zone)}"


def times(facts: Facts, found: Sequence[Lasting], rotations: Iterable[Rotation]) -> str:
    """Return when something of rotations is so: first, and of several times how long in all."""
    joined = _joined(found)
    first = ranged(facts, *joined[0], _zone_of_all(rotations))
    if len(joined) == 1:
        return first
    whole = _length(sum((end - start for start, end in joined), timedelta()))
    return f"{first}, the first of {len(joined)} times in {AHEAD.days} days, {whole} in all"


def _joined(found: Iterable[Lasting]) -> list[tuple[datetime, datetime]]:
    """Return times, of which those that follow each other without a gap are one."""
    joined: list[tuple[datetime, datetime]] = []
    for each in found:
        follows = joined and joined[-1][1] == each.start
        since = joined.pop()[0] if follows else each.start
        joined.append((since, each.end))
    return joined


def _length(time: timedelta) -> str:
    hours = timedelta(hours=1)
    many = time >= 2 * hours
    return f"{round(time / hours)} hours" if many else f"{time // timedelta(minutes=1)} minutes"
