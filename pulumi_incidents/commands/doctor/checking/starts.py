"""Checks of what starts response plans."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.rehearsals import rehearsed_by
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result


def _started(facts: Facts) -> Iterator[Result]:
    """Whether an alarm or a rule starts each response plan.

    Looked at are the alarms of `alarm-actions` and the rules of `rule-enabled`. A plan that nothing
    starts is one for people, who start it in the console, with `aws ssm-incidents start-incident`
    or by an `Incident`: or its trigger was forgotten. Plans of drills are passed over.

    Give it an alarm (`alarms` of an `IncidentResponse`, or an `AlarmTrigger`) or a rule, or ignore
    it with the reason that people start it. What is in a region that is not of the replication set
    is not looked at, nor what starts a plan from a program of your own, another account or a
    schedule of EventBridge Scheduler.
    """
    started = {plan for alarm in facts.alarms.found for plan in alarm.plans}
    started |= {plan for rule in facts.rules.found for plan in rule.plans}
    unseen = [*facts.alarms.unseen.values(), *facts.rules.unseen.values()]
    for plan in facts.plans:
        if rehearsed_by(plan):
            continue
        if plan.arn in started:
            yield Fine(plan.arn)
        elif unseen:
            yield NotSeen(plan.arn, unseen[0].why)
        else:
            yield Finding(
                plan.arn,
                "No alarm and no rule starts it.",
                "Give it an alarm or a rule, or ignore it with the reason that people start it.",
            )


CHECKS = (
    Check(
        "plan-started",
        Level.NOTE,
        "An alarm or a rule starts every response plan",
        "A plan whose trigger was forgotten waits for somebody to see what is wrong.",
        _started,
    ),
)
