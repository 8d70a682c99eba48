"""Stages of a plan by the minute at which each begins; pure.

AWS says how long a stage lasts, at most 30 minutes, and a stage without targets is a pause (API,
*Stage*). A person says when each begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pulumi_incidents.providers._model import below
from pulumi_incidents.providers.contact import StageArgs, TargetArgs

LATEST = 24 * 60
"""Minutes after which no stage begins any more: the limit is of these components."""

_LONGEST = 30


class Step(NamedTuple):
    """What begins some minutes after the engagement did."""

    after_minutes: int
    targets: Sequence[TargetArgs]


def stages(steps: Sequence[Step]) -> list[StageArgs]:
    """Return the stages of a plan; the steps are in their order, each later than the one before."""
    ends = [step.after_minutes for step in steps[1:]]
    found = list(_pauses(steps[0].after_minutes))
    for step, end in zip(steps, [*ends, steps[-1].after_minutes], strict=True):
        wait = end - step.after_minutes
        found.append({"duration_in_minutes": min(wait, _LONGEST), "targets": step.targets})
        found += _pauses(wait - _LONGEST)
    return found


def _pauses(minutes: int) -> Iterator[StageArgs]:
    while minutes > 0:
        yield {"duration_in_minutes": min(minutes, _LONGEST), "targets": []}
        minutes -= _LONGEST


def time_mistakes(minutes: Sequence[int], path: str) -> Iterator[str]:
    """Find what no minute of a step can be, in the steps at `path`."""
    before = -1
    for number, minute in enumerate(minutes):
        place = below(f"{path}[{number}]", "after_minutes")
        if not 0 <= minute <= LATEST:
            yield f"{place} must be 0 to {LATEST}, a day; got {minute}"
        elif minute <= before:
            yield f"{place} must be later than that of the one before, {before}; got {minute}"
        before = max(before, minute)
