"""A rota as JSON: ARNs and times of ISO 8601 in UTC, for whatever reads it next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pulumi_incidents.commands.rota.comparing import Comparison, unseen
from pulumi_incidents.commands.rota.schedules import Lane, Rota, Schedule
from pulumi_incidents.oncall.compare import Held
from pulumi_incidents.oncall.shifts import Shift
from pulumi_incidents.oncall.team import Team


def listing(rota: Rota, compared: Sequence[Comparison] = ()) -> dict[str, Any]:
    """Return all that is known of a rota: shifts are whole at its edges, all else is cut to it.

    `compared` is what AWS says of it, where that was asked for.
    """
    told = {
        "start": _time(rota.start),
        "end": _time(rota.end),
        "time_zone": rota.zone.key,
        "schedules": [_schedule(each) for each in rota.schedules],
        "double_bookings": [
            {**_lasts(each.start, each.end), "contact_arn": each.person, "rotation_arns": each[3]}
            for each in rota.doubles
        ],
        "clock_changes": [
            {
                "time": _time(each.moment),
                "time_zone": each.zone,
                "minutes": int((each.after - each.before).total_seconds() // 60),
            }
            for each in rota.clock_changes
        ],
        "people": [
            {
                "contact_arn": person,
                "name": _name(rota.team, person),
                "hours": round(length.total_seconds() / 3600, 2),
            }
            for person, length in rota.hours.items()
        ],
        "missing": [each._asdict() for each in rota.gone],
        "unseen": [each._asdict() for each in (*rota.unseen, *unseen(compared))],
    }
    found = [_comparison(each) for each in compared if not each.unseen]
    return {**told, "comparison": found} if compared else told


def _name(team: Team, person: str) -> str:
    contact = team.contacts.get(person)
    return contact.name if contact else team.called(person)


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {
        "contact_arn": schedule.contact.arn,
        "name": schedule.contact.name,
        "rotations": [_rotation(lane) for lane in schedule.lanes],
        "gaps": [_lasts(*gap) for gap in schedule.gaps],
    }


def _rotation(lane: Lane) -> dict[str, Any]:
    rotation = lane.rotation
    return {
        "rotation_arn": rotation.arn,
        "name": rotation.name,
        "time_zone": rotation.zone,
        "shifts": [_shift(shift) for shift in lane.shifts],
    }


def _shift(shift: Shift) -> dict[str, Any]:
    told = {**_lasts(shift.start, shift.end), "contact_arns": shift.members}
    return told if shift.overridden is None else {**told, "overridden_arns": shift.overridden}


def _lasts(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": _time(start), "end": _time(end)}


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _comparison(compared: Comparison) -> dict[str, Any]:
    return {
        "rotation_arn": compared.rotation.arn,
        "operation": compared.operation,
        "differences": [
            {**_lasts(each.start, each.end), "own": _held(each.own), "aws": _held(each.aws)}
            for each in compared.differences
        ],
    }


def _held(held: Held) -> dict[str, list[str]]:
    told = {"contact_arns": sorted(held.members)}
    return told if held.overridden is None else {**told, "overridden_arns": sorted(held.overridden)}
