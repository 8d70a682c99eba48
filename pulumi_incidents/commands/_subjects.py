"""What a person asks about: a response plan or a contact, and whom it engages."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pulumi_incidents.commands import _where
from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._people import contacts
from pulumi_incidents.commands._plans import nearest, read_plan
from pulumi_incidents.identity.errors import IncidentManagerError, NotFoundError

_CONTACT, _ARN_OF_CONTACT = "contact/", ":ssm-contacts:"


class Subject(NamedTuple):
    """A response plan or a contact."""

    name: str
    engaged: tuple[str, ...]
    """The ARNs of the contacts that are engaged; a contact engages itself."""
    services: tuple[str, ...] = ()
    """The PagerDuty services that an incident is told to: they page whom they know."""


def subject_of(account: Account, asked: str) -> Subject:
    """Return what is asked about: name or ARN of a plan, ARN of a contact, or `contact/ALIAS`.

    :raises IncidentManagerError: one sentence, if it does not exist or cannot be looked at.
    """
    if _ARN_OF_CONTACT in asked or asked.startswith(_CONTACT):
        return _contact(account, asked)
    try:
        plan = read_plan(account, asked)
    except NotFoundError:
        if not _is_alias(account, asked):
            raise
        raise IncidentManagerError(
            f"{asked} is no response plan but a contact: write contact/{asked}."
        ) from None
    integrations = plan.answer.get("integrations") or ()
    services = (each["pagerDutyConfiguration"] for each in integrations)
    return Subject(plan.display_name, plan.engagements, tuple(each["name"] for each in services))


def only(stack: str | None, cwd: Path | None) -> str:
    """Return the ARN of the one plan of a stack, where none is named.

    :raises IncidentManagerError: one sentence, if there is no stack, or if it has several plans.
    """
    if stack is None:
        raise IncidentManagerError("Name a response plan, or a stack that has one: --stack NAME.")
    plans = _where.plans(stack, cwd)
    if len(plans) > 1:
        names = ", ".join(arn.rpartition("/")[2] for arn in plans)
        raise IncidentManagerError(
            f"Stack {stack} has several response plans: name one of {names}."
        )
    return plans[0]


def _is_alias(account: Account, word: str) -> bool:
    """Tell whether a word is a contact's alias; no, where contacts may not be listed."""
    with suppress(IncidentManagerError):
        return word in (each["Alias"] for each in contacts(account, word))
    return False


def _contact(account: Account, asked: str) -> Subject:
    alias = asked.rpartition(_CONTACT)[2]
    for each in contacts(account, alias):
        if asked in (each["ContactArn"], f"{_CONTACT}{each['Alias']}"):
            return Subject(each.get("DisplayName") or each["Alias"], (each["ContactArn"],))
    told = nearest(alias, [each["Alias"] for each in contacts(account)])
    raise IncidentManagerError(f"There is no contact {asked} in this account: {told}")
