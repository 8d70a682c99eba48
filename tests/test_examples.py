"""The programs in `examples/`, as somebody runs them who has installed the package.

Real: the wheel, built from these sources and installed into a virtual environment of its own that
takes its dependencies from this one; the Pulumi engine and its plugin processes, all run by that
environment from copies of the examples; the stand-in of pulumi-aws that is in the wheel; the local
AWS. The sources are on nobody's path.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from datetime import timedelta

import pytest

from tests.conftest import ROOT
from tests.documents import blocks
from tests.program import Program
from tests.wheel import STAND_IN, run

EXAMPLES = ROOT / "examples"


class Example(Program):
    """A copy of an example outside of the repository, as a stack named `dev`, never configured."""

    def __init__(self, name, folder, environment):
        self.folder = shutil.copytree(EXAMPLES / name, folder / name)
        self.environment = environment
        self.run("stack", "init", "dev")

    def again(self):
        """Show that a second `up` finds nothing to do."""
        self.run("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_the_wheel_has_all_of_the_package_and_nothing_else(workshop):
    """Code, type marker, licence and the executable stand-in are in; tests and tools are not."""
    (wheel,) = (workshop / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        modes = {member.filename: member.external_attr >> 16 for member in archive.infolist()}
    source = workshop / "source"
    code = (source / "pulumi_incidents").rglob("*")
    metadata = wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"
    assert set(modes) == {
        *(str(path.relative_to(source)) for path in code if path.is_file()),
        *(
            f"{metadata}/{name}"
            for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt")
        ),
        f"{metadata}/licenses/LICENSE",
    }
    assert [name for name, mode in modes.items() if mode & 0o111] == [STAND_IN]


def test_no_plugin_is_asked_for_that_there_is_not(installed_environment, tmp_path):
    """A package called pulumi-… is taken for one with a plugin of that name, unless it says no."""
    program = Example("web_service", tmp_path, installed_environment)
    command = ("pulumi", "preview", "--non-interactive", "--logtostderr", "-v=7")
    done = subprocess.run(
        command,
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    asked_for = re.findall(r"GetPluginPath\(resource, (\S+?),", done.stderr)
    assert set(asked_for) == {"aws", "pulumi-python"}


def test_a_service_brings_its_incident_response_with_it(
    installed_environment, tmp_path, local_aws, incidents
):
    """A program with `providers` and `stacks` of its own gets a plan, and an alarm that starts it.

    Its own dynamic resource lives beside those of the package.
    """
    program = Example("web_service", tmp_path, installed_environment)
    plan_arn = program.up(settled=False)["plans"]["checkout"]
    program.again()
    (queue,) = local_aws.client("sqs").list_queues()["QueueUrls"]
    queue_name = queue.rpartition("/")[2]
    (alarm,) = local_aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [plan_arn]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue_name}]
    released = program.state()["checkout"]["outputs"]["released"]
    template = incidents.get_response_plan(arn=plan_arn)["incidentTemplate"]
    assert template["summary"] == (
        f"Orders wait in {queue_name}. Running 1.0.0, out since {released}."
    )
    program.destroy()
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert "QueueUrls" not in local_aws.client("sqs").list_queues()


def test_a_game_day_rehearses_some_of_the_plans_that_one_table_has_made(
    installed_environment, tmp_path, local_aws, incidents
):
    """Ten services get ten plans, and the stack of the game day starts muted drills of two."""
    services = Example("ten_services", tmp_path, installed_environment)
    made = services.up(settled=False)
    services.again()
    listed = incidents.list_response_plans()["responsePlanSummaries"]
    assert len(made["plans"]) == 10
    assert {plan["arn"] for plan in listed} == set(made["plans"].values())
    plan = incidents.get_response_plan(arn=made["plans"]["search"])
    assert plan["engagements"] == ["arn:aws:ssm-contacts:us-east-1:123456789012:contact/shop"]
    assert plan["incidentTemplate"]["title"] == "Search finds nothing"

    game_day = Example("game_day", tmp_path, installed_environment)
    drills = game_day.up(settled=False)["incidents"]
    game_day.again()
    assert set(drills) == {"checkout", "search"}
    record = incidents.get_incident_record(arn=drills["search"])["incidentRecord"]
    assert (record["title"], record["impact"], record["status"]) == ("Game day: search", 5, "OPEN")
    assert record["notificationTargets"] == [{"snsTopicArn": made["topic_arn"]}]
    drilled = drills["search"].rpartition("/")[0].rpartition("/")[2]
    (muted,) = (
        plan["arn"]
        for plan in incidents.list_response_plans()["responsePlanSummaries"]
        if plan["name"] == drilled
    )
    assert incidents.get_response_plan(arn=muted)["engagements"] == []

    game_day.destroy()
    records = incidents.list_incident_records()["incidentRecordSummaries"]
    assert {record["arn"] for record in records} == set(drills.values())
    assert {record["status"] for record in records} == {"RESOLVED"}
    services.destroy()
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert local_aws.client("sns").list_topics()["Topics"] == []


def test_a_team_is_on_call_by_day_and_by_night(
    installed_environment, tmp_path, local_aws, incidents
):
    """The plan engages the team, each address is encrypted, and somebody has every hour."""
    program = Example("team", tmp_path, installed_environment)
    phones = {"ana": "+15005550100", "ben": "+15005550101", "cy": "+15005550102"}
    for name, address in {**phones, "boss": "boss@example.com"}.items():
        program.run("config", "set", "--secret", name, address)
    outputs = program.up(settled=False)
    program.again()
    contacts = local_aws.client("ssm-contacts")
    (engaged,) = incidents.get_response_plan(arn=outputs["plan_arn"])["engagements"]
    stages = contacts.get_contact(ContactId=engaged)["Plan"]["Stages"]
    assert [len(stage["Targets"]) for stage in stages] == [1, 3, 1]
    assert [stage["DurationInMinutes"] for stage in stages] == [10, 10, 0]
    now = local_aws.clock()
    lengths = sum(
        len(
            contacts.list_rotation_shifts(
                RotationId=arn, StartTime=now, EndTime=now + timedelta(days=7)
            )["RotationShifts"]
        )
        for arn in outputs["rotations"].values()
    )
    assert lengths >= 14
    assert "1500555" not in program.run("stack", "export")
    program.destroy()
    assert contacts.list_contacts()["Contacts"] == []


@pytest.mark.usefixtures("pages_documents")
def test_the_unit_tests_pass_without_engine_and_aws_and_the_program_comes_up(
    installed_environment, tmp_path, incidents
):
    """What the tests see under mocks is what there is when the engine brings it up."""
    program = Example("unit_tests", tmp_path, installed_environment)
    offline = {**installed_environment, "PATH": "", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    python = shutil.which("python", path=installed_environment["PATH"])
    told = run(python, "-m", "pytest", "-q", cwd=program.folder, env=offline)
    assert re.search(r"^5 passed", told, re.MULTILINE), told
    plan = incidents.get_response_plan(arn=program.up(settled=False)["plan_arn"])
    assert plan["name"] == "checkout-dev"
    assert plan["engagements"] == [
        "arn:aws:ssm-contacts:us-east-1:123456789012:contact/checkout-oncall"
    ]
    program.destroy()


def test_the_page_on_unit_tests_shows_the_files_of_the_example():
    """docs/unit-tests.md has each file as it is run."""
    shown = [block.text for block in blocks("python") if block.page == "docs/unit-tests.md"]
    files = ("response.py", "mocks.py", "test_response.py")
    assert shown == [(EXAMPLES / "unit_tests" / name).read_text() for name in files]


def test_a_failed_deployment_starts_one_incident_however_often_it_is_retried(
    installed_environment, tmp_path, incidents
):
    """A retry prints the same incident, its state lost or not; another failure starts another.

    The first one stays open then, and both stay open when the stack goes.
    """
    plan_arn = incidents.create_response_plan(
        name="checkout", incidentTemplate={"title": "Checkout is failing", "impact": 2}
    )["arn"]
    script = shutil.copy(EXAMPLES / "failed_deploy/start_incident.py", tmp_path)

    def start(deployment):
        command = ("python", script, plan_arn, deployment)
        return run(*command, cwd=tmp_path, env=installed_environment).splitlines()

    first, url = start("build-7")
    assert start("build-7") == [first, url]
    shutil.rmtree(tmp_path / "state/.pulumi")
    assert start("build-7") == [first, url]
    assert url.endswith(".console.aws.amazon.com/systems-manager/incidents/home?region=us-east-1")
    record = incidents.get_incident_record(arn=first)["incidentRecord"]
    assert (record["title"], record["impact"]) == ("Deployment build-7 failed", 2)

    second, _ = start("build-8")
    run(
        *("pulumi", "destroy", "--yes", "--stack", "organization/failed-deploy/checkout"),
        cwd=tmp_path,
        env=installed_environment,
    )
    records = incidents.list_incident_records()["incidentRecordSummaries"]
    assert sorted(record["arn"] for record in records) == sorted([first, second])
    assert {record["status"] for record in records} == {"OPEN"}
