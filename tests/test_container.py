"""What the Containerfile says, done without a container engine.

Real: its COPY, RUN, ENTRYPOINT, CMD and HEALTHCHECK, with the files that .dockerignore lets
through, in a virtual environment that takes its dependencies from this one. Not real: the base
image, the user, and the image that would come of it.
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
import venv
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dockerfile_parse import DockerfileParser
from pathspec import GitIgnoreSpec

from tests.conftest import ROOT
from tests.wheel import bare, run, site_packages

PORT = "4566"


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
    for command in instructions("RUN"):
        local = command.replace("/src", str(folder / "src"))
        run("sh", "-c", local, cwd=folder, env=inside(folder))
    return folder


def inside(image):
    """Return the environment of a process in the container."""
    return {**bare(), "PATH": os.pathsep.join([str(image / "venv/bin"), os.environ["PATH"]])}


@contextmanager
def started(image, *arguments):
    """Start the container with arguments of its own, or CMD's, at a free port."""
    command = json.loads(only("ENTRYPOINT"))
    command[command.index(PORT)] = "0"
    with subprocess.Popen(
        [*command, *(arguments or json.loads(only("CMD")))],
        cwd=image,
        env=inside(image),
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
    kinds = {"FROM", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD", "COMMENT"}
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
