"""What goes wrong on the way to AWS and in the middle of an `up`.

Real: the plugin process or, where the test takes `stack_environment`, the whole engine; the local
AWS, which makes the faults over HTTP.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time

import grpc
import pytest

from pulumi_incidents.providers.incident import IncidentProvider
from tests.declarations import full, minimal
from tests.plugin import local_configuration, plugin_process
from tests.program import EngineError, Program, kill_session

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")

CONTEXT = {"identity": "acme/urn:pulumi:test::incidents::type::plan", "secrets": []}


@pytest.fixture(scope="module")
def plugin(local_aws):
    """Start the plugin process, configured for the local AWS."""
    with plugin_process(local_configuration(local_aws.url)) as plugin:
        yield plugin


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InternalServerException", "ServiceUnavailable"]
)
def test_a_passing_fault_is_waited_out(plugin, local_aws, name, code):
    """Throttling and 5xx are repeated with the same client token until the call goes through."""
    local_aws.fail("CreateResponsePlan", code, times=3)
    plugin.create(minimal(name))
    attempts = local_aws.requests()
    assert [attempt["operation"] for attempt in attempts] == ["CreateResponsePlan"] * 4


def test_throttling_without_end_is_given_up_in_bounded_calls(local_aws, name):
    """`aws:maxRetries` bounds the calls, and the sentence says that running again is safe."""
    local_aws.fail("CreateResponsePlan", "ThrottlingException", times=None)
    configuration = local_configuration(local_aws.url, **{"aws:maxRetries": "2"})
    with plugin_process(configuration) as plugin, pytest.raises(grpc.RpcError) as failed:
        plugin.create(minimal(name))
    assert local_aws.operations() == ["CreateResponsePlan"] * 3
    assert "ThrottlingException" in failed.value.details()
    assert "nothing is done twice" in failed.value.details()


def test_a_conflict_that_passes_is_waited_for_as_long_as_aws_says(plugin, local_aws, name):
    """`retryAfter` is honoured, and then the call goes through."""
    local_aws.fail("CreateResponsePlan", "ConflictException", times=2, retryAfter=2)
    start = time.monotonic()
    arn, _ = plugin.create(minimal(name))
    assert arn.endswith(name)
    assert time.monotonic() - start >= 1
    assert local_aws.operations() == ["CreateResponsePlan"] * 3


def test_a_role_that_is_not_known_everywhere_yet_is_waited_for(plugin, local_aws, name):
    """A role that was made in the same `up` may take a moment to be assumable."""
    local_aws.fail(
        "CreateResponsePlan", "ValidationException", times=2, message="Role x cannot be assumed."
    )
    plugin.create(full(name))
    assert local_aws.operations() == ["CreateResponsePlan"] * 3


def test_a_lost_answer_makes_no_second_plan(plugin, local_aws, incidents, name):
    """The repeated call carries the same client token, so AWS answers with the same plan."""
    local_aws.lose_answer("CreateResponsePlan")
    arn, _ = plugin.create(minimal(name))
    first, second = local_aws.requests()
    assert incidents.get_response_plan(arn=arn)["name"] == name
    assert first["parameters"] == second["parameters"]


ACTIONS = [
    ("CreateResponsePlan", "create"),
    ("GetResponsePlan", "read"),
    ("ListTagsForResource", "read"),
    ("UpdateResponsePlan", "update"),
    ("TagResource", "update"),
    ("UntagResource", "update"),
    ("DeleteResponsePlan", "delete"),
]


@pytest.mark.parametrize(("action", "method"), ACTIONS)
def test_access_denied_names_the_action_and_the_plan(plugin, local_aws, name, action, method):
    """Whoever reads the sentence knows which permission is missing and on what."""
    olds = {**minimal(name), "tags": {"old": "1"}}
    news = {**full(name), "tags": {"new": "1"}}
    if method != "create":
        arn, olds = plugin.create(olds)
    local_aws.fail(action, "AccessDeniedException", message="User u is not authorized.")
    calls = {
        "create": lambda: plugin.create(olds),
        "read": lambda: plugin.read(arn, olds),
        "update": lambda: plugin.update(arn, olds, news),
        "delete": lambda: plugin.delete(arn, olds),
    }
    with pytest.raises(grpc.RpcError) as failed:
        calls[method]()
    sentence = failed.value.details()
    assert f"Allow ssm-incidents:{action} on response plan {name}" in sentence
    assert "User u is not authorized" in sentence
    assert len(sentence.strip().splitlines()) == 1


@pytest.mark.parametrize("action", ["StartIncident", "UpdateIncidentRecord", "GetIncidentRecord"])
def test_access_denied_on_an_incident_names_the_action(plugin, local_aws, name, action):
    """Starting, editing and reading an incident say which permission is missing."""
    plan, _ = plugin.create(minimal(name))
    incident = plugin.of(IncidentProvider)
    inputs = {"response_plan_arn": plan, "context": {**CONTEXT, "identity": name}}
    if action != "StartIncident":
        arn, olds = incident.create(inputs)
    local_aws.fail(action, "AccessDeniedException", message="User u is not authorized.")
    calls = {
        "StartIncident": lambda: incident.create(inputs),
        "UpdateIncidentRecord": lambda: incident.update(arn, olds, {**inputs, "title": "New"}),
        "GetIncidentRecord": lambda: incident.read(arn, olds),
    }
    with pytest.raises(grpc.RpcError) as failed:
        calls[action]()
    assert f"Allow ssm-incidents:{action} on" in failed.value.details()


def test_a_refresh_without_permission_drops_nothing(plugin, local_aws, name):
    """Only "not found" means gone; any other error is an error."""
    arn, outputs = plugin.create(minimal(name))
    local_aws.fail("GetResponsePlan", "AccessDeniedException")
    with pytest.raises(grpc.RpcError):
        plugin.read(arn, outputs)
    assert plugin.read(arn, outputs)[0] == arn


def test_a_refused_connection_names_the_endpoint(name):
    """Nobody has to guess where the call went."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        configuration = local_configuration(url, **{"aws:maxRetries": "0"})
        with plugin_process(configuration) as plugin, pytest.raises(grpc.RpcError) as failed:
            plugin.create(minimal(name))
    (line,) = failed.value.details().strip().splitlines()
    assert f"got no answer from {url}" in line


PLANS = """
import json, pulumi
from pulumi_incidents.providers import ResponsePlan
adopt = pulumi.Config().get_bool("adopt")
for name in json.load(open("names.json")):
    template = {"title": "t", "impact": 3}
    ResponsePlan(name, name=name, adopt_existing=adopt, incident_template=template)
"""


def names(incidents):
    """Return the names of all live plans, each as often as it is there."""
    pages = incidents.get_paginator("list_response_plans").paginate()
    return [plan["name"] for page in pages for plan in page["responsePlanSummaries"]]


@pytest.fixture
def plans(tmp_path, stack_environment):
    """Return a program that makes the plans named in `names.json`."""
    program = Program(tmp_path / "plans", stack_environment, PLANS)
    program.configure()
    return program


def test_a_hundred_plans_in_one_up_sixteen_at_once(plans, local_aws, incidents, name):
    """Every plan is made with one call and deleted with two, however many at a time."""
    wanted = sorted(f"{name}-{number}" for number in range(100))
    (plans.folder / "names.json").write_text(json.dumps(wanted))
    plans.run("up", "--yes", "--skip-preview", "--parallel", "16")
    assert sorted(set(names(incidents)) & set(wanted)) == wanted
    assert local_aws.operations().count("CreateResponsePlan") == 100
    local_aws.forget()
    plans.run("destroy", "--yes", "--skip-preview", "--parallel", "16")
    assert local_aws.operations().count("DeleteResponsePlan") == 100
    assert len(local_aws.operations()) == 200, "and one look whose it is"


@pytest.mark.parametrize("how", ["Ctrl-C", "killed"])
def test_an_interrupted_up_makes_nothing_twice_and_loses_nothing(
    plans, local_aws, incidents, name, how
):
    """After an interruption in the middle of creating, `up` ends with exactly what is declared.

    What was killed before it could be recorded is refused until `adopt_existing` says otherwise.
    """
    wanted = [f"{name}-{number}" for number in range(4)]
    (plans.folder / "names.json").write_text(json.dumps(wanted))
    local_aws.delay("CreateResponsePlan", 2, times=4)
    with subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=plans.folder,
        env=plans.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as up:
        _wait_for(lambda: local_aws.faults_left() == 0)
        if how == "Ctrl-C":
            os.killpg(up.pid, signal.SIGINT)
        else:
            kill_session(up.pid)
    if how == "killed":
        _wait_for(lambda: set(wanted) <= set(names(incidents)))  # AWS finishes what it was asked
        plans.run("cancel", "--yes")
        with pytest.raises(EngineError, match="nothing proves that this resource made it"):
            plans.run("up", "--yes", "--skip-preview")
        plans.configure(adopt="true")
    plans.up()
    assert sorted(plan for plan in names(incidents) if plan in wanted) == wanted
    assert set(wanted) <= set(plans.state())
    plans.destroy()
    assert not set(wanted) & set(names(incidents))


def _wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
