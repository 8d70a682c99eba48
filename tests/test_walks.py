"""Random walks: nothing is taken, nothing declared is lost, one page for one occurrence.

500 walks drive the providers in the order in which the engine does, with a kill at any call, and
some drive the real engine. Real in both: the providers, boto3 and the local AWS over HTTP.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
import subprocess
import time
from contextlib import contextmanager
from types import MappingProxyType

import pytest
import tenacity
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config

from pulumi_incidents.providers import _aws, _backend, _declaration
from pulumi_incidents.providers.incident import IncidentProvider
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tests.plugin import local_configuration
from tests.program import EngineError, Program, kill_session
from tests.walks import Stack, Walk
from tools.common import file_backend

WALKS = 500
SHARDS = 10
STEPS = 8
# The engine needs seconds where the providers need milliseconds; ENGINE_WALKS=500 walks as many.
ENGINE_WALKS = int(os.environ.get("ENGINE_WALKS", "4"))
ENGINE_STEPS = 4

SOMEWHERE = (
    *("CreateResponsePlan", "UpdateResponsePlan", "DeleteResponsePlan", "TagResource"),
    *("ListTagsForResource", "StartIncident", "GetIncidentRecord", "UpdateIncidentRecord"),
)


class KilledError(Exception):
    """The process ended here."""


class ProcessStack(Stack):
    """A stack as the engine would keep it, in this process."""

    def __init__(self, backend, name, local_aws, chance):
        super().__init__(name, local_aws, chance)
        self.backend = backend
        self.to_delete = []  # (kind, id, outputs)

    def __repr__(self):
        return f"{self.name}@{self.backend.rpartition('/')[2]}"

    def up(self, declared, trouble):
        """Bring the stack up; return what ended it, or nothing."""
        return self._run(lambda: self._up(declared, trouble), trouble)

    def destroy(self):
        """Destroy the stack."""
        return self._run(lambda: self._up({"plans": {}, "incidents": {}}, ""), "")

    def refresh(self):
        """Take into the state what AWS has."""
        return self._run(self._refresh, "")

    def rename_and_init(self, name):
        """Give the stack another name; return a new and empty one of the old name."""
        new = ProcessStack(self.backend, self.name, self.local_aws, self.chance)
        self.name = name
        return new

    def _run(self, do, trouble):
        os.environ["PULUMI_BACKEND_URL"] = f"file://{self.backend}"
        _backend._backend.cache_clear()
        _declaration._declared.clear()
        operation = self.chance.choice(SOMEWHERE)
        if trouble == "lost":
            self.local_aws.lose_answer(operation)
        elif trouble == "error":
            self.local_aws.fail(operation, "InternalServerException")
        elif trouble == "lag":
            self.local_aws.fault("*", times=None, lag=0.1)
        kept = _aws._explained
        if trouble == "kill":
            _aws._explained = self._killing(kept, self.chance.randint(1, 12))
        try:
            do()
        except (_aws.IncidentManagerError, KilledError) as error:
            return f"{error} "
        finally:
            _aws._explained = kept
            self.local_aws.heal()
        return ""

    def _killing(self, explained, number):
        """Return a way to call AWS that ends the process before or after one of the calls."""
        left, after = itertools.count(number - 1, -1), self.chance.random() < 0.7

        @contextmanager
        def killing(*arguments):
            due = next(left) == 0
            if due and not after:
                raise KilledError
            with explained(*arguments):
                yield
            if due:
                raise KilledError

        return killing

    def _up(self, declared, trouble):
        plans, incidents = ResponsePlanProvider(), IncidentProvider()
        for resource, plan in declared["plans"].items():
            before = self.state["plans"]
            if plan["alias"] in before and resource not in before:
                before[resource] = before.pop(plan["alias"])
            self._bring(plans, "plans", resource, self._plan_inputs(plan))
        for resource, incident in declared["incidents"].items():
            self._bring(incidents, "incidents", resource, self._incident_inputs(incident))
        if trouble == "neighbour":
            raise KilledError("something else failed, and the engine deletes nothing")
        for kind in ("incidents", "plans"):
            for resource in [key for key in self.state[kind] if key not in declared[kind]]:
                self.to_delete.append((kind, *self.state[kind].pop(resource)))
        while self.to_delete:
            kind, arn, outs = self.to_delete[0]
            (plans if kind == "plans" else incidents).delete(arn, copy.deepcopy(outs))
            self.to_delete.pop(0)

    def _refresh(self):
        providers = {"plans": ResponsePlanProvider(), "incidents": IncidentProvider()}
        for kind, provider in providers.items():
            for resource, (arn, outs) in [*self.state[kind].items()]:
                read = provider.read(arn, copy.deepcopy(outs))
                if read.id:
                    self.state[kind][resource] = (read.id, read.outs)
                else:
                    del self.state[kind][resource]

    def _bring(self, provider, kind, resource, inputs):
        identity = f"organization/urn:pulumi:{self.name}::incidents::type:{kind}::{resource}"
        news = {**inputs, "context": {"identity": identity, "secrets": []}}
        arn, olds = self.state[kind].get(resource, ("", {}))
        checked = provider.check(olds, copy.deepcopy(news))
        if checked.failures:
            raise _aws.IncidentManagerError(checked.failures[0].reason)
        if arn:
            diff = provider.diff(arn, olds, checked.inputs)
            if not diff.replaces:
                if diff.changes is not False:
                    outs = provider.update(arn, olds, checked.inputs).outs
                    self.state[kind][resource] = (arn, outs)
                return
            # Of another name, a plan is made first; an incident is resolved first.
            if kind == "incidents" or diff.delete_before_replace:
                provider.delete(arn, copy.deepcopy(olds))
                del self.state[kind][resource]
            checked = provider.check({}, copy.deepcopy(news))
        made = provider.create(checked.inputs)
        if resource in self.state[kind]:
            self.to_delete.append((kind, *self.state[kind].pop(resource)))
        self.state[kind][resource] = (made.id, made.outs)
        if kind == "incidents":
            self.recorded.add(made.id)

    @staticmethod
    def _plan_inputs(plan):
        inputs = {"incident_template": {"title": "t", "impact": float(plan["impact"])}}
        return {
            **inputs,
            **({"name": plan["name"]} if plan["name"] else {}),
            **({"adopt_existing": True} if plan["adopt"] else {}),
        }

    @staticmethod
    def _incident_inputs(incident):
        return {
            "response_plan_arn": "arn:aws:ssm-incidents::123456789012:response-plan/theirs",
            "title": incident["title"],
            "triggers": {"n": incident["triggers"]},
            **({"adopt_existing": True} if incident["adopt"] else {}),
        }


@pytest.fixture
def backends(tmp_path):
    """Return the folders of two backends."""
    return [str(tmp_path / "ours"), str(tmp_path / "theirs")]


@pytest.fixture
def hasty(configured, monkeypatch):
    """Let the providers of this process try once, and wait for a fortieth of the time."""
    settings = local_configuration(configured.url, **{"aws:maxRetries": "0"})
    _aws.configure(ConfigureRequest(Config(settings, "incidents")))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "")
    sleep = time.sleep
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda seconds: sleep(seconds / 40))
    yield configured
    _backend._backend.cache_clear()
    _declaration._declared.clear()


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_walk_takes_loses_or_pages_twice(shard, hasty, backends):
    """Over 500 walks of two people's stacks, with kills, faults and lag, every promise holds."""
    for seed in range(shard, WALKS, SHARDS):
        walk(seed, hasty, backends)


def walk(seed, local_aws, backends):
    """Walk once, and say which walk it was if something does not hold."""
    local_aws.reset()
    chance = random.Random(seed)  # noqa: S311 - a walk has to be the same again
    stacks = [ProcessStack(backend, "local", local_aws, chance) for backend in backends]
    walk = Walk(chance, local_aws, stacks)
    try:
        for _ in range(STEPS):
            walk.step()
    except AssertionError as error:
        raise AssertionError(f"walk {seed}, {walk.told}: {error}") from error


SOURCE = """
import json
import pathlib

import pulumi
from pulumi_incidents.providers import Incident, ResponsePlan

declared = json.loads(pathlib.Path("declared.json").read_text())
for name, plan in declared["plans"].items():
    opts = pulumi.ResourceOptions(
        aliases=[pulumi.Alias(name=plan["alias"])] if plan["alias"] else None
    )
    ResponsePlan(
        name,
        opts,
        name=plan["name"],
        adopt_existing=plan["adopt"],
        incident_template={"title": "t", "impact": plan["impact"]},
    )
for name, incident in declared["incidents"].items():
    Incident(
        name,
        response_plan_arn="arn:aws:ssm-incidents::123456789012:response-plan/theirs",
        title=incident["title"],
        triggers={"n": incident["triggers"]},
        adopt_existing=incident["adopt"],
    )
if declared["neighbour"]:
    template = {"title": "taken by others", "impact": 1}
    ResponsePlan("neighbour", name="theirs", incident_template=template)
"""


class EngineStack(Stack):
    """A stack of the real engine; several of one backend share a program's folder."""

    KINDS = MappingProxyType({"ResponsePlan": "plans", "Incident": "incidents"})

    def __init__(self, program, name, local_aws, chance):
        super().__init__(name, local_aws, chance)
        self.program = program
        self.look()

    def __repr__(self):
        return f"{self.name} of {self.program.folder.parent.name}"

    def look(self):
        """Read the state; what is only left to be deleted is not in it."""
        self.state = {"plans": {}, "incidents": {}}
        for resource in self.program.resources(self.name):
            kind = self.KINDS.get(resource["type"].rpartition(":")[2])
            if kind and not resource.get("delete"):
                name = resource["urn"].rpartition("::")[2]
                self.state[kind][name] = (resource["id"], resource["outputs"])
        self.recorded.update(self.incidents().values())

    def up(self, declared, trouble):
        """Bring the stack up; return what ended it, or nothing."""
        declared = {**declared, "neighbour": trouble == "neighbour"}
        (self.program.folder / "declared.json").write_text(json.dumps(declared))
        operation = self.chance.choice(SOMEWHERE)
        if trouble in ("lost", "error"):
            self.local_aws.fail(operation, "AccessDeniedException")
        elif trouble == "lag":
            self.local_aws.fault("*", times=None, lag=1)
        elif trouble == "kill":
            return self._killed(operation)
        return self._run("up", "--yes", "--skip-preview")

    def refresh(self):
        """Take into the state what AWS has."""
        return self._run("refresh", "--yes", "--skip-preview")

    def destroy(self):
        """Destroy the stack."""
        return self._run("destroy", "--yes", "--skip-preview")

    def rename_and_init(self, name):
        """Give the stack another name; return a new and empty one of the old name."""
        old, self.name = self.name, name
        self.program.run("stack", "rename", name, "--stack", old)
        self.program.run("stack", "init", old)
        return EngineStack(self.program, old, self.local_aws, self.chance)

    def _run(self, *command):
        try:
            self.program.run(*command, "--stack", self.name)
        except EngineError as error:
            said = str(error)
            assert "Traceback" not in said, said
            return said
        finally:
            self.local_aws.heal()
            self.look()
        return ""

    def _killed(self, operation):
        """Kill the engine and its plugins while AWS handles an operation, if it is called."""
        self.local_aws.delay(operation, 60)
        with subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", self.name],
            cwd=self.program.folder,
            env=self.program.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as up:
            while up.poll() is None and self.local_aws.faults_left():
                time.sleep(0.05)
            kill_session(up.pid)
        self.local_aws.heal()
        self.program.run("cancel", "--yes", "--stack", self.name)
        self.look()
        return "killed"


@pytest.mark.parametrize("seed", range(ENGINE_WALKS))
def test_no_walk_of_the_engine_takes_loses_or_pages_twice(
    seed, local_aws, tmp_path, stack_environment
):
    """The same promises hold on the real engine, with two backends of files."""
    chance = random.Random(f"engine {seed}")  # noqa: S311 - a walk has to be the same again
    stacks = []
    for owner in ("ours", "theirs"):
        state = tmp_path / owner / "state"
        state.mkdir(parents=True)
        environment = {
            **stack_environment,
            "PULUMI_BACKEND_URL": file_backend(state),
            "PULUMI_HOME": str(tmp_path / owner / "home"),
        }
        program = Program(tmp_path / owner / "program", environment, SOURCE)
        stacks.append(EngineStack(program, "local", local_aws, chance))
    walk = Walk(chance, local_aws, stacks)
    try:
        for _ in range(ENGINE_STEPS):
            walk.step()
    except AssertionError as error:
        raise AssertionError(f"walk {seed}, {walk.told}: {error}") from error
