"""Whose rota is wanted: the contacts that a word, or a stack, stands for."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_incidents.commands import _people, _plans
from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands._subjects import subject_of
from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.oncall.team import PERSON


def contacts(account: Account, word: str | None, plans: Iterable[str] = ()) -> list[str]:
    """Return the ARNs of contacts that response plans engage, or that of a contact itself.

    :param word: the name or ARN of a response plan, the alias or ARN of a contact, or
        `contact/ALIAS`; if None, it is the plans of a stack, by their ARNs.
    :raises IncidentManagerError: one sentence, if it is none, or not one alone.
    """
    if word is None:
        return _engaged(account, *plans)
    is_name = not {":", "/"} & {*word}
    return _named(account, word) if is_name else _engaged(account, word)


def _named(account: Account, word: str) -> list[str]:
    plans = {arn.rpartition("/")[2]: arn for arn in _plans.listed(account)}
    aliases = {each["Alias"]: each["ContactArn"] for each in _people.contacts(account, word)}
    if word in plans and word in aliases:
        raise IncidentManagerError(
            f"{word} is both a response plan and a contact: give {plans[word]} or contact/{word}."
        )
    if word in plans:
        return _engaged(account, plans[word])
    if word in aliases:
        return [str(aliases[word])]
    others = [each["Alias"] for each in _people.contacts(account) if each["Type"] != PERSON]
    told = _plans.nearest(word, sorted({*plans, *others}))
    raise IncidentManagerError(
        f"There is no response plan, on-call schedule or escalation plan {word} in this account: "
        f"{told}"
    )


def _engaged(account: Account, *asked: str) -> list[str]:
    subjects = [subject_of(account, each) for each in asked]
    return [*dict.fromkeys(arn for subject in subjects for arn in subject.engaged)]
