"""Reusable components: a working incident response from one declaration."""

from pulumi_incidents.stacks.incident_response import (
    IncidentResponse,
    IncidentResponseArgs,
    RunbookArgs,
)
from pulumi_incidents.stacks.settings import Settings, load_settings

__all__ = ["IncidentResponse", "IncidentResponseArgs", "RunbookArgs", "Settings", "load_settings"]
