"""Whom an engagement pages, minute by minute; pure.

Follows *Stage* and *ContactTargetInfo* in the Incident Manager Contacts API reference, and
*Escalation plans* and *On-call schedules* in the guide. *Unverified*, as no document says it: that
an acknowledgement ends the own stages of whoever gives it, and that the same engagement pages that
person no more; that everybody of an essential schedule stands for it, also after the shift; that a
plan in a plan goes on as it would by itself, and nobody's acknowledgement stands for it.
"""

from __future__ import annotations

import enum
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from pulumi_incidents.oncall.shifts import on_call
from pulumi_incidents.oncall.team import PERSON, SCHEDULE, Contact, Team

_GONE = "is no longer there"
_NOBODY_ANSWERS: Mapping[str, timedelta] = MappingProxyType({})


class Step(NamedTuple):
    """A contact on the way to a page, as ListPageResolutions has it."""

    arn: str
    type: str
    stage: int | None = None
    """The stage of its plan that leads on, counted from 0; a schedule has none."""


class What(enum.Enum):
    """What comes to pass."""

    PAGE = "page"
    ACKNOWLEDGED = "acknowledged"
    SKIPPED = "skipped"
    """A channel is gone or not activated."""
    NOBODY = "nobody"
    """A contact is gone or has no stages, or nobody is on call."""
    UNSEEN = "unseen"
    """Something could not be looked at: it may page."""


class Event(NamedTuple):
    """Something that comes to pass in the engagement of a contact."""

    time: datetime
    what: What
    about: str
    """The ARN of a channel, of a contact, or of a rotation that is unseen."""
    way: tuple[Step, ...]
    """What led there; of an acknowledgement, what led to the first page."""
    engaged: str
    """The contact that the engagement is of."""
    why: str = ""
    """Why there is no page, in a few words; of what is unseen, a sentence."""


def walk(
    team: Team,
    engaged: Iterable[str],
    start: datetime,
    answers: Mapping[str, timedelta] = _NOBODY_ANSWERS,
    until: datetime | None = None,
) -> list[Event]:
    """Return all that comes to pass, in order of time, before `until`.

    Each contact that is engaged is an engagement of its own. `answers` says how long after the
    first page of each engagement a person acknowledges it; who is not in it sleeps. What is due at
    the very moment of an acknowledgement comes before it.
    """
    events = [
        event
        for arn in dict.fromkeys(engaged)
        for event in _Engagement(team, arn, answers).walk(start, until)
    ]
    return sorted(events, key=attrgetter("time"))


class _Plan(NamedTuple):
    """The plan of a contact as it is gone through."""

    contact: Contact
    way: tuple[Step, ...]
    heeded: set[str]
    """The people whose acknowledgement ends it."""


@dataclass
class _Engagement:
    """One engagement, by what is still to come."""

    team: Team
    arn: str
    answers: Mapping[str, timedelta]
    events: list[Event] = field(default_factory=list)
    paged: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    # By time; of the same time, acknowledgements are last, and others as they were put there.
    agenda: list[tuple[datetime, bool, int, Callable[[datetime], None]]] = field(
        default_factory=list
    )
    numbers: Iterator[int] = field(default_factory=count)

    def walk(self, start: datetime, until: datetime | None) -> list[Event]:
        """Return all events before a time, in order of time."""
        if until is None or start < until:
            self._engage(self.arn, (), start)
        while self.agenda and (until is None or self.agenda[0][0] < until):
            time, _, _, happen = heapq.heappop(self.agenda)
            happen(time)
        return self.events

    def _put(
        self, time: datetime, happen: Callable[[datetime], None], *, last: bool = False
    ) -> None:
        heapq.heappush(self.agenda, (time, last, next(self.numbers), happen))

    def _note(
        self, time: datetime, what: What, about: str, way: tuple[Step, ...], why: str = ""
    ) -> None:
        self.events.append(Event(time, what, about, way, self.arn, why))

    def _engage(self, arn: str, way: tuple[Step, ...], time: datetime) -> set[str]:
        """Engage a contact, and return the people who stand for it: none for an escalation plan."""
        contact = self.team.contacts.get(arn)
        if why := self.team.unseen.get(arn):
            self._note(time, What.UNSEEN, arn, way, why)
        elif contact is None:
            self._note(time, What.NOBODY, arn, way, _GONE)
        elif arn in (step.arn for step in way):
            self._note(time, What.NOBODY, arn, way, "is engaged already, on the way to itself")
        elif contact.type == SCHEDULE:
            return self._engage_on_call(contact, way, time)
        else:
            people = {arn} if contact.type == PERSON else set()
            if contact.stages:
                self._stage(_Plan(contact, way, {*people}), 0, time)
            else:
                self._note(time, What.NOBODY, arn, way, "has no stages")
            return people
        return set()

    def _engage_on_call(self, schedule: Contact, way: tuple[Step, ...], time: datetime) -> set[str]:
        way = (*way, Step(schedule.arn, schedule.type))
        people: dict[str, None] = {}
        unseen = [arn for arn in schedule.rotations if arn in self.team.unseen]
        for arn in unseen:
            self._note(time, What.UNSEEN, arn, way, self.team.unseen[arn])
        for arn in schedule.rotations:
            if arn not in unseen and (rotation := self.team.rotations.get(arn)):
                people |= dict.fromkeys(on_call(rotation, time))
        gone = [person for person in people if not self.team.may_be_person(person)]
        for person in gone:
            self._note(time, What.NOBODY, person, way, _GONE)
        if len(gone) == len(people) and not unseen:
            self._note(time, What.NOBODY, schedule.arn, way, "has nobody on call")
        there = [person for person in people if person not in gone]
        return {each for person in there for each in self._engage(person, way, time)}

    def _stage(self, plan: _Plan, number: int, time: datetime) -> None:
        """Engage all targets of a stage, unless its plan is over, and put the next stage down."""
        if plan.heeded & self.acknowledged:
            return
        stage = plan.contact.stages[number]
        way = (*plan.way, Step(plan.contact.arn, plan.contact.type, number))
        for target in stage.targets:
            if target.is_channel:
                self._page(target.arn, plan.contact.arn, way, time)
            else:
                people = self._engage(target.arn, way, time)
                plan.heeded.update(people if target.is_essential else ())
        if number + 1 < len(plan.contact.stages):
            later = time + timedelta(minutes=stage.minutes)
            self._put(later, lambda due: self._stage(plan, number + 1, due))

    def _page(self, arn: str, person: str, way: tuple[Step, ...], time: datetime) -> None:
        channel = self.team.channels.get(arn)
        hidden = self.team.unseen.get(arn) or self.team.unseen.get(f"{person}/channels")
        if channel is None and hidden:
            self._note(time, What.UNSEEN, arn, way, hidden)
        elif channel is None:
            self._note(time, What.SKIPPED, arn, way, _GONE)
        elif not channel.is_active:
            self._note(time, What.SKIPPED, arn, way, "is not activated")
        else:
            self._note(time, What.PAGE, arn, way)
            if person in self.answers and person not in self.paged:
                self.paged.add(person)
                answer = partial(self._acknowledge, person, way)
                self._put(time + self.answers[person], answer, last=True)

    def _acknowledge(self, person: str, way: tuple[Step, ...], time: datetime) -> None:
        self.acknowledged.add(person)
        self._note(time, What.ACKNOWLEDGED, person, way)
