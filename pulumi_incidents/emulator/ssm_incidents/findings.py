"""Findings: deployments and stack updates around an incident, which may be its cause.

Follows ListIncidentFindings, BatchGetIncidentFindings and *Finding* in the Incident Manager API
reference. On AWS the service makes them, of CodeDeploy and CloudFormation, which are not here:
the control API asks for them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.listing import page
from pulumi_incidents.emulator.ssm_incidents.entities import now
from pulumi_incidents.emulator.ssm_incidents.events import from_epoch
from pulumi_incidents.emulator.ssm_incidents.state import State

if TYPE_CHECKING:
    from datetime import datetime

_TIMES = ("startTime", "endTime")


@dataclass
class Finding:
    """One finding about an incident; `key` is its place in the order of creation."""

    key: str
    finding_id: str
    details: dict[str, Any]
    creation_time: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        self.modified_time = self.creation_time

    def update(self, details: dict[str, Any]) -> None:
        """Take more information: a deployment may have ended since."""
        self.details = details
        self.modified_time = now()

    def to_dict(self) -> dict[str, Any]:
        """Return the `Finding` data type."""
        details = {
            kind: {k: from_epoch(v) if k in _TIMES else v for k, v in members.items()}
            for kind, members in self.details.items()
        }
        return {**self.to_summary(), "creationTime": self.creation_time, "details": details}

    def to_summary(self) -> dict[str, Any]:
        """Return the `FindingSummary` data type."""
        return {"id": self.finding_id, "lastModifiedTime": self.modified_time}


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
