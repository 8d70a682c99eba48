"""What the documents say of the local Incident Manager.

Real: the document and botocore's model.
"""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.wire import OPERATIONS

NAMES = sorted(OPERATIONS)


def test_the_table_of_fidelity_has_every_operation():
    """One row for each of the model's, in their order, with every cell filled and a source."""
    text = (ROOT / "docs/emulator.md").read_text()
    cells = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    rows = [row for row in cells if len(row) == 4]  # the other tables have two columns
    assert [row[0].strip("| `") for row in rows] == NAMES
    for row in rows:
        operation, faithful, differs, source = row
        assert operation
        assert faithful.strip()
        assert differs.strip()
        assert "API" in source


@pytest.mark.parametrize(
    "subject",
    ["Client tokens", "Page tokens", "Dedupe", "Triggers", "Messages", "Validation", "Errors"],
)
def test_the_table_of_fidelity_has_what_crosses_operations(subject):
    """Each has a row that says what is unverified or differs."""
    text = (ROOT / "docs/emulator.md").read_text()
    [row] = [line for line in text.splitlines() if line.startswith(f"| {subject} |")]
    assert len([cell for cell in row.strip("| ").split(" | ") if cell.strip()]) == 4
