"""How the site is made of the Markdown files of this repository: `make docs`.

The sources are the files as they are read in the repository, with the links between them. What only
a site needs, its navigation, is here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAVIGATION = {
    "Start": ["docs/getting-started", "docs/comparison", "examples/README"],
    "Use": [
        "docs/components",
        "docs/response-plan",
        "docs/incident",
        "docs/replication-set",
        "docs/on-call",
        "docs/commands",
        "docs/rota",
        "docs/doctor",
        "docs/checks",
        "docs/drills",
        "docs/configuration",
        "docs/permissions",
        "Import <docs/import>",
        "docs/migration",
        "docs/renaming",
        "docs/testing",
        "docs/unit-tests",
        "docs/troubleshooting",
        "docs/unverified",
        "docs/reference",
    ],
    "The local AWS": ["docs/emulator", "docs/console"],
    "The project": [
        "Design <docs/design>",
        "docs/benchmarks",
        "CONTRIBUTING",
        "SECURITY",
        "CHANGELOG",
        "All documents <docs/README>",
    ],
}

ROOT = Path(__file__).parent.parent
VERSION = re.search(
    r'^__version__ = "(.+)"',
    (ROOT / "pulumi_incidents/__init__.py").read_text(encoding="utf-8"),
    re.MULTILINE,
)

project = "pulumi-incidents"
release = VERSION[1] if VERSION else ""
language = "en"

extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "docs/checks/*.md", "examples/README.md"]
exclude_patterns = [".*", "build", "dist", "pulumi_incidents", "tests", "tools"]
# The anchors of headings are those of GitHub.
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False


def setup(app: Sphinx) -> None:
    """Put the navigation below the first page, where it does not show in the repository."""
    app.connect("source-read", _navigate)
    app.set_translator("html", Translator)


class Translator(HTML5Translator):
    """Tell each cell the head of its column, which narrow screens have no room for."""

    def starttag(
        self, node: nodes.Element, tagname: str, *arguments: Any, **attributes: Any
    ) -> str:
        """Start an element."""
        if tagname == "td" and isinstance(node, nodes.entry):
            row, group = node.parent, node.parent.parent.parent
            (head,) = group.findall(nodes.thead)
            attributes["data-head"] = head[0][row.index(node)].astext()
        return super().starttag(node, tagname, *arguments, **attributes)


def _navigate(_app: Sphinx, name: str, source: list[str]) -> None:
    if name == root_doc:
        for caption, pages in NAVIGATION.items():
            source[0] += _tree(f":caption: {caption}", "", *pages)
    elif name == "docs/checks":
        source[0] += _tree(":glob:", "", "checks/*")


def _tree(*lines: str) -> str:
    return "\n".join(["\n```{toctree}", ":hidden:", *lines, "```\n"])
