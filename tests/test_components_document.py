"""docs/components.md and docs/permissions.md. Real: the engine, the stand-in, the local AWS."""

from __future__ import annotations

import re

import pulumi
import pytest

from pulumi_incidents import stacks
from tests.conftest import ROOT
from tests.program import Program
from tools import permissions, reads

TEXT = (ROOT / "docs/components.md").read_text()
COMPONENTS = {
    name: kind
    for name, kind in vars(stacks).items()
    if isinstance(kind, type) and issubclass(kind, pulumi.ComponentResource)
}


@pytest.mark.usefixtures("pages_documents")
@pytest.mark.parametrize(
    "source",
    [
        pytest.param(source, id=title.split()[0])
        for title, source in re.findall(r"## ([^\n]+)\n\n```python\n(.*?)```", TEXT, re.DOTALL)
    ],
)
def test_an_example_works_as_it_is_printed(tmp_path, stack_environment, source):
    """Whoever copies an example gets a stack that comes up, settles and goes away."""
    program = Program(tmp_path / "example", stack_environment, source)
    program.configure()
    program.up()
    program.destroy()
    assert program.state() == {}


def test_the_table_has_every_component_with_its_outputs_and_file():
    """What a component gives is found in one place, under the names it has in the code."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| `(\w+)\.py` \|$", TEXT, re.MULTILINE)
    assert {name: (re.findall(r"\w+", outputs), file) for name, outputs, file in rows} == {
        name: (list(kind.__annotations__), kind.__module__.rpartition(".")[2])
        for name, kind in COMPONENTS.items()
    }


def test_every_statement_of_the_policies_is_explained():
    """The tables of docs/permissions.md name each statement, the reader's too, and no other."""
    text = (ROOT / "docs/permissions.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    policies = (permissions.policy(permissions.PLACEHOLDER), reads.policy())
    assert named == [each["Sid"] for policy in policies for each in policy["Statement"]]
