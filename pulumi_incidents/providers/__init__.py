"""The dynamic resources: `ResponsePlan` and `Incident`."""

from pulumi_incidents.providers.incident import Incident, IncidentArgs
from pulumi_incidents.providers.response_plan import ResponsePlan, ResponsePlanArgs

__all__ = ["Incident", "IncidentArgs", "ResponsePlan", "ResponsePlanArgs"]
