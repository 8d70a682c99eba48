"""The code in README and docs, read from the files. Real: the engine and the local AWS."""

from __future__ import annotations

import re

import pytest

from tests.calls import incidents_as
from tests.conftest import ROOT
from tests.program import Program

# The plans of the documents name topics, and AWS tries them; documents are looked up.
pytestmark = pytest.mark.usefixtures("topics", "pages_documents")


def examples():
    """Yield each Python block of README and docs, by file and number."""
    for path in (ROOT / "README.md", ROOT / "docs/response-plan.md", ROOT / "docs/incident.md"):
        blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
        for number, block in enumerate(blocks, start=1):
            yield pytest.param(block, id=f"{path.name}-{number}")


@pytest.mark.parametrize("source", list(examples()))
def test_an_example_works_as_it_is_printed(tmp_path, stack_environment, local_aws, source):
    """Whoever copies an example gets a stack that comes up, settles and goes away."""
    for role in re.findall(r"arn:aws:iam::\d+:role/\w+", source):
        incidents_as(local_aws, role).create_replication_set(regions={"us-east-1": {}})
    program = Program(tmp_path / "example", stack_environment, source)
    secrets = re.findall(r'require_secret\("([\w-]+)"\)', source)
    program.configure(**{name: f"+1500555010{place}" for place, name in enumerate(secrets)})
    program.up()
    program.destroy()
    assert program.state() == {}
