"""How `pulumi-incidents rota` ends, and what it gives other programs.

Real: the command, the local AWS over HTTP, boto3; for a stack, the engine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests import commanded
from tests.conftest import ROOT
from tests.program import Program
from tests.rota_command import WEEKS, Rota, lines
from tests.rotas import recurrence

PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/checkout"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/"


@pytest.fixture
def rota(local_aws, monkeypatch, capsys):
    """Return the command, pointed at the local AWS that has the team."""
    return Rota(local_aws, monkeypatch, capsys)


def test_json_has_all_that_the_calendar_has(rota):
    """Things by their ARNs, times in UTC; shifts whole, all else cut to the range."""
    ana, ben, chidi = (rota.team["Contacts"][name] for name in ("ana", "ben", "chidi"))
    weeks, releases = (rota.team["Rotations"][name] for name in ("Weeks", "Releases"))
    sunday, tuesday = "2027-03-28T00:00:00Z", "2027-03-30T09:00:00Z"
    assert rota.json("checkout", "--from", "2027-03-27", "--to", "2027-03-30") == {
        "start": "2027-03-27T00:00:00Z",
        "end": "2027-03-30T23:00:00Z",
        "time_zone": "Europe/Dublin",
        "schedules": [
            {
                "contact_arn": rota.team["Contacts"]["primary"],
                "name": "Primary",
                "rotations": [
                    {
                        "rotation_arn": weeks,
                        "name": "Weeks",
                        "time_zone": "Europe/Dublin",
                        "shifts": [
                            shift("2027-03-27T00:00:00Z", sunday, ana),
                            shift("2027-03-28T23:00:00Z", "2027-03-29T08:00:00Z", ana),
                            shift("2027-03-29T08:00:00Z", "2027-03-29T23:00:00Z", ben),
                            shift("2027-03-29T23:00:00Z", "2027-03-30T23:00:00Z", ben),
                        ],
                    },
                    {
                        "rotation_arn": releases,
                        "name": "Releases",
                        "time_zone": "Europe/Dublin",
                        "shifts": [shift(tuesday, "2027-03-30T15:00:00Z", ben)],
                    },
                ],
                "gaps": [{"start": sunday, "end": "2027-03-28T23:00:00Z"}],
            }
        ],
        "double_bookings": [
            {
                "start": tuesday,
                "end": "2027-03-30T15:00:00Z",
                "contact_arn": ben,
                "rotation_arns": [weeks, releases],
            }
        ],
        "clock_changes": [
            {"time": "2027-03-28T01:00:00Z", "time_zone": "Europe/Dublin", "minutes": 60}
        ],
        "people": [
            {"contact_arn": ana, "name": "Ana", "hours": 33.0},
            {"contact_arn": ben, "name": "Ben", "hours": 39.0},
            {"contact_arn": chidi, "name": "Chidi", "hours": 0.0},
        ],
        "missing": [],
        "unseen": [],
    }


def shift(start, end, *people):
    """Return a shift as JSON has it."""
    return {"start": start, "end": end, "contact_arns": [*people]}


def test_json_says_for_whom_an_override_is(rota):
    """So that a program can tell who swapped with whom."""
    found = rota.json("checkout", "--from", "2027-03-25", "--to", "2027-03-25", code=0)
    *_, last = found["schedules"][0]["rotations"][0]["shifts"]
    assert last["contact_arns"] == [rota.team["Contacts"]["ben"]]
    assert last["overridden_arns"] == [rota.team["Contacts"]["ana"]]


def test_what_cannot_be_looked_at_is_said_and_nothing_is_made_of_it(rota, local_aws):
    """A rotation that may be overridden has no shifts, and what it leaves open is no gap."""
    rule = recurrence("MON 09:00")
    turns = rota.schedule("turns", [f"{CONTACT}ana"], rule, "2027-03-24T09:00")
    local_aws.fail("ListRotationOverrides", "AccessDeniedException", times=1)
    code, told, complaint = rota.run("turns", "--from", "2027-03-23", "--to", "2027-03-24")
    assert code == 2
    assert complaint.startswith(f"Not looked at: ssm-contacts:ListRotationOverrides on {turns}")
    assert complaint.count("\n") == 1
    assert lines(told)[1:] == ["Tue 23 Mar    not known", "Wed 24 Mar    not known"]


def test_a_person_who_cannot_be_looked_at_is_told_by_the_alias(rota, local_aws):
    """Shifts are those of the rotation; whether the person exists is not known."""
    rota.schedule("turns", [f"{CONTACT}ana"], recurrence("09:00"), "2027-03-01T09:00")
    # The schedule is asked for first, and then the person.
    local_aws.delay("GetContact", 0.001)
    local_aws.fail("GetContact", "AccessDeniedException", times=1)
    code, told, complaint = rota.run(f"{CONTACT}turns", *WEEKS)
    assert code == 2
    assert complaint.startswith(f"Not looked at: ssm-contacts:GetContact on {CONTACT}ana")
    assert "Mon 22 Mar  turns  ana" in told
    assert "does not exist" not in told


def test_whoever_is_engaged_and_does_not_exist_is_told(rota):
    """AWS keeps those who were deleted in the plans that engage them."""
    dan = rota.contacts.create_contact(Alias="dan", Type="PERSONAL", Plan={"Stages": []})[
        "ContactArn"
    ]
    rule = recurrence("MON 09:00")
    rota.schedule("turns", [f"{CONTACT}ana"], rule, "2027-03-01T09:00")
    targets = [
        {"ContactTargetInfo": {"ContactId": each, "IsEssential": True}}
        for each in (f"{CONTACT}turns", dan)
    ]
    plan = {"Stages": [{"DurationInMinutes": 5, "Targets": targets}]}
    rota.contacts.create_contact(Alias="plan", Type="ESCALATION", Plan=plan)
    rota.contacts.delete_contact(ContactId=dan)
    told = rota("plan", *WEEKS)
    assert "\ndan is engaged and does not exist: take it out of the plan.\n" in told
    [missing] = rota.json("plan", *WEEKS)["missing"]
    assert missing["arn"] == dan


def test_a_name_that_is_not_there_is_told_with_those_that_are(rota):
    """People are none of them: they have no shifts."""
    assert rota.refused("chekout") == (
        "There is no response plan, on-call schedule or escalation plan chekout in this account: "
        "did you mean checkout?"
    )
    assert rota.refused("Ana's").endswith("there are checkout, escalation, primary.")
    assert rota.refused(f"{CONTACT}dan").startswith(f"There is no contact {CONTACT}dan in this")


def test_whoever_has_no_shifts_has_no_rota(rota, incidents):
    """A person, and a plan that engages people alone."""
    sentence = (
        "No on-call schedule is engaged by {}: whoever is has no shifts, and "
        "`pulumi-incidents who` says who that is."
    )
    assert rota.refused("ana") == sentence.format("ana")
    incidents.create_response_plan(
        name="people", incidentTemplate={"title": "x", "impact": 3}, engagements=[f"{CONTACT}ana"]
    )
    assert rota.refused("people") == sentence.format("people")


def test_a_name_of_two_is_asked_about(rota):
    """A plan and a schedule may be called the same."""
    rota.schedule("checkout", [f"{CONTACT}ana"], recurrence("09:00"), "2027-03-01T09:00")
    told = rota.refused("checkout")
    both = "checkout is both a response plan and a contact"
    assert told == f"{both}: give {PLAN} or contact/checkout."
    assert "turns" not in rota(PLAN, *WEEKS)
    assert "times of" in rota("contact/checkout", *WEEKS, code=0)


def test_options_that_make_no_sense_are_refused(rota, tmp_path):
    """Each in one sentence that says what to do."""
    assert rota.refused().startswith("Whose rota is not said: name")
    assert "only one can have stdout" in rota.refused("checkout", "--json", "--svg", "-")
    told = rota.refused("checkout", "--from", "2027-03-02", "--to", "2027-03-01T12:00")
    assert told == (
        "The rota would begin on Tue 2027-03-02 00:00 and end on Mon 2027-03-01 12:00: "
        "name a later --to."
    )
    for day in ("0001-01-01", "9999-12-31", "2027-W13", "2027-03"):
        assert f"'{day}' is no time" in rota.refused("checkout", "--from", day, "--to", day)
    assert "two years" in rota.refused("checkout", "--to", "2100-01-01")
    assert "no time zone" in rota.refused("checkout", "--zone", "Mars/Base")
    assert "'noon-ish' is no time" in rota.refused("checkout", "--from", "noon-ish")
    told = rota.refused("checkout", "--ics", str(tmp_path))
    assert told == f"{tmp_path} cannot be written: Is a directory."


def test_a_day_of_the_week_is_the_one_after_the_first(rota):
    """Wherever in the week it is asked, and a date may be the first day."""
    for since, days in (("monday", 4), ("thursday", 1), ("friday", 0), ("saturday", 6)):
        told = rota.json("checkout", "--from", since, "--to", "friday", "--zone", "UTC")
        start, end = (datetime.fromisoformat(told[each]) for each in ("start", "end"))
        assert end - start == timedelta(days=days + 1)
    told = rota.json("checkout", "--from", "2027-03-22", "--to", "sunday", "--zone", "UTC")
    assert told["end"] == "2027-03-29T00:00:00Z"


def test_a_stack_has_the_rota_of_its_plans(rota, stack_environment, tmp_path):
    """Found by its outputs, and looked at where its configuration says."""
    assert rota.team["ResponsePlans"] == {"checkout": PLAN}
    source = f"import pulumi\npulumi.export('plan_arn', '{PLAN}')\n"
    program = Program(tmp_path / "program", stack_environment, source)
    program.configure(**{"aws:region": "us-east-1"})
    program.up(settled=False)
    words = ("rota", "--stack", "local", "--cwd", str(program.folder), *WEEKS)
    done = commanded.run({**stack_environment, "PYTHONPATH": str(ROOT)}, *words)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("Primary, Mon 22 Mar 2027 to Sun 04 Apr 2027")
