"""What the documents say of the local Incident Manager and its contacts.

Real: the document and botocore's models.
"""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.wire import CONTACTS, OPERATIONS

# Sources of a row: the reference of the API, and nothing that is not explained at the top.
SOURCES = ("API", "CLI", "CloudFormation", "aws-cloudformation/", "examples", "guide", "hashicorp/")


def test_the_tables_of_fidelity_have_every_operation():
    """One row for each of the models', in their order, with every cell filled and its sources."""
    text = (ROOT / "docs/emulator.md").read_text()
    cells = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    rows = [row for row in cells if len(row) == 4]  # the other tables have two columns
    assert [row[0].strip("| `") for row in rows] == [*sorted(OPERATIONS), *sorted(CONTACTS)]
    for row in rows:
        operation, faithful, differs, source = row
        assert operation
        assert faithful.strip()
        assert differs.strip()
        assert "API" in source
        assert all(each.startswith(SOURCES) for each in source.removesuffix(" |").split("; "))


@pytest.mark.parametrize(
    "subject",
    [
        *("Client tokens", "Page tokens", "Dedupe", "Triggers", "Messages", "Validation", "Errors"),
        *("Regions of contacts", "Tokens of contacts", "Errors of contacts", "Events of contacts"),
    ],
)
def test_the_table_of_fidelity_has_what_crosses_operations(subject):
    """Each has a row that says what is unverified or differs."""
    text = (ROOT / "docs/emulator.md").read_text()
    [row] = [line for line in text.splitlines() if line.startswith(f"| {subject} |")]
    assert len([cell for cell in row.strip("| ").split(" | ") if cell.strip()]) == 4
