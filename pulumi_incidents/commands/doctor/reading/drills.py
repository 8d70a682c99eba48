"""Reads the newest incident of each plan, a drill of it included: who answered, what ran."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen, region_of
from pulumi_incidents.commands.doctor.reading.incidents import Incident, listed, record
from pulumi_incidents.commands.doctor.rehearsals import rehearsed, rehearsed_by
from pulumi_incidents.commands.doctor.scope import Scope

PERIOD = timedelta(days=90)
"""How long a plan may go untried."""
_LATE = timedelta(hours=1)
# The impact of each drill (`stacks/drill.py`).
_NO_IMPACT = 5


class Execution(NamedTuple):
    """An execution of a runbook."""

    arn: str
    status: str
    """An *AutomationExecutionStatus* of Systems Manager."""
    failure: str = ""
    """What Systems Manager says of one that failed."""


class Ran(NamedTuple):
    """The newest incident of a plan, or of a drill of it, that was to run a runbook."""

    incident: Incident
    is_drill: bool
    executions: tuple[Execution | Unseen | None, ...] = ()
    """None for one that Systems Manager no longer knows."""


class Paged(NamedTuple):
    """The newest incident of a plan, or of a drill of it, that paged people."""

    incident: Incident
    pages: int
    answered: datetime | None
    """When the first page was acknowledged; None if none was."""


class Drills(NamedTuple):
    """What is known of the newest incidents of plans, by the plans' ARNs."""

    newest: Mapping[str, Incident | Unseen | None] | Unseen
    """Of any age; None if there is none, Unseen if a drill may be newer that could not be read."""
    paged: Mapping[str, Paged | Unseen | None]
    ran: Mapping[str, Ran | Unseen | None]
    """Of plans that have a runbook."""


def read(account: Account, scope: Scope) -> Drills:
    """Read the newest incidents of the plans that are no drill's own."""
    incidents = listed(account)
    if isinstance(incidents, Unseen):
        return Drills(incidents, {}, {})
    rehearsals, unread = _rehearsals(account, scope, incidents)
    plans = [plan.arn for plan in scope.plans if not rehearsed_by(plan)]
    tries = {
        plan: [each for each in incidents if plan in (each.plan, rehearsals.get(each.arn))]
        for plan in plans
    }
    recent = {
        plan: [each for each in found if scope.now - each.created <= PERIOD]
        for plan, found in tries.items()
    }
    newest = {
        plan: unread if unread and not recent[plan] else next(iter(found), None)
        for plan, found in tries.items()
    }
    paged = _paged(account, scope, recent)
    run = [plan.arn for plan in scope.plans if plan.arn in recent and plan.answer.get("actions")]
    ran = account.each(lambda plan: _ran(account, plan, recent[plan]), run)
    return Drills(newest, paged, ran)


def _rehearsals(
    account: Account, scope: Scope, incidents: Iterable[Incident]
) -> tuple[Mapping[str, str], Unseen | None]:
    """Return the incidents that are drills, each with the plan that it rehearses.

    Besides, why some that may be drills could not be read.

    A drill's plan goes with the drill: then the summary of the incident says it, which is in its
    record alone. One of each such plan is read, the newest, and none of a plan that is no drill's.
    """
    own = {plan.arn: rehearsed_by(plan) for plan in scope.plans}
    recent = [each for each in incidents if scope.now - each.created <= PERIOD]
    unknown = {each.plan: each.arn for each in reversed(recent) if _may_rehearse(each, own)}
    records = account.each(functools.partial(record, account), unknown.values())
    own |= {plan: _rehearsed(records[arn]) for plan, arn in unknown.items()}
    unread = next((found for found in records.values() if isinstance(found, Unseen)), None)
    return {each.arn: own[each.plan] for each in incidents if own.get(each.plan)}, unread


def _rehearsed(found: Mapping[str, Any] | Unseen | None) -> str:
    return rehearsed(str(found.get("summary") or "")) if isinstance(found, Mapping) else ""


def _may_rehearse(incident: Incident, known: Mapping[str, str]) -> bool:
    return incident.impact == _NO_IMPACT and incident.plan not in known


def _paged(
    account: Account, scope: Scope, tries: Mapping[str, Sequence[Incident]]
) -> dict[str, Paged | Unseen | None]:
    """Return the newest incident of each plan that engaged people; one list has all engagements."""
    times = [each.created for found in tries.values() for each in found]
    if not times:
        return dict.fromkeys(tries)
    # An engagement begins a moment after its incident, and AWS's clock may be ahead of this one.
    last = max(scope.now, *times) + _LATE
    answer = account.pages(
        "ssm-contacts",
        "ListEngagements",
        "Engagements",
        "the engagements",
        TimeRangeValue={"StartTime": min(times), "EndTime": last},
    )
    if isinstance(answer, Unseen):
        return dict.fromkeys(tries, answer)
    engagements: dict[str, list[str]] = {}
    for each in answer or ():
        engagements.setdefault(each.get("IncidentId") or "", []).append(each["EngagementArn"])
    newest = {
        plan: next((each for each in found if each.arn in engagements), None)
        for plan, found in tries.items()
    }
    return account.each(lambda plan: _answered(account, newest[plan], engagements), tries)


def _answered(
    account: Account, incident: Incident | None, engagements: Mapping[str, list[str]]
) -> Paged | Unseen | None:
    if incident is None:
        return None
    each = account.each(functools.partial(_pages, account), engagements[incident.arn]).values()
    unseen = [found for found in each if isinstance(found, Unseen)]
    if unseen:
        return unseen[0]
    pages = [page for found in each if isinstance(found, list) for page in found]
    read_times = [page["ReadTime"] for page in pages if page.get("ReadTime")]
    return Paged(incident, len(pages), min(read_times, default=None))


def _pages(account: Account, engagement: str) -> list[Any] | Unseen:
    found = account.pages(
        "ssm-contacts", "ListPagesByEngagement", "Pages", engagement, EngagementId=engagement
    )
    return found if isinstance(found, Unseen) else found or []


def _ran(account: Account, plan: str, tries: Sequence[Incident]) -> Ran | Unseen | None:
    """Return what came of the runbook: of the newest incident of the plan, or a newer drill's."""
    own = next((each for each in tries if each.plan == plan), None)
    drill = next((each for each in tries if each.plan != plan), None)
    for incident in sorted(filter(None, (own, drill)), key=lambda each: each.created, reverse=True):
        found = record(account, incident.arn)
        if isinstance(found, Unseen):
            return found
        arns = [each["ssmExecutionArn"] for each in (found or {}).get("automationExecutions") or ()]
        if arns or incident is own:
            executions = account.each(functools.partial(_execution, account), arns)
            return Ran(incident, incident is drill, tuple(executions.values()))
    return None  # a drill does without a runbook, unless told otherwise


def _execution(account: Account, arn: str) -> Execution | Unseen | None:
    region, execution = region_of(arn), arn.rpartition("/")[2]
    answer = account.ask(
        "ssm", "GetAutomationExecution", arn, region=region, AutomationExecutionId=execution
    )
    if answer is None or isinstance(answer, Unseen):
        return answer
    told = answer["AutomationExecution"]
    return Execution(arn, told["AutomationExecutionStatus"], told.get("FailureMessage") or "")
