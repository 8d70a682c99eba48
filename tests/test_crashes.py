"""Incidents when everything is killed in the middle, again and again, by random schedules.

Real: the plugin process, which is killed with SIGKILL, and the local AWS, which also drops answers
before or after the effect. The engine's part is played by `World`, by the engine's rules: a
resource is in the state when its call has returned, a replaced one is deleted before its heir is
made, and what was to be deleted is deleted by the next `up`.
"""

from __future__ import annotations

import random
import uuid

import pytest
from pulumi.runtime.proto.provider_pb2 import DiffResponse

from pulumi_incidents.providers.incident import IncidentProvider
from tests.crashes import HOW, CrashError, Crashes, Plugins

SCHEDULES = 200
SHARDS = 8

# Every call that creating, updating, replacing and deleting an incident makes.
CALLS = (
    "ListIncidentRecords",
    "ListRelatedItems",
    "GetResponsePlan",
    "StartIncident",
    "GetIncidentRecord",
    "ListTagsForResource",
    "TagResource",
    "UpdateIncidentRecord",
    "UpdateRelatedItems",
    "CreateTimelineEvent",
)


class World(Crashes):
    """A stack with incidents, as the engine would drive it."""

    def __init__(self, plugins, local_aws):
        super().__init__(plugins, local_aws)
        self.state = {}  # resource -> (id, outputs, inputs)
        self.to_delete = []  # (id, outputs)
        self.recorded = set()  # every id that was ever in the state
        self.not_ours = set()  # those of them that a start was joined to, or may have been
        self.explicit_steps = 0

    def up(self, declared):
        """Bring the state to what is declared; a crash leaves it where it was."""
        for name, inputs in declared.items():
            if name not in self.state:
                self._create(name, inputs)
            else:
                self._change(name, inputs)
        for name in [name for name in self.state if name not in declared]:
            self.to_delete.append(self.state.pop(name)[:2])
        while self.to_delete:
            self.plugins.call(IncidentProvider, "delete", *self.to_delete[0])
            self.to_delete.pop(0)

    def _create(self, name, inputs):
        try:
            arn, outputs = self.plugins.call(IncidentProvider, "create", inputs)
        except CrashError as error:
            # Killed after its last call, an incident is held, and nothing proves by whom: the
            # explicit step takes it over.
            if "adopt_existing=True to take this one over" not in str(error):
                raise
            self.explicit_steps += 1
            adopting = {**inputs, "adopt_existing": True}
            arn, outputs = self.plugins.call(IncidentProvider, "create", adopting)
        self.recorded.add(arn)
        if not outputs["started_here"]:
            self.not_ours.add(arn)
        self.state[name] = (arn, outputs, inputs)

    def _change(self, name, inputs):
        arn, outputs, _ = self.state[name]
        diff = self.plugins.call(IncidentProvider, "diff", arn, outputs, inputs)
        if diff.replaces:
            self.plugins.call(IncidentProvider, "delete", arn, outputs)
            del self.state[name]
            self._create(name, inputs)
        elif diff.changes != DiffResponse.DIFF_NONE:
            outputs = self.plugins.call(IncidentProvider, "update", arn, outputs, inputs)
            self.state[name] = (arn, outputs, inputs)


@pytest.fixture(scope="module")
def plugins(local_aws, warm_python):
    """Return plugin processes that are ended after the tests."""
    plugins = Plugins(local_aws.url, warm_python)
    yield plugins
    plugins.gone()


def inputs(plan, resource, **changes):
    """Return the inputs of one incident resource."""
    context = {"identity": f"acme/urn:pulumi:test::incidents::type::{resource}", "secrets": []}
    return {"response_plan_arn": plan, "context": context, **changes}


def records(incidents):
    """Return status by ARN of everything that was ever started."""
    pages = incidents.get_paginator("list_incident_records").paginate()
    return {
        summary["arn"]: summary["status"]
        for page in pages
        for summary in page["incidentRecordSummaries"]
    }


def random_changes(chance):
    """Return declared inputs that create, edit or start another occurrence."""
    changes = {"triggers": {"n": str(chance.randrange(2))}, "impact": float(chance.randint(1, 5))}
    if chance.random() < 0.5:
        changes["title"] = f"Title {chance.randrange(3)}"
    if chance.random() < 0.3:
        url = f"https://example.com/{chance.randrange(2)}"
        changes["related_items"] = [{"identifier": {"type": "OTHER", "value": {"url": url}}}]
    return changes


def play(seed, plugins, local_aws, incidents):
    """Play one schedule; check after each step: nothing double, lost or taken from others."""
    chance = random.Random(seed)  # noqa: S311 - a schedule has to be the same again
    name = f"plan-{uuid.uuid4().hex[:12]}"
    template = {"title": "Checkout fails", "impact": 2}
    dedupes = chance.random() < 0.5
    if dedupes:
        template["dedupeString"] = name
    plan = incidents.create_response_plan(name=name, incidentTemplate=template)["arn"]
    foreign = set()
    world = World(plugins, local_aws)
    for _ in range(2):
        if chance.random() < 0.4:
            arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
            if arn not in world.recorded:  # else AWS joined it to one of ours
                foreign.add(arn)
        declared = {
            resource: inputs(plan, f"{name}-{resource}", **random_changes(chance))
            for resource in ("a", "b")
            if chance.random() < 0.8
        }
        world.up_and_crash(declared, chance.choice(CALLS), chance.choice(HOW))
        world.up(declared)
        check(world, incidents, foreign)
    world.up_and_crash({}, chance.choice(CALLS), chance.choice(HOW))
    world.up({})
    check(world, incidents, foreign)
    for arn in foreign:
        incidents.update_incident_record(arn=arn, status="RESOLVED")


def check(world, incidents, foreign):
    """Hold the promises after an undisturbed `up`."""
    live = records(incidents)
    ours = {arn for arn, outputs, _ in world.state.values() if outputs["started_here"]}
    mine = {arn for arn in live if arn not in foreign}
    assert all(live[arn] == "OPEN" for arn in foreign), "somebody else's incident was resolved"
    assert all(live[arn] == "OPEN" for arn in ours), "a declared incident is not open"
    left = {arn for arn in mine if live[arn] == "OPEN"} - ours
    assert left <= world.not_ours, "an incident was lost"
    assert mine <= world.recorded, "people were paged for an incident that nobody knows of"
    assert len(ours) == len(
        [1 for _, outputs, _ in world.state.values() if outputs["started_here"]]
    )


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_crash_starts_twice_loses_or_closes_somebody_elses(shard, plugins, local_aws, incidents):
    """Over 200 schedules of two incidents, crashes at any call and dedupe, every promise holds."""
    for seed in range(shard, SCHEDULES, SHARDS):
        local_aws.reset()
        try:
            play(seed, plugins, local_aws, incidents)
        except AssertionError as error:
            raise AssertionError(f"schedule {seed}: {error}") from error


CRASHES = [
    (step, operation, how)
    for step in ("create", "edit", "replace", "delete")
    for operation in CALLS
    for how in HOW
]


@pytest.mark.parametrize("crash", CRASHES, ids=" ".join)
def test_each_call_of_each_step_can_be_the_last(plugins, local_aws, incidents, name, crash):
    """Interrupted at each call boundary, the next `up` ends with exactly what is declared."""
    step, operation, how = crash
    plan = incidents.create_response_plan(
        name=name, incidentTemplate={"title": "t", "impact": 2, "dedupeString": name}
    )["arn"]
    before = {} if step == "create" else {"a": inputs(plan, name, triggers={"n": "1"})}
    items = [{"identifier": {"type": "OTHER", "value": {"url": "https://example.com"}}}]
    edited = inputs(plan, name, triggers={"n": "1"}, title="New", related_items=items)
    after = {
        "create": {"a": inputs(plan, name, triggers={"n": "1"})},
        "edit": {"a": edited},
        "replace": {"a": inputs(plan, name, triggers={"n": "2"})},
        "delete": {},
    }[step]
    world = World(plugins, local_aws)
    world.up(before)
    world.up_and_crash(after, operation, how)
    world.up(after)
    check(world, incidents, set())
    lives = 2 if step == "replace" else 1
    assert len(records(incidents)) == lives
    open_now = [arn for arn, status in records(incidents).items() if status == "OPEN"]
    assert open_now == [arn for arn, _, _ in world.state.values()]
