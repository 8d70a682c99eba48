"""The local AWS while more requests wait than it has threads for.

Real: the server process, and HTTP on 127.0.0.1, without the retries of an SDK.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from pulumi_incidents.emulator.__main__ import _QUICK_THREADS, _THREADS
from pulumi_incidents.emulator.front.lanes import MAX_WAITING
from tests.conftest import ROOT

SCOPE = "Credential=test/20260301/us-east-1/ssm-incidents/aws4_request"
CALL = "/_local/console/call/ssm-incidents/"
PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/missing"
SECONDS = 10
MOST = 10_000
TOO_MANY = 20


@pytest.fixture
def server():
    """Run a local AWS of its own, whose stderr nobody reads, and end it whatever it waits for."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        yield process.stdout.readline().strip()
        process.kill()


def connect(url, seconds):
    """Return a connection on which nothing takes longer."""
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=seconds)


def send(url, method, path, body=None, **headers):
    """Send a request on a connection of its own, and return the connection."""
    connection = connect(url, 6 * SECONDS)
    connection.request(method, path, body and json.dumps(body), headers)
    return connection


def answer(url, method, path, body=None, **headers):
    """Return what a request is answered with in a few seconds: status and content."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=SECONDS) as answered:
        return answered.status, answered.read()


def test_the_control_api_answers_however_many_requests_are_delayed(server):
    """The page does, too; healing lets all of them go on, but for those far too many, refused."""
    answer(server, "POST", "/_local/faults", {"operation": "*", "delay": 600, "times": MOST})
    page = {"Origin": server, "Content-Type": "application/json"}
    program = {"Authorization": SCOPE}
    requests = [
        *[(f"{CALL}DeleteResponsePlan", {"arn": PLAN}, page)] * 2 * _QUICK_THREADS,
        *[("/listResponsePlans", {}, program)] * (_THREADS - 2 * _QUICK_THREADS),
        *[("/listResponsePlans", {}, program)] * MAX_WAITING,
        *[("/listResponsePlans", {}, program)] * TOO_MANY,
    ]
    with ExitStack() as open_until_the_end:
        connections = []
        for path, body, headers in requests:
            connection = send(server, "POST", path, body, **headers)
            connections.append(open_until_the_end.enter_context(closing(connection)))
        wait_until_delayed(server, _THREADS)
        assert answer(server, "GET", "/")[0] == 200
        assert json.loads(answer(server, "GET", "/_local/console/state")[1])["boot"]
        assert answer(server, "POST", f"{CALL}ListResponsePlans", {}, **page)[0] == 200

        assert answer(server, "DELETE", "/_local/faults")[0] == 204
        statuses = Counter(each.getresponse().status for each in connections)
    done = len(requests) - TOO_MANY
    assert statuses == {204: 2 * _QUICK_THREADS, 200: done - 2 * _QUICK_THREADS, 503: TOO_MANY}


def wait_until_delayed(server, number):
    """Wait until so many requests have met the fault."""
    until = time.monotonic() + SECONDS
    while True:
        [left] = json.loads(answer(server, "GET", "/_local/faults")[1])["faults"]
        if left["times"] == MOST - number:
            return
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_control_api_answers_when_nobody_reads_stderr(server):
    """A pipe that is full stops the requests, which have a line there, and not the control API."""

    def ask_until_stuck(_):
        with contextlib.suppress(TimeoutError), closing(connect(server, 2)) as connection:
            while True:
                connection.request("POST", "/listResponsePlans", "{}", {"Authorization": SCOPE})
                connection.getresponse().read()

    with ThreadPoolExecutor(_THREADS + 6) as pool:
        list(pool.map(ask_until_stuck, range(_THREADS + 6)))
    assert answer(server, "GET", "/_local/health")[0] == 200
    assert answer(server, "GET", "/_localstack/health")[0] == 200
