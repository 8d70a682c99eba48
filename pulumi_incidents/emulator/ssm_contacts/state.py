"""What the contacts API keeps for one account, and how its operations look things up.

Contacts, schedules and engagements are in every region of the account's replication set. That each
region shows them under the ARN that they were made with is unverified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.protocol.backend import Backend
from pulumi_incidents.emulator.ssm_contacts.exceptions import invalid, not_found
from pulumi_incidents.emulator.ssm_contacts.homes import HOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_incidents.emulator.ssm_contacts.engaged import Due, Engagement, Happening, Page
    from pulumi_incidents.emulator.ssm_contacts.entities import Channel, Contact, Rotation

_Thing = TypeVar("_Thing")


class State(Backend):
    """Everything that is kept, by what ARNs name; each group of operations extends it."""

    client_token: ClassVar[str] = "IdempotencyToken"  # noqa: S105 - the name of a member
    listed: ClassVar[tuple[str, ...]] = (
        *("contacts", "channels", "rotations", "engagements", "pages"),
    )

    def _clear(self) -> None:
        """Start, or start again, with nothing."""
        super()._clear()
        self.contacts: dict[str, Contact] = {}
        self.channels: dict[str, Channel] = {}
        self.rotations: dict[str, Rotation] = {}
        self.engagements: dict[str, Engagement] = {}
        self.pages: dict[str, Page] = {}
        # What engagements will do when its time has come: a heap, the next thing first.
        self.due: list[Due] = []
        # What happened to incidents, until Incident Manager puts it on their timelines.
        self.happened: list[Happening] = []
        self._made = 0

    def clear(self) -> None:
        """Forget everything: the replication set is gone, and all that was in it."""
        self._clear()

    def call(
        self, operation: str, parameters: dict[str, Any], region: str = "", lag: float | None = None
    ) -> dict[str, Any]:
        """Call an operation in a region of the replication set, or in the first of them.

        Outside of it, and without a set, AWS knows no account.
        """
        regions = HOMES.of(self.account_id, self.partition)
        if not regions or (region and region not in regions):
            raise invalid("Account not found for the request")
        return super().call(operation, parameters, region or regions[0], lag)

    def _arn(self, resource: str) -> str:
        return f"arn:{self.partition}:ssm-contacts:{self.region}:{self.account_id}:{resource}"

    def _key(self) -> str:
        """Return what sorts by creation: times can be equal."""
        self._made += 1
        return f"{self._made:012d}"

    def _contact(self, arn: str) -> Contact:
        return self._find(self.contacts, arn)

    def _channel(self, arn: str) -> Channel:
        return self._find(self.channels, arn)

    def _rotation(self, arn: str) -> Rotation:
        return self._find(self.rotations, arn)

    def _engagement(self, arn: str) -> Engagement:
        return self._find(self.engagements, arn)

    def _page(self, arn: str) -> Page:
        return self._find(self.pages, arn)

    def _find(self, things: Mapping[str, _Thing], arn: str) -> _Thing:
        found = self._look(things, arn)
        if found is None:
            raise not_found(arn)
        return found

    def _look(self, things: Mapping[str, _Thing], arn: str) -> _Thing | None:
        """Return what an ARN of any region names, if it is this account's and there."""
        _, partition, _, _, account, _ = arn.split(":", 5)
        if (partition, account) != (self.partition, self.account_id):
            return None
        return things.get(resource_of(arn))

    def _own_channels(self, contact: Contact) -> list[Channel]:
        """Return the channels of a person, in the order of creation."""
        prefix = f"contact-channel/{contact.alias}/"
        return [each for name, each in self.channels.items() if name.startswith(prefix)]
