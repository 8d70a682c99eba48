"""A local AWS that keeps its state in a file, for tests that end it and start it again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time

from pulumi_incidents.emulator.testing import LocalAws
from tests.conftest import ROOT

TEMPLATE = {"title": "Checkout is failing", "impact": 2}
# A line of the access log.
REQUEST = re.compile(r"\d{4}-\d\d-\d\d [\d:,]+ [\w-]+ .* \d{3} ")


class Emulator(LocalAws):
    """A local AWS with a state file, started and ended as often as a test likes."""

    def __init__(self, state, port="0", options=()):
        super().__init__("")
        self.options = options
        self.state, self.port, self.process, self.told = state, port, None, ""

    def start(self):
        """Start it, on the port that it had."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pulumi_incidents.emulator", "--port", self.port),
                *("--replication-set", "us-east-1", "--state", str(self.state)),
                *self.options,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self.url = self.process.stdout.readline().strip()
        self.port = self.url.rpartition(":")[2] or self.port
        return self

    def _read(self):
        for line in self.process.stderr:
            if not REQUEST.match(line) and line != "Ready.\n":
                self.told += line

    def end(self, number=signal.SIGTERM):
        """Send a signal and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode

    def restart(self, number=signal.SIGTERM):
        """End it and start it again."""
        self.end(number)
        return self.start()

    def save(self):
        """Return when everything is on disk."""
        self._control("POST", "save")

    def plans(self):
        """Return the names of all plans."""
        pages = self.client("ssm-incidents").get_paginator("list_response_plans").paginate()
        return {plan["name"] for page in pages for plan in page["responsePlanSummaries"]}

    def make_plan(self, name, **template):
        """Create a plan and return its ARN."""
        incidents = self.client("ssm-incidents")
        return incidents.create_response_plan(name=name, incidentTemplate={**TEMPLATE, **template})[
            "arn"
        ]


def until(condition, seconds=60):
    """Wait for something that takes a moment."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.05)
