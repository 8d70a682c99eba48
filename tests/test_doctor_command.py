"""`pulumi-incidents doctor`, as a person or a CI runs it.

Real: the command, mostly as a process of its own, boto3, the local AWS.
"""

from __future__ import annotations

import json
import os
import sys

import junitparser
import pytest

from pulumi_incidents.commands import app
from pulumi_incidents.commands.doctor import pages
from pulumi_incidents.commands.doctor.catalog import CHECKS
from tests import commanded

TEMPLATE = {"title": "Shop is down", "impact": 2}
GONE = "arn:aws:ssm-incidents::123456789012:response-plan/gone"


@pytest.fixture
def doctor(local_aws):
    """Return what runs the command."""
    return lambda *words: commanded.run(local_aws.environment, "doctor", *words)


@pytest.fixture
def told(local_aws, capsys, monkeypatch):
    """Return what runs the command in this process, where it has to fail with a sentence."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["pulumi-incidents", "doctor", *words])
        with pytest.raises(SystemExit, match=r"^2$"):
            app.main()
        out, error = capsys.readouterr()
        assert out == ""
        return error.removeprefix("error: ")

    return run


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan."""
    return incidents.create_response_plan(name="shop", incidentTemplate=TEMPLATE)["arn"]


def test_a_plan_may_be_said_by_its_name_or_its_arn(doctor, plan):
    """Each of them is looked at, and the report says so."""
    for name in ("shop", plan):
        done = doctor(name, "--json", "--only", "plan-exists")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["plans"] == [plan]
        assert report["counts"] == {"fine": 1}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("shop",), 0),
        (("shop", GONE), 1),
        ((GONE, "--fail-on", "never"), 0),
        ((GONE, "--ignore", f"plan-exists:{GONE}=it is not made yet"), 0),
    ],
)
@pytest.mark.usefixtures("plan")
def test_the_exit_code_says_whether_something_was_found(doctor, words, code):
    """A CI needs to read no report."""
    done = doctor(*words, "--only", "plan-exists")
    assert done.returncode == code, done.stdout + done.stderr


def test_nothing_unseen_is_fine(doctor, local_aws, plan):
    """The report says what could not be looked at, and the exit code that nobody knows."""
    local_aws.fail("GetResponsePlan", "AccessDeniedException", times=None)
    done = doctor("--all", "--only", "plan-exists")
    assert done.returncode == 2
    assert f"NOT SEEN  plan-exists\n  {plan}\n" in done.stdout
    assert "Allow ssm-incidents:GetResponsePlan" in done.stdout
    assert "0 checks fine" in done.stdout


def test_the_report_goes_into_a_file_as_it_is_asked_for(doctor, tmp_path, plan):
    """What came of it is told in a line, and the file has the rest."""
    file = tmp_path / "doctor.xml"
    done = doctor("shop", GONE, "--only", "plan-exists", "--format", "junit", "--output", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"1 error, 0 checks fine. See {file}.\n"
    [suite] = junitparser.JUnitXml.fromfile(str(file))
    assert {case.name: case.is_passed for case in suite} == {plan: True, GONE: False}


def test_what_is_ignored_may_be_in_a_file(doctor, tmp_path, plan):
    """A team reviews it; what is no longer needed in it is told if everything was looked at."""
    file = tmp_path / "ignored"
    # With the mark that some editors of Windows put before everything.
    file.write_text(f"\ufeff# decided in March\nplan-exists:{GONE}=it is not made yet\n")
    done = doctor(plan, GONE, "--only", "plan-exists", "--ignore-file", str(file))
    assert done.returncode == 0
    assert "Reason: it is not made yet" in done.stdout
    done = doctor("--all", "--format", "sarif", "--ignore-file", str(file))
    assert f"nothing to ignore for plan-exists:{GONE}" in done.stderr
    assert json.loads(done.stdout)["version"] == "2.1.0"


def test_each_check_is_listed_and_explained(doctor):
    """The list leads to the pages, and both need no account."""
    listed = doctor("--list").stdout.splitlines()
    assert listed[0].split(maxsplit=2)[:2] == ["plan-exists", "error"]
    assert [line.split()[0] for line in listed] == [check.name for check in CHECKS]
    last = CHECKS[-1]
    assert doctor("--explain", last.name).stdout == f"{pages.page(last)}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name response plans, or give --all or --stack"),
        (("--all", "shop"), "--all is every plan"),
        (("shp",), "There is no response plan shp in this account: did you mean shop?"),
        (("--all", "--only", "weather"), "There is no check weather"),
        (("--explain", "weather"), "There is no check weather"),
        (("--all", "--ignore", "plan-exists"), "CHECK:RESOURCE=reason"),
        (("--all", "--ignore-file", "/nowhere"), "cannot be read from /nowhere"),
        (("--all", "--json", "--format", "sarif"), "--json is another format than sarif"),
        (("--all", "--json", "--output", "/nowhere/x"), "cannot be written to /nowhere/x"),
        (("--all", "--at", "later"), "'later' is no time"),
    ],
)
@pytest.mark.usefixtures("plan")
def test_what_cannot_be_done_is_told_in_a_sentence(told, words, sentence):
    """Nothing that is given is ignored silently."""
    assert sentence in told(*words)


def test_plans_that_cannot_be_listed_are_told(told, local_aws):
    """Without the list nobody knows what everything is."""
    local_aws.fail("ListResponsePlans", "AccessDeniedException", times=None)
    assert "Allow ssm-incidents:ListResponsePlans" in told("--all")


def test_plans_go_on_being_looked_at_where_people_cannot_be_listed(doctor, local_aws, plan):
    """One permission that lacks does not keep everything else from sight."""
    local_aws.fail("ListContacts", "AccessDeniedException", times=None)
    done = doctor("--all", "--json", "--only", "plan-exists")
    [result] = json.loads(done.stdout)["results"]
    assert (result["status"], result["subject"]) == ("fine", plan)
