"""KMS keys and their aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.stand_in._kind import (
    NAMED,
    REGION,
    TAGGED,
    GoneError,
    Input,
    Kind,
    tag_changes,
)
from pulumi_incidents.stand_in._limits import Breach, shown, text_breaches

_SYMMETRIC = "SYMMETRIC_DEFAULT"
# What a key can be used for, by how its kind begins; the first that fits.
_SIGN, _AGREE, _ENCRYPT = "SIGN_VERIFY", "KEY_AGREEMENT", "ENCRYPT_DECRYPT"
_USAGES = {
    _SYMMETRIC: (_ENCRYPT,),
    "HMAC_": ("GENERATE_VERIFY_MAC",),
    "RSA_": (_ENCRYPT, _SIGN),
    "ECC_NIST_P": (_SIGN, _AGREE),
    "ECC_": (_SIGN,),
    "SM2": (_ENCRYPT, _SIGN, _AGREE),
    "ML_DSA_": (_SIGN,),
    "ML_KEM_": ("ENCAPSULATE_DECAPSULATE",),
}
_ALL_USAGES = {usage for usages in _USAGES.values() for usage in usages}
# How many days a deleted key may still be saved; moto ignores a deletion outside of them.
_WINDOW = range(7, 31)
_ALIAS = {
    "pattern": "alias/(?!aws/)[a-zA-Z0-9/_-]+",
    "words": "be alias/ and letters, digits, /, _ or -, and not begin with alias/aws/",
}


class Key(Kind):
    """aws:kms/key:Key; the id is the key's own.

    Missing, because moto drops them: rotationPeriodInDays, bypassPolicyLockoutSafetyCheck, and the
    keys of other key stores.
    """

    service = "kms"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "description": Input(computed=True),
        "policy": Input(computed=True, json=True),
        "enableKeyRotation": Input(default=False),
        "isEnabled": Input(default=True),
        "deletionWindowInDays": Input(allowed=_WINDOW),
        "keyUsage": Input(default="ENCRYPT_DECRYPT", replaces=True),
        "customerMasterKeySpec": Input(default=_SYMMETRIC, replaces=True),
        "multiRegion": Input(computed=True, replaces=True),
        "region": REGION,
        **TAGGED,
    }
    outputs = ("arn", "keyId")
    operation = "CreateKey"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        "description": "Description",
        "policy": "Policy",
        "keyUsage": "KeyUsage",
        "customerMasterKeySpec": "KeySpec",
        "multiRegion": "MultiRegion",
        "tagsAll": "Tags",
    }

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the KMS API does, *CreateKey* and *EnableKeyRotation*."""
        spec = inputs.get("customerMasterKeySpec", _SYMMETRIC)
        usage = inputs.get("keyUsage", self.inputs["keyUsage"].default)
        usages = next((each for start, each in _USAGES.items() if str(spec).startswith(start)), ())
        if usages and str(usage) in _ALL_USAGES - {*usages}:
            yield Breach("keyUsage", f"be {' or '.join(usages)} for a key of {spec}", shown(usage))
        if inputs.get("enableKeyRotation") is True and spec not in (_SYMMETRIC, UNKNOWN):
            yield Breach("enableKeyRotation", f"be false for a key of {spec}", "True")

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the key; KMS has calls of their own for rotation and for switching it off."""
        optional = {
            "Description": inputs["description"],
            "Policy": inputs["policy"],
            "MultiRegion": inputs["multiRegion"],
            "Tags": _tag_list(inputs["tagsAll"]),
        }
        answer = client.create_key(
            KeyUsage=inputs["keyUsage"],
            KeySpec=inputs["customerMasterKeySpec"],
            **{key: value for key, value in optional.items() if value},
        )
        key_id = str(answer["KeyMetadata"]["KeyId"])
        if inputs["enableKeyRotation"]:
            client.enable_key_rotation(KeyId=key_id)
        if not inputs["isEnabled"]:
            client.disable_key(KeyId=key_id)
        return key_id

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the key, its policy, rotation and tags; one that waits for its end is gone."""
        found = client.describe_key(KeyId=resource_id)["KeyMetadata"]
        if found["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"):
            raise GoneError(f"{resource_id} is pending deletion")
        policy = client.get_key_policy(KeyId=resource_id, PolicyName="default")["Policy"]
        rotation = client.get_key_rotation_status(KeyId=resource_id)["KeyRotationEnabled"]
        tags = client.list_resource_tags(KeyId=resource_id)["Tags"]
        return {
            "arn": found["Arn"],
            "keyId": found["KeyId"],
            "description": found["Description"],
            "policy": policy,
            "enableKeyRotation": rotation,
            "isEnabled": found["Enabled"],
            "keyUsage": found["KeyUsage"],
            "customerMasterKeySpec": found["KeySpec"],
            "multiRegion": bool(found.get("MultiRegion")),
            "tagsAll": {tag["TagKey"]: tag["TagValue"] for tag in tags},
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Change what differs; switched on first and off last, for only enabled keys change."""
        if "isEnabled" in changed and new["isEnabled"]:
            client.enable_key(KeyId=resource_id)
        if "enableKeyRotation" in changed:
            turn = client.disable_key_rotation
            if new["enableKeyRotation"]:
                turn = client.enable_key_rotation
            turn(KeyId=resource_id)
        if "description" in changed:
            client.update_key_description(KeyId=resource_id, Description=new["description"])
        if "policy" in changed:
            client.put_key_policy(KeyId=resource_id, PolicyName="default", Policy=new["policy"])
        gone, put = tag_changes(old, new)
        if gone:
            client.untag_resource(KeyId=resource_id, TagKeys=gone)
        if put:
            client.tag_resource(KeyId=resource_id, Tags=_tag_list(put))
        if "isEnabled" in changed and not new["isEnabled"]:
            client.disable_key(KeyId=resource_id)

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Schedule the deletion: no key is ever deleted at once."""
        days = state.get("deletionWindowInDays")
        window = {"PendingWindowInDays": days} if days else {}
        client.schedule_key_deletion(KeyId=resource_id, **window)


def _key_id(key: str) -> str:
    """Answer the id alone; a key may be given by its ARN, too."""
    return key.rsplit("/", 1)[-1]


class Alias(Kind):
    """aws:kms/alias:Alias; the id is the alias' name, which begins with `alias/`."""

    service = "kms"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        **NAMED,
        "targetKeyId": Input(required=True, meaning=_key_id),
        "region": REGION,
    }
    outputs = ("arn", "targetKeyArn")
    operation = "CreateAlias"
    members = {"name": "AliasName", "targetKeyId": "TargetKeyId"}  # noqa: RUF012 # declared ClassVar by Kind
    follows = {"targetKeyId": ("targetKeyArn",)}  # noqa: RUF012 # declared ClassVar by Kind
    not_both = (("name", "namePrefix"),)
    automatic_start = "alias/"

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what is no alias, and the names of AWS's own (KMS API, *CreateAlias*)."""
        yield from text_breaches("name", inputs["name"], _ALIAS)

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Give the key its alias."""
        client.create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return str(inputs["name"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Find the alias among all: KMS has no call that reads one."""
        for page in client.get_paginator("list_aliases").paginate():
            for found in page["Aliases"]:
                if found["AliasName"] == resource_id:
                    arn, key = found["AliasArn"], found["TargetKeyId"]
                    return {
                        "arn": arn,
                        "name": resource_id,
                        "targetKeyId": key,
                        "targetKeyArn": f"{arn.removesuffix(resource_id)}key/{key}",
                    }
        raise GoneError(f"there is no {resource_id}")

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],  # noqa: ARG002 # part of the shape
        new: dict[str, Any],
        changed: set[str],  # noqa: ARG002 # only the key changes in place
    ) -> None:
        """Let the alias stand for another key."""
        client.update_alias(AliasName=resource_id, TargetKeyId=new["targetKeyId"])

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Take the alias away; its key stays."""
        client.delete_alias(AliasName=resource_id)


def _tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Answer tags as KMS alone calls their members."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
