"""What was promised, whether it holds, and where not, why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks import figures
from benchmarks.startup import FIRST_ANSWER, FIRST_CHECK, PULUMI_BOTOCORE, PULUMI_SESSION
from benchmarks.ways import CALLS, OPERATIONS, PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.results import Results

OVER_FLOORS = 1.10
COST_MS = 10
GROWTH = 1.2
START_UP = 1.2


_WHY_CALLS = "AWS was asked more often than it has to be, or a request was repeated"
_WHY_FLOORS = (
    "the program reads the declared types of every plan, and loads and makes the client once, "
    "before its first call"
)
_WHY_COST = (
    "botocore takes 2 to 3 ms for a call and the local AWS as long to answer it, on these cores; "
    "a refresh makes two, and each command loads and makes the client once"
)
_WHY_GROWTH = "the time of a whole command swings by more than what the plans cost"
_WHY_START_UP = "the SDK's own part is that of the engine's floor; botocore's model comes on top"


class Target(NamedTuple):
    """One promise."""

    text: str
    measured: str
    over: str
    """By how much it is missed; empty where it holds."""
    why: str
    """What stands in the way."""

    @property
    def verdict(self) -> str:
        """Say whether it holds, and if not, by how much it is missed and why."""
        return f"missed {self.over}: {self.why}" if self.over else "holds"


def targets(data: Results) -> Iterator[Target]:
    """Yield every target for which there is data."""
    yield _calls(data)
    yield from _over_floors(data)
    for plans in (100, 500):
        yield from _cost(data, plans)
    yield from _flat(data)
    yield from _start_up(data, FIRST_ANSWER, PULUMI_BOTOCORE)
    yield from _start_up(data, FIRST_CHECK, PULUMI_SESSION)


def _calls(data: Results) -> Target:
    seen = {one: figures.calls_per_plan(data, PROVIDER, one) for one in OPERATIONS}
    wrong = [one for one in OPERATIONS if seen[one] != [CALLS[one]]]
    return Target(
        f"Requests for one plan: {' / '.join(f'{one} {CALLS[one]}' for one in OPERATIONS)}",
        " / ".join(" or ".join(f"{count:g}" for count in seen[one]) for one in OPERATIONS),
        f"in {', '.join(wrong)}" if wrong else "",
        _WHY_CALLS,
    )


def _over_floors(data: Results) -> Iterator[Target]:
    found = figures.over_floors(data, 100, 100, "up")
    if found is not None:
        yield Target(
            f"`up` of 100 plans at 100 ms: at most {OVER_FLOORS:.2f} × the sum of both floors",
            f"{found:.2f} ×",
            _over(found, OVER_FLOORS),
            _WHY_FLOORS,
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
            _WHY_COST,
        )


def _flat(data: Results) -> Iterator[Target]:
    early, late = figures.further_ms(data, 10, 100), figures.further_ms(data, 100, 500)
    if early is not None and late is not None:
        yield Target(
            f"This cost is flat: each of the plans 101–500 costs, in all five operations together, "
            f"at most {GROWTH} × what each of the plans 11–100 does",
            f"{late:.1f} ms, {early:.1f} ms",
            "" if late <= early * GROWTH else f"by {late - early * GROWTH:.1f} ms",
            _WHY_GROWTH,
        )


def _start_up(data: Results, answer: str, imports: str) -> Iterator[Target]:
    floor, mine = (figures.first_answer(data, one) for one in (imports, answer))
    if floor and mine:
        found = mine.middle / floor.middle
        yield Target(
            f"{answer}: within {START_UP} × {imports}",
            f"{found:.2f} ×",
            _over(found, START_UP),
            _WHY_START_UP,
        )


def _over(found: float, allowed: float) -> str:
    return f"by {found / allowed - 1:.0%}" if found > allowed else ""
