"""Tests hold in any order. Real: pytest in a process of its own, with the fixture of all tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

LEAVING = """
import asyncio, json, sys

import pulumi
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.runtime.config import set_all_config

from pulumi_incidents.identity.settings import Settings
from pulumi_incidents.providers import _aws, _declaration, _settings

def test_one():
    pulumi.runtime.set_mocks(None, project="one", stack="one")
    set_all_config({"one:key": "one"}, ["one:key"])
    asyncio.run(asyncio.sleep(0))
    sys.tracebacklimit = 0
    values = {"aws:region": "eu-west-1", "aws:defaultTags": json.dumps({"tags": {"one": "one"}})}
    _aws.configure(ConfigureRequest(Config(values, "one")))
    _aws._verdicts[Settings()] = "one"
    _settings.note({"aws_provider": {"urn": "one"}})
    _declaration._declared["plan", "one", ""] = "one"
"""

LOOKING = """
def test_another():
    assert pulumi.get_stack() != "one"
    assert pulumi.runtime.get_root_resource() is None
    assert pulumi.Config("one").get("key") is None
    assert not asyncio.get_event_loop().is_closed()
    assert not hasattr(sys, "tracebacklimit")
    assert _settings.settings_for({}) == Settings()
    assert (_aws._verdicts, _settings._newest) == ({}, {})
    assert _declaration._declared == {}
"""

CARELESS = """
import os, signal, sys

def test_environment():
    os.environ["AWS_PROFILE"] = "one"

def test_folder():
    os.chdir("/")

def test_module_path():
    sys.path.append("/")

def test_signals():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""


@pytest.fixture
def session(pytester, monkeypatch):
    """Answer a maker of test runs with the fixture that isolates all tests here."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest("from tests.conftest import _isolated")

    def run(source):
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "no:randomly", "-W", "error")

    return run


FILES = (
    "tests/test_document_blocks.py::test_every_sentence_is_what_the_code_says",
    "tests/test_stacks.py::test_a_topic_lets_incident_manager_publish_for_this_account_only",
)


@pytest.mark.parametrize("tests", [FILES, FILES[::-1]], ids=["there", "back"])
def test_files_may_share_a_process_in_any_order(tests):
    """Either file may come first, where both declare things with the SDK."""
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *tests], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_nothing_stays_in_the_process(session):
    """What the SDK and the providers keep for the life of a process is gone after a test."""
    session(LEAVING + LOOKING).assert_outcomes(passed=2)


def test_a_test_that_leaves_something_is_told_so(session):
    """What only a test can take back fails that test, not one that happens to come later."""
    session(CARELESS).assert_outcomes(passed=4, errors=4)
