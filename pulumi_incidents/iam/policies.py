"""What policies say of a request: allowed, denied, or nothing.

Follows *Policy evaluation logic* and *IAM JSON policy element reference* in the IAM user guide.
Pure: whoever asks has read the policies.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pulumi_incidents.iam.conditions import (
    CannotEvaluate,
    Context,
    every,
    met,
    substituted,
)
from pulumi_incidents.iam.wildcards import like, resource_like

ANYTHING = "*"
"""A resource of which only AWS knows the ARN: what allows it has to be about everything."""


@dataclass(frozen=True)
class Principal:
    """Who asks: a user, a session of a role, or a service of AWS.

    `names` are what a policy may call it, besides its account: the ARNs of a session and its role.
    """

    arn: str
    account: str
    names: tuple[str, ...] = ()
    is_service: bool = False


@dataclass(frozen=True)
class Request:
    """What somebody asks for: an action on a resource, and what else is known of it."""

    principal: Principal
    action: str
    resource: str = ANYTHING
    context: Context = field(default_factory=dict)


class Effect(enum.Enum):
    """What policies say, the strongest first."""

    DENY = "an explicit deny"
    ALLOW = "allow"
    DELEGATE = "the account may allow it"
    NOTHING = "nothing"


class Verdict(NamedTuple):
    """What policies say, and what of them could not be evaluated, where that may matter."""

    effect: Effect
    unclear: tuple[str, ...] = ()


def verdict(policies: Iterable[str | Mapping[str, Any]], request: Request) -> Verdict:
    """Return what some policies say of a request together: a deny wins, then an allow.

    What cannot be evaluated allows nothing, and denies what the rest of its statement denies.
    """
    certain: set[Effect] = set()
    unclear: dict[Effect, list[str]] = {}
    for statement in statements(policies):
        try:
            certain.add(_effect(statement, request))
        except CannotEvaluate as reason:  # noqa: PERF203 - the next one may decide
            effect = Effect.NOTHING if statement.get("Effect") == "Allow" else Effect.DENY
            sid = statement.get("Sid")
            told = f"{reason} of statement {sid}" if sid else str(reason)
            unclear.setdefault(effect, []).append(told)
    if Effect.DENY in certain:
        return Verdict(Effect.DENY)
    if reasons := unclear.get(Effect.DENY):
        return Verdict(Effect.DENY, tuple(reasons))
    strongest = next((each for each in Effect if each in certain), Effect.NOTHING)
    may_allow = () if strongest is Effect.ALLOW else unclear.get(Effect.NOTHING, ())
    return Verdict(strongest, tuple(may_allow))


def statements(policies: Iterable[str | Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Return the statements of some policies, given as text or as the maps that they are.

    Each has the Version of its policy besides. What is no policy has one that is about anything.
    """
    for policy in policies:
        document = _read(policy) if isinstance(policy, str) else policy
        for statement in _several(document.get("Statement", ())):
            told = statement if isinstance(statement, Mapping) else {}
            yield {**told, "Version": document.get("Version")}


def _read(policy: str) -> Mapping[str, Any]:
    try:
        document = json.loads(policy)
    except ValueError:
        document = None
    return document if isinstance(document, Mapping) else {"Statement": [{}]}


def concerns(statement: Mapping[str, Any], request: Request) -> bool:
    """Tell whether a statement is about what is asked for, or may be, whatever its conditions."""
    try:
        return _is_of(statement, "Action", request.action, _same_action) and _is_about(
            statement, request
        )
    except CannotEvaluate:
        return True


def _effect(statement: Mapping[str, Any], request: Request) -> Effect:
    """Return what one statement says.

    :raises CannotEvaluate: if that depends on something which is not known here.
    """
    if not _is_of(statement, "Action", request.action, _same_action):
        return Effect.NOTHING
    conditions = statement.get("Condition", {})
    applies = every(
        (
            lambda: _named(statement, request.principal) is not Effect.NOTHING,
            lambda: _is_about(statement, request),
            lambda: met(conditions, request.context, has_variables=_has_variables(statement)),
        )
    )
    if not applies:
        return Effect.NOTHING
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise CannotEvaluate(f"the effect {statement.get('Effect')}")
    return Effect.DENY if statement["Effect"] == "Deny" else _named(statement, request.principal)


def _has_variables(statement: Mapping[str, Any]) -> bool:
    """Tell whether `${` begins a variable: not in policies of an older version, or of none."""
    return bool(statement.get("Version") == "2012-10-17")


def _is_about(statement: Mapping[str, Any], request: Request) -> bool:
    if "Resource" not in statement and "NotResource" not in statement:
        return True  # the policy of a role or a key is about what it is attached to
    if ANYTHING in _several(statement.get("Resource", ())):
        return True
    if request.resource == ANYTHING:
        raise CannotEvaluate(f"the ARN of what {request.action} is about")

    def same(actual: str, expected: str) -> bool:
        if not _has_variables(statement):
            return resource_like(actual, expected)
        # "You can't use a variable to replace parts of the ARN before the fifth colon."
        if any("${" in part for part in expected.split(":")[:5]):
            raise CannotEvaluate(f"the variable in {expected}")
        return resource_like(actual, substituted(expected, request.context))

    return _is_of(statement, "Resource", request.resource, same)


def _is_of(statement: Mapping[str, Any], element: str, actual: str, same: Any) -> bool:
    """Tell whether a value is among those of an element, or not among those of its negation.

    :raises CannotEvaluate: if there is neither.
    """
    if element in statement:
        return any(same(actual, expected) for expected in _several(statement[element]))
    if f"Not{element}" not in statement:
        raise CannotEvaluate(f"a statement without {element}")
    return not any(same(actual, expected) for expected in _several(statement[f"Not{element}"]))


def _same_action(actual: str, expected: str) -> bool:
    return like(actual.lower(), expected.lower())


def _named(statement: Mapping[str, Any], principal: Principal) -> Effect:
    """Tell whether a statement is for a principal: itself, or the account that it is of.

    Naming an account lets the account's own policies decide (*AWS JSON policy elements:
    Principal*). An identity's policy names nobody.
    """
    if "NotPrincipal" in statement:
        raise CannotEvaluate("NotPrincipal")
    if "Principal" not in statement or statement["Principal"] == "*":
        return Effect.ALLOW
    named = statement["Principal"]
    if not isinstance(named, Mapping):
        raise CannotEvaluate(f"the principal {named}")
    if principal.is_service:
        services = [*_several(named.get("Service", ())), *_several(named.get("AWS", ()))]
        known = any(name in ("*", principal.arn) for name in services)
        return Effect.ALLOW if known else Effect.NOTHING
    ours = _several(named.get("AWS", ()))
    if any(name in ("*", principal.arn, *principal.names) for name in ours):
        return Effect.ALLOW
    root = re.compile(rf"(arn:[a-z-]+:iam::)?{principal.account}(:root)?")
    return Effect.DELEGATE if any(root.fullmatch(name) for name in ours) else Effect.NOTHING


def _several(value: Any) -> list[Any]:
    """Return what may be given once or as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
