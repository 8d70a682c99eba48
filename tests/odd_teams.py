"""Random teams in states that chance alone hardly ever brings about."""

from __future__ import annotations

from pulumi_incidents.emulator.ssm_contacts.shifts import Override
from tests.engagement_teams import CONTACTS, ESCALATION, HOME, MINUTE, PERSON, SCHEDULE
from tests.engagement_walks import Walk


class OddTeam(Walk):
    """A random team, and steps that make an odd one of it."""

    def _nest(self):
        """Let a plan engage a plan, which has the name of somebody who was engaged and is gone."""
        engaged = {
            target["ContactTargetInfo"]["ContactId"]
            for plan in self._contacts(ESCALATION)
            for stage in self.world.known(plan).stages
            for target in stage["Targets"]
        }
        if arn := self._any([each for each in self._free(PERSON, SCHEDULE) if each in engaged]):
            self._become_plan(arn)

    def _become_plan(self, arn):
        self._lose_contact(arn)
        alias = arn.removeprefix(f"{HOME}:contact/")
        self._create(alias, ESCALATION, self._planned(arn, ESCALATION))

    def _postpone(self):
        """Let a rotation begin now or later: until then nobody has a turn."""
        if rotation := self._any(self.rotations):
            start = self.now + self.chance.choice([0, 1, 7, 30, 300]) * MINUTE
            self._rewrite(rotation, start=start)

    def _lose_stand_in(self):
        """Let an override alone have the name of somebody who is gone, or of a plan by now."""
        several = [each for each in self.rotations if len(self.world.known(each).members) > 1]
        if not (rotation := self._any(several)):
            return
        person, other = self.chance.sample(self.world.known(rotation).members, 2)
        self._stand_in(rotation, self.chance.choice([(person,), (person, other)]))
        for each in self.rotations:
            left = tuple(who for who in self.world.known(each).members if who != person)
            self._rewrite(each, members=left or (other,))
        if self.chance.random() < 0.5:
            self._lose_contact(person)
        else:
            self._become_plan(person)

    def _stand_in(self, rotation, people):
        begin, end = self.now - 10 * MINUTE, self.now + self.chance.randint(30, 200) * MINUTE
        made = self._ask(
            CONTACTS,
            "CreateRotationOverride",
            RotationId=rotation,
            NewContactIds=[*people],
            StartTime=begin.timestamp(),
            EndTime=end.timestamp(),
            IdempotencyToken=f"{len(self.world.clocks)}",
        )
        self.rotations[rotation][made["RotationOverrideId"]] = Override(begin, end, people)
        self._note_rotation(rotation, self.world.known(rotation))

    def _rewrite(self, rotation, **what):
        made = self.world.known(rotation)._replace(**what)
        recurrence = {**made.recurrence}
        recurrence["NumberOfOnCalls"] = min(recurrence["NumberOfOnCalls"], len(made.members))
        made = made._replace(recurrence=recurrence)
        self._ask(
            CONTACTS,
            "UpdateRotation",
            RotationId=rotation,
            ContactIds=[*made.members],
            StartTime=made.start.timestamp(),
            Recurrence=recurrence,
        )
        self._note_rotation(rotation, made)
