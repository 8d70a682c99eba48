"""What AWS itself says of the shifts of a rota, beside the reading of it here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands.rota import text
from pulumi_incidents.commands.rota.schedules import Lane, Missing, Rota
from pulumi_incidents.oncall.compare import Difference, Held, aws_shift, differences
from pulumi_incidents.oncall.shifts import Shift
from pulumi_incidents.oncall.team import Rotation

_LISTED, _PREVIEWED = "ListRotationShifts", "ListPreviewRotationShifts"


class Comparison(NamedTuple):
    """One rotation by one operation of AWS."""

    rotation: Rotation
    operation: str
    differences: tuple[Difference, ...]
    unseen: str = ""
    """Why AWS's shifts could not be looked at: a sentence."""


def compare(account: Account, rota: Rota) -> list[Comparison]:
    """Return where AWS's shifts differ in the range of a rota, for each rotation by two operations.

    One lists the shifts of a rotation, the other one those of members, recurrence and overrides as
    they were read.
    """
    lanes = {lane.rotation.arn: lane for each in rota.schedules for lane in each.lanes}
    asked = [(arn, operation) for arn in lanes for operation in (_LISTED, _PREVIEWED)]

    def look(question: tuple[str, str]) -> Comparison:
        arn, operation = question
        return _compared(account, rota, lanes[arn], operation)

    return [*account.each(look, asked).values()]


def _compared(account: Account, rota: Rota, lane: Lane, operation: str) -> Comparison:
    rotation = lane.rotation
    asked = {"RotationId": rotation.arn} if operation == _LISTED else _preview(rotation)
    found = account.pages(
        "ssm-contacts",
        operation,
        "RotationShifts",
        rotation.arn,
        StartTime=rota.start,
        EndTime=rota.end,
        **asked,
    )
    if isinstance(found, Unseen):
        return Comparison(rotation, operation, (), found.why)
    if found is None:
        gone = f"{rotation.arn} was deleted while it was looked at: run again."
        return Comparison(rotation, operation, (), gone)
    aws = map(aws_shift, found)
    return Comparison(
        rotation, operation, tuple(differences(lane.shifts, aws, rota.start, rota.end))
    )


def _preview(rotation: Rotation) -> dict[str, Any]:
    """Return a rotation as ListPreviewRotationShifts takes it."""
    overrides = [
        {"NewMembers": each.members, "StartTime": each.start, "EndTime": each.end}
        for each in rotation.overrides
    ]
    return {
        "Members": rotation.members,
        "TimeZoneId": rotation.zone,
        "Recurrence": rotation.recurrence,
        "RotationStartTime": rotation.start,
        "Overrides": overrides,
    }


def unseen(compared: Iterable[Comparison]) -> list[Missing]:
    """Return what of AWS's shifts could not be looked at."""
    return [Missing(each.rotation.arn, each.unseen) for each in compared if each.unseen]


def sentences(rota: Rota, compared: list[Comparison]) -> list[str]:
    """Return where AWS differs, for each rotation and operation, or that it does not."""
    differing = [each for each in compared if each.differences]
    if compared and not differing and not unseen(compared):
        return [f"AWS has the same shifts, by {_LISTED} and {_PREVIEWED}."]
    return [_difference(rota, each) for each in differing]


def _difference(rota: Rota, compared: Comparison) -> str:
    first = compared.differences[0]
    aws, own = (_who(rota, first, held) for held in (first.aws, first.own))
    when = text.times(rota, compared.differences)
    name, operation = compared.rotation.name, compared.operation
    return f"{name}: {operation} of AWS differs {when}: {aws} by AWS, {own} by this rota."


def _who(rota: Rota, found: Difference, held: Held) -> str:
    overridden = None if held.overridden is None else tuple(sorted(held.overridden))
    return rota.who(Shift(found.start, found.end, tuple(sorted(held.members)), overridden))
