"""Reads secrets of PagerDuty integrations: what is known of them, and never what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.reading import keys
from pulumi_incidents.commands.doctor.reading.keys import Key
from pulumi_incidents.commands.doctor.scope import Scope
from pulumi_incidents.iam.requests import parts_of

_SECRETS = "secretsmanager"
# What encrypts a secret that says nothing of a key (DescribeSecret, *KmsKeyId*).
_OF_AWS = "alias/aws/secretsmanager"
_IN_SYNC = "InSync"


class Secret(NamedTuple):
    """A secret that exists."""

    arn: str
    region: str
    """Where it was looked at."""
    deletion: datetime | None
    """When somebody asked for its deletion, where that is so."""
    key_id: str
    """What encrypts it, as the secret has it."""
    key: Key | Unseen | None
    policy: str | Unseen
    regions: frozenset[str] | Unseen
    """Where it is, with its replicas that are in sync."""


PagerDuty = Mapping[str, Secret | Unseen | None]
"""Secrets that plans name, by their names or ARNs as the plans have them."""


def read(account: Account, scope: Scope) -> PagerDuty:
    """Read the secrets of the plans that are integrated with PagerDuty."""
    named = [secret_id for plan in scope.plans for secret_id in secrets(plan)]
    return account.each(lambda secret_id: _secret(account, secret_id), named)


def secrets(plan: Plan) -> tuple[str, ...]:
    """Return what a plan calls the secrets of its integrations."""
    found = plan.answer.get("integrations") or ()
    configured = (each["pagerDutyConfiguration"] for each in found)
    return tuple(each["secretId"] for each in configured)


def _secret(account: Account, secret_id: str) -> Secret | Unseen | None:
    region = (parts_of(secret_id) or {}).get("region") or account.region
    answer = _described(account, secret_id, region)
    if answer is None or isinstance(answer, Unseen):
        return answer
    policy = account.ask(
        _SECRETS, "GetResourcePolicy", secret_id, region=region, SecretId=secret_id
    )
    key_id = answer.get("KmsKeyId") or _OF_AWS
    return Secret(
        answer["ARN"],
        region,
        answer.get("DeletedDate"),
        key_id,
        keys.read(account, key_id, region),
        policy if isinstance(policy, Unseen) else (policy or {}).get("ResourcePolicy") or "{}",
        _regions(account, answer, region),
    )


def _described(account: Account, secret_id: str, region: str) -> dict[str, Any] | Unseen | None:
    return account.ask(_SECRETS, "DescribeSecret", secret_id, region=region, SecretId=secret_id)


def _regions(account: Account, answer: dict[str, Any], region: str) -> frozenset[str] | Unseen:
    """Return where a secret is; only its first region knows of its replicas."""
    first = answer.get("PrimaryRegion") or region
    if first != region:
        told = _described(account, answer["Name"], first)
        if isinstance(told, Unseen):
            return told
        answer = told or {}
    replicas = answer.get("ReplicationStatus") or ()
    synced = (each["Region"] for each in replicas if each.get("Status") == _IN_SYNC)
    return frozenset({first, region, *synced})
