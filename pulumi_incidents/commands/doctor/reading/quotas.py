"""Reads quotas of the account, as Service Quotas has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands.doctor.scope import Scope

_SERVICES = ("ssm-contacts", "ssm-incidents")


class Quota(NamedTuple):
    """A quota of a service, in the region that is called."""

    service: str
    """Its code, such as `ssm-contacts`."""
    name: str
    value: float
    is_rate: bool = False
    """Whether it is one of requests in a time."""


class Quotas(NamedTuple):
    """What is known of the quotas of the account."""

    found: tuple[Quota, ...] = ()
    unseen: Mapping[str, Unseen] = {}
    """Services whose quotas could not be looked at."""


def read(account: Account, scope: Scope) -> Quotas:
    """Read the quotas of both services; only who knows the whole account can compare them."""
    if not scope.is_everything:
        return Quotas()
    each = account.each(lambda service: _quotas(account, service), _SERVICES)
    unseen = {service: found for service, found in each.items() if isinstance(found, Unseen)}
    found = [quota for found in each.values() if not isinstance(found, Unseen) for quota in found]
    return Quotas(tuple(found), unseen)


def _quotas(account: Account, service: str) -> list[Quota] | Unseen:
    subject = f"the quotas of {service}"
    found = account.pages(
        "service-quotas", "ListServiceQuotas", "Quotas", subject, ServiceCode=service
    )
    if isinstance(found, Unseen):
        return found
    return [
        Quota(service, each["QuotaName"], each["Value"], is_rate="Period" in each)
        for each in found or ()
        if "Value" in each
    ]
