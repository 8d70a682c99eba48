"""What a seed asks for, in the order in which it can be made. Pure but for `load`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.validation import Failures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CONTACTS, CHANNELS, ROTATIONS, PLANS = "Contacts", "Channels", "Rotations", "ResponsePlans"
ACTIVATED, WAITING = "Activated", "Waiting"
_LISTS = (CONTACTS, ROTATIONS, PLANS)


class SeedError(ValidationException):
    """A seed is not taken, and nothing of it: one sentence, and the exit status of a start."""

    status = 3

    def __str__(self) -> str:
        return str(self.message)


class UnreadableSeedError(SeedError):
    """The file of a seed cannot be read."""

    status = 2


class Seed(NamedTuple):
    """A seed, and what sentences call it."""

    content: Mapping[str, Any]
    title: str = "The seed"


class Wanted(NamedTuple):
    """One request of a seed; `path` is where its parameters are.

    `kind` and `name`: what it makes; "" for a change of what is there by then. `owner`: the alias
    of the contact whose channels it is about. `channel`: whether one is to be `ACTIVATED`, or
    `WAITING` for its code.
    """

    operation: str
    parameters: dict[str, Any]
    path: str
    kind: str
    name: str
    owner: str = ""
    channel: str = ""


def load(path: Path) -> Seed:
    """Return the seed of a file; raise SeedError if it is no JSON object that can be read."""
    title = f"The seed file {path}"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableSeedError(f"{title} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:
        raise SeedError(f"{title} is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise SeedError(f"{title} is not a JSON object.")
    return Seed(content, title)


def wanted(content: Mapping[str, Any]) -> list[Wanted]:
    """Return the requests of a seed; raise a ValidationException with all that cannot be one.

    Contacts get their plans when all is there that a plan can name, as AWS's own sample has it.
    """
    failures = Failures()
    for key in sorted(content.keys() - set(_LISTS)):
        failures.add(key[:100], f"Member must be one of: [{', '.join(_LISTS)}]")
    contacts = list(_each(content, CONTACTS, "", failures))
    channels = [
        _channel(contact, channel, where, failures)
        for path, contact in contacts
        for where, channel in _each(contact, CHANNELS, f"{path}.", failures)
    ]
    rotations = list(_each(content, ROTATIONS, "", failures))
    plans = list(_each(content, PLANS, "", failures))
    _refuse_twins(rotations, failures)
    failures.raise_if_any()
    return [
        *(_contact(contact, path) for path, contact in contacts),
        *channels,
        *(
            Wanted("CreateRotation", rotation, path, ROTATIONS, _name(rotation, "Name"))
            for path, rotation in rotations
        ),
        *(_plan(contact, path) for path, contact in contacts if contact.get("Plan") is not None),
        *(
            Wanted("CreateResponsePlan", plan, path, PLANS, _name(plan, "name"))
            for path, plan in plans
        ),
    ]


def _each(
    holder: Mapping[str, Any], key: str, prefix: str, failures: Failures
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the maps in a list, each with its path."""
    path, given = f"{prefix}{key}", holder.get(key)
    if given is None:
        return
    if not isinstance(given, list):
        failures.add(path, "Member must be a list")
        return
    for index, each in enumerate(given):
        if isinstance(each, dict):
            yield f"{path}[{index}]", each
        else:
            failures.add(f"{path}[{index}]", "Member must be a structure")


def _refuse_twins(rotations: list[tuple[str, dict[str, Any]]], failures: Failures) -> None:
    """Refuse a name that says less than an ARN would: AWS itself lets rotations be called alike."""
    names = [_name(rotation, "Name") for _, rotation in rotations]
    for index, (path, _) in enumerate(rotations):
        if names[index] in names[:index]:
            failures.add(f"{path}.Name", "Member must be the name of one rotation of the seed")


def _contact(contact: dict[str, Any], path: str) -> Wanted:
    parameters = {name: value for name, value in contact.items() if name != CHANNELS}
    if parameters.get("Plan") is not None:
        parameters["Plan"] = {}
    return Wanted("CreateContact", parameters, path, CONTACTS, _name(contact, "Alias"))


def _plan(contact: dict[str, Any], path: str) -> Wanted:
    alias = _name(contact, "Alias")
    parameters = {"ContactId": alias, "Plan": contact["Plan"]}
    return Wanted("UpdateContact", parameters, path, "", alias, alias)


def _channel(
    contact: dict[str, Any], channel: dict[str, Any], path: str, failures: Failures
) -> Wanted:
    name, owner = _name(channel, "Name"), _name(contact, "Alias")
    parameters = {**channel, "ContactId": owner}
    active, deferred = parameters.pop(ACTIVATED, False), parameters.get("DeferActivation")
    if not isinstance(active, bool):
        failures.add(f"{path}.{ACTIVATED}", "Member must be a boolean")
    status = ACTIVATED if active is True else ""
    if deferred is None or deferred is False:
        parameters["DeferActivation"] = True  # else making it would send a code at once
        status = status or WAITING
    return Wanted("CreateContactChannel", parameters, path, CHANNELS, name, owner, status)


def _name(thing: Mapping[str, Any], member: str) -> str:
    """Return what a thing is called; the API tells what is wrong with what is no name."""
    return str(thing.get(member, ""))
