"""What is drawn and generated for the documents. Real: the code, and the SDK's mock of the engine.

The mock runs in a process of its own: it leaves event loops behind, and the SDK's settings changed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape

import pulumi

from pulumi_incidents import providers, stacks
from tests.conftest import ROOT
from tools import drawings, reference

PREVIEWED = """
import json, pathlib, runpy
import pulumi, yaml
from tools import drawings

config = yaml.safe_load(pathlib.Path("Pulumi.local.yaml").read_text())["config"]
texts = {key: value if isinstance(value, str) else json.dumps(value)
         for key, value in config.items()}
pulumi.runtime.set_all_config(texts)
found = drawings.declared_by(lambda: runpy.run_path("__main__.py"), stack="local")
print(json.dumps([[declared.kind, declared.name] for declared in found.values()]))
"""


def told(code):
    """Run code in a process of its own and return what it printed as JSON."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_reference_is_what_the_code_declares():
    """docs/reference.md is never edited by hand and never out of date: `make docs` writes it."""
    assert (ROOT / "docs/reference.md").read_text() == reference.page()


def test_every_row_of_the_reference_has_words():
    """Whatever a program can say or read is described: no docstring is missing."""
    rows = re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", reference.page(), re.MULTILINE)
    assert len(rows) > 100
    assert all(cell.strip() for row in rows for cell in row)


def test_the_drawings_are_what_the_components_declare():
    """docs/drawings/ is never edited by hand and never out of date: `make docs` writes it."""
    files = {path.name: path.read_text() for path in (ROOT / "docs/drawings").glob("*.svg")}
    assert files == told(
        "import json; from tools import drawings as d; print(json.dumps(d.files()))"
    )


def test_the_picture_of_the_preview_shows_what_the_program_declares():
    """docs/preview.svg has every resource of the local stack, and no other: `make picture`."""
    drawn = unescape(re.sub(r"<[^>]+>", "", (ROOT / "docs/preview.svg").read_text()))
    shown = re.findall(r"\+\s+(\S+:\S+)\s+(\S+)\s+create", drawn.replace("\xa0", " "))
    stack = ("pulumi:pulumi:Stack", "incidents-local")
    expected = {(_previewed(kind), name) for kind, name in told(PREVIEWED)}
    assert set(shown) - {stack} == expected


def _previewed(kind):
    """Spell a type as a preview does: without the file of pulumi-aws that it is declared in."""
    return re.sub(r"^(aws:\w+)/\w+:", r"\1:", kind)


def test_every_kind_is_in_the_reference_and_every_component_is_drawn():
    """What a package exports to make things with is described, and no other names are."""
    names = {*providers.__all__, *stacks.__all__}
    kinds = {name: getattr(providers, name, None) or getattr(stacks, name) for name in names}
    made = {name for name, kind in kinds.items() if issubclass_of(kind, pulumi.Resource)}
    components = {name for name in made if issubclass_of(kinds[name], pulumi.ComponentResource)}
    assert set(reference.KINDS) == made
    assert set(drawings.COMPONENTS) == components


def issubclass_of(kind, base):
    """Tell whether a name is a class of a kind; functions and `TypedDict`s are not."""
    return isinstance(kind, type) and issubclass(kind, base)
