"""What an `up` does to people: whom the start of an incident engages and tells, as a sentence.

The program knows it of a plan that it declares or looks up, and the provider knows that something
starts. So the program hands it on in the incident's context; nobody at AWS is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown

from pulumi_incidents.providers.response_plan import ResponsePlan

_NOT_YET = "somebody who is known later"
_HIDDEN = "somebody who is secret"

_PARTS = ("engagements", "chat_channel", "integrations", "incident_template")


async def audience(plan_arn: pulumi.Input[str]) -> dict[str, list[str]] | None:
    """Return whom the plan with an ARN engages and tells, if this program has the plan."""
    sources = await pulumi.Output.from_input(plan_arn).resources()
    plans = [source for source in sources if isinstance(source, ResponsePlan)]
    if len(plans) != 1:
        return None
    plan = plans[0].declared
    if plan["incident_template"] is None:  # something else declares it, and it is looked up here
        plan = await _looked_up(plans[0])
    known = {part: await _known(plan[part]) for part in _PARTS}
    return {
        "engages": [*_named(known["engagements"])],
        "tells": [
            *_named(_member(known["incident_template"], "notification_targets"), "sns_topic_arn"),
            *_named(_member(known["chat_channel"], "chatbot_sns")),
        ],
        "opens": [*_named(known["integrations"], "pager_duty_configuration", "name")],
    }


def started(name: str, plan_arn: Any, known: Mapping[str, Any] | None) -> str:
    """Say what it means that an incident is started, `known` being what `audience` returned."""
    if known is None:
        plan = plan_arn if isinstance(plan_arn, str) else "that plan"
        return (
            f"Incident {name} is to be started: it engages and tells whomever {plan} does at AWS."
        )
    engages = ", ".join(known["engages"]) or "nobody"
    tells = f"tells {', '.join(known['tells'])}" if known["tells"] else "tells no topic"
    opens = f", and opens incidents at PagerDuty: {', '.join(known['opens'])}"
    return (
        f"Incident {name} is to be started: it engages {engages} and {tells}"
        f"{opens if known['opens'] else ''}."
    )


async def _looked_up(plan: ResponsePlan) -> Mapping[str, Any]:
    # In a preview the SDK takes what such a plan does not have for unknown. A template every plan
    # has: once that is known, so is the rest.
    template: Any = plan.incident_template
    if not await template.is_known():
        return dict.fromkeys(_PARTS, template)
    return {part: await getattr(plan, part).future() for part in _PARTS}


async def _known(value: Any) -> Any:
    """Return an input as far as it is known by now and no secret."""
    if isinstance(value, pulumi.Output):
        if await value.is_secret():
            return _HIDDEN
        if not await value.is_known():
            return _NOT_YET
        return await _known(await value.future(with_unknowns=True))
    if isinstance(value, Mapping):
        return {key: await _known(value[key]) for key in value}
    if isinstance(value, list | tuple):
        return [await _known(item) for item in value]
    return _NOT_YET if isinstance(value, Unknown) else value


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else value


def _named(values: Any, *path: str) -> Iterator[str]:
    """Yield how people call what is in a list, below a path in each item."""
    for value in [values] if isinstance(values, str) else values or ():
        for key in path:
            value = _member(value, key)  # noqa: PLW2901 - one step down the path
        if value:
            yield str(value).rpartition(":")[2]
