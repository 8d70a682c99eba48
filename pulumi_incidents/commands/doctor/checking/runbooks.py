"""Checks of documents of runbooks and of their parameters."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands.doctor.checking import _parameters, runbook_roles
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.runbooks import Document, NoVersion, Runbook
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_RUNS, _ACTIVE = "Automation", "Active"


def _document(facts: Facts) -> Iterator[Result]:
    """Whether the document of each runbook is there, in the version that is to run, and would run.

    Looked at is the document that the plan names, by `ssm:GetDocument` in the region that is
    called, or in that of its ARN. AWS takes a plan whatever it names. The version is a number,
    `$DEFAULT` or `$LATEST`, or the default one where the plan says none; it has to be Active, and
    the document has to be of the type Automation: that of a command does not run.

    A document is made with `aws ssm create-document`, by a `Runbook` of the program, or shared by
    the account that has it; the plan is given a version that there is.

    An incident runs its runbook in the region where it starts: a document has to be in each region
    of the replication set in which incidents start, and only one of them is looked at.
    """
    for arn, runbook in facts.runbooks.items():
        found = runbook.document
        if isinstance(found, Unseen):
            yield NotSeen(arn, found.why)
        elif isinstance(found, Document) and (found.type, found.status) == (_RUNS, _ACTIVE):
            yield Fine(arn)
        else:
            yield Finding(arn, *_trouble(facts, runbook))


def _trouble(facts: Facts, runbook: Runbook) -> tuple[str, str]:
    """Return what is wrong with a document, and what mends it."""
    found, named = runbook.document, f"The document {runbook.name} of the runbook"
    if isinstance(found, NoVersion):
        there = f"{named} has no version {found.version}."
        return there, "Give the plan a version that there is, or none for the default one."
    if not isinstance(found, Document):
        return (
            f"{named} does not exist in {facts.region}, or is not shared with {facts.account}.",
            "Make it there, let its owner share it, or give the plan another one.",
        )
    if found.type != _RUNS:
        return (
            f"{named} is of the type {found.type}, and Incident Manager runs those of {_RUNS}.",
            f"Give the plan a document of the type {_RUNS}.",
        )
    return (
        f"{named} is {found.status} in the version that is to run.",
        f"Make a version that is {_ACTIVE}, and let the plan run that one.",
    )


def _arguments(facts: Facts) -> Iterator[Result]:
    """Whether the parameters of each runbook are those that its document takes.

    Looked at is what the document declares, as `ssm:GetDocument` answers its content. Parameters
    without a default have to be given, and no others than it has; an Integer is a whole number, a
    Boolean true or false, and only a list has several values; `allowedValues`, `allowedPattern`,
    `minItems`, `maxItems`, `minChars` and `maxChars` hold. Of those that Incident Manager fills in,
    `INCIDENT_RECORD_ARN` is for a String and `INVOLVED_RESOURCES` for a StringList: with any other
    type the runbook fails to run. AWS finds out when the first incident starts.

    Values are not told, as they may be secrets.

    *Unverified*: patterns are read as Python does; what only AWS can read rules out nothing here.
    Whether a resource that a value names exists is not looked at.
    """
    for arn, runbook in facts.runbooks.items():
        found = runbook.document
        if isinstance(found, Unseen):
            yield NotSeen(arn, found.why)
        elif isinstance(found, Document) and found.type == _RUNS:
            declared = found.content.get("parameters") or {}
            wrong = [*_parameters.mistakes(runbook.action, declared)]
            seen = f"Parameters of the runbook do not fit {runbook.name}: {'; '.join(wrong)}."
            mend = "Give the plan the parameters that the document declares."
            yield Finding(arn, seen, mend) if wrong else Fine(arn)


CHECKS = (
    Check(
        "runbook-document",
        Level.ERROR,
        "Documents of runbooks are there, and would run",
        "AWS looks for the document when the incident starts, and nothing runs without.",
        _document,
    ),
    Check(
        "runbook-parameters",
        Level.ERROR,
        "Runbooks are given the parameters that they take",
        "With a parameter too many, too few or of another type the runbook does not start.",
        _arguments,
    ),
    *runbook_roles.CHECKS,
)
