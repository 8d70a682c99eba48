"""The things Incident Manager keeps: response plan, incident record, and its findings.

Each owns its ARN and its shape in the API. Follows the *Data Types* of the Incident Manager API
reference; values stay in the API's own shape, because nothing here computes with their insides.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.clock import from_epoch, now
from pulumi_incidents.emulator.ssm_incidents.events import TimelineEvent

if TYPE_CHECKING:
    from datetime import datetime

# UpdateResponsePlan's flat members, and where they live in the incident template.
_TEMPLATE_MEMBERS = {
    "incidentTemplateTitle": "title",
    "incidentTemplateImpact": "impact",
    "incidentTemplateSummary": "summary",
    "incidentTemplateDedupeString": "dedupeString",
    "incidentTemplateNotificationTargets": "notificationTargets",
    "incidentTemplateTags": "incidentTags",
}
_SUMMARY_MEMBERS = (
    "arn",
    "creationTime",
    "impact",
    "incidentRecordSource",
    "resolvedTime",
    "status",
    "title",
)
_FINDING_TIMES = ("startTime", "endTime")
_RECORD_MEMBERS = ("title", "impact", "summary", "chatChannel", "notificationTargets")
# The source of an incident that a person or a program started without naming one.
DEFAULT_SOURCE = "aws.ssm-incidents.custom"


@dataclass(frozen=True)
class Caller:
    """Who starts an incident: a principal, and the service that acts as it, if one does."""

    arn: str
    service: str | None = None


class ResponsePlan:
    """A response plan; unset members have the values that GetResponsePlan answers for them."""

    def __init__(self, arn: str, parameters: dict[str, Any]) -> None:
        self.arn = arn
        self.name: str = parameters["name"]
        # Copied: tags change in place, and the parameters are also the memory of a clientToken.
        self.tags: dict[str, str] = dict(parameters.get("tags", {}))
        self.policies: dict[str, str] = {}  # the documents by their id
        self.template: dict[str, Any] = {
            "summary": "",
            "dedupeString": "",
            "notificationTargets": [],
            **parameters["incidentTemplate"],
        }
        self.members: dict[str, Any] = {
            "displayName": "",
            "chatChannel": {"empty": {}},
            "engagements": [],
            "actions": [],
            "integrations": [],
        }
        self.update(parameters)

    def update(self, parameters: dict[str, Any]) -> None:
        """Patch: what is omitted stays, an explicit empty value clears."""
        self.members.update({k: v for k, v in parameters.items() if k in self.members})
        for given, member in _TEMPLATE_MEMBERS.items():
            if given in parameters:
                self.template[member] = parameters[given]

    def to_dict(self) -> dict[str, Any]:
        """Return what GetResponsePlan answers: everything but the plan's own tags."""
        # The type of incidentTags has at least one entry, so no tags means no member.
        template = {k: v for k, v in self.template.items() if k != "incidentTags" or v}
        return {"arn": self.arn, "name": self.name, "incidentTemplate": template, **self.members}

    def to_summary(self) -> dict[str, Any]:
        """Return the `ResponsePlanSummary` data type."""
        return {"arn": self.arn, "name": self.name, "displayName": self.members["displayName"]}


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
            kind: {k: from_epoch(v) if k in _FINDING_TIMES else v for k, v in members.items()}
            for kind, members in self.details.items()
        }
        return {**self.to_summary(), "creationTime": self.creation_time, "details": details}

    def to_summary(self) -> dict[str, Any]:
        """Return the `FindingSummary` data type."""
        return {"id": self.finding_id, "lastModifiedTime": self.modified_time}


class IncidentRecord:
    """One incident, from the plan's template and what the start overrode."""

    def __init__(
        self, arn: str, number: int, caller: Caller, plan: ResponsePlan, parameters: dict[str, Any]
    ) -> None:
        self.arn = arn
        self.key = f"{number:012d}"  # sorts by creation, whose times can be equal
        self.plan_arn = plan.arn
        self.modified_by = caller.arn
        self.status = "OPEN"
        self.creation_time = self.last_modified_time = now()
        self.resolved_time: datetime | None = None
        self.dedupe_string: str = plan.template["dedupeString"]
        self.tags: dict[str, str] = dict(plan.template.get("incidentTags", {}))
        self.members: dict[str, Any] = {
            "title": parameters.get("title", plan.template["title"]),
            "impact": parameters.get("impact", plan.template["impact"]),
            "summary": plan.template["summary"],
            "chatChannel": plan.members["chatChannel"],
            "notificationTargets": plan.template["notificationTargets"],
        }
        self.source = _source(caller, parameters.get("triggerDetails", {}))
        self.automation_executions: list[dict[str, str]] = []
        # By order of addition: the keys sort, and are never used twice.
        self.related_items: dict[str, dict[str, Any]] = {}
        self.items_added = 0
        self.events: dict[str, TimelineEvent] = {}
        self.events_added = 0
        self.findings: dict[str, Finding] = {}
        for item in parameters.get("relatedItems", []):
            self.add_related_item(item)

    def update(self, parameters: dict[str, Any], caller: str) -> None:
        """Patch; RESOLVED notes the time, and OPEN takes it back."""
        self.members.update({k: v for k, v in parameters.items() if k in _RECORD_MEMBERS})
        self.modified_by = caller
        self.last_modified_time = now()
        status = parameters.get("status", self.status)
        if status != self.status:
            self.status = status
            self.resolved_time = self.last_modified_time if status == "RESOLVED" else None

    def attributes(self) -> dict[str, Any]:
        """Return what UpdateIncidentRecord can change."""
        return {"status": self.status, **self.members}

    def filter_values(self) -> dict[str, Any]:
        """Return what each filter key of ListIncidentRecords compares."""
        return {
            "creationTime": self.creation_time,
            "impact": self.members["impact"],
            "status": self.status,
            "createdBy": self.source["createdBy"],
        }

    def add_related_item(self, item: dict[str, Any]) -> str:
        """Keep a related item and return its new generated id; its like is replaced."""
        self.remove_related_item(item["identifier"])
        generated = f"related-item/{item['identifier']['type']}/{uuid.uuid4().hex.upper()}"
        self.items_added += 1
        self.related_items[f"{self.items_added:012d}"] = {**item, "generatedId": generated}
        return generated

    def remove_related_item(self, identifier: dict[str, Any]) -> str | None:
        """Drop the related item with this identifier; return its generated id, or None."""
        for key, item in self.related_items.items():
            if item["identifier"] == identifier:
                del self.related_items[key]
                return str(item["generatedId"])
        return None

    def add_event(self, members: dict[str, Any], time: datetime) -> TimelineEvent:
        """Put an event on the timeline."""
        self.events_added += 1
        event = TimelineEvent(self.events_added, self.arn, members, time)
        self.events[event.event_id] = event
        return event

    def involved_resources(self) -> list[str]:
        """Return the ARNs of the related items that are involved resources."""
        identifiers = (item["identifier"] for item in self.related_items.values())
        involved = (each["value"] for each in identifiers if each["type"] == "INVOLVED_RESOURCE")
        return [value["arn"] for value in involved if "arn" in value]

    def to_dict(self) -> dict[str, Any]:
        """Return the `IncidentRecord` data type."""
        return {
            "arn": self.arn,
            "automationExecutions": self.automation_executions,
            "creationTime": self.creation_time,
            "dedupeString": self.dedupe_string,
            "incidentRecordSource": self.source,
            "lastModifiedBy": self.modified_by,
            "lastModifiedTime": self.last_modified_time,
            "resolvedTime": self.resolved_time,
            "status": self.status,
            **self.members,
        }

    def to_summary(self) -> dict[str, Any]:
        """Return the `IncidentRecordSummary` data type."""
        record = self.to_dict()
        return {member: record[member] for member in _SUMMARY_MEMBERS}


def _source(caller: Caller, trigger: dict[str, Any]) -> dict[str, Any]:
    """Return the `IncidentRecordSource` data type."""
    source = {
        "createdBy": caller.arn,
        "source": trigger.get("source", DEFAULT_SOURCE),
    }
    if caller.service:
        source["invokedBy"] = caller.service
    if "triggerArn" in trigger:
        source["resourceArn"] = trigger["triggerArn"]
    return source
