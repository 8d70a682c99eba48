"""An account of a large company: 50 response plans, 200 contacts, 30 rotations, and their wiring.

Each of ten teams has a topic, a document with its role, a secret of PagerDuty, and a rule; each
plan has an alarm of its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_incidents.emulator.testing import LocalAws

PLANS, CONTACTS, ROTATIONS, TEAMS = 50, 200, 30, 10
PEOPLE = CONTACTS - 2 * ROTATIONS  # the others are a schedule and an escalation plan for each
_ACCOUNT = "123456789012"
_MEMBERS = 5
_CONTENT = {
    "schemaVersion": "0.3",
    "mainSteps": [{"name": "wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
}


def seed() -> dict[str, Any]:
    """Return people, schedules and plans, as a local AWS takes a seed."""
    return {
        "Contacts": [*map(_person, range(PEOPLE)), *_schedules()],
        "Rotations": [*map(_rotation, range(ROTATIONS))],
        "ResponsePlans": [*map(_plan, range(PLANS))],
    }


def settle(aws: LocalAws) -> None:
    """Make all of it in an empty local AWS."""
    sns, ssm, iam = (aws.client(service) for service in ("sns", "ssm", "iam"))
    cloudwatch, secrets = aws.client("cloudwatch"), aws.client("secretsmanager")
    for team in range(TEAMS):
        topic = sns.create_topic(Name=f"team-{team}")["TopicArn"]
        policy = _allow("SNS:Publish", topic, Principal={"Service": "ssm-incidents.amazonaws.com"})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=f"+1206556{team:04d}")
        name = f"Restart-{team}"
        ssm.create_document(Name=name, DocumentType="Automation", Content=json.dumps(_CONTENT))
        trust = _allow("sts:AssumeRole", Principal={"Service": "ssm-incidents.amazonaws.com"})
        iam.create_role(RoleName=f"runbook-{team}", AssumeRolePolicyDocument=trust)
        rights = _allow("ssm:StartAutomationExecution", "*")
        iam.put_role_policy(RoleName=f"runbook-{team}", PolicyName="start", PolicyDocument=rights)
        secrets.create_secret(Name=f"pagerduty-{team}", SecretString="{}")
    made = aws.seed(seed())["ResponsePlans"]
    _listen(aws, [made[f"service-{team}"] for team in range(TEAMS)])
    for arn in made.values():
        cloudwatch.put_metric_alarm(
            AlarmName=arn.rpartition("/")[2],
            AlarmActions=[arn],
            Namespace="Shop",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            Threshold=1,
            EvaluationPeriods=1,
            ComparisonOperator="GreaterThanThreshold",
        )


def _listen(aws: LocalAws, plans: list[str]) -> None:
    """Let a rule of each team start a plan."""
    iam, events = aws.client("iam"), aws.client("events")
    for team, arn in enumerate(plans):
        trust = _allow("sts:AssumeRole", Principal={"Service": "events.amazonaws.com"})
        role = iam.create_role(RoleName=f"events-{team}", AssumeRolePolicyDocument=trust)["Role"]
        rights = _allow("*", "*")
        iam.put_role_policy(RoleName=f"events-{team}", PolicyName="start", PolicyDocument=rights)
        pattern = json.dumps({"source": [f"com.example.{team}"]})
        events.put_rule(Name=f"team-{team}", EventPattern=pattern)
        target = {"Id": "plan", "Arn": arn, "RoleArn": role["Arn"]}
        events.put_targets(Rule=f"team-{team}", Targets=[target])


def _person(number: int) -> dict[str, Any]:
    address = f"+1206555{number:04d}"
    channels = [
        {"Name": name, "Type": kind, "DeliveryAddress": {"SimpleAddress": address}}
        for name, kind in (("text", "SMS"), ("call", "VOICE"))
    ]
    return {
        "Alias": f"person-{number}",
        "Type": "PERSONAL",
        "DisplayName": f"Person {number}",
        "Channels": [{**channel, "Activated": True} for channel in channels],
        "Plan": {
            "Stages": [
                {
                    "DurationInMinutes": 5,
                    "Targets": [{"ChannelTargetInfo": {"ContactChannelId": channel["Name"]}}],
                }
                for channel in channels
            ]
        },
    }


def _members(number: int) -> list[str]:
    """Return the people of a rotation: everybody is in one, and some are in two."""
    return [f"person-{(number * _MEMBERS + place) % PEOPLE}" for place in range(_MEMBERS)]


def _rotation(number: int) -> dict[str, Any]:
    handoff = {"DayOfWeek": "MON", "HandOffTime": {"HourOfDay": 9, "MinuteOfHour": 0}}
    return {
        "Name": f"weeks-{number}",
        "ContactIds": _members(number),
        "TimeZoneId": "Europe/Dublin",
        "StartTime": 1_772_442_000,  # a Monday of 2026
        "Recurrence": {
            "NumberOfOnCalls": 1,
            "RecurrenceMultiplier": 1,
            "WeeklySettings": [handoff],
        },
    }


def _schedules() -> Iterator[dict[str, Any]]:
    for number in range(ROTATIONS):
        schedule = f"on-call-{number}"
        plan = {"RotationIds": [f"weeks-{number}"]}
        yield {"Alias": schedule, "Type": "ONCALL_SCHEDULE", "Plan": plan}
        stages = [[schedule], _members(number)[:2]]
        yield {
            "Alias": f"escalation-{number}",
            "Type": "ESCALATION",
            "Plan": {
                "Stages": [
                    {
                        "DurationInMinutes": 10,
                        "Targets": [
                            {"ContactTargetInfo": {"ContactId": alias, "IsEssential": True}}
                            for alias in engaged
                        ],
                    }
                    for engaged in stages
                ]
            },
        }


def _plan(number: int) -> dict[str, Any]:
    team = number % TEAMS
    automation = {
        "documentName": f"Restart-{team}",
        "roleArn": f"arn:aws:iam::{_ACCOUNT}:role/runbook-{team}",
    }
    pager_duty = {
        "name": f"team-{team}",
        "secretId": f"pagerduty-{team}",
        "pagerDutyIncidentConfiguration": {"serviceId": f"P{team}"},
    }
    return {
        "name": f"service-{number}",
        "displayName": f"Service {number}",
        "incidentTemplate": {
            "title": f"Service {number} is failing",
            "impact": 2,
            "dedupeString": f"service-{number}",
        },
        "chatChannel": {"chatbotSns": [f"arn:aws:sns:us-east-1:{_ACCOUNT}:team-{team}"]},
        "engagements": [f"escalation-{number % ROTATIONS}"],
        "actions": [{"ssmAutomation": automation}],
        "integrations": [{"pagerDutyConfiguration": pager_duty}],
    }


def _allow(action: str, resource: str = "", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, **more}
    named = {"Resource": resource} if resource else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **named}]})
