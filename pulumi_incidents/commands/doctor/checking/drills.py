"""Checks of the newest incident of each plan: that there is one, who answered, and what ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pulumi_incidents.commands._aws import Unseen, region_of
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking._starting import told
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.drills import PERIOD, Execution, Paged, Ran
from pulumi_incidents.commands.doctor.rehearsals import rehearsed_by
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_SOON = timedelta(minutes=15)
# How an execution ends well, or goes on (Systems Manager API, *AutomationExecution*).
_WELL = ("Success", "CompletedWithSuccess")
_UNDER_WAY = (
    *("Pending", "InProgress", "Waiting", "PendingApproval", "Approved", "Scheduled"),
    *("RunbookInProgress", "PendingChangeCalendarOverride", "ChangeCalendarOverrideApproved"),
)
_DRILL = (
    "Hold a drill: `pulumi config set drill NAME` and `pulumi up` where the program has one, or a "
    "`Drill` of it."
)


def _tried(facts: Facts) -> Iterator[Result]:
    """Whether each response plan had an incident, or a drill, in the last 90 days.

    Looked at is the newest incident of each plan among all that
    `ssm-incidents:ListIncidentRecords` answers. The incidents of a `Drill` count for the plan that
    it rehearses, which the summary of its own plan names; where that plan is gone, the summary of
    its newest incident, by `ssm-incidents:GetIncidentRecord`. Plans of drills are not looked at.

    A response that nobody has tried lately does not work at three in the morning: people,
    permissions and documents change. Hold a drill; it pages nobody unless told to.
    """
    for plan in _plans(facts):
        newest = facts.drills.newest
        if isinstance(newest, Unseen):
            yield NotSeen(plan.arn, newest.why)
            continue
        incident = newest.get(plan.arn)
        if isinstance(incident, Unseen):
            yield NotSeen(plan.arn, incident.why)
            continue
        if incident and facts.now - incident.created <= PERIOD:
            when = f"{incident.created:%Y-%m-%d %H:%M} UTC"
            yield Fine(plan.arn, seen=f"{plan.display_name} was last tried on {when}.")
            continue
        last = (
            f"the last one was on {incident.created:%Y-%m-%d}"
            if incident
            else "there has never been one"
        )
        yield Finding(
            plan.arn,
            f"It had no incident and no drill in the last {PERIOD.days} days: {last}.",
            _DRILL,
        )


def _answered(facts: Facts) -> Iterator[Result]:
    """Whether somebody acknowledged the newest incident of each response plan that paged people.

    Looked at is the newest incident of the last 90 days that engaged anybody, of the plan or of a
    drill of it, by `ssm-contacts:ListEngagements` and `ssm-contacts:ListPagesByEngagement`: when
    the first page was read. A drill that pages nobody says nothing about that, and is passed over.

    Nobody acknowledged it, or only after a quarter of an hour: talk with those who were paged, see
    with `pulumi-incidents who` whom it pages and when, and try again with a drill that pages.

    *Unverified*: that `ReadTime` is set by an acknowledgement in chat or in the console.
    """
    for plan in _plans(facts):
        paged = facts.drills.paged.get(plan.arn)
        if isinstance(facts.drills.newest, Unseen):
            yield NotSeen(plan.arn, facts.drills.newest.why)
        elif isinstance(paged, Unseen):
            yield NotSeen(plan.arn, paged.why)
        elif paged:
            yield _of_pages(facts, plan, paged)


def _of_pages(facts: Facts, plan: Plan, paged: Paged) -> Result:
    mend = (
        f"See with `pulumi-incidents who {plan.name}` whom it pages and when, talk with them, and "
        "hold a drill with `paging`."
    )
    what = f"the incident {paged.incident.arn}"
    if paged.answered:
        after = paged.answered - paged.incident.created
        if after <= _SOON:
            return Fine(plan.arn, seen=f"{what[0].upper()}{what[1:]} was {_after(after)}.")
        return Finding(
            plan.arn,
            f"{what[0].upper()}{what[1:]} of {plan.display_name} was {_after(after)}.",
            mend,
            Level.NOTE,
        )
    if facts.now - paged.incident.created <= _SOON:
        return Fine(plan.arn)
    sent = "1 page was" if paged.pages == 1 else f"{paged.pages} pages were"
    return Finding(
        plan.arn,
        f"Nobody acknowledged {what} of {plan.display_name}: {sent} sent.",
        mend,
    )


def _after(duration: timedelta) -> str:
    return f"acknowledged after {told(duration)}"


def _ran(facts: Facts) -> Iterator[Result]:
    """Whether the runbook of the newest incident of each response plan ran, and was a success.

    Looked at are plans with a runbook, and the newest incident of the last 90 days: one of the
    plan, or a newer one of a drill that ran a runbook. `ssm-incidents:GetIncidentRecord` says which
    executions it has, and `ssm:GetAutomationExecution` what came of each. An incident without an
    execution, of a plan that has a runbook now, is taken for one whose runbook did not start: its
    timeline says why. It may be older than the runbook, and AWS starts none in another region than
    that of the alarm.

    Mend what the execution says, or what `runbook-…` checks find, and hold a drill with a
    `runbook`. An execution that is still running is fine; one that Systems Manager does not know
    any more, after 30 days, is passed over.
    """
    for plan in _plans(facts):
        if not plan.answer.get("actions"):
            continue
        ran = facts.drills.ran.get(plan.arn)
        if isinstance(facts.drills.newest, Unseen):
            yield NotSeen(plan.arn, facts.drills.newest.why)
        elif isinstance(ran, Unseen):
            yield NotSeen(plan.arn, ran.why)
        elif ran:
            yield from _of_executions(plan, ran)


def _of_executions(plan: Plan, ran: Ran) -> Iterator[Result]:
    what = f"{'drill' if ran.is_drill else 'incident'} {ran.incident.arn}"
    if not ran.executions:
        yield Finding(
            plan.arn,
            f"The runbook of {plan.display_name} did not start with the {what}.",
            "See why in its timeline, with `aws ssm-incidents list-timeline-events "
            f"--incident-record-arn {ran.incident.arn}`, mend that, and hold a drill with a "
            "`runbook`.",
        )
    for execution in ran.executions:
        if isinstance(execution, Unseen):
            yield NotSeen(plan.arn, execution.why)
        elif execution:
            yield _of_execution(plan, what, execution)


def _of_execution(plan: Plan, what: str, execution: Execution) -> Result:
    if execution.status in (*_WELL, *_UNDER_WAY):
        return Fine(plan.arn, seen=f"The runbook of the {what} ended as {execution.status}.")
    said = f": {execution.failure.rstrip('.')}" if execution.failure else ""
    return Finding(
        plan.arn,
        f"The runbook of {plan.display_name} ended as {execution.status} in the {what}{said}.",
        "See its steps with `aws ssm get-automation-execution --automation-execution-id "
        f"{execution.arn.rpartition('/')[2]} --region {region_of(execution.arn)}`, mend them, "
        "and hold a drill with a `runbook`.",
    )


def _plans(facts: Facts) -> Iterator[Plan]:
    return (plan for plan in facts.plans if not rehearsed_by(plan))


CHECKS = (
    Check(
        "drill-held",
        Level.WARNING,
        f"Every response plan had an incident or a drill in the last {PERIOD.days} days",
        "What nobody has tried lately does not work when it has to.",
        _tried,
    ),
    Check(
        "drill-acknowledged",
        Level.WARNING,
        "Somebody acknowledged the newest incident of every response plan that paged people",
        "A page that nobody answers is no help.",
        _answered,
    ),
    Check(
        "drill-runbook",
        Level.WARNING,
        "The runbook of the newest incident of every response plan was a success",
        "A runbook that failed last time fails next time.",
        _ran,
    ),
)
