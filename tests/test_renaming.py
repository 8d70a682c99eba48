"""docs/renaming.md, from its text. Real: the engine, the stand-in of pulumi-aws, the local AWS."""

from __future__ import annotations

import json
import re

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


def test_a_component_that_is_renamed_as_the_page_says_stays_as_it_is(
    tmp_path, stack_environment, local_aws
):
    """The previews are those of the page; nobody confirms again, and the drill goes on."""
    before, after, *_ = programs()
    program = Program(tmp_path / "program", stack_environment, before)
    program.configure()
    program.run("up", "--yes", "--skip-preview")
    ids = sorted(each["id"] for each in program.resources() if each.get("id"))
    local_aws.forget()
    renamed = (without(without(after, "aliases"), "plan_name"), without(after, "plan_name"), after)
    assert [changes(program, source) for source in renamed] == table()
    program.up()
    assert sorted(each["id"] for each in program.resources() if each.get("id")) == ids
    assert [each["operation"] for each in local_aws.requests() if each["mutating"]] == []
    program.run("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_a_key_of_an_alarm_and_a_name_of_a_resource(tmp_path, stack_environment, local_aws):
    """Another key is another alarm; a plan and an incident with an alias are neither."""
    *_, alone = programs()
    old = alone.replace('"payments', '"checkout').replace('"checkout-failover"', '"failover"')
    alarm = (
        "from pulumi_incidents.stacks import AlarmTrigger\n"
        'errors = {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}\n'
        'AlarmTrigger("errors", payments, errors)\n'
    )
    program = Program(tmp_path / "program", stack_environment, old + alarm)
    program.configure()
    program.run("up", "--yes", "--skip-preview")
    ids = {each["urn"].rpartition("::")[2]: each.get("id") for each in program.resources()}
    renamed = alarm.replace('"errors", payments', '"failures", payments')
    assert changes(program, alone + renamed) == [2, 0, 0, 2]
    program.up()
    state = program.state()
    assert state["payments"]["id"] == ids["checkout"]
    assert state["payments-failover"]["id"] == ids["failover"]
    assert local_aws.operations().count("StartIncident") == 1
