"""What a response puts into its plan, and what AWS would refuse of that, before it is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from pulumi_incidents.providers.response_plan import ResponsePlanArgs
from pulumi_incidents.stacks._limits import UNKNOWN, plan_limit_mistakes
from pulumi_incidents.stacks._mistakes import is_output
from pulumi_incidents.stacks._names import shortened
from pulumi_incidents.stacks.drill import Audience, drill_title, rehearsal_mistakes
from pulumi_incidents.stacks.runbook import planned

_LONGEST_NAME = 200
# How the path of a plan's input begins -> what a person writes in its place.
_WRITTEN = {
    "incident_template.": "",
    "actions[0].ssm_automation.": "runbook.",
    "name": "plan_name",
}


def plan_name_of(name: str, args: Mapping[str, Any]) -> str:
    """Return the name of the plan of a response that is called `name`."""
    return args.get("plan_name") or shortened(f"{name}-{pulumi.get_stack()}", _LONGEST_NAME)


def plan_inputs(
    plan_name: str, args: Mapping[str, Any], audience: Audience, action: pulumi.Input[Any]
) -> ResponsePlanArgs:
    """Return the inputs of the plan of a response, once its parts are there."""
    return {
        "name": plan_name,
        "display_name": args.get("display_name"),
        "incident_template": {
            "title": args["title"],
            "impact": args["impact"],
            "summary": args.get("summary"),
            "dedupe_string": args.get("dedupe_string"),
            "incident_tags": args.get("incident_tags"),
            "notification_targets": audience.notification_targets,
        },
        "engagements": audience.engagements,
        "chat_channel": audience.chat_channel,
        "integrations": audience.integrations,
        "actions": [action] if action else None,
        "adopt_existing": args.get("adopt_existing"),
        "tags": args.get("tags"),
    }


def engaged(args: Mapping[str, Any], on_call: pulumi.Input[str] | None) -> pulumi.Input[Any]:
    """Return whom a plan engages: who is given by ARN, and the team on call."""
    given = args.get("engagements")
    if on_call is None:
        return given
    if is_output(given):
        both = pulumi.Output.all(given, on_call)
        return both.apply(lambda known: [*(known[0] or ()), known[1]])
    return [*(given or ()), on_call]


def plan_mistakes(name: str, args: Mapping[str, Any], sound: Mapping[str, Any]) -> Iterator[str]:
    """Find what AWS would refuse of the plans of a response; what is wrong already is unknown."""
    runbook, drill = sound.get("runbook"), sound.get("drill")
    action = planned(runbook) if runbook is not None else None
    on_call = UNKNOWN if args.get("on_call") is not None else None
    given = args.get("engagements")
    whom = given if given is UNKNOWN else engaged(args, on_call)
    audience = Audience(whom, integrations=args.get("integrations"))
    plan = plan_inputs(plan_name_of(name, args), args, audience, action)
    yield from plan_limit_mistakes(plan, _WRITTEN)
    if drill:
        written = {"incident_template.title": "drill.occurrence"}
        yield from rehearsal_mistakes(drill_title(drill["occurrence"]), written)
