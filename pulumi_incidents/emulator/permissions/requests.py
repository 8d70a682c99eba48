"""What takes something, as IAM evaluates it: by the clock of the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.iam import requests
from pulumi_incidents.iam.policies import Principal, Request

if TYPE_CHECKING:
    from pulumi_incidents.emulator.protocol.needs import Need
    from pulumi_incidents.iam.requests import Behalf


def by_principal(principal: Principal, need: Need, region: str) -> Request:
    """Return the request of a user or of a session of a role."""
    return requests.of_principal(_asked(principal, need), region, now())


def by_service(name: str, need: Need, behalf: Behalf) -> Request:
    """Return the request of a service of AWS, on behalf of an account and something in it."""
    return requests.of_service(_asked(requests.service(name), need), behalf, now())


def _asked(principal: Principal, need: Need) -> Request:
    context = {key: [value] for key, value in need.context.items()}
    return Request(principal, need.action, need.resource, context)
