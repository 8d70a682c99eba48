"""What each chart shows, as plain values: what is drawn, and what says whether it is up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import figures
from benchmarks.ways import OPERATIONS, PROVIDER, WAYS

if TYPE_CHECKING:
    from benchmarks.results import Results


def plotted(data: Results) -> dict[str, dict[str, Any]]:
    """Return, for each chart by name, its panels or bars."""
    return {
        "up": {
            f"{latency} ms": {way: _up(data, way, latency) for way in WAYS}
            for latency in figures.latencies(data)
        },
        "floors": _floors(data),
        "cost": {one: _cost(data, one) for one in OPERATIONS},
        "start-up": {
            name: round(found.middle, 3)
            for name in (data.startups[0] if data.startups else ())
            if (found := figures.first_answer(data, name))
        },
    }


def _up(data: Results, way: str, latency: int) -> list[tuple[int, float]]:
    points = ((n, figures.seconds(data, way, n, latency, "up")) for n in figures.sizes(data))
    return [(n, found.middle) for n, found in points if found]


def _floors(data: Results) -> dict[str, Any]:
    """Compare, at the greatest latency, as many plans as were measured with it."""
    latency = figures.latencies(data)[-1]
    plans = max(life.plans for life in data.lives if life.latency_ms == latency)
    bars: dict[str, Any] = {"plans": plans, "latency": latency, "operations": {}}
    for operation in OPERATIONS:
        mine = figures.seconds(data, PROVIDER, plans, latency, operation)
        theirs = figures.floors(data, plans, latency, operation)
        if mine and theirs:
            bars["operations"][operation] = [mine.middle, *theirs]
    return bars


def _cost(data: Results, operation: str) -> list[tuple[int, float]]:
    points = ((n, figures.cost_ms(data, n, operation)) for n in figures.sizes(data)[1:])
    return [(n, round(cost, 2)) for n, cost in points if cost is not None]
