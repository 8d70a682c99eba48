"""What the local AWS refuses of a recurrence and of a time zone. Pure, but for one process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.ssm_contacts.documented import check_documented
from pulumi_incidents.emulator.ssm_contacts.recurrence import mistakes
from pulumi_incidents.emulator.ssm_contacts.shifts import is_zone
from tests.conftest import ROOT
from tests.rotas import recurrence, windows


@pytest.mark.parametrize(
    "name", ["America/Los_Angeles", "UTC", "Asia/Seoul", "Europe/Dublin", "America/Port-au-Prince"]
)
def test_a_zone_is_a_name_of_iana(name):
    """The API's examples, and others."""
    assert is_zone(name)


@pytest.mark.parametrize(
    "name",
    ["PST", "EST", "HST", "Mars/Olympus", "america/los_angeles", "America", "../UTC", "", "a\0b"],
)
def test_another_zone_is_none(name):
    """Neither what knows no summer time by its name, nor another spelling, nor a path."""
    assert not is_zone(name)


def test_zones_are_there_where_the_system_has_none():
    """On Windows and in slim images, they are those of the package `tzdata`."""
    program = (
        "from datetime import date\nimport zoneinfo\n"
        "from pulumi_incidents.emulator.ssm_contacts.zones import instant, is_zone\n"
        "print(zoneinfo.TZPATH, is_zone('Europe/Dublin'))\n"
        "tokyo = zoneinfo.ZoneInfo('Asia/Tokyo')\n"
        "print(instant(date(2026, 4, 7).toordinal(), 9 * 60, tokyo))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["() True", "2026-04-07 00:00:00+00:00"]


SOUND = recurrence("MON 09:00", coverages=windows("MON SUN", "23:45-00:15"))
TWO_KINDS = "Member must have exactly one of DailySettings, WeeklySettings, MonthlySettings"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (SOUND, []),
        (SOUND | {"DailySettings": [], "ShiftCoverages": {}}, []),
        (recurrence(), [("Recurrence", TWO_KINDS)]),
        (SOUND | {"WeeklySettings": []}, [("Recurrence", TWO_KINDS)]),
        (recurrence("MON 09:00", "09:00"), [("Recurrence", TWO_KINDS)]),
        (recurrence("09:00", at_once=3), []),
        (
            recurrence("09:00", at_once=4),
            [
                (
                    "Recurrence.NumberOfOnCalls",
                    "Member must not be greater than the number of contacts, 3",
                )
            ],
        ),
        (
            recurrence("09:00", "10:00", "09:00"),
            [("Recurrence.DailySettings[2]", "Member must not be there twice")],
        ),
        (
            recurrence("31 09:00", "30 09:00", "31 09:00"),
            [("Recurrence.MonthlySettings[2]", "Member must not be there twice")],
        ),
        (
            SOUND | {"ShiftCoverages": {"MON": [], "TUE": []}},
            [("Recurrence.ShiftCoverages", "Member must have a time on one day at least")],
        ),
        (
            SOUND | {"ShiftCoverages": windows("TUE", "09:00-09:30", "23:45-00:14")},
            [("Recurrence.ShiftCoverages.TUE[1]", "Member must be 30 minutes or longer")],
        ),
        (
            SOUND | {"ShiftCoverages": {"TUE": [{"Start": {"HourOfDay": 9, "MinuteOfHour": 0}}]}},
            [("Recurrence.ShiftCoverages.TUE[0]", "Member must have Start and End")],
        ),
    ],
)
def test_mistakes_of_a_recurrence_are_told(given, found):
    """Each with its path, and nothing of a recurrence that has none."""
    assert list(mistakes(given, "ABC")) == found


def test_a_request_is_told_where_its_recurrence_is_wrong():
    """By the path from the request on."""
    given = {"Members": ["a"], "Recurrence": recurrence("09:00", at_once=2), "EndTime": 5.0}
    with pytest.raises(ValidationException, match=r"Value at 'Recurrence\.NumberOfOnCalls' failed"):
        check_documented("ListPreviewRotationShifts", {**given, "TimeZoneId": "UTC"})
