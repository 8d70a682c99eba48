"""The import command as a person runs it, and stacks that pulumi-aws has filled."""

from __future__ import annotations

import json
import subprocess

from tests import commanded, walkthrough
from tests.conftest import ROOT

COMMAND = "pulumi_incidents.providers.import_file"
OFFICIAL = "aws:ssmincidents/responsePlan:ResponsePlan"
SECRET = "correct horse battery staple"
IMPORT = ("import", "--file", "import.json", "--generate-code=false", "--yes")


def run(folder, environment, *arguments):
    """Run the command and return what ended."""
    return commanded.run(environment, *arguments, module=COMMAND, folder=folder)


def write(program, *arguments):
    """Run the command in the folder of a program and return what it printed."""
    done = run(program.folder, program.environment, *arguments)
    assert done.stderr == ""
    return done.stdout


def declare(program, source="import imported\n"):
    """Change the source of a program."""
    (program.folder / "__main__.py").write_text(source)


def untouched(local_aws):
    """Tell whether AWS was only read."""
    return not any(entry["mutating"] for entry in local_aws.requests())


def adopt_state(program, *resources, provider_inputs=None):
    """Put resources and the provider that pulumi-aws has by default into the state of a stack."""
    program.up(settled=False)
    exported = json.loads(program.run("stack", "export"))
    inputs = {"region": "us-east-1", "version": "7.51.1", **(provider_inputs or {})}
    default = provider("default_7_51_1", inputs)
    exported["deployment"]["resources"] += [default, *resources]
    state = program.folder.parent / "state.json"
    state.write_text(json.dumps(exported))
    program.run("stack", "import", "--file", str(state))


def provider(name, inputs):
    """Return the state of a provider of pulumi-aws."""
    urn = f"urn:pulumi:local::incidents::pulumi:providers:aws::{name}"
    properties = {"inputs": inputs, "outputs": inputs}
    return {"urn": urn, "custom": True, "id": "1", "type": "pulumi:providers:aws", **properties}


def official(arn, name, *, kind=OFFICIAL, parent="", provider="default_7_51_1", **more):
    """Return the state of a resource of pulumi-aws, one of its inputs a secret."""
    stack = "urn:pulumi:local::incidents::pulumi:pulumi:Stack::incidents-local"
    within = f"{parent.split('::')[2]}$" if parent else ""
    return {
        "urn": f"urn:pulumi:local::incidents::{within}{kind}::{name}",
        "custom": True,
        "id": arn,
        "type": kind,
        "inputs": {"displayName": SECRET, "name": arn.rpartition("/")[2]},
        "outputs": {"arn": arn, "displayName": SECRET, "id": arn},
        "parent": parent or stack,
        "provider": f"urn:pulumi:local::incidents::pulumi:providers:aws::{provider}::1",
        **more,
    }


def blocks(section):
    """Return the blocks of a section of the walk-through, as kind and text."""
    text = (ROOT / "docs/import.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return walkthrough.blocks(text, "console", "python")


def follow(program, section, name):
    """Do what a section of the walk-through says, and compare what is printed."""
    for kind, text in blocks(section):
        block = text.replace("checkout", name).replace("prod::shop", "local::incidents")
        if kind == "python" and "imported with import.json" in block:
            assert (program.folder / "imported.py").read_text() == block
        elif kind == "python":
            declare(program, block)
        else:
            for command, expected in walkthrough.steps(block):
                walkthrough.assert_printed(command, expected, shell(program, command))


def shell(program, command):
    """Run a command as a person types it and return what it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
