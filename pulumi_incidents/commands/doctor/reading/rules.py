"""Reads rules of EventBridge that start response plans."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen, region_of
from pulumi_incidents.commands.doctor.reading import rule_roles
from pulumi_incidents.commands.doctor.reading._regions import regions
from pulumi_incidents.commands.doctor.reading.alarms import plans_of
from pulumi_incidents.commands.doctor.reading.roles import Role
from pulumi_incidents.commands.doctor.samples import NoSampleError, NothingMatchesError, sample
from pulumi_incidents.commands.doctor.scope import Scope

_SERVICE = "events"
_DISABLED = "DISABLED"


class Target(NamedTuple):
    """A response plan that a rule starts."""

    plan: str
    role_arn: str = ""
    """The role that starts it; empty if the target has none."""
    role: Role | Unseen | None = None
    """That role; None if it does not exist, or there is none."""


class Tried(NamedTuple):
    """What came of a sample event, made of the rule's pattern."""

    matches: bool
    why_not: str = ""
    """Why no event can match: the end of a sentence."""


class Rule(NamedTuple):
    """A rule with a response plan among its targets."""

    arn: str
    name: str
    bus: str
    is_enabled: bool
    has_pattern: bool
    """Whether it is for events, and not for a schedule alone."""
    targets: tuple[Target, ...]
    tried: Tried | Unseen = Tried(matches=True)

    @property
    def region(self) -> str:
        """Where it is."""
        return region_of(self.arn)

    @property
    def plans(self) -> tuple[str, ...]:
        """The response plans that it starts."""
        return plans_of(target.plan for target in self.targets)


class Rules(NamedTuple):
    """What is known of rules that name response plans."""

    found: tuple[Rule, ...] = ()
    unseen: Mapping[str, Unseen] = {}
    """What could not be looked at: buses of a region, or a rule, in words."""


class Bus(NamedTuple):
    """An event bus of a region."""

    region: str
    name: str


def read(account: Account, scope: Scope) -> Rules:
    """Read the rules of each event bus, in each region of the set, that have a plan as a target."""
    found_buses: list[Bus] = []
    unseen: dict[str, Unseen] = {}
    for region, found in account.each(
        functools.partial(buses, account), regions(account, scope)
    ).items():
        if isinstance(found, Unseen):
            unseen[f"the event buses of {region}"] = found
        else:
            found_buses += found
    parts = account.each(functools.partial(_of_bus, account, scope), found_buses).values()
    for part in parts:
        unseen.update(part.unseen)
    return Rules(tuple(rule for part in parts for rule in part.found), unseen)


def buses(account: Account, region: str) -> list[Bus] | Unseen:
    """Return the event buses of a region."""
    subject = f"the event buses of {region}"
    found = account.pages(_SERVICE, "ListEventBuses", "EventBuses", subject, region=region)
    return found if isinstance(found, Unseen) else [Bus(region, bus["Name"]) for bus in found or ()]


def _of_bus(account: Account, scope: Scope, bus: Bus) -> Rules:
    subject = f"the rules of event bus {bus.name} in {bus.region}"
    where = {"region": bus.region, "EventBusName": bus.name}
    found = account.pages(_SERVICE, "ListRules", "Rules", subject, **where)
    if isinstance(found, Unseen):
        return Rules(unseen={subject: found})
    # A rule of an AWS service has targets of that service alone.
    rules = {rule["Name"]: rule for rule in found or () if not rule.get("ManagedBy")}
    names = _candidates(account, scope, bus, rules)
    if isinstance(names, Unseen):
        return Rules(unseen={subject: names})
    read = account.each(lambda name: _rule(account, scope, bus, rules[name]), names)
    return Rules(
        tuple(rule for rule in read.values() if isinstance(rule, Rule) and rule.targets),
        {rules[name]["Arn"]: rule for name, rule in read.items() if isinstance(rule, Unseen)},
    )


def _candidates(
    account: Account, scope: Scope, bus: Bus, rules: Iterable[str]
) -> list[str] | Unseen:
    """Return the names of rules whose targets are to be looked at.

    That is each rule, where all plans are looked at: some may name one that is gone. Else those of
    the plans, unless there are fewer rules than plans to ask for.
    """
    plans = [*(plan.arn for plan in scope.plans), *scope.lost]
    names = [*rules]
    if scope.is_everything or len(names) <= len(plans):
        return names
    each = account.each(lambda plan: names_by_target(account, bus, plan), plans).values()
    unseen = [found for found in each if isinstance(found, Unseen)]
    if unseen:
        return unseen[0]
    wanted = {name for found in each if not isinstance(found, Unseen) for name in found}
    return [name for name in names if name in wanted]


def names_by_target(account: Account, bus: Bus, target: str) -> list[str] | Unseen:
    """Return the names of the rules of an event bus that have a target with this ARN."""
    where = {"region": bus.region, "EventBusName": bus.name}
    found = account.pages(
        _SERVICE, "ListRuleNamesByTarget", "RuleNames", target, TargetArn=target, **where
    )
    return found if isinstance(found, Unseen) else found or []


def _rule(account: Account, scope: Scope, bus: Bus, answer: Mapping[str, Any]) -> Rule | Unseen:
    found = account.pages(
        _SERVICE,
        "ListTargetsByRule",
        "Targets",
        answer["Arn"],
        region=bus.region,
        Rule=answer["Name"],
        EventBusName=bus.name,
    )
    if isinstance(found, Unseen):
        return found
    targets = [
        Target(target["Arn"], target.get("RoleArn") or answer.get("RoleArn") or "")
        for target in found or ()
        if plans_of([target["Arn"]])
    ]
    pattern = answer.get("EventPattern") or ""
    rule = Rule(
        answer["Arn"],
        answer["Name"],
        bus.name,
        answer["State"] != _DISABLED,
        bool(pattern),
        tuple(targets),
    )
    if not targets:
        return rule
    found_roles = rule_roles.read(
        account,
        scope,
        bus.region,
        [(each.plan, each.role_arn) for each in targets if each.role_arn],
    )
    return rule._replace(
        targets=tuple(
            each._replace(role=found_roles.get((each.plan, each.role_arn))) for each in targets
        ),
        tried=_tried(account, scope, rule, pattern),
    )


def _tried(account: Account, scope: Scope, rule: Rule, pattern: str) -> Tried | Unseen:
    """Let EventBridge say whether an event matches that is made of the rule's own pattern."""
    if not pattern:
        return Tried(matches=True)
    base = {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Sample",
        "source": "pulumi-incidents.sample",
        "account": scope.account,
        "time": f"{scope.now:%Y-%m-%dT%H:%M:%SZ}",
        "region": rule.region,
        "resources": [],
    }
    try:
        event = sample(json.loads(pattern), base)
    except NothingMatchesError as reason:
        return Tried(matches=False, why_not=str(reason))
    except NoSampleError as reason:
        return Unseen(f"No sample event could be made of the pattern of {rule.arn}: {reason}.")
    answer = account.ask(
        _SERVICE,
        "TestEventPattern",
        f"the pattern of {rule.arn}",
        region=rule.region,
        EventPattern=pattern,
        Event=json.dumps(event),
    )
    if answer is None or isinstance(answer, Unseen):
        return answer or Unseen(f"EventBridge did not try the pattern of {rule.arn}.")
    if not answer["Result"]:
        return Unseen(
            f"The sample event that was made of the pattern of {rule.arn} does not match it, so "
            "whether any does is not known: try one with `aws events test-event-pattern`."
        )
    return Tried(matches=True)
