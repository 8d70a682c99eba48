"""The plugin process that holds the dynamic providers, spoken to as the engine does."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager

import grpc
from google.protobuf import struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tests.conftest import ROOT
from tests.forked import Forked


def struct(values, provider=ResponsePlanProvider):
    """Return properties as the engine sends them, the reference to the provider included."""
    result = struct_pb2.Struct()
    result.update({**values, "__provider": serialize_provider(provider())})
    return result


class Plugin:
    """The gRPC interface of one plugin process, for one kind of resource at a time."""

    def __init__(self, stub, process, provider=ResponsePlanProvider):
        self.stub = stub
        self.process = process
        self.provider = provider

    def of(self, provider):
        """Return the same process for another kind of resource."""
        return Plugin(self.stub, self.process, provider)

    def check(self, news, olds=None):
        """Check inputs."""
        request = provider_pb2.CheckRequest(news=self._struct(news), olds=self._struct(olds or {}))
        return self.stub.Check(request)

    def diff(self, resource_id, olds, news):
        """Compare a state with inputs."""
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id=resource_id, olds=self._struct(olds), news=self._struct(news)
            )
        )

    def create(self, inputs):
        """Create; return the id and the outputs."""
        request = provider_pb2.CreateRequest(properties=self._struct(inputs))
        answer = self.stub.Create(request)
        return answer.id, plain(answer.properties)

    def read(self, resource_id, outputs):
        """Refresh; return the id and the outputs."""
        request = provider_pb2.ReadRequest(id=resource_id, properties=self._struct(outputs))
        answer = self.stub.Read(request)
        return answer.id, plain(answer.properties)

    def update(self, resource_id, olds, news):
        """Update; return the outputs."""
        request = provider_pb2.UpdateRequest(
            id=resource_id, olds=self._struct(olds), news=self._struct(news)
        )
        return plain(self.stub.Update(request).properties)

    def delete(self, resource_id, outputs):
        """Delete."""
        request = provider_pb2.DeleteRequest(id=resource_id, properties=self._struct(outputs))
        self.stub.Delete(request)

    def _struct(self, values):
        return struct(values, self.provider)


def plain(properties):
    """Return properties without the reference to the provider."""
    values = json.loads(json.dumps(_python(properties)))
    values.pop("__provider", None)
    return values


def _python(value):
    if isinstance(value, struct_pb2.Struct):
        return {key: _python(item) for key, item in value.items()}
    if isinstance(value, struct_pb2.ListValue):
        return [_python(item) for item in value]
    return value


def local_configuration(url, **more):
    """Return a stack configuration for the local AWS at `url`."""
    return {
        "aws:region": "us-east-1",
        "aws:accessKey": "test",
        "aws:secretKey": "hunter2",
        "aws:endpoints": json.dumps([{"ssmcontacts": url, "ssmincidents": url, "sts": url}]),
        **more,
    }


@contextmanager
def plugin_process(configuration, environment=None):
    """Run the SDK's own `python -m pulumi.dynamic` with this stack configuration."""
    command = [sys.executable, "-m", "pulumi.dynamic"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        yield from _configured(process, configuration)


@contextmanager
def forked_plugin_process(configuration, warm):
    """Run the same, from a Python that has imported already: for whoever starts it often."""
    with Forked(warm, "-m", "pulumi.dynamic") as process:
        yield from _configured(process, configuration)


def _configured(process, configuration):
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            arguments = struct_pb2.Struct()
            arguments.update(configuration)
            stub.Configure(provider_pb2.ConfigureRequest(args=arguments))
            yield Plugin(stub, process)
    finally:
        process.terminate()
