"""What a request takes because of what Incident Manager has, besides what its parameters say.

A start engages whom the plan names. The first alarm that starts a plan makes a role, and so does
the first replication set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from pulumi_incidents.emulator.permissions.identities import find_role
from pulumi_incidents.emulator.permissions.services import needs_of_a_start
from pulumi_incidents.emulator.protocol.needs import Need, Place
from pulumi_incidents.emulator.ssm_incidents.alarms import alarm_role, starts_plans
from pulumi_incidents.emulator.ssm_incidents.models import backends

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ROLE = "role/aws-service-role/ssm-incidents.amazonaws.com/AWSServiceRoleforIncidentManager"
_ALARMS = ("cloudwatch:PutCompositeAlarm", "cloudwatch:PutMetricAlarm")


def needs(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[Need]:
    """Return what an action of any service takes, sent to a place."""
    if action == "ssm-incidents:StartIncident":
        plan = backends[place.account][place.partition].plans.get(parameters["responsePlanArn"])
        yield from needs_of_a_start(plan.members["engagements"] if plan else ())
    if action == "ssm-incidents:CreateReplicationSet":
        yield from _linked(place.arn("iam", _ROLE, is_global=True))
    if action in _ALARMS and starts_plans(parameters.get("AlarmActions") or []):
        yield from _linked(alarm_role(cloudwatch_backends[place.account][place.region]))


def _linked(role: str) -> Iterator[Need]:
    """Return what it takes that a service makes its own role, unless that is there."""
    if not find_role(role):
        named = {"iam:awsservicename": role.split("/")[2]}
        yield Need("iam:CreateServiceLinkedRole", role, named)
