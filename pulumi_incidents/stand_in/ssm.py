"""SSM documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timezone
from typing import Any

from botocore.exceptions import ClientError
from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.stand_in._clients import is_gone
from pulumi_incidents.stand_in._kind import (
    NAMED,
    REGION,
    TAGGED,
    Input,
    Kind,
    tag_changes,
    tag_list,
    tag_map,
)
from pulumi_incidents.stand_in._limits import Breach, shown, text_breaches

# What a new version of a document has of its own.
_OF_A_VERSION = (
    "createdDate",
    "defaultVersion",
    "description",
    "documentVersion",
    "hash",
    "latestVersion",
    "parameters",
    "platformTypes",
    "schemaVersion",
    "status",
)
# Whether AWS takes these prefixes in other letters of case is unverified.
_NAME = {
    "pattern": "(?!(?i:aws|amazon|amzn)).*",
    "words": "not begin with aws, amazon or amzn, which AWS keeps for itself",
}
_VERSIONED = ("content", "documentFormat", "targetType", "versionName")
# How many accounts one call takes, as the model has it; the official plugin counts likewise.
_AT_ONCE = 20


def _accounts(permissions: Mapping[str, str]) -> set[str]:
    """Answer the accounts that a document is shared with; their order means nothing."""
    return set(filter(None, permissions.get("account_ids", "").split(",")))


class Document(Kind):
    """aws:ssm/document:Document; the id is the document's name.

    The default version is the one that runs, so it is the one that this resource is about.
    Missing: attachmentsSources.
    """

    service = "ssm"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "name": NAMED["name"],
        "content": Input(required=True),
        "documentType": Input(required=True, replaces=True),
        "documentFormat": Input(default="JSON", allowed=("JSON", "YAML")),
        "targetType": Input(default=""),
        "versionName": Input(default=""),
        "permissions": Input(default={}, meaning=_accounts),
        "region": REGION,
        **TAGGED,
    }
    outputs = ("arn", "hashType", "owner", *_OF_A_VERSION)
    operation = "CreateDocument"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        "name": "Name",
        "content": "Content",
        "documentType": "DocumentType",
        "targetType": "TargetType",
        "versionName": "VersionName",
        "tagsAll": "Tags",
    }
    follows = dict.fromkeys(_VERSIONED, _OF_A_VERSION)

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse the names of AWS's own documents (Systems Manager API, *CreateDocument*)."""
        yield from text_breaches("name", inputs["name"], _NAME)
        yield from _sharing_breaches(inputs.get("permissions"))

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the document with its first version and its tags in one call, then share it."""
        client.create_document(
            Name=inputs["name"],
            DocumentType=inputs["documentType"],
            Tags=tag_list(inputs["tagsAll"]),
            **_version(inputs),
        )
        _share(client, inputs["name"], {}, inputs["permissions"])
        return str(inputs["name"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the default version and who shares it; the tags come with its description."""
        found = client.describe_document(Name=resource_id)["Document"]
        answer = client.get_document(Name=resource_id, DocumentFormat=found["DocumentFormat"])
        shared = client.describe_document_permission(Name=resource_id, PermissionType="Share")
        accounts = ",".join(shared.get("AccountIds") or [])
        place = f"arn:{client.meta.partition}:ssm:{client.meta.region_name}:{found['Owner']}"
        created = found["CreatedDate"].astimezone(timezone.utc)
        return {
            "arn": f"{place}:document/{resource_id}",
            "name": resource_id,
            "content": answer["Content"],
            "createdDate": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "defaultVersion": found["DefaultVersion"],
            "description": found.get("Description") or "",
            "documentFormat": found["DocumentFormat"],
            "documentType": found["DocumentType"],
            "documentVersion": found["DocumentVersion"],
            "hash": found["Hash"],
            "hashType": found["HashType"],
            "latestVersion": found["LatestVersion"],
            "owner": found["Owner"],
            "permissions": {"type": "Share", "account_ids": accounts} if accounts else {},
            "parameters": [_parameter(item) for item in found.get("Parameters") or []],
            "platformTypes": found.get("PlatformTypes") or [],
            "schemaVersion": found["SchemaVersion"],
            "status": found["Status"],
            "targetType": found.get("TargetType") or "",
            "versionName": found.get("VersionName") or "",
            "tagsAll": tag_map(found.get("Tags") or []),
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Share it with others; add a version and make it the default; bring the tags along."""
        if "permissions" in changed:
            _share(client, resource_id, old.get("permissions") or {}, new["permissions"])
        if changed & set(_VERSIONED):
            version = _add_version(client, resource_id, new, changed)
            client.update_document_default_version(Name=resource_id, DocumentVersion=version)
        gone, put = tag_changes(old, new)
        of_it = {"ResourceType": "Document", "ResourceId": resource_id}
        if gone:
            client.remove_tags_from_resource(**of_it, TagKeys=gone)
        if put:
            client.add_tags_to_resource(**of_it, Tags=tag_list(put))

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Delete the document with all its versions; AWS deletes none that is shared."""
        _share(client, resource_id, state.get("permissions") or {}, {})
        client.delete_document(Name=resource_id)


def _sharing_breaches(permissions: Any) -> Iterator[Breach]:
    """Answer what the official plugin refuses of `permissions`."""
    if permissions in (None, {}, UNKNOWN):
        return
    if not isinstance(permissions, Mapping) or not {"type", "account_ids"} <= {*permissions}:
        yield Breach("permissions", "have type and account_ids", shown(permissions))
    else:
        yield from text_breaches("permissions.type", permissions["type"], {"enum": ["Share"]})


def _share(client: Any, name: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Let in the accounts that are new, and shut out those that are gone."""
    before, after = _accounts(old), _accounts(new)
    for member, accounts in (
        ("AccountIdsToAdd", sorted(after - before)),
        ("AccountIdsToRemove", sorted(before - after)),
    ):
        for start in range(0, len(accounts), _AT_ONCE):
            some = {member: accounts[start : start + _AT_ONCE]}
            client.modify_document_permission(Name=name, PermissionType="Share", **some)


def _add_version(client: Any, name: str, new: dict[str, Any], changed: set[str]) -> str:
    """Answer the number of the new version, or of the earlier one that says the same.

    SSM refuses a version that repeats another, which is what going back to a former text is.
    """
    try:
        answer = client.update_document(Name=name, DocumentVersion="$LATEST", **_version(new))
    except ClientError as error:
        repeated = error.response["Error"]["Code"] == "DuplicateDocumentContent"
        version = _earlier(client, name, new) if repeated and "content" in changed else None
        if version is None:
            raise
        return version
    return str(answer["DocumentDescription"]["DocumentVersion"])


def _earlier(client: Any, name: str, new: dict[str, Any]) -> str | None:
    """Answer the version that is all the same; moto has no ListDocumentVersions."""
    latest = client.describe_document(Name=name)["Document"]["LatestVersion"]
    for number in range(int(latest), 0, -1):
        try:
            found = client.get_document(
                Name=name,
                DocumentVersion=str(number),
                DocumentFormat=new["documentFormat"],
            )
        except ClientError as error:
            if not is_gone(error):
                raise
            continue  # Somebody deleted this version.
        same_name = found.get("VersionName", "") == new["versionName"]
        if same_name and found["Content"] == new["content"]:
            return str(number)
    return None


def _version(inputs: dict[str, Any]) -> dict[str, str]:
    """Answer what one version is made of; SSM refuses empty names and types."""
    optional = {"TargetType": inputs["targetType"], "VersionName": inputs["versionName"]}
    return {
        "Content": inputs["content"],
        "DocumentFormat": inputs["documentFormat"],
        **{key: value for key, value in optional.items() if value},
    }


def _parameter(found: dict[str, str]) -> dict[str, str]:
    names = {
        "name": "Name",
        "type": "Type",
        "description": "Description",
        "defaultValue": "DefaultValue",
    }
    return {key: found[member] for key, member in names.items() if member in found}
