"""docs/getting-started.md, as somebody does it who has no account, from its text as it stands.

Real: the engine, every command of Pulumi, the local AWS that the page starts, and the wheel of
these sources in an environment that is on no PATH. Not done are the commands for the AWS CLI, which
are for accounts, and those that make the folder and install into it: the environment of all tests
is linked to where the page makes one. The port is any that is free, and `pulumi up` is told yes.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess

import pytest

from pulumi_incidents.emulator.testing import LocalAws
from tests.documents import blocks, commands
from tests.program import Program

PAGE = "docs/getting-started.md"
URL = "http://127.0.0.1:4566"
SERVER = "pulumi_incidents.emulator"


class Reader(Program):
    """Somebody in an empty folder, who copies what the page prints."""

    def __init__(self, folder, environment, virtualenv):
        self.folder = folder
        self.environment = environment
        self.servers = []
        folder.mkdir()
        (folder / ".venv").symlink_to(virtualenv)

    def follow(self):
        """Write the files and run the commands in the order of the page, and yield the answers."""
        for block in blocks():
            if block.page != PAGE:
                continue
            if block.language == "yaml":
                (self.folder / "Pulumi.yaml").write_text(block.text)
            elif block.language == "python":
                with (self.folder / "__main__.py").open("a") as program:
                    program.write(block.text)
            elif block.language == "console":
                for command in commands(block):
                    yield from self.do(*shlex.split(command))

    def do(self, tool, *arguments):
        """Do what a command says, and yield what Pulumi answered."""
        if tool == "pulumi":
            yes = ("--yes",) if arguments[0] in ("up", "destroy") else ()
            yield " ".join(arguments), self.run(*arguments, *yes)
        elif tool == "export":
            said = dict(variable.split("=", 1) for variable in arguments)
            self.environment |= {key: said[key].replace(URL, self.url) for key in said}
        elif tool == "unset":
            self.environment = {
                key: self.environment[key] for key in self.environment if key not in arguments
            }
        elif SERVER in arguments:
            free = ["0" if word == "4566" else word for word in arguments]
            self.servers.append(
                subprocess.Popen(
                    [tool, *free],
                    cwd=self.folder,
                    env=self.environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            self.url = self.servers[0].stdout.readline().strip()

    def changes_at_aws(self):
        """Return the newest request that may have changed something."""
        return [each for each in LocalAws(self.url).requests() if each["mutating"]][-1:]

    def leave(self):
        """End what runs in the other terminal."""
        for server in self.servers:
            with server:
                server.terminate()


@pytest.fixture
def reader(tmp_path, strangers_environment, workshop):
    """Return a reader who has the engine on PATH, and the package where the page puts it."""
    knows = {key: strangers_environment[key] for key in strangers_environment if key[:4] != "AWS_"}
    knows |= {"AWS_PROFILE": "production", "AWS_CONFIG_FILE": os.devnull}
    reader = Reader(tmp_path / "my-response", knows, workshop / "venv")
    yield reader
    reader.leave()


def test_a_stranger_gets_from_nothing_to_a_plan_and_a_drill(reader):
    """Who follows the page has a plan, then an incident that engages nobody, then neither."""
    answers = dict(reader.follow())
    assert len(reader.servers) == 1
    plan, incident = (answers[f"stack output {name}"].strip() for name in ("plan", "incident"))
    assert ":response-plan/checkout-" in plan
    aws = LocalAws(reader.url)
    incidents = aws.client("ssm-incidents")
    record = incidents.get_incident_record(arn=incident)["incidentRecord"]
    assert record["title"] == "Drill first"
    assert record["status"] == "RESOLVED"
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert aws.operations().count("StartIncident") == 1
    assert json.loads(reader.run("stack", "export"))["deployment"].get("resources", []) == []
