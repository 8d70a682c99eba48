"""The local stack as its own doctor sees it, and that no command writes anything.

Real: the program of this repository on the engine, the local AWS with its log of requests, and the
commands as processes.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess

import pytest

from tests import commanded
from tests.conftest import ROOT
from tests.program import Program
from tools import people


@pytest.fixture
def program(tmp_path, stack_environment, local_aws):
    """Bring the local stack up, with all that `make up` does besides."""
    made = Program.of_this_repository(tmp_path / "program", stack_environment)
    outputs = made.up(settled=False)
    people.protect(local_aws)
    people.follow(local_aws, outputs["plan_arn"])
    people.tell(local_aws, outputs["on_call_arn"])
    made.outputs = outputs
    local_aws.forget()
    return made


def test_the_local_stack_would_work_and_commands_write_nothing(program, local_aws):
    """`make doctor` finds nothing after `make up`, sees everything, and each command only reads."""
    here = {"folder": program.folder}

    def run(*words):
        done = commanded.run(program.environment, *words, **here)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    report = json.loads(run("doctor", "--stack", "local", "--fail-on", "note", "--json"))
    assert {each["status"] for each in report["results"]} == {"fine"}
    assert report["plans"] == [program.outputs["plan_arn"]]
    assert len({each["check"] for each in report["results"]}) > 30
    run("doctor", "--all")
    run("who", program.outputs["plan_arn"], "--json")
    # The rotation is not older than this test.
    rota = ("rota", program.outputs["plan_arn"], "--from", "tomorrow", "--compare")
    run(*rota, "--ics", str(program.folder / "rota.ics"))
    run("import", program.outputs["on_call_arn"], "--whole")
    requests = local_aws.requests(None)
    assert len(requests) > 100
    assert [each["operation"] for each in requests if each["mutating"]] == []


@pytest.mark.parametrize(
    ("stack", "command"),
    [
        ("local", "tools.local doctor"),
        ("prod", "pulumi_incidents.commands doctor --stack prod"),
    ],
)
def test_make_doctor_looks_at_the_stack_that_is_named(stack, command):
    """Of another stack than the local one, the account is that of its configuration."""
    make = ["make", "-n", "-o", ".venv/.installed", "doctor", f"STACK={stack}"]
    # Another make may have started these tests, and has words of its own for one inside it.
    inner = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    inner = {name: value for name, value in inner.items() if name not in ("MFLAGS", "STACK")}
    done = subprocess.run(make, cwd=ROOT, env=inner, capture_output=True, text=True, check=True)
    assert shlex.split(done.stdout)[1:] == ["-m", *command.split()]


def test_what_make_up_does_for_people_is_done_once(local_aws, incidents, topics):
    """The set is protected, and a chat client follows the chat channel, however often it runs."""
    del topics
    sns = local_aws.client("sns")
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    template = {"title": "Shop is down", "impact": 2}
    plan = incidents.create_response_plan(
        name="shop", incidentTemplate=template, chatChannel={"chatbotSns": [topic]}
    )["arn"]
    for _ in range(2):
        people.protect(local_aws)
        people.follow(local_aws, plan)
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    assert incidents.get_replication_set(arn=arn)["replicationSet"]["deletionProtected"]
    found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["Endpoint"] for each in found] == [people.CHAT_CLIENT]
    assert local_aws.operations().count("UpdateDeletionProtection") == 1
