"""Random teams on any local AWS."""

from __future__ import annotations

import random
from datetime import timedelta

from pulumi_incidents.emulator.ssm_contacts.shifts import Rota
from tests.engagement_oracle import ACTIVE, Contact, World
from tests.rotas import DAYS, WEEK, ZONES, at, recurrence, windows

CONTACTS, INCIDENTS = "ssm-contacts", "ssm-incidents"
HOME = "arn:aws:ssm-contacts:us-east-1:123456789012"
PERSON, ESCALATION, SCHEDULE = "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"
MINUTE = timedelta(minutes=1)
DURATIONS = (0, 0, 1, 2, 5, 10, 30)
ALIASES = {PERSON: "ana ben cleo dan eve", SCHEDULE: "days nights", ESCALATION: "shop web"}


class RandomTeam:
    """People, channels, rotations, schedules and plans, and what the oracle is told of them.

    `aws` has `ask(service, operation, parameters)`, `set_clock(time)`, `code_of(channel)` and
    `restart()`. Each of the first and the third is a call by which what is due comes to pass.
    """

    def __init__(self, seed, aws):
        self.seed, self.aws, self.world = seed, aws, World()
        self.chance = random.Random(seed)  # noqa: S311 - what happens has to be the same again
        self.now = at(self.chance.choice(DAYS)) + self.chance.randrange(0, 30 * 60) * MINUTE
        aws.set_clock(self.now)
        self.channels, self.rotations = {}, {}  # whose each is; the overrides of each
        self.plans = {}  # whom each response plan engages, and its dedupe string
        self.made = 0
        self._make_team()

    def __repr__(self):
        return f"{type(self).__name__}({self.seed})"

    def _make_team(self):
        for alias in ALIASES[PERSON].split():
            arn = self._create(alias, PERSON, Contact(PERSON))
            for _ in range(self.chance.randint(0, 3)):
                self._create_channel(arn)
            self._write_plan(arn)
        for _ in range(self.chance.randint(1, 3)):
            self._create_rotation()
        for kind in (SCHEDULE, ESCALATION):
            for alias in ALIASES[kind].split():
                self._create(alias, kind, self._planned(f"{HOME}:contact/{alias}", kind))
        for number in range(3):
            self._create_response_plan(f"plan-{number}")

    def _create(self, alias, kind, contact):
        given = {"Alias": alias, "Type": kind, "Plan": _plan(contact)}
        arn = self._ask(CONTACTS, "CreateContact", **given)["ContactArn"]
        assert arn == f"{HOME}:contact/{alias}"
        self.world.note(arn, contact)
        return arn

    def _create_channel(self, person):
        self.made += 1
        kind = self.chance.choice(["SMS", "VOICE", "EMAIL"])
        address = f"a{self.made}@b.c" if kind == "EMAIL" else f"+1555{self.made:07}"
        arn = self._ask(
            CONTACTS,
            "CreateContactChannel",
            ContactId=person,
            Name=f"channel {self.made}",
            Type=kind,
            DeliveryAddress={"SimpleAddress": address},
        )["ContactChannelArn"]
        self.channels[arn] = person
        self.world.note(arn, "NOT_ACTIVATED")
        if self.chance.random() < 0.8:
            self._activate(arn)

    def _activate(self, channel):
        self.world.call(self.now)
        code = self.aws.code_of(channel)
        given = {"ContactChannelId": channel, "ActivationCode": code}
        self._ask(CONTACTS, "ActivateContactChannel", **given)
        self.world.note(channel, ACTIVE)

    def _planned(self, arn, kind):
        """Return a contact with a random plan of what there is."""
        if kind == SCHEDULE:
            rotations = [each for each in self.rotations if self.chance.random() < 0.7]
            return Contact(kind, rotations=tuple(rotations))
        if kind == PERSON:
            targets = [
                {"ChannelTargetInfo": {"ContactChannelId": each, "RetryIntervalInMinutes": 1}}
                for each in self.channels
                if self.channels[each] == arn and self.world.known(each) is not None
            ]
        else:
            targets = [
                {
                    "ContactTargetInfo": {
                        "ContactId": each,
                        "IsEssential": self.chance.random() < 0.4,
                    }
                }
                for each in self._contacts(PERSON, SCHEDULE)
            ]
        return Contact(kind, tuple(self._stage(targets) for _ in range(self.chance.randint(0, 4))))

    def _stage(self, targets):
        taken = self.chance.choices(
            targets, k=self.chance.choice([0, 1, 1, 1, 2, 3]) if targets else 0
        )
        minutes = self.chance.choice(DURATIONS)
        return {"DurationInMinutes": minutes if taken else max(minutes, 1), "Targets": taken}

    def _create_rotation(self):
        people = self._some(self._contacts(PERSON), 1, 4)
        start = self.now - self.chance.randrange(0, 40 * 24 * 60) * MINUTE
        zone, rule = self.chance.choice(ZONES), self._recurrence(people)
        arn = self._ask(
            CONTACTS,
            "CreateRotation",
            Name="turns",
            ContactIds=people,
            TimeZoneId=zone,
            StartTime=start.timestamp(),
            Recurrence=rule,
            IdempotencyToken=f"{len(self.world.clocks)}",
        )["RotationArn"]
        self.rotations[arn] = {}
        self.world.note(arn, Rota(tuple(people), zone, rule, start))

    def _recurrence(self, people):
        """Return turns that are short, so that some end while plans are worked on."""
        hand_offs = [f"{h:02}:{self.chance.choice([0, 10, 30]):02}" for h in range(24)]
        kept = self._some(hand_offs, 1, 24)
        if self.chance.random() < 0.3:
            kept = [f"{self.chance.choice(WEEK)} {each}" for each in kept]
        days = windows(" ".join(self._some(WEEK, 1, 7)), "00:00-12:00", "14:00-00:00")
        coverages = days if self.chance.random() < 0.4 else None
        at_once = self.chance.randint(1, len(people))
        return recurrence(*kept, at_once=at_once, coverages=coverages)

    def _create_response_plan(self, name):
        engaged = self._some(self._contacts(PERSON, ESCALATION, SCHEDULE), 0, 3)
        dedupe = self.chance.choice(["", "", "same"])
        template = {"title": name, "impact": 1, **({"dedupeString": dedupe} if dedupe else {})}
        given = {"name": name, "incidentTemplate": template, "engagements": engaged}
        arn = self._ask(INCIDENTS, "CreateResponsePlan", **given)["arn"]
        self.plans[arn] = engaged, dedupe

    def _write_plan(self, arn):
        contact = self._planned(arn, self.world.known(arn).kind)
        self._ask(CONTACTS, "UpdateContact", ContactId=arn, Plan=_plan(contact))
        self.world.note(arn, contact)

    # Asking

    def _ask(self, service, operation, **parameters):
        self.world.call(self.now)
        return self.aws.ask(service, operation, parameters)

    def _all(self, member, operation="ListEngagements", service=CONTACTS, **parameters):
        """Return everything of a list, oldest first."""
        size, token = (
            ("MaxResults", "NextToken") if service == CONTACTS else ("maxResults", "nextToken")
        )
        found, more = [], {size: 100}
        while more:
            answer = self._ask(service, operation, **parameters, **more)
            found += answer[member]
            more = {token: answer[token], size: 100} if answer.get(token) else {}
        return found[::-1] if service == CONTACTS else found

    def _contacts(self, *kinds):
        living = self.world.living()
        return [a for a, each in living.items() if isinstance(each, Contact) and each.kind in kinds]

    def _some(self, things, least, most):
        return self.chance.sample([*things], min(self.chance.randint(least, most), len(things)))

    def _any(self, things):
        return self.chance.choice([*things]) if things else None


def _plan(contact):
    if contact.kind == SCHEDULE:
        return {"RotationIds": [*contact.rotations]}
    return {"Stages": [*contact.stages]}
