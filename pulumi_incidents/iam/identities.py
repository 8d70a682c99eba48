"""What somebody with several kinds of policies may do, and what a resource lets a service do.

Follows *Policy evaluation logic* in the IAM user guide: identities, permissions boundaries, session
policies, and the policy of the resource. Policies of an organisation are not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pulumi_incidents.iam.policies import Effect, Principal, Request, Verdict, verdict

Policies = tuple[str | Mapping[str, Any], ...]
"""Each as text, or as the map that it is."""
_OWN = "identity-based policy"


class Identity(NamedTuple):
    """A principal of an account with all that says what it may do.

    `boundary` and `session` limit what the policies allow; None is no limit.
    """

    principal: Principal
    policies: Policies
    boundary: Policies | None = None
    session: Policies | None = None


class Refusal(NamedTuple):
    """Why policies of a kind do not let a request through; `str()` says it in AWS's words."""

    kind: str
    request: Request
    found: Verdict

    @property
    def unclear(self) -> tuple[str, ...]:
        """What was not evaluated, so that AWS may let it through after all."""
        return tuple(dict.fromkeys(self.found.unclear))

    def __str__(self) -> str:
        unclear = f" (not evaluated: {', '.join(self.unclear)})" if self.unclear else ""
        if self.found.effect is Effect.DENY:
            article = "an" if self.kind == _OWN else "a"
            return f"with an explicit deny in {article} {self.kind}{unclear}"
        return f"because no {self.kind} allows the {self.request.action} action{unclear}"


def refusal(
    identity: Identity, request: Request, resource: Iterable[str | Mapping[str, Any]] = ()
) -> Refusal | None:
    """Return why an identity may not do what it asks for; None if it may.

    `resource` is the policy of what it asks for, where that has one of the same account. What is
    certain is told before what could not be evaluated.
    """
    found = [*_refusals(identity, request, resource)]
    certain = (each for each in found if not each.unclear)
    return next(certain, found[0] if found else None)


def _refusals(
    identity: Identity, request: Request, resource: Iterable[str | Mapping[str, Any]]
) -> Iterator[Refusal]:
    own, told = verdict(identity.policies, request), verdict(resource, request)
    for kind, found in {"resource-based policy": told, _OWN: own}.items():
        if found.effect is Effect.DENY:
            yield Refusal(kind, request, found)
    limits = {"permissions boundary": identity.boundary, "session policy": identity.session}
    for kind, policies in limits.items():
        limit = verdict(policies, request) if policies is not None else Verdict(Effect.ALLOW)
        if limit.effect is not Effect.ALLOW:
            yield Refusal(kind, request, limit)
    if Effect.ALLOW not in (own.effect, told.effect):
        yield Refusal(_OWN, request, Verdict(own.effect, (*own.unclear, *told.unclear)))


def service_refusal(
    request: Request, kind: str, policies: Iterable[str | Mapping[str, Any]]
) -> Refusal | None:
    """Return why the policy of a resource does not let a service do something; None if it does."""
    told = verdict(policies, request)
    return None if told.effect is Effect.ALLOW else Refusal(kind, request, told)
