"""What an incident does from its one start to its end, whatever happens in between.

Real: the Pulumi engine, its language host, the plugin process of the providers and the local AWS,
which boto3 reads. No preview and no refresh in these tests changes anything at AWS.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import time

import pytest

from tests.calls import create_plan, items_of
from tests.declarations import full, minimal
from tests.program import EngineError, Program, kill_session

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")
MARK = ["ListTagsForResource", "TagResource"]
START = ["ListIncidentRecords", "StartIncident", "GetIncidentRecord", *MARK]
LET_GO = [*MARK, "GetIncidentRecord"]
RESOLVE = [*LET_GO, "UpdateIncidentRecord", "CreateTimelineEvent"]
EDIT = ["ListTagsForResource", "UpdateIncidentRecord"]
RESOLVES_FIRST = ["delete-replaced", "replace", "create-replacement"]

SOURCE = """
import json
import pathlib

import pulumi
from pulumi_incidents.providers import Incident, ResponsePlan

declared = json.loads(pathlib.Path("declared.json").read_text())
made = {name: ResponsePlan(name, **plan) for name, plan in declared["plans"].items()}
for name, inputs in declared["incidents"].items():
    opts = pulumi.ResourceOptions(**inputs.pop("opts", {}))
    opts.aliases = [pulumi.Alias(name=alias) for alias in opts.aliases or ()]
    if opts.parent:
        opts.parent = pulumi.ComponentResource("test:index:Team", opts.parent)
        opts.aliases = [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]
    if inputs.get("response_plan_arn") in made:
        inputs["response_plan_arn"] = made[inputs["response_plan_arn"]].arn
    Incident(name, opts, **inputs)
for name, arn in declared["looked_up"].items():
    Incident.get(name, arn)
"""


class Incidents(Program):
    """Incidents, declared in a file: a step is a command, without new code.

    They are given as resource name -> inputs; `opts` among them are the resource's options, with a
    `parent` that is the name of a component. `plans` are made by the program as well, and stand
    for their ARNs by their names; `looked_up` are incidents of others, as resource name -> ARN.
    """

    def __init__(self, folder, environment, local_aws):
        self.local_aws = local_aws
        self.incidents = local_aws.client("ssm-incidents")
        super().__init__(folder, environment, SOURCE)
        self.configure()
        self.declare()

    def run(self, *arguments):
        """Run one command; a preview or a refresh has to leave AWS as it is, also if it fails."""
        before = len(self.local_aws.requests())
        try:
            return super().run(*arguments)
        finally:
            if arguments[0] in ("preview", "refresh"):
                asked = self.local_aws.requests()[before:]
                assert [entry["operation"] for entry in asked if entry["mutating"]] == []

    def declare(self, *, plans=None, looked_up=None, **incidents):
        """Write down what the program declares from now on."""
        self.declared = incidents
        declared = {"plans": plans or {}, "incidents": incidents, "looked_up": looked_up or {}}
        (self.folder / "declared.json").write_text(json.dumps(declared))

    def begin(self, **declared):
        """Declare and bring the stack up, as the step before the one that matters."""
        self.declare(**declared)
        self.run("up", "--yes", "--skip-preview")

    def bring(self, *options, **declared):
        """Declare, if anything, and bring the stack there; return what was asked of AWS for it.

        Nothing is left to do after that, and AWS has each open incident as it is declared.
        """
        if declared:
            self.declare(**declared)
        self.local_aws.forget()
        self.run("up", "--yes", "--skip-preview", *options)
        asked = self.local_aws.operations()
        self.settled()
        self.as_declared()
        return asked

    def settled(self):
        """Show with one command that a refresh finds no drift, and a preview nothing to do."""
        self.run("preview", "--refresh", "--expect-no-changes")

    def steps(self, *options):
        """Return the steps of a preview as resource name -> operations; what stays is left out."""
        steps = {}
        told = self.run("preview", "--json", "--show-replacement-steps", *options)
        for step in json.loads(told)["steps"]:
            if step["op"] != "same":
                steps.setdefault(step["urn"].rpartition("::")[2], []).append(step["op"])
        return steps

    def as_declared(self):
        """Show that boto3 reads every incident of ours that is open as it is declared."""
        state = self.state()
        for resource, declared in self.declared.items():
            outputs = state[resource]["outputs"]
            if not outputs.get("started_here") or outputs["status"] != "OPEN":
                continue
            record = self.record(state[resource]["id"])
            for key in ("title", "impact"):
                assert record[key] == (declared.get(key) or outputs[key])
            wanted = [_members(item) for item in declared.get("related_items") or []]
            assert sorted(self.items(record["arn"]), key=str) == sorted(wanted, key=str)

    def record(self, arn):
        """Return an incident record as boto3 reads it."""
        return self.incidents.get_incident_record(arn=arn)["incidentRecord"]

    def records(self):
        """Return the status of everything that was ever started, by ARN."""
        pages = self.incidents.get_paginator("list_incident_records").paginate()
        found = [summary for page in pages for summary in page["incidentRecordSummaries"]]
        return {summary["arn"]: summary["status"] for summary in found}

    def items(self, arn):
        """Return the related items of an incident, without its OpsItem and the start's mark."""
        found = items_of(self.incidents, arn)
        items = [{key: item[key] for key in item if key != "generatedId"} for item in found]
        kept = [item for item in items if "Started by Pulumi" not in item.get("title", "")]
        assert len(kept) == len(items) - 1
        return kept

    def timeline(self, arn, kind):
        """Return the data of the events of a kind in the timeline of an incident."""
        listed = self.incidents.list_timeline_events(incidentRecordArn=arn)["eventSummaries"]
        events = [
            self.incidents.get_timeline_event(incidentRecordArn=arn, eventId=event["eventId"])
            for event in listed
            if event["eventType"] == kind
        ]
        return [json.loads(event["event"]["eventData"]) for event in events]

    def arn(self, resource="incident"):
        """Return the ARN of an incident in the state."""
        return self.state()[resource]["id"]

    def outputs_of(self, resource="incident"):
        """Return the outputs of an incident in the state."""
        return self.state()[resource]["outputs"]

    def changes(self):
        """Return what was changed at AWS, in order, as operation names."""
        return [entry["operation"] for entry in self.local_aws.requests() if entry["mutating"]]

    def fails(self, *command):
        """Run a command that has to fail, and return what it printed: never a traceback."""
        with pytest.raises(EngineError) as failed:
            self.run(*command)
        assert "Traceback" not in str(failed.value), str(failed.value)
        return str(failed.value)

    def killed_while_starting(self):
        """Bring the stack up, and kill the engine and its plugins while AWS handles a start."""
        self.local_aws.delay("StartIncident", 2, times=len(self.declared))
        with subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as up:
            _wait_for(lambda: self.local_aws.faults_left() == 0)
            kill_session(up.pid)
        _wait_for(lambda: self.local_aws.operations().count("StartIncident") == len(self.declared))
        self.run("cancel", "--yes")


def _wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def _members(value):
    """Return a declared value under the names that the API has for its members."""
    if not isinstance(value, dict):
        return value
    words = {key: key.split("_") for key in value}
    names = {key: words[key][0] + "".join(map(str.title, words[key][1:])) for key in words}
    return {names[key]: _members(value[key]) for key in value}


@pytest.fixture
def program(tmp_path, stack_environment, local_aws):
    """Return a program of incidents that declares none yet."""
    return Incidents(tmp_path / "program", stack_environment, local_aws)


@pytest.fixture
def plan(incidents, name):
    """Return the ARN of a plan without a dedupe string."""
    return create_plan(incidents, name)


@pytest.fixture
def deduping(incidents, name):
    """Return the ARN of a plan whose starts AWS joins to the open incident."""
    return create_plan(incidents, f"{name}-dedupe", dedupeString=name)


def of(plan, **inputs):
    """Return the inputs of an incident of a plan."""
    return {"response_plan_arn": plan, **inputs}


def test_one_incident_is_started_and_a_second_up_starts_none(program, plan):
    """The first `up` starts one incident, the second calls nothing, and destroy resolves it."""
    program.declare(incident=of(plan))
    assert program.steps()["incident"] == ["create"]
    assert program.bring() == START
    arn, outputs = program.arn(), program.outputs_of()
    assert program.records() == {arn: "OPEN"}
    assert (outputs["title"], outputs["impact"]) == ("Checkout fails", 2)
    assert (outputs["status"], outputs["started_here"]) == ("OPEN", True)
    program.local_aws.forget()
    program.run("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert program.local_aws.operations() == []
    program.destroy()
    assert program.local_aws.operations() == RESOLVE
    assert (program.state(), program.records()) == ({}, {arn: "RESOLVED"})
    (note,) = program.timeline(arn, "Note")
    assert note == "Resolved by Pulumi: the resource incident was deleted or replaced."


def test_changed_triggers_start_another_and_resolve_the_old(program, plan, deduping):
    """Preview says replace; with a dedupe string the old one is resolved before the new starts."""
    plans = {"plain": plan, "deduping": deduping}
    program.begin(**{key: of(plans[key], triggers={"drill": "1"}) for key in plans})
    first = {key: program.arn(key) for key in plans}
    program.declare(**{key: of(plans[key], triggers={"drill": "2"}) for key in plans})
    steps = program.steps()
    assert (steps["plain"], steps["deduping"]) == (RESOLVES_FIRST, RESOLVES_FIRST)
    program.bring()
    second = {key: program.arn(key) for key in plans}
    assert program.records() == {
        **dict.fromkeys(first.values(), "RESOLVED"),
        **dict.fromkeys(second.values(), "OPEN"),
    }
    assert len(program.records()) == 4
    assert all(program.outputs_of(key)["started_here"] for key in plans)


def test_on_delete_retain_leaves_the_incident_open(program, plan, deduping):
    """Neither other triggers nor a destroy resolve what is to be retained, and AWS may join it.

    It is let go, so that what is declared again later starts another one.
    """
    for drill in (1, 2):
        inputs = {"on_delete": "retain", "triggers": {"drill": drill}}
        program.bring(plain=of(plan, **inputs), deduping=of(deduping, **inputs))
        if drill == 1:
            first, joined = program.arn("plain"), program.arn("deduping")
    assert (program.arn("deduping"), program.outputs_of("deduping")["started_here"]) == (
        joined,
        False,
    )
    second = program.arn("plain")
    assert first != second
    program.local_aws.forget()
    program.destroy()
    assert program.local_aws.operations() == MARK
    assert program.records() == {first: "OPEN", second: "OPEN", joined: "OPEN"}


def test_title_and_impact_are_edited_in_place(program, plan):
    """An edit is one call, its preview keeps the ARN, and taking it back is no change."""
    program.begin(incident=of(plan, title="Checkout is slow"))
    arn = program.arn()
    program.declare(incident=of(plan, title="Checkout is down", impact=1))
    assert program.steps()["incident"] == ["update"]
    assert program.bring() == EDIT
    assert program.records() == {arn: "OPEN"}
    program.local_aws.forget()
    program.declare(incident=of(plan))
    program.run("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert program.local_aws.operations() == []
    record = program.record(arn)
    assert (record["title"], record["impact"]) == ("Checkout is down", 1)


def test_what_responders_do_is_neither_a_change_nor_a_restart(program, plan):
    """A retitled and resolved incident refreshes clean, and stays resolved through an edit."""
    program.begin(incident=of(plan, title="Ours", impact=2))
    arn = program.arn()
    program.incidents.update_incident_record(arn=arn, title="Theirs", impact=5, status="RESOLVED")
    item = {"identifier": {"type": "OTHER", "value": {"url": "https://example.com"}}}
    program.incidents.update_related_items(
        incidentRecordArn=arn, relatedItemsUpdate={"itemToAdd": item}
    )
    program.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert program.outputs_of()["status"] == "RESOLVED"
    assert program.bring() == []
    assert program.record(arn)["title"] == "Theirs"
    assert program.bring(incident=of(plan, title="Ours", impact=3)) == EDIT
    record = program.record(arn)
    assert (record["title"], record["impact"]) == ("Theirs", 3)
    assert program.records() == {arn: "RESOLVED"}
    program.local_aws.forget()
    program.destroy()
    assert program.local_aws.operations() == LET_GO


def test_a_deleted_record_pages_nobody_again(program, plan):
    """A deleted record is noted and never started again, until `triggers` ask for another."""
    program.begin(incident=of(plan), edited=of(plan))
    lost = {program.arn(), program.arn("edited")}
    for arn in lost:
        program.incidents.delete_incident_record(arn=arn)
    program.run("refresh", "--yes", "--skip-preview", "--target", "**incident")
    assert program.outputs_of()["status"] == "DELETED"
    look = ["ListTagsForResource"]  # which says that the record is gone
    assert program.bring(incident=of(plan), edited=of(plan, title="New")) == look
    assert program.outputs_of("edited")["status"] == "DELETED"
    assert program.records() == {}
    program.begin(incident=of(plan, triggers={"again": 1}), edited=of(plan, title="New"))
    assert program.records() == {program.arn(): "OPEN"}
    assert program.arn() not in lost


def test_a_plan_updated_in_the_same_up_replaces_no_incident(program, name):
    """The incident stays with its plan while that is edited; another plan is another incident."""
    incident = of("plan", triggers={"drill": 1})
    program.begin(plans={"plan": minimal(name)}, incident=incident)
    first = program.arn()
    edited = {**full(name), "actions": []}  # AWS adds the run of a runbook to the related items
    program.declare(plans={"plan": edited}, incident=incident)
    assert program.steps() == {"plan": ["update"]}
    assert program.bring() == ["ListTagsForResource", "UpdateResponsePlan", "TagResource"]
    assert (program.arn(), program.records()) == (first, {first: "OPEN"})
    program.declare(plans={"plan": {**edited, "name": f"{name}-2"}}, incident=incident)
    assert program.steps()["incident"] == RESOLVES_FIRST
    program.bring()
    second = program.arn()
    assert f"/{name}-2/" in second
    assert program.records() == {first: "RESOLVED", second: "OPEN"}


METRIC = json.dumps({"metrics": [["Checkout", "FailedPayments"]]})
VALUES = [
    {"arn": "arn:aws:ec2:us-east-1:123456789012:instance/i-1"},
    {"url": "https://example.com/checkout"},
    {"metric_definition": METRIC},
    {"pager_duty_incident_detail": {"id": "P1", "auto_resolve": True, "secret_id": "key"}},
]
TYPES = (
    "ANALYSIS",
    "INCIDENT",
    "METRIC",
    "PARENT",
    "ATTACHMENT",
    "OTHER",
    "AUTOMATION",
    "INVOLVED_RESOURCE",
    "TASK",
)
ITEMS = [
    {"identifier": {"type": kind, "value": value}, "title": f"The {kind}"}
    for kind, value in zip(TYPES, itertools.cycle(VALUES), strict=False)
]


def test_related_items_of_each_type_and_value(program, plan):
    """Items of every type and value reach AWS with the start, and are added and removed later."""
    assert program.bring(incident=of(plan, related_items=ITEMS)) == START
    arn = program.arn()
    assert len(program.items(arn)) == 9
    added = {"identifier": {"type": "OTHER", "value": VALUES[0]}}
    retitled = {**ITEMS[4], "title": "Another title"}
    untitled = {"identifier": ITEMS[5]["identifier"]}
    program.declare(incident=of(plan, related_items=[added, retitled, untitled, *ITEMS[6:]]))
    assert program.steps()["incident"] == ["update"]
    look = ["ListTagsForResource"]
    assert program.bring() == look + ["UpdateRelatedItems"] * (4 + 1 + 2 + 2)
    assert program.bring(incident=of(plan)) == look + ["UpdateRelatedItems"] * 6
    assert program.records() == {arn: "OPEN"}


def test_trigger_details_say_what_started_the_incident(program, plan):
    """They go with the start, the time in either notation, and changing them changes nothing."""
    details = {
        "source": "com.example.deploy",
        "timestamp": "2026-01-31T03:00:00+01:00",
        "trigger_arn": "arn:aws:codedeploy:us-east-1:123456789012:deployment/d-1",
        "raw_data": '{"deployment": 1}',
    }
    seconds = {"source": "com.example.cron", "timestamp": 1769824800.5}
    program.bring(
        incident=of(plan, trigger_details=details), cron=of(plan, trigger_details=seconds)
    )
    source = program.record(program.arn())["incidentRecordSource"]
    assert (source["source"], source["resourceArn"]) == (details["source"], details["trigger_arn"])
    (trigger,) = program.timeline(program.arn(), "SSM Incident Trigger")
    assert trigger["rawData"] == details["raw_data"]
    source = program.record(program.arn("cron"))["incidentRecordSource"]
    assert source["source"] == seconds["source"]
    later = {**details, "timestamp": "2026-02-01T03:00:00Z"}
    assert program.bring(incident=of(plan, trigger_details=later), cron=of(plan)) == []
    assert list(program.records().values()) == ["OPEN", "OPEN"]


def test_destroy_then_up_starts_a_new_incident(program, plan, deduping):
    """The resolved incident of an earlier life is not taken for the new one."""
    declared = {"plain": of(plan), "deduping": of(deduping)}
    program.begin(**declared)
    first = {program.arn(key) for key in declared}
    program.destroy()
    program.bring(**declared)
    second = {program.arn(key) for key in declared}
    assert program.records() == {
        **dict.fromkeys(first, "RESOLVED"),
        **dict.fromkeys(second, "OPEN"),
    }
    assert len(program.records()) == 4


def test_killed_before_the_answer_the_next_up_starts_none(program, plan, deduping):
    """What AWS accepted and nobody recorded is found again, and brought to what is declared."""
    program.declare(plain=of(plan), deduping=of(deduping))
    program.killed_while_starting()
    started = program.records()
    assert len(started) == 2
    assert not {"plain", "deduping"} & set(program.state())
    edited = {"plain": of(plan, title="Edited since"), "deduping": of(deduping, impact=4)}
    assert "StartIncident" not in program.bring(**edited)
    assert {program.arn("plain"), program.arn("deduping")} == set(started)
    assert program.records() == dict.fromkeys(started, "OPEN")
    program.destroy()
    assert program.records() == dict.fromkeys(started, "RESOLVED")


def test_a_lost_answer_starts_nothing_twice(program, plan, deduping):
    """The start is repeated with its token, and where it may not be, the next `up` finds it."""
    program.local_aws.lose_answer("StartIncident", times=2)
    asked = program.bring(plain=of(plan), deduping=of(deduping))
    assert asked.count("StartIncident") == 4
    assert len(program.records()) == 2
    program.configure(**{"aws:maxRetries": "0"})
    program.local_aws.lose_answer("StartIncident", times=2)
    again = {"triggers": {"drill": 2}}
    program.declare(plain=of(plan, **again), deduping=of(deduping, **again))
    assert "got no answer from" in program.fails("up", "--yes", "--skip-preview")
    assert len(program.records()) == 4
    assert "StartIncident" not in program.bring()
    status = program.records()
    assert len(status) == 4
    assert {arn for arn in status if status[arn] == "OPEN"} == {
        program.arn("plain"),
        program.arn("deduping"),
    }


def test_an_incident_that_aws_joined_the_start_to_is_left_alone(program, deduping):
    """Somebody else's open incident is neither edited nor resolved, not even by a destroy."""
    theirs = program.incidents.start_incident(responsePlanArn=deduping)["incidentRecordArn"]
    program.bring(incident=of(deduping, triggers={"deploy": 1}))
    assert (program.arn(), program.outputs_of()["started_here"]) == (theirs, False)
    assert program.bring(incident=of(deduping, triggers={"deploy": 1}, title="Ours")) == []
    program.local_aws.forget()
    program.destroy()
    assert program.local_aws.operations() == []
    record = program.record(theirs)
    assert (record["status"], record["title"]) == ("OPEN", "Checkout fails")
    assert program.records() == {theirs: "OPEN"}


def test_a_disabled_incident_calls_nothing_until_it_is_enabled(program, plan):
    """`enabled=False` calls nothing, `True` starts one, and `False` again leaves it as it is."""
    assert program.bring(incident=of(plan, enabled=False)) == []
    assert program.local_aws.operations() == []
    assert program.outputs_of()["status"] == "DISABLED"
    program.declare(incident=of(plan, enabled=True))
    assert program.steps()["incident"] == RESOLVES_FIRST
    assert program.bring() == START
    arn = program.arn()
    assert program.bring(incident=of(plan, enabled=False)) == []
    assert program.records() == {arn: "OPEN"}
    program.destroy()
    assert program.records() == {arn: "RESOLVED"}


def test_a_replacement_that_was_asked_for_starts_another(program, plan, deduping):
    """The old one is resolved first, or the same occurrence would be found open and kept."""
    first, change = {"delete_before_replace": True}, {"replace_on_changes": ["title"]}
    declared = {
        "asked": of(plan, opts=first),
        "deduping": of(deduping, opts=first),
        "changed": of(plan, opts=change),
    }
    program.begin(**declared)
    old = {program.arn(key) for key in declared}
    state = program.state()
    options = [f"--replace={state[key]['urn']}" for key in ("asked", "deduping")]
    declared["changed"]["title"] = "New"
    program.declare(**declared)
    steps = program.steps(*options)
    assert all(steps[key] == RESOLVES_FIRST for key in declared)
    program.bring(*options)
    new = {program.arn(key) for key in declared}
    assert program.records() == {**dict.fromkeys(old, "RESOLVED"), **dict.fromkeys(new, "OPEN")}
    assert len(program.records()) == 6


def test_replace_alone_starts_another(program, plan):
    """With `--replace` and no option the old one is resolved, and a new one is open."""
    program.begin(incident=of(plan))
    first, urn = program.arn(), program.state()["incident"]["urn"]
    program.run("up", "--yes", "--skip-preview", "--replace", urn)
    second = program.arn()
    assert program.records() == {first: "RESOLVED", second: "OPEN"}


def test_an_incident_of_others_is_looked_up_and_left_alone(program, plan, name):
    """`Incident.get` reads, follows what responders do, and a missing record is one sentence."""
    theirs = program.incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    assert program.bring(looked_up={"theirs": theirs}) == ["GetIncidentRecord"]
    outputs = program.outputs_of("theirs")
    assert (outputs["response_plan_arn"], outputs["status"]) == (plan, "OPEN")
    assert (outputs["title"], outputs["impact"]) == ("Checkout fails", 2)
    program.incidents.update_incident_record(arn=theirs, title="Theirs")
    program.run("up", "--yes", "--skip-preview")
    assert program.outputs_of("theirs")["title"] == "Theirs"
    program.local_aws.forget()
    program.destroy()
    assert program.changes() == []
    assert program.records() == {theirs: "OPEN"}
    missing = f"arn:aws:ssm-incidents::123456789012:incident-record/{name}/{'0' * 8}"
    program.declare(looked_up={"theirs": missing})
    assert (
        f"ssm-incidents:GetIncidentRecord on incident {missing} was answered with "
        "ResourceNotFoundException"
    ) in program.fails("preview")


def test_two_incidents_of_one_program_are_two(program, plan):
    """The same declaration under two names is two incidents, and each goes by itself."""
    program.bring(one=of(plan), two=of(plan))
    one, two = program.arn("one"), program.arn("two")
    assert program.records() == {one: "OPEN", two: "OPEN"}
    assert program.bring(two=of(plan)) == RESOLVE
    assert program.records() == {one: "RESOLVED", two: "OPEN"}


def test_an_incident_moves_under_a_component_and_stays(program, plan):
    """An incident has its place under a component, and moving it there starts nothing."""
    program.begin(moved=of(plan))
    arn = program.arn("moved")
    opts = {"parent": "team"}
    program.declare(moved=of(plan, opts=opts))
    assert program.steps() == {"team": ["create"]}
    assert program.bring() == []
    assert (program.arn("moved"), program.records()) == (arn, {arn: "OPEN"})
    assert program.state()["moved"]["parent"].endswith("test:index:Team::team")
    program.destroy()
    assert program.records() == {arn: "RESOLVED"}


WRONG = {
    "response_plan_arn": "arn:aws:sns:us-east-1:123456789012:topic",
    "title": "t" * 201,
    "impact": 9,
    "related_items": [
        {"identifier": {"type": "LINK", "value": {"url": "u" * 1001}}, "title": "t" * 201},
        {"identifier": {"type": "OTHER", "value": {}}},
        {"identifier": {"type": "OTHER", "value": {"url": "u", "arn": "arn"}}},
        {"identifier": {"type": "METRIC", "value": {"metric_definition": "m" * 4001}}},
        {
            "identifier": {
                "type": "TASK",
                "value": {"pager_duty_incident_detail": {"auto_resolve": True}},
            }
        },
        {**ITEMS[0], "generated_id": f"related-item/ANALYSIS/{'A' * 32}"},
        {"title": "no identifier"},
    ],
    "trigger_details": {
        "source": "aws.ec2",
        "timestamp": "2026-01-31 03:00",
        "trigger_arn": "deployment",
        "raw_data": "r" * 10001,
    },
    "triggers": "drill",
    "on_delete": "delete",
    "enabled": "no",
    "trigger": {},
}
SENTENCES = [
    "response_plan_arn must be the ARN of a response plan",
    "title must be at most 200 characters, not 201",
    "impact must be 1 to 5",
    "related_items[0].identifier.type must be one of ANALYSIS, INCIDENT",
    "related_items[0].identifier.value.url must be at most 1000 characters, not 1001",
    "related_items[0].title must be at most 200 characters, not 201",
    "related_items[1].identifier.value must set exactly one of arn, metric",
    "related_items[2].identifier.value must set exactly one of arn, metric",
    "related_items[2].identifier.value.arn must be an ARN, such as arn:",
    "related_items[3].identifier.value.metric_definition must be at most 4000 characters",
    "related_items[4].identifier.value.pager_duty_incident_detail.id is required",
    "related_items[5].generated_id is made by AWS; leave it out",
    "related_items[6].identifier is required",
    "trigger_details.source must not start with aws.",
    "trigger_details.timestamp must say its time zone",
    "trigger_details.trigger_arn must be an ARN, such as arn:",
    "trigger_details.raw_data must be at most 10000 characters, not 10001",
    "triggers must be a map",
    "on_delete must be one of resolve, retain",
    "enabled must be true or false",
    "trigger does not exist; did you mean triggers?",
]


def test_every_input_wrong_at_once_is_reported_in_one_preview(program):
    """One preview names all wrong inputs, each with its full path, and calls nothing."""
    program.local_aws.forget()
    program.declare(incident=WRONG)
    printed = program.fails("preview")
    assert [sentence for sentence in SENTENCES if sentence not in printed] == []
    program.declare(incident={})
    assert "response_plan_arn is required" in program.fails("preview")
    assert program.local_aws.operations() == []
