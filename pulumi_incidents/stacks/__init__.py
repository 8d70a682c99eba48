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
from pulumi_incidents.stacks.on_call import (
    EscalationArgs,
    MemberArgs,
    OnCall,
    OnCallArgs,
    TurnsArgs,
)
from pulumi_incidents.stacks.responder import ChannelArgs, Responder, ResponderArgs, RingArgs
from pulumi_incidents.stacks.runbook import Runbook, RunbookArgs
from pulumi_incidents.stacks.settings import load_settings
from pulumi_incidents.stacks.subscribers import SubscriberArgs
from pulumi_incidents.stacks.topics import IncidentTopic, IncidentTopicArgs

__all__ = [
    "AlarmTrigger",
    "ChannelArgs",
    "CompositeAlarmArgs",
    "CompositeAlarmTrigger",
    "Drill",
    "DrillArgs",
    "EscalationArgs",
    "EventRuleArgs",
    "EventTrigger",
    "IncidentResponse",
    "IncidentResponseArgs",
    "IncidentTopic",
    "IncidentTopicArgs",
    "MemberArgs",
    "MetricAlarmArgs",
    "OnCall",
    "OnCallArgs",
    "RehearsalArgs",
    "Responder",
    "ResponderArgs",
    "RingArgs",
    "Runbook",
    "RunbookArgs",
    "SubscriberArgs",
    "TurnsArgs",
    "load_settings",
]
