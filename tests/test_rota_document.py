"""docs/rota.md, read from the file. Real: the command, bash and the local AWS over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.documents import blocks, commands
from tests.rota_command import WEEKS, Rota, lines
from tools import rota as documented

PAGE = (ROOT / "docs/rota.md").read_text()
COMMAND = f"{sys.executable} -m pulumi_incidents.commands"


@pytest.fixture
def run(local_aws, tmp_path):
    """Return what runs a command of the page, and returns what it printed."""
    documented.make(local_aws)
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**mine, **local_aws.environment, "PYTHONPATH": str(ROOT)}

    def ran(command):
        words = command.replace("pulumi-incidents", COMMAND, 1)
        done = subprocess.run(
            ["bash", "-c", words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # Who has no shift in the weeks from today on depends on the day; nothing else goes wrong.
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    return ran


def test_every_command_prints_what_the_page_shows(run, tmp_path):
    """The calendar word by word; the others write the files that they name."""
    shown, *others = [block for block in blocks("console") if block.page == "docs/rota.md"]
    [command] = commands(shown)
    assert lines(run(command)) == lines(shown.text)[1:]
    for block in others:
        [command] = commands(block)
        run(command)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rota.ics", "rota.svg"]


def test_the_page_has_every_member_of_the_json(local_aws, monkeypatch, capsys):
    """The table is the shape: no member is missing in it, and none is there that is not."""
    rota = Rota(local_aws, monkeypatch, capsys)
    found = rota.json("checkout", *WEEKS, "--compare")
    table = PAGE.partition("## As JSON")[2].partition("\n## ")[0]
    # Of what is missing and of what differs there is nothing in this rota.
    empty = {"arn", "why", "own", "aws"}
    assert members(found) == {*re.findall(r"`(\w+)`", table)} - empty


def members(value):
    """Return the names of all members, at any depth."""
    if isinstance(value, dict):
        return {*value}.union(*map(members, value.values()))
    return set().union(*map(members, value)) if isinstance(value, list) else set()
