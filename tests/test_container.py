"""What the Containerfile says, done without a container engine.

Real: its COPY, RUN, ENTRYPOINT and HEALTHCHECK, with the files that .dockerignore lets through, in
a virtual environment that takes its dependencies from this one; the module of Testcontainers for
Python. Not real: the base image, the user, and the image that would come of it; the engine that
Testcontainers asks for a container.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dockerfile_parse import DockerfileParser
from pathspec import GitIgnoreSpec
from testcontainers.community.localstack import LocalStackContainer
from testcontainers.core import container as testcontainers_core
from testcontainers.core.config import ConnectionMode

from pulumi_incidents.emulator.testing import LocalAws
from tests.conftest import ROOT
from tests.wheel import bare, run, site_packages

PORT = "4566"
# In the image; the module of Testcontainers for Java has this path, without ever asking for it.
ENTRYPOINT = "usr/local/bin/docker-entrypoint.sh"
# What Testcontainers' modules and users of LocalStack tell a container in its environment.
SETTINGS = {
    "DEBUG": "1",
    "DEFAULT_REGION": "eu-west-1",
    "EAGER_SERVICE_LOADING": "1",
    "EDGE_PORT": PORT,
    "GATEWAY_LISTEN": f"0.0.0.0:{PORT}",
    "HOSTNAME_EXTERNAL": "aws",
    "LAMBDA_DOCKER_FLAGS": "-l org.testcontainers=true",
    "PERSISTENCE": "1",
    "SERVICES": "s3,sqs",
}
# How the one for Java starts a container, in which it puts a file with the second part of it.
JAVA = ("bash", "-c", 'export ECS_DOCKER_FLAGS="-l a=b"\ndocker-entrypoint.sh\n')


def instructions(kind):
    """Return what follows each instruction of one kind."""
    parser = DockerfileParser(fileobj=io.BytesIO((ROOT / "Containerfile").read_bytes()))
    return [found["value"] for found in parser.structure if found["instruction"] == kind]


def only(kind):
    """Return what follows the one instruction of a kind."""
    (value,) = instructions(kind)
    return value


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Return a folder with what the image has in /src, and `venv`, where its RUN was done."""
    folder = tmp_path_factory.mktemp("image")
    ignored = GitIgnoreSpec.from_lines((ROOT / ".dockerignore").read_text().splitlines())
    context = folder / "context"

    def left_out(parent, names):
        below = Path(parent).relative_to(ROOT)
        return [name for name in names if ignored.match_file(below / name)]

    shutil.copytree(ROOT, context, symlinks=True, ignore=left_out)
    for copy in instructions("COPY"):
        *sources, target = copy.split()
        place = folder / target.strip("/")
        place.mkdir(parents=True, exist_ok=True)
        for source in sources:
            if source.endswith("/"):  # the folder's content
                shutil.copytree(context / source, place, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(context / source, place)
    venv.create(folder / "venv", symlinks=True, with_pip=True)
    (site_packages(folder) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    entrypoint = folder / ENTRYPOINT
    script = entrypoint.read_text()
    assert f"--port {PORT}" in script
    script = script.replace(f"--port {PORT}", "--port 0")
    entrypoint.write_text(script.replace("/seed.json", str(folder / "seed.json")))
    for command in instructions("RUN"):
        local = command.replace("/src", str(folder / "src"))
        run("sh", "-c", local, cwd=folder, env=inside(folder))
    return folder


def inside(image):
    """Return the environment of a process in the container."""
    path = [image / "venv/bin", (image / ENTRYPOINT).parent]
    return {**bare(), "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]])}


@contextmanager
def started(image, *arguments, entrypoint=None, **settings):
    """Start the container with arguments and an environment of its own, at a free port."""
    with subprocess.Popen(
        [*(entrypoint or json.loads(only("ENTRYPOINT"))), *arguments],
        cwd=image,
        env={**inside(image), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process, urlsplit(process.stdout.readline().strip()).port
        finally:
            process.terminate()


def health(image, port):
    """Return the exit status of the HEALTHCHECK."""
    command = json.loads(only("HEALTHCHECK").partition(" CMD ")[2])
    local = [part.replace(PORT, str(port)) for part in command]
    assert local != command
    return subprocess.run(
        local, cwd=image, env=inside(image), stderr=subprocess.DEVNULL, check=False
    ).returncode


def status(address, port, host):
    """Return the status of an answer to a request under a name."""
    with closing(http.client.HTTPConnection(address, port, timeout=60)) as connection:
        connection.request("GET", "/_local/health", headers={"Host": f"{host}:{port}"})
        return connection.getresponse().status


def test_nothing_is_said_that_is_not_tried_here():
    """Every instruction is one that these tests do, or is looked at in the next lines."""
    kinds = {"FROM", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "COMMENT"}
    parser = DockerfileParser(fileobj=io.BytesIO((ROOT / "Containerfile").read_bytes()))
    assert {found["instruction"] for found in parser.structure} == kinds
    (minor,) = re.fullmatch(r"docker\.io/library/python:3\.(\d+)-slim", only("FROM")).groups()
    assert int(minor) >= 10
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", only("USER"))  # so that runAsNonRoot can tell
    assert only("EXPOSE") == PORT


def test_the_context_has_what_is_copied_and_nothing_of_a_developer(image):
    """Neither tests nor state, secrets or caches of a checkout are sent to whoever builds."""
    copied = {source for copy in instructions("COPY") for source in copy.split()[:-1]}
    sent = {path.name for path in (image / "context").iterdir()}
    assert sent == {source.rstrip("/") for source in copied}
    assert not list((image / "context").rglob("__pycache__"))


def test_the_container_answers_is_healthy_and_ends_when_it_is_stopped(image):
    """It is reached from outside under a local name, has a replication set, and exits with 0."""
    with started(image) as (process, port):
        assert status("127.0.0.2", port, "localhost") == 200  # listens on every address
        assert health(image, port) == 0
        url = f"http://localhost:{port}"
        code = "import boto3; print(boto3.client('ssm-incidents').list_replication_sets())"
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        where = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}
        printed = run(sys.executable, "-c", code, env={**bare(), **keys, **where})
        assert ":replication-set/" in printed
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert health(image, port) != 0


def test_the_name_of_a_service_is_answered_once_it_is_allowed(image):
    """Other containers reach it by the name that `--allow-host` gives; a web page's own is not."""
    with started(image, "--allow-host", "aws", "--allow-host", "Other.local") as (_, port):
        names = ("aws", "other.local", "OTHER.local", "localhost", "127.0.0.1")
        assert {status("127.0.0.1", port, name) for name in names} == {200}
        refused = ("example.com", "aws.example.com", "0.0.0.0", "127.0.0.2")  # noqa: S104 - names
        assert {status("127.0.0.1", port, name) for name in refused} == {403}


@pytest.mark.parametrize(
    ("host", "answered"),
    [("aws", 200), ("aws:4566", 200), (":4566", 403), ("", 403), ("localhost", 403)],
)
def test_the_name_that_testcontainers_gives_is_answered(image, host, answered):
    """LOCALSTACK_HOST is the alias by which other containers reach it, with or without a port."""
    with started(image, LOCALSTACK_HOST=host) as (_, port):
        assert status("127.0.0.1", port, "localhost") == 200
        assert status("127.0.0.1", port, "aws") == answered


def test_testcontainers_for_java_starts_it(image):
    """Started by the path that LocalStack's image has, with all its settings, it is the same."""
    with started(image, entrypoint=JAVA, **SETTINGS) as (process, port):
        assert process.stdout.readline() == "Ready.\n"
        assert health(image, port) == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_localstack/health") as answer:
            found = json.load(answer)["services"]
        assert {"s3", "sqs", "lambda", "ssm-incidents"} <= found.keys()


class Engine:
    """In the place of Docker: a container is a process, with what Testcontainers asks of one."""

    def __init__(self, image, folder):
        self.image = image
        self.logged = folder / "stdout", folder / "stderr"
        self.client = self
        self.id = self.short_id = "container"

    def create(self, _, *, command, environment, **__):
        """Be the one container, which is not started yet."""
        self.command = [*json.loads(only("ENTRYPOINT")), *(command or [])]
        self.environment = {**inside(self.image), **environment}
        return self

    def start(self, _):
        """Start the process."""
        with self.logged[0].open("w") as out, self.logged[1].open("w") as err:
            self.process = subprocess.Popen(
                self.command, cwd=self.image, env=self.environment, stdout=out, stderr=err
            )

    @property
    def status(self):
        """Tell whether it runs."""
        return "running" if self.process.poll() is None else "exited"

    def reload(self):
        """Do nothing: the status is never old."""

    def logs(self, *, stdout=True, stderr=True):
        """Return what it wrote."""
        wanted = zip(self.logged, (stdout, stderr), strict=True)
        return b"".join(path.read_bytes() for path, asked in wanted if asked)

    def port(self, _, port):
        """Return the port at which it is reached."""
        assert str(port) == PORT
        return urlsplit(self.logged[0].read_text().splitlines()[0]).port

    def get_connection_mode(self):
        """Tell that its ports are those of a host."""
        return ConnectionMode.docker_host

    def host(self):
        """Return that host."""
        return "localhost"

    def remove(self, **_):
        """End it."""
        self.process.terminate()
        assert self.process.wait(60) == 0

    def close(self):
        """Do nothing: there is no connection."""


@pytest.fixture
def _engine(image, tmp_path, monkeypatch):
    """Let Testcontainers find no Docker, but processes."""
    monkeypatch.setattr(testcontainers_core, "DockerClient", lambda **_: Engine(image, tmp_path))
    monkeypatch.setattr(testcontainers_core.c, "_ryuk_disabled", True)


@pytest.mark.usefixtures("_engine")
def test_testcontainers_for_python_waits_for_it_and_uses_it():
    """Its module for LocalStack sees it ready, and makes clients of it that work."""
    asked_for = LocalStackContainer("local-aws", region_name="us-east-1").with_services("s3")
    for name, value in SETTINGS.items():
        asked_for.with_env(name, value)
    with ExitStack() as stack:
        stack.callback(asked_for.stop)
        with pytest.warns(DeprecationWarning, match="wait_for_logs"):
            aws = asked_for.start()
        incidents = aws.get_client("ssm-incidents")
        (arn,) = incidents.list_replication_sets()["replicationSetArns"]
        assert ":123456789012:replication-set/" in arn
        aws.get_client("s3").create_bucket(Bucket="checkout")


@pytest.mark.usefixtures("_engine")
def test_the_program_with_testcontainers_works_as_it_is_printed(capsys):
    """Whoever copies it from docs/testing.md has a local AWS for as long as its block lasts."""
    text = (ROOT / "docs/testing.md").read_text().split("### With Testcontainers", 1)[1]
    source = re.search(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[1]
    with pytest.warns(DeprecationWarning, match="wait_for_logs"):
        exec(source, {})  # noqa: S102 - our own document
    assert capsys.readouterr().out == "[]\n"


@pytest.fixture
def mounted(image):
    """Mount a seed."""
    shutil.copy(ROOT / "examples/on_call/team.json", image / "seed.json")
    yield
    (image / "seed.json").unlink()


@pytest.mark.usefixtures("mounted")
@pytest.mark.parametrize("arguments", [(), ("--replication-set", "eu-west-1")])
def test_a_mounted_seed_is_there_from_the_start(image, arguments):
    """With the arguments of the image and with others: there is nothing more to say."""
    region = "eu-west-1" if arguments else "us-east-1"
    with started(image, *arguments) as (_, port):
        aws = LocalAws(f"http://127.0.0.1:{port}")
        contacts = aws.client("ssm-contacts", region_name=region)
        found = contacts.list_contacts(Type="ESCALATION")["Contacts"]
        assert [each["Alias"] for each in found] == ["checkout"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--allow-host", "aws:4566"), "'aws:4566' is not an IPv4 address or a name without port"),
        (("--allow-host", "*"), "'*' is not an IPv4 address or a name without port"),
        (("--host", "192.0.2.1"), "cannot listen on port 0 of 192.0.2.1 (Cannot assign requested"),
        (("--host", "nobody.invalid"), "cannot listen on port 0 of nobody.invalid ("),
    ],
)
def test_a_wrong_address_is_one_sentence(options, said):
    """Status 2, and no traceback."""
    command = (sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0", *options)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_at_one_address_is_reached_by_it():
    """`--host` alone is enough: the address printed is one that is answered."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0", "--host=127.0.0.3"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            address = urlsplit(process.stdout.readline().strip())
            assert address.hostname == "127.0.0.3"
            assert status("127.0.0.3", address.port, "127.0.0.3") == 200
        finally:
            process.terminate()
