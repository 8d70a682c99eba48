"""The rota that the documents show, and its picture.

`python -m tools.rota` writes docs/rota.svg, of a team in a local AWS of its own. The team has
everything that there is to see: two rotations, an override, a day that nobody has, somebody who is
in both at once, and a day on which clocks change.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.testing import running
from tools.common import ToolError, exit_code
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from pulumi_incidents.emulator.testing import LocalAws

ZONE = "Europe/Dublin"
MORNING = datetime(2027, 3, 22, 9, tzinfo=timezone.utc)  # a Monday
COMMAND = ("rota", "checkout", "--from", "2027-03-22", "--to", "2027-04-04")
PICTURE = ROOT / "docs" / "rota.svg"


def _clock(hour: int) -> dict[str, int]:
    return {"HourOfDay": hour, "MinuteOfHour": 0}


def _person(name: str) -> dict[str, Any]:
    given = {"Alias": name.lower(), "Type": "PERSONAL", "DisplayName": name}
    return {**given, "Plan": {"Stages": []}}


def _rotation(name: str, days: str, hours: tuple[int, int], *people: str) -> dict[str, Any]:
    """Hand over on Mondays at nine, with hours on some days."""
    hand_off = {"DayOfWeek": "MON", "HandOffTime": _clock(9)}
    span = dict(zip(("Start", "End"), map(_clock, hours), strict=True))
    return {
        "Name": name,
        "ContactIds": people,
        "TimeZoneId": ZONE,
        "StartTime": (MORNING - timedelta(weeks=2)).isoformat(),
        "Recurrence": {
            "NumberOfOnCalls": 1,
            "RecurrenceMultiplier": 1,
            "WeeklySettings": [hand_off],
            "ShiftCoverages": {day: [span] for day in days.split()},
        },
    }


def _stage(contact: str) -> dict[str, Any]:
    target = {"ContactTargetInfo": {"ContactId": contact, "IsEssential": True}}
    return {"DurationInMinutes": 10, "Targets": [target]}


TEAM = {
    "Contacts": [
        *map(_person, ("Ana", "Ben", "Chidi")),
        {
            "Alias": "primary",
            "Type": "ONCALL_SCHEDULE",
            "DisplayName": "Primary",
            "Plan": {"RotationIds": ["Weeks", "Releases"]},
        },
        {
            "Alias": "escalation",
            "Type": "ESCALATION",
            "Plan": {"Stages": [_stage("primary"), _stage("chidi")]},
        },
    ],
    "Rotations": [
        _rotation("Weeks", "MON TUE WED THU FRI SAT", (0, 0), "ana", "ben"),
        _rotation("Releases", "TUE THU", (10, 16), "chidi", "ben"),
    ],
    "ResponsePlans": [
        {
            "name": "checkout",
            "incidentTemplate": {"title": "Checkout is failing", "impact": 2},
            "engagements": ["escalation"],
        }
    ],
}


def make(aws: LocalAws) -> dict[str, Any]:
    """Make the team, and return its ARNs by names."""
    aws.set_clock(MORNING)
    made: dict[str, Any] = aws.seed(TEAM)
    aws.client("ssm-contacts").create_rotation_override(
        RotationId=made["Rotations"]["Weeks"],
        NewContactIds=[made["Contacts"]["ben"]],
        StartTime=MORNING.replace(day=25),
        EndTime=MORNING.replace(day=26),
    )
    return made


def draw(picture: Path = PICTURE) -> None:
    """Draw the picture by the command that people use.

    :raises ToolError: the command did not come to what the team is to show.
    """
    with running() as aws:
        make(aws)
        command = [sys.executable, "-m", "pulumi_incidents.commands", *COMMAND, "--svg", "-"]
        environment = {**os.environ, **aws.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)  # noqa: S603 - our own
    # It has findings, as the team is to show.
    if done.returncode != 1:
        raise ToolError(done.stderr.decode().strip())
    picture.write_bytes(done.stdout)
    print(os.path.relpath(picture, ROOT))


if __name__ == "__main__":
    sys.exit(exit_code(draw))
