"""Who is paged when, computed anew: a plain reading of plans, beside that of the local AWS.

It knows what was done and nothing of how it was handled: the calls by their numbers, each with
what the clock showed, and from which call on a contact, a channel or a rotation was what it was. It
goes through the plan of a contact by recursion, from the beginning to the end, each time it is
asked. What is due comes to pass right before the first call by which its time has come.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from pulumi_incidents.emulator.ssm_contacts.shifts import on_call

ACTIVE = "ACTIVATED"
PAGE, PASSED_OVER, NOBODY = "Page", "Page Failure", "Engagement Failure"


class Contact(NamedTuple):
    """A contact: its stages and its rotations as the API has them."""

    kind: str
    stages: tuple = ()
    rotations: tuple = ()


class Event(NamedTuple):
    """What comes to pass: `about` is a channel or a contact, `way` the path that led to a page."""

    time: object
    what: str
    about: str
    way: tuple = ()


class World:
    """What was done, call by call."""

    def __init__(self):
        self.clocks = []
        self._facts = {}

    def call(self, clock):
        """Note a call at a time, and return its number."""
        self.clocks.append(clock)
        return len(self.clocks) - 1

    def note(self, arn, what):
        """Note what the last call made of something: a Contact, a Rota, ACTIVE; None is gone."""
        self._facts.setdefault(arn, []).append((len(self.clocks) - 1, what))

    def known(self, arn, call=None):
        """Return what something was before a call, or is after all of them."""
        number = len(self.clocks) if call is None else call
        return next(
            (what for since, what in reversed(self._facts.get(arn, ())) if since < number), None
        )

    def living(self):
        """Return what there is, by its ARN."""
        found = {arn: self.known(arn) for arn in self._facts}
        return {arn: what for arn, what in found.items() if what is not None}

    def first(self, call, time):
        """Return the first call, from one on, by which a time had come; None if there was none."""
        return next((n for n in range(call, len(self.clocks)) if self.clocks[n] >= time), None)


class Engagement:
    """An engagement by the last call; who acknowledged it and what stopped it, by call."""

    def __init__(self, world, arn, contact, incident=None):
        self.world = world
        self.arn, self.contact, self.incident = arn, contact, incident
        self.call = len(world.clocks) - 1
        self.acknowledged = {}
        self.stop = None

    @property
    def start(self):
        """When it began."""
        return self.world.clocks[self.call]

    def course(self):
        """Return all that has come to pass, in order of time."""
        return sorted(self._reached(self.contact, (), self.start, self.call))

    def _reached(self, arn, way, time, call):
        contact = self.world.known(arn, call)
        if contact is None:
            return [Event(time, NOBODY, arn)]
        if contact.kind == "ONCALL_SCHEDULE":
            people, way = self._people(arn, time, call), (*way, (arn, contact.kind, None))
            found = [event for each in people for event in self._reached(each, way, time, call)]
            return found if people else [Event(time, NOBODY, arn)]
        if not contact.stages:
            return [Event(time, NOBODY, arn)]
        return self._stages(arn, contact, way, time, call)

    def _stages(self, arn, contact, way, time, call):
        found, heeded = [], {arn} if contact.kind == "PERSONAL" else set()
        for number, stage in enumerate(contact.stages):
            if call is None or self._is_over(heeded, call):
                break
            here = (*way, (arn, contact.kind, number))
            for target in stage["Targets"]:
                if channel := target.get("ChannelTargetInfo"):
                    found.append(self._sent(channel["ContactChannelId"], here, time, call))
                else:
                    other = target["ContactTargetInfo"]
                    found += self._reached(other["ContactId"], here, time, call)
                    if other["IsEssential"]:
                        heeded |= {*self._people(other["ContactId"], time, call)}
            time += timedelta(minutes=stage["DurationInMinutes"])
            call = self.world.first(call, time)
        return found

    def _is_over(self, heeded, call):
        ends = [self.stop, *(self.acknowledged.get(person) for person in heeded)]
        return any(end is not None and end < call for end in ends)

    def _sent(self, channel, way, time, call):
        if self.world.known(channel, call) == ACTIVE:
            return Event(time, PAGE, channel, way)
        return Event(time, PASSED_OVER, channel)

    def _people(self, arn, time, call):
        """Return the people that a contact stands for at a time."""
        contact = self.world.known(arn, call)
        if contact is None or contact.kind == "ESCALATION":
            return []
        if contact.kind == "PERSONAL":
            return [arn]
        rotas = [self.world.known(each, call) for each in contact.rotations]
        turns = {person for rota in rotas if rota for person in on_call(rota, time)}
        return [each for each in turns if self._is_person(each, call)]

    def _is_person(self, arn, call):
        contact = self.world.known(arn, call)
        return contact is not None and contact.kind == "PERSONAL"
