"""The providers inside the plugin process, as the engine talks to them.

Real: the SDK's own `python -m pulumi.dynamic`, its gRPC interface and the local AWS.
"""

from __future__ import annotations

import json
import subprocess
import sys

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_incidents.providers.incident import IncidentProvider
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tests.conftest import ROOT
from tests.declarations import full, minimal


def struct(values, provider=ResponsePlanProvider):
    """Return properties as the engine sends them, the reference to the provider included."""
    result = struct_pb2.Struct()
    result.update({**values, "__provider": serialize_provider(provider())})
    return result


@pytest.fixture(scope="module")
def plugin(local_aws):
    """Start the plugin process, configured for the local AWS, and return its gRPC interface."""
    with subprocess.Popen(
        [sys.executable, "-m", "pulumi.dynamic"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            arguments = struct_pb2.Struct()
            arguments.update(
                {
                    "aws:region": "us-east-1",
                    "aws:accessKey": "test",
                    "aws:secretKey": "hunter2",
                    "aws:endpoints": json.dumps([{"ssmincidents": local_aws.url}]),
                }
            )
            stub.Configure(provider_pb2.ConfigureRequest(args=arguments))
            yield stub
        process.terminate()


def test_a_plan_lives_its_whole_life_in_the_plugin_process(plugin, incidents, name):
    """Check, create, diff, update, read and delete work through the engine's own interface."""
    checked = plugin.Check(provider_pb2.CheckRequest(news=struct(minimal(name))))
    assert not checked.failures
    created = plugin.Create(provider_pb2.CreateRequest(properties=checked.inputs))
    news = struct(full(name))
    diff = plugin.Diff(provider_pb2.DiffRequest(id=created.id, olds=created.properties, news=news))
    assert diff.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN
    updated = plugin.Update(
        provider_pb2.UpdateRequest(id=created.id, olds=created.properties, news=news)
    )
    read = plugin.Read(provider_pb2.ReadRequest(id=created.id, properties=updated.properties))
    again = plugin.Diff(provider_pb2.DiffRequest(id=created.id, olds=read.properties, news=news))
    assert again.changes == provider_pb2.DiffResponse.DIFF_NONE
    plugin.Delete(provider_pb2.DeleteRequest(id=created.id, properties=read.properties))
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=created.id)


def test_unknown_values_pass_check_and_diff(plugin, name):
    """In a preview, values of resources that do not exist yet neither fail nor crash."""
    news = struct(
        {
            **full(name),
            "engagements": [rpc.UNKNOWN],
            "incident_template": {
                "title": rpc.UNKNOWN,
                "impact": 2,
                "notification_targets": [{"sns_topic_arn": rpc.UNKNOWN}],
            },
        }
    )
    assert not plugin.Check(provider_pb2.CheckRequest(news=news)).failures
    diff = plugin.Diff(provider_pb2.DiffRequest(id="arn", olds=struct(full(name)), news=news))
    assert diff.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN


def test_an_expected_failure_is_one_line(plugin):
    """A failed call shows one sentence with the operation, what it was about and the AWS code."""
    inputs = {
        "response_plan_arn": "arn:aws:ssm-incidents::123456789012:response-plan/missing",
        "context": {"identity": "acme/urn", "secrets": []},
    }
    with pytest.raises(grpc.RpcError) as failed:
        plugin.Create(provider_pb2.CreateRequest(properties=struct(inputs, IncidentProvider)))
    (line,) = failed.value.details().strip().splitlines()
    assert "start_incident" in line
    assert "response-plan/missing" in line
    assert "ResourceNotFoundException" in line
    assert "hunter2" not in line


def test_a_bug_keeps_its_traceback_even_after_an_expected_failure(plugin):
    """What nobody expected shows where it happened."""
    with pytest.raises(grpc.RpcError):
        plugin.Create(
            provider_pb2.CreateRequest(
                properties=struct(
                    {"response_plan_arn": "x", "context": {"identity": "i"}}, IncidentProvider
                )
            )
        )
    with pytest.raises(grpc.RpcError) as failed:
        plugin.Create(provider_pb2.CreateRequest(properties=struct({}, IncidentProvider)))
    assert "Traceback" in failed.value.details()
    assert "KeyError" in failed.value.details()
