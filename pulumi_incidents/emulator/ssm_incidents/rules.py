"""Rules that begin incidents: moto's EventBridge, which knows no response plan as a target.

`connect` extends the one method that every event passes. Follows *Event structure* in the
EventBridge user guide.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from typing import TYPE_CHECKING, Any

from moto.events.models import Rule
from moto.utilities.utils import get_partition

from pulumi_incidents.emulator.mended import events
from pulumi_incidents.emulator.permissions import services
from pulumi_incidents.emulator.permissions.denials import Denial
from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.protocol.needs import Need
from pulumi_incidents.emulator.ssm_incidents.entities import Caller
from pulumi_incidents.emulator.ssm_incidents.models import backends
from pulumi_incidents.emulator.ssm_incidents.triggers import (
    MAX_RAW_DATA,
    START,
    is_plan,
    note_denial,
    start,
)
from pulumi_incidents.iam.requests import Behalf

if TYPE_CHECKING:
    from collections.abc import Callable

_ARN = re.compile(r"arn:aws(-cn|-us-gov)?:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12})?:.+")
# Of the types IncidentSource and RelatedItemList in the model.
_MAX_SOURCE, _MAX_ITEMS = 50, 100
_SERVICE = "events.amazonaws.com"


@functools.cache
def connect() -> None:
    """Let rules start incidents from now on; a second time changes nothing."""
    events.connect()
    Rule.send_to_targets = _and_start_plans(Rule.send_to_targets)  # type: ignore[method-assign]


def _and_start_plans(send_to_targets: Callable[..., None]) -> Callable[..., None]:
    """Return moto's sending of an event to a rule's targets, with response plans among them."""

    @functools.wraps(send_to_targets)
    def with_plans(rule: Any, event: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        # moto sends the events of a disabled rule, and all events to a rule with a schedule only.
        if rule.state == "DISABLED":
            return
        plans = [target for target in rule.targets if is_plan(target["Arn"])]
        if plans and rule.event_pattern.get_pattern() and rule.event_pattern.matches_event(event):
            for target in plans:
                _start_for_rule(target, rule, event)
        # A copy, because the targets of the rule itself are everybody's.
        others = copy.copy(rule)
        others.targets = [target for target in rule.targets if target not in plans]
        send_to_targets(others, event, *args, **kwargs)

    return with_plans


def _start_for_rule(target: dict[str, Any], rule: Any, event: dict[str, Any]) -> None:
    """Start an incident as the role of the target.

    The raw data is the whole event: what an input of the target makes of it is unverified, as is
    that the event's resources are the involved ones.
    """
    trigger = {
        "source": event["source"][:_MAX_SOURCE],
        "triggerArn": rule.arn,
        "rawData": json.dumps(events.as_sent(event))[:MAX_RAW_DATA],
    }
    items = [
        {"identifier": {"type": "INVOLVED_RESOURCE", "value": {"arn": resource}}}
        for resource in dict.fromkeys(event["resources"])
        if _ARN.fullmatch(resource)
    ]
    # AWS wants a role for this kind of target, and moto does not ask for one.
    nobody = f"arn:{get_partition(rule.region_name)}:iam::{rule.account_id}:root"
    role = target.get("RoleArn") or rule.role_arn or nobody
    if denial := _rule_denial(target["Arn"], role, rule) if PERMISSIONS.of_services else None:
        return note_denial(denial, target["Arn"], rule.arn)
    return start(target["Arn"], Caller(role, _SERVICE), trigger, items[:_MAX_ITEMS])


def _rule_denial(plan: str, role: str, rule: Any) -> Denial | None:
    """Return why the role of a rule's target cannot start a plan, and engage whom that engages."""
    behalf = Behalf(rule.account_id, rule.arn)
    taken = services.take_role(role, _SERVICE, "EventBridge", behalf)
    if isinstance(taken, Denial):
        return taken
    _, partition, _, _, account, _ = plan.split(":", 5)
    found = backends[account][partition].plans.get(plan)
    contacts = found.members["engagements"] if found else ()
    needs = [Need(START, plan), *services.needs_of_a_start(contacts)]
    return services.first_denial(taken, needs, rule.region_name)
