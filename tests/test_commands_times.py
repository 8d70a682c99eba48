"""Times as people write them to a command. Real: dateutil and the time zones of the system."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from pulumi_incidents.commands import _times
from pulumi_incidents.identity.errors import IncidentManagerError

DUBLIN = ZoneInfo("Europe/Dublin")
SUNDAY = datetime(2026, 7, 5, 10, 30, tzinfo=timezone.utc)  # 11:30 in Dublin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-07-05T11:30"),
        ("+1h30m", "2026-07-05T13:00"),
        ("12:00", "2026-07-05T12:00"),
        ("3:00", "2026-07-06T03:00"),
        ("3pm", "2026-07-05T15:00"),
        ("today", "2026-07-05T00:00"),
        ("today 03:00", "2026-07-05T03:00"),
        ("Tomorrow 03:00", "2026-07-06T03:00"),
        ("tomorrow at 3am", "2026-07-06T03:00"),
        ("Sunday 12:00", "2026-07-05T12:00"),
        ("Sunday 03:00", "2026-07-12T03:00"),
        ("sun 03:00", "2026-07-12T03:00"),
        ("Monday", "2026-07-06T00:00"),
        ("2026-12-06T03:00", "2026-12-06T03:00"),
        ("2026-12-06 03:00", "2026-12-06T03:00"),
        ("2026-12-06", "2026-12-06T00:00"),
        ("2026-12-06 3am", "2026-12-06T03:00"),
        ("2026-12-06 3:00", "2026-12-06T03:00"),
        ("2026-12-06T03:00Z", "2026-12-06T03:00"),
        ("2026-12-06t03:00-08:00", "2026-12-06T11:00"),
    ],
)
def test_a_time_is_the_next_one_that_it_means(text, meant):
    """By the clock of the zone that is asked for."""
    found = _times.moment_of(text, DUBLIN, SUNDAY)
    assert found.tzinfo is timezone.utc
    assert found.astimezone(DUBLIN).isoformat(timespec="minutes")[:16] == meant


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "5", "Sunday 5", "5/6/2026", "25:00", "Mo 03:00", "2026-13-01"),
        *("2026-12-06 5", "2026-12-06 25:00", "9999-12-31T23:59", "0001-01-01"),
    ],
)
def test_what_means_no_time_is_refused(text):
    """A day of the month is none, nor what people of two countries read as two dates."""
    with pytest.raises(IncidentManagerError, match=r" is no time: write now, 03:00, tomorrow "):
        _times.moment_of(text, DUBLIN, SUNDAY)


def test_the_clock_is_put_back_and_ahead():
    """Of two such times it is the first, and of none it is as much later as the clock jumps."""
    twice = _times.moment_of("2026-10-25T01:30", DUBLIN, SUNDAY)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc)
    never = _times.moment_of("2027-03-28T01:30", DUBLIN, SUNDAY)
    assert never.astimezone(DUBLIN).isoformat() == "2027-03-28T02:30:00+01:00"


@pytest.mark.parametrize(
    ("hour", "text", "meant"),
    [
        (0.25, "01:30", 0.5),
        (0.5, "01:10", 1 + 1 / 6),
        (1.25, "01:30", 1.5),
        (1.25, "Sunday 01:30", 1.5),
        (1.25, "01:00", 25),
    ],
)
def test_a_time_that_clocks_show_twice_is_the_next_of_the_two(hour, text, meant):
    """In the night in which they are put back, and nothing that is over is meant."""
    midnight = datetime(2026, 10, 25, tzinfo=timezone.utc)  # 01:00 in Dublin
    now = midnight + timedelta(hours=hour)
    assert _times.moment_of(text, DUBLIN, now) == midnight + timedelta(hours=meant)


def test_durations_are_those_of_the_configuration():
    """Hours, minutes and seconds; a number alone is none, nor is what no walk lasts."""
    assert _times.duration_of("1h30m") == timedelta(minutes=90)
    for text in ("2", "2 hours", "", "-2h", "h", "9000h", "99999999999h"):
        with pytest.raises(IncidentManagerError, match=r"is no duration: write 90s, 2m or 1h30m\."):
            _times.duration_of(text)


def test_zones_are_known_by_their_names():
    """That of this machine, where none is named, is told by how far it is from UTC."""
    assert _times.zone_told(SUNDAY, _times.zone_of("Europe/Dublin")) == "Europe/Dublin"
    assert _times.told(SUNDAY, _times.zone_of("Asia/Kolkata")) == "Sun 2026-07-05 16:00"
    assert "UTC" in _times.zone_told(SUNDAY, _times.zone_of(None))
    assert _times.zone_told(SUNDAY, timezone(timedelta(hours=-3.5), "NST")) == "NST, UTC-03:30"
    for name in ("Europe/Dubln", "", "/etc/passwd", "Europe"):
        with pytest.raises(IncidentManagerError, match="is no time zone: write the name of one as"):
            _times.zone_of(name)
