"""IAM roles and the policies written into them."""

from __future__ import annotations

import json
from typing import Any

from pulumi_incidents.stand_in._kind import (
    NAMED,
    TAGGED,
    GoneError,
    Input,
    Kind,
    tag_changes,
    tag_list,
    tag_map,
)


class Role(Kind):
    """aws:iam/role:Role; the id is the role's name."""

    service = "iam"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        **NAMED,
        "assumeRolePolicy": Input(required=True, json=True),
        "path": Input(default="/", replaces=True),
        "description": Input(default=""),
        "maxSessionDuration": Input(default=3600),
        "permissionsBoundary": Input(default="", arn=True),
        "forceDetachPolicies": Input(default=False),
        **TAGGED,
    }
    outputs = ("arn", "createDate", "uniqueId")
    not_both = (("name", "namePrefix"),)
    operation = "CreateRole"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        "name": "RoleName",
        "assumeRolePolicy": "AssumeRolePolicyDocument",
        "path": "Path",
        "description": "Description",
        "maxSessionDuration": "MaxSessionDuration",
        "permissionsBoundary": "PermissionsBoundary",
        "tagsAll": "Tags",
    }

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the role with everything it has in one call."""
        optional = {
            "Description": inputs["description"],
            "PermissionsBoundary": inputs["permissionsBoundary"],
            "Tags": tag_list(inputs["tagsAll"]),
        }
        answer = client.create_role(
            RoleName=inputs["name"],
            Path=inputs["path"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            **{key: value for key, value in optional.items() if value},
        )
        return str(answer["Role"]["RoleName"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the role; its tags come with it."""
        found = client.get_role(RoleName=resource_id)["Role"]
        return {
            "arn": found["Arn"],
            "createDate": found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uniqueId": found["RoleId"],
            "name": found["RoleName"],
            "assumeRolePolicy": json.dumps(found["AssumeRolePolicyDocument"]),
            "path": found["Path"],
            "description": found.get("Description") or "",
            "maxSessionDuration": int(found.get("MaxSessionDuration", 3600)),
            "permissionsBoundary": found.get("PermissionsBoundary", {}).get(
                "PermissionsBoundaryArn", ""
            ),
            "tagsAll": tag_map(found.get("Tags", [])),
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Bring trust, description, session length, boundary and tags to the new values."""
        if "assumeRolePolicy" in changed:
            client.update_assume_role_policy(
                RoleName=resource_id, PolicyDocument=new["assumeRolePolicy"]
            )
        if changed & {"description", "maxSessionDuration"}:
            client.update_role(
                RoleName=resource_id,
                Description=new["description"],
                MaxSessionDuration=new["maxSessionDuration"],
            )
        if "permissionsBoundary" in changed:
            _set_boundary(client, resource_id, new["permissionsBoundary"])
        gone, put = tag_changes(old, new)
        if gone:
            client.untag_role(RoleName=resource_id, TagKeys=gone)
        if put:
            client.tag_role(RoleName=resource_id, Tags=tag_list(put))

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Delete the role, and before it, where that was asked for, what others hung on it."""
        if state.get("forceDetachPolicies"):
            attached = client.list_attached_role_policies(RoleName=resource_id)
            for policy in attached["AttachedPolicies"]:
                client.detach_role_policy(RoleName=resource_id, PolicyArn=policy["PolicyArn"])
            for name in client.list_role_policies(RoleName=resource_id)["PolicyNames"]:
                client.delete_role_policy(RoleName=resource_id, PolicyName=name)
        client.delete_role(RoleName=resource_id)


class RolePolicy(Kind):
    """aws:iam/rolePolicy:RolePolicy; the id is `role:policy`, both names."""

    service = "iam"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        **NAMED,
        "role": Input(required=True, replaces=True),
        "policy": Input(required=True, json=True),
    }
    outputs = ()
    not_both = (("name", "namePrefix"),)
    operation = "PutRolePolicy"
    members = {"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"}  # noqa: RUF012 # declared ClassVar by Kind

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Write the policy into the role."""
        client.put_role_policy(
            RoleName=inputs["role"],
            PolicyName=inputs["name"],
            PolicyDocument=inputs["policy"],
        )
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the policy."""
        role, name = resource_id.split(":", 1)
        found = client.get_role_policy(RoleName=role, PolicyName=name)
        return {"role": role, "name": name, "policy": json.dumps(found["PolicyDocument"])}

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],  # noqa: ARG002 # part of the shape
        new: dict[str, Any],
        changed: set[str],  # noqa: ARG002 # only the policy changes in place
    ) -> None:
        """Write the new policy over the old."""
        role, name = resource_id.split(":", 1)
        client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=new["policy"])

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Take the policy out of the role."""
        role, name = resource_id.split(":", 1)
        client.delete_role_policy(RoleName=role, PolicyName=name)


class RolePolicyAttachment(Kind):
    """aws:iam/rolePolicyAttachment:RolePolicyAttachment; the id is `role/ARN`, as for import."""

    service = "iam"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "role": Input(required=True, replaces=True),
        "policyArn": Input(required=True, replaces=True, arn=True),
    }
    outputs = ()
    operation = "AttachRolePolicy"
    members = {"role": "RoleName", "policyArn": "PolicyArn"}  # noqa: RUF012 # declared ClassVar by Kind

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Attach the policy to the role."""
        client.attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}"

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Find the policy among those of the role."""
        role, arn = resource_id.split("/", 1)
        pages = client.get_paginator("list_attached_role_policies").paginate(RoleName=role)
        if not any(each["PolicyArn"] == arn for page in pages for each in page["AttachedPolicies"]):
            raise GoneError(f"the role {role} has no policy {arn}")
        return {"role": role, "policyArn": arn}

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Change nothing: another role or policy is another attachment."""

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:  # noqa: ARG002 # part of the shape
        """Take the policy from the role."""
        role, arn = resource_id.split("/", 1)
        client.detach_role_policy(RoleName=role, PolicyArn=arn)


def _set_boundary(client: Any, role: str, arn: str) -> None:
    if arn:
        client.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    else:
        client.delete_role_permissions_boundary(RoleName=role)
