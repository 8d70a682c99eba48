"""The pages of the checks of `pulumi-incidents doctor`, from the code that makes them.

`python -m tools.checks` writes docs/checks.md and a page for each check in docs/checks.
"""

from __future__ import annotations

from pulumi_incidents.commands.doctor import pages
from pulumi_incidents.commands.doctor.catalog import CHECKS
from tools.local_aws import ROOT

DOCS = ROOT / "docs"
FOLDER = "checks"
_MARK = "<!-- Written by `python -m tools.checks` from the code: change the docstrings there. -->"
_INTRODUCTION = """\
# Checks

What [`pulumi-incidents doctor`](doctor.md) looks at, in this order. Each page says by which calls,
and so with which permissions, what is found, how it is mended, and what nobody could compare with
AWS. `pulumi-incidents doctor --explain NAME` shows the same page.
"""


def files() -> dict[str, str]:
    """Return the pages by their paths below `docs`."""
    written = {f"{FOLDER}/{check.name}.md": pages.page(check) for check in CHECKS}
    index = f"{_INTRODUCTION}\n{pages.index(CHECKS)}"
    told = {f"{FOLDER}.md": index, **written}
    return {name: f"{_MARK}\n\n{text}" for name, text in told.items()}


def main() -> None:
    """Write the pages, and take away those of checks that are gone."""
    (DOCS / FOLDER).mkdir(exist_ok=True)
    wanted = files()
    for path in (DOCS / FOLDER).glob("*.md"):
        if f"{FOLDER}/{path.name}" not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
