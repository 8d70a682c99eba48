"""What a preview says an `up` does to people: who is engaged and told by what would start.

Real: the Pulumi engine, the plugin process, the stand-in of pulumi-aws and the local AWS.
"""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.mocked import ACCOUNT
from tests.program import Program

CONTACT = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact/"
LIVE = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/live"

SOURCE = f"""
import json
import pathlib

import pulumi
from pulumi_incidents.providers import Incident, ResponsePlan
from pulumi_incidents.stacks import Drill, IncidentResponse

declared = json.loads(pathlib.Path("declared.json").read_text())
engaged = [pulumi.Output.from_input("{CONTACT}ana"), "{CONTACT}ben"]
response = IncidentResponse(
    "shop", {{"title": "Shop is down", "impact": 1, "engagements": engaged}}
)
for name, paging in (("muted", False), ("loud", True)):
    drill = {{"occurrence": declared["occurrence"], "plan_arn": "{LIVE}", "paging": paging}}
    Drill(name, drill)
triggers = {{"occurrence": declared["occurrence"]}}
pulumi.export("topic", response.topic_arn)
Incident("ours", response_plan_arn=response.plan_arn, triggers=triggers)
Incident("theirs", response_plan_arn="{LIVE}", triggers=triggers)
looked_up = ResponsePlan.get("looked-up", "{LIVE}")
Incident("seen", response_plan_arn=looked_up.arn, triggers=triggers)
Incident("off", response_plan_arn="{LIVE}", enabled=declared["enabled"])
hidden = ResponsePlan(
    "hidden",
    incident_template={{"title": "x", "impact": 5}},
    engagements=[pulumi.Output.secret("{CONTACT}eva")],
)
Incident("hidden", response_plan_arn=hidden.arn, triggers=triggers)
"""


pytestmark = pytest.mark.usefixtures("topics")


def said(program):
    """Return the sentences of a preview as name of the incident -> what happens to people."""
    printed = json.loads(program.run("preview", "--json"))["diagnostics"]
    lines = [each["message"].strip() for each in printed]
    begin, middle = "Incident ", " is to be started: it "
    found = [line[len(begin) :].partition(middle) for line in lines if middle in line]
    assert len(found) == len({name for name, _, _ in found})  # each once
    return {name: rest for name, _, rest in found}


def test_a_preview_says_whom_each_start_engages_and_tells(tmp_path, stack_environment, incidents):
    """A muted and a paging drill differ, a change that starts another incident says so."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:chat"
    incidents.create_response_plan(
        name="live",
        incidentTemplate={
            "title": "Down",
            "impact": 1,
            "notificationTargets": [{"snsTopicArn": topic.replace("chat", "updates")}],
        },
        chatChannel={"chatbotSns": [topic]},
        engagements=[f"{CONTACT}carl"],
    )
    program = Program(tmp_path / "program", stack_environment, SOURCE)
    program.configure()

    def declare(**declared):
        (program.folder / "declared.json").write_text(json.dumps(declared))

    declare(occurrence="1", enabled=False)
    nobody = "engages nobody and tells no topic."
    live = "engages contact/carl and tells updates, chat."
    expected = {
        "muted": nobody,
        "loud": live,
        "theirs": f"engages and tells whomever {LIVE} does at AWS.",
        "seen": live,
        "hidden": "engages somebody who is secret and tells no topic.",
    }
    first = {
        **expected,
        "ours": "engages contact/ana, contact/ben and tells somebody who is known later.",
    }
    assert said(program) == first
    topic = program.up(settled=False)["topic"].rpartition(":")[2]
    assert said(program) == {}

    declare(occurrence="2", enabled=True)
    again = {
        "ours": f"engages contact/ana, contact/ben and tells {topic}.",
        "off": expected["theirs"],
    }
    assert said(program) == {**expected, **again}
    shown = subprocess.run(
        ["pulumi", "preview", "--diff", "--non-interactive"],
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"Incident loud is to be started: it {live}" in shown.stderr
