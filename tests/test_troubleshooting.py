"""docs/troubleshooting.md against the sentences in the code. Real: the sources of both."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import PACKAGE, ROOT

PAGE = ROOT / "docs/troubleshooting.md"
SAYING = ("Error", "Failure")  # classes whose arguments a user reads
SHORTEST = 7  # "failed:"
TELLING = re.compile(
    r"_advice|_boolean|_integer|_mistakes|^reason$|_range|_string|_timestamp|_told"
)


def sources():
    """Return the files whose sentences the page has to explain."""
    folders = [PACKAGE / name for name in ("providers", "stacks", "identity", "commands")]
    # What an event is made of is told by a check, which has a page of its own.
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if path.name != "samples.py"
    ]


def plain(text):
    """Return text as it is compared: one space between words, and no marks of code."""
    return " ".join(text.replace("`", "").split())


def spoken(tree):
    """Yield the nodes of a file whose text reaches a user when something is wrong."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if (name.endswith(SAYING) and name != "ValueError") or name in (
                "refuse",
                "kind",
                "tell",
                "is_lost",
            ):
                yield from node.args
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if re.fullmatch(
                "_ADVICE|_AGAIN|_NO_.*|_PAGER_DUTY|REFRESH|_ROLE|_?WORDS|sentence|reason",
                ast.unparse(target),
            ):
                yield from [node.value] if node.value else []
        elif isinstance(node, ast.FunctionDef) and TELLING.search(node.name):
            yield from (
                inner.value
                for inner in ast.walk(node)
                if isinstance(inner, (ast.Return, ast.Yield)) and inner.value is not None
            )


def fragments(node):
    """Yield the longest fixed part of each text in a node: what a person can search for."""
    inside = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.JoinedStr):
            parts = [part for part in inner.values if isinstance(part, ast.Constant)]
            inside.update(map(id, parts))
            yield max((plain(part.value) for part in parts), key=len, default="")
        elif isinstance(getattr(inner, "value", None), str) and id(inner) not in inside:
            yield plain(inner.value)


def sentences(path):
    """Return what a file says: fixed parts of at least three words."""
    found = {text for node in spoken(ast.parse(path.read_text())) for text in fragments(node)}
    return sorted(text for text in found if len(text.split()) >= 3)


def told():
    """Return the sentences of the page's tables, `…` for what differs."""
    tables = re.findall(r"\| It says \|.*?\n\n", PAGE.read_text() + "\n", re.DOTALL)
    return [row for table in tables for row in re.findall(r"^\| `(.*?)` \|", table, re.MULTILINE)]


@pytest.mark.parametrize("path", sources(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sentence_of_the_code_is_explained(path):
    """Whoever gets a sentence finds it on the page, by searching for its fixed part."""
    page = plain(PAGE.read_text())
    assert [sentence for sentence in sentences(path) if sentence not in page] == []


def test_the_sentences_are_found():
    """The search above sees the kinds of sentences there are."""
    found = [text for path in sources() for text in sentences(path)]
    assert len(found) > 50
    for known in (
        "Sign in again, then run again.",
        "must be a whole number",
        "set either document",
    ):
        assert any(known in text for text in found)


def test_every_sentence_of_the_page_is_in_the_code():
    """A sentence that nothing says any more leaves the page."""
    files = [*sources(), *(ROOT / "tools").glob("*.py")]
    said = {
        text
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        for text in everything(node)
        if len(text) >= SHORTEST
    }
    assert len(told()) > 60
    assert [line for line in told() if not any(text in plain(line) for text in said)] == []


def everything(node):
    """Yield every fixed part of a text."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield plain(part.value)
