"""What a file of this repository would have people install. Real: the files that git knows."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.conftest import ROOT

# Names in any of the spellings that an index takes for the same one.
OURS = r"pulumi[-_.]+incidents"
VERBS = "add|create|download|i|inject|install|pip|run|tool|wheel"
INSTALLS = re.compile(
    rf"\b(?:(?:pip3?|pipx|uv|poetry|pdm|conda|npm|yarn)(?:\s+(?:{VERBS})\b)+|uvx|npx"
    r"|pulumi\s+(?:plugin\s+install|package\s+add))(?P<arguments>[^|&;)]*)"
)
# An argument: ours, or that of the plugin and of what is made for other languages.
NAMED = re.compile(
    rf"(?:@[\w-]+/)?(?:{OURS}|incidents)(?:\[[^]]*\])?(?:[<>=~!@].*)?", re.IGNORECASE
)
# In a list of requirements: a name with an extra or a version, and no place where it is from.
REQUIRED = re.compile(
    rf"(?:^|[\"'`])\s*(?:- )?{OURS}"
    r"\s*(?:\[[\w, -]+\])?\s*(?:[<>~!=]=|[<>;]|(?<=\])\s*(?:[\"'`]|$))",
    re.IGNORECASE,
)


def lines():
    """Yield each line of each text file, with where it stands."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.strip("\0").split("\0"):
        path = ROOT / name
        if path.is_file() and path.suffix != ".png":
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                yield f"{name}:{number}", line


def installed_by_name(line):
    """Return what a line would have an index look up that is called as we are."""
    words = [
        word.strip("\"'`.,:")
        for command in INSTALLS.finditer(line)
        for word in command["arguments"].split()
    ]
    return [
        *(word for word in words if NAMED.fullmatch(word)),
        *(found[0] for found in REQUIRED.finditer(line)),
    ]


def test_nobody_is_told_to_install_a_name_that_is_not_ours():
    """No file has anybody ask an index for our name: we do not own it there, a stranger might.

    Installed is what has a place: a clone, a path, the URL of a repository.
    """
    assert {where: found for where, line in lines() if (found := installed_by_name(line))} == {}


NAME = "pulumi-" + "incidents"  # in two parts, as this file is looked at as well


@pytest.mark.parametrize(
    "line",
    [
        f"pip install {NAME}",
        f"Run `pip install '{NAME}[emulator]'`.",
        f".venv/bin/python -m pip install --upgrade {NAME}>=0.1",
        f"uv pip install {NAME}",
        f"uv add {NAME}",
        f"uvx {NAME} --help",
        f"pipx run {NAME}",
        f"poetry add pulumi_{'incidents'}",
        f"npm install @pulumi/{NAME} {NAME}",
        f"pulumi plugin install resource {'incidents'}",
        f"pulumi package add {'incidents'}",
        f"{NAME}>=0.1,<0.2",
        f"{NAME}[emulator]",
        f'  "{NAME}[emulator] >=0.1",',
        f"  - {NAME}==0.1.0",
    ],
)
def test_such_a_line_is_found(line):
    """However it is spelled, in a command or in a list of requirements."""
    assert installed_by_name(line)


@pytest.mark.parametrize(
    "line",
    [
        f"pip install /path/to/{NAME}",
        f"pip install '/path/to/{NAME}[emulator]'",
        f"pip install git+https://example.com/{NAME}.git",
        f"{NAME} @ git+https://example.com/{NAME}.git",
        f'name = "{NAME}"',
        f"git clone URL {NAME}",
        f"pip show {NAME} pulumi boto3",
        f"pip install ./{NAME}-0.1.0-py3-none-any.whl",
        "../..",
    ],
)
def test_what_has_a_place_is_let_through(line):
    """A clone, a path, a URL and a name that nothing is installed by."""
    assert not installed_by_name(line)
