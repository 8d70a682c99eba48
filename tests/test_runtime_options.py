"""The options for Python in `Pulumi.yaml`, on whatever engine is here.

Real: the engine, its language host and plugin processes, and a virtual environment that is on no
PATH. What an installed Pulumi does and the engine that make builds does not is not tried here.
"""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT
from tests.program import EngineError, Program

PROGRAM = """
import sys
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        import sys
        return CreateResult("id", {"python": sys.prefix})

class Which(Resource):
    python: pulumi.Output[str]

    def __init__(self):
        super().__init__(Provider(), "which", {"python": None})

pulumi.export("program", sys.prefix)
pulumi.export("provider", Which().python)
"""
HOST = ROOT / "tools/engine_build/host/main.go"


@pytest.fixture
def program(tmp_path, strangers_environment):
    """Return a program that tells which Python runs it, and which its dynamic resource."""
    return Program(tmp_path / "shop" / "program", strangers_environment, PROGRAM)


def configure(program, **options):
    """Give the runtime of the project options."""
    project = {"name": "incidents", "runtime": {"name": "python", "options": options}}
    (program.folder / "Pulumi.yaml").write_text(json.dumps(project))  # which is YAML


@pytest.mark.parametrize("folder", ["environments/mine", "{}/environments/mine"])
def test_the_virtual_environment_of_the_project_runs_all_of_it(program, workshop, tmp_path, folder):
    """A path counts from the project's folder, wherever below it Pulumi is called."""
    place = folder.format(tmp_path)
    environment = program.folder / place
    environment.parent.mkdir(parents=True)
    environment.symlink_to(workshop / "venv")
    configure(program, toolchain="pip", virtualenv=place)
    below = program.folder / "below"
    below.mkdir()
    program.folder = below
    program.run("up", "--yes", "--skip-preview")
    assert program.outputs() == {"program": str(environment), "provider": str(environment)}


def test_a_toolchain_that_is_not_there_is_not_taken_for_another_one(program):
    """Who asks for poetry where there is none learns of it before the program runs."""
    configure(program, toolchain="poetry")
    with pytest.raises(EngineError, match="poetry"):
        program.run("preview")


def test_what_the_built_host_refuses_is_explained():
    """The page has the sentence of the host that make builds."""
    sentence = "The engine that make builds cannot do `"
    assert sentence in HOST.read_text()
    assert sentence in (ROOT / "docs/troubleshooting.md").read_text()
