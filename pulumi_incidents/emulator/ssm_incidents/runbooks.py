"""Whether a runbook can start: its role, its document, its parameters, and whom it acts as.

Follows *Working with Systems Manager Automation runbooks in Incident Manager* in its user guide,
StartAutomationExecution in the Systems Manager API reference, and the Service Authorization
Reference about which resources that takes. What Incident Manager does beyond is unverified: here a
runbook that cannot start is an event of the timeline, with the code that Systems Manager answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.core.exceptions import ServiceException

from pulumi_incidents.emulator.mended import documents
from pulumi_incidents.emulator.permissions import services
from pulumi_incidents.emulator.permissions.denials import Denial
from pulumi_incidents.emulator.permissions.resources import OF_AWS
from pulumi_incidents.emulator.protocol.needs import Need, Place
from pulumi_incidents.iam.requests import Behalf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from moto.ssm.models import Document

    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord
    from pulumi_incidents.iam.identities import Identity

_SYSTEMS_MANAGER = "ssm.amazonaws.com"
_START = "ssm:StartAutomationExecution"
_SESSION = "IncidentManagerRunbook"
_ELSEWHERE = "AWS-SystemsManager-AutomationExecutionRole"
_DOCUMENT = re.compile(r"arn:[a-z-]+:ssm:[a-z0-9-]+:\d{12}:document/[\w.-]+")
_TYPES = {"INCIDENT_RECORD_ARN": "String", "INVOLVED_RESOURCES": "StringList"}
_PARAMETER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# The parameter that AWS's own documents have for the role that they assume.
_ROLE_PARAMETER = "AutomationAssumeRole"


class Execution(NamedTuple):
    """An execution that is to start: of which runbook, for which incident, where."""

    arn: str
    runbook: Mapping[str, Any]
    record: IncidentRecord

    @property
    def place(self) -> Place:
        """Where it starts."""
        _, partition, _, region, account, _ = self.arn.split(":", 5)
        return Place(partition, region, account)

    @property
    def document_arn(self) -> str:
        """ARN of the document, which AWS's own have without an account."""
        name: str = self.runbook["documentName"]
        if _DOCUMENT.fullmatch(name):
            return name
        owner = "" if OF_AWS.match(name) else self.place.account
        return self.place._replace(account=owner).arn("ssm", f"document/{name}")


def why_not(execution: Execution) -> Denial | None:
    """Return why a runbook cannot start; None if it can."""
    behalf = Behalf(execution.place.account, execution.record.arn)
    role = services.take_role(execution.runbook["roleArn"], services.INCIDENTS, _SESSION, behalf)
    if isinstance(role, Denial):
        return role
    needs = [Need(_START, execution.document_arn), Need(_START, execution.arn)]
    denied = services.first_denial(role, needs, execution.place.region)
    return denied or next(_mistakes(execution, role), None)


def _mistakes(execution: Execution, role: Identity) -> Iterator[Denial]:
    """Find what is wrong with document, parameters and roles, the first thing first."""
    document: dict[str, Any] | None = None
    if not OF_AWS.match(execution.runbook["documentName"]):
        found = _document(execution)
        if isinstance(found, Denial):
            yield found
            return
        document = found.content_json
        yield from _parameter_mistakes(execution, document.get("parameters") or {})
    if assumed := _assumed_role(execution, document):
        pass_it = Need("iam:PassRole", assumed, {"iam:passedtoservice": _SYSTEMS_MANAGER})
        if denied := services.first_denial(role, [pass_it], execution.place.region):
            yield denied
        behalf = Behalf(execution.place.account, execution.arn)
        taken = services.take_role(assumed, _SYSTEMS_MANAGER, "Automation", behalf)
        if isinstance(taken, Denial):
            yield taken
    if execution.runbook.get("targetAccount") == "IMPACTED_ACCOUNT":
        yield from _elsewhere(execution, role)


def _document(execution: Execution) -> Document | Denial:
    """Return the version of the document that is to run, of this account or shared with it."""
    all_of_it = documents.document(execution.document_arn, execution.place.account)
    if all_of_it is None:
        reason = f"The automation document {execution.document_arn} does not exist."
        return _failure(execution, "AutomationDefinitionNotFoundException", reason)
    version = execution.runbook.get("documentVersion") or None
    try:
        found: Document = all_of_it.find(None if version == "$DEFAULT" else version)
    except ServiceException:
        reason = f"The document {execution.document_arn} has no version {version}."
        return _failure(execution, "AutomationDefinitionVersionNotFoundException", reason)
    if found.document_type != "Automation":
        reason = f"The document {execution.document_arn} is of type {found.document_type}."
        return _failure(execution, "AutomationDefinitionNotFoundException", reason)
    return found


def _parameter_mistakes(
    execution: Execution, declared: Mapping[str, Mapping[str, Any]]
) -> Iterator[Denial]:
    code = "InvalidAutomationExecutionParametersException"
    dynamic = execution.runbook.get("dynamicParameters") or {}
    given = {**(execution.runbook.get("parameters") or {}), **dynamic}
    if unknown := sorted(given.keys() - declared.keys()):
        yield _failure(execution, code, f"The document has no parameter {', '.join(unknown)}.")
    required = (name for name, parameter in declared.items() if "default" not in parameter)
    if missing := sorted(set(required) - given.keys()):
        yield _failure(execution, code, f"The document needs {', '.join(missing)}.")
    for name, value in dynamic.items():
        wanted, found = _TYPES[value["variable"]], declared.get(name, {}).get("type")
        if found not in (None, wanted):
            reason = f"{name} is a {found}, and {value['variable']} is for a {wanted}."
            yield _failure(execution, code, reason)


def _assumed_role(execution: Execution, document: dict[str, Any] | None) -> str | None:
    """Return the role that the document assumes; without one it runs as the runbook's role."""
    written = str(document.get("assumeRole") or "") if document else f"{{{{{_ROLE_PARAMETER}}}}}"
    parameter = _PARAMETER.fullmatch(written.strip())
    if not parameter:
        return written or None
    given = (execution.runbook.get("parameters") or {}).get(parameter[1])
    declared = (document or {}).get("parameters") or {}
    value = given[0] if given else (declared.get(parameter[1]) or {}).get("default")
    return str(value) if value else None


def _elsewhere(execution: Execution, role: Identity) -> Iterator[Denial]:
    """Find what keeps the role out of the impacted account, which is here always this one."""
    partition, region, account = execution.place
    arn = f"arn:{partition}:iam::{account}:role/{_ELSEWHERE}"
    via = {"aws:calledvia": _SYSTEMS_MANAGER, "aws:calledvialast": _SYSTEMS_MANAGER}
    taking = Need("sts:AssumeRole", arn, via)
    if denied := services.first_denial(role, [taking], region):
        yield denied
    if denied := services.trust_denial(role, taking, region):
        yield denied


def _failure(execution: Execution, code: str, reason: str) -> Denial:
    return Denial(execution.runbook["roleArn"], _START, execution.document_arn, reason, code)
