"""Reads runbooks of plans: the document of each, and the roles that it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen
from pulumi_incidents.commands._plans import Plan
from pulumi_incidents.commands.doctor.reading import roles
from pulumi_incidents.commands.doctor.reading.roles import Right, Role
from pulumi_incidents.commands.doctor.scope import Scope

SYSTEMS_MANAGER = "ssm.amazonaws.com"
ELSEWHERE = "AWS-SystemsManager-AutomationExecutionRole"
"""The role that Systems Manager takes in an impacted account, by the name that AWS gives it."""
_SSM = "ssm"
_START = "ssm:StartAutomationExecution"
# Any execution, such as it will be.
_EXECUTION = "automation-execution/00000000-0000-0000-0000-000000000000"
_ARN = re.compile(r"arn:[a-z-]+:ssm:([a-z0-9-]+):(?:\d{12})?:document/.+")
# AWS's own documents belong to no account (CreateDocument, *Name*).
_OF_AWS = re.compile(r"aws|amazon|amzn", re.IGNORECASE)
# A parameter, or what Systems Manager knows of each execution (*Automation system variables*).
_VARIABLE = re.compile(r"\{\{\s*([\w:]+)\s*\}\}")


class Document(NamedTuple):
    """A document that exists, in the version that is to run."""

    type: str
    """Such as Automation, or Command, which Incident Manager does not run."""
    status: str
    """Such as Active."""
    content: Mapping[str, Any]


class NoVersion(NamedTuple):
    """A document that exists, and not in the version that is to run."""

    version: str


class Runbook(NamedTuple):
    """The runbook of a plan."""

    name: str
    """The document, by its name or its ARN."""
    action: Mapping[str, Any]
    """What the plan says, as GetResponsePlan answers it (*SsmAutomation*)."""
    document: Document | NoVersion | Unseen | None
    starts: tuple[Right, Right]
    """What its role has to be allowed for it to start: on the document, and on the execution."""
    role: Role | Unseen | None
    assumed: str = ""
    """ARN of the role that the document assumes; empty if it runs as the role of the runbook."""
    assumed_role: Role | Unseen | None = None

    @property
    def execution(self) -> str:
        """ARN of an execution, such as any will be."""
        return self.starts[1].resource

    @property
    def executions(self) -> str:
        """ARN of any execution, as policies have it."""
        return f"{self.execution.rpartition('/')[0]}/*"

    @property
    def passes(self) -> Right:
        """What lets the role of the runbook hand over the one that the document assumes."""
        return _passing(self.assumed)

    @property
    def crosses(self) -> Right:
        """What lets the role of the runbook take that of Systems Manager in its own account."""
        partition, account = self.role_arn.split(":")[1], self.role_arn.split(":")[4]
        via = (("aws:CalledVia", SYSTEMS_MANAGER), ("aws:CalledViaLast", SYSTEMS_MANAGER))
        return Right("sts:AssumeRole", f"arn:{partition}:iam::{account}:role/{ELSEWHERE}", via)

    @property
    def role_arn(self) -> str:
        """ARN of the role that it runs with."""
        return str(self.action["roleArn"])

    @property
    def is_elsewhere(self) -> bool:
        """Whether it runs in the account that is impacted, and not in that of the plan."""
        return self.action.get("targetAccount") == "IMPACTED_ACCOUNT"


Runbooks = Mapping[str, Runbook]
"""By the ARN of the plan; a plan without one is not in it."""


def read(account: Account, scope: Scope) -> Runbooks:
    """Read the runbook of each plan that has one."""
    plans = {plan.arn: plan for plan in scope.plans if action(plan)}
    return account.each(lambda arn: _runbook(account, scope, action(plans[arn])), plans)


def action(plan: Plan) -> Mapping[str, Any]:
    """Return what a plan says of its runbook; nothing if it has none."""
    found = plan.answer.get("actions") or ()
    automations = [each["ssmAutomation"] for each in found if "ssmAutomation" in each]
    return automations[0] if automations else {}


def _runbook(account: Account, scope: Scope, given: Mapping[str, Any]) -> Runbook:
    name = given["documentName"]
    document = _document(account, name, given.get("documentVersion") or "")
    assumed = _assumed(scope, given, document.content) if isinstance(document, Document) else ""
    runbook = Runbook(name, given, document, _starts(scope, name), None, assumed)
    wanted = [
        *runbook.starts,
        *([runbook.passes] if assumed else []),
        *([runbook.crosses] if runbook.is_elsewhere else []),
    ]
    return runbook._replace(
        role=roles.read(account, runbook.role_arn, wanted, scope.now),
        assumed_role=roles.read(account, assumed, (), scope.now) if assumed else None,
    )


def _document(account: Account, name: str, version: str) -> Document | NoVersion | Unseen | None:
    named = _ARN.fullmatch(name)
    region = named[1] if named else None
    # JSON, whatever it was written in: AWS translates.
    asked = {"Name": name, "DocumentFormat": "JSON"}
    wanted = {"DocumentVersion": version} if version else {}
    found = account.ask(_SSM, "GetDocument", name, region=region, **asked, **wanted)
    if isinstance(found, Unseen):
        return found
    if found:
        content = json.loads(found["Content"])
        return Document(found["DocumentType"], found.get("Status") or "Active", content)
    if not version:
        return None
    there = account.ask(_SSM, "GetDocument", name, region=region, **asked)
    return NoVersion(version) if isinstance(there, dict) else there


def _starts(scope: Scope, name: str) -> tuple[Right, Right]:
    """Return what a start takes: the document, and the execution that it makes."""
    here = f"arn:{scope.partition}:ssm:{scope.region}"
    owner = "" if _OF_AWS.match(name) else scope.account
    document = name if _ARN.fullmatch(name) else f"{here}:{owner}:document/{name}"
    execution = f"{here}:{scope.account}:{_EXECUTION}"
    return Right(_START, document), Right(_START, execution)


def _assumed(scope: Scope, given: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return the role that a document assumes, with parameters of the plan filled in."""
    known = {
        "global:ACCOUNT_ID": scope.account,
        "global:AWS_PARTITION": scope.partition,
        "global:REGION": scope.region,
    }
    declared = content.get("parameters") or {}
    parameters = given.get("parameters") or {}

    def value(found: re.Match[str]) -> str:
        name = found[1]
        default = declared.get(name, {}).get("default") or ""
        return known.get(name) or str((parameters.get(name) or [default])[0])

    written = str(content.get("assumeRole") or "").strip()
    # Twice: what is filled in may name what is known.
    return _VARIABLE.sub(value, _VARIABLE.sub(value, written))


def _passing(arn: str) -> Right:
    return Right("iam:PassRole", arn, (("iam:PassedToService", SYSTEMS_MANAGER),))
