"""How the house is built: names in users' state, who does I/O, what is packaged.

Real: the source files, the package metadata and the SDK's own serialisation.
"""

from __future__ import annotations

import ast
import base64
import re
import subprocess
import sys
from pathlib import Path

import dill
import pytest
from pulumi.dynamic.dynamic import serialize_provider

import pulumi_incidents
from pulumi_incidents import providers
from tests.conftest import PACKAGE, ROOT
from tests.doors import imports

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

FOLDERS = ("providers", "stacks", "emulator", "stand_in")
SOURCES = [path for folder in FOLDERS for path in sorted((PACKAGE / folder).rglob("*.py"))]


NAMES = {
    "ResponsePlan": ("ssmincidents", "response_plan"),
    "Incident": ("ssmincidents", "incident"),
    "ReplicationSet": ("ssmincidents", "replication_set"),
    "Contact": ("ssmcontacts", "contact"),
    "ContactChannel": ("ssmcontacts", "contact_channel"),
    "ContactPlan": ("ssmcontacts", "contact_plan"),
    "Rotation": ("ssmcontacts", "rotation"),
    "RotationOverride": ("ssmcontacts", "rotation_override"),
}


@pytest.mark.parametrize(("resource", "names"), NAMES.items(), ids=NAMES)
def test_a_provider_is_in_the_state_as_a_reference_that_never_changes(resource, names):
    """The state holds these names, not code; another name would break every stack."""
    provider = getattr(providers, resource).life
    module, name = f"pulumi_incidents.providers.{names[1]}", f"{resource}Provider"
    stored = base64.b64decode(serialize_provider(provider()))
    assert len(stored) < 150
    assert module.encode() in stored
    assert name.encode() in stored
    assert type(dill.loads(stored)) is provider  # noqa: S301 - made above
    assert vars(provider()) == {}
    assert provider.serialize_as_secret_always is False


@pytest.mark.parametrize(("resource", "names"), NAMES.items(), ids=NAMES)
def test_a_type_token_never_changes(resource, names):
    """The type is a part of every URN."""
    kind = getattr(providers, resource)
    assert kind._resource_type_name == f"dynamic/{names[0]}:{resource}"
    assert kind.token() == f"pulumi-python:dynamic/{names[0]}:{resource}"


def test_every_resource_has_its_names_here():
    """A new kind is one more row above."""
    assert set(NAMES) == {name for name in providers.__all__ if not name.endswith("Args")}


def test_the_components_type_tokens_never_change():
    """The type is a part of the URN of a component and of all its children."""
    sources = "".join(path.read_text() for path in sorted((PACKAGE / "stacks").glob("*.py")))
    assert re.findall(r'"(incidents:index:\S+)"', sources) == [
        "incidents:index:AlarmTrigger",
        "incidents:index:CompositeAlarmTrigger",
        "incidents:index:Drill",
        "incidents:index:EventTrigger",
        "incidents:index:IncidentResponse",
        "incidents:index:OnCall",
        "incidents:index:Responder",
        "incidents:index:Runbook",
        "incidents:index:IncidentTopic",
    ]


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "providers").rglob("*.py")), ids=lambda p: p.name
)
def test_only_one_room_does_io(path):
    """A client is made by `_client` alone, and reached through `_aws` alone."""
    modules = {each for module, name in imports(path) for each in (module, f"{module}.{name}")}
    if path.name != "_client.py":
        assert not {"boto3", "botocore.session"} & modules
    if path.name != "_aws.py":
        assert "pulumi_incidents.providers._client" not in modules


def test_importing_the_providers_has_no_side_effect():
    """An import reads no configuration and loads nothing that could call: no client, no moto."""
    code = (
        "import sys, pulumi_incidents.providers\n"
        "assert not hasattr(sys, 'tracebacklimit')\n"
        "more = {'boto3', 'botocore.client', 'botocore.session', 'moto', 'pulumi_aws'}\n"
        "assert not more & set(sys.modules), more & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("package", ["providers", "stacks"])
def test_what_a_package_exports_is_what_it_imports(package):
    """`__all__` is complete, so that documents and type checkers see the same names."""
    module = __import__(f"pulumi_incidents.{package}", fromlist=["__all__"])
    tree = ast.parse((PACKAGE / package / "__init__.py").read_text())
    imported = [
        alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    assert sorted(imported) == sorted(module.__all__)


def requirements(lines):
    """Return requirements as name -> range."""
    return dict(re.match(r"([\w-]+)(?:\[\w+\])?(.*)", line).groups() for line in lines)


def test_both_lists_of_requirements_agree_and_are_bounded():
    """What `pulumi install` and what `pip install` get have the same bounded ranges."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    listed = requirements(line for line in lines if not line.startswith("#"))
    declared = requirements(project["dependencies"])
    declared |= requirements(project["optional-dependencies"]["emulator"])
    assert listed == declared | {"pytest": listed["pytest"]}
    assert all(re.fullmatch(r">=[\d.]+,<\d+", bounds) for bounds in listed.values())


def test_the_package_holds_the_files_and_the_top_level_links_into_it():
    """Every file has one path, which tools that follow imports find; two links show the way."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    links = [line.split()[1::2] for line in listed if line.startswith("120000 ")]
    assert [name for _, name in links] == ["providers", "stacks"]
    for blob, name in links:
        command = ["git", "cat-file", "blob", blob]
        target = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert target.stdout == f"pulumi_incidents/{name}"
    assert {path.parent for path in SOURCES} == {
        path.parent for path in SOURCES if path.name == "__init__.py"
    }  # a folder without one would not be packaged


def test_the_version_is_the_newest_of_the_changelog():
    """CHANGELOG and package agree."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE)[1] == pulumi_incidents.__version__


def test_the_program_stays_small():
    """`__main__.py` declares; whatever needs a class or more lines belongs into a component."""
    source = (Path(ROOT) / "__main__.py").read_text()
    assert len(source.splitlines()) < 40
    assert "class " not in source
