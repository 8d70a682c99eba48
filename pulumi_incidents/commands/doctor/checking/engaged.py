"""Checks of whom plans engage: that they exist, and that there is somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.checking.ways import Naming
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_NO_IMPACT = 5


def _exists(facts: Facts) -> Iterator[Result]:
    """Whether everybody who is named exists, and can be reached from this account and region.

    Looked at is whoever a response plan, a stage, a schedule, a rotation or an override names, by
    `ssm-contacts:GetContact`, `ssm-contacts:GetRotation` and `ssm-contacts:ListRotationOverrides`.
    AWS checks none of it when a plan is made, and leaves the ARN of a contact that is deleted in
    response plans and escalation plans. Whoever is not there is passed over, and nobody is told.

    Make the contact again under its alias, or take its ARN out of what names it. A contact of
    another account has to be shared with this one, by AWS Resource Access Manager; a stage takes
    contacts of its own account alone.

    *Unverified*: whether AWS answers for a contact of another account that is not shared as for one
    that does not exist, so both are told; and that a contact can be engaged from every region of
    the replication set.
    """
    plans = ways.leading(facts)
    named: dict[str, list[Naming]] = defaultdict(list)
    for each in ways.namings(facts):
        named[each.arn].append(each)
    for arn, by in named.items():
        matters = plans.get(arn, ())
        if arn in facts.team.contacts or arn in facts.team.rotations:
            yield Fine(arn, matters)
        elif why := facts.team.unseen.get(arn):
            yield NotSeen(arn, why, matters)
        else:
            yield _missing(facts, arn, by, matters)


def _missing(facts: Facts, arn: str, by: Sequence[Naming], plans: tuple[str, ...]) -> Finding:
    first, *others = dict.fromkeys(each.words for each in by)
    more = f"; {len(others) + 1} name it in all" if others else ""
    if ways.owner(arn) == facts.account:
        seen = f"{first} {arn}, which does not exist{more}."
        mend = "Make it again under its alias, or take it out of what names it."
    else:
        seen = (
            f"{first} {arn}, which does not exist, or is not shared with the account "
            f"{facts.account}{more}."
        )
        mend = (
            f"Let the account {ways.owner(arn)} share it by AWS Resource Access Manager, or take "
            "it out."
        )
    return Finding(arn, seen, mend, plans=plans)


def _engages(facts: Facts) -> Iterator[Result]:
    """Whether each response plan engages somebody, or leaves that to PagerDuty.

    Looked at are the engagements of the plan, its integration, its topics and its impact, as
    `ssm-incidents:GetResponsePlan` answers them. An incident of a plan that engages nobody wakes
    nobody: topics reach a chat or a mailbox, and whoever happens to look there.

    Name a contact, an escalation plan or an on-call schedule in `engagements`. A plan with an
    integration of PagerDuty is fine, as PagerDuty pages; so is one of impact 5, *no impact*, such
    as that of a drill that pages nobody. Ignore a plan that is to wake nobody, with that as the
    reason.
    """
    for plan in facts.plans:
        if plan.engagements or _pages_elsewhere(plan) or _has_no_impact(plan):
            yield Fine(plan.arn)
        else:
            yield Finding(
                plan.arn,
                f"The response plan engages nobody, and {_tells(plan)}.",
                "Name a contact, an escalation plan or an on-call schedule in its engagements, or "
                "ignore it with the reason that it is to wake nobody.",
            )


def _pages_elsewhere(plan: Plan) -> bool:
    return bool(plan.answer.get("integrations"))


def _has_no_impact(plan: Plan) -> bool:
    return bool(plan.answer["incidentTemplate"]["impact"] == _NO_IMPACT)


def _tells(plan: Plan) -> str:
    chat = (plan.answer.get("chatChannel") or {}).get("chatbotSns")
    topics = plan.answer["incidentTemplate"].get("notificationTargets")
    told = [words for words, there in (("a chat channel", chat), ("topics", topics)) if there]
    return f"tells {' and '.join(told)} alone" if told else "tells nobody"


CHECKS = (
    Check(
        "contact-exists",
        Level.ERROR,
        "Everybody who is named exists, and can be reached from here",
        "AWS passes over whoever is not there, and tells nobody.",
        _exists,
    ),
    Check(
        "plan-engages",
        Level.WARNING,
        "Every response plan engages somebody",
        "An incident of a plan that engages nobody wakes nobody.",
        _engages,
    ),
)
