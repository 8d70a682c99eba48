"""What Incident Manager does: one backend per account and partition.

Every public method named after an operation takes the checked parameters of that operation and
returns the members of its output. Follows the *Actions* of the Incident Manager API reference.
Not thread-safe by itself: `responses` calls it under one lock.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.core.base_backend import BackendDict, BaseBackend

from pulumi_incidents.emulator.ssm_incidents.entities import ReplicationSet, ResponsePlan
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
    not_found,
    resource_type,
)
from pulumi_incidents.emulator.ssm_incidents.listing import page
from pulumi_incidents.emulator.ssm_incidents.records import RecordOperations

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord

# The partitions that the patterns of the API's ARNs know.
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_MAX_TAGS = 50
_REMEMBERED_TOKENS = 10_000


class IncidentsBackend(RecordOperations, BaseBackend):
    """Everything Incident Manager keeps for one account."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # moto's STS answers the same identity to whoever is unknown to IAM.
        self.caller = f"arn:{self.partition}:sts::{account_id}:user/moto"
        self._clear()

    def _clear(self) -> None:
        self.replication_set = None
        self.plans = {}
        self.records = {}
        self.started = 0
        self.messages = []
        self.tokens: OrderedDict[tuple[str, str], tuple[dict[str, Any], Any]] = OrderedDict()

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Call an operation, only once for a clientToken.

        The same token with the same parameters gets the first answer again, even if what it
        names is gone by now; the same token with other parameters is a ValidationException.
        """
        key = (operation, parameters.get("clientToken", ""))
        if key in self.tokens:
            known, answer = self.tokens[key]
            if known != parameters:
                raise ValidationException(
                    f"The clientToken was already used for {operation} with other parameters; "
                    "use a new token for a new request."
                )
            return answer  # type: ignore[no-any-return]  # stored below
        result: dict[str, Any] = getattr(self, xform_name(operation))(parameters)
        if key[1]:
            self.tokens[key] = (parameters, result)
            if len(self.tokens) > _REMEMBERED_TOKENS:
                self.tokens.popitem(last=False)
        return result

    # Replication set

    def create_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Create the account's one replication set, which is ACTIVE at once."""
        if self.replication_set:
            raise ConflictException(
                "A replication set already exists in this account.",
                self.replication_set.arn,
                "REPLICATION_SET",
            )
        self.replication_set = ReplicationSet(
            self._arn(f"replication-set/{uuid.uuid4()}"),
            self.caller,
            parameters["regions"],
            dict(parameters.get("tags", {})),
        )
        return {"arn": self.replication_set.arn}

    def get_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the replication set."""
        return {"replicationSet": self._replication_set(parameters["arn"]).to_dict()}

    def list_replication_sets(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the ARN of the replication set, if there is one."""
        arns = [self.replication_set.arn] if self.replication_set else []
        return page("replicationSetArns", parameters, {arn: arn for arn in arns})

    def delete_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the replication set, and with it every plan and record of the account."""
        self._replication_set(parameters["arn"])
        self._clear()
        return {}

    # Response plans

    def create_response_plan(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Create a plan; its name is unique in the account, and a replication set must exist."""
        arn = self._arn(f"response-plan/{parameters['name']}")
        if not self.replication_set:
            raise ResourceNotFoundException(
                "A response plan needs an active replication set, and this account has none.",
                self.account_id,
                "REPLICATION_SET",
            )
        if arn in self.plans:
            raise ConflictException(
                f"A response plan named {parameters['name']} already exists.",
                arn,
                "RESPONSE_PLAN",
            )
        self.plans[arn] = ResponsePlan(arn, parameters)
        return {"arn": arn}

    def get_response_plan(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the plan, without its tags."""
        return self._plan(parameters["arn"]).to_dict()

    def update_response_plan(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Patch the plan."""
        self._plan(parameters["arn"]).update(parameters)
        return {}

    def delete_response_plan(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the plan; its incidents stay, and a missing plan is a success."""
        self.plans.pop(parameters["arn"], None)
        return {}

    def list_response_plans(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the plans, in the order of their ARNs."""
        plans = {arn: plan.to_summary() for arn, plan in self.plans.items()}
        return page("responsePlanSummaries", parameters, plans)

    # Tags

    def tag_resource(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add tags to those of the resource, or change their values."""
        arn = parameters["resourceArn"]
        resource = self._tagged(arn)
        tags = {**resource.tags, **parameters["tags"]}
        if len(tags) > _MAX_TAGS:
            raise ServiceQuotaExceededException(
                f"A resource has at most {_MAX_TAGS} tags.", arn, resource_type(arn), "tags"
            )
        resource.tags = tags
        return {}

    def untag_resource(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Remove tags; a key that is not there is a success."""
        resource = self._tagged(parameters["resourceArn"])
        gone = parameters["tagKeys"]
        resource.tags = {key: value for key, value in resource.tags.items() if key not in gone}
        return {}

    def list_tags_for_resource(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the tags of a plan, a record or the replication set."""
        return {"tags": self._tagged(parameters["resourceArn"]).tags}

    # Looking things up

    def _replication_set(self, arn: str) -> ReplicationSet:
        if not self.replication_set or self.replication_set.arn != arn:
            raise not_found(arn)
        return self.replication_set

    def _tagged(self, arn: str) -> ResponsePlan | IncidentRecord | ReplicationSet:
        find: dict[str, Callable[[str], ResponsePlan | IncidentRecord | ReplicationSet]] = {
            "RESPONSE_PLAN": self._plan,
            "INCIDENT_RECORD": self._record,
            "REPLICATION_SET": self._replication_set,
        }
        return find[resource_type(arn)](arn)


# The service is global: state is kept by partition, not by region.
backends = BackendDict(
    IncidentsBackend, "ssm-incidents", use_boto3_regions=False, additional_regions=[*PARTITIONS]
)
