"""docs/commands.md, as somebody does it who has installed the package and has no account.

Real: the wheel of these sources in an environment of its own, the local AWS that the page starts,
and every command of which the page has what it prints. The port is any that is free.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess

import pytest

from tests.conftest import ROOT
from tests.documents import FENCE, blocks, commands

PAGE = "docs/commands.md"
COMMAND = "pulumi-incidents"


@pytest.fixture
def environment(workshop, local_aws):
    """Return the environment of somebody who has installed the wheel, and no AWS yet."""
    kept = {
        name: value
        for name, value in local_aws.environment.items()
        if not name.startswith(("AWS_", "PYTHONPATH"))
    }
    return {**kept, "PATH": os.pathsep.join([str(workshop / "venv/bin"), os.environ["PATH"]])}


@pytest.fixture
def started(environment):
    """Start the local AWS of the page; return the environment that the page tells to set."""
    told = [
        command for block in blocks("console") if block.page == PAGE for command in commands(block)
    ]
    (start,) = (shlex.split(each) for each in told if each.startswith(f"{COMMAND} local-aws"))
    start[start.index("--port") + 1] = "0"
    with subprocess.Popen(
        [*start, "--end-with-stdin"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        url = process.stdout.readline().strip()
        exports = (shlex.split(each)[1:] for each in told if each.startswith("export "))
        said = dict(variable.split("=", 1) for line in exports for variable in line)
        yield {**environment, **said, "AWS_ENDPOINT_URL": url}
        process.stdin.close()
        assert process.wait() == 0


def run(environment, *words):
    """Run a command that is on PATH, and return what it prints without the ends of lines."""
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def printed():
    """Return the commands of the page, each with what the page has as its answer."""
    text = (ROOT / PAGE).read_text()
    shown = [match[3] for match in FENCE.finditer(text) if match[3].startswith("$ ")]
    return [each.removeprefix("$ ").rstrip().split("\n", 1) for each in shown]


def test_the_page_is_what_somebody_sees_who_follows_it(started):
    """Help, who is paged with and without answers, and the same for a program."""
    assert "Show who is paged" in run(started, COMMAND, "--help")
    shown = printed()
    assert len(shown) >= 2
    for command, answer in shown:
        assert run(started, *shlex.split(command)) == answer
    first, _ = shown[0]
    (block,) = (each for each in blocks("json") if each.page == PAGE)
    told = json.loads(run(started, *shlex.split(first), "--json"))[:1]
    assert without_ids(told) == without_ids(json.loads(block.text))


def without_ids(pages):
    """Return pages without what AWS makes up in the ARN of a channel."""
    return [{**page, "channel_arn": page["channel_arn"].rpartition("/")[0]} for page in pages]
