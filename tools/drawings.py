"""A drawing of each component, made of what the component really declares.

`python -m tools.drawings` writes docs/drawings/. Each component runs on the SDK's own mock of the
engine, which is told of every resource, its parent and what it depends on. From left to right is
the order in which things are made; an arrow says that the one on the right waits for the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pulumi
from pulumi.runtime.mocks import MockMonitor

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import (
    AlarmTrigger,
    CompositeAlarmTrigger,
    Drill,
    EventTrigger,
    IncidentResponse,
    IncidentTopic,
    OnCall,
    Responder,
    Runbook,
)
from tools.boxes import Box, drawing
from tools.local_aws import ROOT

FOLDER = ROOT / "docs" / "drawings"


def _plan() -> ResponsePlan:
    return ResponsePlan("plan", incident_template={"title": "Checkout is failing", "impact": 2})


# Component -> how it is declared, with every part that it may have.
COMPONENTS: dict[str, Callable[[], object]] = {
    "IncidentResponse": lambda: IncidentResponse(
        "checkout",
        {
            "title": "Checkout is failing",
            "impact": 2,
            "chat": {},
            "on_call": {
                "people": [{"name": "ana", "sms": "+15005550100"}],
                "time_zone": "Europe/Dublin",
            },
            "runbook": {"document_name": "Restart-Checkout"},
            "alarms": {"alarm": {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}},
            "events": {"event": {"event_pattern": {"source": ["com.example.deploy"]}}},
            "drill": {"occurrence": "1"},
        },
    ),
    "IncidentTopic": lambda: IncidentTopic(
        "updates",
        {
            "encrypted": True,
            "subscribers": [{"protocol": "email", "endpoint": "checkout-team@example.com"}],
        },
    ),
    "Runbook": lambda: Runbook(
        "restart", "checkout", {"content": {"schemaVersion": "0.3", "mainSteps": []}}
    ),
    "Responder": lambda: Responder("ana", {"sms": "+15005550100", "voice": "+15005550100"}),
    "OnCall": lambda: OnCall(
        "checkout",
        {
            "people": [
                {"name": "ana", "sms": "+15005550100"},
                {"name": "ben", "sms": "+15005550101"},
            ],
            "time_zone": "Europe/Dublin",
        },
    ),
    "AlarmTrigger": lambda: AlarmTrigger(
        "errors", _plan(), {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}
    ),
    "CompositeAlarmTrigger": lambda: CompositeAlarmTrigger(
        "both", _plan(), {"alarm_rule": 'ALARM("errors") AND ALARM("latency")'}
    ),
    "EventTrigger": lambda: EventTrigger(
        "deploys", _plan(), {"event_pattern": {"source": ["com.example.deploy"]}}
    ),
    "Drill": lambda: Drill("drill", {"occurrence": "1", "plan_arn": _plan().arn}),
}


class Declared(NamedTuple):
    """A resource as the engine is told of it."""

    kind: str
    name: str
    parent: str
    needs: frozenset[str]


class _Monitor(MockMonitor):
    """The SDK's mock of the engine, which notes what its `Mocks` are not told."""

    def __init__(self) -> None:
        super().__init__(_Mocks())
        self.declared: dict[str, Declared] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        urn = self.make_urn(request.parent, request.type, request.name)
        needs = frozenset(request.dependencies)
        self.declared[urn] = Declared(request.type, request.name, request.parent, needs)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        arn = f"arn:aws:ssm-incidents::123456789012:response-plan/{args.name}"
        return arn, {**args.inputs, "arn": arn, "name": args.name}

    def call(self, _args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[Any]]:
        return {"accountId": "123456789012", "partition": "aws", "region": "us-east-1"}, []


def declared_by(declare: Callable[[], object], stack: str = "prod") -> dict[str, Declared]:
    """Return the resources that a program declares, by URN."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    monitor = _Monitor()
    pulumi.runtime.set_mocks(_Mocks(), project="incidents", stack=stack, monitor=monitor)
    pulumi.runtime.test(lambda: declare() and None)()  # type: ignore[no-untyped-call]
    of_stack = "pulumi:pulumi:Stack"
    return {urn: found for urn, found in monitor.declared.items() if found.kind != of_stack}


def boxes(component: str) -> dict[str, Box]:
    """Return the boxes of a component's drawing, by URN; what is given to it is outside of it."""
    declared = declared_by(COMPONENTS[component])
    (root,) = (urn for urn, found in declared.items() if _spelled(found.kind) == component)
    inside = {urn: _below(urn, root, declared) for urn in declared if urn != root}

    def box(top: str) -> Box:
        own = [urn for urn in inside if inside[urn] == top]
        needs = {inside[need] for urn in own for need in declared[urn].needs if need in inside}
        return Box(
            kind=_spelled(declared[top].kind),
            name=declared[top].name,
            parts=tuple(sorted({_spelled(declared[urn].kind) for urn in own if urn != top})),
            given=declared[top].parent != root,
            dynamic=declared[top].kind.startswith("pulumi-python:dynamic/"),
            needs=frozenset(needs - {top}),
        )

    return {top: box(top) for top in sorted(set(inside.values()))}


def _below(urn: str, root: str, declared: Mapping[str, Declared]) -> str:
    """Return the ancestor that is a child of `root`, or the resource itself outside of it."""
    step = urn
    while step in declared and declared[step].parent != root:
        step = declared[step].parent
    return step if step in declared else urn


def _spelled(kind: str) -> str:
    """Spell a type as programs do: `aws:sns/topic:Topic` is `aws.sns.Topic`."""
    package, module, name = kind.split(":")
    return f"aws.{module.partition('/')[0]}.{name}" if package == "aws" else name


def files() -> dict[str, str]:
    """Return the drawings by the name of their file."""
    return {f"{component}.svg": drawing(component, boxes(component)) for component in COMPONENTS}


def main() -> None:
    """Write the drawings."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
