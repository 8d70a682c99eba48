"""Checks of the roles with which rules of EventBridge start response plans."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands.doctor.checking.rules import looked_at, unseen
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.roles import Refused, Role
from pulumi_incidents.commands.doctor.reading.rule_roles import rights
from pulumi_incidents.commands.doctor.reading.rules import Rule, Target
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result
from pulumi_incidents.iam.identities import service_refusal
from pulumi_incidents.iam.policies import Request
from pulumi_incidents.iam.requests import Behalf, of_service, service

_EVENTS = "events.amazonaws.com"
_TAKE = "sts:AssumeRole"


def _trusted(facts: Facts) -> Iterator[Result]:
    """Whether each rule has a role that exists and trusts EventBridge.

    Looked at are the response plans among the targets of the rules of `rule-enabled`, and the role
    of each, by `iam:GetRole`; its trust policy is evaluated here, for this rule. EventBridge starts
    a plan with a role alone, and makes the rule without one all the same.

    Give the target a role whose trust policy lets the service `events.amazonaws.com` do
    `sts:AssumeRole`; an `EventTrigger` makes one. A role of another account cannot be looked at.
    """
    for rule in looked_at(facts):
        for target in rule.targets:
            yield _trust(facts, rule, target)
    yield from unseen(facts)


def _trust(facts: Facts, rule: Rule, target: Target) -> Result:
    plans = (target.plan,)
    if isinstance(target.role, Unseen):
        return NotSeen(rule.arn, target.role.why, plans)
    named = f"the rule {rule.name} starts {target.plan}"
    if not target.role_arn:
        seen = f"The rule {rule.name} has no role to start {target.plan} with."
        mend = "Give the target a `RoleArn` with `aws events put-targets`; an `EventTrigger` does."
        return Finding(rule.arn, seen, mend, plans=plans)
    if target.role is None:
        seen = f"The role {target.role_arn}, with which {named}, does not exist."
        mend = "Make it again, or give the target another one with `aws events put-targets`."
        return Finding(rule.arn, seen, mend, plans=plans)
    asked = Request(service(_EVENTS), _TAKE, target.role_arn)
    request = of_service(asked, Behalf(facts.account, rule.arn), facts.now)
    refused = service_refusal(request, "role trust policy", [target.role.trust])
    if refused is None:
        return Fine(rule.arn, plans)
    if refused.unclear:
        told = ", ".join(refused.unclear)
        why = f"Whether {target.role_arn} trusts EventBridge depends on what is not known here: "
        return NotSeen(rule.arn, f"{why}{told}.", plans)
    return Finding(
        rule.arn,
        f"The role {target.role_arn}, with which {named}, does not trust EventBridge: {_EVENTS} "
        f"may not {_TAKE}, {refused}.",
        f"Let the service {_EVENTS} {_TAKE} in its trust policy, and let its conditions hold for "
        f"aws:SourceAccount {facts.account} and aws:SourceArn {rule.arn}.",
        plans=plans,
    )


def _starts(facts: Facts) -> Iterator[Result]:
    """Whether the role of each rule may start its response plan, and engage whom that engages.

    Looked at is whether the role is allowed `ssm-incidents:StartIncident` on the plan and, by way
    of Incident Manager, `ssm-contacts:StartEngagement` on each contact of the plan and
    `ssm:CreateOpsItem`: Incident Manager does both with the rights of whoever starts.
    IAM says so, by `iam:SimulatePrincipalPolicy`, for the region of the rule; where that may not be
    called, or depends on what it was not told, the role's policies are read and evaluated here:
    `iam:ListRolePolicies`, `iam:GetRolePolicy`, `iam:ListAttachedRolePolicies`, `iam:GetPolicy`,
    `iam:GetPolicyVersion`.

    Allow what is said, for example with the policy of an `EventTrigger`.

    *Unverified*: that the role of a rule needs the last two, and that a start fails without.
    """
    for rule in looked_at(facts):
        for target in rule.targets:
            if isinstance(target.role, Unseen):
                yield NotSeen(rule.arn, target.role.why, (target.plan,))
            elif target.role is not None:
                yield _allowed(facts, rule, target, target.role)
    yield from unseen(facts)


def _allowed(facts: Facts, rule: Rule, target: Target, role: Role) -> Result:
    """Tell whether a role has all rights; what is certain before what nobody knows."""
    answers = {right: role.rights[right] for right in rights(facts, target.plan)}
    for right, answer in answers.items():
        if isinstance(answer, Refused):
            via = " by way of Incident Manager" if right.context else ""
            return Finding(
                rule.arn,
                f"The role {role.arn}, with which the rule {rule.name} starts {target.plan}, may "
                f"not {right.action} on {right.resource}{via}, {answer.why}.",
                f"Let the role {right.action} on {right.resource}{via}.",
                plans=(target.plan,),
            )
    unclear = [each for each in answers.values() if isinstance(each, Unseen)]
    if unread := facts.lost.get(target.plan):
        unclear.append(unread)  # whom it engages nobody knows
    if unclear:
        return NotSeen(rule.arn, unclear[0].why, (target.plan,))
    return Fine(rule.arn, (target.plan,))


CHECKS = (
    Check(
        "rule-trust",
        Level.ERROR,
        "Rules that start a response plan have a role that trusts EventBridge",
        "A rule that cannot take its role starts nothing, and tells nobody.",
        _trusted,
    ),
    Check(
        "rule-starts",
        Level.ERROR,
        "Roles of rules may start their response plan and engage its people",
        "What its role may not do the rule does not, and only metrics of EventBridge say so.",
        _starts,
    ),
)
