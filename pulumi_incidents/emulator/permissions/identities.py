"""Who a principal is and which policies it has: users and roles of moto's IAM, sessions of its STS.

There is no organisation here, so that nobody has policies of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from moto.iam.models import Role, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pulumi_incidents.iam.identities import Identity, Policies
from pulumi_incidents.iam.policies import Principal
from pulumi_incidents.iam.requests import parts_of

if TYPE_CHECKING:
    from moto.iam.models import Group, IAMBackend, ManagedPolicy, User


class Source(NamedTuple):
    """A policy of somebody: its name, what AWS calls its kind, and its text."""

    name: str
    kind: str
    text: str


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
    found = holder(arn)
    return found if isinstance(found, Role) else None


def of_role(role: Role, session: str, limit: Policies | None = None) -> Identity:
    """Return the identity of a session of a role."""
    arn = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{session}"
    principal = Principal(arn, role.account_id, (role.arn,))
    return Identity(principal, _texts(role), boundary(role), limit)


def holder(arn: str) -> User | Group | Role | None:
    """Return a user, a group or a role of any account by its ARN; None for whatever else."""
    found = parts_of(arn)
    if not found or found["service"] != "iam" or found["account"] not in iam_backends:
        return None
    backend = iam_backends[found["account"]][found["partition"]]
    every: list[User | Group | Role] = [*backend.users.values(), *backend.groups.values()]
    every += backend.roles.values()
    return next((each for each in every if each.arn == arn), None)


def sources(of: User | Group | Role) -> list[Source]:
    """Return the policies of somebody: their own, the managed ones, and those of their groups."""
    kind = type(of).__name__.lower()
    inline = [Source(name, kind, text) for name, text in of.policies.items()]
    managed = [_managed(policy) for policy in of.managed_policies.values()]
    groups = _backend(of).get_groups_for_user(of.name) if kind == "user" else []
    return [*inline, *managed, *(source for group in groups for source in sources(group))]


def boundary(of: User | Group | Role) -> Policies | None:
    """Return the policy that limits a role; moto has no such limits of users."""
    arn = getattr(of, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = _backend(of).managed_policies.get(arn)
    return (_document(policy),) if policy else ()


def _of_user(user: User) -> Identity:
    return Identity(Principal(user.arn, user.account_id), _texts(user))


def _texts(of: User | Role) -> Policies:
    return tuple(source.text for source in sources(of))


def _managed(policy: ManagedPolicy) -> Source:
    kind = "aws-managed" if policy.arn.split(":")[4] == "aws" else "user-managed"
    return Source(policy.name, kind, _document(policy))


def _document(policy: ManagedPolicy) -> str:
    """Return the text of a managed policy that is in force."""
    return next((version.document for version in policy.versions if version.is_default), "{}")


def _backend(of: User | Group | Role) -> IAMBackend:
    partition = of.arn.split(":")[1]
    return iam_backends[of.account_id][partition]
