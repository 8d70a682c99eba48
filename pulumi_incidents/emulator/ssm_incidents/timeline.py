"""The timeline of an incident: the operations on its events, and the events of the service.

Follows CreateTimelineEvent, its siblings and their samples in the Incident Manager API reference.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.clock import from_epoch, now
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.ssm_incidents.documented import CUSTOM_EVENT_TYPES
from pulumi_incidents.emulator.ssm_incidents.entities import DEFAULT_SOURCE
from pulumi_incidents.emulator.ssm_incidents.events import TimelineEvent
from pulumi_incidents.emulator.ssm_incidents.exceptions import ResourceNotFoundException
from pulumi_incidents.emulator.ssm_incidents.filters import matches
from pulumi_incidents.emulator.ssm_incidents.paging import page
from pulumi_incidents.emulator.ssm_incidents.state import State

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_incidents.emulator.ssm_contacts.engaged import Happening
    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord, ResponsePlan

# What AWS's documents show: the name of an update, with all of its data, in the sample of
# GetTimelineEvent, and the name of a trigger, with `rawData`, in the user guide's tutorial on
# runbooks. The name of a start and the other data of both are what public programs read from
# timelines: unverified, as is that a merged start is a trigger, and what both refer to. The
# documents name a runbook that failed to start "SSM Automation Execution Start Failure for
# Incident", and show that it refers to the related item; one that starts, its data, and the whole
# of a message without its topic are after that pattern.
_TRIGGER = "SSM Incident Trigger"
START = "SSM Incident Start"
UPDATE = "SSM Incident Record Update"
_RUNBOOK = "SSM Automation Execution Start for Incident"
_RUNBOOK_FAILURE = "SSM Automation Execution Start Failure for Incident"
_UNHEARD = "SSM Incident Notification Failure"
_TRIGGER_MEMBERS = ("triggerArn", "rawData")
# Of the type EventData, and what is kept of each string where the whole would be longer.
_MAX_DATA, _MAX_CUT = 12_000, 500
# Of the parameters of a runbook in its event; with more, the event does without them.
_MAX_PARAMETERS = 10_000


class TimelineOperations(State):
    """The part of the backend that works on timelines; they go when their record goes."""

    def create_timeline_event(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add an event of a responder or a program."""
        record = self._record(parameters["incidentRecordArn"])
        event = record.add_event(parameters, from_epoch(parameters["eventTime"]))
        return {"eventId": event.event_id, "incidentRecordArn": record.arn}

    def get_timeline_event(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the event."""
        return {"event": self._event(parameters).to_dict()}

    def list_timeline_events(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the events that match all filters; the API models no error for a missing record.

        The latest comes first unless asked otherwise, as in every sample of AWS's documents.
        Events of one time are in the order of their creation, or in the reverse of it.
        """
        record = self.records.get(parameters["incidentRecordArn"])
        filters = parameters.get("filters", [])
        descending = parameters.get("sortOrder") != "ASCENDING"
        events = sorted(
            ((event.key(), event) for event in (record.events.values() if record else ())),
            reverse=descending,
        )
        entries = (each for each in events if matches(each[1].filter_values(), filters))
        show = TimelineEvent.to_summary
        return page("eventSummaries", parameters, entries, show, descending=descending)

    def update_timeline_event(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Patch the event; whether AWS keeps references that are not given is unverified."""
        event = self._event(parameters)
        _refuse_if_of_the_service(event)
        seconds = parameters.get("eventTime")
        event.update(parameters, None if seconds is None else from_epoch(seconds))
        return {}

    def delete_timeline_event(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the event; the API models no error for a missing one, so that is a success."""
        record = self.records.get(parameters["incidentRecordArn"])
        event = record.events.get(parameters["eventId"]) if record else None
        if record and event:
            _refuse_if_of_the_service(event)
            del record.events[event.event_id]
        return {}

    def _event(self, parameters: dict[str, Any]) -> TimelineEvent:
        record = self._record(parameters["incidentRecordArn"])
        event_id = parameters["eventId"]
        if event_id not in record.events:
            raise ResourceNotFoundException(
                f"{record.arn} has no timeline event {event_id}.", event_id, "TIMELINE_EVENT"
            )
        return record.events[event_id]


def _refuse_if_of_the_service(event: TimelineEvent) -> None:
    """Keep what the service noted; that is documented of updates, and unverified of deletion."""
    kind = event.members["eventType"]
    if kind not in CUSTOM_EVENT_TYPES:
        raise ValidationException(
            f"The timeline event {event.event_id} is of type {kind}; only events of type "
            f"{' and '.join(CUSTOM_EVENT_TYPES)} can be changed or deleted."
        )


def note_trigger(record: IncidentRecord, parameters: dict[str, Any], *, created: bool) -> None:
    """Note a StartIncident, and whether it made this incident or was merged into it."""
    trigger = parameters.get("triggerDetails", {})
    data = {
        "createdIncident": created,
        "incidentSource": trigger.get("source", DEFAULT_SOURCE),
        **{name: trigger[name] for name in _TRIGGER_MEMBERS if name in trigger},
    }
    resources = [{"resource": trigger["triggerArn"]}] if "triggerArn" in trigger else []
    _note(record, _TRIGGER, data, resources, record.creation_time if created else now())


def note_start(record: IncidentRecord, plan: ResponsePlan) -> dict[str, Any]:
    """Note and return that an incident began, whom its plan engages and which runbook it has."""
    data: dict[str, Any] = {
        "incidentTitle": record.members["title"],
        "contactsEngage": [{"contactArn": arn} for arn in plan.members["engagements"]],
    }
    if "resourceArn" in record.source:
        data["triggerArn"] = record.source["resourceArn"]
    for action in plan.members["actions"]:
        runbook = action["ssmAutomation"]
        data["ssmDocumentName"] = runbook["documentName"]
        if "documentVersion" in runbook:
            data["ssmDocumentVersion"] = runbook["documentVersion"]
    _note(record, START, data, [], record.creation_time)
    return data


def note_runbook(
    record: IncidentRecord, runbook: dict[str, Any], execution: str, generated: str
) -> None:
    """Note the runbook that starts, with its parameters filled in, under its related item."""
    variables = {
        "INCIDENT_RECORD_ARN": [record.arn],
        "INVOLVED_RESOURCES": record.involved_resources(),
    }
    dynamic = runbook.get("dynamicParameters", {})
    filled = {name: variables[value["variable"]] for name, value in dynamic.items()}
    data = {
        "automationExecutionArn": execution,
        "ssmDocumentName": runbook["documentName"],
        "parameters": {**runbook.get("parameters", {}), **filled},
    }
    if len(_json(data["parameters"])) > _MAX_PARAMETERS:
        del data["parameters"]
    item = [{"relatedItemId": generated}]
    _note(record, _RUNBOOK, data, item, record.creation_time)


def note_runbook_failure(
    record: IncidentRecord, runbook: dict[str, Any], code: str, message: str
) -> None:
    """Note why a runbook did not start; AWS's documents name the event, its data is unverified."""
    data = {
        "ssmDocumentName": runbook["documentName"],
        "roleArn": runbook["roleArn"],
        "errorCode": code,
        "errorMessage": message,
    }
    _note(record, _RUNBOOK_FAILURE, data, [{"resource": runbook["roleArn"]}], now())


def note_happening(record: IncidentRecord, happening: Happening) -> None:
    """Note what an engagement came to, under its ARN."""
    about = [{"resource": happening.about}]
    _note(record, happening.kind, happening.data, about, happening.time)


def note_unheard(record: IncidentRecord, kind: str, topic: str, reason: str) -> None:
    """Note why a topic was not told of an event; that AWS does so is unverified."""
    data = {"snsTopicArn": topic, "message": kind, "reason": reason}
    _note(record, _UNHEARD, data, [{"resource": topic}], now())


def note_changes(record: IncidentRecord, before: dict[str, Any]) -> dict[str, Any] | None:
    """Note and return what an UpdateIncidentRecord changed, if it changed anything."""
    changed = {k: v for k, v in record.attributes().items() if v != before[k]}
    if not changed:
        return None
    return _note_update(record, record.modified_by, changed, [], record.last_modified_time)


def note_related_item(
    record: IncidentRecord, caller: str, update: dict[str, Any], generated: str
) -> None:
    """Note the related item that was added or removed, under its generated id."""
    item = [{"relatedItemId": generated}]
    _note_update(record, caller, {"relatedItems": update}, item, now())


def _note_update(
    record: IncidentRecord,
    caller: str,
    changed: dict[str, Any],
    references: list[dict[str, str]],
    time: datetime,
) -> dict[str, Any]:
    attributes = [
        {"attributeName": name, "newValue": value if isinstance(value, str) else _json(value)}
        for name, value in changed.items()
    ]
    data = {
        "modifiedBy": caller,
        "modifiedAttributes": attributes,
        "incidentTitle": record.members["title"],
    }
    _note(record, UPDATE, data, references, time)
    return data


def _note(
    record: IncidentRecord,
    kind: str,
    data: dict[str, Any],
    references: list[dict[str, str]],
    time: datetime,
) -> None:
    text = _json(data)
    members = {
        "eventType": kind,
        "eventData": text if len(text) <= _MAX_DATA else _json(_cut(data)),
        "eventReferences": [*references, {"resource": record.arn}],
    }
    record.add_event(members, time)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(value: Any) -> Any:
    """Return the value with each long string cut; the data stays JSON, its end may not."""
    if isinstance(value, str):
        return value[:_MAX_CUT]
    if isinstance(value, dict):
        return {key: _cut(member) for key, member in value.items()}
    return [_cut(member) for member in value] if isinstance(value, list) else value
