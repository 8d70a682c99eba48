"""What keeps the project in order: the typed API, the hooks before a commit, what is published.

Real: mypy, the hooks' own commands, the metadata.
"""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys

import yaml

from pulumi_incidents import providers, stacks
from tests.conftest import ROOT
from tests.type_checks import mypy
from tools import versions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

API = ROOT / "tests/typed_api.py"
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_typed_api_has_every_public_name():
    """A name that is exported is used by a program that mypy --strict reads."""
    used = {node.id for node in ast.walk(ast.parse(API.read_text())) if isinstance(node, ast.Name)}
    assert {*providers.__all__, *stacks.__all__} - used == set()


def test_the_typed_api_refuses_what_it_says_it_refuses(tmp_path):
    """Without the comments that allow them, the mistakes are errors, and nothing else is one."""
    text = API.read_text()
    program = tmp_path / "typed_api.py"
    program.write_text(re.sub(r"  # type: ignore\[.*?\]", "", text))
    done = mypy("pyproject.toml", program)
    found = {int(line) for line in re.findall(r":(\d+): error:", done.stdout)}
    lines = text.splitlines()
    assert found == {number for number, line in enumerate(lines, 1) if "# type: ignore[" in line}
    assert len(found) > 10


def hooks():
    """Return the hooks by name of the program that they run."""
    (repository,) = HOOKS["repos"]
    assert repository["repo"] == "local"  # nothing is fetched
    return repository["hooks"]


def test_the_hooks_are_what_check_runs():
    """Who commits with the hooks has run `make check`."""
    entries = [hook["entry"].replace(" --force-exclude", "") for hook in hooks()]
    recipe = MAKEFILE.split("\ncheck:")[1].split("\n\n")[0]
    commands = re.findall(r"\$\(PY\) -m (.*)", recipe)
    assert [entry.partition(" -m ")[2] for entry in entries] == [
        command.removesuffix(" .") for command in commands
    ]
    for hook in hooks():
        assert hook["language"] == "system"
        assert {"id", "name", "entry"} <= set(hook)


def test_a_hook_refuses_what_is_wrong_and_lets_through_what_is_right(tmp_path):
    """The commands of the hooks work as pre-commit calls them: with the files of a commit."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import os\nx = ( 1 )\n")
    for hook in hooks():
        if hook.get("pass_filenames", True):
            tool, *arguments = shlex.split(hook["entry"])
            assert tool == ".venv/bin/python"
            command = [sys.executable, *arguments]
            assert subprocess.run([*command, API], cwd=ROOT, check=False).returncode == 0
            assert subprocess.run([*command, wrong], cwd=ROOT, check=False).returncode == 1


def test_the_versions_of_python_are_said_the_same_everywhere():
    """Metadata, linter, documents and `make versions` speak of the same versions."""
    tagged = re.findall(r"Python :: 3\.(\d+)", "\n".join(PROJECT["classifiers"]))
    assert [*map(int, tagged)] == [*versions.MINORS]
    assert PROJECT["requires-python"] == f">=3.{versions.MINORS[0]}"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    assert settings["target-version"] == f"py3{versions.MINORS[0]}"
    assert f"Python 3.{versions.MINORS[0]} or newer" in (ROOT / "README.md").read_text()


def test_contributing_names_every_target_of_make():
    """Who wants to do something here finds the command."""
    text = (ROOT / "CONTRIBUTING.md").read_text() + (ROOT / "README.md").read_text()
    targets = re.findall(r"^([a-z]+):.*##", MAKEFILE, re.MULTILINE)
    assert [target for target in targets if target != "help" and f"make {target}" not in text] == []


def test_the_metadata_names_no_address_that_is_not_there():
    """No URL is claimed while the project has none."""
    assert "urls" not in PROJECT
    assert "authors" not in PROJECT
