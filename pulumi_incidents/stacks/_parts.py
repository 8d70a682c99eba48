"""What types do not say of the inputs of a response, in all of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi_incidents.stacks._declared import Look
from pulumi_incidents.stacks._existing import number_mistakes
from pulumi_incidents.stacks._limits import UNKNOWN
from pulumi_incidents.stacks._planned import plan_mistakes
from pulumi_incidents.stacks._team import team_mistakes
from pulumi_incidents.stacks.alarm_trigger import alarm_mistakes
from pulumi_incidents.stacks.composite_alarm_trigger import composite_mistakes
from pulumi_incidents.stacks.event_trigger import event_mistakes
from pulumi_incidents.stacks.runbook import runbook_mistakes
from pulumi_incidents.stacks.topics import topic_mistakes

# What starts an incident, by name -> what finds mistakes in it.
_TRIGGERS: Mapping[str, Callable[[Any, str], Iterator[str]]] = {
    "alarms": alarm_mistakes,
    "composite_alarms": composite_mistakes,
    "events": event_mistakes,
}


def response_mistakes(name: str, found: Look[Any]) -> Iterator[str]:
    """Find what types do not say, in the parts as well: they are declared one after the other.

    A part with something of another type in it is left out: that is told first.
    """
    args: Any = found.value
    if not isinstance(args, Mapping):
        return
    sound = {key: args[key] for key in args if key not in found.wrong and args[key] is not None}
    for key in ("notifications", "chat"):
        if key in sound:
            yield from topic_mistakes(sound[key], key)
    if isinstance(sound.get("on_call"), Mapping):
        yield from team_mistakes(sound["on_call"], "on_call")
    if "runbook" in sound:
        yield from runbook_mistakes(sound["runbook"], "runbook")
    if sound.get("drill", {}).get("runbook") and args.get("runbook") is None:
        yield "drill.runbook has nothing to run: the response has no runbook"
    for kind, find in _TRIGGERS.items():
        for key, trigger in sound.get(kind, {}).items():
            yield from find(trigger, f"{kind}.{key}")
    yield from number_mistakes(sound)
    yield from _name_mistakes(args)
    yield from plan_mistakes(name, {**args, **dict.fromkeys(found.wrong, UNKNOWN)}, sound)


def _name_mistakes(args: Mapping[str, Any]) -> Iterator[str]:
    taken: dict[str, str] = dict.fromkeys(("notifications", "chat", "runbook", "plan", "drill"), "")
    for kind in _TRIGGERS:
        named = args.get(kind)
        for key in named if isinstance(named, Mapping) else ():
            if key in taken:
                other = f" of {taken[key]}" if taken[key] else " of a part of every response"
                yield f"{kind}.{key} has the name{other}; choose another one"
            taken[key] = kind
