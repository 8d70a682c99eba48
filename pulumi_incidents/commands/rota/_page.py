"""A page of SVG, light or dark as its reader's other pages are."""

from __future__ import annotations

from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, SubElement, indent, tostring

WIDTH, MARGIN = 1000, 24
"""In pixels, as all lengths here are."""

# Of letters in the widest of the fonts below: most of them, and those that are wider.
_CHARACTER, _WIDE_CHARACTER, _WIDE = 7.4, 12.4, frozenset("MWmw@%")
_PADDING = 6

# Fills of people on light and on dark pages; letters on them have a contrast of 7 to 1 or more.
PEOPLE = (
    ("#cfe3ff", "#1b3a66"),
    ("#ffe1b8", "#5a3a08"),
    ("#cdeed3", "#17492a"),
    ("#f3d3ee", "#57214f"),
    ("#fff0a8", "#4d4400"),
    ("#c9eef0", "#0e474b"),
    ("#ffd3cc", "#6b2318"),
    ("#dedbf7", "#38307a"),
)
_STYLE = """
text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
text.title { font-size: 18px; font-weight: 600 } text.strong { font-weight: 600 }
text.quiet { fill: #59636e } text.wrong { fill: #cf222e }
.page, .twice { fill: #ffffff } .inside, .clocks { fill: none } .outside { fill: #f0f2f5 }
.line { stroke: #d1d9e0 } .shift { stroke: #59636e } .clocks { stroke: #8250df }
.override { stroke: #8250df; stroke-width: 2; stroke-dasharray: 5 3 }
.gap { fill: url(#hatched) } .gap, .twice, .hatch { stroke: #cf222e }
.twice, .hatch { stroke-width: 2 } .hatch { stroke-opacity: .35 }
"""
_DARK = """
text { fill: #f0f6fc } text.quiet { fill: #9198a1 } text.wrong { fill: #ff7b72 }
.page, .twice { fill: #0d1117 } .outside { fill: #1c2128 }
.line { stroke: #3d444d } .shift { stroke: #9198a1 } .clocks, .override { stroke: #c297ff }
.gap, .twice, .hatch { stroke: #ff7b72 }
"""


class Page:
    """What is drawn later lies above; `x` and `y` are the left and the upper edge of it."""

    def __init__(self, title: str) -> None:
        self._root = Element("svg", xmlns="http://www.w3.org/2000/svg")
        SubElement(self._root, "title").text = title
        SubElement(self._root, "style").text = _style()
        pattern = SubElement(
            SubElement(self._root, "defs"),
            "pattern",
            id="hatched",
            width="6",
            height="6",
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        )
        SubElement(pattern, "path", {"class": "hatch", "d": "M0 0V6"})
        self._page = SubElement(self._root, "rect", {"class": "page"})

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        """Add words to a line."""
        SubElement(self._root, "text", _at(kind, x=x, y=y + 17)).text = words

    def day(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Add the ground of a day, and the line at which it begins."""
        SubElement(self._root, "rect", _at(kind, x=x, y=y, width=width, height=height))
        line = {"class": "line", "d": f"M{x:.1f} {y:.1f}v{height:.1f}"}
        SubElement(self._root, "path", line)

    def bar(self, x: float, y: float, width: float, kind: str, title: str, *words: str) -> None:
        """Add a bar to a line, with the first of some words that it has room for."""
        group = SubElement(self._root, "g", role="img")
        SubElement(group, "title").text = title
        width = max(width - 2, 2)
        SubElement(group, "rect", _at(kind, x=x + 1, y=y + 3, width=width, height=20), rx="4")
        for told in words:
            if _length(told) + 2 * _PADDING <= width:
                SubElement(group, "text", _at("", x=x + 1 + _PADDING, y=y + 17)).text = told
                break

    def svg(self, height: float) -> str:
        """Return the page."""
        size = {"width": f"{WIDTH}", "height": f"{height:.0f}"}
        self._page.attrib |= size
        self._root.attrib |= {"viewBox": f"0 0 {size['width']} {size['height']}", **size}
        indent(self._root, " ")
        return tostring(self._root, encoding="unicode") + "\n"


def shortened(words: str, room: float) -> str:
    """Return words that have room, with an ellipsis for what has not."""
    if _length(words) <= room:
        return words
    while words and _length(f"{words}…") > room:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _length(words: str) -> float:
    return sum(_WIDE_CHARACTER if _is_wide(each) else _CHARACTER for each in words)


def _is_wide(letter: str) -> bool:
    return letter in _WIDE or east_asian_width(letter) in "WF"


def _at(kind: str, **places: float) -> dict[str, str]:
    told = {name: f"{place:.1f}".removesuffix(".0") for name, place in places.items()}
    return {"class": kind, **told} if kind else told


def _style() -> str:
    light, dark = (
        "".join(f".p{number} {{ fill: {fills[shade]} }}\n" for number, fills in enumerate(PEOPLE))
        for shade in (0, 1)
    )
    return f"{_STYLE}{light}@media (prefers-color-scheme: dark) {{{_DARK}{dark}}}\n"
