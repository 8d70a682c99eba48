"""What is measured, in which order, and how long the rest will take. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.results import Life
from benchmarks.ways import BOTO3_1, BOTO3_4, CLI, ENGINE, FLOOR, PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TURNS = {1: 3, 10: 3, 100: 3, 500: 2}
"""Number of plans -> how often all ways take their turn."""
QUICK_TURNS = {1: 1, 10: 1}

STARTUPS = 7
QUICK_STARTUPS = 2

LATENCIES_MS = (0, 100)
MOST_WITH_LATENCY = 100
"""Plans; more would only wait longer."""
MOST_WITH_CLI = 10
"""Plans; the time of a loop is the time of one, as often as there are plans."""

_CONTENDERS = [
    (way, latency)
    for latency in LATENCIES_MS
    for way in (PROVIDER, FLOOR, BOTO3_1, BOTO3_4, CLI)
    if (way, latency) != (FLOOR, 100)  # it calls nothing that could be late
]


def schedule(turns: Mapping[int, int]) -> Iterator[Life]:
    """Yield the lives to be measured: every way in turn, each turn begun by another one.

    A machine that becomes slower for a while is slow for all of them.
    """
    for turn in range(max(turns.values())):
        for plans, times in turns.items():
            if turn < times:
                first = turn * 2 % len(_CONTENDERS)
                for way, latency in _CONTENDERS[first:] + _CONTENDERS[:first]:
                    if _fits(plans, way, latency, turn):
                        yield Life(plans=plans, way=way, latency_ms=latency, turn=turn)


def _fits(plans: int, way: str, latency_ms: int, turn: int) -> bool:
    if latency_ms and plans > MOST_WITH_LATENCY:
        return False
    # One loop over ten plans is ten measurements already.
    return way != CLI or (plans <= MOST_WITH_CLI and (turn == 0 or plans == 1))


def expected_seconds(life: Life) -> float:
    """Return about what a life takes on two cores; only the proportions matter."""
    calls = 5 * life.plans
    latency = life.latency_ms / 1000
    if life.way in ENGINE:
        return 9 + life.plans * (0.08 + life.plans / 6000) + calls * latency / 4
    if life.way == CLI:
        return calls * (0.7 + latency)
    return 2 + calls * (0.005 + latency / int(life.way.removeprefix("boto3-")))


def remaining_seconds(left: Sequence[Life], done: Sequence[Life], spent: float) -> float:
    """Return how long the lives that are left will take, judged by those that are done."""
    expected = sum(map(expected_seconds, left))
    return expected * spent / sum(map(expected_seconds, done)) if done else expected
