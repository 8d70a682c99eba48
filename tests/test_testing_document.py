"""docs/testing.md, read from the file.

Real: the server that its first command starts, and every command and program in it, run as
printed but for the port; AWS CLI, boto3, pytest and its plugin, the Pulumi engine. What is said for
Terraform and compose is parsed, and compared with what the server does; neither is run.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import hcl2
import pytest
import yaml

from pulumi_incidents.emulator.testing import LocalAws
from tests import walkthrough
from tests.conftest import ROOT
from tests.program import Program

TEXT = (ROOT / "docs/testing.md").read_text()
URL = "http://127.0.0.1:4566"
SECTIONS = dict(re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE))


def blocks(section, language):
    """Return the blocks of a section in one language."""
    return [block for _, block in walkthrough.blocks(SECTIONS[section], language)]


@pytest.fixture(scope="module")
def environment():
    """Return the environment of a shell that has the package, and knows nothing of an AWS."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**mine, "PATH": path, "PYTHONPATH": str(ROOT), "AWS_CONFIG_FILE": os.devnull}


@contextmanager
def served(command, environment):
    """Run a server's command in bash, and yield the line that it prints."""
    with subprocess.Popen(
        ["bash", "-c", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            os.killpg(process.pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def url(environment):
    """Start the server as the document does, on a port that is free, and return its address."""
    ((command, expected),) = walkthrough.steps(blocks("Start it", "console")[0])
    assert expected.strip() == URL
    with served(command.replace("4566", "0"), environment) as printed:
        assert printed.startswith("http://127.0.0.1:")
        yield printed


def run(source, folder, environment):
    """Run a program and return what it printed."""
    (folder / "program.py").write_text(source)
    command = [sys.executable, "program.py"]
    return subprocess.check_output(command, cwd=folder, env=environment, text=True)


def test_no_block_is_left_out():
    """A block in another section or language would be one that nothing below runs."""
    found = {
        (section, language)
        for section, text in SECTIONS.items()
        for language in re.findall(r"^```(\w+)$", text, re.MULTILINE)
    }
    assert found == {
        ("Install it", "console"),  # the environment of all tests has it
        ("Start it", "console"),
        ("As a container", "yaml"),
        ("With Testcontainers", "python"),  # tests/test_container.py has the image
        ("Point a program at it", "console"),
        ("AWS CLI", "console"),
        ("boto3", "python"),
        ("Terraform", "hcl"),
        ("Pulumi", "yaml"),
        ("Pulumi", "python"),
        ("In pytest", "python"),
        ("Who is paged, and when", "json"),
        ("Who is paged, and when", "python"),
        ("In unittest and scripts", "python"),
    }


def test_the_aws_cli_prints_what_the_document_shows(environment, url):
    """The variables alone lead the AWS CLI to the local AWS, whatever profile the shell had."""
    done = [
        step
        for section in ("Point a program at it", "AWS CLI")
        for block in blocks(section, "console")
        for step in walkthrough.steps(block)
    ]
    LocalAws(url).reset()
    mark = "-- next --"
    script = f"\necho '{mark}'\n".join(command for command, _ in done).replace(URL, url)
    printed = subprocess.check_output(
        ["bash", "-ec", script], env={**environment, "AWS_PROFILE": "production"}, text=True
    )
    for (command, expected), part in zip(done, printed.split(mark), strict=True):
        walkthrough.assert_printed(command, expected, part)


def test_boto3_is_pointed_at_it_in_code(environment, url, tmp_path):
    """Without any variable, the arguments are enough."""
    LocalAws(url).reset()
    incidents = LocalAws(url).client("ssm-incidents")
    incidents.create_response_plan(name="checkout", incidentTemplate={"title": "T", "impact": 2})
    (source,) = blocks("boto3", "python")
    assert run(source.replace(URL, url), tmp_path, environment) == "['checkout']\n"


def test_pulumi_is_pointed_at_it_by_the_configuration(url, stack_environment, tmp_path):
    """The stack needs no variable of AWS, comes up and goes away."""
    LocalAws(url).reset()
    (configuration,), (source,) = blocks("Pulumi", "yaml"), blocks("Pulumi", "python")
    kept = {key: stack_environment[key] for key in stack_environment if key[:4] != "AWS_"}
    program = Program(tmp_path / "program", kept, source)
    (program.folder / "Pulumi.local.yaml").write_text(configuration.replace(URL, url))
    program.up(settled=False)
    incidents = LocalAws(url).client("ssm-incidents")
    (record,) = incidents.list_incident_records()["incidentRecordSummaries"]
    assert (record["title"], record["impact"]) == ("Checkout is failing", 5)
    program.destroy()
    assert incidents.list_response_plans()["responsePlanSummaries"] == []


def test_terraform_is_told_what_the_server_has(url):
    """The block is HCL, each endpoint is this server, and the server answers for each service."""
    (source,) = blocks("Terraform", "hcl")
    parsed = hcl2.loads(source.replace(URL, url))
    (provider,) = (entry for found in parsed["provider"] for entry in found.values())
    (endpoints,) = provider["endpoints"]
    services = {name: text.strip('"') for name, text in endpoints.items() if name[:2] != "__"}
    assert set(services.values()) == {url}
    local = LocalAws(url)
    local.reset()
    questions = {
        "cloudwatch": "describe_alarms",
        "events": "list_rules",
        "iam": "list_roles",
        "sns": "list_topics",
        "sqs": "list_queues",
        "ssm": "list_documents",
        "ssmincidents": "list_response_plans",
        "sts": "get_caller_identity",
    }
    assert services.keys() == questions.keys()
    for name, question in questions.items():
        getattr(local.client(name.replace("ssmi", "ssm-i")), question)()
    assert {entry["status"] for entry in local.requests(None)} == {200}


def test_compose_reaches_it_by_the_name_of_the_service(environment):
    """The name in the address is one that the command allows, and the variables are the right."""
    (source,) = blocks("As a container", "yaml")
    services = yaml.safe_load(source)["services"]
    assert (ROOT / services["aws"]["build"]["dockerfile"]).is_file()
    variables = services["tests"]["environment"]
    host = urlsplit(variables.pop("AWS_ENDPOINT_URL")).netloc
    assert host == "aws:4566"
    assert variables.items() <= LocalAws(URL).environment.items()
    command = ("python -m pulumi_incidents.emulator --port 0", *services["aws"]["command"])
    with served("exec " + " ".join(command), environment) as printed:
        address = urlsplit(printed)
        with closing(http.client.HTTPConnection(address.hostname, address.port)) as connection:
            connection.request("GET", "/_local/health", headers={"Host": host})
            assert connection.getresponse().status == 200


def test_the_tests_pass_as_they_are_printed(pytester, environment):
    """Whoever copies the tests has tests that pass."""
    people = "Who is paged, and when"
    (team,) = blocks(people, "json")
    (pytester.path / "team.json").write_text(team)
    for number, source in enumerate([*blocks("In pytest", "python"), *blocks(people, "python")]):
        (pytester.path / f"test_{number}.py").write_text(source)
    plugin = ("-p", "pulumi_incidents.emulator.pytest_plugin", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *plugin],
        cwd=pytester.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "6 passed" in done.stdout, done.stdout


def test_a_script_has_a_server_of_its_own(environment, tmp_path):
    """Its other programs reach that server with `environment`."""
    (source,) = blocks("In unittest and scripts", "python")
    assert run(source, tmp_path, environment) == (
        "[{'TopicArn': 'arn:aws:sns:us-east-1:123456789012:checkout-team'}]\n"
        "['CreateTopic', 'ListTopics']\n"
    )


def test_the_table_names_everything_a_local_aws_offers():
    """Each public name of `LocalAws` is in the table, and nothing else is."""
    rows = re.findall(r"^\| (`.*?) \|", SECTIONS["In pytest"], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    public = {name for name in dir(LocalAws) if not name.startswith("_")}
    assert named == public | {"url"}
