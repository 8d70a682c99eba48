"""A rota beside what AWS says of its shifts: `rota --compare`.

Real: the command and the local AWS over HTTP, which reads rotations in its own way. A difference is
made by planting a mistake in the reading of `oncall`.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest

from pulumi_incidents.commands.rota import schedules
from tests.read_rotations import random_rota
from tests.rota_command import WEEKS, Rota, lines
from tests.rotas import recurrence

AGREED = "AWS has the same shifts, by ListRotationShifts and ListPreviewRotationShifts."


@pytest.fixture
def rota(local_aws, monkeypatch, capsys):
    """Return the command, pointed at the local AWS that has the team."""
    return Rota(local_aws, monkeypatch, capsys)


def planted(monkeypatch):
    """Let hand-offs of the reading be an hour late."""
    read, hour = schedules.known_shifts, timedelta(hours=1)

    def late(rotation, start, end):
        for shift in read(rotation, start - hour, end):
            yield shift._replace(start=shift.start + hour, end=shift.end + hour)

    monkeypatch.setattr(schedules, "known_shifts", late)


def test_that_aws_has_the_same_shifts_is_said(rota, local_aws):
    """After two calls for each rotation, overrides and changed clocks included."""
    local_aws.forget()
    assert lines(rota("checkout", *WEEKS, "--compare"))[-1] == AGREED
    asked = [each["operation"] for each in local_aws.requests("ssm-contacts")]
    assert asked.count("ListRotationShifts") == asked.count("ListPreviewRotationShifts") == 2
    compared = rota.json("checkout", *WEEKS, "--compare")["comparison"]
    assert {(each["rotation_arn"], each["operation"]) for each in compared} == {
        (arn, operation)
        for arn in rota.team["Rotations"].values()
        for operation in ("ListRotationShifts", "ListPreviewRotationShifts")
    }
    assert [each["differences"] for each in compared] == [[], [], [], []]


def test_where_aws_differs_is_said_with_who_is_on_call_by_whom(rota, monkeypatch):
    """The first time, how often and for how long; it is a finding."""
    rota.schedule("turns", rota.people, recurrence("MON 09:00"), "2027-03-22T09:00")
    planted(monkeypatch)
    told = lines(rota("turns", "--from", "2027-03-23", "--to", "2027-04-06", "--compare"))
    assert told[-2:] == [
        f"turns: {operation} of AWS differs 2 times, 2 h in all, first from Mon 29 Mar 09:00 to "
        "Mon 29 Mar 10:00: Ben by AWS, Ana by this rota."
        for operation in ("ListRotationShifts", "ListPreviewRotationShifts")
    ]


def test_a_difference_in_an_override_says_for_whom_it_is(rota, monkeypatch):
    """In JSON by ARNs, from when until when."""
    planted(monkeypatch)
    found = rota.json("primary", "--from", "2027-03-25", "--to", "2027-03-25", "--compare")
    ana, ben, _ = rota.people
    weeks = rota.team["Rotations"]["Weeks"]
    assert [
        each["differences"] for each in found["comparison"] if each["rotation_arn"] == weeks
    ] == 2 * [
        [
            {
                "start": "2027-03-25T09:00:00Z",
                "end": "2027-03-25T10:00:00Z",
                "own": {"contact_arns": [ana]},
                "aws": {"contact_arns": [ben], "overridden_arns": [ana]},
            }
        ]
    ]


def test_a_file_on_stdout_leaves_the_comparison_to_stderr(rota):
    """So that nothing that AWS says is lost."""
    code, told, said = rota.run("checkout", *WEEKS, "--compare", "--ics", "-")
    assert (code, said.strip()) == (1, AGREED)
    assert told.startswith("BEGIN:VCALENDAR")


def test_shifts_that_aws_does_not_show_are_told_as_not_looked_at(rota, local_aws):
    """And never as the same."""
    rota.schedule("turns", rota.people, recurrence("MON 09:00"), "2027-03-22T09:00")
    local_aws.fail("ListPreviewRotationShifts", "AccessDeniedException", times=1)
    days = ("--from", "2027-03-23", "--to", "2027-04-06", "--compare")
    code, told, complaint = rota.run("turns", *days)
    assert code == 2
    assert complaint.startswith("Not looked at: ssm-contacts:ListPreviewRotationShifts on arn:")
    assert AGREED not in told
    local_aws.fail("ListPreviewRotationShifts", "AccessDeniedException", times=1)
    _, told, _ = rota.run("turns", *days, "--json")
    [missing] = json.loads(told)["unseen"]
    assert missing["why"] == complaint.removeprefix("Not looked at: ").strip()


@pytest.mark.parametrize("seed", range(8))
def test_random_rotations_are_the_same_by_both_readings(rota, seed):
    """Of any recurrence, hours, zone and overrides, on days on which clocks change."""
    made, (start, end) = random_rota(random.Random(seed))  # noqa: S311 - no secret
    people = dict(zip(made.members, _people(rota, len(made.members)), strict=True))
    arn = rota.contacts.create_rotation(
        Name="random",
        ContactIds=[*people.values()],
        TimeZoneId=made.zone,
        Recurrence=made.recurrence,
        StartTime=made.start,
    )["RotationArn"]
    for each in made.overrides:
        rota.contacts.create_rotation_override(
            RotationId=arn,
            NewContactIds=[people[member] for member in each.members],
            StartTime=each.start,
            EndTime=each.end,
        )
    plan = {"RotationIds": [arn]}
    rota.contacts.create_contact(Alias="random", Type="ONCALL_SCHEDULE", Plan=plan)
    days = ("--from", start.isoformat(), "--to", end.isoformat())
    code, told, complaint = rota.run("random", *days, "--compare")
    assert (code in (0, 1), complaint, lines(told)[-1]) == (True, "", AGREED)


def _people(rota, number):
    return [
        rota.contacts.create_contact(Alias=f"m{each}", Type="PERSONAL", Plan={"Stages": []})[
            "ContactArn"
        ]
        for each in range(number)
    ]
