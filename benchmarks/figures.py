"""From data to figures: medians, spreads, ratios and costs. Pure."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.ways import BOTO3_4, FLOOR, OPERATIONS, PROVIDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.results import Results

FLOORS = (FLOOR, BOTO3_4)
"""What takes as long in any way: this engine, and these calls, four at a time."""


class Spread(NamedTuple):
    """What was measured once or more."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        """Show the median, and the range where there is one."""
        if self.low == self.high:
            return number(self.middle)
        return f"{number(self.middle)} ({number(self.low)}–{number(self.high)})"


def number(value: float) -> str:
    """Show a figure with the digits that mean something."""
    return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"


def spread(values: Sequence[float]) -> Spread | None:
    """Return median and range; None of nothing."""
    return Spread(median(values), min(values), max(values)) if values else None


def sizes(data: Results) -> list[int]:
    """Return the numbers of plans that were measured."""
    return sorted({life.plans for life in data.lives})


def latencies(data: Results) -> list[int]:
    """Return the latencies that were measured, in milliseconds."""
    return sorted({life.latency_ms for life in data.lives})


def seconds(data: Results, way: str, plans: int, latency: int, operation: str) -> Spread | None:
    """Return the wall time of an operation; None where it was not measured."""
    found = data.measured(way, plans, latency, operation)
    return spread([one.seconds for one in found])


def floors(data: Results, plans: int, latency: int, operation: str) -> list[float] | None:
    """Return the times of `FLOORS`; None where one was not measured."""
    found = [seconds(data, way, plans, latency, operation) for way in FLOORS]
    if operation == "unchanged":
        found[1:] = [Spread(0, 0, 0)]  # a script that has nothing to do is not run
    known = [one.middle for one in found if one]
    return known if len(known) == len(FLOORS) else None


def over_floors(data: Results, plans: int, latency: int, operation: str) -> float | None:
    """Return the provider's time as a multiple of the sum of the floors."""
    mine = seconds(data, PROVIDER, plans, latency, operation)
    theirs = floors(data, plans, latency, operation)
    return mine.middle / sum(theirs) if mine and theirs else None


def over_engine(data: Results, plans: int, operation: str) -> float | None:
    """Return the seconds that the provider takes over the engine's floor, without latency.

    The calls, and what the local AWS takes to answer them, are in it.
    """
    mine = seconds(data, PROVIDER, plans, 0, operation)
    floor = seconds(data, FLOOR, plans, 0, operation)
    return mine.middle - floor.middle if mine and floor else None


def cost_ms(data: Results, plans: int, operation: str) -> float | None:
    """Return what each plan costs over the engine's floor, in milliseconds."""
    over = over_engine(data, plans, operation)
    return None if over is None else over / plans * 1000


def further_ms(data: Results, few: int, many: int) -> float | None:
    """Return what each plan from `few` to `many` costs in all operations together."""
    over = {
        plans: [over_engine(data, plans, operation) for operation in OPERATIONS]
        for plans in (few, many)
    }
    if None in over[few] + over[many]:
        return None
    total = {plans: sum(one or 0 for one in costs) for plans, costs in over.items()}
    return (total[many] - total[few]) / (many - few) * 1000


def calls_per_plan(data: Results, way: str, operation: str) -> list[float]:
    """Return each number of requests for one plan that was seen, over all sizes and latencies."""
    return sorted(
        {
            life.operations[operation].calls / life.plans
            for life in data.lives
            if life.way == way and operation in life.operations
        }
    )


def memory_mib(data: Results, way: str, plans: int) -> Spread | None:
    """Return the peak memory of the plugin process in a life of that many plans."""
    return spread(
        [
            max(one.plugin_kib or 0 for one in life.operations.values()) / 1024
            for life in data.lives
            if (life.way, life.plans) == (way, plans)
        ]
    )


def first_answer(data: Results, name: str) -> Spread | None:
    """Return how long one of the figures of `startup` took, in seconds."""
    return spread([one[name] for one in data.startups if name in one])
