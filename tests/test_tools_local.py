"""Promises of `tools.local`, which `make up`, `make down` and `make show` call.

Real: the processes, signals, locks and files, and in some tests the local AWS. `pulumi` is a script
that notes its calls, and the local AWS elsewhere one that answers only the question for its health.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import boto3
import pytest

from tools import engine, local, local_aws

ROOT = Path(__file__).resolve().parent.parent

FAKE_AWS = """
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"service": "pulumi-incidents local AWS", "pid": os.getpid()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""

PULUMI = """#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >> "$CALLS"
case "$1 $2" in
  "stack output") echo "$OUTPUTS" ;;
  "stack select") mkdir -p "$STACKS"; echo '{}' > "$STACKS/local.json" ;;
  "up --yes") env > "$ENVIRONMENT"; exit "${UP_STATUS:-0}" ;;
  "destroy --yes") exit "${DESTROY_STATUS:-0}" ;;
esac
"""


def _write_program(path, script):
    path.write_text(script)
    path.chmod(0o755)


def _until(condition, seconds=60):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Give a clone whose engine and local AWS are scripts; end what it started."""
    folder = tmp_path / "local"
    calls = tmp_path / "calls"
    calls.touch()
    _write_program(tmp_path / "pulumi", PULUMI)
    (tmp_path / "fake_aws.py").write_text(FAKE_AWS)
    monkeypatch.setattr(engine, "ensure", lambda: tmp_path)
    monkeypatch.setattr(local, "LOCAL", folder)
    monkeypatch.setattr(local_aws, "MODULE", "fake_aws")
    for name, value in {
        "CALLS": str(calls),
        "ENVIRONMENT": str(tmp_path / "environment"),
        "PYTHONPATH": str(tmp_path),
        "STACKS": str(folder / "state" / ".pulumi" / "stacks" / "incidents"),
        "OUTPUTS": json.dumps({"plan_arn": "arn:the-plan", "incident_arn": "arn:the-incident"}),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("PORT", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    yield SimpleNamespace(
        folder=folder,
        record=folder / "local-aws.json",
        stacks=folder / "state" / ".pulumi" / "stacks" / "incidents",
        locks=folder / "state" / ".pulumi" / "locks",
        calls=lambda: calls.read_text().splitlines(),
        aws=lambda: local_aws.recorded(folder),
    )
    aws = local_aws.recorded(folder)
    if aws and local_aws.is_running(aws):
        local_aws.stop(folder, aws)


@pytest.fixture
def foreigner():
    """Give a living process that is none of ours."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _record(clone, pid, url):
    clone.folder.mkdir(exist_ok=True)
    clone.record.write_text(json.dumps({"pid": pid, "url": url}))


def _dead_pid():
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def _unused_url():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_up_twice_and_down(clone, capsys):
    """`up` starts one local AWS and names what was made; a second one uses it; `down` ends it."""
    assert local.main(["up"]) == 0
    first = clone.aws()
    assert first
    assert local_aws.is_running(first)
    out = capsys.readouterr().out
    assert "Response plan  arn:the-plan" in out
    assert "Incident       arn:the-incident" in out
    assert "make show" in out
    assert local.main(["up"]) == 0
    assert clone.aws() == first
    assert local.main(["down"]) == 0
    assert not local_aws.is_alive(first.pid)
    assert [line for line in clone.calls() if not line.startswith("stack output")] == [
        "stack select --create local --non-interactive",
        "up --yes --stack local",
        "stack select --create local --non-interactive",
        "up --yes --stack local",
        "destroy --yes --stack local",
        "stack rm --yes --preserve-config local --non-interactive",
    ]
    left = {path.name for path in clone.folder.iterdir()}
    assert not {"local-aws.json", "local-aws.state", "state", "env"} & left


def _kill_aws(clone):
    aws = clone.aws()
    os.kill(aws.pid, signal.SIGKILL)
    # The last of its threads closes its files, a moment after the process counts as ended.
    port = int(aws.url.rpartition(":")[2])
    _until(lambda: not local_aws.is_running(aws) and local_aws.is_free(port))


def test_up_after_the_local_aws_died_without_a_state_starts_from_nothing(clone, capsys):
    """Where the local AWS has left no state, that of the stack is dropped, and that is said."""
    local.main(["up"])
    _kill_aws(clone)
    marker = clone.stacks / "old"
    marker.touch()
    assert local.main(["up"]) == 0
    assert "The local AWS is gone" in capsys.readouterr().err
    assert not marker.exists()
    assert local_aws.is_running(clone.aws())


def _incidents(aws):
    return boto3.client(
        "ssm-incidents",
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def real_clone(clone, monkeypatch):
    """Give a clone whose local AWS is the real one, up and with a plan in it that is on disk."""
    monkeypatch.setattr(local_aws, "MODULE", "pulumi_incidents.emulator")
    local.main(["up"])
    client = _incidents(clone.aws())
    template = {"title": "Checkout is failing", "impact": 2}
    clone.plan = client.create_response_plan(name="checkout", incidentTemplate=template)["arn"]
    client.close()
    request = urllib.request.Request(f"{clone.aws().url}/_local/save", method="POST")
    urllib.request.urlopen(request).close()
    clone.marker = clone.stacks / "old"
    clone.marker.touch()
    return clone


def test_up_after_the_local_aws_was_killed_goes_on_with_what_it_had(real_clone, capsys):
    """The real local AWS comes back at its address with its plan, and the stack's state stays."""
    before = real_clone.aws()
    _kill_aws(real_clone)
    assert local.main(["up"]) == 0
    assert real_clone.aws().url == before.url
    assert real_clone.aws().pid != before.pid
    told = capsys.readouterr().err
    assert f"It runs again at {before.url}, with what was in it." in told
    assert "is gone" not in told
    assert real_clone.marker.exists()
    client = _incidents(real_clone.aws())
    assert client.get_response_plan(arn=real_clone.plan)["name"] == "checkout"
    client.close()
    assert local.main(["down"]) == 0
    assert not list(real_clone.folder.glob("local-aws.state*"))


def test_up_after_a_kill_takes_another_port_where_the_old_one_is_taken(real_clone):
    """The state is what counts: a port that is taken meanwhile does not keep it from starting."""
    port = int(real_clone.aws().url.rpartition(":")[2])
    _kill_aws(real_clone)
    with socket.create_server(("127.0.0.1", port)):
        assert local.main(["up"]) == 0
    client = _incidents(real_clone.aws())
    assert client.get_response_plan(arn=real_clone.plan)["name"] == "checkout"
    client.close()
    assert not real_clone.aws().url.endswith(f":{port}")


def test_up_with_a_state_that_cannot_be_loaded_starts_from_nothing(real_clone, capsys):
    """A damaged state is named, and then both states are dropped."""
    _kill_aws(real_clone)
    (real_clone.folder / "local-aws.state").write_text("no state, and long enough" * 100)
    assert local.main(["up"]) == 0
    told = capsys.readouterr().err
    assert "local-aws.state is damaged" in told
    assert "starting from nothing" in told
    assert not real_clone.marker.exists()
    assert local_aws.is_running(real_clone.aws())


def test_up_beside_a_local_aws_that_is_not_recorded_keeps_its_state(real_clone, capsys):
    """When the record is lost and the process lives, its state file is neither used nor removed."""
    lost = real_clone.aws()
    real_clone.record.unlink()
    assert local.main(["up"]) == 1
    assert "is in use by another local AWS" in capsys.readouterr().err
    assert real_clone.marker.exists()
    real_clone.record.write_text(json.dumps(lost._asdict()))
    assert local_aws.is_running(lost)


def test_down_without_up(clone, capsys):
    """`down` with nothing to do says so and is content."""
    assert local.main(["down"]) == 0
    assert capsys.readouterr().out == "Nothing is running.\n"
    assert clone.calls() == []


def test_down_after_the_local_aws_died(clone, capsys):
    """`down` with a dead local AWS drops the state without asking pulumi."""
    clone.stacks.mkdir(parents=True)
    (clone.stacks / "local.json").touch()
    _record(clone, _dead_pid(), _unused_url())
    assert local.main(["down"]) == 0
    assert "was gone already" in capsys.readouterr().out
    assert not clone.stacks.exists()
    assert not clone.record.exists()
    assert clone.calls() == []


def test_a_failing_destroy_keeps_everything(clone, monkeypatch, capsys):
    """When destroy fails, the local AWS and the state stay and the exit code tells."""
    local.main(["up"])
    monkeypatch.setenv("DESTROY_STATUS", "255")
    assert local.main(["down"]) == 1
    assert "are kept" in capsys.readouterr().err
    assert local_aws.is_running(clone.aws())
    assert (clone.stacks / "local.json").exists()


def test_a_failing_up_keeps_the_local_aws(clone, monkeypatch, capsys):
    """When `pulumi up` fails, the exit code tells and a later `up` goes on from there."""
    monkeypatch.setenv("UP_STATUS", "255")
    assert local.main(["up"]) == 1
    assert "the local AWS runs on" in capsys.readouterr().err
    first = clone.aws()
    monkeypatch.setenv("UP_STATUS", "0")
    assert local.main(["up"]) == 0
    assert clone.aws() == first


def test_a_foreign_process_is_never_signalled(clone, foreigner):
    """A recorded pid that now belongs to another process is left alone, by `up` and by `down`."""
    _record(clone, foreigner.pid, _unused_url())
    assert local.main(["down"]) == 0
    _record(clone, foreigner.pid, _unused_url())
    assert local.main(["up"]) == 0
    assert local.main(["down"]) == 0
    assert foreigner.poll() is None


@pytest.mark.parametrize("answer", ['{"service": "pulumi-incidents local AWS", "pid": 1}', "hello"])
def test_another_server_at_the_address_is_not_ours(clone, foreigner, answer):
    """A server that answers with another pid, or with something else, is not the local AWS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        aws = local_aws.LocalAws(foreigner.pid, f"http://127.0.0.1:{server.server_port}")
        assert not local_aws.is_running(aws)
        server.shutdown()
        thread.join()
    assert clone.calls() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x", "url": 1}', '{"pid": 1}', "null"])
def test_an_unreadable_record_counts_as_none(clone, text):
    """A record that is cut short or strange is no record."""
    clone.folder.mkdir()
    clone.record.write_text(text)
    assert clone.aws() is None


def test_a_pinned_port_is_not_ignored(clone, monkeypatch, capsys):
    """PORT is refused when it is no port, or when the local AWS already runs at another."""
    monkeypatch.setenv("PORT", "http")
    assert local.main(["up"]) == 1
    assert "PORT=http is not a port" in capsys.readouterr().err
    monkeypatch.delenv("PORT")
    local.main(["up"])
    monkeypatch.setenv("PORT", "1")
    assert local.main(["up"]) == 1
    assert "`make down` first" in capsys.readouterr().err
    assert local_aws.is_running(clone.aws())


@pytest.mark.parametrize(
    ("holder", "unlocked"),
    [("dead", True), ("cut short", True), ("alive", False), ("other host", False)],
)
def test_only_a_lock_whose_holder_is_gone_is_removed(clone, foreigner, holder, unlocked):
    """The lock of a killed pulumi is removed; one that may be held is left for pulumi to tell."""
    local.main(["up"])
    pid = foreigner.pid if holder == "alive" else _dead_pid()
    host = "elsewhere" if holder == "other host" else socket.gethostname()
    clone.locks.mkdir()
    text = json.dumps({"pid": pid, "hostname": host})
    (clone.locks / "lock.json").write_text(text[:9] if holder == "cut short" else text)
    local.main(["up"])
    assert ("cancel --yes --stack local --non-interactive" in clone.calls()) is unlocked


def test_ctrl_c_lets_pulumi_finish(tmp_path):
    """Ctrl-C reaches pulumi, which saves its state; the tool waits for it instead of killing it."""
    script = f"#!/bin/sh\nPATH=/usr/bin:/bin\ncd {tmp_path}\n"
    script += (
        "trap 'sleep 1; touch saved; exit 7' INT\ntouch started\nwhile :; do sleep 0.1; done\n"
    )
    _write_program(tmp_path / "pulumi", script)
    code = "import os, sys; from tools import local; sys.exit(local._run(dict(os.environ), 'up'))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        start_new_session=True,
    ) as process:
        _until((tmp_path / "started").exists)
        os.killpg(process.pid, signal.SIGINT)
    assert process.returncode == 7
    assert (tmp_path / "saved").exists()


def test_nothing_of_a_real_account_is_used(clone, monkeypatch, tmp_path):
    """Every AWS variable of the person is dropped, for pulumi and in a shell that reads `env`."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM_INCIDENTS", "https://real.example")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://real.example")
    local.main(["up"])
    shell = subprocess.run(
        ["sh", "-c", f". {clone.folder}/env && env"], capture_output=True, text=True, check=True
    )
    assert shell.stderr == ""
    for text in ((tmp_path / "environment").read_text(), shell.stdout):
        settings = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        assert {name: value for name, value in settings.items() if name.startswith("AWS_")} == {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": clone.aws().url,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
        assert settings["PULUMI_BACKEND_URL"] == f"file://{clone.folder}/state?metadata=skip"
        assert settings["PULUMI_HOME"] == f"{clone.folder}/pulumi"


def test_the_page_is_opened_and_its_address_printed(clone, monkeypatch, capsys):
    """`console` is for a person with a browser here, and for one who has it elsewhere."""
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    local.main(["up"])
    capsys.readouterr()
    assert local.main(["console"]) == 0
    assert opened == [f"{clone.aws().url}/"]
    assert capsys.readouterr().out == f"{opened[0]}\n"


def test_what_looks_at_a_local_aws_needs_a_running_one(clone, capsys):
    """Without a local AWS each says how to start it."""
    for command in ("show", "doctor", "console", "env"):
        assert local.main([command]) == 1
        assert capsys.readouterr().err == "The local AWS is not running: `make up` starts it.\n"
    assert clone.calls() == []


def test_show_prints_the_live_plan_and_incident(clone, monkeypatch, capsys):
    """`show` prints what the local AWS, the real one here, has for the stack's two ARNs."""
    monkeypatch.setattr(local_aws, "MODULE", "pulumi_incidents.emulator")
    aws = local_aws.start(clone.folder, 0)
    assert local_aws.is_running(aws)
    client = _incidents(aws)
    template = {"title": "Checkout is failing", "impact": 2}
    plan = client.create_response_plan(name="checkout", incidentTemplate=template)["arn"]
    incident = client.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    client.close()
    monkeypatch.setenv("OUTPUTS", json.dumps({"plan_arn": plan, "incident_arn": incident}))
    clone.stacks.mkdir(parents=True)
    (clone.stacks / "local.json").touch()
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with mock.patch.dict(os.environ):  # the command is the whole process in real life
        assert local.main(["show"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["responsePlan"]["arn"] == plan
    assert shown["incidentRecord"]["arn"] == incident
    assert "ResponseMetadata" not in shown["responsePlan"]


def test_a_taken_port_is_one_sentence(clone, monkeypatch, capsys):
    """The real local AWS on a port that is taken leaves one sentence and no record."""
    monkeypatch.setattr(local_aws, "MODULE", "pulumi_incidents.emulator")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert local.main(["up"]) == 1
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert str(port) in told
    assert clone.aws() is None


def test_make_lists_every_target():
    """`make` alone names each target that a person may give."""
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line.split()[1] for line in done.stdout.splitlines()] == phony
