"""The dynamic resources of Incident Manager, under AWS's own names."""

from pulumi_incidents.providers.contact import Contact, ContactArgs
from pulumi_incidents.providers.contact_channel import ContactChannel, ContactChannelArgs
from pulumi_incidents.providers.contact_plan import ContactPlan, ContactPlanArgs
from pulumi_incidents.providers.incident import Incident, IncidentArgs
from pulumi_incidents.providers.replication_set import (
    RegionArgs,
    ReplicationSet,
    ReplicationSetArgs,
)
from pulumi_incidents.providers.response_plan import ResponsePlan, ResponsePlanArgs
from pulumi_incidents.providers.rotation import Rotation, RotationArgs
from pulumi_incidents.providers.rotation_override import RotationOverride, RotationOverrideArgs

__all__ = [
    "Contact",
    "ContactArgs",
    "ContactChannel",
    "ContactChannelArgs",
    "ContactPlan",
    "ContactPlanArgs",
    "Incident",
    "IncidentArgs",
    "RegionArgs",
    "ReplicationSet",
    "ReplicationSetArgs",
    "ResponsePlan",
    "ResponsePlanArgs",
    "Rotation",
    "RotationArgs",
    "RotationOverride",
    "RotationOverrideArgs",
]
