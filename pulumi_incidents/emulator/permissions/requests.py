"""Requests with what AWS knows of each: who asks, when, where, and on whose behalf.

Follows *AWS global condition context keys* in the IAM user guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from botocore.utils import ArnParser, InvalidArnException

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.emulator.permissions.policies import Principal, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_incidents.emulator.permissions.conditions import Context
    from pulumi_incidents.emulator.protocol.needs import Need


class Behalf(NamedTuple):
    """Whom a service acts for: an account, and the thing of it that made the service act."""

    account: str
    arn: str


def by_principal(principal: Principal, need: Need, region: str) -> Request:
    """Return the request of a user or of a session of a role."""
    user = principal.arn.rpartition("/")[2] if ":user/" in principal.arn else None
    context = {
        "aws:principalarn": [*principal.names, principal.arn][:1],
        "aws:principalaccount": [principal.account],
        "aws:principalisawsservice": ["false"],
        "aws:principaltype": ["User" if user else "AssumedRole"],
        "aws:viaawsservice": ["true" if "aws:calledvia" in need.context else "false"],
        "aws:requestedregion": [region],
        **({"aws:username": [user]} if user else {}),
        **{key: [value] for key, value in need.context.items()},
    }
    return Request(principal, need.action, need.resource, {**_of_each(need.resource), **context})


def by_service(name: str, need: Need, behalf: Behalf) -> Request:
    """Return the request of a service of AWS, on behalf of an account and something in it."""
    context = {
        "aws:principalisawsservice": ["true"],
        "aws:principalservicename": [name],
        "aws:sourceaccount": [behalf.account],
        "aws:sourcearn": [behalf.arn],
        **{key: [value] for key, value in need.context.items()},
    }
    principal = Principal(name, "", is_service=True)
    return Request(principal, need.action, need.resource, {**_of_each(need.resource), **context})


def parts_of(arn: str) -> Mapping[str, str] | None:
    """Return the parts of an ARN, by the names that botocore has for them; None if it is none."""
    try:
        parts: dict[str, str] = ArnParser().parse_arn(arn)
    except InvalidArnException:
        return None
    return parts


def _of_each(resource: str) -> Context:
    """Return what is known whoever asks; a request would be sent to AWS over TLS."""
    owner = (parts_of(resource) or {}).get("account")
    time = now()
    return {
        "aws:currenttime": [time.isoformat()],
        "aws:epochtime": [str(int(time.timestamp()))],
        "aws:securetransport": ["true"],
        **({"aws:resourceaccount": [owner]} if owner else {}),
    }
