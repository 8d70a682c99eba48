"""Whether policies of resources let Incident Manager in, on behalf of an incident of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.iam.identities import Refusal, service_refusal
from pulumi_incidents.iam.policies import Request
from pulumi_incidents.iam.requests import Behalf, of_service, service

INCIDENTS = "ssm-incidents.amazonaws.com"
CONTACTS = "ssm-contacts.amazonaws.com"
_RECORD = "00000000-0000-0000-0000-000000000000"


class Asked(NamedTuple):
    """What a service of AWS asks for, and what is known of its request besides."""

    service: str
    action: str
    resource: str
    context: Mapping[str, str] = {}
    source: str = ""
    """ARN of what makes it ask, where that is not an incident of the plan."""


def record_of(plan: Plan) -> str:
    """Return the ARN of an incident of a plan, such as any will be."""
    return f"{plan.arn.replace(':response-plan/', ':incident-record/')}/{_RECORD}"


def shut_out(
    facts: Facts, plan: Plan, asked: Asked, kind: str, policy: str | Mapping[str, Any]
) -> Refusal | None:
    """Return why the policy of a resource shuts a service out; None if it lets it in.

    That AWS tells the account and the incident as `aws:SourceAccount` and `aws:SourceArn` is
    documented for roles alone.
    """
    context = {key: [value] for key, value in asked.context.items()}
    request = Request(service(asked.service), asked.action, asked.resource, context)
    behalf = Behalf(facts.account, asked.source or record_of(plan))
    return service_refusal(of_service(request, behalf, facts.now), kind, [policy])


def first(found: Iterable[Refusal | None]) -> Refusal | None:
    """Return the refusal to tell of several: one that is certain, before one that is not."""
    refused = [each for each in found if each]
    return min(refused, key=lambda each: bool(each.unclear), default=None)


def told(refusal: Refusal) -> str:
    """Return a refusal as the end of a sentence about who may not do what."""
    return f"{refusal.request.principal.arn} may not {refusal.request.action}, {refusal}"


def unclear(refusal: Refusal, what: str) -> str:
    """Say that nobody knows whether what a refusal is about holds, and why."""
    return f"Whether {what} depends on what is not known here: {', '.join(refusal.unclear)}."
