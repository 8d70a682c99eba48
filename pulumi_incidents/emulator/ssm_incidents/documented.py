"""What AWS's documents demand of a request and its model cannot say.

Runs after the walk over the model, on a request whose types are right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.policies import check_policy
from pulumi_incidents.emulator.protocol.validation import Failures

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAN, _RECORD, _SET = "response-plan", "incident-record", "replication-set"

# The kind of resource that each ARN member of a request names, from its documentation.
_ARN_KINDS: dict[str, dict[str, str]] = {
    "GetResponsePlan": {"arn": _PLAN},
    "UpdateResponsePlan": {"arn": _PLAN},
    "DeleteResponsePlan": {"arn": _PLAN},
    "StartIncident": {"responsePlanArn": _PLAN},
    "GetIncidentRecord": {"arn": _RECORD},
    "UpdateIncidentRecord": {"arn": _RECORD},
    "DeleteIncidentRecord": {"arn": _RECORD},
    "ListRelatedItems": {"incidentRecordArn": _RECORD},
    "UpdateRelatedItems": {"incidentRecordArn": _RECORD},
    "CreateTimelineEvent": {"incidentRecordArn": _RECORD},
    "GetTimelineEvent": {"incidentRecordArn": _RECORD},
    "ListTimelineEvents": {"incidentRecordArn": _RECORD},
    "UpdateTimelineEvent": {"incidentRecordArn": _RECORD},
    "DeleteTimelineEvent": {"incidentRecordArn": _RECORD},
    "ListIncidentFindings": {"incidentRecordArn": _RECORD},
    "BatchGetIncidentFindings": {"incidentRecordArn": _RECORD},
    "PutResourcePolicy": {"resourceArn": _PLAN},
    "GetResourcePolicies": {"resourceArn": _PLAN},
    "DeleteResourcePolicy": {"resourceArn": _PLAN},
    "GetReplicationSet": {"arn": _SET},
    "UpdateReplicationSet": {"arn": _SET},
    "UpdateDeletionProtection": {"arn": _SET},
    "DeleteReplicationSet": {"arn": _SET},
    "ListTagsForResource": {"resourceArn": f"{_PLAN}|{_RECORD}|{_SET}"},
    "TagResource": {"resourceArn": f"{_PLAN}|{_RECORD}|{_SET}"},
    "UntagResource": {"resourceArn": f"{_PLAN}|{_RECORD}|{_SET}"},
}

# The conditions that each filter key of a List operation can have.
_TIME, _INTEGER, _STRING = ("before", "after"), ("integerValues",), ("stringValues",)
_RECORD_FILTERS = {
    "creationTime": _TIME,
    "impact": _INTEGER,
    "status": _STRING,
    "createdBy": _STRING,
}
_EVENT_FILTERS = {"eventTime": _TIME, "eventType": _STRING, "eventReference": _STRING}

# "You can create timeline events of type Custom Event and Note"; the same of updates.
CUSTOM_EVENT_TYPES = ("Custom Event", "Note")


def check_documented(operation: str, parameters: dict[str, Any]) -> None:
    """Raise a ValidationException with everything that the documents forbid in this request."""
    failures = Failures()
    for member, kind in _ARN_KINDS.get(operation, {}).items():
        if not re.fullmatch(
            rf"arn:aws[a-z-]*:ssm-incidents::\d{{12}}:({kind})/.+", parameters[member]
        ):
            failures.add(member, f"Member must be the ARN of a {kind.replace('|', ' or ')}")
    if operation in _RULES:
        _RULES[operation](parameters, failures)
    failures.raise_if_any()


def _start_incident(parameters: dict[str, Any], failures: Failures) -> None:
    """`aws.` is kept for AWS's own sources, and AWS itself generates the ids of related items."""
    if parameters.get("triggerDetails", {}).get("source", "").startswith("aws."):
        failures.add("triggerDetails.source", "Member must not start with aws.")
    for index, item in enumerate(parameters.get("relatedItems", [])):
        if "generatedId" in item:
            failures.add(f"relatedItems[{index}].generatedId", "Member must not be given")


def _update_related_items(parameters: dict[str, Any], failures: Failures) -> None:
    if "generatedId" in parameters["relatedItemsUpdate"].get("itemToAdd", {}):
        failures.add("relatedItemsUpdate.itemToAdd.generatedId", "Member must not be given")


def _list_incident_records(parameters: dict[str, Any], failures: Failures) -> None:
    _check_filters(parameters, _RECORD_FILTERS, failures)


def _list_timeline_events(parameters: dict[str, Any], failures: Failures) -> None:
    _check_filters(parameters, _EVENT_FILTERS, failures)


def _check_filters(
    parameters: dict[str, Any], known: dict[str, tuple[str, ...]], failures: Failures
) -> None:
    for index, entry in enumerate(parameters.get("filters", [])):
        path = f"filters[{index}]"
        conditions = known.get(entry["key"])
        condition = entry["condition"]
        if conditions is None:
            keys = ", ".join(known)
            failures.add(f"{path}.key", f"Member must satisfy enum value set: [{keys}]")
        elif next(iter(condition.get("equals", condition))) not in conditions:
            wanted = " or ".join(conditions)
            failures.add(f"{path}.condition", f"Member must have {wanted} for key {entry['key']}")


def _timeline_event(parameters: dict[str, Any], failures: Failures) -> None:
    """Check the type, and nothing else.

    The documents put no bound on eventTime, call eventData "a short description" although their
    samples are JSON, and do not say that what is referenced must exist.
    """
    if parameters.get("eventType", "Note") not in CUSTOM_EVENT_TYPES:
        types = ", ".join(CUSTOM_EVENT_TYPES)
        failures.add("eventType", f"Member must satisfy enum value set: [{types}]")


def _resource_policy(parameters: dict[str, Any], failures: Failures) -> None:
    check_policy(parameters["policy"], "policy", failures)


_RULES: dict[str, Callable[[dict[str, Any], Failures], None]] = {
    "StartIncident": _start_incident,
    "UpdateRelatedItems": _update_related_items,
    "PutResourcePolicy": _resource_policy,
    "ListIncidentRecords": _list_incident_records,
    "ListTimelineEvents": _list_timeline_events,
    "CreateTimelineEvent": _timeline_event,
    "UpdateTimelineEvent": _timeline_event,
}
