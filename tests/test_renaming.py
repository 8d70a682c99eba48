"""docs/renaming.md, from its text. Real: the engine, the stand-in of pulumi-aws, the local AWS."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import ROOT
from tests.documents import blocks
from tests.program import Program

PAGE = "docs/renaming.md"
COLUMNS = ("create", "update", "replace", "delete")


def programs():
    """Return the programs of the page."""
    return [block.text for block in blocks("python") if block.page == PAGE]


def without(source, word):
    """Return a program without the line that has a word."""
    lines = [line for line in source.splitlines(keepends=True) if word not in line]
    assert len(lines) == source.count("\n") - 1
    return "".join(lines)


def changes(program, source):
    """Return how many resources a preview of a program would change, and how."""
    (program.folder / "__main__.py").write_text(source)
    summary = json.loads(program.run("preview", "--json"))["changeSummary"]
    return [summary.get(column, 0) for column in COLUMNS]


def table():
    """Return the numbers that the page has, from the least to the whole of the rename."""
    rows = re.findall(
        r"^\| another name.*?((?:\| \d+ )+)\|$", (ROOT / PAGE).read_text(), re.MULTILINE
    )
    return [[int(number) for number in re.findall(r"\d+", row)] for row in rows]


ALARM = """
from pulumi_incidents.stacks import AlarmTrigger

AlarmTrigger("{}", payments, {{"namespace": "Shop", "metric_name": "Errors", "threshold": 10}})
"""


@pytest.mark.usefixtures("pages_documents")
def test_what_is_renamed_as_the_page_says_stays_as_it_is(tmp_path, stack_environment, local_aws):
    """The previews are those of the page; nobody confirms again, and no incident starts again.

    Beside them another key of an alarm is another alarm, and nothing else.
    """
    before, after, alone = programs()
    old = alone.replace('"payments', '"checkout').replace('"checkout-failover"', '"failover"')
    program = Program(tmp_path / "program", stack_environment, before + old + ALARM.format("old"))
    program.configure()
    program.run("up", "--yes", "--skip-preview")
    ids = things(program)
    local_aws.forget()
    renamed = (without(without(after, "aliases"), "plan_name"), without(after, "plan_name"), after)
    rest = alone + ALARM.format("old")
    assert [changes(program, source + rest) for source in renamed] == table()
    (program.folder / "__main__.py").write_text(after + alone + ALARM.format("new"))
    program.up()
    assert {kind for kind, _ in things(program) ^ ids} == {"aws:cloudwatch/metricAlarm:MetricAlarm"}
    changed = [each["operation"] for each in local_aws.requests(None) if each["mutating"]]
    assert changed == ["PutMetricAlarm", "DeleteAlarms"]
    later = without(after, "aliases") + alone + ALARM.format("new")
    assert changes(program, later) == [0, 0, 0, 0], "the alias may go"


def things(program):
    """Return what there is at AWS, by type and id."""
    return {(each["type"], each["id"]) for each in program.resources() if each.get("id")}
