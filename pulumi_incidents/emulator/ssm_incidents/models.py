"""What Incident Manager does: one backend per account and partition.

Follows the *Actions* of the Incident Manager API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BackendDict

from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.protocol.arns import resource_type
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.partitions import PARTITIONS
from pulumi_incidents.emulator.ssm_incidents.entities import ResponsePlan
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    ConflictException,
    ServiceQuotaExceededException,
)
from pulumi_incidents.emulator.ssm_incidents.findings import FindingOperations
from pulumi_incidents.emulator.ssm_incidents.notifications import named_topics
from pulumi_incidents.emulator.ssm_incidents.paging import page
from pulumi_incidents.emulator.ssm_incidents.policies import PolicyOperations
from pulumi_incidents.emulator.ssm_incidents.records import RecordOperations
from pulumi_incidents.emulator.ssm_incidents.replication import ReplicationOperations

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord
    from pulumi_incidents.emulator.ssm_incidents.replication_set import ReplicationSet

NAME = "ssm-incidents"
_MAX_TAGS = 50


class IncidentsBackend(
    ReplicationOperations, PolicyOperations, FindingOperations, RecordOperations
):
    """Everything Incident Manager keeps for one account."""

    # Response plans

    def create_response_plan(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Create a plan; its name is unique in the account, and a replication set must exist."""
        arn = self._arn(f"response-plan/{parameters['name']}")
        self._require_set()
        self._try_topics(parameters, arn)
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
        plan = self._plan(parameters["arn"])
        self._try_topics(parameters, plan.arn)
        plan.update(parameters)
        return {}

    def delete_response_plan(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the plan; its incidents stay, and a missing plan is a success."""
        self.plans.pop(parameters["arn"], None)
        return {}

    def _try_topics(self, parameters: dict[str, Any], plan_arn: str) -> None:
        """Refuse a topic that Incident Manager cannot publish to.

        "Incident Manager publishes a test notification to the SNS topic to verify permissions"
        (*Creating and configuring response plans*, chat channels). That it tries those of the
        notification targets as well, and which error it answers, is unverified. No test message is
        sent here.
        """
        for topic in named_topics(parameters) if PERMISSIONS.of_services else ():
            if denied := self._topic_denial(topic, plan_arn):
                raise ValidationException(
                    f"Incident Manager cannot publish to the SNS topic {topic}, so it can't be "
                    f"added to the response plan: {denied.message}"
                )

    def list_response_plans(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the plans, in the order of their ARNs."""
        plans = sorted(self.plans.items())
        return page("responsePlanSummaries", parameters, plans, ResponsePlan.to_summary)

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

    def _tagged(self, arn: str) -> ResponsePlan | IncidentRecord | ReplicationSet:
        find: dict[str, Callable[[str], ResponsePlan | IncidentRecord | ReplicationSet]] = {
            "RESPONSE_PLAN": self._plan,
            "INCIDENT_RECORD": self._record,
            "REPLICATION_SET": self._replication_set,
        }
        return find[resource_type(arn)](arn)


# The service is global: state is kept by partition, not by region.
backends = BackendDict(
    IncidentsBackend, NAME, use_boto3_regions=False, additional_regions=[*PARTITIONS]
)
