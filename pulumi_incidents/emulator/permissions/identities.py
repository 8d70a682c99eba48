"""Who a principal is and which policies it has: users and roles of moto's IAM, sessions of its STS.

Follows *Policy evaluation logic* in the IAM user guide: identities, permissions boundaries, session
policies, and the policy of the resource. Policies of an organisation are not evaluated: there is
none here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pulumi_incidents.emulator.permissions.policies import (
    Effect,
    Principal,
    Request,
    Verdict,
    verdict,
)
from pulumi_incidents.emulator.permissions.requests import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from moto.iam.models import IAMBackend, Policy, Role, User

Policies = tuple[str, ...]


class Identity(NamedTuple):
    """A principal of an account with all that says what it may do.

    `boundary` and `session` limit what the policies allow; None is no limit.
    """

    principal: Principal
    policies: Policies
    boundary: Policies | None = None
    session: Policies | None = None


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


def denial(
    identity: Identity, request: Request, resource: Iterable[str | Mapping[str, Any]] = ()
) -> str | None:
    """Return why an identity may not do what it asks for, in AWS's words; None if it may.

    `resource` is the policy of what it asks for, where that has one of the same account.
    """
    own, told = verdict(identity.policies, request), verdict(resource, request)
    kinds = {"resource-based policy": told, "identity-based policy": own}
    for kind, found in kinds.items():
        if found.effect is Effect.DENY:
            return refusal(kind, request, found)
    limits = {"permissions boundary": identity.boundary, "session policy": identity.session}
    for kind, policies in limits.items():
        limit = verdict(policies, request) if policies is not None else Verdict(Effect.ALLOW)
        if limit.effect is not Effect.ALLOW:
            return refusal(kind, request, limit)
    if Effect.ALLOW in (own.effect, told.effect):
        return None
    return refusal("identity-based policy", request, own)


def service_denial(request: Request, kind: str, policies: Iterable[str]) -> str | None:
    """Return why the policy of a resource does not let a service do something; None if it does."""
    told = verdict(policies, request)
    return None if told.effect is Effect.ALLOW else refusal(kind, request, told)


def refusal(kind: str, request: Request, found: Verdict) -> str:
    """Return why policies of a kind do not let a request through, in AWS's words."""
    if found.effect is Effect.DENY:
        article = "an" if kind.startswith("identity") else "a"
        return f"with an explicit deny in {article} {kind}{_unclear(found)}"
    return f"because no {kind} allows the {request.action} action{_unclear(found)}"


def _unclear(found: Verdict) -> str:
    """Return what was not evaluated: it is not taken for allowed."""
    several = dict.fromkeys(found.unclear)
    return f" (the local AWS cannot evaluate {', '.join(several)})" if several else ""


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
