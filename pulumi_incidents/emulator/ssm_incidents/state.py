"""What Incident Manager keeps for one account, and how its operations look things up."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pulumi_incidents.emulator.protocol.backend import Backend
from pulumi_incidents.emulator.ssm_contacts.models import backends as contacts
from pulumi_incidents.emulator.ssm_incidents.exceptions import not_found

if TYPE_CHECKING:
    from pulumi_incidents.emulator.ssm_contacts.models import ContactsBackend
    from pulumi_incidents.emulator.ssm_incidents.entities import IncidentRecord, ResponsePlan
    from pulumi_incidents.emulator.ssm_incidents.notifications import Message
    from pulumi_incidents.emulator.ssm_incidents.replication_set import ReplicationSet


class State(Backend):
    """Everything that is kept; each group of operations extends it."""

    listed: ClassVar[tuple[str, ...]] = ("replication_set", "plans", "records")
    messages: list[Message]

    def _clear(self) -> None:
        """Start, or start again, with nothing."""
        super()._clear()
        self.replication_set: ReplicationSet | None = None
        self.plans: dict[str, ResponsePlan] = {}
        self.records: dict[str, IncidentRecord] = {}
        # Those of the records that a start may be merged into: most are resolved after a while.
        self.open_records: dict[str, IncidentRecord] = {}
        self.started = 0

    def _arn(self, resource: str) -> str:
        return f"arn:{self.partition}:ssm-incidents::{self.account_id}:{resource}"

    def _contacts(self) -> ContactsBackend:
        """Return the contacts of the account, which the replication set holds as well."""
        backend: ContactsBackend = contacts[self.account_id][self.partition]
        return backend

    def _plan(self, arn: str) -> ResponsePlan:
        if arn not in self.plans:
            raise not_found(arn)
        return self.plans[arn]

    def _record(self, arn: str) -> IncidentRecord:
        if arn not in self.records:
            raise not_found(arn)
        return self.records[arn]

    def _region(self) -> str:
        # There is no plan, and so no incident, without a replication set.
        return next(iter(self.replication_set.regions)) if self.replication_set else ""
