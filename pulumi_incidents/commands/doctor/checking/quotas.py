"""Checks of limits and quotas that are nearly used up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.quotas import Quota
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result
from pulumi_incidents.oncall.team import ESCALATION, PERSON, SCHEDULE

_NEARLY = 0.9
# What a quota of an account limits, by words of its name, the narrower first.
_COUNTED = {
    "response plan": "plans",
    "escalation plan": ESCALATION,
    "schedule": SCHEDULE,
    "rotation": "rotations",
    "contact": PERSON,
}
_OF_ACCOUNT = re.compile(r" (?:per|in an?|in each) (?:account|region)", re.IGNORECASE)
_OF_EACH = re.compile(r"\b(?:per|in an?|in each|for each) |channel|override|shift", re.IGNORECASE)


class _Limit(NamedTuple):
    """How much of what there is, and may be."""

    what: str
    used: int
    most: int
    mend: str


def _limits(facts: Facts) -> Iterator[Result]:
    """Whether response plans, schedules and rotations are at a limit that AWS documents.

    Looked at are the plans of `plan-exists` and the people of `contact-exists`: at most 5
    engagements, 5 topics of a chat channel and 10 notification targets in a plan, 8 rotations in a
    schedule, 30 people in a rotation (`ssm-incidents:CreateResponsePlan` and
    `ssm-contacts:CreateRotation` in the API, *Working with on-call schedules* in the guide). At
    nine tenths of one it is told: the next person or plan that is added may be refused, in the
    middle of an update.

    Engage an escalation plan or a schedule in place of several contacts; split a schedule or a
    rotation.
    """
    for plan in facts.plans:
        yield _told(plan.arn, plan.display_name, [*_of_plan(plan)])
    for contact in facts.team.contacts.values():
        if contact.type == SCHEDULE:
            mend = "Split the schedule in two, and engage both."
            limit = _Limit("rotations", len(contact.rotations), 8, mend)
            yield _told(contact.arn, contact.name, [limit])
    for rotation in facts.team.rotations.values():
        mend = "Split the rotation in two, in one schedule."
        limit = _Limit("people", len(rotation.members), 30, mend)
        yield _told(rotation.arn, rotation.name, [limit])


def _of_plan(plan: Plan) -> Iterator[_Limit]:
    chat = (plan.answer.get("chatChannel") or {}).get("chatbotSns") or ()
    targets = plan.answer["incidentTemplate"].get("notificationTargets") or ()
    engage = "Engage an escalation plan or a schedule in place of several contacts."
    yield _Limit("engagements", len(plan.engagements), 5, engage)
    topics = "Tell fewer topics, and subscribe more to each."
    yield _Limit("topics of its chat channel", len(chat), 5, topics)
    yield _Limit("notification targets", len(targets), 10, topics)


def _told(subject: str, name: str, limits: list[_Limit]) -> Result:
    full = [each for each in limits if each.used >= _NEARLY * each.most]
    if not full:
        return Fine(subject)
    told = " and ".join(f"{each.used} of at most {each.most} {each.what}" for each in full)
    return Finding(subject, f"{name} has {told}.", full[0].mend)


def _quotas(facts: Facts) -> Iterator[Result]:
    """Whether a quota of the account is nearly used up.

    Looked at, with `--all`, are the quotas of `ssm-incidents` and `ssm-contacts` that
    `servicequotas:ListServiceQuotas` answers for the region that is called, and how many response
    plans, people, escalation plans, schedules and rotations there are. At nine tenths it is told.
    What is beyond a quota is refused when it is made, which may be in the middle of an update.

    Ask for more in the console of Service Quotas, or with `aws service-quotas
    request-service-quota-increase`; or delete what is not used.

    *Unverified*: which quotas there are. What one limits is read in its name, and one of requests,
    of something for each of something, or whose name says none of these, is passed over.
    """
    used = _used(facts)
    unknown = next(iter(facts.team.unseen.values()), "")
    for quota in facts.quotas.found:
        if kind := _limited(quota):
            yield _of_account(quota, used[kind], "" if kind == "plans" else unknown)
    for service, unseen in facts.quotas.unseen.items():
        yield NotSeen(f"the quotas of {service}", unseen.why)


def _used(facts: Facts) -> Mapping[str, int]:
    counts = Counter(contact.type for contact in facts.team.contacts.values())
    counts["plans"] = len(facts.plans) + len(facts.lost)
    counts["rotations"] = len(facts.team.rotations)
    return counts


def _limited(quota: Quota) -> str | None:
    """Return what a quota limits in an account, and can be counted."""
    name = _OF_ACCOUNT.sub("", quota.name)
    if quota.is_rate or _OF_EACH.search(name):
        return None
    return next((kind for words, kind in _COUNTED.items() if words in name.lower()), None)


def _of_account(quota: Quota, used: int, unknown: str) -> Result:
    subject = f"{quota.service}: {quota.name}"
    told = f"{used} of {quota.value:g} are used"
    if used >= _NEARLY * quota.value:
        return Finding(
            subject,
            f"Of the quota {quota.name} of {quota.service}, {told}.",
            "Ask for more with `aws service-quotas request-service-quota-increase`, or delete what "
            "is not used.",
            Level.WARNING if used >= quota.value else None,
        )
    if unknown:
        return NotSeen(subject, unknown)
    return Fine(subject, seen=f"{quota.name}: {told}.")


CHECKS = (
    Check(
        "limit-reached",
        Level.NOTE,
        "No response plan, schedule or rotation is at a limit of AWS",
        "The next one that is added is refused, in the middle of an update.",
        _limits,
    ),
    Check(
        "quota-used",
        Level.NOTE,
        "No quota of the account is nearly used up",
        "What is beyond a quota is refused when it is made.",
        _quotas,
    ),
)
