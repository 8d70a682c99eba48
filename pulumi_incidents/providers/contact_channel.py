"""A contact channel: a phone or a mailbox of a person.

Follows CreateContactChannel, GetContactChannel, UpdateContactChannel and DeleteContactChannel of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_Operations_AWS_Systems_Manager_Incident_Manager_Contacts.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _documented, _model, _people
from pulumi_incidents.providers._aws import Thing
from pulumi_incidents.providers._life import Operations
from pulumi_incidents.providers._numbered import Numbered
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from typing_extensions import Unpack


class DeliveryAddressArgs(TypedDict):
    """Where a channel rings."""

    simple_address: pulumi.Input[str]
    """`+` with country code and number for SMS and VOICE, an e-mail address for EMAIL; 1-320
    characters. It is personal data: give it as a secret, and it is nowhere in the clear."""


class ContactChannelArgs(TypedDict):
    """The inputs of a `ContactChannel`: the members of CreateContactChannel in snake_case."""

    contact_id: pulumi.Input[str]
    """ARN of the person. Another one is another channel."""
    type: pulumi.Input[Literal["SMS", "VOICE", "EMAIL"]]
    """How it rings. Another type is another channel."""
    delivery_address: pulumi.Input[DeliveryAddressArgs]
    """Where it rings. No message repeats it, secret or not. AWS may want a new one activated."""
    name: NotRequired[pulumi.Input[str | None]]
    """Name for people, 1-255 letters, digits, spaces, `_`, `.` and `-`.

    Left out, it is the resource's name and seven characters that are this stack's own.
    """
    defer_activation: NotRequired[pulumi.Input[bool | None]]
    """Send no activation code when the channel is made. It counts then alone: nothing tells later
    whether a code was sent, so another value is no change."""
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this channel alone, in place of the stack's `aws:`
    configuration."""


class ContactChannelProvider(Numbered):
    """The lifecycle of a contact channel. Its id is the channel's ARN.

    AWS pages it once the person has activated it, with the code that it sends.
    """

    service = _aws.CONTACTS
    noun = "contact channel"
    identifier = "ContactChannelId"
    replaced_by = ("contact_id", "type")
    tagged = False
    own = ("aws_config",)
    told = ("ActivationStatus",)
    computed = ("defer_activation",)
    operations = Operations(
        create="CreateContactChannel",
        get="GetContactChannel",
        update="UpdateContactChannel",
        delete="DeleteContactChannel",
        list="ListContactChannels",
    )

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield an address that does not fit the type."""
        yield from super().beyond_the_model(inputs)
        yield from _documented.failures(self.inputs(), inputs, {"contact_id": _people.CONTACT})
        yield from _people.address_failures(inputs.get("type"), inputs.get("delivery_address"))

    @classmethod
    def changed(
        cls, olds: Mapping[str, Any], news: Mapping[str, Any], options: Iterable[str]
    ) -> list[str]:
        """List what is declared otherwise, of what matters after the channel is made."""
        return [key for key in super().changed(olds, news, options) if key != "defer_activation"]

    @classmethod
    def live(cls, thing: Thing, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the channel as properties; whether a code was sent is only in the program."""
        deferred = thing.props.get("defer_activation")
        more = {} if deferred is None else {"defer_activation": deferred}
        return {**super().live(thing, {**answer, "ContactId": answer["ContactArn"]}), **more}

    @classmethod
    def started(cls, thing: Thing) -> Iterator[str]:
        """Yield the channels of this type that the person has under the name."""
        person = thing.props["contact_id"]
        for page in cls.service.pages(
            thing.props, cls.operations.list, thing.subject, ContactId=person
        ):
            for each in page["ContactChannels"]:
                if (each["Name"], each.get("Type")) == (thing.props["name"], thing.props["type"]):
                    yield each["ContactChannelArn"]


class ContactChannel(AwsResource, module="ssmcontacts", name="ContactChannel"):
    """A phone or a mailbox over which a person is paged, once it is activated.

    Takes the fields of `ContactChannelArgs`, as a map or as keywords.
    """

    declares = ContactChannelArgs
    life = ContactChannelProvider
    outputs = ("activation_status",)
    personal = ("delivery_address",)

    contact_id: pulumi.Output[str]
    name: pulumi.Output[str]
    type: pulumi.Output[str]
    delivery_address: pulumi.Output[Mapping[str, str]]
    activation_status: pulumi.Output[str]
    """`ACTIVATED` or `NOT_ACTIVATED`, as of the last refresh: people activate by themselves."""

    @overload
    def __init__(
        self,
        resource_name: str,
        args: ContactChannelArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ContactChannelArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
