"""Checks of the roles of runbooks: who may take them, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.checking import _letting_in
from pulumi_incidents.commands.doctor.checking._letting_in import INCIDENTS, Asked
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.roles import Refused, Right, Role
from pulumi_incidents.commands.doctor.reading.runbooks import (
    ELSEWHERE,
    SYSTEMS_MANAGER,
    Runbook,
)
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_TAKE, _TRUST = "sts:AssumeRole", "role trust policy"


def _trusted(facts: Facts) -> Iterator[Result]:
    """Whether the role of each runbook exists, and trusts Incident Manager for its plan.

    Looked at is the role that the plan names, by `iam:GetRole`; its trust policy is evaluated here,
    for an incident of this plan. AWS takes a plan whatever its role is. The statement that the
    Incident Manager user guide has (*Runbook service role permissions*, *Cross-service confused
    deputy prevention*) lets in incidents of one plan, and not those of a drill under another name:

    ```json
    {
      "Effect": "Allow",
      "Principal": {"Service": "ssm-incidents.amazonaws.com"},
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ssm-incidents:*:123456789012:incident-record/PLAN/*"}
      }
    }
    ```

    A role of another account cannot be looked at, and AWS does not take one.
    """
    for plan, runbook in _runbooks(facts):
        role = runbook.role
        named = f"The role {runbook.role_arn} of the runbook"
        if isinstance(role, Unseen):
            yield NotSeen(plan.arn, role.why)
        elif role is None:
            mend = "Make it again, or give the plan another role."
            yield Finding(plan.arn, f"{named} does not exist.", mend)
        else:
            yield _trust(facts, plan, role, named)


def _trust(facts: Facts, plan: Plan, role: Role, named: str) -> Result:
    asked = Asked(INCIDENTS, _TAKE, role.arn)
    refused = _letting_in.shut_out(facts, plan, asked, _TRUST, role.trust)
    if refused is None:
        return Fine(plan.arn)
    if refused.unclear:
        return NotSeen(plan.arn, _letting_in.unclear(refused, f"{INCIDENTS} may take {role.arn}"))
    records = f"arn:{facts.partition}:ssm-incidents:*:{facts.account}:incident-record"
    return Finding(
        plan.arn,
        f"{named} does not trust Incident Manager: {_letting_in.told(refused)}.",
        f"Let the service {INCIDENTS} {_TAKE} in its trust policy, with StringEquals "
        f"aws:SourceAccount {facts.account} and ArnLike aws:SourceArn {records}/{plan.name}/*.",
    )


def _starts(facts: Facts) -> Iterator[Result]:
    """Whether the role of each runbook may start it.

    Looked at is whether the role is allowed `ssm:StartAutomationExecution` on the document and on
    the execution that it makes, which the Service Authorization Reference both requires. IAM says
    so, by `iam:SimulatePrincipalPolicy`, policies of the organisation included. Where that may not
    be called, or depends on what it was not told, the role's policies are read and evaluated here,
    its permissions boundary included and those of the organisation not: `iam:ListRolePolicies`,
    `iam:GetRolePolicy`, `iam:ListAttachedRolePolicies`, `iam:GetPolicy`, `iam:GetPolicyVersion`.

    AWS's own pages disagree: older ones name `automation-definition/NAME:*` instead of both. A
    `Runbook` of the program allows all three.

    *Unverified*: whether what older pages say is still enough.
    """
    for plan, runbook in _runbooks(facts):
        if isinstance(runbook.role, Unseen):
            yield NotSeen(plan.arn, runbook.role.why)
        elif runbook.role is not None:
            document = runbook.starts[0].resource
            mend = (
                f"Let the role ssm:StartAutomationExecution on {document} and {runbook.executions}."
            )
            yield _allowed(plan, runbook.role, runbook.starts, mend)


def _allowed(plan: Plan, role: Role, rights: Sequence[Right], mend: str) -> Result:
    """Tell whether a role has all of some rights; what is certain before what nobody knows."""
    for right in rights:
        answer = role.rights[right]
        if isinstance(answer, Refused):
            seen = f"The role {role.arn} may not {right.action} on {right.resource}, {answer.why}."
            return Finding(plan.arn, seen, mend)
    unseen = [found for right in rights if isinstance(found := role.rights[right], Unseen)]
    return NotSeen(plan.arn, unseen[0].why) if unseen else Fine(plan.arn)


def _assumes(facts: Facts) -> Iterator[Result]:
    """Whether the role that a document assumes is there, trusts Systems Manager and may be passed.

    Looked at is `assumeRole` of the document (`ssm:GetDocument`), or the parameter that it names,
    as the plan gives it. That role has to exist and to trust `ssm.amazonaws.com` (`iam:GetRole`),
    and the role of the runbook needs `iam:PassRole` on it, to that service: IAM says so by
    `iam:SimulatePrincipalPolicy`, or its policies, as for *runbook-starts*. A document that assumes
    no role runs as the role of the runbook, and there is nothing to look at.

    Whether the steps of the document may do what they do is not looked at.
    """
    for plan, runbook in _runbooks(facts):
        if isinstance(runbook.document, Unseen):
            yield NotSeen(plan.arn, runbook.document.why)
        elif runbook.assumed and isinstance(runbook.role, Unseen):
            yield NotSeen(plan.arn, runbook.role.why)
        elif runbook.assumed and isinstance(runbook.role, Role):
            yield _assumed(facts, plan, runbook, runbook.role)


def _assumed(facts: Facts, plan: Plan, runbook: Runbook, passing: Role) -> Result:
    role, named = runbook.assumed_role, f"The role {runbook.assumed}, which {runbook.name} assumes,"
    if isinstance(role, Unseen):
        return NotSeen(plan.arn, role.why)
    if role is None:
        mend = "Make it again, or let the document assume another role."
        return Finding(plan.arn, f"{named} does not exist.", mend)
    asked = Asked(SYSTEMS_MANAGER, _TAKE, role.arn, source=runbook.execution)
    refused = _letting_in.shut_out(facts, plan, asked, _TRUST, role.trust)
    if refused and not refused.unclear:
        seen = f"{named} does not trust Systems Manager: {_letting_in.told(refused)}."
        mend = (
            f"Let the service {SYSTEMS_MANAGER} {_TAKE} in its trust policy, and let its "
            f"conditions hold for aws:SourceAccount {facts.account} and aws:SourceArn "
            f"{runbook.executions}."
        )
        return Finding(plan.arn, seen, mend)
    mend = (
        f"Let {passing.arn} iam:PassRole on {role.arn}, with StringEquals "
        f"iam:PassedToService {SYSTEMS_MANAGER}."
    )
    found = _allowed(plan, passing, (runbook.passes,), mend)
    if refused and isinstance(found, Fine):
        what = f"{SYSTEMS_MANAGER} may take {role.arn}"
        return NotSeen(plan.arn, _letting_in.unclear(refused, what))
    return found


def _elsewhere(facts: Facts) -> Iterator[Result]:
    """Whether a runbook that runs in the impacted account may get there.

    Looked at are runbooks whose target is IMPACTED_ACCOUNT: whether their role is allowed
    `sts:AssumeRole` on `AWS-SystemsManager-AutomationExecutionRole`, by way of Systems Manager, in
    its own account, as `iam:SimulatePrincipalPolicy` or the role's policies say. Allow it for that
    name in each account that may be impacted, or in `*`.

    Which account that will be only an incident says, so that neither the role there is looked at,
    whose trust has to name the role of the runbook, nor whether the document is shared with it.
    """
    for plan, runbook in _runbooks(facts):
        if not runbook.is_elsewhere:
            continue
        if isinstance(runbook.role, Unseen):
            yield NotSeen(plan.arn, runbook.role.why)
        elif runbook.role is not None:
            anywhere = f"arn:{facts.partition}:iam::*:role/{ELSEWHERE}"
            mend = (
                f"Let the role {_TAKE} on {anywhere}, with StringEquals aws:CalledViaLast "
                f"{SYSTEMS_MANAGER}."
            )
            yield _allowed(plan, runbook.role, (runbook.crosses,), mend)


def _runbooks(facts: Facts) -> Iterator[tuple[Plan, Runbook]]:
    for plan in facts.plans:
        if plan.arn in facts.runbooks:
            yield plan, facts.runbooks[plan.arn]


CHECKS = (
    Check(
        "runbook-trust",
        Level.ERROR,
        "Roles of runbooks exist and trust Incident Manager",
        "AWS takes a plan whatever its role is, and an incident whose role is shut runs nothing.",
        _trusted,
    ),
    Check(
        "runbook-starts",
        Level.ERROR,
        "Roles of runbooks may start them",
        "What its role may not start does not run, and only the timeline of the incident says so.",
        _starts,
    ),
    Check(
        "runbook-assumes",
        Level.ERROR,
        "Roles that documents assume may be passed and taken",
        "A runbook that cannot take its role fails with its first step.",
        _assumes,
    ),
    Check(
        "runbook-elsewhere",
        Level.WARNING,
        "Runbooks for impacted accounts may get there",
        "One that may not take the role over there does nothing where the trouble is.",
        _elsewhere,
    ),
)
