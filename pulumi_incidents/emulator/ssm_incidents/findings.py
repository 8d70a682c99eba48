"""Findings: deployments and stack updates around an incident, which may be its cause.

Follows ListIncidentFindings, BatchGetIncidentFindings and *Finding* in the Incident Manager API
reference. On AWS the service makes them, of CodeDeploy and CloudFormation, which are not here:
the control API asks for them.
"""

from __future__ import annotations

import uuid
from typing import Any

from pulumi_incidents.emulator.ssm_incidents.entities import Finding
from pulumi_incidents.emulator.ssm_incidents.paging import page
from pulumi_incidents.emulator.ssm_incidents.state import State


class FindingOperations(State):
    """The part of the backend that works on findings; they go when their record goes."""

    def list_incident_findings(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return ids and times of the findings of a record, oldest first."""
        findings = self._record(parameters["incidentRecordArn"]).findings.values()
        entries = ((finding.key, finding) for finding in findings)
        return page("findings", parameters, entries, Finding.to_summary)

    def batch_get_incident_findings(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return findings of a record, each once, and an error for each id that it does not have.

        The code of such an error is unverified.
        """
        findings = self._record(parameters["incidentRecordArn"]).findings
        asked = dict.fromkeys(parameters["findingIds"])
        errors = [
            {
                "code": "ResourceNotFoundException",
                "findingId": each,
                "message": f"The incident has no finding {each}.",
            }
            for each in asked
            if each not in findings
        ]
        found = [findings[each].to_dict() for each in asked if each in findings]
        return {"errors": errors, "findings": found}

    def note_finding(self, arn: str, details: dict[str, Any], finding_id: str | None) -> str:
        """Give a record a finding, or the one with this id new details; return the id."""
        findings = self._record(arn).findings
        finding_id = finding_id or str(uuid.uuid4())
        if finding_id in findings:
            findings[finding_id].update(details)
        else:
            key = f"{len(findings):012d}"  # none is ever removed
            findings[finding_id] = Finding(key, finding_id, details)
        return finding_id
