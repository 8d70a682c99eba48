"""What the tests stand on: the local AWS as a process of its own, and the real Pulumi engine."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import uuid
from pathlib import Path

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config as DynamicConfig

from pulumi_incidents.providers import _aws
from tests import forked, rights, wheel
from tests.isolation import isolated
from tools.common import file_backend

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pulumi_incidents"

# A run that was started in the background may have been told to ignore Ctrl-C, and would tell its
# children so: they would wait for each other's end, and some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What commands print must not depend on who runs the tests: workers of xdist are told 80 columns.
for variable in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
    os.environ.pop(variable, None)

# Here the package is imported from its sources, where no entry point names its plugin.
pytest_plugins = ["pulumi_incidents.emulator.pytest_plugin", "pytester"]


@pytest.fixture(scope="session")
def local_aws(incident_manager_session):
    """Return the local AWS of the package's own plugin, for fixtures of any scope."""
    return incident_manager_session


@pytest.fixture(autouse=True)
def _isolated():
    """Keep what a test leaves in this process from the next one, whichever that is."""
    with isolated():
        yield


@pytest.fixture(autouse=True)
def cleared(request):
    """Start each test with an empty local AWS."""
    if "local_aws" in request.fixturenames:
        request.getfixturevalue("local_aws").reset()


@pytest.fixture
def incidents(local_aws):
    """Look at the local Incident Manager with boto3, as any other program would."""
    return local_aws.client("ssm-incidents")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Give one browser for the module, without anybody's profile."""
    from tests.browser import chromium  # noqa: PLC0415 - only some tests need it

    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def page(browser, local_aws):
    """Give the console; nothing that a test does with it may make the browser complain."""
    from tests.browser import Page  # noqa: PLC0415

    made = Page(browser, local_aws)
    made.complaints()  # those of an earlier test
    yield made
    browser.get("about:blank")


@pytest.fixture
def topics(local_aws):
    """Make the topics that the plans of `declarations` name: AWS tries them."""
    rights.furnish(local_aws)


@pytest.fixture
def pages_documents(local_aws):
    """Make the documents that programs of the pages and examples name: they are looked up."""
    rights.pages_documents(local_aws)


@pytest.fixture
def configured(local_aws, topics):  # noqa: ARG001 - they have to be there
    """Give the provider classes in this process a stack configuration for the local AWS."""
    settings = {
        "aws:region": "us-east-1",
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:endpoints": json.dumps([{"ssmincidents": local_aws.url, "sts": local_aws.url}]),
    }
    _aws.configure(ConfigureRequest(DynamicConfig(settings, "incidents")))
    return local_aws


@pytest.fixture(scope="session")
def workshop(tmp_path_factory, request):
    """Return a folder with the wheel in `dist` and installed in `venv`, made once for all."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # all workers of pytest-xdist share it
    folder /= "examples"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            wheel.build(folder)
            wheel.install(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture
def installed_environment(workshop, stack_environment, engine):
    """Return the environment of somebody who has installed the wheel."""
    stand_in = (wheel.site_packages(workshop) / wheel.STAND_IN).parent
    path = [workshop / "venv/bin", stand_in, engine]
    del stack_environment["PYTHONPATH"]
    return {
        **stack_environment,
        "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
    }


@pytest.fixture
def strangers_environment(installed_environment, engine):
    """Return an environment with the engine on PATH, and no Python that has the package."""
    return {**installed_environment, "PATH": os.pathsep.join([str(engine), os.environ["PATH"]])}


@pytest.fixture
def name():
    """Return a plan name that no other test uses."""
    return f"plan-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def engine():
    """Return the folder of the real engine; a test that needs it fails when there is none."""
    from tools.engine import ensure  # noqa: PLC0415 - only tests of the engine need it

    return ensure()


@pytest.fixture(scope="session")
def warm_python(tmp_path_factory):
    """Return the folder of a Python from which plugins are forked."""
    folder = tmp_path_factory.mktemp("warm")
    with forked.warm(folder):
        yield folder


@pytest.fixture(scope="session")
def python3(tmp_path_factory, engine):
    """Return a folder with a `python3` that starts fast."""
    with forked.python3(tmp_path_factory.mktemp("python3"), engine) as folder:
        yield folder


@pytest.fixture
def stack_environment(engine, local_aws, tmp_path, python3):
    """Return an environment in which the engine keeps its state and plugins below `tmp_path`."""
    state = tmp_path / "state"
    state.mkdir()
    path = [python3, Path(sys.executable).parent, PACKAGE / "stand_in/bin", engine]
    environment = local_aws.environment
    del environment["AWS_DEFAULT_REGION"]  # AWS_REGION alone has to do
    return {
        **environment,
        "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": file_backend(state),
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PYTHONPATH": str(ROOT),
    }
