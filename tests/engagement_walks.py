"""What happens to random teams: time, acknowledgements, incidents, changes of everything."""

from __future__ import annotations

from pulumi_incidents.emulator.ssm_contacts.shifts import Override
from tests.engagement_looks import Watched
from tests.engagement_oracle import ACTIVE, Contact, Engagement
from tests.engagement_teams import (
    ALIASES,
    CONTACTS,
    ESCALATION,
    HOME,
    INCIDENTS,
    MINUTE,
    PERSON,
    SCHEDULE,
)


class Walk(Watched):
    """A random team, and one random step after another; `begun` incidents."""

    def __init__(self, seed, aws):
        super().__init__(seed, aws)
        self.begun = 0

    def step(self):
        """Do something, anything."""
        steps = {
            self._pass_time: 30,
            self._accept: 16,
            self._start_incident: 7,
            self._engage: 5,
            self._toggle: 6,
            self._replan: 5,
            self._override: 4,
            self._drop_override: 2,
            self._change_rotation: 3,
            self._delete_channel: 1,
            self._delete_contact: 2,
            self._make_again: 2,
            self._delete_rotation: 0.5,
            self._stop: 2,
            self._end_incident: 4,
            self.aws.restart: 1,
            self.look: 2,
        }
        [step] = self.chance.choices([*steps], [*steps.values()])
        step()

    def _pass_time(self):
        step = self.chance.choice([0.1, 1, 5, 5, 10, 30, 61]) * MINUTE
        if self.backwards and self.chance.random() < 0.1:
            step = -step
        self.now += step
        self.aws.set_clock(self.now)

    def _accept(self):
        if not self.pages or self.chance.random() < 0.3:
            self._look_at_pages()
        if not self.pages:
            return
        page = self.chance.choice([*self.pages.values()][-8:])
        kind = self.chance.choice(["READ", "READ", "DELIVERED"])
        given = {"AcceptType": kind, "AcceptCode": "000000", "AcceptCodeValidation": "IGNORE"}
        self._ask(CONTACTS, "AcceptPage", PageId=page["arn"], **given)
        page.setdefault("DeliveryTime", self.now)
        if kind == "READ" and "ReadTime" not in page:
            page["ReadTime"] = self.now
            engagement = self.engagements[page["engagement"]]
            engagement.acknowledged.setdefault(page["contact"], len(self.world.clocks) - 1)

    def _start_incident(self):
        plan = self.chance.choice([*self.plans])
        engaged, dedupe = self.plans[plan]
        arn = self._ask(INCIDENTS, "StartIncident", responsePlanArn=plan)["incidentRecordArn"]
        same = [each for each, other in self.open.items() if dedupe and other == dedupe]
        if same:
            assert arn == same[0]
            return
        assert arn not in self.records
        self.records[arn] = self.open[arn] = dedupe
        self.begun += 1
        call = len(self.world.clocks) - 1
        there = [each for each in engaged if self.world.known(each, call)]
        self.missing += [(arn, self.now, each) for each in engaged if each not in there]
        made = {contact: Engagement(self.world, "", contact, arn) for contact in there}
        listed = self._ask(CONTACTS, "ListEngagements", IncidentId=arn)["Engagements"]
        assert sorted(each["ContactArn"] for each in listed) == sorted(there)
        for each in listed:
            engagement = made[each["ContactArn"]]
            engagement.arn = each["EngagementArn"]
            self.engagements[engagement.arn] = engagement

    def _engage(self):
        contact = self.chance.choice(self._contacts(PERSON, ESCALATION, SCHEDULE))
        incident = self.chance.choice([None, None, *self.records])
        given = {"ContactId": contact, "Sender": "walk", "Subject": "s", "Content": "c"}
        part = {"IncidentId": incident} if incident else {}
        arn = self._ask(CONTACTS, "StartEngagement", **given, **part)["EngagementArn"]
        self.engagements[arn] = Engagement(self.world, arn, contact, incident)

    def _toggle(self):
        channel = self._any(self.channels)
        if channel and self.world.known(channel) == ACTIVE:
            self._ask(CONTACTS, "DeactivateContactChannel", ContactChannelId=channel)
            self.world.note(channel, "NOT_ACTIVATED")
        elif channel:
            self._ask(CONTACTS, "SendActivationCode", ContactChannelId=channel)
            self._activate(channel)

    def _replan(self):
        self._write_plan(self.chance.choice(self._contacts(PERSON, ESCALATION, SCHEDULE)))

    def _override(self):
        if not (rotation := self._any(self.rotations)):
            return
        rota = self.world.known(rotation)
        begin = self.now + self.chance.randint(-60, 60) * MINUTE
        end = begin + self.chance.randint(30, 200) * MINUTE
        people = tuple(self._some(rota.members, 0, 2))
        given = {"NewContactIds": [*people], "StartTime": begin.timestamp()}
        token = f"{len(self.world.clocks)}"
        name = self._ask(
            CONTACTS,
            "CreateRotationOverride",
            RotationId=rotation,
            EndTime=end.timestamp(),
            IdempotencyToken=token,
            **given,
        )["RotationOverrideId"]
        self.rotations[rotation][name] = Override(begin, end, people)
        self._note_rotation(rotation, rota)

    def _drop_override(self):
        rotation = self._any(self.rotations)
        if rotation and self.rotations[rotation]:
            name = self.chance.choice([*self.rotations[rotation]])
            given = {"RotationId": rotation, "RotationOverrideId": name}
            self._ask(CONTACTS, "DeleteRotationOverride", **given)
            del self.rotations[rotation][name]
            self._note_rotation(rotation, self.world.known(rotation))

    def _change_rotation(self):
        if not (rotation := self._any(self.rotations)):
            return
        people = self._some(self._contacts(PERSON), 1, 4)
        rule = self._recurrence(people)
        given = {"RotationId": rotation, "ContactIds": people, "Recurrence": rule}
        self._ask(CONTACTS, "UpdateRotation", **given)
        before = self.world.known(rotation)
        self._note_rotation(rotation, before._replace(members=tuple(people), recurrence=rule))

    def _note_rotation(self, rotation, rota):
        overrides = tuple(self.rotations[rotation].values())
        self.world.note(rotation, rota._replace(overrides=overrides))

    def _delete_rotation(self):
        if rotation := self._any(self.rotations):
            self._ask(CONTACTS, "DeleteRotation", RotationId=rotation)
            self.world.note(rotation, None)
            del self.rotations[rotation]
            for arn in self._contacts(SCHEDULE):
                contact = self.world.known(arn)
                left = tuple(each for each in contact.rotations if each != rotation)
                self.world.note(arn, contact._replace(rotations=left))

    def _delete_channel(self):
        if channel := self._any(self.channels):
            self._ask(CONTACTS, "DeleteContactChannel", ContactChannelId=channel)
            self._lose_channel(channel)

    def _lose_channel(self, channel):
        self.world.note(channel, None)
        del self.channels[channel]

    def _delete_contact(self):
        free = self._free(PERSON, ESCALATION, SCHEDULE)
        if len(free) > 2:
            self._lose_contact(self.chance.choice(free))

    def _free(self, *kinds):
        """Return the contacts that are in no rotation: they may be deleted."""
        taken = {each for arn in self.rotations for each in self.world.known(arn).members}
        return [each for each in self._contacts(*kinds) if each not in taken]

    def _lose_contact(self, arn):
        self._ask(CONTACTS, "DeleteContact", ContactId=arn)
        self.world.note(arn, None)
        for channel in [each for each, owner in self.channels.items() if owner == arn]:
            self._lose_channel(channel)

    def _make_again(self):
        """Give the name of somebody who is gone to somebody, or something, else."""
        there = {each.rpartition("/")[2] for each in self._contacts(PERSON, ESCALATION, SCHEDULE)}
        gone = [each for names in ALIASES.values() for each in names.split() if each not in there]
        if gone:
            alias, kind = self.chance.choice(gone), self.chance.choice([*ALIASES])
            if kind == PERSON:
                self._create_channel(self._create(alias, kind, Contact(kind)))
                self._write_plan(f"{HOME}:contact/{alias}")
            else:
                self._create(alias, kind, self._planned(f"{HOME}:contact/{alias}", kind))

    def _stop(self):
        if self.engagements:
            engagement = self.chance.choice([*self.engagements.values()])
            self._ask(CONTACTS, "StopEngagement", EngagementId=engagement.arn)
            self._note_stop(engagement)

    def _note_stop(self, engagement):
        if engagement.stop is None:
            engagement.stop = len(self.world.clocks) - 1

    def _end_incident(self):
        """Resolve an incident, open it again, or delete it."""
        if not self.records:
            return
        arn, how = self.chance.choice([*self.records]), self.chance.choice("rrrod")
        was_open = arn in self.open
        if how == "d":
            self._ask(INCIDENTS, "DeleteIncidentRecord", arn=arn)
            del self.records[arn]
        else:
            status = "OPEN" if how == "o" else "RESOLVED"
            self._ask(INCIDENTS, "UpdateIncidentRecord", arn=arn, status=status)
        if how == "o":
            self.open[arn] = self.records[arn]
            return
        self.open.pop(arn, None)
        if was_open or how == "d":
            for engagement in self.engagements.values():
                if engagement.incident == arn:
                    self._note_stop(engagement)
