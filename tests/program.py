"""A Pulumi program in a folder of its own, driven through the real engine's command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests import forked
from tests.conftest import ROOT
from tools.common import session


class EngineError(Exception):
    """The engine ended with an error; the text is all it printed."""


class Program:
    """A stack named `local` of a program in `folder`.

    Every `up` is followed by what a dependable resource has to show: an empty preview and a clean
    refresh, unless `settled=False`.
    """

    def __init__(self, folder, environment, source):
        self.folder = folder
        self.environment = environment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: incidents\nruntime: python\n")
        (folder / "__main__.py").write_text(source)
        self.run("stack", "init", "local")

    @classmethod
    def of_this_repository(cls, folder, environment):
        """Return the program of this repository with the configuration of its local stack."""
        program = cls(folder, environment, (ROOT / "__main__.py").read_text())
        program.configure(**configuration())
        return program

    def configure(self, **config):
        """Write the stack's configuration; keys without a namespace are the project's."""
        path = self.folder / "Pulumi.local.yaml"
        kept = yaml.safe_load(path.read_text()) if path.exists() else {}
        named = {key if ":" in key else f"incidents:{key}": config[key] for key in config}
        path.write_text(yaml.safe_dump({**kept, "config": named}))

    def run(self, *arguments):
        """Run one command of the engine and return what it printed.

        A preview changes nothing at AWS: that is shown for every preview of every test.
        """
        before = self.changes_at_aws() if arguments[0] == "preview" else None
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert before is None or self.changes_at_aws() == before
        if done.returncode:
            raise EngineError(done.stdout + done.stderr)
        return done.stdout

    def changes_at_aws(self):
        """Return the newest request that may have changed something: the whole log may be long.

        To take on a role changes nothing.
        """
        url = self.environment.get("AWS_ENDPOINT_URL")
        with urllib.request.urlopen(f"{url}/_local/requests?mutating=true&limit=20") as answer:
            newest = json.load(answer)["requests"]
        return [each for each in newest if each["operation"] != "AssumeRole"][-1:]

    def preview(self, *options):
        """Return the steps of a preview as resource name -> operation."""
        steps = json.loads(self.run("preview", "--json", *options))["steps"]
        return {step["urn"].rpartition("::")[2]: step["op"] for step in steps}

    def up(self, *, settled=True):
        """Bring the stack to what is declared and return its outputs."""
        self.run("up", "--yes", "--skip-preview")
        if settled:
            self.settled()
        return self.outputs()

    def settled(self):
        """Show that nothing is left to do and that AWS is as declared: both at once."""
        self.run("preview", "--refresh", "--expect-no-changes")

    def outputs(self):
        """Return the outputs of the stack."""
        return self.of_type("pulumi:pulumi:Stack")

    def resources(self, stack="local"):
        """Return the resources in a stack's state: the backend's file is read sooner than exported.

        A stack that was renamed, or has another name, is the only one of the project.
        """
        backend = Path(urlsplit(self.environment["PULUMI_BACKEND_URL"]).path)
        folders = (self.folder, *self.folder.parents)  # a command may be run below the project's
        project = next(path for path in (each / "Pulumi.yaml" for each in folders) if path.exists())
        name = yaml.safe_load(project.read_text())["name"]
        files = [*backend.glob(f".pulumi/stacks/{name}/*.json")]
        (file,) = files if len(files) == 1 else [each for each in files if each.stem == stack]
        latest = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        return latest.get("resources") or []

    def state(self):
        """Return the resources in the state, by name."""
        return {resource["urn"].rpartition("::")[2]: resource for resource in self.resources()}

    def ids(self):
        """Return the ids of all resources in the state, by type and name."""
        return {
            (found["type"], found["urn"].rpartition("::")[2]): found.get("id")
            for found in self.resources()
        }

    def of_type(self, kind):
        """Return the outputs of the one resource of a type."""
        (found,) = (each for each in self.resources() if each["type"] == kind)
        return found.get("outputs", {})

    def destroy(self):
        """Destroy everything."""
        self.run("destroy", "--yes")

    def lose_state(self):
        """Forget all resources, as a run does that is killed before it could record them."""
        self.run("stack", "rm", "--yes", "--force", "--preserve-config")
        self.run("stack", "init", "local")


class Plans(Program):
    """Nothing but response plans, declared in a file: a step is a command, without new code.

    Plans are given as resource name -> inputs; `opts` among them are the resource's options.
    """

    SOURCE = """
import json
import pathlib

import pulumi
from pulumi_incidents.providers import ResponsePlan

for resource, plan in json.loads(pathlib.Path("plans.json").read_text()).items():
    opts = plan.pop("opts", {})
    if "aliases" in opts:
        opts["aliases"] = [pulumi.Alias(name=alias) for alias in opts["aliases"]]
    ResponsePlan(resource, pulumi.ResourceOptions(**opts), **plan)
"""

    def __init__(self, folder, environment, local_aws, source=SOURCE):
        super().__init__(folder, environment, source)
        self.local_aws = local_aws
        self.incidents = local_aws.client("ssm-incidents")
        self.declared = {}
        self.configure()

    def declare(self, **plans):
        """Write down what the program declares from now on."""
        self.declared = plans
        (self.folder / "plans.json").write_text(json.dumps(plans))

    def begin(self, **plans):
        """Declare plans and bring the stack up, as the step before the one that matters."""
        self.declare(**plans)
        self.run("up", "--yes", "--skip-preview")

    def bring(self, **plans):
        """Declare plans and bring the stack there; what was asked of AWS until then is forgotten.

        Nothing is left to do after that, and AWS has each plan as it is declared.
        """
        self.local_aws.forget()
        self.begin(**plans)
        self.settled()
        self.as_declared()

    def as_declared(self):
        """Show that boto3 reads every plan, with all of its fields and tags, as it is declared."""
        state = self.state()
        for resource, declared in self.declared.items():
            arn = state[resource]["id"]
            assert self.live(arn) == _answer({"name": _name(arn), **declared})
            tags = {**self._default_tags(), **(declared.get("tags") or {})}
            assert self.tags(arn) == tags

    def live(self, arn):
        """Return the plan as boto3 reads it, without what every answer carries."""
        plan = self.incidents.get_response_plan(arn=arn)
        return _sorted({key: plan[key] for key in plan if key not in ("ResponseMetadata", "arn")})

    def tags(self, arn):
        """Return the tags of the plan as boto3 reads them, without the owner's."""
        tags = self.incidents.list_tags_for_resource(resourceArn=arn)["tags"]
        return {key: tags[key] for key in tags if key != "pulumi-incidents:owner"}

    def changes(self):
        """Return what was changed at AWS, as plan name -> operation names, reads left out."""
        changes = {}
        for entry in self.local_aws.requests():
            if entry["mutating"]:
                sent = entry["parameters"]
                arn = sent.get("arn") or sent.get("resourceArn") or sent["name"]
                changes.setdefault(_name(arn), []).append(entry["operation"])
        return changes

    def fails(self, *command):
        """Run a command that has to fail, and return what it printed: never a traceback."""
        with pytest.raises(EngineError) as failed:
            self.run(*command)
        assert "Traceback" not in str(failed.value), str(failed.value)
        return str(failed.value)

    def _default_tags(self):
        config = yaml.safe_load((self.folder / "Pulumi.local.yaml").read_text())["config"]
        return config.get("aws:defaultTags", {}).get("tags", {})


_MAPS = ("incident_tags", "parameters", "dynamic_parameters")
_NO_MEMBERS = ("tags", "opts", "adopt_existing", "aws_config")
_UNSET = {
    "displayName": "",
    "chatChannel": {"empty": {}},
    "engagements": [],
    "actions": [],
    "integrations": [],
}
_UNSET_IN_TEMPLATE = {"summary": "", "dedupeString": "", "notificationTargets": []}


def _name(arn):
    return arn.rpartition("/")[2]


def _answer(declared):
    """Return what GetResponsePlan has to answer for declared inputs."""
    plan = _members({key: declared[key] for key in declared if key not in _NO_MEMBERS})
    plan["incidentTemplate"] = {**_UNSET_IN_TEMPLATE, **plan["incidentTemplate"]}
    return _sorted({**_UNSET, **plan})


def _members(value):
    if isinstance(value, list):
        return [_members(item) for item in value]
    if not isinstance(value, dict):
        return value
    given = {key: value[key] for key in value if value[key] not in (None, "", [], {})}
    return {
        re.sub("_(.)", lambda found: found[1].upper(), key): (
            given[key] if key in _MAPS else _members(given[key])
        )
        for key in given
    }


def _sorted(plan):
    """Put lists whose order means nothing in order."""
    template, chat = plan["incidentTemplate"], plan["chatChannel"]
    targets = sorted(template["notificationTargets"], key=lambda target: target["snsTopicArn"])
    return {
        **plan,
        "incidentTemplate": {**template, "notificationTargets": targets},
        "chatChannel": {key: sorted(chat[key]) for key in chat},
        "engagements": sorted(plan["engagements"]),
    }


def kill_session(leader):
    """Kill every process of a session, and what works for those that are clients of a warm Python.

    It would die with its client, but a moment later: AWS may answer it, and be asked more.
    """
    pids = [*session(leader)]
    workers = [found for found in map(forked.worker, pids) if found]
    for pid in workers + pids:
        with suppress(ProcessLookupError):  # it has ended since
            os.kill(pid, signal.SIGKILL)


def configuration():
    """Return the configuration of this repository's local stack."""
    return yaml.safe_load(Path(ROOT / "Pulumi.local.yaml").read_text())["config"]


class Team(Program):
    """Nothing but people and schedules, declared in a file: a step is a command.

    Things are given as resource name -> kind and inputs. A text `$name` among the inputs is the id
    of the resource of that name; resources are made in the order in which they are given.
    """

    SOURCE = """
import json
import pathlib

import pulumi
from pulumi_incidents import providers

made = {}


def meant(value):
    if isinstance(value, dict):
        if set(value) == {"secret"}:
            return pulumi.Output.secret(value["secret"])
        return {key: meant(each) for key, each in value.items()}
    if isinstance(value, list):
        return [meant(each) for each in value]
    if isinstance(value, str) and value.startswith("$"):
        return made[value[1:]].id
    return value


for resource, (kind, inputs) in json.loads(pathlib.Path("team.json").read_text()).items():
    opts = inputs.pop("opts", {})
    if "depends_on" in opts:
        opts["depends_on"] = [made[each] for each in opts["depends_on"]]
    made[resource] = getattr(providers, kind)(
        resource, pulumi.ResourceOptions(**opts), **meant(inputs)
    )
"""

    def __init__(self, folder, environment, local_aws):
        super().__init__(folder, environment, self.SOURCE)
        self.local_aws = local_aws
        self.contacts = local_aws.client("ssm-contacts")
        self.configure()

    def declare(self, **things):
        """Write down what the program declares from now on."""
        (self.folder / "team.json").write_text(json.dumps(things))

    def begin(self, **things):
        """Declare things and bring the stack up, as the step before the one that matters."""
        self.declare(**things)
        self.run("up", "--yes", "--skip-preview")

    def bring(self, **things):
        """Declare things and bring the stack there; what was asked until then is forgotten.

        Nothing is left to do after that.
        """
        self.local_aws.forget()
        self.begin(**things)
        self.settled()

    def changed(self):
        """Return the operations that changed something, in their order."""
        found = self.local_aws.requests("ssm-contacts")
        return [each["operation"] for each in found if each["mutating"]]

    def id(self, resource):
        """Return the id of a resource."""
        return self.state()[resource]["id"]
