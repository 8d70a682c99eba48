"""What AWS's documents demand of a request and its model cannot say.

Runs after the walk over the model, on a request whose types are right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.ssm_incidents.validation import Failures

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
    "GetReplicationSet": {"arn": _SET},
    "DeleteReplicationSet": {"arn": _SET},
    "ListTagsForResource": {"resourceArn": f"{_PLAN}|{_RECORD}|{_SET}"},
    "TagResource": {"resourceArn": f"{_PLAN}|{_RECORD}|{_SET}"},
    "UntagResource": {"resourceArn": f"{_PLAN}|{_RECORD}|{_SET}"},
}

# The conditions that each filter key of ListIncidentRecords can have.
_FILTER_CONDITIONS = {
    "creationTime": ("before", "after"),
    "impact": ("integerValues",),
    "status": ("stringValues",),
    "createdBy": ("stringValues",),
}


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
    for index, entry in enumerate(parameters.get("filters", [])):
        path = f"filters[{index}]"
        conditions = _FILTER_CONDITIONS.get(entry["key"])
        condition = entry["condition"]
        if conditions is None:
            keys = ", ".join(_FILTER_CONDITIONS)
            failures.add(f"{path}.key", f"Member must satisfy enum value set: [{keys}]")
        elif next(iter(condition.get("equals", condition))) not in conditions:
            wanted = " or ".join(conditions)
            failures.add(f"{path}.condition", f"Member must have {wanted} for key {entry['key']}")


_RULES: dict[str, Callable[[dict[str, Any], Failures], None]] = {
    "StartIncident": _start_incident,
    "UpdateRelatedItems": _update_related_items,
    "ListIncidentRecords": _list_incident_records,
}
