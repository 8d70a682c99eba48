"""How an engagement goes on: stage by stage, from a contact to the pages of people.

Follows *Plan*, *Stage* and *ContactTargetInfo* in the Incident Manager Contacts API reference, and
*Escalation plans*, *On-call schedules* in the Incident Manager user guide. Nothing waits for its
time: before each call everything happens that is due by then, in order, at the time that it was
due. So a clock that is moved, and a process that was not there, change nothing.

What no document says, and is unverified: that a contact keeps the stages that it had when it was
engaged, while channels and shifts are those of the moment; that an acknowledgement ends the stages
of the person, and of the plans that call the person essential, and of nobody else; that whoever has
acknowledged is not paged again by the same engagement.
"""

from __future__ import annotations

import copy
import heapq
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.ssm_contacts import happenings
from pulumi_incidents.emulator.ssm_contacts.engaged import Branch, Due, Engagement, Page
from pulumi_incidents.emulator.ssm_contacts.entities import PERSON, SCHEDULE
from pulumi_incidents.emulator.ssm_contacts.mail import OUTBOX, Mail, Outbox
from pulumi_incidents.emulator.ssm_contacts.shifts import on_call
from pulumi_incidents.emulator.ssm_contacts.state import State
from pulumi_incidents.emulator.ssm_contacts.zones import LATEST

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_incidents.emulator.ssm_contacts.entities import Contact


class Progress(State):
    """The part of the backend that lets happen what is due."""

    outbox: Outbox = OUTBOX

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        moment = now()
        if self._is_due(moment):
            self.remember()
            self.let_happen(moment)

    def let_happen(self, until: datetime) -> None:
        """Let everything happen that is due by a time, in order."""
        while self._is_due(until):
            due = heapq.heappop(self.due)
            engagement = self.engagements.get(resource_of(due.engagement))
            if engagement and not engagement.ends(due.branch):
                self._begin_stage(engagement, due)

    def ahead(self) -> Self:
        """Return the account as it will be once nothing is due, if nobody says a word until then.

        Its pages and happenings are those that are still to come. Nothing of this account changes.
        """
        ahead = copy.copy(self)
        ahead.due, ahead.engagements = copy.deepcopy((self.due, self._under_way()))
        ahead.pages, ahead.happened, ahead.outbox = {}, [], Outbox()  # a closed one
        ahead.let_happen(LATEST)
        return ahead

    def _under_way(self) -> dict[str, Engagement]:
        """Return the engagements that have something left to do."""
        names = {resource_of(due.engagement) for due in self.due}
        return {name: self.engagements[name] for name in names if name in self.engagements}

    def _is_due(self, moment: datetime) -> bool:
        return bool(self.due) and self.due[0].time <= moment

    def _reach(
        self, engagement: Engagement, contact: Contact, way: list[dict[str, Any]], time: datetime
    ) -> set[str]:
        """Let a contact be engaged at a time; return the people that it stands for then."""
        path = [*way, {"ContactArn": contact.arn, "Type": contact.kind}]
        people: list[Contact] = [contact] if contact.kind == PERSON else []
        if contact.kind == SCHEDULE:
            people = self._on_call(contact, time)
            for person in people:
                self._reach(engagement, person, path, time)
        if not (people if contact.kind == SCHEDULE else contact.stages):
            happenings.note_nobody(self, engagement, contact.arn, contact, time)
        heeded = {resource_of(person.arn) for person in people}
        branch = Branch(path, contact.stages, set(heeded))
        self._plan(engagement, branch, 0, time)
        return heeded

    def _on_call(self, schedule: Contact, time: datetime) -> list[Contact]:
        """Return who is on call in any rotation of a schedule, each once.

        Whoever is gone may still be in an override, and something else may have the name by now.
        """
        rotations = filter(None, (self._look(self.rotations, arn) for arn in schedule.rotations))
        arns = (arn for each in rotations for arn in on_call(each.rota(), time))
        contacts = dict.fromkeys(filter(None, (self._look(self.contacts, arn) for arn in arns)))
        return [each for each in contacts if each.kind == PERSON]

    def _plan(self, engagement: Engagement, branch: Branch, stage: int, time: datetime) -> None:
        if stage < len(branch.stages):
            number = f"{engagement.key} {engagement.take_step():06d}"
            heapq.heappush(self.due, Due(time, number, engagement.arn, branch, stage))

    def _begin_stage(self, engagement: Engagement, due: Due) -> None:
        stage, branch = due.branch.stages[due.stage], due.branch
        for target in stage["Targets"]:
            if channel := target.get("ChannelTargetInfo"):
                self._send(engagement, channel["ContactChannelId"], due)
            else:
                self._go_on(engagement, target["ContactTargetInfo"], due)
        wait = timedelta(minutes=stage["DurationInMinutes"])
        self._plan(engagement, branch, due.stage + 1, due.time + wait)

    def _go_on(self, engagement: Engagement, target: dict[str, Any], due: Due) -> None:
        """Engage whom a stage of an escalation plan names."""
        contact = self._look(self.contacts, target["ContactId"])
        if not contact:
            happenings.note_nobody(self, engagement, target["ContactId"], None, due.time)
            return
        people = self._reach(engagement, contact, due.branch.way(due.stage), due.time)
        if target["IsEssential"]:
            due.branch.heeded |= people

    def _send(self, engagement: Engagement, arn: str, due: Due) -> None:
        """Page a channel, if it is there and active."""
        channel = self._look(self.channels, arn)
        if not channel or not channel.is_active:
            happenings.note_unreached(self, engagement, arn, due.time)
            return
        page = Page(self._key(), engagement, channel, due.branch.way(due.stage), due.time)
        self.pages[resource_of(page.arn)] = page
        happenings.note_page(self, engagement, page)
        if page.kind == "EMAIL":
            subject, content = page.words
            text = f"{content}\n\nAcknowledge with the code {page.code}."
            self.outbox.put(Mail(page.address, str(subject), text, page.arn))
