"""The fixture `incident_manager`, and `running` without pytest.

Real: the wheel in a virtual environment of its own, whose pytest finds the plugin by its entry
point; each run of that pytest and each server are processes. Nothing is patched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pulumi_incidents.emulator.testing import LocalAws, LocalAwsError, running
from tests.conftest import ROOT
from tests.wheel import bare, site_packages

TEMPLATE = {"title": "Down", "impact": 1}
# In the order of the file: what one test does to the server is what the next one finds.
RUN = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")


@pytest.fixture
def python(workshop):
    """Return the Python of somebody who has installed the wheel."""
    return workshop / "venv/bin/python"


@pytest.fixture
def session(pytester, python, monkeypatch):
    """Return a way to run pytest on a file, as somebody does who has installed the wheel."""
    for name in [*os.environ.keys() - bare().keys(), "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"]:
        monkeypatch.delenv(name, raising=False)

    def run(source, *options, python=python):
        pytester.makepyfile(source)
        return pytester.run(python, *RUN, *options)

    return run


def until_gone(url):
    """Wait until nothing listens at an address."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            LocalAws(url).faults_left()
        except LocalAwsError:
            return
        time.sleep(0.05)
    pytest.fail(f"{url} still answers")


def pid_of(aws):
    """Return the process that answers."""
    with urllib.request.urlopen(f"{aws.url}/_local/health") as answer:
        return json.load(answer)["pid"]


def test_every_test_starts_with_an_empty_aws(session):
    """Plans, topics, requests and faults of one test are gone in the next; the set is there."""
    done = session("""
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_turn(incident_manager, turn):
            assert incident_manager.requests(service=None) == []
            assert incident_manager.faults_left() == 0
            incidents = incident_manager.client("ssm-incidents")
            assert len(incidents.list_replication_sets()["replicationSetArns"]) == 1
            assert incidents.list_response_plans()["responsePlanSummaries"] == []
            assert incident_manager.client("sns").list_topics()["Topics"] == []
            incidents.create_response_plan(
                name="plan", incidentTemplate={"title": "Down", "impact": 1}
            )
            incident_manager.client("sns").create_topic(Name="topic")
            incident_manager.fail("StartIncident", "ThrottlingException", times=2)
    """)
    done.assert_outcomes(passed=2)


def test_each_worker_has_a_server_of_its_own(session, pytester):
    """Two workers of pytest-xdist make plans of one name at once and never meet."""
    done = session(
        """
        import os, pathlib, time
        import pytest

        @pytest.mark.parametrize("turn", range(8))
        def test_turn(incident_manager, turn):
            incidents = incident_manager.client("ssm-incidents")
            incidents.create_response_plan(
                name="plan", incidentTemplate={"title": "Down", "impact": 1}
            )
            time.sleep(0.2)
            assert len(incidents.list_response_plans()["responsePlanSummaries"]) == 1
            pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).write_text(incident_manager.url)
        """,
        *("-n", "2"),
    )
    done.assert_outcomes(passed=8)
    urls = [path.read_text() for path in pytester.path.glob("gw*")]
    assert len(set(urls)) == 2
    for url in urls:
        until_gone(url)


def test_whoever_does_not_use_it_does_not_notice_it(session):
    """Pytest has loaded the plugin, and with it neither boto3 nor moto nor anything of ours."""
    done = session("""
        import sys

        def test_modules(pytestconfig):
            assert pytestconfig.pluginmanager.has_plugin("pulumi_incidents")
            assert not {"boto3", "botocore", "moto", "pulumi"} & set(sys.modules)
            assert sorted(name for name in sys.modules if name.startswith("pulumi_")) == [
                "pulumi_incidents",
                "pulumi_incidents.emulator",
                "pulumi_incidents.emulator.pytest_plugin",
            ]
    """)
    done.assert_outcomes(passed=1)


def test_the_plugin_can_be_left_out(session):
    """A project may do without the fixture, and with one of its own by that name."""
    test = "def test_asks(incident_manager):\n    assert incident_manager == 'mine'\n"
    session(test, "-p", "no:pulumi_incidents").assert_outcomes(errors=1)
    own = "import pytest\n\n@pytest.fixture\ndef incident_manager():\n    return 'mine'\n\n"
    session(own + test).assert_outcomes(passed=1)


def test_without_the_extra_one_sentence_says_what_to_install(session, workshop, tmp_path):
    """Where moto is not installed, only tests that ask for the fixture fail."""
    everything, lacking = Path(sysconfig.get_path("purelib")), tmp_path / "lacking"
    lacking.mkdir()
    for entry in everything.iterdir():
        if not entry.name.startswith("moto"):
            (lacking / entry.name).symlink_to(entry)
    venv.create(tmp_path / "venv", symlinks=True)
    paths = [site_packages(workshop), lacking]
    (site_packages(tmp_path) / "all.pth").write_text("\n".join(map(str, paths)))
    done = session(
        """
        def test_other():
            pass

        def test_asks(incident_manager):
            pass
        """,
        python=tmp_path / "venv/bin/python",
    )
    done.assert_outcomes(passed=1, errors=1)
    extra = "'/path/to/clone/of/pulumi-incidents[[]emulator]'"
    said = f"The local AWS needs more than is installed: pip install {extra} *"
    done.stdout.fnmatch_lines([said])
    done.stdout.no_fnmatch_line("Traceback*")


def test_a_server_that_dies_fails_the_tests_at_once(session):
    """The test that lost it is told by boto3, and the next ones how the server ended."""
    done = session("""
        import json, os, signal, urllib.request
        import pytest
        from botocore.exceptions import EndpointConnectionError
        from pulumi_incidents.emulator.testing import LocalAwsError

        def test_first(incident_manager):
            incidents = incident_manager.client("ssm-incidents")
            with urllib.request.urlopen(f"{incident_manager.url}/_local/health") as answer:
                os.kill(json.load(answer)["pid"], signal.SIGKILL)
            with pytest.raises(LocalAwsError, match="ended with status -9: it wrote no reason."):
                incident_manager.requests()
            with pytest.raises(EndpointConnectionError):
                incidents.list_response_plans()

        def test_next(incident_manager):
            pass
    """)
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["The local AWS at http://127.0.0.1:* ended with status -9: *"])


def test_ctrl_c_leaves_the_server_to_what_cleans_up(pytester, python):
    """A fixture still reaches the server when Ctrl-C has ended the tests; then it ends, too."""
    pytester.makepyfile("""
        import pathlib, time
        import pytest

        @pytest.fixture
        def plan(incident_manager):
            yield
            incident_manager.client("sns").list_topics()
            pathlib.Path("cleaned").write_text(incident_manager.url)

        def test_long(plan):
            pathlib.Path("started").touch()
            time.sleep(60)
    """)
    command = [python, *RUN]
    with subprocess.Popen(
        command, cwd=pytester.path, env=bare(), stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not (pytester.path / "started").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
    until_gone((pytester.path / "cleaned").read_text())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_never_outlives_the_process_that_started_it(number):
    """Killed in any way, a run leaves nothing behind, not even with a request under way."""
    code = """if True:
        import sys, threading
        from pulumi_incidents.emulator.testing import running
        with running() as aws:
            aws.delay("*", 600)
            ask = aws.client("ssm-incidents").list_response_plans
            threading.Thread(target=ask, daemon=True).start()
            while aws.faults_left():
                pass
            print(aws.url, flush=True)
            threading.Event().wait()
    """
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        process.send_signal(number)
    assert process.returncode == -number
    until_gone(url)


def test_two_servers_at_once_do_not_meet():
    """Blocks may be nested; each server ends with its own block."""
    with running() as first:
        with running(replication_set=None) as second:
            sets = second.client("ssm-incidents").list_replication_sets()["replicationSetArns"]
            assert sets == []
            assert pid_of(first) != pid_of(second)
        until_gone(second.url)
        assert len(first.client("ssm-incidents").list_replication_sets()["replicationSetArns"]) == 1
    until_gone(first.url)


def test_a_server_that_cannot_start_says_why():
    """The reason is the last line that the server has written."""
    with pytest.raises(LocalAwsError, match=r"did not start \(status 2\): .*'nowhere' is not the"):
        running("nowhere").__enter__()


def test_modules_in_the_folder_of_the_tests_do_not_disturb_the_server(tmp_path, monkeypatch):
    """A program may have a `secrets.py` of its own, which the server would import from there."""
    (tmp_path / "secrets.py").write_text("raise SystemExit('not for you')")
    monkeypatch.chdir(tmp_path)
    with running() as aws:
        assert aws.client("sns").list_topics()["Topics"] == []


@pytest.fixture
def misleading(monkeypatch):
    """Set what leads AWS clients to real accounts or to a proxy that is not there."""
    nobody = "http://127.0.0.1:9"
    for name in ("AWS_ENDPOINT_URL_SNS", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")


@pytest.mark.usefixtures("misleading")
def test_profiles_and_proxies_of_the_environment_have_no_say(local_aws):
    """Neither our clients nor a tool that is given `environment` reach anything else."""
    arn = local_aws.client("sns").create_topic(Name="topic")["TopicArn"]
    assert local_aws.operations("sns") == ["CreateTopic"]
    code = "import boto3; print(boto3.client('sns').list_topics()['Topics'][0]['TopicArn'])"
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, env=local_aws.environment, text=True).strip() == arn


def test_a_client_takes_what_boto3_takes(local_aws):
    """Region, credentials and retries are defaults; without retries a test sees each answer."""
    assert local_aws.client("sns").meta.region_name == "us-east-1"
    assert local_aws.client("sns", region_name="eu-west-1").meta.region_name == "eu-west-1"
    local_aws.fail("ListResponsePlans", "ThrottlingException", message="Slow down", times=2)
    with pytest.raises(ClientError, match=r"ThrottlingException.*Slow down"):
        local_aws.client("ssm-incidents").list_response_plans()
    patient = Config(retries={"total_max_attempts": 2})
    local_aws.client("ssm-incidents", config=patient).list_response_plans()
    assert local_aws.faults_left() == 0


def test_requests_are_filtered_by_service_and_operation(local_aws, incidents):
    """Each kind of request can be counted alone, and all can be seen in their order."""
    incidents.list_response_plans()
    local_aws.client("sns").create_topic(Name="topic")
    incidents.create_response_plan(name="plan", incidentTemplate=TEMPLATE)
    (made,) = local_aws.requests(operation="CreateResponsePlan")
    assert made["parameters"]["name"] == "plan"
    assert made["mutating"] is True
    assert [entry["service"] for entry in local_aws.requests("sns")] == ["sns"]
    assert local_aws.operations(None) == ["ListResponsePlans", "CreateTopic", "CreateResponsePlan"]
    local_aws.forget()
    assert local_aws.requests(None) == []


def test_a_fault_that_cannot_be_is_refused_in_a_sentence(local_aws):
    """A mistake in a test is told where it is made."""
    with pytest.raises(LocalAwsError, match='operation: must be "\\*" or an operation of'):
        local_aws.fail("Nothing", "ThrottlingException")


def test_what_is_no_local_aws_is_told_in_a_sentence():
    """Another server at the address is named, whatever it answers."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        Thread(target=other.handle_request, daemon=True).start()
        with pytest.raises(LocalAwsError, match="answers 501: it is not a local AWS"):
            LocalAws(f"http://127.0.0.1:{other.server_port}").reset()


def test_heal_ends_a_delay(local_aws, incidents):
    """Faults that are left happen to nobody, and `delay` is what it says until then."""
    local_aws.delay("ListResponsePlans", 0.3)
    begin = time.monotonic()
    incidents.list_response_plans()
    assert time.monotonic() - begin >= 0.3
    local_aws.delay("ListResponsePlans", 600, times=None)
    local_aws.heal()
    incidents.list_response_plans()
    assert local_aws.faults_left() == 0
