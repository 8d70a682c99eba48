"""Checks of contacts and rotations that nothing names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pulumi_incidents.commands.doctor.checking import ways
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.team import EVERYBODY
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result
from pulumi_incidents.oncall.team import ESCALATION, PERSON, SCHEDULE

_MENDS = {
    PERSON: "Take this person into a rotation, a stage or a response plan, or delete the contact.",
    ESCALATION: "Let a response plan engage it, or delete it.",
    SCHEDULE: "Put it into a stage or a response plan, or delete it.",
}


def _used(facts: Facts) -> Iterator[Result]:
    """Whether everybody is in a plan, a stage or a rotation, and each rotation in a schedule.

    Looked at, with `--all` alone, are all contacts and rotations of the account, by
    `ssm-contacts:ListContacts` and `ssm-contacts:ListRotations`, and whoever names them. A contact
    that nothing names is engaged by no incident: somebody may have been forgotten, or has left and
    still has a phone number in AWS.

    Take the person into a rotation, a stage or a plan, or delete the contact. A contact that a
    program or a person engages directly, or that another account engages, may be ignored with that
    as the reason.
    """
    if not facts.is_everything:
        return
    if why := facts.team.unseen.get(EVERYBODY):
        yield NotSeen(EVERYBODY, why)
        return
    named = {each.arn for each in ways.namings(facts)}
    plans = ways.leading(facts)
    hidden = _hidden(facts)
    for finding in _unnamed(facts, named):
        yield NotSeen(finding.subject, hidden) if hidden else finding
    there = (*facts.team.contacts, *facts.team.rotations)
    yield from (Fine(arn, plans.get(arn, ())) for arn in there if arn in named)


def _unnamed(facts: Facts, named: Collection[str]) -> Iterator[Finding]:
    for contact in facts.team.contacts.values():
        if contact.arn not in named and ways.owner(contact.arn) == facts.account:
            seen = f"No response plan, stage or rotation names {contact.name}."
            yield Finding(contact.arn, seen, _MENDS[contact.type])
    for rotation in facts.team.rotations.values():
        if rotation.arn not in named:
            seen = f"The rotation {rotation.name} is in no schedule."
            yield Finding(rotation.arn, seen, "Put it into an on-call schedule, or delete it.")


def _hidden(facts: Facts) -> str:
    """Return why something could not be looked at that may name anybody; empty if all was seen."""
    plans = [found.why for found in facts.lost.values() if found]
    others = [why for arn, why in facts.team.unseen.items() if not arn.endswith("/channels")]
    return next(iter(plans + others), "")


CHECKS = (
    Check(
        "contact-unused",
        Level.NOTE,
        "Everybody is in a response plan, a stage or a rotation",
        "Whom nothing names no incident engages: forgotten, or gone and still in AWS.",
        _used,
    ),
)
