"""Draw what `plotted` returns. The values are kept in the picture, as its description."""

from __future__ import annotations

import io
import itertools
import json
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.targets import COST_MS
from benchmarks.ways import BOTO3_1, BOTO3_4, CLI, FLOOR, OPERATIONS, PROVIDER, WAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes

    Lines = Mapping[str, Sequence[tuple[int, float]]]

_INK = "#24292f"
_COLORS = {
    PROVIDER: "#c2410c",
    FLOOR: "#475569",
    BOTO3_1: "#93b4dd",
    BOTO3_4: "#2563eb",
    CLI: "#0f766e",
}
_OPERATION_COLORS = dict(
    zip(OPERATIONS, ("#c2410c", "#475569", "#2563eb", "#0f766e", "#7c3aed"), strict=True)
)
_LABEL_GAP = 20  # pixels
_STYLE: Any = {
    "svg.hashsalt": "benchmarks",  # the same picture from the same data
    "svg.fonttype": "none",
    "font.size": 11,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.titleweight": "bold",
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "lines.marker": "o",
    "lines.linewidth": 2,
}


def draw(name: str, values: dict[str, Any]) -> bytes:
    """Return one chart as SVG."""
    with mpl.rc_context(_STYLE):
        figure = _DRAWERS[name](values)
        picture = io.BytesIO()
        metadata = {"Date": None, "Creator": "benchmarks", "Description": json.dumps(values)}
        figure.savefig(picture, format="svg", metadata=metadata, facecolor="white")
    return picture.getvalue()


def _up(panels: Mapping[str, Lines]) -> Figure:
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    figure.suptitle("Bringing plans up", x=0.01, ha="left", fontweight="bold")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axis, (title, lines) in zip(axes, panels.items(), strict=True):
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_title(f"latency {title}")
        _plot(
            figure, axis, {WAYS[way]: lines[way] for way in lines}, [_COLORS[way] for way in lines]
        )
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[0].set_ylabel("wall time of the command, s")
    return figure


def _cost(lines: Lines) -> Figure:
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axis = figure.subplots()
    axis.set_xscale("log")
    axis.set_title("What one plan costs over the engine's floor, without latency")
    axis.set_ylabel("ms per plan")
    axis.axhline(COST_MS, color=_INK, linewidth=1, linestyle="--", marker="")
    axis.annotate(
        f"target: less than {COST_MS} ms",
        (0, COST_MS),
        xycoords=("axes fraction", "data"),
        xytext=(4, -13),
        textcoords="offset points",
    )
    _plot(figure, axis, lines, [_OPERATION_COLORS[operation] for operation in lines])
    return figure


def _plot(figure: Figure, axis: Axes, lines: Lines, colors: Sequence[str]) -> None:
    """Plot lines over the number of plans, each labelled at its end."""
    shown = [
        (label, points, color)
        for (label, points), color in zip(lines.items(), colors, strict=True)
        if points
    ]
    for _, points, color in shown:
        axis.plot(*zip(*points, strict=True), color=color)
    axis.set_xlabel("plans")
    ticks = sorted({plans for _, points, _ in shown for plans, _ in points})
    axis.set_xticks(ticks, [str(plans) for plans in ticks])
    axis.minorticks_off()
    axis.grid(visible=True, color="#e5e7eb")
    axis.margins(y=0.12)
    figure.draw_without_rendering()  # only then it is known what is where
    to_pixels = axis.transData.transform
    heights = _apart([to_pixels(points[-1])[1] for _, points, _ in shown], _LABEL_GAP)
    for (label, points, color), height in zip(shown, heights, strict=True):
        x, y = axis.transData.inverted().transform((to_pixels(points[-1])[0], height))
        axis.annotate(
            label,
            (x, y),
            xytext=(9, 0),
            textcoords="offset points",
            color=color,
            va="center",
            annotation_clip=False,
        )


def _apart(heights: Sequence[float], gap: float) -> list[float]:
    """Move labels up until none covers another."""
    result = list(heights)
    order = sorted(range(len(result)), key=result.__getitem__)
    for lower, upper in itertools.pairwise(order):
        result[upper] = max(result[upper], result[lower] + gap)
    return result


def _floors(values: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axis = figure.subplots()
    axis.set_title(f"{values['plans']} plans at {values['latency']} ms, beside both floors")
    operations, bars = list(values["operations"]), list(values["operations"].values())
    mine, engine, calls = zip(*bars, strict=True)
    upper, lower = [row - 0.2 for row in range(len(bars))], [row + 0.2 for row in range(len(bars))]
    axis.barh(upper, mine, 0.36, color=_COLORS[PROVIDER], label=WAYS[PROVIDER])
    axis.barh(lower, engine, 0.36, color=_COLORS[FLOOR], label=WAYS[FLOOR])
    color = _COLORS[BOTO3_4]
    axis.barh(lower, calls, 0.36, left=engine, color=color, label=f"+ {WAYS[BOTO3_4]}")
    for row, seconds in zip(upper, mine, strict=True):
        axis.text(seconds, row, f" {seconds:.1f} s", va="center")
    for row, *both in zip(lower, engine, calls, strict=True):
        axis.text(sum(both), row, f" {sum(both):.1f} s", va="center")
    axis.set_yticks(range(len(bars)), operations)
    axis.invert_yaxis()
    axis.set_xlabel("wall time, s")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def _start_up(values: dict[str, float]) -> Figure:
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axis = figure.subplots()
    axis.set_title("From the start of a process")
    names = [name.replace("`", "") for name in values]
    colors = [_COLORS[FLOOR] if "import" in name else _COLORS[PROVIDER] for name in names]
    bars = axis.barh(names, list(values.values()), 0.6, color=colors)
    axis.bar_label(bars, [f" {seconds:.2f} s" for seconds in values.values()])
    axis.invert_yaxis()
    axis.set_xlabel("s")
    return figure


_DRAWERS: Mapping[str, Callable[[Any], Figure]] = {
    "up": _up,
    "floors": _floors,
    "cost": _cost,
    "start-up": _start_up,
}
