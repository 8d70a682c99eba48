"""A team at the local AWS, made with boto3 as any program makes one."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import count

ACCOUNT = "123456789012"
PLACE = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}"
# A Monday.
MONDAY = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
NINE = {"HourOfDay": 9, "MinuteOfHour": 0}
DAILY = {"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1, "DailySettings": [NINE]}
WEEKLY = {
    "NumberOfOnCalls": 1,
    "RecurrenceMultiplier": 1,
    "WeeklySettings": [{"DayOfWeek": "MON", "HandOffTime": NINE}],
}
WORDS = {"Sender": "tester", "Subject": "Shop is down", "Content": "Nobody can pay."}
NOBODY = f"{PLACE}:contact/nobody"
_NUMBERS = count(100)


def stage(*targets, minutes=5):
    """Return a stage of a plan."""
    return {"DurationInMinutes": minutes, "Targets": [*targets]}


def by(channel, **more):
    """Return a target that is a channel."""
    return {"ChannelTargetInfo": {"ContactChannelId": channel, **more}}


def whom(contact, *, essential=False):
    """Return a target that is a contact."""
    return {"ContactTargetInfo": {"ContactId": contact, "IsEssential": essential}}


def answered(answer):
    """Return what an operation answers, without what is about the transport."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


class People:
    """Contacts, channels and rotations of one local AWS."""

    def __init__(self, local_aws, **where):
        """Look at it as a program does."""
        self.local_aws = local_aws
        self.aws = local_aws.client("ssm-contacts", **where)

    def contact(self, alias, kind="PERSONAL", *stages, **more):
        """Make a contact with the stages of a plan, and return its ARN."""
        plan = {"Stages": [*stages]}
        given = {"Alias": alias, "Type": kind, "Plan": plan, **more}
        return self.aws.create_contact(**given)["ContactArn"]

    def schedule(self, alias, *rotations):
        """Make an on-call schedule."""
        plan = {"RotationIds": [*rotations]}
        kind = "ONCALL_SCHEDULE"
        return self.aws.create_contact(Alias=alias, Type=kind, Plan=plan)["ContactArn"]

    def channel(self, contact, kind="SMS", address=None, *, active=True, name=None):
        """Give a person a channel, activated unless said otherwise, and return its ARN."""
        number = next(_NUMBERS)
        mail = kind == "EMAIL"
        address = address or (f"p{number}@example.com" if mail else f"+1206555{number:04d}")
        arn = self.aws.create_contact_channel(
            ContactId=contact,
            Name=name or f"{kind} {number}",
            Type=kind,
            DeliveryAddress={"SimpleAddress": address},
            DeferActivation=not active,
        )["ContactChannelArn"]
        if active:
            self.activate(arn)
        return arn

    def code(self, channel):
        """Return the code that a channel was sent, or None."""
        sent = self.local_aws.activations(channel)
        return sent[0]["activationCode"] if sent else None

    def activate(self, channel):
        """Activate a channel with the code that it was sent."""
        code = self.code(channel)
        self.aws.activate_contact_channel(ContactChannelId=channel, ActivationCode=code)

    def person(self, alias, kind="SMS", minutes=5):
        """Make somebody whom one activated channel reaches at once; return the ARN."""
        contact = self.contact(alias)
        plan = {"Stages": [stage(by(self.channel(contact, kind)), minutes=minutes)]}
        self.aws.update_contact(ContactId=contact, Plan=plan)
        return contact

    def rotation(self, *people, name="days", recurrence=WEEKLY, start=MONDAY, **more):
        """Let people be on call by turns, and return the ARN of the rotation."""
        made = self.aws.create_rotation(
            Name=name,
            ContactIds=[*people],
            Recurrence=recurrence,
            StartTime=start,
            **{"TimeZoneId": "UTC", **more},
        )
        return made["RotationArn"]

    def engage(self, contact, **more):
        """Start an engagement, and return its ARN."""
        return self.aws.start_engagement(ContactId=contact, **WORDS, **more)["EngagementArn"]

    def sent(self, **about):
        """Return whom pages went to, by alias, oldest first."""
        return [each["contactArn"].rpartition("/")[2] for each in self.pages(**about)]

    def pages(self, **about):
        """Return the pages that were sent, as the control API tells them, oldest first."""
        query = "&".join(f"{name}={value}" for name, value in about.items())
        return self.local_aws._control("GET", f"pages?{query}")["pages"]

    def accept(self, page, kind="READ", **more):
        """Acknowledge a page with the code that it came with."""
        self.aws.accept_page(
            PageId=page["pageArn"], AcceptType=kind, AcceptCode=page["acceptCode"], **more
        )
