"""Every public name as a typed program uses it, and mistakes that a type checker has to find.

Not run: `make check` reads it with mypy --strict. A line that has to be refused says so with the
code of its error; mypy reports it when it is not refused any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from typing_extensions import assert_type

from pulumi_incidents.providers import (
    Contact,
    ContactArgs,
    ContactChannel,
    ContactChannelArgs,
    ContactPlan,
    ContactPlanArgs,
    Incident,
    IncidentArgs,
    RegionArgs,
    ReplicationSet,
    ReplicationSetArgs,
    ResponsePlan,
    ResponsePlanArgs,
    Rotation,
    RotationArgs,
    RotationOverride,
    RotationOverrideArgs,
)
from pulumi_incidents.stacks import (
    AlarmTrigger,
    ChannelArgs,
    CompositeAlarmArgs,
    CompositeAlarmTrigger,
    Drill,
    DrillArgs,
    EscalationArgs,
    EventRuleArgs,
    EventTrigger,
    IncidentResponse,
    IncidentResponseArgs,
    IncidentTopic,
    IncidentTopicArgs,
    MemberArgs,
    MetricAlarmArgs,
    OnCall,
    OnCallArgs,
    RehearsalArgs,
    Responder,
    ResponderArgs,
    RingArgs,
    Runbook,
    RunbookArgs,
    SubscriberArgs,
    TurnsArgs,
    load_settings,
)

NAME: pulumi.Output[str] = pulumi.Output.from_input("checkout")
OPTIONS = pulumi.ResourceOptions(protect=True)

# Inputs may be declared apart from what takes them, with outputs of other resources at any depth.
plan_args: ResponsePlanArgs = {
    "name": NAME,
    "display_name": None,
    "incident_template": {"title": NAME, "impact": 2, "incident_tags": {"service": NAME}},
    "engagements": [NAME],
    "actions": [
        {
            "ssm_automation": {
                "document_name": NAME,
                "role_arn": NAME,
                "parameters": {"Service": [NAME]},
                "dynamic_parameters": {"Incident": {"variable": "INCIDENT_RECORD_ARN"}},
            }
        }
    ],
    "aws_config": {"region": "eu-west-1"},
}
plan = ResponsePlan("checkout", OPTIONS, **plan_args)
assert_type(plan.arn, pulumi.Output[str])
assert_type(plan.display_name, pulumi.Output[str | None])
assert_type(ResponsePlan.get("theirs", NAME), ResponsePlan)

incident_args: IncidentArgs = {
    "response_plan_arn": plan.arn,
    "related_items": [{"identifier": {"type": "OTHER", "value": {"url": NAME}}}],
    "triggers": {"release": NAME, "attempt": 1},
    "summary": NAME,
    "tags": {"failover": NAME},
    "on_delete": "retain",
}
incident = Incident("failover", **incident_args, opts=OPTIONS)
assert_type(incident.impact, pulumi.Output[int])
assert_type(incident.started_here, pulumi.Output[bool])
assert_type(Incident.get("theirs", "arn"), Incident)

person_args: ContactArgs = {"type": "PERSONAL", "alias": NAME, "policy": {"Statement": []}}
ana = Contact("ana", person_args, OPTIONS)
assert_type(ana.display_name, pulumi.Output[str | None])
assert_type(Contact.get("theirs", NAME), Contact)
channel_args: ContactChannelArgs = {
    "contact_id": ana.arn,
    "type": "SMS",
    "delivery_address": {"simple_address": NAME},
    "defer_activation": True,
}
phone = ContactChannel("ana-phone", **channel_args, opts=OPTIONS)
assert_type(phone.activation_status, pulumi.Output[str])
staged: ContactPlanArgs = {
    "contact_id": ana.arn,
    "stages": [
        {
            "duration_in_minutes": 5,
            "targets": [{"channel_target_info": {"contact_channel_id": phone.arn}}],
        }
    ],
}
ContactPlan("ana-plan", staged)
rotation_args: RotationArgs = {
    "contact_ids": [ana.arn],
    "time_zone_id": "Europe/Dublin",
    "recurrence": {
        "number_of_on_calls": 1,
        "recurrence_multiplier": 1,
        "weekly_settings": [
            {"day_of_week": "MON", "hand_off_time": {"hour_of_day": 9, "minute_of_hour": 30}}
        ],
    },
}
weekly = Rotation("weekly", rotation_args)
assert_type(weekly.start_time, pulumi.Output[str | None])
override_args: RotationOverrideArgs = {
    "rotation_id": weekly.arn,
    "new_contact_ids": [ana.arn],
    "start_time": "2026-12-24T18:00:00Z",
    "end_time": NAME,
}
RotationOverride("holiday", override_args)
Contact("schedule", type="ONCALL_SCHEDULE", plan={"rotation_ids": [weekly.arn]})
region: RegionArgs = {"name": NAME, "sse_kms_key_id": NAME}
replication_args: ReplicationSetArgs = {
    "regions": [region, {"name": "eu-west-1"}],
    "deletion_protected": None,
    "tags": {"team": NAME},
    "on_delete": "keep",
    "adopt_existing": True,
    "aws_config": {"region": "eu-west-1"},
}
replication = ReplicationSet("replication", replication_args, OPTIONS)
assert_type(replication.status, pulumi.Output[str])
assert_type(replication.deletion_protected, pulumi.Output[bool])
assert_type(ReplicationSet.get("theirs", NAME), ReplicationSet)

subscriber: SubscriberArgs = {"protocol": "sqs", "endpoint": NAME, "name": "team"}
filtered: SubscriberArgs = {
    "protocol": "sms",
    "endpoint": "+4915112345678",
    "filter_policy": {"detail": {"status": ["OPEN"]}},
}
topic_args: IncidentTopicArgs = {
    "subscribers": [subscriber, filtered],
    "publishers": ["cloudwatch.amazonaws.com", NAME],
    "encrypted": True,
    "other_regions": ["eu-west-1"],
}
topic = IncidentTopic("updates", topic_args, OPTIONS)
assert_type(topic.arns, pulumi.Output[Sequence[str]])
assert_type(topic.key_arn, pulumi.Output[str | None])

runbook_args: RunbookArgs = {
    "document_name": NAME,
    "skip_look_up": True,
    "parameters": {"Service": [NAME]},
    "assume_role_arn": NAME,
    "statements": [{"Action": ["s3:GetObject"], "Resource": NAME}],
}
runbook = Runbook("restart", "checkout", runbook_args)
written: RunbookArgs = {
    "content": {"schemaVersion": "0.3", "description": NAME, "mainSteps": []},
    "managed_policies": {"read": NAME},
}
Runbook("written", plan.name, written)
Runbook("later", NAME, {"content": NAME})
assert_type(runbook.role_name, pulumi.Output[str | None])
ResponsePlan("acting", incident_template={"title": "Down", "impact": 1}, actions=[runbook.action])

alarm: MetricAlarmArgs = {"namespace": "Shop", "metric_name": "Errors", "threshold": 0.5}
assert_type(AlarmTrigger("errors", plan, alarm).alarm_arn, pulumi.Output[str])
watched: MetricAlarmArgs = {
    "metric_queries": [
        {
            "id": "errors",
            "metric": {"metric_name": NAME, "namespace": "Shop", "period": 60, "stat": "p99"},
            "return_data": True,
        }
    ],
    "threshold": 1,
    "ok_actions": [NAME],
}
assert_type(AlarmTrigger("slow", plan, watched).alarm_name, pulumi.Output[str])
both: CompositeAlarmArgs = {
    "alarm_rule": NAME,
    "actions_suppressor": {"alarm": NAME, "wait_period": 60, "extension_period": 60},
}
assert_type(CompositeAlarmTrigger("both", plan, both).alarm_arn, pulumi.Output[str])
rule: EventRuleArgs = {"event_pattern": {"source": ["com.example.deploy"]}}
EventTrigger("text", plan, {"event_pattern": '{"source": ["com.example.deploy"]}'})
assert_type(EventTrigger("deploys", plan.arn, rule).rule_arn, pulumi.Output[str])
drill: DrillArgs = {"occurrence": "2026-Q4-1", "plan_arn": plan.arn, "action": runbook.action}
assert_type(Drill("drill", drill).incident_arn, pulumi.Output[str])

drill = {"occurrence": "2026-Q4-1", "plan_arn": plan.arn, "runbook": runbook_args}
assert_type(Drill("trial", drill).incident_arn, pulumi.Output[str])

home: ChannelArgs = {"type": "VOICE", "address": pulumi.Output.secret("+15005550102")}
first: RingArgs = {"after_minutes": 0, "channels": ["email", "home"]}
person: ResponderArgs = {"email": NAME, "channels": {"home": home}, "rings": [first]}
boss = Responder("boss", person, OPTIONS)
assert_type(boss.arn, pulumi.Output[str])
ben: MemberArgs = {"name": "ben", "sms": pulumi.Output.secret("+15005550100")}
days: TurnsArgs = {"people": ["ben"], "daily": ["09:00"], "hours": {"MON-FRI": ["09:00-17:00"]}}
stage: EscalationArgs = {"after_minutes": 0, "engage": ["on_call", boss, NAME], "essential": True}
team_args: OnCallArgs = {
    "people": [boss, ben, NAME, "arn:aws:ssm-contacts:us-east-1:123456789012:contact/ana"],
    "time_zone": "Europe/Dublin",
    "rotations": {"days": days},
    "gaps": True,
    "escalation": [stage],
    "behind": boss,
}
team = OnCall("team", team_args, OPTIONS)
assert_type(team.rotation_arns, pulumi.Output[Mapping[str, str]])
OnCall("second", {"people": [boss], "time_zone": "UTC", "behind": team})

rehearsal: RehearsalArgs = {"occurrence": "2026-Q4-1", "notify": True, "runbook": True}
response_args: IncidentResponseArgs = {
    "title": NAME,
    "impact": 2,
    "alarms": {"errors": alarm},
    "composite_alarms": {"both": both},
    "events": {"deploys": rule},
    "chat": topic_args,
    "runbook": runbook_args,
    "on_call": team,
    "drill": rehearsal,
    "adopt_existing": True,
}
response = IncidentResponse("checkout", response_args, OPTIONS)
assert_type(response.drill_arn, pulumi.Output[str | None])
assert_type(load_settings(pulumi.Config()), IncidentResponseArgs)

# Mistakes.
ResponsePlan("none")  # type: ignore[call-overload]
ResponsePlan("slip", incident_template={"title": "Down", "impact": "2"})  # type: ignore[call-overload]
ResponsePlan("slip", incident_template={"title": "Down"})  # type: ignore[call-overload]
ResponsePlan("slip", incident_template={"title": "Down", "impact": 2}, engagement=[])  # type: ignore[call-overload]
ResponsePlan("slip", incident_template={"title": "", "impact": 2}, adopt_existing="yes")  # type: ignore[call-overload]
Incident("slip", response_plan_arn=plan)  # type: ignore[call-overload]
Incident("slip", response_plan_arn=plan.arn, on_delete="delete")  # type: ignore[call-overload]
Contact("slip", type="PERSON")  # type: ignore[call-overload]
ContactChannel("slip", contact_id=ana.arn, type="SMS", delivery_address="+1")  # type: ignore[call-overload]
ContactPlan("slip", contact_id=ana.arn, stages=[{"targets": []}])  # type: ignore[list-item]
Rotation("slip", contact_ids=ana.arn, time_zone_id="UTC")  # type: ignore[call-overload]
RotationOverride("slip", rotation_id=weekly.arn, new_contact_ids=[])  # type: ignore[call-overload]
ReplicationSet("slip", regions=["us-east-1"])  # type: ignore[list-item]
ReplicationSet("slip", regions=[region], on_delete="delete")  # type: ignore[call-overload]
IncidentTopic("slip", {"encryption": True})  # type: ignore[arg-type]
IncidentTopic("slip", {"subscribers": [{"protocol": "pager", "endpoint": "1"}]})  # type: ignore[arg-type]
Runbook("slip", runbook_args)  # type: ignore[arg-type]
AlarmTrigger("slip", plan, {"namespace": "Shop", "threshold": "5"})  # type: ignore[typeddict-item]
AlarmTrigger("slip", plan, {"metric_queries": [{"expression": "m"}]})  # type: ignore[list-item]
CompositeAlarmTrigger("slip", plan, {})  # type: ignore[typeddict-item]
EventTrigger("slip", plan, {"event_pattern": ["all"]})  # type: ignore[typeddict-item]
IncidentTopic("slip", {"encrypted": NAME})  # type: ignore[arg-type]
IncidentTopic("slip", {"other_regions": NAME})  # type: ignore[arg-type]
Runbook("slip", "checkout", {"content": "{}", "share_with": [NAME]})  # type: ignore[list-item]
Drill("slip", {"occurrence": "1"})  # type: ignore[typeddict-item]
Drill("slip", {"occurrence": NAME, "plan_arn": plan.arn})  # type: ignore[typeddict-item]
IncidentResponse("slip", {"title": "Down", "impact": 2, "engagement": []})  # type: ignore[typeddict-unknown-key]
IncidentResponse("slip", {"title": "Down", "impact": 2, "alarms": [alarm]})  # type: ignore[typeddict-item]
