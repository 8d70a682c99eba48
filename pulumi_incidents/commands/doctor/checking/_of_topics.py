"""Topics with the plans that name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.topics import Topic, chats, targets
from pulumi_incidents.commands.doctor.results import NotSeen, Result

Plans = tuple[Plan, ...]
Look = Callable[[Facts, Topic, Plans], Iterable[Result]]


def every(plan: Plan) -> tuple[str, ...]:
    """Return the topics that a plan names, of whatever kind."""
    return (*targets(plan), *chats(plan))


def looked(facts: Facts, topics: Callable[[Plan], tuple[str, ...]], look: Look) -> Iterator[Result]:
    """Look at each topic that exists; that one does not, another check tells."""
    for arn, plans in named(facts, topics).items():
        found = facts.topics[arn]
        if isinstance(found, Unseen):
            yield NotSeen(arn, found.why, arns(plans))
        elif found is not None:
            yield from look(facts, found, plans)


def named(facts: Facts, topics: Callable[[Plan], tuple[str, ...]]) -> dict[str, Plans]:
    """Return topics of plans by their ARNs, with the plans that name each."""
    found: dict[str, Plans] = {}
    for plan in facts.plans:
        for arn in dict.fromkeys(topics(plan)):
            found[arn] = (*found.get(arn, ()), plan)
    return found


def arns(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Return the ARNs of plans."""
    return tuple(plan.arn for plan in plans)
