"""Reusable components: a working incident response from one declaration, and each of its parts."""

from pulumi_incidents.stacks.alarm_trigger import AlarmTrigger, MetricAlarmArgs
from pulumi_incidents.stacks.composite_alarm_trigger import (
    CompositeAlarmArgs,
    CompositeAlarmTrigger,
)
from pulumi_incidents.stacks.drill import Drill, DrillArgs
from pulumi_incidents.stacks.event_trigger import EventRuleArgs, EventTrigger
from pulumi_incidents.stacks.incident_response import (
    IncidentResponse,
    IncidentResponseArgs,
    RehearsalArgs,
)
from pulumi_incidents.stacks.runbook import Runbook, RunbookArgs
from pulumi_incidents.stacks.settings import load_settings
from pulumi_incidents.stacks.subscribers import SubscriberArgs
from pulumi_incidents.stacks.topics import IncidentTopic, IncidentTopicArgs

__all__ = [
    "AlarmTrigger",
    "CompositeAlarmArgs",
    "CompositeAlarmTrigger",
    "Drill",
    "DrillArgs",
    "EventRuleArgs",
    "EventTrigger",
    "IncidentResponse",
    "IncidentResponseArgs",
    "IncidentTopic",
    "IncidentTopicArgs",
    "MetricAlarmArgs",
    "RehearsalArgs",
    "Runbook",
    "RunbookArgs",
    "SubscriberArgs",
    "load_settings",
]
