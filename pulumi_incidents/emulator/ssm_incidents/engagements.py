"""How an incident reaches people: it engages whom its plan names until it is resolved.

Follows *Incident creation* and *Working with contacts in Incident Manager* in its user guide. What
a page says, and that a resolved or deleted incident pages nobody any more, is unverified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.ssm_incidents.timeline import TimelineOperations, note_happening

if TYPE_CHECKING:
    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord, ResponsePlan

_SENDER = "Incident Manager"
# A title may be empty, and a subject may not.
_UNTITLED = "An incident has started."


class EngagementOperations(TimelineOperations):
    """The part of the backend that engages people, by way of the contacts of the account."""

    def settle(self) -> None:
        """Put on the timelines what happened to engagements by now."""
        happened = self._contacts().take_happened()
        if happened:
            self.remember()
        for happening in happened:
            if record := self.records.get(happening.incident):
                note_happening(record, happening)

    def _engage(self, record: IncidentRecord, plan: ResponsePlan) -> None:
        """Engage whom the plan names; who is not there is noted, and the incident goes on.

        That an engagement is a related item is unverified.
        """
        for contact in plan.members["engagements"]:
            arn = self._contacts().engage(contact, _words(record), self._region())
            if arn:
                identifier = {"type": "OTHER", "value": {"arn": arn}}
                title = f"Engagement of {contact.rsplit('/', 1)[-1]}"
                record.add_related_item({"identifier": identifier, "title": title})

    def _disengage(self, record: IncidentRecord, reason: str) -> None:
        self._contacts().stop_all(record.arn, reason)


def _words(record: IncidentRecord) -> dict[str, Any]:
    """Return what people are told of an incident; a text message has its title alone."""
    title = record.members["title"] or _UNTITLED
    return {
        "Sender": _SENDER,
        "Subject": title,
        "Content": record.members["summary"] or title,
        "PublicSubject": title,
        "PublicContent": title,
        "IncidentId": record.arn,
    }
