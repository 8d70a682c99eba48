"""Rows of words in columns. Real: Rich, which renders them."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from pulumi_incidents.commands._rows import Rows
from tests.work import calls


def shown(rows, width, **options):
    """Return what a console prints of rows."""
    console = Console(file=io.StringIO(), width=width, color_system=None, **options)
    console.print(Rows(rows))
    return console.file.getvalue()


ROWS = [
    ("Mon 22 Mar", "weeks", Text("09:00–17:00 田中 恵美")),
    ("", "", Text("nobody", "bold red")),
    ("", "a rotation with a long name", Text("Ana García-Ibáñez for Ben")),
]


def test_columns_stand_below_each_other():
    """However wide letters are; no line has blanks at its end."""
    assert shown(ROWS, 100).splitlines() == [
        "Mon 22 Mar  weeks                        09:00–17:00 田中 恵美",
        "                                         nobody",
        "            a rotation with a long name  Ana García-Ibáñez for Ben",
    ]


@pytest.mark.parametrize("width", [60, 40])
def test_what_has_no_room_goes_on_below(width):
    """In the same column; not a word is lost, and no line is longer than the terminal."""
    told = shown(ROWS, width)
    assert max(map(cell_len, told.splitlines())) <= width
    assert sorted(told.split()) == sorted(shown(ROWS, 200).split())


def test_colours_are_of_the_words_alone():
    """The blanks before them have none."""
    console = Console(file=io.StringIO(), width=40, force_terminal=True, color_system="standard")
    console.print(Rows([("Mon", "", Text("nobody", "bold red"))]))
    assert console.file.getvalue() == "Mon    \x1b[1;31mnobody\x1b[0m\n"


def test_a_row_is_little_work():
    """A year of hourly shifts has thousands, and a person waits for them."""

    def printed(count):
        return calls(lambda: shown([("", "hours", Text("Mon 00:00–Mon 01:00 Ana"))] * count, 80))

    printed(1)  # what is computed once
    # A table of Rich takes 546 calls for each.
    assert printed(1100) - printed(100) <= 1000 * 60
