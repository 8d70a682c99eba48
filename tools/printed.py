"""A picture of what a command printed, in its colours.

`pulumi preview --color always | python -m tools.printed FILE.svg TITLE`: `make picture` does that
for the local stack.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

_COLUMNS = 80  # what a page has room for; longer lines go on in the next one


def picture(printed: str, title: str) -> str:
    """Return the text, with the escape codes of a terminal in it, as SVG."""
    text = Text.from_ansi(printed.strip())
    width = max(len(line.plain.rstrip()) for line in text.split("\n"))
    console = Console(record=True, width=min(width, _COLUMNS) + 1, file=io.StringIO())
    console.print(text)
    drawn = console.export_svg(title=title, unique_id="picture")
    # The fonts that it names are on somebody else's server: a terminal's own do as well.
    drawn = re.sub(r"@font-face {.*?}\n", "", drawn, flags=re.DOTALL)
    # Its own size, without which a page has to guess at which one the words can be read.
    return re.sub(
        r'viewBox="0 0 ([\d.]+) ([\d.]+)"', r'\g<0> width="\1" height="\2"', drawn, count=1
    )


def main(arguments: list[str]) -> None:
    """Draw what comes from stdin."""
    file, title = arguments
    Path(file).write_text(picture(sys.stdin.read(), title), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
