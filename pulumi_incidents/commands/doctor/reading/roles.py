"""Reads roles: whom each trusts, and whether it has some rights.

IAM itself says so, by its simulator of policies. Where that may not be asked, or depends on what it
was not told, the role's policies are read and evaluated as the local AWS evaluates them, which
knows nothing of policies of an organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.iam.identities import Identity, refusal
from pulumi_incidents.iam.policies import Principal, Request
from pulumi_incidents.iam.requests import of_principal, parts_of

_IAM = "iam"
# Keys of conditions that have several values.
_SEVERAL = ("aws:CalledVia",)


class Right(NamedTuple):
    """An action on a resource, and what is known of a request for it besides."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
    """Keys of conditions with their values, such as `iam:PassedToService`."""


class Refused(NamedTuple):
    """A right that somebody does not have, and why: the end of a sentence."""

    why: str


Answer = Refused | Unseen | None
"""What comes of a right; None if it is there."""


class _OfOrganisation(Unseen):
    """What depends on policies of the organisation, which nobody reads here."""


class Role(NamedTuple):
    """A role that exists."""

    arn: str
    trust: Mapping[str, Any]
    """The policy that says who may take it."""
    rights: Mapping[Right, Answer]
    """What comes of each right that was asked about."""


def read(
    account: Account, arn: str, rights: Iterable[Right], now: datetime, region: str = ""
) -> Role | Unseen | None:
    """Read a role by its ARN; None if it does not exist.

    `region` is where the rights are used: that which is called, unless another one is named.
    """
    found = parts_of(arn)
    if not found or found["account"] != account.id:
        return Unseen(f"{arn} is no role of the account {account.id}, which is looked at.")
    name = arn.rpartition("/")[2]
    answer = account.ask(_IAM, "GetRole", arn, RoleName=name)
    if answer is None or isinstance(answer, Unseen):
        return answer
    role = answer["Role"]
    if role["Arn"] != arn:
        return None  # another path: AWS finds a role by all of its ARN
    where = region or account.region
    wanted = [*dict.fromkeys(rights)]
    contexts = dict.fromkeys(right.context for right in wanted)
    told: dict[Right, Answer] = {}
    for context in contexts:
        alike = [right for right in wanted if right.context == context]
        told |= _simulated(account, arn, alike, where)
    unsure = {right: each for right, each in told.items() if type(each) is Unseen}
    if unsure:
        told |= _evaluated(account, role, unsure, now, where)
    return Role(arn, role["AssumeRolePolicyDocument"], told)


def _simulated(
    account: Account, arn: str, rights: Sequence[Right], region: str
) -> dict[Right, Answer]:
    """Ask IAM about rights with the same context, in one call."""
    entries: Any = [
        {
            "ContextKeyName": key,
            "ContextKeyType": "stringList" if key in _SEVERAL else "string",
            "ContextKeyValues": [value],
        }
        for key, value in (*rights[0].context, ("aws:RequestedRegion", region))
    ]
    results = account.pages(
        _IAM,
        "SimulatePrincipalPolicy",
        "EvaluationResults",
        arn,
        PolicySourceArn=arn,
        ActionNames=[*dict.fromkeys(right.action for right in rights)],
        ResourceArns=[*dict.fromkeys(right.resource for right in rights)],
        ContextEntries=entries,
    )
    if not isinstance(results, list):
        why = results or Unseen(f"{arn} is gone since it was looked at.")
        return dict.fromkeys(rights, why)
    return {right: _decided(right, results) for right in rights}


def _decided(right: Right, results: Iterable[Mapping[str, Any]]) -> Answer:
    """Return what IAM's simulator decided of a right."""
    named = next(filter(None, (_about(right, result) for result in results)), None)
    if named is None:
        return Unseen(f"IAM's simulator says nothing of {right.action} on {right.resource}.")
    result, found = named
    decision = found.get("EvalResourceDecision") or result["EvalDecision"]
    # Even if it is allowed: what denies it may depend on a key that IAM was not told.
    if missing := found.get("MissingContextValues"):
        why = f"Whether {right.action} is allowed depends on {', '.join(missing)}."
        return Unseen(why) if _by_organisation(result) else _OfOrganisation(why)
    return None if decision == "allowed" else Refused(_reason(decision, result, found))


def _by_organisation(result: Mapping[str, Any]) -> bool:
    """Tell whether policies of the organisation allow something, or there are none."""
    detail = result.get("OrganizationsDecisionDetail") or {}
    return bool(detail.get("AllowedByOrganizations", True))


def _about(
    right: Right, result: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return a result and the part of it about a right; None if it is about another one.

    AWS has the resources of an action in one result, or a result for each (*EvaluationResult*).
    """
    if result["EvalActionName"].lower() != right.action.lower():
        return None
    for specific in result.get("ResourceSpecificResults") or ():
        if specific["EvalResourceName"] == right.resource:
            return result, specific
    return (result, result) if result.get("EvalResourceName") == right.resource else None


def _reason(decision: str, result: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if decision == "explicitDeny":
        return "because a statement denies it"
    bound = found.get("PermissionsBoundaryDecisionDetail", {"AllowedByPermissionsBoundary": True})
    if not bound["AllowedByPermissionsBoundary"]:
        return "because its permissions boundary does not allow it"
    if not _by_organisation(result):
        return "because a policy of the organisation does not allow it"
    return "because no policy of it allows it"


def _evaluated(
    account: Account,
    role: Mapping[str, Any],
    unsure: Mapping[Right, Answer],
    now: datetime,
    region: str,
) -> dict[Right, Answer]:
    """Evaluate the role's policies; where they may not be read, nobody knows still."""
    identity = _identity(account, role)
    if identity is None:
        return dict(unsure)

    def answer(right: Right) -> Answer:
        context = {key.lower(): [value] for key, value in right.context}
        asked = Request(identity.principal, right.action, right.resource, context)
        found = refusal(identity, of_principal(asked, region, now))
        if found and found.unclear:
            told = ", ".join(found.unclear)
            return Unseen(
                f"Whether {right.action} is allowed depends on what nobody here knows: {told}."
            )
        return Refused(str(found)) if found else None

    return {right: answer(right) for right in unsure}


def _identity(account: Account, role: Mapping[str, Any]) -> Identity | None:
    """Return a session of a role with all of its policies; None if one of them is not told."""
    arn, name = role["Arn"], role["RoleName"]
    inline = account.pages(_IAM, "ListRolePolicies", "PolicyNames", arn, RoleName=name)
    attached = account.pages(
        _IAM, "ListAttachedRolePolicies", "AttachedPolicies", arn, RoleName=name
    )
    if not isinstance(inline, list) or not isinstance(attached, list):
        return None

    def own(policy: str) -> Any:
        answer = account.ask(_IAM, "GetRolePolicy", arn, RoleName=name, PolicyName=policy)
        return answer["PolicyDocument"] if isinstance(answer, dict) else None

    limit = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    limits = [limit] if limit else []
    owned = account.each(own, inline)
    managed = account.each(
        lambda policy: _managed(account, policy),
        [*(each["PolicyArn"] for each in attached), *limits],
    )
    if None in owned.values() or None in managed.values():
        return None
    policies = [*owned.values(), *(managed[each["PolicyArn"]] for each in attached)]
    boundary = tuple(managed[each] for each in limits) if limits else None
    session = f"arn:{account.partition}:sts::{account.id}:assumed-role/{name}/doctor"
    return Identity(Principal(session, account.id, (arn,)), tuple(policies), boundary)


def _managed(account: Account, arn: str) -> Any:
    answer = account.ask(_IAM, "GetPolicy", arn, PolicyArn=arn)
    if not isinstance(answer, dict):
        return None
    version = answer["Policy"]["DefaultVersionId"]
    found = account.ask(_IAM, "GetPolicyVersion", arn, PolicyArn=arn, VersionId=version)
    return found["PolicyVersion"]["Document"] if isinstance(found, dict) else None
