"""Commands in a document, and what it says they print."""

from __future__ import annotations

import re


def blocks(text, *languages):
    """Return the language and content of each block in one of the languages."""
    return re.findall(rf"```({'|'.join(languages)})\n(.*?)```", text, re.DOTALL)


def steps(block):
    """Return each command after a prompt, with what is printed; … is for anything."""
    for step in block.removeprefix("$ ").split("\n$ "):
        command, _, expected = step.partition("\n")
        yield command, expected


def assert_printed(command, expected, printed):
    """Compare what was printed with the document."""
    position = 0
    for piece in filter(str.strip, expected.split("…")):
        assert piece.strip() in printed[position:], f"{command}\n{printed}"
        position = printed.index(piece.strip(), position)
    if expected and "…" not in expected:
        assert printed.strip() == expected.strip()
