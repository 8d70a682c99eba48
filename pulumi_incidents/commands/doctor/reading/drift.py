"""Reads what AWS's migration runbooks rewrote, and what a stack declares and no longer is so.

Follows *Using migration runbooks for OpsCenter* in the Incident Manager user guide, and *Creating
OpsItems from alarms* and *from events* in that of Systems Manager. Which of the alarms and rules a
runbook rewrote no API tells: they are those that now make an OpsItem in place of an incident.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands.doctor.reading import alarms, rules
from pulumi_incidents.commands.doctor.reading._regions import regions
from pulumi_incidents.commands.doctor.reading.alarms import plans_of
from pulumi_incidents.commands.doctor.scope import Scope

DOCUMENTS = "AWS-MigrateIncidentManager"
"""What the names of both runbooks begin with."""
_MOST_NAMES = 100
_ALARM = re.compile(r"arn:[a-z-]+:cloudwatch:([^:]+):\d{12}:alarm:(.+)")
_RULE = re.compile(r"arn:[a-z-]+:events:([^:]+):\d{12}:rule/(?:(.+)/)?([^/]+)")
_OPS_ITEM = ":opsitem"
# Outputs of components, by their names, at any depth of a stack's outputs.
_OUTPUTS = re.compile(r"(?:.*_)?(?:alarm|rule)_arns?")

# What the engine tells of a secret output.
_SECRET = "[secret]"  # noqa: S105 - it stands for one

Actions = tuple[str, ...]


class Migration(NamedTuple):
    """An execution of one of AWS's migration runbooks."""

    arn: str
    document: str
    status: str
    """An *AutomationExecutionStatus* of Systems Manager."""
    started: datetime


class Migrations(NamedTuple):
    """What AWS's migration runbooks did in a region, in the last 30 days."""

    executions: tuple[Migration, ...]
    rewritten: Mapping[str, str] | Unseen
    """Alarms and rules that make OpsItems and start no plan, each with what it is, in a word."""


class Drift(NamedTuple):
    """What is known of what was changed behind a program."""

    migrations: Mapping[str, Migrations | Unseen]
    """By region."""
    declared: Mapping[str, Actions | Unseen | None] = {}
    """What a stack declares by its outputs, by ARN: the actions of an alarm, the targets of a rule;
    None for what is gone."""


def read(account: Account, scope: Scope) -> Drift:
    """Read which migration runbooks ran in the regions of the set, and what a stack declares."""
    each = account.each(functools.partial(_migrations, account, scope), regions(account, scope))
    arns = [*dict.fromkeys(_named(scope.declared))]
    by_region: dict[str, list[str]] = {}
    for arn in arns:
        if found := _ALARM.fullmatch(arn):
            by_region.setdefault(found[1], []).append(found[2])
    described = account.each(
        lambda region: _described(account, region, by_region[region]), by_region
    )
    targets = account.each(functools.partial(_targets, account), filter(_RULE.fullmatch, arns))
    declared: dict[str, Actions | Unseen | None] = dict(targets)
    if _SECRET in arns:
        declared["the outputs of the stack"] = Unseen(
            "An output of the stack that is called as one with alarms or rules is secret, so what "
            "it names is not looked at: export it as it is."
        )
    for arn in arns:
        if found := _ALARM.fullmatch(arn):
            of_region = described[found[1]]
            declared[arn] = of_region if isinstance(of_region, Unseen) else of_region.get(arn)
    return Drift(each, declared)


def _named(outputs: Any, *, is_wanted: bool = False) -> Iterator[str]:
    """Yield the ARNs in the outputs of a stack that are those of alarms and rules of components."""
    if isinstance(outputs, Mapping):
        for name, value in outputs.items():
            yield from _named(value, is_wanted=is_wanted or bool(_OUTPUTS.fullmatch(str(name))))
    elif isinstance(outputs, list):
        for value in outputs:
            yield from _named(value, is_wanted=is_wanted)
    elif is_wanted and isinstance(outputs, str):
        yield outputs


def _described(account: Account, region: str, names: list[str]) -> dict[str, Actions] | Unseen:
    found: dict[str, Actions] = {}
    for start in range(0, len(names), _MOST_NAMES):
        part = names[start : start + _MOST_NAMES]
        answer = alarms.described(account, region, AlarmNames=part)
        if isinstance(answer, Unseen):
            return answer
        found |= {alarm.arn: alarm.actions for alarm in answer}
    return found


def _targets(account: Account, arn: str) -> Actions | Unseen | None:
    found = _RULE.fullmatch(arn)
    region, bus, name = found.groups() if found else ("", "", "")
    where = {"region": region, "Rule": name, "EventBusName": bus or "default"}
    answer = account.pages("events", "ListTargetsByRule", "Targets", arn, **where)
    if answer is None or isinstance(answer, Unseen):
        return answer
    return tuple(target["Arn"] for target in answer)


def _migrations(account: Account, scope: Scope, region: str) -> Migrations | Unseen:
    subject = f"the migration runbooks of {region}"
    found = account.pages(
        "ssm",
        "DescribeAutomationExecutions",
        "AutomationExecutionMetadataList",
        subject,
        region=region,
        Filters=[{"Key": "DocumentNamePrefix", "Values": [DOCUMENTS]}],
    )
    if isinstance(found, Unseen):
        return found
    home = f"arn:{scope.partition}:ssm:{region}:{scope.account}"
    executions = tuple(_migration(home, each) for each in found or ())
    if not executions:
        return Migrations((), {})
    since = min(each.started for each in executions)
    return Migrations(executions, _rewritten(account, home, region, since))


def _migration(home: str, answer: Mapping[str, Any]) -> Migration:
    return Migration(
        f"{home}:automation-execution/{answer['AutomationExecutionId']}",
        answer["DocumentName"],
        answer["AutomationExecutionStatus"],
        answer["ExecutionStartTime"],
    )


def _rewritten(
    account: Account, home: str, region: str, since: datetime
) -> Mapping[str, str] | Unseen:
    """Return the alarms and rules of a region that make OpsItems; alarms changed since then."""
    found = alarms.described(account, region, ActionPrefix=f"{home}{_OPS_ITEM}")
    if isinstance(found, Unseen):
        return found
    changed = {
        alarm.arn: "alarm"
        for alarm in found
        if not alarm.plans and alarm.configured and alarm.configured >= since
    }
    buses = rules.buses(account, region)
    if isinstance(buses, Unseen):
        return buses
    target = f"{home}{_OPS_ITEM}"
    each = account.each(lambda bus: rules.names_by_target(account, bus, target), buses)
    if unseen := [names for names in each.values() if isinstance(names, Unseen)]:
        return unseen[0]
    arns = [
        arn
        for bus, names in each.items()
        if not isinstance(names, Unseen)
        for arn in _rule_arns(scope_home=home, bus=bus.name, names=names)
    ]
    targets = account.each(functools.partial(_targets, account), arns)
    if unseen := [now for now in targets.values() if isinstance(now, Unseen)]:
        return unseen[0]
    taken = [arn for arn, now in targets.items() if isinstance(now, tuple) and not plans_of(now)]
    return {**changed, **dict.fromkeys(taken, "rule")}


def _rule_arns(*, scope_home: str, bus: str, names: Iterable[str]) -> Iterator[str]:
    prefix = scope_home.replace(":ssm:", ":events:", 1)
    inner = "" if bus == "default" else f"{bus}/"
    return (f"{prefix}:rule/{inner}{name}" for name in names)
