"""The local AWS for the tests of any program: a server process, and what to ask of it.

    with running() as aws:
        aws.client("ssm-incidents").list_response_plans()

pytest has it as the fixture `incident_manager`, from `pytest_plugin`. `LocalAws` alone is for a
server that something else has started, such as a container.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Timer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import botocore.session
from botocore.config import Config

REGION = "us-east-1"
_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
# As botocore's `session_vars`: key in the file, environment variable, default, conversion.
_NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_START_SECONDS = 60
_STOP_SECONDS = 10
_ANSWER_SECONDS = 60
_DIRECT = build_opener(ProxyHandler({}))  # whatever proxy the environment names


class LocalAwsError(Exception):
    """The local AWS did not start, does not answer, or refuses what it was told, in a sentence."""


class LocalAws:
    """A running local AWS at the base address `url`: clients, what was asked of it, faults.

    Every method but `client` raises `LocalAwsError`.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        core = botocore.session.Session(session_vars=_NO_FILES)
        self._session: Any = boto3.Session(botocore_session=core)
        self._making_client = Lock()  # a session may not be used by two threads

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this process, changed so that any AWS SDK or tool finds this AWS.

        Every `AWS_*` variable is replaced, so no profile of a real account has a say. Give it to
        `subprocess.run(…, env=…)`, or to `mock.patch.dict(os.environ, …, clear=True)` for code in
        this process that makes its own clients.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        bypass = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"]))
        return {
            **kept,
            **{name.upper(): value for name, value in _CREDENTIALS.items()},
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,  # the one that boto3 and the AWS CLI read
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": bypass,
            "no_proxy": bypass,
        }

    def client(self, service: str, **arguments: Any) -> Any:
        """Return a boto3 client of any service that this AWS has.

        `arguments` are those of `boto3.client`. Unless they say otherwise, the region is
        us-east-1, the account 123456789012, and no request is tried twice, so that a test sees
        every answer; with `config=Config(retries={"total_max_attempts": 3})` botocore retries.
        """
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        given = {"region_name": REGION, "endpoint_url": self.url, **_CREDENTIALS, **arguments}
        given["config"] = config.merge(arguments.get("config", Config()))
        with self._making_client:
            return self._session.client(service, **given)

    def requests(
        self, service: str | None = "ssm-incidents", operation: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the requests since the log was last emptied, oldest first.

        `service` is a name as in the signature of a request, like "sns"; None is every service.
        Each request has `id`, `time`, `service`, `operation`, `status` (None when its answer was
        `lost`), `error` (the AWS code or None), `mutating`, `request_id` as in its answer, and
        `parameters` where it was for Incident Manager.
        """
        filters = {"service": service, "operation": operation}
        query = urlencode({name: value for name, value in filters.items() if value is not None})
        found: list[dict[str, Any]] = self._control("GET", f"requests?{query}")["requests"]
        return found

    def operations(self, service: str | None = "ssm-incidents") -> list[str]:
        """Return the names of the operations in `requests`, like "StartIncident"."""
        return [entry["operation"] for entry in self.requests(service)]

    def messages(self, incident: str | None = None) -> list[dict[str, Any]]:
        """Return what topics were told since the start or a reset, oldest first: the last 1,000.

        `incident` is the ARN of the one to hear of. Each message has its `topic`, `time`,
        `incident`, `kind` (a type of the timeline), `body` (JSON as published), and `error`: why
        the topic did not get it, or None.
        """
        query = f"?{urlencode({'incident': incident})}" if incident else ""
        found: list[dict[str, Any]] = self._control("GET", f"messages{query}")["messages"]
        return found

    def forget(self) -> None:
        """Empty the log of requests."""
        self._control("DELETE", "requests")

    def fail(
        self,
        operation: str,
        code: str,
        *,
        times: int | None = 1,
        message: str | None = None,
        **members: Any,
    ) -> None:
        """Answer the next `times` requests to an operation of Incident Manager with an AWS error.

        `operation` may be "*" for any, and `times` None for all. `members` are those that the error
        has in the API, with `retryAfter` in seconds from now.
        """
        told = {} if message is None else {"message": message}
        self.fault(operation, times=times, error={"code": code, **told, **members})

    def delay(self, operation: str, seconds: float, *, times: int | None = 1) -> None:
        """Let the next `times` requests to an operation wait before they are handled."""
        self.fault(operation, times=times, delay=seconds)

    def lose_answer(self, operation: str, *, times: int | None = 1) -> None:
        """Handle the next `times` requests to an operation, and close the connection unanswered."""
        self.fault(operation, times=times, lose_answer=True)

    def fault(self, operation: str, **declared: Any) -> None:
        """Declare a fault with any of the keys that `front.faults.Fault` describes."""
        self._control("POST", "faults", {"operation": operation, **declared})

    def faults_left(self) -> int:
        """Return how many declared faults are still to come."""
        return len(self._control("GET", "faults")["faults"])

    def denials(self) -> list[dict[str, Any]]:
        """Return what was denied since the start or a reset, oldest first: the last 1,000.

        Each has its `principal`, `action`, `resource`, the `code` and `message` of AWS, its `time`,
        and its `effect`: what came of it, like a runbook that did not start.
        """
        found: list[dict[str, Any]] = self._control("GET", "denials")["denials"]
        return found

    def permissions(self, mode: str) -> None:
        """Evaluate `services`, nothing (`off`), or with `enforce` also users and roles.

        It holds until a reset. Access keys that the local IAM does not know, like those of
        `client`, may do everything.
        """
        self._control("PUT", "permissions", {"mode": mode})

    def clock(self) -> datetime:
        """Return the time of this AWS, in UTC: that of the wall unless it was set or moved on."""
        return _time(self._control("GET", "clock"))

    def set_clock(self, time: datetime | str, *, running: bool = False) -> datetime:
        """Put the clock to a time, ahead or back, and stop it there; return the time it has then.

        `time` has a zone: `datetime(2026, 12, 25, 3, tzinfo=timezone.utc)` or
        "2026-12-25T03:00:00Z", in the years from 1970 to 2999. With `running` it runs on from
        there. It holds until a reset.
        """
        told = time.isoformat() if isinstance(time, datetime) else time
        return _time(self._control("PUT", "clock", {"time": told, "running": running}))

    def advance(self, step: timedelta | float) -> datetime:
        """Move the clock on by a timedelta or seconds, above 0; return the time it has then.

        A clock that stands still goes on standing, one that runs goes on running.
        """
        seconds = step.total_seconds() if isinstance(step, timedelta) else step
        return _time(self._control("POST", "clock", {"advance": seconds}))

    def release_clock(self) -> None:
        """Let the clock run with the wall again, as a reset does."""
        self._control("DELETE", "clock")

    def heal(self) -> None:
        """Forget every fault that is left."""
        self._control("DELETE", "faults")

    def reset(self) -> None:
        """Go back to the start: nothing made, nothing asked, no fault to come, the wall's time."""
        self._control("POST", "reset")
        self.forget()

    def _control(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self.url}/_local/{path}", body, method=method)  # noqa: S310 - http
        try:
            with _DIRECT.open(request, timeout=_ANSWER_SECONDS) as answer:
                text = answer.read()
        except HTTPError as refusal:
            with refusal:
                raise LocalAwsError(_message(refusal)) from None
        except (OSError, HTTPException) as error:
            raise LocalAwsError(self._silence(error)) from error
        return json.loads(text) if text else None

    def _silence(self, error: Exception) -> str:
        return f"The local AWS at {self.url} does not answer: {error}."


class _Process(LocalAws):
    """A local AWS that `running` has started, which can tell how it ended."""

    def __init__(self, url: str, process: subprocess.Popen[str], log: Path) -> None:
        super().__init__(url)
        self._process = process
        self._log = log

    def _silence(self, error: Exception) -> str:
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return super()._silence(error)
        return f"The local AWS at {self.url} ended with status {status}: {_last_line(self._log)}"


@contextmanager
def running(replication_set: str | None = REGION) -> Iterator[LocalAws]:
    """Run a local AWS on a free port of 127.0.0.1 for as long as the block lasts.

    It ends with this process however that ends, killed included. `replication_set` is the region
    of an ACTIVE replication set that is there from the start; None starts like an account without.
    Raises LocalAwsError when it does not start, within 60 seconds at most.
    """
    with TemporaryDirectory(prefix="local-aws-") as folder:
        log = Path(folder, "log")
        process = _start(log, replication_set)
        try:
            yield _Process(_address(process, log), process, log)
        finally:
            _stop(process)


def _start(log: Path, replication_set: str | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0", "--end-with-stdin"]
    if replication_set is not None:
        command.append(f"--replication-set={replication_set}")
    # The modules that this process finds, wherever it has them from, and none besides.
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    with log.open("w") as out:
        return subprocess.Popen(  # noqa: S603 - our own module
            command,
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests, which may want to clean up
        )


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None  # noqa: S101 - for the type checker
    watch = Timer(_START_SECONDS, process.kill)
    watch.daemon = True
    watch.start()
    url = process.stdout.readline().strip()
    watch.cancel()
    if url:
        return url
    status, reason = process.wait(), _last_line(log)
    if "ModuleNotFoundError" in reason:
        raise LocalAwsError(
            "The local AWS needs more than is installed: "
            f"pip install '/path/to/clone/of/pulumi-incidents[emulator]' ({reason})."
        )
    raise LocalAwsError(f"The local AWS did not start (status {status}): {reason}")


def _stop(process: subprocess.Popen[str]) -> None:
    with process:  # closes the pipes, and waits
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _time(answer: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answer["time"].replace("Z", "+00:00"))


def _message(refusal: HTTPError) -> str:
    try:
        return str(json.load(refusal)["message"])
    except (ValueError, KeyError, TypeError):
        return f"{refusal.url} answers {refusal.code}: it is not a local AWS."


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    lines = [line for line in lines if line != "Ready."]  # of a start that went well
    return lines[-1] if lines else "it wrote no reason."
