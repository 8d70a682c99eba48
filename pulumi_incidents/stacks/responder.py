"""A person who responds: where they are reached, and in which order it rings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import Contact, ContactChannel, ContactPlan
from pulumi_incidents.providers._model import below
from pulumi_incidents.providers._people import PERSON, address_failures
from pulumi_incidents.providers.contact import ContactProvider
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._hints import PERSONAL
from pulumi_incidents.stacks._limits import UNKNOWN, limit_mistakes
from pulumi_incidents.stacks._mistakes import is_output, refuse
from pulumi_incidents.stacks._names import fitted
from pulumi_incidents.stacks._stages import Step, stages, time_mistakes

Address = Annotated[str, PERSONAL]

SHORT = {"sms": "SMS", "voice": "VOICE", "email": "EMAIL"}
"""The channels that a person has by their type alone."""

_CALL_AFTER = 5


class ChannelArgs(TypedDict):
    """One more channel of a person, such as a second phone."""

    type: Literal["SMS", "VOICE", "EMAIL"]
    """How it rings. Another type is another channel."""
    address: pulumi.Input[Address]
    """`+`, country code and number, or an e-mail address. It is a secret, given as one or not."""


class RingArgs(TypedDict):
    """What rings at one time."""

    after_minutes: int
    """Minutes after the person is engaged, 0-1440."""
    channels: Sequence[str]
    """The channels that ring then, by name: `sms`, `voice`, `email` and the keys of `channels`."""


class ResponderArgs(TypedDict):
    """The inputs of a `Responder`: one channel at least."""

    sms: NotRequired[pulumi.Input[Address | None]]
    """Phone that gets text messages: `+`, country code and number. It is a secret, given as one or
    not, as every address is."""
    voice: NotRequired[pulumi.Input[Address | None]]
    """Phone that is called."""
    email: NotRequired[pulumi.Input[Address | None]]
    """E-mail address."""
    channels: NotRequired[Mapping[str, ChannelArgs] | None]
    """More channels, by a name of yours that is kept."""
    rings: NotRequired[Sequence[RingArgs] | None]
    """What rings when, in order. By default messages and mails are sent at once, and phones are
    called after 5 minutes; without messages, they are called at once."""
    display_name: NotRequired[pulumi.Input[str | None]]
    """Name for people, at most 255 letters, digits, spaces, `_`, `.` and `-`."""
    alias: NotRequired[pulumi.Input[str | None]]
    """Unique name in the account, 1-255 lower-case letters, digits, `-` and `_`; by default that of
    the component, and seven characters. Another alias is another contact."""
    adopt_existing: NotRequired[bool | None]
    """Take over a contact of this alias that exists, and its plan; by default that is refused."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the contact."""


class Responder(Component):
    """A person: a contact, its channels, and the plan by which they ring.

    AWS pages a channel once the person has activated it with the code that AWS sends there.
    """

    arn: pulumi.Output[str]
    """ARN of the person, known once the plan is in place: what `engagements` takes."""
    alias: pulumi.Output[str]
    """Alias of the person."""
    channels: pulumi.Output[Mapping[str, str]]
    """ARNs of the channels, by name."""

    def __init__(
        self,
        name: str,
        args: ResponderArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("incidents:index:Responder", name, opts)
        found = look_at(ResponderArgs, args)
        given = self._taken(found, found.beyond(responder_mistakes))
        self._child = pulumi.ResourceOptions(parent=self)
        short, child = fitted(self, name, "contact")
        contact = Contact(
            short,
            child,
            type="PERSONAL",
            alias=given.get("alias"),
            display_name=given.get("display_name"),
            adopt_existing=given.get("adopt_existing"),
            tags=given.get("tags"),
        )
        arns = {
            key: self._channel(f"{name}-{key}", contact, key, channel)
            for key, channel in _channels(given).items()
        }
        plan = ContactPlan(
            name,
            self._child,
            contact_id=contact.arn,
            stages=stages([_step(ring, arns) for ring in _rings(given)]),
            adopt_existing=given.get("adopt_existing"),
        )
        # Known once the plan is there: nobody is to be engaged whom nothing rings.
        self.arn = pulumi.Output.all(contact.arn, plan.id).apply(lambda known: str(known[0]))
        self.alias = contact.alias
        self.channels = pulumi.Output.all(**arns)
        told = Responder.__annotations__
        self.register_outputs({output: getattr(self, output) for output in told})

    def _channel(
        self, name: str, contact: Contact, key: str, channel: _Channel
    ) -> pulumi.Output[str]:
        def fits(address: str) -> str:
            refuse(self, _address_mistakes(channel._replace(address=address)))
            return address

        made = ContactChannel(
            name,
            self._child,
            contact_id=contact.arn,
            name=key,
            type=channel.type,
            delivery_address={"simple_address": pulumi.Output.secret(channel.address).apply(fits)},
        )
        return made.arn


class _Channel(NamedTuple):
    type: Literal["SMS", "VOICE", "EMAIL"]
    address: pulumi.Input[str]
    path: str


class _Ring(NamedTuple):
    after_minutes: int
    channels: Sequence[str]


def _channels(args: Mapping[str, Any], path: str = "") -> dict[str, _Channel]:
    """Return the channels of a person by name; an output is one, whatever it comes to."""
    short = {
        key: _Channel(kind, args[key], below(path, key))  # type: ignore[arg-type]
        for key, kind in SHORT.items()
        if is_output(args.get(key)) or args.get(key)
    }
    more = {
        key: _Channel(each["type"], each["address"], below(path, f"channels.{key}.address"))
        for key, each in (args.get("channels") or {}).items()
    }
    return {**short, **more}


def _rings(args: Mapping[str, Any]) -> list[_Ring]:
    """Return what rings when: as it is declared, or as a small team would have it."""
    if args.get("rings") is not None:
        return [_Ring(each["after_minutes"], each["channels"]) for each in args["rings"]]
    kinds = {key: channel.type for key, channel in _channels(args).items()}
    calls = [key for key, kind in kinds.items() if kind == "VOICE"]
    silent = [key for key in kinds if key not in calls]
    if not calls or "SMS" not in kinds.values():
        return [_Ring(0, [*silent, *calls])]  # a mail alone wakes nobody
    return [_Ring(0, silent), _Ring(_CALL_AFTER, calls)]


def _step(ring: _Ring, arns: Mapping[str, pulumi.Output[str]]) -> Step:
    return Step(
        ring.after_minutes,
        [{"channel_target_info": {"contact_channel_id": arns[key]}} for key in ring.channels],
    )


def responder_mistakes(args: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of a person, at `path` of a component's."""
    yield from contact_mistakes(args, path)
    for key in SHORT:
        if key in (args.get("channels") or {}):
            yield f"{below(path, f'channels.{key}')} has the name of the input {key}: use that"
    channels = _channels(args, path)
    if not channels:
        sentence = "has no channel, and nobody could be reached: give sms, voice or email"
        yield f"{path or 'the person'} {sentence}"
        return
    for channel in channels.values():
        yield from _address_mistakes(channel)
    if args.get("rings") is not None:
        yield from _ring_mistakes(_rings(args), list(channels), path)


def contact_mistakes(args: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Find what AWS would refuse of a contact by what a component takes of it."""
    given = {key: args.get(key) for key in ("display_name", "tags")}
    contact = {**given, "type": PERSON, "alias": args.get("alias") or UNKNOWN}
    yield from limit_mistakes(ContactProvider, contact, {"": f"{path}."} if path else {})


def _address_mistakes(channel: _Channel) -> Iterator[str]:
    """Find an address that no channel of this type can have; it is never repeated."""
    if not is_output(channel.address):
        address = {"simple_address": channel.address}
        for failure in address_failures(channel.type, address):
            yield failure._replace(path=channel.path).told()


def _ring_mistakes(rings: Sequence[_Ring], names: Sequence[str], path: str) -> Iterator[str]:
    place = below(path, "rings")
    yield from time_mistakes([ring.after_minutes for ring in rings], place)
    for number, ring in enumerate(rings):
        where = f"{place}[{number}].channels"
        if not ring.channels:
            yield f"{where} reaches nobody: name one of {', '.join(names)}"
        for index, key in enumerate(ring.channels):
            if key not in names:
                known = ", ".join(names)
                yield f"{where}[{index}] must be a channel of this person, who has {known}"
    rung = {key for ring in rings for key in ring.channels}
    for key in names:
        if key not in rung:
            yield f"{place} never ring {key}: name it in one of them, or take the channel out"
