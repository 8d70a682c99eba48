"""Reads the replication set and its keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands.doctor.scope import Scope

_SERVICE = "ssm-incidents"
_SUBJECT = "the replication set"
# What AWS answers for a region without a key of the account (CLI, *get-replication-set*).
_OF_AWS = "DefaultKey"


class Key(NamedTuple):
    """A key of the account, as DescribeKey answers it."""

    state: str
    """A *KeyState* of KMS, such as Enabled."""
    deletion: datetime | None = None
    """When it will be deleted, where that is so."""


class Region(NamedTuple):
    """A region of the set."""

    name: str
    status: str
    """ACTIVE, CREATING, DELETING or FAILED."""
    message: str = ""
    """What AWS says of the status."""
    key_id: str = ""
    """Id or ARN of the key of the account that encrypts there; empty if it is one of AWS's own."""
    key: Key | Unseen | None = None
    """That key; None if it does not exist, or there is none of the account."""


class ReplicationSet(NamedTuple):
    """The set of an account."""

    arn: str
    status: str
    is_protected: bool
    """Whether it is protected from deletion."""
    regions: tuple[Region, ...]


Replication = ReplicationSet | Unseen | None


def read(account: Account, scope: Scope) -> Replication:
    """Read the replication set; there is one at most in an account."""
    del scope
    arns = account.pages(_SERVICE, "ListReplicationSets", "replicationSetArns", _SUBJECT)
    if isinstance(arns, Unseen):
        return arns
    if not arns:
        return None
    answer = account.ask(_SERVICE, "GetReplicationSet", arns[0], arn=arns[0])
    if answer is None or isinstance(answer, Unseen):
        return answer
    found = answer["replicationSet"]
    regions = found["regionMap"]
    keys = account.each(lambda name: _key(account, name, _key_id(regions[name])), regions)
    return ReplicationSet(
        arns[0],
        found["status"],
        found["deletionProtected"],
        tuple(_region(name, regions[name], keys[name]) for name in sorted(regions)),
    )


def _region(name: str, answer: dict[str, Any], key: Key | Unseen | None) -> Region:
    message = answer.get("statusMessage") or ""
    return Region(name, answer["status"], message, _key_id(answer), key)


def _key_id(answer: dict[str, Any]) -> str:
    found = answer.get("sseKmsKeyId") or _OF_AWS
    return "" if found == _OF_AWS else str(found)


def _key(account: Account, region: str, key_id: str) -> Key | Unseen | None:
    if not key_id:
        return None
    answer = account.ask("kms", "DescribeKey", key_id, region=region, KeyId=key_id)
    if answer is None or isinstance(answer, Unseen):
        return answer
    told = answer["KeyMetadata"]
    return Key(told["KeyState"], told.get("DeletionDate"))
