"""What an ARN names, in the words of services."""

from __future__ import annotations


def resource_of(arn: str) -> str:
    """Return what an ARN names, without place and account: `contact/ana`."""
    return arn.split(":", 5)[5]


def resource_type(arn: str) -> str:
    """Return the type of it as errors have it: RESPONSE_PLAN of `…:response-plan/checkout`.

    That ssm-contacts spells its types so as well is unverified.
    """
    return resource_of(arn).split("/", 1)[0].replace("-", "_").upper()
