"""What was promised, whether it holds, and where not, why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks import figures
from benchmarks.startup import FIRST_CHECK, PLUGIN_INFO, PULUMI_BOTOCORE
from benchmarks.ways import OPERATIONS, PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.results import Results

CALLS = {"up": 1, "unchanged": 0, "update": 1, "refresh": 2, "destroy": 1}
"""Requests for one plan: the fewest that AWS allows."""

OVER_FLOORS = 1.10
COST_MS = 10
GROWTH = 1.2
FIRST_ANSWER = 1.2


class Target(NamedTuple):
    """One promise."""

    text: str
    measured: str
    missed: str = ""
    """By how much and why; empty where it holds."""


def targets(data: Results) -> Iterator[Target]:
    """Yield every target for which there is data."""
    yield _calls(data)
    yield from _over_floors(data)
    for plans in (100, 500):
        yield from _cost(data, plans)
    yield from _flat(data)
    for name in (PLUGIN_INFO, FIRST_CHECK):
        yield from _first_answer(data, name)


def _calls(data: Results) -> Target:
    seen = {one: figures.calls_per_plan(data, PROVIDER, one) for one in OPERATIONS}
    wrong = [one for one in OPERATIONS if seen[one] != [CALLS[one]]]
    return Target(
        f"Requests for one plan: {' / '.join(f'{one} {CALLS[one]}' for one in OPERATIONS)}",
        " / ".join(" or ".join(f"{count:g}" for count in seen[one]) for one in OPERATIONS),
        f"in {', '.join(wrong)}" if wrong else "",
    )


def _over_floors(data: Results) -> Iterator[Target]:
    found = figures.over_floors(data, 100, 100, "up")
    if found is not None:
        yield Target(
            f"`up` of 100 plans at 100 ms: at most {OVER_FLOORS:.2f} × the sum of both floors",
            f"{found:.2f} ×",
            _over(found, OVER_FLOORS),
        )


def _cost(data: Results, plans: int) -> Iterator[Target]:
    costs = {one: figures.cost_ms(data, plans, one) for one in OPERATIONS}
    known = {one: cost for one, cost in costs.items() if cost is not None}
    over = [f"{one} by {cost - COST_MS:.1f} ms" for one, cost in known.items() if cost >= COST_MS]
    if known:
        yield Target(
            f"Cost of each of {plans} plans over the engine's floor, no latency: "
            f"less than {COST_MS} ms",
            ", ".join(f"{one} {cost:.1f} ms" for one, cost in known.items()),
            ", ".join(over),
        )


def _flat(data: Results) -> Iterator[Target]:
    early, late = figures.further_ms(data, 10, 100), figures.further_ms(data, 100, 500)
    if early is not None and late is not None:
        yield Target(
            f"This cost is flat: each of the plans 101–500 costs, in all five operations together, "
            f"at most {GROWTH} × what each of the plans 11–100 does",
            f"{late:.1f} ms, {early:.1f} ms",
            "" if late <= early * GROWTH else f"by {late - early * GROWTH:.1f} ms",
        )


def _first_answer(data: Results, name: str) -> Iterator[Target]:
    imports, answer = (figures.first_answer(data, one) for one in (PULUMI_BOTOCORE, name))
    if imports and answer:
        found = answer.middle / imports.middle
        yield Target(
            f"{name}: within {FIRST_ANSWER} × {PULUMI_BOTOCORE}",
            f"{found:.2f} ×",
            _over(found, FIRST_ANSWER),
        )


def _over(found: float, allowed: float) -> str:
    return f"by {found / allowed - 1:.0%}" if found > allowed else ""
