"""SimulatePrincipalPolicy, which moto's IAM lacks, by the evaluation of `iam`.

Follows its page in the IAM API reference, *EvaluationResult*, *ResourceSpecificResult*. Only what
the request says is known of the context. What could not be evaluated is not allowed, and its key is
among the missing ones. Where a statement begins and ends is not told. That a decision about
several resources is the most restrictive of theirs is unverified, as is what a policy is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from moto.core.responses import ActionResult
from moto.iam.exceptions import IAMException, NotFoundException
from moto.iam.responses import IamResponse

from pulumi_incidents.emulator.permissions import identities
from pulumi_incidents.iam import conditions
from pulumi_incidents.iam.identities import Policies
from pulumi_incidents.iam.policies import (
    ANYTHING,
    Effect,
    Principal,
    Request,
    concerns,
    statements,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pulumi_incidents.emulator.permissions.identities import Source

_PAGE = 100
# The most restrictive first.
_DECISIONS = ("explicitDeny", "implicitDeny", "allowed")
_EFFECTS = {Effect.DENY: "explicitDeny", Effect.ALLOW: "allowed"}
_NOT_HERE = (
    *("CallerArn", "PolicyExclusionList", "ResourceHandlingOption"),
    *("ResourceOwner", "ResourcePolicy"),
)


class InvalidInput(IAMException):
    """Something that is asked for cannot be simulated."""

    code = "InvalidInput"


class _Simulated(NamedTuple):
    """Whose policies are tried, and what is known of their requests."""

    principal: Principal
    sources: list[Source]
    boundary: Policies | None
    context: conditions.Context


def connect() -> None:
    """Let IAM simulate from now on; a second time changes nothing."""
    IamResponse.simulate_principal_policy = _simulate  # type: ignore[attr-defined]


def _simulate(handler: Any) -> ActionResult:
    asked = {name: handler._get_param(name) for name in _NOT_HERE}  # noqa: SLF001 - as moto's own do
    if given := [name for name, value in asked.items() if value]:
        raise NotImplementedError(f"the simulation with {', '.join(given)}")
    simulated = _read(handler)
    actions = handler._get_param("ActionNames", [])  # noqa: SLF001
    if wrong := [name for name in actions if ":" not in name]:
        raise InvalidInput(f"Invalid Action Name: {wrong[0]}")
    resources = handler._get_param("ResourceArns") or [ANYTHING]  # noqa: SLF001
    start = int(handler._get_param("Marker") or 0)  # noqa: SLF001
    end = start + (handler._get_int_param("MaxItems") or _PAGE)  # noqa: SLF001
    found = [_action_result(simulated, action, resources) for action in actions[start:end]]
    more = {"Marker": str(end)} if end < len(actions) else {}
    return ActionResult({"EvaluationResults": found, "IsTruncated": bool(more), **more})


def _read(handler: Any) -> _Simulated:
    arn = handler._get_param("PolicySourceArn")  # noqa: SLF001
    holder = identities.holder(arn)
    if holder is None:
        raise NotFoundException(f"The entity {arn} cannot be found.")
    more = handler._get_param("PolicyInputList") or []  # noqa: SLF001
    added = [
        identities.Source(f"PolicyInputList.{number}", "none", text)
        for number, text in enumerate(more, 1)
    ]
    limits = handler._get_param("PermissionsBoundaryPolicyInputList")  # noqa: SLF001
    entries = handler._get_param("ContextEntries") or []  # noqa: SLF001
    return _Simulated(
        Principal(arn, handler.current_account),
        [*identities.sources(holder), *added],
        tuple(limits) if limits else identities.boundary(holder),
        {entry["ContextKeyName"].lower(): entry["ContextKeyValues"] for entry in entries},
    )


def _action_result(simulated: _Simulated, action: str, resources: list[str]) -> dict[str, Any]:
    each = [_result(simulated, action, resource) for resource in resources]
    result = {
        "EvalActionName": action,
        "EvalResourceName": ANYTHING,
        "EvalDecision": min((one["decision"] for one in each), key=_DECISIONS.index),
        "MatchedStatements": _different(each, "MatchedStatements"),
        "MissingContextValues": _different(each, "MissingContextValues"),
    }
    bounds = [one["bound"] for one in each if one["bound"] is not None]
    if bounds:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": all(bounds)}
    if resources != [ANYTHING]:
        result["ResourceSpecificResults"] = [
            _specific(resource, one) for resource, one in zip(resources, each, strict=True)
        ]
    return result


def _different(each: Iterable[dict[str, Any]], member: str) -> list[Any]:
    found: list[Any] = []
    for value in (value for one in each for value in one[member]):
        if value not in found:
            found.append(value)
    return found


def _specific(resource: str, one: dict[str, Any]) -> dict[str, Any]:
    bound = one["bound"]
    return {
        "EvalResourceName": resource,
        "EvalResourceDecision": one["decision"],
        "MatchedStatements": one["MatchedStatements"],
        "MissingContextValues": one["MissingContextValues"],
        **(
            {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": bound}}
            if bound is not None
            else {}
        ),
    }


def _result(simulated: _Simulated, action: str, resource: str) -> dict[str, Any]:
    """Return what policies and boundary say of one action on one resource."""
    request = Request(simulated.principal, action, resource, simulated.context)
    texts = [source.text for source in simulated.sources]
    own = verdict(texts, request).effect
    limits = simulated.boundary
    limit = verdict(limits, request).effect if limits is not None else Effect.ALLOW
    effects = {own, limit}
    decisive = next((each for each in (Effect.DENY, Effect.NOTHING) if each in effects), own)
    return {
        "decision": _EFFECTS.get(decisive, "implicitDeny"),
        "bound": None if limits is None else limit is Effect.ALLOW,
        "MatchedStatements": [*_matched(simulated.sources, request, own)],
        "MissingContextValues": [*dict.fromkeys(_missing((*texts, *(limits or ())), request))],
    }


def _matched(sources: list[Source], request: Request, effect: Effect) -> Iterator[dict[str, str]]:
    """Find the statements that decide what the policies say: all that deny, or all that allow."""
    for source in sources:
        for statement in statements([source.text]):
            policy = {"Version": statement["Version"], "Statement": [statement]}
            said = verdict([policy], request).effect
            if said is effect is not Effect.NOTHING:
                yield {"SourcePolicyId": source.name, "SourcePolicyType": source.kind}


def _missing(policies: Policies, request: Request) -> Iterator[str]:
    """Find the keys that conditions of statements about the request ask for, and nobody gave."""
    for statement in statements(policies):
        if concerns(statement, request):
            for key in (key for keys in statement.get("Condition", {}).values() for key in keys):
                if key.lower() not in request.context:
                    yield key
