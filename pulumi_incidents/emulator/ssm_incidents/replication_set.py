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
    """How long a change of a replication set takes, in seconds, and how it ends.

    0 is at once; AWS takes minutes. With a `failure`, the regions that change end FAILED, and that
    is their message.
    """

    seconds: float = 0
    failure: str | None = None

    def take(self, seconds: float, failure: str | None = None) -> None:
        """Let every later change take so long and end so; ValueError for anything but 0 to 3600."""
        if not 0 <= seconds <= _MAX_SECONDS:
            raise ValueError(f"must be a number from 0 to {_MAX_SECONDS}")
        self.seconds, self.failure = seconds, failure


SETTLING = Settling()


@dataclass
class Region:
    """One region of a replication set; `since` is when it came to its status."""

    key: str
    status: str
    since: datetime
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the `RegionInfo` data type."""
        told = {"statusMessage": self.message} if self.message else {}
        return {
            "sseKmsKeyId": self.key,
            "status": self.status,
            "statusUpdateDateTime": self.since,
            **told,
        }

    def fail(self, message: str, since: datetime) -> None:
        """Note that the change of the region did not work."""
        self.status, self.message, self.since = "FAILED", message, since


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
        self.failure = SETTLING.failure

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
        if self.is_settled or (self.takes_time and now() < self.settles):
            return
        for name, region in [*self.regions.items()]:
            if self.failure and region.status in ("CREATING", "DELETING"):
                region.fail(self.failure, self.settles)
            elif region.status == "CREATING":
                region.status, region.since = "ACTIVE", self.settles
            elif region.status == "DELETING":
                del self.regions[name]
        failed = any(region.status == "FAILED" for region in self.regions.values())
        self.status = "FAILED" if failed else "ACTIVE"

    @property
    def is_settled(self) -> bool:
        """Whether no change is under way."""
        return self.status in ("ACTIVE", "FAILED")

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
