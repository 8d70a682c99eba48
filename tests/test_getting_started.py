"""docs/getting-started.md, as somebody does it. Real: the engine, the local AWS, every command.

Not done are the commands for the AWS CLI and for making a folder and installing into it.
"""

from __future__ import annotations

import json
import shlex

from tests.documents import blocks, commands
from tests.program import Program

PAGE = "docs/getting-started.md"


class Reader(Program):
    """Somebody in an empty folder, who copies what the page prints."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        folder.mkdir()

    def follow(self):
        """Write the files and run the commands in the order of the page, and yield the answers."""
        for block in blocks():
            if block.page != PAGE:
                continue
            if block.language == "yaml":
                # The environment of the tests takes the place of the one that the page makes.
                text = block.text.replace("  options:\n    virtualenv: .venv\n", "")
                assert text != block.text
                (self.folder / "Pulumi.yaml").write_text(text)
            elif block.language == "python":
                with (self.folder / "__main__.py").open("a") as program:
                    program.write(block.text)
            elif block.language == "console":
                for command in commands(block):
                    tool, *arguments = shlex.split(command)
                    if tool == "pulumi":
                        yield " ".join(arguments), self.run(*arguments)


def test_a_stranger_gets_from_nothing_to_a_plan_and_a_drill(
    tmp_path, stack_environment, incidents, local_aws
):
    """Who follows the page has a plan, then an incident that engages nobody, then neither."""
    reader = Reader(tmp_path / "my-response", stack_environment)
    answers = dict(reader.follow())
    plan, incident = (answers[f"stack output {name}"].strip() for name in ("plan", "incident"))
    assert ":response-plan/checkout-" in plan
    record = incidents.get_incident_record(arn=incident)["incidentRecord"]
    assert record["title"] == "Drill first"
    assert record["status"] == "RESOLVED"
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert local_aws.operations().count("StartIncident") == 1
    assert json.loads(reader.run("stack", "export"))["deployment"].get("resources", []) == []
