"""What the contacts API does with engagements and their pages.

Follows StartEngagement and its siblings in the Incident Manager Contacts API reference. Its samples
show that an acknowledgement sets no StopTime, and that lists begin with the newest.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.clock import from_epoch, now
from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.ssm_contacts import happenings
from pulumi_incidents.emulator.ssm_contacts.engaged import Engagement, Page
from pulumi_incidents.emulator.ssm_contacts.exceptions import invalid
from pulumi_incidents.emulator.ssm_contacts.paging import page
from pulumi_incidents.emulator.ssm_contacts.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_incidents.emulator.ssm_contacts.engaged import Happening
    from pulumi_incidents.emulator.ssm_contacts.entities import Contact

_WORDS = ("Sender", "Subject", "Content", "PublicSubject", "PublicContent", "IncidentId")
_MAX_INFO = 2048  # of the type ReceiptInfo


class EngagementOperations(Progress):
    """The part of the backend that works on engagements."""

    def start_engagement(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Engage a contact, from now on; who is to be told at once has been when this answers."""
        contact = self._contact(parameters["ContactId"])
        return {"EngagementArn": self._begin(contact, parameters).arn}

    def stop_engagement(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Let an engagement page nobody any more; one that was stopped stays as it was.

        The reason is on the timeline of its incident, and in no answer: where AWS shows it is
        unverified.
        """
        self._stop(self._engagement(parameters["EngagementId"]), parameters.get("Reason"))
        return {}

    def describe_engagement(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the engagement."""
        return self._engagement(parameters["EngagementId"]).to_dict()

    def list_engagements(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the engagements of an incident, or those that started in a time, newest first."""
        found = ((each.key, each) for each in self._engagements(parameters))
        show = Engagement.to_summary
        return page("Engagements", parameters, found, show, descending=True)

    # Pages

    def describe_page(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the page."""
        return self._page(parameters["PageId"]).to_dict()

    def list_pages_by_engagement(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the pages of an engagement, newest first."""
        engagement = self._engagement(parameters["EngagementId"])
        return self._pages(parameters, "engagement", engagement.arn)

    def list_pages_by_contact(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the pages of a person, newest first."""
        return self._pages(parameters, "contact", self._contact(parameters["ContactId"]).arn)

    def list_page_receipts(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the receipts of a page: by type, as in the sample of the API, then by time."""
        receipts = self._page(parameters["PageId"]).receipts
        numbered = ((f"{r['ReceiptType']} {i:06d}", r) for i, r in enumerate(receipts))
        return page("Receipts", parameters, sorted(numbered, key=lambda each: each[0]), dict)

    def list_page_resolutions(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the way that led to a page: escalation plan, schedule, person.

        That the index of a stage is told with whose stage it is, is unverified.
        """
        path = self._page(parameters["PageId"]).path
        steps = ((f"{index:03d}", step) for index, step in enumerate(path))
        return page("PageResolutions", parameters, steps, dict)

    def accept_page(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Take a receipt of a page; READ acknowledges it, and ends what the person's word ends.

        That a code is compared unless IGNORE is asked for, that DELIVERED acknowledges nothing and
        that a second time changes nothing, is unverified.
        """
        accepted = self._page(parameters["PageId"])
        given, channel = parameters["AcceptCode"], parameters.get("ContactChannelId")
        if channel and resource_of(self._channel(channel).contact) != resource_of(accepted.contact):
            raise invalid(f"{channel} is not a channel of {accepted.contact}.")
        if parameters.get("AcceptCodeValidation") != "IGNORE" and given != accepted.code:
            raise invalid(f"The accept code is not the one that was sent with {accepted.arn}.")
        info, time = parameters.get("Note", given), now()
        if not accepted.delivered:
            accepted.delivered = time
            accepted.note("DELIVERED", info, time, channel)
        if parameters["AcceptType"] == "READ" and not accepted.read:
            accepted.read = time
            accepted.note("READ", info, time, channel)
            engagement = self._engagement(accepted.engagement)
            engagement.acknowledged.setdefault(resource_of(accepted.contact), time)
            happenings.note_acknowledgement(self, engagement, accepted, time)
        return {}

    def note_error(self, arn: str, reason: str) -> None:
        """Give a page the receipt that nobody took its message, if there still is that page."""
        if unsent := self._look(self.pages, arn):
            self.remember()
            unsent.note("ERROR", reason[:_MAX_INFO], now())

    # For Incident Manager

    def engage(self, contact_arn: str, words: dict[str, Any], region: str) -> str | None:
        """Engage a contact for an incident, from a region; None if there is no such contact."""
        self.region = region
        self.settle()
        self.remember()
        contact = self._look(self.contacts, contact_arn)
        if contact:
            return self._begin(contact, words).arn
        happenings.note_missing(self, words["IncidentId"], contact_arn, now())
        return None

    def stop_all(self, incident: str, reason: str) -> None:
        """Stop every engagement of an incident."""
        self.remember()
        for engagement in self._engagements({"IncidentId": incident}):
            self._stop(engagement, reason)

    def take_happened(self) -> list[Happening]:
        """Return what happened to incidents by now and was not yet taken."""
        self.settle()
        taken, self.happened = self.happened, []
        return taken

    def _begin(self, contact: Contact, words: dict[str, Any]) -> Engagement:
        arn = self._arn(f"engagement/{contact.alias}/{uuid.uuid4()}")
        members = {name: words[name] for name in _WORDS if name in words}
        engagement = Engagement(self._key(), arn, contact.arn, members, now())
        self.engagements[resource_of(arn)] = engagement
        happenings.note_engagement(self, engagement)
        self._reach(engagement, contact, [], engagement.start)
        self.settle()
        return engagement

    def _stop(self, engagement: Engagement, reason: str | None) -> None:
        if engagement.stop is None:
            engagement.stop = now()
            happenings.note_stop(self, engagement, reason)

    def _engagements(self, parameters: dict[str, Any]) -> Iterator[Engagement]:
        """Return those that match, newest first."""
        incident, window = parameters.get("IncidentId"), parameters.get("TimeRangeValue", {})
        begin, end = (
            from_epoch(window[name]) if name in window else None
            for name in ("StartTime", "EndTime")
        )
        for engagement in reversed(self.engagements.values()):
            if (
                (incident in (None, engagement.incident))
                and (begin is None or engagement.start >= begin)
                and (end is None or engagement.start <= end)
            ):
                yield engagement

    def _pages(self, parameters: dict[str, Any], attribute: str, arn: str) -> dict[str, Any]:
        found = (
            (each.key, each)
            for each in reversed(self.pages.values())
            if getattr(each, attribute) == arn
        )
        return page("Pages", parameters, found, Page.to_summary, descending=True)
