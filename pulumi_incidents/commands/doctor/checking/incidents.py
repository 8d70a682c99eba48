"""Checks of incidents that a start would join, so that it pages nobody."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking._starting import told
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.incidents import (
    Incident,
    dedupe_string,
    is_forgotten,
)
from pulumi_incidents.commands.doctor.reading.runbooks import action
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result


def _open(facts: Facts) -> Iterator[Result]:
    """Whether an incident that was forgotten would take in the next start of a response plan.

    Looked at are incidents that have been open for a day or longer, as
    `ssm-incidents:ListIncidentRecords` answers them, and their dedupe strings, by
    `ssm-incidents:GetIncidentRecord`. AWS joins a start to an open incident of the same dedupe
    string, whichever plan that is of, and a start of an alarm or a rule to the open incident of
    that alarm or rule: then nobody is engaged, and no runbook starts.

    Resolve what is over, with `aws ssm-incidents update-incident-record --status RESOLVED` or in
    the console. What is not over is known to somebody: ignore it with that reason.

    *Unverified*: that two plans which one alarm starts have an incident each.
    """
    found = facts.incidents.found
    if isinstance(found, Unseen):
        yield from (NotSeen(plan.arn, found.why) for plan in facts.plans)
        return
    forgotten = [each for each in found if is_forgotten(each, facts.now)]
    for plan in facts.plans:
        results = [_taking_in(facts, plan, each) for each in forgotten]
        yield from [each for each in results if each] or [Fine(plan.arn)]


def _taking_in(facts: Facts, plan: Plan, incident: Incident) -> Result | None:
    """Return what is wrong if an incident would take in a start of a plan; None if it would not."""
    wanted = dedupe_string(plan)
    dedupe = facts.incidents.dedupe.get(incident.arn, "")
    if incident.plan == plan.arn and incident.trigger:
        why = f"what {incident.trigger} starts"
    elif wanted and isinstance(dedupe, Unseen):
        return NotSeen(plan.arn, dedupe.why)
    elif wanted and dedupe == wanted:
        why = f"every start of {plan.display_name}"
    else:
        return None
    return Finding(
        plan.arn,
        f"The incident {incident.arn} has been open for {told(facts.now - incident.created)}, and "
        f"takes in {why}: nobody is paged for it.",
        "If it is over, resolve it with `aws ssm-incidents update-incident-record "
        f"--status RESOLVED --arn {incident.arn}`.",
    )


def _shared(facts: Facts) -> Iterator[Result]:
    """Whether response plans that share a dedupe string also engage the same and run the same.

    Looked at are dedupe strings, engagements and runbooks of the plans of `plan-exists`. AWS joins
    a start to an open incident of the same dedupe string, whichever plan that is of. So of two
    plans that share one, the second to start engages nobody of its own and runs nothing of its own.

    Give each plan a dedupe string of its own, `dedupe_string` of its incident template. Plans with
    the same engagements and runbook may share one. With a plan named, the others are not looked at.
    """
    plans = sorted((plan for plan in facts.plans if dedupe_string(plan)), key=dedupe_string)
    for _, group in itertools.groupby(plans, dedupe_string):
        alike = [*group]
        for plan in alike:
            yield _of_group(plan, [other for other in alike if _differ(plan, other)])


def _differ(plan: Plan, other: Plan) -> bool:
    return _engages_otherwise(plan, other) or action(plan) != action(other)


def _engages_otherwise(plan: Plan, other: Plan) -> bool:
    return {*plan.engagements} != {*other.engagements}


def _of_group(plan: Plan, unlike: list[Plan]) -> Result:
    if not unlike:
        return Fine(plan.arn)
    names = ", ".join(other.display_name for other in unlike)
    engages = any(_engages_otherwise(plan, other) for other in unlike)
    effect = "engages nobody of its own" if engages else "does not run its own runbook"
    return Finding(
        plan.arn,
        f"{plan.display_name} shares its dedupe string with {names}: while an incident of that is "
        f"open, a start of {plan.display_name} {effect}.",
        "Give it another dedupe string: `dedupe_string` in its stack, or `aws ssm-incidents "
        f"update-response-plan --arn {plan.arn} --incident-template-dedupe-string {plan.name}`.",
        None if engages else Level.WARNING,
    )


CHECKS = (
    Check(
        "incident-open",
        Level.ERROR,
        "No incident that was forgotten takes in the next start of a response plan",
        "A start that joins an open incident pages nobody.",
        _open,
    ),
    Check(
        "dedupe-shared",
        Level.ERROR,
        "Response plans that share a dedupe string engage and run the same",
        "Of two plans with one dedupe string, the second to start pages nobody of its own.",
        _shared,
    ),
)
