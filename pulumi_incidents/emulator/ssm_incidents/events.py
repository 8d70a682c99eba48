"""One event on the timeline of an incident, whoever made it.

Follows *TimelineEvent* and *EventSummary* in the Incident Manager API reference.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from pulumi_incidents.emulator.clock import now

_MEMBERS = ("eventData", "eventReferences", "eventType")
_YEAR_1 = datetime(1, 1, 1, tzinfo=timezone.utc)


class TimelineEvent:
    """One event on the timeline of an incident."""

    def __init__(
        self, number: int, record_arn: str, members: dict[str, Any], time: datetime
    ) -> None:
        self.number = number  # order of creation; event times can be equal
        self.event_id = str(uuid.uuid4())
        self.record_arn = record_arn
        self.time = time
        self.members: dict[str, Any] = {}
        self.update(members)

    def update(self, members: dict[str, Any], time: datetime | None = None) -> None:
        """Patch: what is omitted stays; given references replace all that were there."""
        self.members.update({k: v for k, v in members.items() if k in _MEMBERS})
        self.time = time or self.time
        self.updated_time = now()

    def key(self) -> str:
        """Return what sorts by time and then by creation, and is never another event's."""
        milliseconds = (self.time - _YEAR_1) // timedelta(milliseconds=1)
        return f"{milliseconds:015d} {self.number:012d}"

    def filter_values(self) -> dict[str, Any]:
        """Return what each filter key of ListTimelineEvents compares; references are several."""
        references = self.members.get("eventReferences", [])
        return {
            "eventTime": self.time,
            "eventType": self.members["eventType"],
            "eventReference": [value for entry in references for value in entry.values()],
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the `TimelineEvent` data type."""
        return {**self.to_summary(), "eventData": self.members["eventData"]}

    def to_summary(self) -> dict[str, Any]:
        """Return the `EventSummary` data type."""
        # The sample answers of AWS's documents have no eventReferences where there are none.
        references = self.members.get("eventReferences") or None
        return {
            "eventId": self.event_id,
            "eventReferences": references,
            "eventTime": self.time,
            "eventType": self.members["eventType"],
            "eventUpdatedTime": self.updated_time,
            "incidentRecordArn": self.record_arn,
        }
