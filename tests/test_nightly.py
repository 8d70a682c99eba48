"""What CI runs every night, as `examples/nightly` has it.

Real: the schemas of both CI systems, the commands in the files in a shell, the local AWS with its
STS. The systems themselves are not here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import junitparser
import pytest
import yaml

from tests import rights
from tests.conftest import ROOT

NIGHTLY = ROOT / "examples/nightly"
TEMPLATE = {"title": "Shop is down", "impact": 2}


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the folder, and beside it the command, as pip would put it on PATH."""
    program = tmp_path / "bin/pulumi-incidents"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pulumi_incidents.commands "$@"\n')
    program.chmod(0o755)
    return shutil.copytree(NIGHTLY, tmp_path / "repository")


def shell(copy, environment, script):
    """Run a line of a CI."""
    path = os.pathsep.join([str(copy.parent / "bin"), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-ec", script],
        cwd=copy,
        env={**environment, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "schema"), [("github", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")]
)
def test_a_file_is_as_its_system_reads_it(file, schema):
    """Keys and values are those of the published schema."""
    options = ["--builtin-schema", schema, str(NIGHTLY / f"{file}.yml")]
    command = [sys.executable, "-m", "check_jsonschema", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_github_gets_alerts_of_what_is_wrong(copy, local_aws, incidents):
    """The step fails where something is found, and the file for the next one is there."""
    incidents.create_response_plan(name="shop", incidentTemplate=TEMPLATE)
    workflow = yaml.safe_load((copy / "github.yml").read_text())
    steps = workflow["jobs"]["doctor"]["steps"]
    [look] = [step for step in steps if step.get("name") == "Look at the account"]
    done = shell(copy, local_aws.environment, look["run"])
    assert done.returncode == 1, done.stderr
    [upload] = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    report = json.loads((copy / upload["with"]["sarif_file"]).read_text())
    assert "plan-engages" in [each["ruleId"] for each in report["runs"][0]["results"]]
    # Of the permissions that its steps use, none is missing.
    assert workflow["permissions"] == {
        "contents": "read",
        "id-token": "write",
        "security-events": "write",
    }


def test_gitlab_gets_a_report_with_the_role_of_its_token(copy, local_aws, incidents):
    """Who reads is the role that the token leads to, and no key is kept anywhere."""
    incidents.create_response_plan(name="shop", incidentTemplate=TEMPLATE)
    iam = local_aws.client("iam")
    trust = rights.allow("sts:AssumeRoleWithWebIdentity")
    del trust["Statement"][0]["Resource"]
    trust["Statement"][0]["Principal"] = {"Federated": "*"}
    role = rights.role(iam, "doctor", trust, rights.allow("*"))
    job = yaml.safe_load((copy / "gitlab.yml").read_text())["doctor"]
    token = copy / "token"
    given = {"$DOCTOR_ROLE_ARN": role, "/tmp/doctor-token": str(token)}  # noqa: S108 - of the file
    variables = {name: given.get(value, value) for name, value in job["variables"].items()}
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    kept = {name: each for name, each in local_aws.environment.items() if name not in keys}
    environment = {**kept, **variables, "DOCTOR_TOKEN": "a.token.of-gitlab"}
    local_aws.forget()
    written = shell(copy, environment, job["before_script"][-1])
    assert written.returncode == 0, written.stderr
    [script] = job["script"]
    done = shell(copy, environment, script)
    assert done.returncode == 1, done.stderr
    suites = junitparser.JUnitXml.fromfile(str(copy / job["artifacts"]["reports"]["junit"]))
    assert suites.failures > 0
    assert suites.errors == 0
    assert "AssumeRoleWithWebIdentity" in local_aws.operations(None)


def test_the_file_of_what_is_ignored_says_how(copy, local_aws):
    """Its line is one that the command takes, once somebody needs it."""
    file = copy / "doctor.ignored"
    file.write_text(file.read_text().replace("# person", "person"))
    done = shell(
        copy, local_aws.environment, "pulumi-incidents doctor --all --ignore-file doctor.ignored"
    )
    assert "There is nothing to ignore for person-kinds:*:contact/ana: take it out." in done.stdout
