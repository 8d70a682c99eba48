"""Response plans of a live account, by their names or ARNs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.identity.errors import IncidentManagerError, NotFoundError

_SERVICE = "ssm-incidents"
ARN = r"arn:aws[a-z-]*:ssm-incidents::\d{12}:response-plan/[\w-]+"
"""The pattern of the ARN of a response plan, anywhere in a text."""
_SHOWN = 5
"""How many names are told where none is near."""


class Plan(NamedTuple):
    """A response plan."""

    arn: str
    name: str
    display_name: str
    """As people read it: the name where it has no other one."""
    engagements: tuple[str, ...]
    """The ARNs of the contacts that an incident of it engages."""
    answer: Mapping[str, Any]
    """All of it, as GetResponsePlan answers."""


def read_plan(account: Account, name_or_arn: str) -> Plan:
    """Return one response plan.

    :raises NotFoundError: one sentence, if it does not exist.
    :raises IncidentManagerError: one sentence, if it cannot be looked at.
    """
    arn = name_or_arn if name_or_arn.startswith("arn:") else _arn(account, name_or_arn)
    found = _read(account, arn)
    if found is None:
        raise _unknown(name_or_arn, _summaries(account))
    if isinstance(found, Unseen):
        raise IncidentManagerError(found.why)
    return found


def look_up(account: Account, arns: Iterable[str]) -> dict[str, Plan | Unseen | None]:
    """Return response plans by their ARNs; None for what does not exist."""
    return account.each(lambda arn: _read(account, arn), arns)


def listed(account: Account) -> list[str]:
    """Return the ARNs of all response plans of an account.

    :raises IncidentManagerError: one sentence, if they cannot be listed.
    """
    return [summary["arn"] for summary in _summaries(account)]


def _read(account: Account, arn: str) -> Plan | Unseen | None:
    answer = account.ask(_SERVICE, "GetResponsePlan", arn, arn=arn)
    if answer is None or isinstance(answer, Unseen):
        return answer
    engaged = tuple(answer.get("engagements") or ())
    display_name = answer.get("displayName") or answer["name"]
    return Plan(answer["arn"], answer["name"], display_name, engaged, answer)


def _arn(account: Account, name: str) -> str:
    summaries = _summaries(account)
    arns = [summary["arn"] for summary in summaries if summary["name"] == name]
    if not arns:
        raise _unknown(name, summaries)
    return str(arns[0])


def _summaries(account: Account) -> list[Any]:
    found = account.pages(
        _SERVICE, "ListResponsePlans", "responsePlanSummaries", "the response plans"
    )
    if isinstance(found, Unseen):
        raise IncidentManagerError(found.why)
    return found or []


def _unknown(wanted: str, summaries: Iterable[Mapping[str, Any]]) -> NotFoundError:
    names = sorted(summary["name"] for summary in summaries)
    told = nearest(wanted, names)
    return NotFoundError(f"There is no response plan {wanted} in this account: {told}")


def nearest(wanted: str, names: Sequence[str]) -> str:
    """Return what to do about a name that is not there, by those that are; it ends a sentence."""
    cased = {name.lower(): name for name in names}
    word = wanted.rpartition("/")[2].lower()
    if close := difflib.get_close_matches(word, cased, n=3, cutoff=0.5):
        return f"did you mean {' or '.join(cased[each] for each in close)}?"
    if names:
        more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
        return f"there are {', '.join([*names[:_SHOWN], *more])}."
    return "there is none at all, so check which account and region this is."
