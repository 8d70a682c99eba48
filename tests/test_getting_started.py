"""docs/getting-started.md, as somebody does it, from its text as it stands.

Real: the engine, the local AWS, every command of Pulumi, and the wheel of these sources in an
environment that is on no PATH. Not done are the commands for the AWS CLI, and those that make the
folder and install into it: the environment of all tests is linked to where the page makes one.
"""

from __future__ import annotations

import json
import shlex

import pytest

from tests.documents import blocks, commands
from tests.program import Program

PAGE = "docs/getting-started.md"


class Reader(Program):
    """Somebody in an empty folder, who copies what the page prints."""

    def __init__(self, folder, environment, virtualenv):
        self.folder = folder
        self.environment = environment
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
                    tool, *arguments = shlex.split(command)
                    if tool == "pulumi":
                        yield " ".join(arguments), self.run(*arguments)


@pytest.fixture
def reader(tmp_path, strangers_environment, workshop):
    """Return a reader who has the engine on PATH, and the package where the page puts it."""
    return Reader(tmp_path / "my-response", strangers_environment, workshop / "venv")


def test_a_stranger_gets_from_nothing_to_a_plan_and_a_drill(reader, incidents, local_aws):
    """Who follows the page has a plan, then an incident that engages nobody, then neither."""
    answers = dict(reader.follow())
    plan, incident = (answers[f"stack output {name}"].strip() for name in ("plan", "incident"))
    assert ":response-plan/checkout-" in plan
    record = incidents.get_incident_record(arn=incident)["incidentRecord"]
    assert record["title"] == "Drill first"
    assert record["status"] == "RESOLVED"
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert local_aws.operations().count("StartIncident") == 1
    assert json.loads(reader.run("stack", "export"))["deployment"].get("resources", []) == []
