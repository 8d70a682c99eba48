"""The replication set of an account: its regions, its changes that take time, its operations.

Follows CreateReplicationSet and its siblings in the Incident Manager API reference, and
*Resilience in AWS Systems Manager Incident Manager* in its user guide.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.listing import page
from pulumi_incidents.emulator.ssm_incidents.entities import now
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
    not_found,
)
from pulumi_incidents.emulator.ssm_incidents.state import State

if TYPE_CHECKING:
    from datetime import datetime

_MAX_REGIONS = 3  # of the type RegionMapInput
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
        """Begin a change, which is over when the time of settling has passed."""
        self.status = status
        self.touch(caller)
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
        if self.status == "ACTIVE" or now() < self.settles:
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


class ReplicationOperations(State):
    """The part of the backend that works on the replication set."""

    def create_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Create the account's one replication set.

        That a second one is over a quota is how AWS's own handler of the CloudFormation type reads
        the error of this operation.
        """
        if existing := self._current_set():
            raise ServiceQuotaExceededException(
                "An account has one replication set, and there is one already.",
                existing.arn,
                "REPLICATION_SET",
                "replication-sets",
            )
        arn = self._arn(f"replication-set/{uuid.uuid4()}")
        self.replication_set = ReplicationSet(arn, self.caller, parameters)
        return {"arn": arn}

    def get_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the replication set."""
        return {"replicationSet": self._replication_set(parameters["arn"]).to_dict()}

    def list_replication_sets(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the ARN of the replication set, if there is one."""
        current = self._current_set()
        arns = [current.arn] if current else []
        return page("replicationSetArns", parameters, ((arn, arn) for arn in arns), str)

    def update_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add a region or remove one; without its last region the set is deleted.

        Which error each mistake gets is unverified. AWS removes no region in the first 24 hours of
        its life; this one does.
        """
        changed = self._replication_set(parameters["arn"])
        if changed.status != "ACTIVE":
            raise ConflictException(
                f"The replication set is {changed.status}; change it again once it is ACTIVE.",
                changed.arn,
                "REPLICATION_SET",
                changed.settles,
            )
        [action] = parameters["actions"]
        if "addRegionAction" in action:
            self._add_region(changed, action["addRegionAction"])
        else:
            self._remove_region(changed, action["deleteRegionAction"]["regionName"])
        return {}

    def update_deletion_protection(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Protect the set, or its last region, from deletion, or no longer."""
        changed = self._replication_set(parameters["arn"])
        changed.deletion_protected = parameters["deletionProtected"]
        changed.touch(self.caller)
        return {}

    def delete_replication_set(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the set with everything that the account has; ValidationException if it may not.

        The API models no error but that one for a set that is protected, or amid a change.
        """
        doomed = self._replication_set(parameters["arn"])
        if doomed.status != "ACTIVE":
            raise ValidationException(
                f"The replication set is {doomed.status}; delete it once it is ACTIVE."
            )
        self._delete_set(doomed)
        return {}

    def _add_region(self, changed: ReplicationSet, region: dict[str, Any]) -> None:
        name = region["regionName"]
        if name in changed.regions:
            raise ConflictException(
                f"The replication set has the region {name} already.",
                changed.arn,
                "REPLICATION_SET",
            )
        if len(changed.regions) == _MAX_REGIONS:
            raise ValidationException(f"A replication set has at most {_MAX_REGIONS} regions.")
        changed.begin("UPDATING", self.caller)
        changed.add(name, region)

    def _remove_region(self, changed: ReplicationSet, name: str) -> None:
        if name not in changed.regions:
            raise ValidationException(f"The replication set has no region {name}.")
        if len(changed.regions) == 1:
            self._delete_set(changed)
        else:
            changed.begin("UPDATING", self.caller)
            changed.remove(name)

    def _delete_set(self, doomed: ReplicationSet) -> None:
        """Let a set go; the data of the account goes first."""
        if doomed.deletion_protected:
            raise ValidationException(
                "The replication set is protected from deletion; "
                "turn that off with UpdateDeletionProtection first."
            )
        self._clear()
        self.replication_set = doomed
        doomed.begin("DELETING", self.caller)
        doomed.remove(*doomed.regions)

    def _require_set(self) -> None:
        """Refuse what needs a replication set: "still pending, you can't use Incident Manager".

        That it is ResourceNotFoundException, and that an UPDATING set will do, is unverified.
        """
        current = self._current_set()
        if not current or current.status in ("CREATING", "DELETING"):
            state = f"that of this account is {current.status}" if current else "there is none"
            raise ResourceNotFoundException(
                f"A response plan needs an active replication set, and {state}.",
                current.arn if current else self.account_id,
                "REPLICATION_SET",
            )

    def _current_set(self) -> ReplicationSet | None:
        if self.replication_set:
            self.replication_set.settle()
            if not self.replication_set.regions:
                self.replication_set = None
        return self.replication_set

    def _replication_set(self, arn: str) -> ReplicationSet:
        current = self._current_set()
        if not current or current.arn != arn:
            raise not_found(arn)
        return current
