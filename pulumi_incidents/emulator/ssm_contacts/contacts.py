"""What the contacts API does with contacts: their plans, their policies and their tags.

Follows CreateContact and its siblings in the Incident Manager Contacts API reference. Where it
names no error for what makes no sense, which one AWS answers is unverified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_incidents.emulator.protocol.arns import resource_of, resource_type
from pulumi_incidents.emulator.ssm_contacts.entities import (
    ESCALATION,
    Contact,
    tags_of,
)
from pulumi_incidents.emulator.ssm_contacts.exceptions import (
    ConflictException,
    ServiceQuotaExceededException,
    invalid,
    not_found,
)
from pulumi_incidents.emulator.ssm_contacts.paging import page
from pulumi_incidents.emulator.ssm_contacts.plans import check_plan, targets_of
from pulumi_incidents.emulator.ssm_contacts.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_incidents.emulator.ssm_contacts.entities import Rotation

_MOST_TAGS = 50
# Incident Manager user guide, *Managing responder rotations*.
_MOST_ROTATIONS = 8


class ContactOperations(State):
    """The part of the backend that works on contacts of every type."""

    def create_contact(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Create a contact; its alias is unique in the account, whatever its type.

        What a plan names has to exist: that AWS says so with a ValidationException is unverified,
        the operation has no other error for it.
        """
        arn = self._arn(f"contact/{parameters['Alias']}")
        self._check_limits(arn, parameters["Type"], parameters["Plan"])
        if missing := next(self._missing(arn, parameters["Plan"]), None):
            raise invalid(f"{missing} does not exist.")
        resource = resource_of(arn)
        if resource in self.contacts:
            message = f"A contact with the alias {parameters['Alias']} already exists."
            raise ConflictException(message, self.contacts[resource].arn, "CONTACT")
        self.contacts[resource] = Contact(arn, parameters)
        return {"ContactArn": arn}

    def get_contact(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the contact with its plan, without its tags."""
        return self._contact(parameters["ContactId"]).to_dict()

    def update_contact(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Patch the contact; a given plan replaces all of the plan before."""
        contact = self._contact(parameters["ContactId"])
        if "Plan" in parameters:
            self._check_limits(contact.arn, contact.kind, parameters["Plan"])
            if missing := next(self._missing(contact.arn, parameters["Plan"]), None):
                raise not_found(missing)
        contact.update(parameters)
        return {}

    def delete_contact(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the contact and its channels; escalation and response plans keep its ARN.

        Who is a member of a rotation is not deleted: the API's *DependentEntity* has that example.
        """
        contact = self._contact(parameters["ContactId"])
        rotations = [each.arn for each in self._rotations_of(contact)]
        if rotations:
            raise ConflictException(
                f"{contact.arn} is a member of {', '.join(rotations)}; "
                "take the contact out of them first.",
                contact.arn,
                "CONTACT",
                {"ROTATION": rotations},
            )
        for channel in self._own_channels(contact):
            del self.channels[resource_of(channel.arn)]
        del self.contacts[resource_of(contact.arn)]
        return {}

    def list_contacts(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the contacts whose alias begins so, and of one type if one is given, by alias."""
        prefix, kind = parameters.get("AliasPrefix", ""), parameters.get("Type")
        contacts = (
            (contact.alias, contact)
            for _, contact in sorted(self.contacts.items())
            if contact.alias.startswith(prefix) and kind in (None, contact.kind)
        )
        return page("Contacts", parameters, contacts, Contact.to_summary)

    # Policies

    def put_contact_policy(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Keep the policy in place of the one before; it is told, and grants nothing here."""
        self._contact(parameters["ContactArn"]).policy = parameters["Policy"]
        return {}

    def get_contact_policy(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the policy; what AWS answers where there is none is unverified."""
        contact = self._contact(parameters["ContactArn"])
        return {"ContactArn": contact.arn, "Policy": contact.policy}

    # Tags

    def tag_resource(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add tags to those of a contact or a rotation, or change their values."""
        arn = parameters["ResourceARN"]
        resource = self._tagged(arn)
        tags = {**resource.tags, **tags_of(parameters)}
        if len(tags) > _MOST_TAGS:
            message = f"A resource has at most {_MOST_TAGS} tags."
            raise ServiceQuotaExceededException(message, arn, resource_type(arn), "tags")
        resource.tags = tags
        return {}

    def untag_resource(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Remove tags; a key that is not there is a success."""
        resource = self._tagged(parameters["ResourceARN"])
        gone = parameters["TagKeys"]
        resource.tags = {key: value for key, value in resource.tags.items() if key not in gone}
        return {}

    def list_tags_for_resource(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the tags of a contact or a rotation."""
        tags = self._tagged(parameters["ResourceARN"]).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    # Looking things up

    def _tagged(self, arn: str) -> Contact | Rotation:
        return self._contact(arn) if resource_type(arn) == "CONTACT" else self._rotation(arn)

    def _rotations_of(self, contact: Contact) -> Iterator[Rotation]:
        resource = resource_of(contact.arn)
        for rotation in self.rotations.values():
            if resource in map(resource_of, rotation.contacts):
                yield rotation

    def _check_limits(self, arn: str, kind: str, plan: dict[str, Any]) -> None:
        check_plan(kind, plan)
        if len(plan.get("RotationIds") or ()) > _MOST_ROTATIONS:
            raise ServiceQuotaExceededException(
                f"An on-call schedule has at most {_MOST_ROTATIONS} rotations.",
                arn,
                "CONTACT",
                "rotations-per-on-call-schedule",
            )

    def _missing(self, arn: str, plan: dict[str, Any]) -> Iterator[str]:
        """Find what a plan names and there is not; raise for what is there and cannot be meant."""
        for channel_arn in targets_of(plan, "ContactChannelId"):
            channel = self._look(self.channels, channel_arn)
            if not channel:
                yield channel_arn
            elif resource_of(channel.contact) != resource_of(arn):
                raise invalid(f"{channel_arn} is a channel of {channel.contact}, and not of {arn}.")
        for contact_arn in targets_of(plan, "ContactId"):
            contact = self._look(self.contacts, contact_arn)
            if not contact:
                yield contact_arn
            elif contact.kind == ESCALATION:
                raise invalid(
                    f"{contact_arn} is an escalation plan; stages engage people and schedules."
                )
        for rotation_arn in plan.get("RotationIds") or ():
            if not self._look(self.rotations, rotation_arn):
                yield rotation_arn
