"""Reads keys of KMS: their state, and whom their policies let in."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen

_KMS = "kms"
# Keys that AWS makes for its services have aliases of their own (KMS developer guide, *Aliases*).
_OF_AWS = "alias/aws/"


class Key(NamedTuple):
    """A key that exists."""

    arn: str
    """As it is called by what it encrypts, where it is one of AWS's own that was not looked at."""
    state: str
    """A *KeyState* of KMS, such as Enabled."""
    is_of_aws: bool
    """Whether AWS manages it, so that nobody can change its policy."""
    policy: str | Unseen


def read(account: Account, key_id: str, region: str) -> Key | Unseen | None:
    """Read a key by its id, its alias or the ARN of either; None if it does not exist."""
    if _OF_AWS in key_id:
        return Key(key_id, "Enabled", is_of_aws=True, policy="{}")
    answer = account.ask(_KMS, "DescribeKey", key_id, region=region, KeyId=key_id)
    if answer is None or isinstance(answer, Unseen):
        return answer
    told = answer["KeyMetadata"]
    arn = told["Arn"]
    if told.get("KeyManager") == "AWS":
        return Key(arn, told["KeyState"], is_of_aws=True, policy="{}")
    # The one name that a policy of a key may have; an alias will not do here.
    found = account.ask(_KMS, "GetKeyPolicy", arn, region=region, KeyId=arn, PolicyName="default")
    policy = found if isinstance(found, Unseen) else (found or {}).get("Policy", "{}")
    return Key(arn, told["KeyState"], is_of_aws=False, policy=policy)
