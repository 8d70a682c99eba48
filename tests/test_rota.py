"""What `pulumi-incidents rota` tells. Real: the command, the local AWS over HTTP, boto3.

The team is that of the documents, `tools.rota`, and boto3 adds to it. Most tests run the command in
this process; the first one in a process of its own, as people do.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from rich.text import Text

from pulumi_incidents.commands.rota import command
from tests import commanded
from tests.conftest import ROOT
from tests.rota_command import WEEKS, Rota, lines
from tests.rotas import recurrence, windows
from tools import rota as documented

CALENDAR = """\
Primary, Mon 22 Mar 2027 to Sun 04 Apr 2027, times of Europe/Dublin
Mon 22 Mar  Weeks     00:00–09:00 Ben
                      09:00–24:00 Ana
Tue 23 Mar  Weeks     Ana
            Releases  10:00–16:00 Chidi
Wed 24 Mar  Weeks     Ana
Thu 25 Mar  Weeks     00:00–09:00 Ana
                      09:00–24:00 Ben for Ana
            Releases  10:00–16:00 Chidi
Fri 26 Mar  Weeks     00:00–09:00 Ben for Ana
                      09:00–24:00 Ana
Sat 27 Mar  Weeks     Ana
Sun 28 Mar            nobody
                      01:00 clocks go on 1 h
Mon 29 Mar  Weeks     00:00–09:00 Ana
                      09:00–24:00 Ben
Tue 30 Mar  Weeks     Ben
            Releases  10:00–16:00 Ben
                      10:00–16:00 Ben twice: Weeks and Releases
Wed 31 Mar  Weeks     Ben
Thu 01 Apr  Weeks     Ben
            Releases  10:00–16:00 Ben
                      10:00–16:00 Ben twice: Weeks and Releases
Fri 02 Apr  Weeks     Ben
Sat 03 Apr  Weeks     Ben
Sun 04 Apr            nobody
Primary: nobody is on call 2 times, 47 h in all, first from Sun 28 Mar 00:00 to Mon 29 Mar 00:00.
Ben is in Weeks and Releases at once 2 times, 12 h in all, \
first from Tue 30 Mar 10:00 to Tue 30 Mar 16:00.
Hours on call
  Ben    168 h  ████████████████████████
  Ana    120 h  █████████████████
  Chidi   12 h  ██
"""


@pytest.fixture
def rota(local_aws, monkeypatch, capsys):
    """Return the command, pointed at the local AWS that has the team."""
    return Rota(local_aws, monkeypatch, capsys)


def test_a_plans_rota_is_a_calendar_and_changes_nothing(local_aws):
    """Shifts day by day, with overrides, gaps, double bookings, changed clocks and hours."""
    documented.make(local_aws)
    environment = {**local_aws.environment, "PYTHONPATH": str(ROOT)}
    local_aws.forget()
    done = commanded.run(environment, "rota", "checkout", *WEEKS)
    assert lines(done.stdout) == lines(CALENDAR)
    assert (done.returncode, done.stderr) == (1, "")
    asked = {request["operation"] for request in local_aws.requests(None)}
    assert "ListContactChannels" not in asked  # it answers with addresses
    assert {re.match("[A-Z][a-z]+", name)[0] for name in asked} == {"Get", "List"}


def test_whatever_leads_to_a_schedule_has_its_rota(rota):
    """A schedule, an escalation plan and a response plan, by alias or name and by ARN."""
    ways = ["primary", "escalation", "checkout", *rota.team["ResponsePlans"].values()]
    ways += [rota.team["Contacts"][name] for name in ("primary", "escalation")]
    assert {rota(way, *WEEKS) for way in ways} == {rota("checkout", *WEEKS)}


@pytest.mark.parametrize("columns", [80, 50])
def test_nothing_is_cut_where_lines_are_short(rota, monkeypatch, columns):
    """No line is longer than the terminal is wide, and every word is there."""
    whole = re.sub("█+", "", rota("checkout", *WEEKS)).split()
    monkeypatch.setenv("COLUMNS", str(columns))
    told = rota("checkout", *WEEKS)
    assert max(map(len, told.splitlines())) <= columns
    assert re.sub("█+", "", told).split() == whole


def test_a_colour_says_nothing_that_words_do_not(rota, monkeypatch):
    """A pipe gets plain text, and a terminal the same words in colours."""
    plain = rota("checkout", *WEEKS)
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    _, coloured, _ = rota.run("checkout", *WEEKS)  # with colours, what takes long is shown, too
    assert "\x1b[1;31mnobody" in coloured
    assert lines(Text.from_ansi(coloured).plain) == lines(plain)


def test_a_rota_without_gaps_and_doubles_is_fine(rota):
    """Its exit code is 0; who has no shift in these days has no hours, and that is told."""
    rota.schedule("turns", rota.people, recurrence("MON 09:00"), "2027-03-22T09:00")
    told = lines(rota("turns", "--from", "2027-03-23", "--to", "2027-03-30", code=0))
    assert told[0] == "turns, Tue 23 Mar 2027 to Tue 30 Mar 2027, times of Europe/Dublin"
    assert told[6:11] == [
        "Sun 28 Mar  turns  Ana",
        "                   01:00 clocks go on 1 h",
        "Mon 29 Mar  turns  00:00–09:00 Ana",
        "                   09:00–24:00 Ben",
        "Tue 30 Mar  turns  Ben",
    ]
    assert told[11:] == [
        "Hours on call",
        "  Ana    152 h  ████████████████████████",
        "  Ben     39 h  ██████",
        "  Chidi    0 h",
    ]


def test_a_long_range_is_told_week_by_week(rota):
    """Days of the week with each time; hours that go on day after day are told once."""
    days = windows("MON TUE WED THU FRI", "00:00-00:00")
    rule = recurrence("MON 09:00", coverages=days)
    turns = rota.schedule("turns", rota.people, rule, "2027-03-01T09:00")
    rota.override(turns, rota.people[:1], "2027-03-31T12:00", "2027-03-31T18:30")
    told = lines(rota("turns", "--from", "2027-03-25", "--to", "2027-05-31"))
    assert told[1:11] == [
        "25 Mar–28 Mar  turns  Thu–Fri Ana",
        "                      Sat–Sun nobody",
        "                      Sun 01:00 clocks go on 1 h",
        "29 Mar–04 Apr  turns  Mon 00:00–09:00 Ana",
        "                      Mon 09:00–Wed 12:00 Ben",
        "                      Wed 12:00–18:30 Ana for Ben",
        "                      Wed 18:30–Fri 24:00 Ben",
        "                      Sat–Sun nobody",
        "05 Apr–11 Apr  turns  Mon 00:00–09:00 Ben",
        "                      Mon 09:00–Fri 24:00 Chidi",
    ]


def test_any_zone_can_be_shown_and_each_change_of_clocks_says_where_it_is(rota):
    """Times and days are those of the zone; clocks of the rotation's zone change there, too."""
    rota.schedule("turns", rota.people, recurrence("08:00"), "2027-03-01T08:00")
    told = lines(rota("turns", *WEEKS, "--zone", "Asia/Kathmandu", code=0))
    assert told[0].endswith("times of Asia/Kathmandu")
    assert told[11:16] == [
        "Sat 27 Mar  turns  00:00–13:45 Ben",
        "                   13:45–24:00 Chidi",
        "Sun 28 Mar  turns  00:00–12:45 Chidi",
        "                   12:45–24:00 Ana",
        "                   06:45 clocks go on 1 h in Europe/Dublin",
    ]
    back = rota("turns", "--from", "2027-10-31", "--to", "2027-10-31", code=0)
    assert "02:00 clocks go back 1 h" in back


def test_a_range_is_days_or_times(rota, monkeypatch):
    """The last day is in it, a time is its end; without them it is from now on, four weeks."""
    whole = rota.json("checkout", *WEEKS)
    assert (whole["start"], whole["end"]) == ("2027-03-22T00:00:00Z", "2027-04-04T23:00:00Z")
    part = rota.json("checkout", "--from", "2027-03-26T12:00", "--to", "2027-04-04T12:00Z")
    assert (part["start"], part["end"]) == ("2027-03-26T12:00:00Z", "2027-04-04T12:00:00Z")
    noon = datetime(2027, 3, 24, 12, tzinfo=timezone.utc)  # the same for every command
    monkeypatch.setattr(command, "datetime", SimpleNamespace(now=noon.astimezone))
    now = rota.json("checkout")
    assert len(re.findall(r"^\w{3} \d\d \w{3}", rota("checkout"), re.MULTILINE)) == 28
    day = rota.json("checkout", "--from", "today", "--to", "today", code=0)
    assert day["start"] < now["start"] < day["end"]
    assert rota.json("checkout", "--to", "today", code=0)["end"] == day["end"]


def test_what_is_over_is_nobodys_gap(rota):
    """A schedule that was made a minute ago had nobody yesterday, which is found if asked for."""
    now = datetime.now(ZoneInfo(documented.ZONE))
    rota.schedule("turns", rota.people, recurrence("MON 09:00"), f"{now:%Y-%m-%dT%H:%M}")
    rota("turns", code=0)
    told = rota("turns", "--from", f"{now - timedelta(days=1):%Y-%m-%d}")
    assert "nobody is on call from" in told


def test_shifts_that_a_range_cuts_are_whole(rota):
    """From before the range and until after it, with the overrides that are there."""
    turns = rota.schedule("turns", rota.people, recurrence("MON 09:00"), "2027-03-01T09:00")
    rota.override(turns, rota.people[:1], "2027-03-09T09:00", "2027-03-10T12:00")
    told = rota.json("turns", "--from", "2027-03-11", "--to", "2027-03-11", code=0)
    [shift] = told["schedules"][0]["rotations"][0]["shifts"]
    assert (shift["start"], shift["end"]) == ("2027-03-10T12:00:00Z", "2027-03-15T09:00:00Z")


def test_several_people_share_a_shift_and_an_override_may_leave_nobody(rota):
    """Who stands in is told with whom alone; a shift without anybody is a gap as well."""
    rule = recurrence("MON 09:00", at_once=2)
    turns = rota.schedule("turns", rota.people, rule, "2027-03-22T09:00")
    rota.override(turns, rota.people[:2], "2027-03-23T00:00", "2027-03-24T00:00")
    rota.override(turns, rota.people[::2], "2027-03-24T00:00", "2027-03-25T00:00")
    rota.override(turns, [], "2027-03-25T00:00", "2027-03-26T00:00")
    told = lines(rota("turns", "--from", "2027-03-23", "--to", "2027-03-26"))
    assert told[1:6] == [
        "Tue 23 Mar  turns  Ana and Ben by an override",
        "Wed 24 Mar  turns  Ana and Chidi for Ben",
        "Thu 25 Mar  turns  nobody for Ana and Ben",
        "                   nobody",
        "Fri 26 Mar  turns  Ana and Ben",
    ]
    assert told[6] == "turns: nobody is on call from Thu 25 Mar 00:00 to Fri 26 Mar 00:00."


def test_somebody_in_two_schedules_at_once_is_twice_as_well(rota, incidents):
    """All schedules below a plan are shown, and whoever is first and second line is found."""
    rule, folder = recurrence("MON 09:00"), rota.people[0].rpartition("/")[0]
    rota.schedule("first", rota.people[:2], rule, "2027-03-22T09:00")
    rota.schedule("second", rota.people[1:], rule, "2027-03-15T09:00")
    incidents.create_response_plan(
        name="both",
        incidentTemplate={"title": "Both", "impact": 3},
        engagements=[f"{folder}/first", f"{folder}/second"],
    )
    told = rota("both", "--from", "2027-03-29", "--to", "2027-03-30")
    assert lines(told)[:14] == [
        "first, Mon 29 Mar 2027 to Tue 30 Mar 2027, times of Europe/Dublin",
        "Mon 29 Mar  first  00:00–09:00 Ana",
        "                   09:00–24:00 Ben",
        "                   09:00–24:00 Ben twice: first and second",
        "Tue 30 Mar  first  Ben",
        "                   Ben twice: first and second",
        "second, Mon 29 Mar 2027 to Tue 30 Mar 2027, times of Europe/Dublin",
        "Mon 29 Mar  second  00:00–09:00 Chidi",
        "                    09:00–24:00 Ben",
        "                    09:00–24:00 Ben twice: first and second",
        "Tue 30 Mar  second  Ben",
        "                    Ben twice: first and second",
        "Ben is in first and second at once from Mon 29 Mar 09:00 to Wed 31 Mar 00:00.",
        "Hours on call",
    ]
