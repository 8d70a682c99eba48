"""The blocks of code in the documents."""

from __future__ import annotations

import re
import shlex
import textwrap
from typing import NamedTuple

from tests.conftest import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "examples/README.md"],
    key=lambda path: str(path.relative_to(ROOT)),
)
FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: where it stands, what it says it is, and what is in it."""

    page: str
    number: int
    language: str
    text: str

    def __str__(self):
        """Return a name for the output of a test."""
        return f"{self.page}-{self.number}"


def blocks(*languages):
    """Return the blocks of all pages, or those in some languages."""
    found = [
        Block(str(path.relative_to(ROOT)), number, match[2].strip(), textwrap.dedent(match[3]))
        for path in PAGES
        for number, match in enumerate(FENCE.finditer(path.read_text()), start=1)
    ]
    return [block for block in found if not languages or block.language in languages]


def commands(block):
    """Return the commands of a console block, without comments and what they printed."""
    lines = re.sub(r"\\\n\s*", "", block.text).splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return list(whole(line for line in lines if line.strip() and not line.startswith("#")))


def whole(lines):
    """Join the lines of a command whose quotes are still open at their end."""
    command = ""
    for line in lines:
        command += f"\n{line}" if command else line.strip()
        try:
            shlex.split(command)
        except ValueError:
            continue
        yield command
        command = ""
    assert not command, f"a quote is never closed: {command}"
