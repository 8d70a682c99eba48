"""Boxes with arrows between them, as SVG that reads well on light and on dark pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

LINE, CHARACTER, PADDING, GAP_X, GAP_Y, MARGIN = 18, 7.3, 12, 56, 20, 16

STYLE = """
.card { fill: #ffffff } .box { fill: #f6f8fa; stroke: #8c959f } .given { stroke-dasharray: 5 4 }
.kind { fill: #1f2328; font-weight: 600 } .name { fill: #59636e } .edge { stroke: #8c959f }
.head { fill: #8c959f } .dynamic { stroke: #0969da; stroke-width: 2 }
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
@media (prefers-color-scheme: dark) {
.card { fill: #0d1117 } .box { fill: #151b23; stroke: #656c76 } .kind { fill: #f0f6fc }
.name { fill: #9198a1 } .edge { stroke: #656c76 } .head { fill: #656c76 }
.dynamic { stroke: #4493f8 } }
"""


HEAD = """\
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"
orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>"""


class Box(NamedTuple):
    """What is drawn as one: a resource, or a component with all that is in it."""

    kind: str
    name: str
    parts: tuple[str, ...]
    given: bool
    dynamic: bool
    needs: frozenset[str]


class Place(NamedTuple):
    """Where a box is drawn."""

    x: float
    y: float
    width: float
    height: float


def drawing(title: str, found: Mapping[str, Box]) -> str:
    """Return boxes, by any key, and arrows from what they need to them as SVG."""
    places = _places(found)
    width = MARGIN + max(place.x + place.width for place in places.values())
    height = MARGIN + max(place.y + place.height for place in places.values())
    edges = [_edge(places[need], places[urn]) for urn in found for need in _direct(found, urn)]
    told = ", ".join(f"{box.kind} {box.name}" for box in found.values())
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
                f'width="{width:.0f}" height="{height:.0f}" role="img">'
            ),
            f"<title>{title}: {escape(told)}</title>",
            f"<style>{STYLE}</style>",
            HEAD,
            f'<rect class="card" width="{width:.0f}" height="{height:.0f}" rx="8"/>',
            *edges,
            *(_box(found[urn], places[urn]) for urn in found),
            "</svg>\n",
        ]
    )


def _columns(found: Mapping[str, Box]) -> list[list[str]]:
    """Part boxes into columns, each as far right as those allow that need it."""

    def left(urn: str) -> int:
        return max((1 + left(user) for user in found if urn in found[user].needs), default=0)

    columns: list[list[str]] = [[] for _ in range(1 + max(map(left, found)))]
    for urn in found:
        columns[-1 - left(urn)].append(urn)
    rows: dict[str, float] = {}
    for content in columns:
        content.sort(key=lambda urn: (_mean([rows[need] for need in found[urn].needs]), urn))
        rows.update({urn: row - len(content) / 2 for row, urn in enumerate(content)})
    return columns


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0


def _direct(found: Mapping[str, Box], urn: str) -> list[str]:
    """Return what a box needs, without what one of its needs is right of already."""

    def all_needs(start: str) -> set[str]:
        return {need for step in found[start].needs for need in {step, *all_needs(step)}}

    needs = found[urn].needs
    return sorted(needs - {further for need in needs for further in all_needs(need)})


def _lines(box: Box) -> list[str]:
    return [box.kind, box.name, *(f"· {part}" for part in box.parts)]


def _places(found: Mapping[str, Box]) -> dict[str, Place]:
    columns = _columns(found)
    size = {
        urn: (
            max(map(len, _lines(box))) * CHARACTER + 2 * PADDING,
            len(_lines(box)) * LINE + PADDING,
        )
        for urn, box in found.items()
    }
    tall = [sum(size[urn][1] + GAP_Y for urn in column) - GAP_Y for column in columns]
    places: dict[str, Place] = {}
    x = float(MARGIN)
    for column, height in zip(columns, tall, strict=True):
        wide = max(size[urn][0] for urn in column)
        y = MARGIN + (max(tall) - height) / 2
        for urn in column:
            places[urn] = Place(x, y, wide, size[urn][1])
            y += size[urn][1] + GAP_Y
        x += wide + GAP_X
    return places


def _edge(start: Place, end: Place) -> str:
    x1, y1 = start.x + start.width, start.y + start.height / 2
    x2, y2 = end.x, end.y + end.height / 2
    bend = (x2 - x1) / 2
    path = f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return f'<path class="edge" fill="none" marker-end="url(#head)" d="{path}"/>'


def _box(box: Box, place: Place) -> str:
    marks = {"given": box.given, "dynamic": box.dynamic}
    classes = ["box", *(mark for mark, is_set in marks.items() if is_set)]
    x, y = place.x + PADDING, place.y + LINE
    texts = [
        f'<text class="{"name" if number else "kind"}" x="{x:.0f}" y="{y + number * LINE:.0f}">'
        f"{escape(line)}</text>"
        for number, line in enumerate(_lines(box))
    ]
    return "\n".join(
        [
            (
                f'<rect class="{" ".join(classes)}" x="{place.x:.0f}" y="{place.y:.0f}" '
                f'width="{place.width:.0f}" height="{place.height:.0f}" rx="6"/>'
            ),
            *texts,
        ]
    )
