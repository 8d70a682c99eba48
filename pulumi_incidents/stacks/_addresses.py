"""Addresses of people in a stack's configuration: apart from the rota, and encrypted there.

    incidents:addresses:
      ana: {sms: {secure: ...}}

They are merged into the people of `on_call` by name, as secrets, whether they are encrypted or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from pulumi_incidents.providers._model import Failure
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks.responder import SHORT

_CHANNELS = {*SHORT, "channels"}
_SHAPE: Any = Mapping[str, Mapping[str, str]]  # person -> channel -> address


def addressed(response: Any, addresses: Any) -> Any:
    """Return a response whose people have the addresses; what is no map is told by its check."""
    people = _people(response)
    if not people or not isinstance(addresses, Mapping):
        return response
    team = [_person(person, addresses) for person in people]
    return {**response, "on_call": {**response["on_call"], "people": team}}


def address_failures(
    response: Any, addresses: Any, key: str, of_response: str
) -> Iterator[Failure]:
    """Yield wrong addresses, those of nobody, and people without any, by the two keys.

    Nothing that is in the addresses is repeated, names included: they may be encrypted.
    """
    failures = () if addresses is None else look_at(_SHAPE, addresses, key, secret=True).failures
    yield from failures
    if failures:
        return
    people = _people(response)
    names = [name for name in map(_name, people) if name]
    if any(name not in names for name in addresses or ()):
        known = ", ".join(names) or "nobody"
        reason = f"has somebody who is not made in on_call.people: {known} may have addresses"
        yield Failure(key, reason)
    for number, person in enumerate(people):
        name = _name(person)
        if name and not _CHANNELS.intersection(_person(person, addresses or {})):
            command = f"pulumi config set --path --secret {key}.{name}.sms +15005550100"
            reason = f"has no address, and nobody could be reached: set one, `{command}`"
            yield Failure(f"{of_response}.on_call.people[{number}]", reason)


def _people(response: Any) -> Sequence[Any]:
    on_call = response.get("on_call") if isinstance(response, Mapping) else None
    people = on_call.get("people") if isinstance(on_call, Mapping) else None
    return people if isinstance(people, list) else []


def _name(person: Any) -> str | None:
    name = person.get("name") if isinstance(person, Mapping) else None
    return name if isinstance(name, str) else None


def _person(person: Any, addresses: Mapping[str, Any]) -> Any:
    """Return a person with the addresses that are set, which win over those in the response."""
    own = addresses.get(_name(person) or "")
    if not isinstance(own, Mapping):
        return person
    secret = {key: pulumi.Output.secret(address) for key, address in own.items()}
    short = {key: address for key, address in secret.items() if key in SHORT}
    channels = person.get("channels") or {}
    if not isinstance(channels, Mapping):
        return {**person, **short}
    more = {
        key: {**(channels.get(key) or {}), "address": secret[key]}
        for key in secret
        if key not in short
    }
    return {**person, **short, **({"channels": {**channels, **more}} if channels or more else {})}
