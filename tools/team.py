"""A small team on call, for pictures and tests of the console.

Three people with telephones and mailboxes, of whom all but one are active; a schedule of two
rotations that leaves Sundays open, with one override; an escalation plan, and a response plan that
engages it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pulumi_incidents.emulator.testing import LocalAws

ZONE = "Europe/London"
# A Monday in winter, when the clocks of the zone are those of UTC.
MORNING = datetime(2027, 2, 1, 9, 58, tzinfo=timezone.utc)
PEOPLE = {"ana": "Ana", "ben": "Ben", "chidi": "Chidi"}
_MIDNIGHT = {"HourOfDay": 0, "MinuteOfHour": 0}
_NINE = {"HourOfDay": 9, "MinuteOfHour": 0}
_ALL_DAY = [{"Start": _MIDNIGHT, "End": _MIDNIGHT}]


class Team(NamedTuple):
    """The ARNs of a team: people by alias, what engages them, and the plan of incidents."""

    people: dict[str, str]
    channels: dict[tuple[str, str], str]
    rotations: dict[str, str]
    escalation: str
    plan: str


def make(aws: LocalAws) -> Team:
    """Make the team, on the morning of a Monday at which the clock stands."""
    aws.set_clock(MORNING)
    contacts = aws.client("ssm-contacts")
    people = {alias: _person(contacts, alias, name) for alias, name in PEOPLE.items()}
    channels = {
        (alias, kind): _channel(contacts, arn, alias, kind)
        for alias, arn in people.items()
        for kind in ("SMS", "VOICE", "EMAIL")
    }
    for (alias, kind), channel in channels.items():
        # All but the mailboxes and one telephone.
        if kind != "EMAIL" and (alias, kind) != ("ben", "VOICE"):
            aws.activate(channel)
    for alias, arn in people.items():
        _reach(contacts, arn, [channels[alias, "SMS"], channels[alias, "VOICE"]])
    rotations = {
        "Weekdays": _rotation(contacts, "Weekdays", [*people.values()], "MON TUE WED THU FRI"),
        "Saturdays": _rotation(contacts, "Saturdays", [people["chidi"], people["ben"]], "SAT"),
    }
    contacts.create_rotation_override(
        RotationId=rotations["Weekdays"],
        NewContactIds=[people["ana"]],
        StartTime=MORNING.replace(hour=9, minute=0) + timedelta(days=9),
        EndTime=MORNING.replace(hour=9, minute=0) + timedelta(days=11),
    )
    escalation = _escalation(contacts, [*rotations.values()], people["ana"])
    plan = aws.client("ssm-incidents").create_response_plan(
        name="checkout",
        displayName="Checkout",
        incidentTemplate={"title": "Checkout is failing", "impact": 2},
        engagements=[escalation],
    )
    return Team(people, channels, rotations, escalation, plan["arn"])


def _person(contacts: Any, alias: str, name: str) -> str:
    given = {"Alias": alias, "DisplayName": name, "Type": "PERSONAL", "Plan": {"Stages": []}}
    return str(contacts.create_contact(**given)["ContactArn"])


def _channel(contacts: Any, person: str, alias: str, kind: str) -> str:
    name = {"SMS": "mobile", "VOICE": "landline", "EMAIL": "work"}[kind]
    number = f"+12065550{[*PEOPLE].index(alias) + 1}0{int(kind == 'VOICE')}"
    address = f"{alias}@example.com" if kind == "EMAIL" else number
    made = contacts.create_contact_channel(
        ContactId=person,
        Name=name,
        Type=kind,
        DeliveryAddress={"SimpleAddress": address},
    )
    return str(made["ContactChannelArn"])


def _reach(contacts: Any, person: str, channels: list[str]) -> None:
    """Let a person be paged over one channel after the other, five minutes apart."""
    stages = [
        {
            "DurationInMinutes": 5,
            "Targets": [{"ChannelTargetInfo": {"ContactChannelId": channel}}],
        }
        for channel in channels
    ]
    contacts.update_contact(ContactId=person, Plan={"Stages": stages})


def _rotation(contacts: Any, name: str, people: list[str], days: str) -> str:
    made = contacts.create_rotation(
        Name=name,
        ContactIds=people,
        TimeZoneId=ZONE,
        StartTime=MORNING.replace(hour=9, minute=0) - timedelta(days=7),
        Recurrence={
            "NumberOfOnCalls": 1,
            "RecurrenceMultiplier": 1,
            "WeeklySettings": [{"DayOfWeek": "MON", "HandOffTime": _NINE}],
            "ShiftCoverages": dict.fromkeys(days.split(), _ALL_DAY),
        },
    )
    return str(made["RotationArn"])


def _escalation(contacts: Any, rotations: list[str], second: str) -> str:
    """Escalate from whoever is on call to a person, ten minutes later."""
    primary = contacts.create_contact(
        Alias="primary",
        DisplayName="Primary",
        Type="ONCALL_SCHEDULE",
        Plan={"RotationIds": rotations},
    )["ContactArn"]
    stages = [
        {
            "DurationInMinutes": minutes,
            "Targets": [{"ContactTargetInfo": {"ContactId": contact, "IsEssential": True}}],
        }
        for contact, minutes in ((primary, 10), (second, 5))
    ]
    made = contacts.create_contact(
        Alias="checkout-escalation",
        DisplayName="Checkout escalation",
        Type="ESCALATION",
        Plan={"Stages": stages},
    )
    return str(made["ContactArn"])
