"""A rota as iCalendar (RFC 5545), for people's own calendars: an event for each shift and gap.

A shift is known by its rotation and its start, and a gap by its schedule and its start, so that a
calendar that reads a later file replaces what it has of them. What is no more is not taken out: a
calendar that is subscribed to the file forgets it, one that has imported the file keeps it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import icalendar

from pulumi_incidents.commands.rota.schedules import MARGIN, Rota, Schedule
from pulumi_incidents.oncall.calendar import Gap, gaps
from pulumi_incidents.oncall.shifts import Shift
from pulumi_incidents.oncall.team import Rotation

_EVERY_DAY = timedelta(days=1)


def ical(rota: Rota, now: datetime) -> bytes:
    """Return the shifts and gaps of a rota, those at its edges whole, as a file.

    :param now: when that is so, for calendars that have an older one.
    """
    name = ", ".join(schedule.contact.name for schedule in rota.schedules)
    made = icalendar.Calendar()
    made.add("prodid", "-//pulumi-incidents//rota//EN")
    made.add("version", "2.0")
    # The one is RFC 7986, the other what calendars have read for longer.
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", _EVERY_DAY, parameters={"value": "DURATION"})
    made.add("x-published-ttl", icalendar.vDuration(_EVERY_DAY))
    rotations = {rotation.arn for rotation in rota.rotations}
    for schedule in rota.schedules:
        for lane in schedule.lanes:
            # One that several schedules share has its shifts once.
            if lane.rotation.arn in rotations:
                rotations.remove(lane.rotation.arn)
                for shift in lane.shifts:
                    made.add_component(_shift(rota, schedule, lane.rotation, shift, now))
        for gap in _gaps(rota, schedule):
            made.add_component(_gap(schedule, gap, now))
    return bytes(made.to_ical())


def _shift(
    rota: Rota, schedule: Schedule, rotation: Rotation, shift: Shift, now: datetime
) -> icalendar.Event:
    event = _event(rotation.arn, shift, now)
    event.add("summary", f"{rota.who(shift)}: {rotation.name}")
    told = f"On call for {schedule.contact.name}, in the rotation {rotation.name}."
    if shift.overridden is not None:
        event.add("categories", ["Override"])
        told += f" By an override, in place of {rota.names(shift.overridden)}."
    event.add("description", told)
    return event


def _gap(schedule: Schedule, gap: Gap, now: datetime) -> icalendar.Event:
    event = _event(schedule.contact.arn, gap, now)
    event.add("summary", f"Nobody is on call: {schedule.contact.name}")
    event.add("categories", ["Gap"])
    event.add("description", f"Nobody has a shift in any rotation of {schedule.contact.name}.")
    return event


def _event(arn: str, lasts: Shift | Gap, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    # The number of an account is nobody's business who gets the file, and a UUID does not tell it.
    event.add("uid", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn}#{lasts.start:%Y%m%dT%H%M%SZ}")))
    event.add("dtstamp", now)
    event.add("dtstart", lasts.start)
    event.add("dtend", lasts.end)
    # Whoever is on call may be invited all the same.
    event.add("transp", "TRANSPARENT")
    return event


def _gaps(rota: Rota, schedule: Schedule) -> Iterator[Gap]:
    """Yield the gaps of a schedule that overlap the rota, and begin when they do."""
    if schedule.gaps:
        for gap in gaps(schedule.rotations, rota.start - MARGIN, rota.end + MARGIN):
            if gap.start < rota.end and gap.end > rota.start:
                yield gap
