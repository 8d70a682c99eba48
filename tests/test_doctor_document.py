"""What docs/doctor.md prints. Real: the command, and the local AWS with the team of the example."""

from __future__ import annotations

import shlex

import pytest

from tests import commanded
from tests.conftest import ROOT
from tests.documents import blocks, commands

PRINTED = [
    block
    for block in blocks("console")
    if block.page == "docs/doctor.md" and block.text.startswith("$ ")
]


def printed(block):
    """Return what a block shows below its command."""
    lines = block.text.splitlines()
    while lines and lines.pop(0).endswith("\\"):
        pass
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("block", PRINTED, ids=str)
def test_what_is_printed_is_what_a_person_sees(local_aws, block):
    """The page shows no other report than the one that its command gives."""
    local_aws.seed(ROOT / "examples/on_call/team.json")
    [command] = commands(block)
    environment = {**local_aws.environment, "COLUMNS": "100"}
    done = commanded.run(environment, *shlex.split(command)[1:])
    assert done.stdout == printed(block)
    assert done.stderr == ""


def test_the_page_shows_a_report():
    """There is something to compare."""
    assert len(PRINTED) == 1
