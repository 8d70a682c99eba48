"""The replication set of an account: its regions, and its changes that take time.

Follows *ReplicationSet* and *RegionInfo* in the Incident Manager API reference, and *Resilience in
AWS Systems Manager Incident Manager* in its user guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.clock import now

if TYPE_CHECKING:
    from datetime import datetime

_MAX_SECONDS = 3600


@dataclass
class Settling:
    """How long a change of a replication set takes, in seconds; 0 is at once. AWS takes minutes."""

    seconds: float = 0

    def take(self, seconds: float) -> None:
        """Let every later change take so long; ValueError for anything but 0 to 3600."""
        if not 0 <= seconds <= _MAX_SECONDS:
            raise ValueError(f"must be a number from 0 to {_MAX_SECONDS}")
        self.seconds = seconds


SETTLING = Settling()


@dataclass
class Region:
    """One region of a replication set; `since` is when it came to its status."""

    key: str
    status: str
    since: datetime

    def to_dict(self) -> dict[str, Any]:
        """Return the `RegionInfo` data type."""
        return {
            "sseKmsKeyId": self.key,
            "status": self.status,
            "statusUpdateDateTime": self.since,
        }


class ReplicationSet:
    """The one replication set of an account; one change of its 1-3 regions at a time."""

    def __init__(self, arn: str, caller: str, parameters: dict[str, Any]) -> None:
        self.arn = arn
        self.tags: dict[str, str] = dict(parameters.get("tags", {}))
        self.deletion_protected = False
        self.regions: dict[str, Region] = {}
        self.created_by = caller
        self.begin("CREATING", caller)
        self.created_time = self.modified_time
        for name, region in parameters["regions"].items():
            self.add(name, region)

    def begin(self, status: str, caller: str) -> None:
        """Begin a change, which is over when the time of settling has passed.

        Without such a time it is over at once, also by a clock that is put back.
        """
        self.status = status
        self.touch(caller)
        self.takes_time = SETTLING.seconds > 0
        self.settles = self.modified_time + timedelta(seconds=SETTLING.seconds)

    def touch(self, caller: str) -> None:
        """Note who changes the set, and when."""
        self.modified_by = caller
        self.modified_time = now()

    def add(self, name: str, region: dict[str, Any]) -> None:
        """Let a region come; without a key it is encrypted with AWS's own, told as in its docs."""
        key = region.get("sseKmsKeyId", "DefaultKey")
        self.regions[name] = Region(key, "CREATING", self.modified_time)

    def remove(self, *names: str) -> None:
        """Let regions go."""
        for name in names:
            self.regions[name].status = "DELETING"
            self.regions[name].since = self.modified_time

    def settle(self) -> None:
        """Finish the change that has had its time; without any region left the set is gone."""
        if self.status == "ACTIVE" or (self.takes_time and now() < self.settles):
            return
        self.regions = {
            n: region for n, region in self.regions.items() if region.status != "DELETING"
        }
        for region in self.regions.values():
            if region.status == "CREATING":
                region.status, region.since = "ACTIVE", self.settles
        self.status = "ACTIVE"

    def to_dict(self) -> dict[str, Any]:
        """Return the `ReplicationSet` data type."""
        return {
            "arn": self.arn,
            "createdBy": self.created_by,
            "createdTime": self.created_time,
            "deletionProtected": self.deletion_protected,
            "lastModifiedBy": self.modified_by,
            "lastModifiedTime": self.modified_time,
            "regionMap": {name: region.to_dict() for name, region in self.regions.items()},
            "status": self.status,
        }
