"""Requests with what AWS knows of each: who asks, when, where, and on whose behalf.

Follows *AWS global condition context keys* in the IAM user guide.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from botocore.utils import ArnParser, InvalidArnException

from pulumi_incidents.iam.conditions import Context
from pulumi_incidents.iam.policies import Principal, Request

# Not told of services and keys of a user. Whether the caller of a session had it nobody here knows.
_WITHOUT_MFA: Context = {"aws:multifactorauthpresent": [], "aws:multifactorauthage": []}


class Behalf(NamedTuple):
    """Whom a service acts for: an account, and the thing of it that made the service act."""

    account: str
    arn: str


def service(name: str) -> Principal:
    """Return a service of AWS, such as `ssm-incidents.amazonaws.com`, as a principal."""
    return Principal(name, "", is_service=True)


def of_principal(asked: Request, region: str, time: datetime) -> Request:
    """Return a request of a user or of a session of a role with all that is known of it."""
    principal = asked.principal
    user = principal.arn.rpartition("/")[2] if ":user/" in principal.arn else None
    context = {
        "aws:principalarn": [*principal.names, principal.arn][:1],
        "aws:principalaccount": [principal.account],
        "aws:principalisawsservice": ["false"],
        "aws:principaltype": ["User" if user else "AssumedRole"],
        "aws:viaawsservice": ["true" if "aws:calledvia" in asked.context else "false"],
        "aws:requestedregion": [region],
        **({"aws:username": [user], **_WITHOUT_MFA} if user else {}),
    }
    return _known(asked, context, time)


def of_service(asked: Request, behalf: Behalf, time: datetime) -> Request:
    """Return a request of a service of AWS, on behalf of an account and something in it."""
    context = {
        "aws:principalisawsservice": ["true"],
        "aws:principalservicename": [asked.principal.arn],
        "aws:sourceaccount": [behalf.account],
        "aws:sourcearn": [behalf.arn],
        **_WITHOUT_MFA,
    }
    return _known(asked, context, time)


def parts_of(arn: str) -> dict[str, str] | None:
    """Return the parts of an ARN, by the names that botocore has for them; None if it is none."""
    try:
        parts: dict[str, str] = ArnParser().parse_arn(arn)
    except InvalidArnException:
        return None
    return parts


def _known(asked: Request, context: Context, time: datetime) -> Request:
    """Add what is known whoever asks; a request would be sent to AWS over TLS."""
    owner = (parts_of(asked.resource) or {}).get("account")
    of_each = {
        "aws:currenttime": [time.isoformat()],
        "aws:epochtime": [str(int(time.timestamp()))],
        "aws:securetransport": ["true"],
        **({"aws:resourceaccount": [owner]} if owner else {}),
    }
    return replace(asked, context={**of_each, **context, **asked.context})
