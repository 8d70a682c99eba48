"""Rows of words in columns, as many as a year has: Rich's own table weighs each cell many times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.text import Text

_BETWEEN = 2
"""Blanks between columns."""

Row = tuple[str, str, Text]


class Rows:
    """Rows in three columns; what has no room in a cell goes on in the next line of it."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = [*rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield the lines, which no blanks fill up."""
        first, second = (
            max((cell_len(words) for words in words_of), default=0)
            for words_of in ({row[0] for row in self._rows}, {row[1] for row in self._rows})
        )
        # A name that is long leaves half of the line to what is said beside it.
        second = min(second, max((options.max_width - first) // 2 - _BETWEEN, 1))
        starts = first + _BETWEEN, first + second + 2 * _BETWEEN
        room = max(options.max_width - starts[1], 1)
        for begin, name, told in self._rows:
            names = [name] if cell_len(name) <= second else _wrapped(console, Text(name), second)
            tolds = [told] if told.cell_len <= room else told.wrap(console, room)
            for line in zip_longest([begin], names, tolds, fillvalue=""):
                yield from _line(console, starts, *line)


def _wrapped(console: Console, words: Text, room: int) -> list[str]:
    return [line.plain for line in words.wrap(console, room)]


def _line(
    console: Console, starts: tuple[int, int], begin: str, name: str, told: Text | str
) -> Iterator[Segment]:
    before = f"{begin}{_blanks(begin, starts[0])}{name}" if name else begin
    yield Segment(f"{before}{_blanks(before, starts[1])}" if told else before)
    if isinstance(told, Text):
        yield from Segment.apply_style(told.render(console), console.get_style(told.style))
    yield Segment.line()


def _blanks(words: str, place: int) -> str:
    return " " * (place - cell_len(words))
