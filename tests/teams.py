"""People, schedules and plans for tests of engagements, made with boto3 as any program would."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

START = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)  # a Monday
MINUTE = timedelta(minutes=1)
NUMBERS = {"SMS": "+1555010{:04}", "VOICE": "+1555020{:04}", "EMAIL": "mail{}@example.com"}


class Team:
    """The contacts of a local AWS, whose clock it stops on a Monday at nine."""

    def __init__(self, aws):
        self.aws = aws
        self.contacts, self.incidents = aws.client("ssm-contacts"), aws.client("ssm-incidents")
        self.made = 0
        aws.set_clock(START)

    # Who there is

    def contact(self, alias, kind, **plan):
        """Make a contact of any type and return its ARN."""
        return self.contacts.create_contact(Alias=alias, Type=kind, Plan=plan)["ContactArn"]

    def channel(self, contact, kind="SMS", *, active=True):
        """Give a person a channel, and return its ARN."""
        self.made += 1
        arn = self.contacts.create_contact_channel(
            ContactId=contact,
            Name=f"{kind} {self.made}",
            Type=kind,
            DeliveryAddress={"SimpleAddress": NUMBERS[kind].format(self.made)},
        )["ContactChannelArn"]
        if active:
            self.activate(arn)
        return arn

    def activate(self, channel):
        """Activate a channel with the code that was sent to it."""
        self.aws.activate(channel)

    def person(self, alias, *minutes, kind="SMS"):
        """Make a person with one channel, paged at the start of each stage of so many minutes."""
        arn = self.contact(alias, "PERSONAL", Stages=[])
        self.plan(arn, *((each, self.channel(arn, kind)) for each in minutes or (0,)))
        return arn

    def plan(self, contact, *stages):
        """Give a contact the stages: minutes, and then channels, contacts or essential ones."""
        self.contacts.update_contact(ContactId=contact, Plan={"Stages": [*map(_stage, stages)]})

    def escalation(self, alias, *stages):
        """Make an escalation plan of such stages."""
        return self.contact(alias, "ESCALATION", Stages=[*map(_stage, stages)])

    def rotation(self, *people, hours=(9,)):
        """Make a rotation whose people take turns every day at some hours in UTC, from nine on."""
        daily = [{"HourOfDay": hour, "MinuteOfHour": 0} for hour in hours]
        return self.contacts.create_rotation(
            Name="turns",
            ContactIds=people,
            TimeZoneId="UTC",
            StartTime=START,
            Recurrence={"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1, "DailySettings": daily},
            IdempotencyToken=str(uuid.uuid4()),
        )["RotationArn"]

    def schedule(self, alias, *rotations):
        """Make an on-call schedule."""
        return self.contact(alias, "ONCALL_SCHEDULE", RotationIds=rotations)

    def override(self, rotation, *people, begin=0, minutes=60):
        """Put others on call, from so many minutes after the start on."""
        since = START + begin * MINUTE
        self.contacts.create_rotation_override(
            RotationId=rotation,
            NewContactIds=people,
            StartTime=since,
            EndTime=since + minutes * MINUTE,
            IdempotencyToken=str(uuid.uuid4()),
        )

    # What happens

    def engage(self, contact, **words):
        """Engage a contact and return the ARN of the engagement."""
        return self.contacts.start_engagement(
            ContactId=contact, Sender="test", Subject="s", Content="c", **words
        )["EngagementArn"]

    def respond(self, *engagements, dedupe=None):
        """Start an incident whose plan engages these contacts, and return its ARN."""
        self.made += 1
        once = {"dedupeString": dedupe} if dedupe else {}
        plan = self.incidents.create_response_plan(
            name=f"plan-{self.made}",
            incidentTemplate={"title": "Checkout fails", "impact": 2, "summary": "Why", **once},
            engagements=engagements,
        )["arn"]
        return self.start(plan)

    def start(self, plan):
        """Start an incident of a plan and return its ARN."""
        return self.incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]

    def resolve(self, incident, status="RESOLVED"):
        """Resolve an incident, or open it again."""
        self.incidents.update_incident_record(arn=incident, status=status)

    def at(self, minutes):
        """Put the clock to so many minutes after the start."""
        self.aws.set_clock(START + minutes * MINUTE)

    def acknowledge(self, alias, engagement=None, kind="READ"):
        """Acknowledge the page that a person got last."""
        page = [each for each in self.pages(engagement) if _alias(each["contactArn"]) == alias][-1]
        self.contacts.accept_page(
            PageId=page["pageArn"], AcceptType=kind, AcceptCode=page["acceptCode"]
        )

    # What there is to see

    def pages(self, engagement=None):
        """Return the pages of an engagement, or all of them, oldest first."""
        query = f"?engagement={engagement}" if engagement else ""
        return self.aws._control("GET", f"pages{query}")["pages"]

    def paged(self, engagement=None):
        """Return who was paged, and so many minutes after the start."""
        return [(_minutes(each), _alias(each["contactArn"])) for each in self.pages(engagement)]

    def engagements(self, incident):
        """Return the engagements of an incident, oldest first."""
        return self.contacts.list_engagements(IncidentId=incident)["Engagements"][::-1]

    def timeline(self, incident):
        """Return what the timeline tells of people: the events' types, without their pattern."""
        pages = self.incidents.get_paginator("list_timeline_events").paginate(
            incidentRecordArn=incident, sortOrder="ASCENDING"
        )
        kinds = [event["eventType"] for page in pages for event in page["eventSummaries"]]
        return [
            kind.removeprefix("SSM Contacts ").removesuffix(" for Incident")
            for kind in kinds
            if kind.startswith("SSM Contacts ")
        ]


def essential(contact):
    """Return a contact as one whose acknowledgement ends an escalation plan."""
    return {"ContactTargetInfo": {"ContactId": contact, "IsEssential": True}}


def _stage(stage):
    minutes, *targets = stage
    return {"DurationInMinutes": minutes, "Targets": [*map(_target, targets)]}


def _target(target):
    if isinstance(target, dict):
        return target
    if ":contact-channel/" in target:
        return {"ChannelTargetInfo": {"ContactChannelId": target}}
    return {"ContactTargetInfo": {"ContactId": target, "IsEssential": False}}


def _alias(arn):
    return arn.rpartition("/")[2]


def _minutes(page):
    return (datetime.fromisoformat(page["sentTime"]) - START) / MINUTE
