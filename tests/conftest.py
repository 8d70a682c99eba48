"""What the tests stand on: the local AWS as a process of its own, and the real Pulumi engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config as DynamicConfig

from pulumi_incidents.providers import _aws

ROOT = Path(__file__).parent.parent
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class LocalAws:
    """A running local AWS, its request log and its faults."""

    def __init__(self, url):
        self.url = url

    def client(self, service, **config):
        """Return a boto3 client that does not hide an answer by retrying."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def requests(self, service="ssm-incidents"):
        """Return what was asked of `service` since the log was last emptied."""
        with urllib.request.urlopen(f"{self.url}/_local/requests") as answer:
            log = json.load(answer)["requests"]
        return [entry for entry in log if entry["service"] == service]

    def operations(self, service="ssm-incidents"):
        """Return the names of the operations in `requests`."""
        return [entry["operation"] for entry in self.requests(service)]

    def forget(self):
        """Empty the request log."""
        self._control("DELETE", "requests")

    def fail(self, operation, error, *, times=1, message=None, **members):
        """Answer the next `times` requests to `operation` with an error code and its members."""
        told = {} if message is None else {"message": message}
        self._fault(operation, times, error={"code": error, **told, **members})

    def lose_answer(self, operation, times=1):
        """Handle the next `times` requests to `operation` and close the connection unanswered."""
        self._fault(operation, times, lose_answer=True)

    def delay(self, operation, seconds, times=1):
        """Let the next `times` requests to `operation` wait before they are handled."""
        self._fault(operation, times, delay=seconds)

    def faults_left(self):
        """Return how many faults are still to come."""
        with urllib.request.urlopen(f"{self.url}/_local/faults") as answer:
            return len(json.load(answer)["faults"])

    def heal(self):
        """Forget every fault that is left."""
        self._control("DELETE", "faults")

    def clear(self):
        """Forget everything: what was made, what was asked and what is to fail."""
        self._control("POST", "reset")
        self.forget()

    def _fault(self, operation, times, **what):
        self._control("POST", "faults", {"operation": operation, "times": times, **what})

    def _control(self, method, path, content=None):
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/_local/{path}", body, method=method)
        urllib.request.urlopen(request).close()


@pytest.fixture(scope="session")
def local_aws():
    """Run `python -m pulumi_incidents.emulator` for as long as the tests last."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pulumi_incidents.emulator"),
            *("--port", "0", "--replication-set", "us-east-1"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        yield LocalAws(process.stdout.readline().strip())
        process.terminate()


@pytest.fixture(autouse=True)
def cleared(request):
    """Start each test with an empty local AWS."""
    if "local_aws" in request.fixturenames:
        request.getfixturevalue("local_aws").clear()


@pytest.fixture
def incidents(local_aws):
    """Look at the local Incident Manager with boto3, as any other program would."""
    return local_aws.client("ssm-incidents")


@pytest.fixture
def configured(local_aws):
    """Give the provider classes in this process a stack configuration for the local AWS."""
    settings = {
        "aws:region": "us-east-1",
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:endpoints": json.dumps([{"ssmincidents": local_aws.url}]),
    }
    _aws.configure(ConfigureRequest(DynamicConfig(settings, "incidents")))
    yield local_aws
    _aws.configure(ConfigureRequest(DynamicConfig({}, "incidents")))
    sys.tracebacklimit = 1000


@pytest.fixture
def name():
    """Return a plan name that no other test uses."""
    return f"plan-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def engine():
    """Return the folder of the real engine; a test that needs it fails when there is none."""
    from tools.engine import ensure  # noqa: PLC0415 - only tests of the engine need it

    return ensure()


@pytest.fixture
def stack_environment(engine, local_aws, tmp_path):
    """Return an environment in which the engine keeps its state and plugins below `tmp_path`."""
    state = tmp_path / "state"
    state.mkdir()
    path = [Path(sys.executable).parent, ROOT / "emulator/pulumi_aws/bin", engine]
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
        **CREDENTIALS,
        "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
        "AWS_ENDPOINT_URL": local_aws.url,
        "AWS_REGION": "us-east-1",
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PYTHONPATH": str(ROOT),
    }
