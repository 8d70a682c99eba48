"""`pulumi-incidents who`: whom an incident pages, minute by minute.

Real: the command as a process of its own, the local AWS over HTTP, the engine where a stack says
which account it is, a pipe that is closed and Ctrl-C.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import datetime

import pytest

from tests import commanded
from tests.conftest import ROOT
from tests.program import Program
from tests.teams import MINUTE, START, Team, essential

TOLD = """
Checkout: an incident starts on Mon 2026-03-02 09:00 (Europe/Dublin), and nobody answers.

Minute   Time        Who    How                                   By way of
─────────────────────────────────────────────────────────────────────────────────────────────
     0   Mon 09:00   Ana    message (SMS 1)                       checkout, stage 1 → on-call
     0   Mon 09:00   Ana    not paged: VOICE 2 is not activated   checkout, stage 1 → on-call
     5   Mon 09:05   Ana    e-mail (EMAIL 3)                      checkout, stage 1 → on-call
     5   Mon 09:05   Ben    message (SMS 4)                       checkout, stage 2
    15   Mon 09:15   Cleo   message (SMS 5)                       checkout, stage 3

After that, nobody.
"""
AT = ("--at", "2026-03-02T09:00Z", "--zone", "Europe/Dublin")


@pytest.fixture
def environment(local_aws):
    """Return the environment of somebody who looks at the local AWS."""
    return {**local_aws.environment, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def team(local_aws):
    """Return who makes people in the local AWS, whose clock stands on a Monday at nine."""
    return Team(local_aws)


@pytest.fixture
def checkout(team):
    """Make a plan whose escalation goes from a schedule of two to a boss, and return its ARN.

    Ana has a message, a call that is not activated, and an e-mail five minutes later.
    """
    ana, ben, cleo = (
        team.contact(alias, "PERSONAL", Stages=[]) for alias in ("ana", "ben", "cleo")
    )
    kinds = {"SMS": True, "VOICE": False, "EMAIL": True}
    text, call, mail = (team.channel(ana, kind, active=on) for kind, on in kinds.items())
    team.plan(ana, (5, text, call), (0, mail))
    for person in (ben, cleo):
        team.plan(person, (0, team.channel(person)))
    for arn, name in ((ana, "Ana"), (ben, "Ben"), (cleo, "Cleo")):
        team.contacts.update_contact(ContactId=arn, DisplayName=name)
    schedule = team.schedule("on-call", team.rotation(ana, ben))
    root = team.escalation("checkout", (5, schedule), (10, essential(ben)), (0, cleo))
    template = {"title": "Checkout fails", "impact": 2}
    return team.incidents.create_response_plan(
        name="checkout", displayName="Checkout", incidentTemplate=template, engagements=[root]
    )["arn"]


def lines(done):
    """Return the lines of a table without what is at their ends."""
    return [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("checkout")
def test_a_tired_person_reads_who_is_called_on_what_and_when_next(environment):
    """To the last stage, with who is passed over and why; every line of a pipe is whole."""
    done = commanded.run(environment, "who", "checkout", *AT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n".join(lines(done)) == TOLD.strip()


def happened(team, plan, *answers):
    """Start an incident of a plan, let people answer, and return the pages that were sent."""
    incident = team.start(plan)
    for minutes, alias in answers:
        team.at(minutes)
        team.aws.acknowledge(alias, incident)
    team.at(120)
    return [
        {
            "minute": (datetime.fromisoformat(page["sentTime"]) - START) // MINUTE,
            "contact_arn": page["contactArn"],
            "channel_arn": page["contactChannelArn"],
            "type": page["type"],
            "via": [
                {
                    "contact_arn": each["ContactArn"],
                    "type": each["Type"],
                    "stage": each.get("StageIndex"),
                }
                for each in team.contacts.list_page_resolutions(PageId=page["pageArn"])[
                    "PageResolutions"
                ]
            ],
        }
        for page in team.aws.pages(incident)
    ]


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        ((), ()),
        (("--asleep", "ana", "--asleep", "Ben"), [(15, "cleo")]),
        (("--asleep", "ana", "--answer-after", "3m"), [(8, "ben")]),
        (("--answer-after", "2m"), [(2, "ana"), (7, "ben")]),
    ],
)
def test_the_pages_of_json_are_those_that_the_local_aws_sends(team, checkout, options, answers):
    """Minute, channel and the way there; with whoever is awake answering, too."""
    environment = {**team.aws.environment, "PYTHONPATH": str(ROOT)}
    done = commanded.run(environment, "who", checkout, *AT, *options, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == happened(team, checkout, *answers)


@pytest.mark.usefixtures("checkout")
def test_an_answer_is_in_the_table_and_ends_it(environment):
    """Who is awake acknowledges; in the first line is what was understood."""
    done = commanded.run(environment, "who", "checkout", *AT, "--asleep", "ana")
    told = lines(done)
    assert told[0].endswith("(Europe/Dublin), ana asleep, and everybody else answers at once.")
    assert told[-3].split() == [
        "5",
        "Mon",
        "09:05",
        "Ben",
        "acknowledges",
        "checkout,",
        "stage",
        "2",
    ]
    assert told[-1] == "After that, nobody."


@pytest.mark.usefixtures("checkout")
def test_somebody_looks_no_further_than_asked(environment):
    """And is told that it goes on, and when."""
    done = commanded.run(environment, "who", "checkout", *AT, "--for", "5m")
    assert "Ben" in done.stdout
    assert lines(done)[-1] == "It goes on: the next page is at minute 15."


@pytest.mark.usefixtures("checkout")
def test_what_cannot_be_looked_at_later_is_not_called_nobody(environment, team):
    """Somebody who looks no further is told that more may come, and what to allow."""
    found = {each["Alias"]: each["ContactArn"] for each in _contacts(team)}
    team.escalation("late", (10, found["ben"]), (0, found["on-call"]))
    team.aws.fail("GetRotation", "AccessDeniedException", times=None)
    done = commanded.run(environment, "who", "contact/late", *AT, "--for", "5m")
    assert done.returncode == 0
    assert lines(done)[-1] == "After that, nobody, as far as could be seen."
    assert "Allow ssm-contacts:GetRotation on " in done.stderr
    done = commanded.run(environment, "who", "contact/late", *AT)
    assert done.returncode == 2
    assert "whoever is on call   unknown: could not be looked at" in done.stdout


def _contacts(team):
    return team.contacts.list_contacts()["Contacts"]


@pytest.mark.parametrize(
    "asked", ["contact/{}", "arn:aws:ssm-contacts:us-east-1:123456789012:contact/{}"]
)
@pytest.mark.usefixtures("checkout")
def test_a_contact_is_asked_about_like_a_plan(environment, asked):
    """By its ARN, or by its alias with what an ARN has before it."""
    done = commanded.run(environment, "who", asked.format("on-call"), *AT)
    assert done.stdout.startswith("on-call: an incident starts on Mon 2026-03-02 09:00")
    assert "Ana" in done.stdout
    assert "Cleo" not in done.stdout


def test_a_plan_that_pages_nobody_is_a_finding(environment, team):
    """Exit code 1: it engages nobody, or only those whom nothing reaches."""
    template = {"title": "Quiet", "impact": 5}
    team.incidents.create_response_plan(name="quiet", incidentTemplate=template)
    done = commanded.run(environment, "who", "quiet")
    sentence = "Nobody at all is paged: quiet engages nobody."
    assert (done.returncode, lines(done)[-1]) == (1, sentence)
    told = commanded.told(environment, "who", "quiet", "--asleep", "ana")
    assert told == "ana is nobody who may be paged here, asleep or not: nobody is."
    team.contact("ana", "PERSONAL", Stages=[])
    done = commanded.run(environment, "who", "contact/ana")
    assert (done.returncode, lines(done)[-1]) == (1, "Nobody at all is paged.")
    assert "passed over: has no stages" in done.stdout
    done = commanded.run(environment, "who", "contact/ana", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])


def test_pagerduty_is_said_to_page_whom_it_knows(environment, local_aws, team):
    """Nobody here can tell whom, so it is neither nobody nor fine."""
    local_aws.permissions("off")
    told = {"name": "shop", "secretId": "pd", "pagerDutyIncidentConfiguration": {"serviceId": "P1"}}
    team.incidents.create_response_plan(
        name="paged",
        incidentTemplate={"title": "Paged", "impact": 2},
        integrations=[{"pagerDutyConfiguration": told}],
    )
    done = commanded.run(environment, "who", "paged")
    assert done.returncode == 2
    assert lines(done)[-1] == "PagerDuty is told, too, and pages whom its service shop knows."


@pytest.mark.parametrize(
    ("operation", "seen"),
    [("ListContactChannels", 0), ("GetRotation", 2), ("ListRotationOverrides", 2)],
)
@pytest.mark.usefixtures("checkout")
def test_what_cannot_be_looked_at_is_not_called_fine(environment, local_aws, operation, seen):
    """Exit code 2, unknown in the table, and one sentence that says what to allow."""
    local_aws.fail(operation, "AccessDeniedException", times=None)
    done = commanded.run(environment, "who", "checkout", *AT)
    assert done.returncode == 2
    assert "unknown: could not be looked at" in done.stdout
    assert f"Allow ssm-contacts:{operation} on " in done.stderr
    assert done.stdout.count("message") == seen
    assert lines(done)[-1].endswith(", as far as could be seen.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("chekout",),
            r"There is no response plan chekout in this account: did you mean checkout?",
        ),
        (("CHECKOUT",), "There is no response plan CHECKOUT in this account: did you mean check"),
        (("on-call",), "on-call is no response plan but a contact: write contact/on-call."),
        (("contact/anna",), r"There is no contact contact/anna in this account: did you mean ana?"),
        (("contact/Ana",), r"There is no contact contact/Ana in this account: did you mean ana?"),
        (
            ("checkout", "--asleep", "zoe"),
            "zoe is nobody who may be paged here, asleep or not: there are ana, ben, cleo.",
        ),
        (("checkout", "--zone", "Dublin"), "Dublin is no time zone: write the name of one as"),
        (("checkout", "--at", "soon"), "'soon' is no time: write now, 03:00, tomorrow 03:00,"),
        (("checkout", "--for", "2"), "'2' is no duration: write 90s, 2m or 1h30m."),
        (("checkout", "--for", ""), "'' is no duration: write 90s, 2m or 1h30m."),
        (("checkout", "--answer-after", ""), "'' is no duration: write 90s, 2m or 1h30m."),
        (("checkout", "--answer-after", "x"), "'x' is no duration: write 90s, 2m or 1h30m."),
        ((), "Name a response plan, or a stack that has one: --stack NAME."),
        (("checkout", "--profile", "nobody"), "AWS cannot be asked: The config profile (nobody)"),
    ],
)
@pytest.mark.usefixtures("checkout")
def test_a_mistake_is_one_sentence(environment, words, sentence):
    """With what to do; and exit code 2."""
    assert commanded.told(environment, "who", *words).startswith(sentence)


@pytest.mark.usefixtures("checkout")
def test_a_name_of_two_is_asked_for_by_alias(environment, team):
    """Nobody sleeps in the place of a namesake."""
    for each in _contacts(team):
        if each["Alias"] in ("ben", "cleo"):
            team.contacts.update_contact(ContactId=each["ContactArn"], DisplayName="Robin")
    told = commanded.told(environment, "who", "checkout", "--asleep", "ROBIN")
    assert told == "ROBIN is the name of ben and cleo: say --asleep by the alias."
    done = commanded.run(environment, "who", "checkout", *AT, "--asleep", "contact/cleo")
    assert done.returncode == 0
    assert "Robin (ben)   acknowledges" in done.stdout


@pytest.mark.usefixtures("checkout")
def test_who_sleeps_may_be_somebody_who_cannot_be_looked_at(environment, local_aws):
    """Nobody is said to be a stranger because of it."""
    local_aws.fail("GetRotation", "AccessDeniedException", times=None)
    told = commanded.told(environment, "who", "checkout", "--asleep", "ana")
    assert told.startswith("Whether ana may be paged here could not be seen: ssm-contacts:GetRotat")
    assert commanded.run(environment, "who", "checkout", "--asleep", "cleo").returncode == 2


@pytest.mark.usefixtures("checkout")
def test_nothing_is_written_and_no_address_is_told(environment, local_aws):
    """The log of requests proves the one, and all that is printed the other."""
    local_aws.forget()
    for options in ((), ("--json",)):
        done = commanded.run(environment, "who", "checkout", *AT, *options)
        assert "+1555" not in done.stdout + done.stderr
        assert "example.com" not in done.stdout + done.stderr
    asked = local_aws.requests(None)
    assert [each["operation"] for each in asked if each["mutating"]] == []
    assert {each["operation"] for each in asked} == {
        "ListResponsePlans",
        "GetResponsePlan",
        "GetContact",
        "ListContactChannels",
        "GetRotation",
        "ListRotationOverrides",
    }


def test_a_stack_says_which_plan_and_which_account(
    tmp_path, stack_environment, checkout, local_aws
):
    """By its outputs and its configuration; the environment names no region and no keys."""
    program = Program(
        tmp_path / "program",
        stack_environment,
        f"import pulumi\npulumi.export('plan', {{'arn': '{checkout}'}})\n",
    )
    program.configure(
        **{
            "aws:region": "us-east-1",
            "aws:accessKey": "test",
            "aws:secretKey": "test",
            "aws:endpoints": json.dumps(
                [{"ssmincidents": local_aws.url, "ssmcontacts": local_aws.url}]
            ),
        }
    )
    program.up(settled=False)
    bare = {key: stack_environment[key] for key in stack_environment if "AWS_" not in key}
    asked = ("who", "--stack", "local", *AT)
    there = commanded.run(bare, *asked, folder=program.folder)
    assert there.stdout.startswith("Checkout: an incident starts on Mon 2026-03-02 09:00")
    elsewhere = commanded.run(bare, *asked, "--cwd", str(program.folder), folder=tmp_path)
    assert elsewhere.stdout == there.stdout
    assert commanded.told(bare, "who", "--stack", "nope", folder=program.folder).endswith(
        "no stack named 'nope' found."
    )


def test_of_several_plans_of_a_stack_one_is_named(tmp_path, stack_environment):
    """Nobody is told of another plan than the one that is meant."""
    arn = "arn:aws:ssm-incidents::123456789012:response-plan"
    source = f"import pulumi\npulumi.export('plans', ['{arn}/one', '{arn}/two'])\n"
    program = Program(tmp_path / "program", stack_environment, source)
    program.up(settled=False)
    told = commanded.told(stack_environment, "who", "--stack", "local", folder=program.folder)
    assert told == "Stack local has several response plans: name one of one, two."


@pytest.mark.usefixtures("checkout")
def test_ctrl_c_ends_it_at_once_whatever_is_under_way(environment, local_aws):
    """With the code of a command that was interrupted, and without a word."""
    local_aws.delay("ListContactChannels", 60, times=None)
    local_aws.forget()
    with subprocess.Popen(
        [sys.executable, "-m", commanded.MODULE, "who", "checkout"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while "GetRotation" not in local_aws.operations("ssm-contacts"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def on_a_terminal(environment, *words):
    """Run a command whose stderr is a terminal, and return what that shows."""
    shown, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", commanded.MODULE, *words],
        env={**environment, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        assert process.stdout.read()
        assert process.wait() == 0
    told = b""
    with os.fdopen(shown, "rb", buffering=0) as screen, suppress(OSError):  # EIO is its end
        while part := screen.read(4096):
            told += part
    return told.decode()


@pytest.mark.usefixtures("checkout")
def test_a_terminal_is_told_what_takes_longer_than_a_second(environment, local_aws):
    """A pipe is not, whatever it takes."""
    local_aws.delay("GetResponsePlan", 2.5, times=2)
    assert "Reading who is engaged" in on_a_terminal(environment, "who", "checkout", *AT)
    assert commanded.run(environment, "who", "checkout", *AT).stderr == ""


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_pipe_that_is_closed_is_no_error(environment, options):
    """Whoever has read enough is not told of it."""
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [sys.executable, "-m", commanded.MODULE, "who", "checkout", *AT, *options],
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(writing)
        told = process.stderr.read()
        process.wait()
    assert "Error" not in told
    assert told.count("\n") <= 3 * len(options)  # the words that are beside JSON
