"""What Incident Manager does with the replication set of an account.

Follows CreateReplicationSet and its siblings in the Incident Manager API reference, and
*Resilience in AWS Systems Manager Incident Manager* in its user guide.
"""

from __future__ import annotations

import uuid
from typing import Any

from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.ssm_incidents.exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    not_found,
)
from pulumi_incidents.emulator.ssm_incidents.paging import page
from pulumi_incidents.emulator.ssm_incidents.replication_set import ReplicationSet
from pulumi_incidents.emulator.ssm_incidents.state import State

_MAX_REGIONS = 3  # of the type RegionMapInput
_PENDING = ("CREATING", "DELETING")


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
        self._current_set()  # what takes no time is over by now, wherever the clock is put next
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

        Which error each mistake gets, and that a set which is FAILED can be changed, is unverified.
        AWS removes no region in the first 24 hours of its life; this one does.
        """
        changed = self._replication_set(parameters["arn"])
        if not changed.is_settled:
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
        if not doomed.is_settled:
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
        self._contacts().clear()
        self.replication_set = doomed
        doomed.begin("DELETING", self.caller)
        doomed.remove(*doomed.regions)

    def regions(self) -> list[str]:
        """Return the regions that Incident Manager can be used in, the first one first."""
        current = self._current_set()
        usable = current and current.status not in _PENDING
        return list(current.regions) if current and usable else []

    def _require_set(self) -> None:
        """Refuse what needs a replication set: "still pending, you can't use Incident Manager".

        That it is ResourceNotFoundException, and that an UPDATING set will do, is unverified.
        """
        current = self._current_set()
        if not current or current.status in _PENDING:
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
