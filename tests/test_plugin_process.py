"""The providers inside the plugin process, as the engine talks to them.

Real: the SDK's own `python -m pulumi.dynamic`, its gRPC interface and the local AWS.
"""

from __future__ import annotations

import grpc
import pytest
from pulumi.runtime import rpc
from pulumi.runtime.proto.provider_pb2 import DiffResponse

from pulumi_incidents.providers.incident import IncidentProvider
from tests.declarations import full, minimal
from tests.plugin import local_configuration, plugin_process

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")


@pytest.fixture(scope="module")
def plugin(local_aws):
    """Start the plugin process, configured for the local AWS."""
    with plugin_process(local_configuration(local_aws.url)) as plugin:
        yield plugin


def test_a_plan_lives_its_whole_life_in_the_plugin_process(plugin, incidents, name):
    """Check, create, diff, update, read and delete work through the engine's own interface."""
    assert not plugin.check(minimal(name)).failures
    arn, outputs = plugin.create(minimal(name))
    assert plugin.diff(arn, outputs, full(name)).changes == DiffResponse.DIFF_UNKNOWN
    outputs = plugin.update(arn, outputs, full(name))
    found, outputs = plugin.read(arn, outputs)
    assert found == arn
    assert plugin.diff(arn, outputs, full(name)).changes == DiffResponse.DIFF_NONE
    plugin.delete(arn, outputs)
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=arn)


def test_unknown_values_pass_check_and_diff(plugin, name):
    """In a preview, values of resources that do not exist yet neither fail nor crash."""
    news = {
        **full(name),
        "engagements": [rpc.UNKNOWN],
        "incident_template": {
            "title": rpc.UNKNOWN,
            "impact": 2,
            "notification_targets": [{"sns_topic_arn": rpc.UNKNOWN}],
        },
    }
    assert not plugin.check(news).failures
    assert plugin.diff("arn", full(name), news).changes == DiffResponse.DIFF_UNKNOWN


def test_an_expected_failure_is_one_line(plugin):
    """A failed call shows one sentence with the operation, what it was about and the AWS code."""
    inputs = {
        "response_plan_arn": "arn:aws:ssm-incidents::123456789012:response-plan/missing",
        "context": {"identity": "acme/urn", "secrets": []},
    }
    with pytest.raises(grpc.RpcError) as failed:
        plugin.of(IncidentProvider).create(inputs)
    (line,) = failed.value.details().strip().splitlines()
    assert "ssm-incidents:StartIncident" in line
    assert "response-plan/missing" in line
    assert "ResourceNotFoundException" in line
    assert "hunter2" not in line


def test_a_bug_keeps_its_traceback_even_after_an_expected_failure(plugin):
    """What nobody expected shows where it happened."""
    incident = plugin.of(IncidentProvider)
    with pytest.raises(grpc.RpcError):
        incident.create({"response_plan_arn": "x", "context": {"identity": "i"}})
    with pytest.raises(grpc.RpcError) as failed:
        incident.create({})
    assert "Traceback" in failed.value.details()
    assert "KeyError" in failed.value.details()
