"""What the timeline of an incident tells of its engagements.

No document has the names and the data of these events: public programs read *SSM Contacts Page for
Incident* and *SSM Contacts Page Acknowledgement for Incident*, the others are after that pattern.
All of it is unverified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.ssm_contacts.engaged import Happening
from pulumi_incidents.emulator.ssm_contacts.entities import SCHEDULE

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_incidents.emulator.ssm_contacts.engaged import Engagement, Page
    from pulumi_incidents.emulator.ssm_contacts.entities import Contact
    from pulumi_incidents.emulator.ssm_contacts.state import State

_ENGAGED = "SSM Contacts Engagement for Incident"
_PAGED = "SSM Contacts Page for Incident"
_ACKNOWLEDGED = "SSM Contacts Page Acknowledgement for Incident"
_NOBODY = "SSM Contacts Engagement Failure for Incident"
_UNREACHED = "SSM Contacts Page Failure for Incident"
_MISSING = "The contact does not exist."
_STOPPED = "SSM Contacts Engagement Stop for Incident"


def note_engagement(state: State, engagement: Engagement) -> None:
    """Note that somebody is engaged."""
    data = {"contactArn": engagement.contact, "engagementArn": engagement.arn}
    _note(state, engagement, _ENGAGED, data, engagement.start)


def note_stop(state: State, engagement: Engagement, reason: str | None) -> None:
    """Note that an engagement was stopped."""
    data = {"contactArn": engagement.contact, "engagementArn": engagement.arn}
    if reason:
        data["reason"] = reason
    if engagement.stop:
        _note(state, engagement, _STOPPED, data, engagement.stop)


def note_page(state: State, engagement: Engagement, page: Page) -> None:
    """Note that a page was sent; its address is nobody's business."""
    _note(state, engagement, _PAGED, _told_of(page), page.sent)


def note_acknowledgement(state: State, engagement: Engagement, page: Page, time: datetime) -> None:
    """Note that a page was acknowledged."""
    _note(state, engagement, _ACKNOWLEDGED, _told_of(page), time)


def note_missing(state: State, incident: str, contact: str, time: datetime) -> None:
    """Note that a plan names a contact that there is not."""
    data = {"contactArn": contact, "reason": _MISSING}
    state.happened.append(Happening(incident, time, _NOBODY, data, contact))


def note_nobody(
    state: State, engagement: Engagement, arn: str, contact: Contact | None, time: datetime
) -> None:
    """Note that a contact is gone, a schedule has nobody on call, or a plan no stages."""
    reason = _MISSING
    if contact:
        reason = "Nobody is on call." if contact.kind == SCHEDULE else "Its plan has no stages."
    data = {"contactArn": arn, "engagementArn": engagement.arn, "reason": reason}
    _note(state, engagement, _NOBODY, data, time)


def note_unreached(state: State, engagement: Engagement, channel: str, time: datetime) -> None:
    """Note that a channel is gone or not activated."""
    reason = "The contact channel does not exist, or is not activated."
    data = {"contactChannelArn": channel, "engagementArn": engagement.arn, "reason": reason}
    _note(state, engagement, _UNREACHED, data, time)


def _told_of(page: Page) -> dict[str, Any]:
    return {
        "contactArn": page.contact,
        "contactChannelArn": page.channel,
        "contactChannelType": page.kind,
        "engagementArn": page.engagement,
        "pageArn": page.arn,
    }


def _note(
    state: State, engagement: Engagement, kind: str, data: dict[str, Any], time: datetime
) -> None:
    if engagement.incident:
        happening = Happening(engagement.incident, time, kind, data, engagement.arn)
        state.happened.append(happening)
