"""The words in which a service says what a request takes: actions, as IAM has them, at a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pulumi_incidents.iam.policies import ANYTHING


class Need(NamedTuple):
    """An action that something takes, on what, and what else is known of it."""

    action: str
    resource: str = ANYTHING
    context: Mapping[str, str] = {}


class Place(NamedTuple):
    """Where a request is sent."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str, *, is_global: bool = False) -> str:
        """Return the ARN of something at this place."""
        region = "" if is_global else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"
