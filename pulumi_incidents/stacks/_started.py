"""The plan that an alarm or an event starts, and what else an alarm runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pulumi

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers._model import Failure, below
from pulumi_incidents.providers.incident import PLAN_ARN
from pulumi_incidents.stacks._declared import Look, look_at
from pulumi_incidents.stacks._mistakes import echo, is_output, refuse

_ARN: Any = pulumi.Input[str]  # type: ignore[misc] # an alias, whose parameter mypy does not see
_NO_PLAN = (
    "must be a response plan or its ARN, such as "
    "arn:aws:ssm-incidents::123456789012:response-plan/checkout"
)
_OF_ANYTHING = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:\S+")
_MOST_ACTIONS = 5
# States of an alarm that run actions -> those that run anyway.
_ACTIONS = {"alarm_actions": 1, "ok_actions": 0, "insufficient_data_actions": 0}


def started(plan: ResponsePlan | pulumi.Input[str]) -> Look[pulumi.Input[str]]:
    """Return the ARN of a plan that is given as a resource or by its ARN, and what is wrong."""
    arn = plan.arn if isinstance(plan, ResponsePlan) else plan
    found = look_at(_ARN, arn, "plan")
    if arn is None or is_output(arn) or (isinstance(arn, str) and PLAN_ARN.fullmatch(arn)):
        return found
    return replace(found, failures=[Failure("plan", _NO_PLAN, echo(arn))])


def known_plan(component: pulumi.ComponentResource, arn: pulumi.Input[str]) -> pulumi.Input[str]:
    """Return the ARN of a plan, once it is known to be none of anything else."""

    def check(known: str) -> str:
        # What unit tests have for an ARN is let through.
        if known.startswith("arn:aws") and not PLAN_ARN.fullmatch(known):
            refuse(component, [f"plan {_NO_PLAN}"])
        return known

    return arn if isinstance(arn, str) else pulumi.Output.from_input(cast("Any", arn)).apply(check)


def actions(plan: pulumi.Input[str], more: pulumi.Input[Sequence[Any] | None]) -> Any:
    """Return what an alarm runs when it goes off: the plan, always, and what else is declared."""
    if not more:
        return [plan]

    def both(known: Sequence[Any]) -> list[str]:
        arn, others = known
        return [arn, *(each for each in others or () if each != arn)]

    return pulumi.Output.all(plan, more).apply(both)


def action_mistakes(args: Mapping[str, Any], path: str) -> Iterator[str]:
    """Find what CloudWatch takes as no action of an alarm."""
    for key, own in _ACTIONS.items():
        given = args.get(key)
        if given is None or is_output(given):
            continue
        place, most = below(path, key), _MOST_ACTIONS - own
        if len(given) > most:
            yield f"{place} must be at most {most} actions; got {len(given)}"
        for number, action in enumerate(given):
            if isinstance(action, str) and not _OF_ANYTHING.fullmatch(action):
                yield f"{place}[{number}] must be an ARN of what runs; got {action!r}"
