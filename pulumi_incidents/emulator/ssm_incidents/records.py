"""What Incident Manager does with incidents: their start, their record and their related items.

Follows StartIncident, UpdateIncidentRecord and their siblings in the Incident Manager API
reference, and *Incident creation* in its user guide.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.mended import executions
from pulumi_incidents.emulator.permissions.denials import DENIALS, Denial
from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.permissions.services import find_topic, publish_denial
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.ssm_incidents.engagements import EngagementOperations
from pulumi_incidents.emulator.ssm_incidents.entities import Caller, IncidentRecord
from pulumi_incidents.emulator.ssm_incidents.filters import matches
from pulumi_incidents.emulator.ssm_incidents.notifications import (
    message_about,
    topics_of,
)
from pulumi_incidents.emulator.ssm_incidents.paging import page
from pulumi_incidents.emulator.ssm_incidents.runbooks import Execution, why_not
from pulumi_incidents.emulator.ssm_incidents.timeline import (
    START,
    UPDATE,
    note_changes,
    note_related_item,
    note_runbook,
    note_runbook_failure,
    note_start,
    note_trigger,
    note_unheard,
)
from pulumi_incidents.iam.requests import Behalf

if TYPE_CHECKING:
    from pulumi_incidents.emulator.ssm_incidents.entities import ResponsePlan

_MAX_RELATED_ITEMS = 100
_PARENT = "PARENT"
# What people want to hear of; that AWS is silent about the rest is unverified.
_TOLD = {"status", "title", "impact"}


class RecordOperations(EngagementOperations):
    """The part of the backend that works on incidents, however they began."""

    def start_incident(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Start an incident, or answer the open one that has the plan's dedupe string."""
        return self._start(parameters, Caller(self.caller))

    def start_for(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        """Start an incident for another service, or answer the open one of the same trigger.

        "By default, Incident Manager automatically deduplicates multiple incidents created by the
        same Amazon CloudWatch alarm or Amazon EventBridge event" (*IncidentTemplate*). That two
        plans of one alarm have an incident each is unverified.
        """
        return self._start(parameters, caller)

    def get_incident_record(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the record."""
        return {"incidentRecord": self._record(parameters["arn"]).to_dict()}

    def update_incident_record(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Patch the record."""
        record = self._record(parameters["arn"])
        before = record.attributes()
        record.update(parameters, self.caller)
        if record.status == "OPEN":
            self.open_records[record.arn] = record
        elif self.open_records.pop(record.arn, None):
            self._disengage(record, "The incident is resolved.")
        noted = note_changes(record, before)
        if noted and _TOLD & {each["attributeName"] for each in noted["modifiedAttributes"]}:
            self._tell(record, UPDATE, noted)
        return {}

    def delete_incident_record(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the record; a missing one is a success."""
        self.open_records.pop(parameters["arn"], None)
        if record := self.records.pop(parameters["arn"], None):
            self._disengage(record, "The incident is deleted.")
        return {}

    def list_incident_records(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the records that match all filters, oldest first."""
        filters = parameters.get("filters", [])
        records = (
            (record.key, record)
            for record in self.records.values()
            if not filters or matches(record.filter_values(), filters)
        )
        return page("incidentRecordSummaries", parameters, records, IncidentRecord.to_summary)

    def list_related_items(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the record's related items; the API models no error for a missing record."""
        record = self.records.get(parameters["incidentRecordArn"])
        items = record.related_items.items() if record else ()
        return page("relatedItems", parameters, items, dict)

    def update_related_items(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add or remove one related item; removing what is not there is a success.

        More than the type RelatedItemList can hold is a ValidationException: the API models no
        other error for it. That the OpsItem does not count is unverified.
        """
        record = self._record(parameters["incidentRecordArn"])
        update = parameters["relatedItemsUpdate"]
        if "itemToRemove" in update:
            removed = record.remove_related_item(update["itemToRemove"])
            if removed:
                note_related_item(record, self.caller, update, removed)
            return {}
        added = record.add_related_item(update["itemToAdd"])
        kinds = [item["identifier"]["type"] for item in record.related_items.values()]
        if len(kinds) - kinds.count(_PARENT) > _MAX_RELATED_ITEMS:
            record.remove_related_item(update["itemToAdd"]["identifier"])
            raise ValidationException(
                f"An incident has at most {_MAX_RELATED_ITEMS} related items."
            )
        note_related_item(record, self.caller, update, added)
        return {}

    def _start(self, parameters: dict[str, Any], caller: Caller) -> dict[str, Any]:
        plan = self._plan(parameters["responsePlanArn"])
        record = self._open_duplicate(plan, parameters, caller)
        if record:
            note_trigger(record, parameters, created=False)
            return {"incidentRecordArn": record.arn}
        arn = self._arn(f"incident-record/{plan.name}/{uuid.uuid4()}")
        self.started += 1
        record = IncidentRecord(arn, self.started, caller, plan, parameters)
        self.records[arn] = self.open_records[arn] = record
        note_trigger(record, parameters, created=True)
        noted = note_start(record, plan)
        record.add_related_item(self._ops_item())
        for action in plan.members["actions"]:
            self._start_runbook(record, action["ssmAutomation"])
        self._engage(record, plan)
        self._tell(record, START, noted)
        return {"incidentRecordArn": arn}

    def _ops_item(self) -> dict[str, Any]:
        """Return the OpsItem that each incident has, as the API's samples list it.

        It is an ARN: moto has no OpsItems. That it is in the first region of the replication set is
        unverified, and so is its place in a list.
        """
        home, name = f"{self._region()}:{self.account_id}", f"oi-{uuid.uuid4().hex[:12]}"
        arn = f"arn:{self.partition}:ssm:{home}:opsitem/{name}"
        return {"identifier": {"type": _PARENT, "value": {"arn": arn}}, "title": "parentItem"}

    def _open_duplicate(
        self, plan: ResponsePlan, parameters: dict[str, Any], caller: Caller
    ) -> IncidentRecord | None:
        dedupe = plan.template["dedupeString"]
        for record in self.open_records.values():
            if dedupe and record.dedupe_string == dedupe:
                return record
            origin = (record.source.get("invokedBy"), record.source.get("resourceArn"))
            trigger = (caller.service, parameters.get("triggerDetails", {}).get("triggerArn"))
            if caller.service and origin == trigger and record.plan_arn == plan.arn:
                return record
        return None

    def _start_runbook(self, record: IncidentRecord, runbook: dict[str, Any]) -> None:
        """Give the record an execution of the runbook, which is over at once: nothing runs here.

        It is in the first region of the replication set. What may not start is noted instead. That
        AWS titles the related item is unverified.
        """
        home = f"{self._region()}:{self.account_id}"
        execution = f"arn:{self.partition}:ssm:{home}:automation-execution/{uuid.uuid4()}"
        if PERMISSIONS.of_services and (denied := why_not(Execution(execution, runbook, record))):
            note_runbook_failure(record, runbook, denied.code, denied.message)
            DENIALS.add(denied, f"{record.arn} runs no runbook")
            return
        executions.backends[self.account_id][self._region()].keep(
            executions.Execution(
                execution,
                runbook["documentName"],
                runbook.get("documentVersion") or "1",
                runbook["roleArn"],
            )
        )
        record.automation_executions.append({"ssmExecutionArn": execution})
        identifier = {"type": "AUTOMATION", "value": {"arn": execution}}
        item = {"identifier": identifier, "title": runbook["documentName"]}
        note_runbook(record, runbook, execution, record.add_related_item(item))

    def _tell(self, record: IncidentRecord, kind: str, noted: dict[str, Any]) -> None:
        """Let the topics of the incident hear of an event; what no topic hears is noted."""
        body = message_about(record, kind, noted, self._region())
        for topic in topics_of(record):
            if denied := self._topic_denial(topic, record.arn):
                note_unheard(record, kind, topic, denied.message)
                if PERMISSIONS.of_services:
                    DENIALS.add(denied, f"{topic} is told nothing of {record.arn}")
            else:
                self.messages.append((topic, body))

    def _topic_denial(self, topic: str, behalf: str) -> Denial | None:
        """Return why a topic cannot be told anything on behalf of a plan or an incident."""
        if not PERMISSIONS.of_services and find_topic(topic):
            return None
        return publish_denial(topic, Behalf(self.account_id, behalf))
