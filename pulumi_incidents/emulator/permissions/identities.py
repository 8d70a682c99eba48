"""Who a principal is and which policies it has: users and roles of moto's IAM, sessions of its STS.

There is no organisation here, so that nobody has policies of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pulumi_incidents.iam.identities import Identity, Policies
from pulumi_incidents.iam.policies import Principal
from pulumi_incidents.iam.requests import parts_of

if TYPE_CHECKING:
    from moto.iam.models import IAMBackend, Policy, Role, User


def of_key(access_key: str, region: str) -> Identity | None:
    """Return who has an access key; None for a key that the local IAM and STS do not know.

    Keys of a user who is root or of nobody are unknown as well: `test`, for example.
    """
    partition = get_partition(region)
    for account, partitions in list(iam_backends.items()):
        key = partitions[partition].access_keys.get(access_key)
        if key and key.user_name:
            return _of_user(partitions[partition].get_user(key.user_name))
        if key:
            session = sts_backends[account][partition].get_assumed_role_from_access_key(access_key)
            role = session and find_role(session.role_arn)
            if session and role:
                limit = (session.policy,) if session.policy else None
                return of_role(role, session.session_name, limit)
    return None


def find_role(arn: str) -> Role | None:
    """Return a role of any account by its ARN; None for whatever else a text may be."""
    found = parts_of(arn)
    if not found or found["service"] != "iam" or found["account"] not in iam_backends:
        return None
    roles = iam_backends[found["account"]][found["partition"]].roles.values()
    return next((role for role in list(roles) if role.arn == arn), None)


def of_role(role: Role, session: str, limit: Policies | None = None) -> Identity:
    """Return the identity of a session of a role."""
    arn = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{session}"
    principal = Principal(arn, role.account_id, (role.arn,))
    return Identity(principal, _attached(role), _boundary(role), limit)


def _of_user(user: User) -> Identity:
    backend: IAMBackend = iam_backends[user.account_id][get_partition(user.region_name)]
    groups = backend.get_groups_for_user(user.name)
    policies = tuple(text for holder in (user, *groups) for text in _attached(holder))
    return Identity(Principal(user.arn, user.account_id), policies)


def _attached(holder: Any) -> Policies:
    """Return the policies of a user, a group or a role: its own, and the managed ones."""
    return (*holder.policies.values(), *map(_document, holder.managed_policies.values()))


def _document(policy: Policy) -> str:
    """Return the text of a managed policy that is in force."""
    return next((version.document for version in policy.versions if version.is_default), "{}")


def _boundary(role: Role) -> Policies | None:
    if not role.permissions_boundary_arn:
        return None
    backend = iam_backends[role.account_id][role.partition]
    policy = backend.managed_policies.get(role.permissions_boundary_arn)
    return (_document(policy),) if policy else ()
