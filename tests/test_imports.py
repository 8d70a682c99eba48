"""The rooms of the house: no circle of imports, and no door but those of `doors.DOORS`.

Real: the source files, the whole package and its program; planted ones show that each is found.
"""

from __future__ import annotations

import pytest

from tests import doors
from tests.conftest import ROOT

EMULATOR = "pulumi_incidents/emulator"


@pytest.fixture(scope="module")
def house():
    """Return who imports whom."""
    return doors.graph(ROOT)


def test_no_module_imports_itself_by_way_of_others(house):
    """Imports for type checkers and those in functions count: two such files are one, really."""
    assert len(house) > 100
    found = doors.circle(house)
    assert found is None, " imports ".join(found)


def test_every_import_is_through_a_door(house):
    """A module imports what the table says of its room, and every module is in a room."""
    assert doors.trespasses(house) == []


def test_every_door_is_used_and_none_leads_back(house):
    """The table says no more than the sources: a door that nobody uses is to be shut."""
    table = {(source, target) for source, rooms in doors.DOORS.items() for target in rooms}
    assert table == doors.arrows(house)
    assert doors.circle(doors.DOORS) is None


def plant(folder, sources):
    """Write some source files, and the folders that they are in; return their graph."""
    for name, source in sources.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return doors.graph(folder)


CIRCLES = {
    "at the top": (
        "from pulumi_incidents.providers import b",
        "import pulumi_incidents.providers.a",
    ),
    "for type checkers": (
        "if TYPE_CHECKING:\n    from pulumi_incidents.providers.b import B",
        "from pulumi_incidents.providers.a import A",
    ),
    "in a function": (
        "def call():\n    from pulumi_incidents.providers.b import B",
        "import pulumi_incidents.providers.a as other",
    ),
}


@pytest.mark.parametrize("kind", CIRCLES)
def test_a_planted_circle_is_found(tmp_path, kind):
    """However two modules import each other."""
    one, other = CIRCLES[kind]
    sources = {"pulumi_incidents/providers/a.py": one, "pulumi_incidents/providers/b.py": other}
    found = doors.circle(plant(tmp_path, sources))
    assert set(found) == {"pulumi_incidents.providers.a", "pulumi_incidents.providers.b"}


def test_a_planted_circle_by_way_of_a_package_is_found(tmp_path):
    """A name that is no module comes from the package, which imports whom it has it from."""
    sources = {
        "pulumi_incidents/providers/__init__.py": "from pulumi_incidents.providers.a import A",
        "pulumi_incidents/providers/a.py": "from pulumi_incidents.providers.b import B",
        "pulumi_incidents/providers/b.py": "from pulumi_incidents.providers import A",
    }
    assert len(doors.circle(plant(tmp_path, sources))) == 4


def test_what_a_package_holds_is_no_circle_with_it(tmp_path):
    """A module that another one imports by way of the package is itself what is imported."""
    sources = {
        "pulumi_incidents/providers/__init__.py": "from pulumi_incidents.providers.a import A",
        "pulumi_incidents/providers/a.py": "from pulumi_incidents.providers import b",
        "pulumi_incidents/providers/b.py": "import json",
    }
    assert doors.circle(plant(tmp_path, sources)) is None


@pytest.mark.parametrize(
    ("path", "imported"),
    [
        ("__main__.py", "pulumi_incidents.providers"),
        ("__main__.py", "boto3"),
        ("pulumi_incidents/providers/x.py", "pulumi_incidents.stacks"),
        ("pulumi_incidents/providers/x.py", "pulumi_incidents.emulator.testing"),
        ("pulumi_incidents/providers/x.py", "pulumi_aws"),
        ("pulumi_incidents/providers/x.py", "moto.core"),
        ("pulumi_incidents/stacks/x.py", "pulumi_incidents.emulator"),
        ("pulumi_incidents/stacks/x.py", "pulumi_incidents.stand_in.sns"),
        ("pulumi_incidents/stacks/x.py", "boto3"),
        ("pulumi_incidents/stacks/x.py", "providers"),
        ("pulumi_incidents/providers/x.py", "providers.incident"),
        ("pulumi_incidents/stand_in/x.py", "pulumi_incidents.emulator.testing"),
        ("pulumi_incidents/stand_in/x.py", "pulumi_aws"),
        (f"{EMULATOR}/server.py", "pulumi_incidents.providers"),
        (f"{EMULATOR}/server.py", "pulumi_incidents.stand_in"),
        (f"{EMULATOR}/server.py", "pulumi_aws"),
        (f"{EMULATOR}/testing/process.py", "pulumi_incidents.emulator.server"),
        (f"{EMULATOR}/console/__init__.py", "pulumi_incidents.emulator.front.faults"),
        (f"{EMULATOR}/ssm_incidents/x.py", "pulumi_incidents.emulator.front.faults"),
        (f"{EMULATOR}/permissions/x.py", "pulumi_incidents.emulator.ssm_incidents.models"),
        (f"{EMULATOR}/protocol/x.py", "pulumi_incidents.emulator.permissions.requests"),
        (f"{EMULATOR}/storage/x.py", "pulumi_incidents.emulator.protocol.backend"),
        (f"{EMULATOR}/clock.py", "moto"),
    ],
)
@pytest.mark.parametrize("form", ["import {}", "def call():\n    from {} import anything"])
def test_a_planted_import_through_a_wall_is_found(tmp_path, path, imported, form):
    """Of another room or of another package, at the top or in a function."""
    [told] = doors.trespasses(plant(tmp_path, {path: form.format(imported)}))
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert told.startswith(f"{module} may not import {imported}")


def test_the_configuration_of_a_program_is_no_business_of_a_provider(tmp_path):
    """A door to a package may be shut for some of what it has."""
    sources = {
        "pulumi_incidents/providers/x.py": "from pulumi import Config, Output",
        "pulumi_incidents/stacks/x.py": "from pulumi import Config, Output",
    }
    told = ["pulumi_incidents.providers.x may not import pulumi.Config"]
    assert doors.trespasses(plant(tmp_path, sources)) == told


@pytest.mark.parametrize("path", ["pulumi_incidents/cellar/x.py", f"{EMULATOR}/cellar.py"])
def test_a_planted_room_needs_a_row_in_the_table(tmp_path, path):
    """Nothing is in no room, whatever it imports."""
    module = path.removesuffix(".py").replace("/", ".")
    assert doors.trespasses(plant(tmp_path, {path: ""})) == [f"{module} is in no room of DOORS"]


@pytest.mark.parametrize("source", ["from . import x", "from .x import y", "from .. import z"])
def test_a_planted_relative_import_is_refused(tmp_path, source):
    """It names what it imports by where it is, so a move would change who that is."""
    with pytest.raises(doors.RelativeImportError):
        plant(tmp_path, {"pulumi_incidents/providers/a.py": source})
