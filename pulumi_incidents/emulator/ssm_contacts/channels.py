"""What the contacts API does with channels: phones and mailboxes, and the codes that activate them.

Follows CreateContactChannel and its siblings in the Incident Manager Contacts API reference. How
long a code is good, how often it may be tried, and that the one sent last is the only one, is
unverified: here it is good until it is used.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.emulator.protocol.arns import resource_of
from pulumi_incidents.emulator.protocol.validation import Failures
from pulumi_incidents.emulator.ssm_contacts.documented import check_address
from pulumi_incidents.emulator.ssm_contacts.entities import PERSON, Channel
from pulumi_incidents.emulator.ssm_contacts.exceptions import ConflictException, invalid
from pulumi_incidents.emulator.ssm_contacts.mail import OUTBOX, Mail
from pulumi_incidents.emulator.ssm_contacts.paging import page
from pulumi_incidents.emulator.ssm_contacts.state import State


class ChannelOperations(State):
    """The part of the backend that works on channels of people."""

    def create_contact_channel(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Give a person a channel, and send its code unless that is deferred.

        That a missing contact is a ValidationException, the one error that the operation has for
        it, and that only people have channels, is unverified.
        """
        contact = self._look(self.contacts, parameters["ContactId"])
        if not contact:
            raise invalid(f"{parameters['ContactId']} does not exist.")
        if contact.kind != PERSON:
            raise invalid(f"{contact.arn} is of type {contact.kind}; only people have channels.")
        arn = self._arn(f"contact-channel/{contact.alias}/{uuid.uuid4()}")
        channel = Channel(
            self._key(),
            arn,
            contact.arn,
            parameters["Name"],
            parameters["Type"],
            parameters["DeliveryAddress"],
        )
        self._refuse_twins(channel)
        self.channels[resource_of(arn)] = channel
        if not parameters.get("DeferActivation"):
            self._send_code(channel)
        return {"ContactChannelArn": arn}

    def get_contact_channel(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the channel."""
        return self._channel(parameters["ContactChannelId"]).to_dict()

    def list_contact_channels(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the channels of a contact, in the order of creation."""
        channels = self._own_channels(self._contact(parameters["ContactId"]))
        entries = ((channel.key, channel) for channel in channels)
        return page("ContactChannels", parameters, entries, Channel.to_dict)

    def update_contact_channel(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Patch the channel; a new address has to be activated anew, which is unverified."""
        channel = self._channel(parameters["ContactChannelId"])
        address = parameters.get("DeliveryAddress", channel.address)
        failures = Failures()
        check_address(channel.kind, address, failures)
        failures.raise_if_any()
        name = parameters.get("Name", channel.name)
        self._refuse_twins(Channel("", channel.arn, channel.contact, name, channel.kind, address))
        if address != channel.address:
            channel.is_active, channel.code = False, None
        channel.name, channel.address = name, address
        return {}

    def delete_contact_channel(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Delete the channel; plans keep it, and their stages pass it over."""
        del self.channels[resource_of(self._channel(parameters["ContactChannelId"]).arn)]
        return {}

    def send_activation_code(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send the channel another code."""
        self._send_code(self._channel(parameters["ContactChannelId"]))
        return {}

    def activate_contact_channel(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Let the channel be paged from now on, if the code is the one that was sent to it."""
        channel = self._channel(parameters["ContactChannelId"])
        if channel.code is None or channel.code != parameters["ActivationCode"]:
            raise invalid(
                f"The activation code is not the one that was sent to {channel.arn}; "
                "ask for another one with SendActivationCode."
            )
        channel.is_active, channel.code = True, None
        return {}

    def deactivate_contact_channel(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Let the channel be paged no longer."""
        channel = self._channel(parameters["ContactChannelId"])
        channel.is_active, channel.code = False, None
        return {}

    def _send_code(self, channel: Channel) -> None:
        channel.code, channel.code_sent = f"{secrets.randbelow(10**6):06d}", now()
        if channel.kind == "EMAIL":
            text = f"Your activation code for Incident Manager is {channel.code}."
            OUTBOX.put(Mail(channel.number_or_mail, "Activate this address", text))

    def _refuse_twins(self, channel: Channel) -> None:
        """Refuse a second channel of a name, or of an address: that AWS does so is unverified."""
        for other in self._own_channels(self._contact(channel.contact)):
            alike = other.kind == channel.kind and other.address == channel.address
            if other.arn != channel.arn and (alike or other.name == channel.name):
                what = "address" if alike else "name"
                message = f"{channel.contact} has another channel with this {what}."
                raise ConflictException(message, other.arn, "CONTACT_CHANNEL")
