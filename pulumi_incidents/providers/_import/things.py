"""What is to be imported, and what was found of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pulumi_incidents.providers._import.kinds import Kind, slug


class Wanted(NamedTuple):
    """A thing to import, and where it is found."""

    kind: Kind
    id: str
    """Id of the resource: an ARN, or that of a rotation, a comma and an override's id."""
    name: str = ""
    """Name of the resource; empty if it is made of what is found."""
    parent: str = ""
    """URN of the component it belongs to."""
    where: Mapping[str, str] = {}
    """The `aws_config` to read it with."""
    aws_config: Mapping[str, str] = {}
    """What it does differently from the stack's `aws:` configuration."""
    old_urn: str = ""
    """URN of the official resource that manages it so far."""
    protected: bool = False
    """The official resource is protected."""
    in_use: bool = False
    """Resources that stay depend on the official resource."""


class Found(NamedTuple):
    """What AWS has of a thing."""

    wanted: Wanted
    inputs: dict[str, Any]
    """The inputs that declare it, an address in the clear."""
    added: Mapping[str, Any] = {}
    """Those that the stack adds to them."""
    outputs: Mapping[str, Any] = {}
    """What only AWS knows, the owner's mark among them."""
    name: str = ""
    """Name of the resource."""
    key: str = ""
    """Key of the stack's configuration that holds the address; empty if there is none."""

    @property
    def kind(self) -> Kind:
        """The kind."""
        return self.wanted.kind

    @property
    def id(self) -> str:
        """The id of the resource."""
        return self.wanted.id

    @property
    def address(self) -> str | None:
        """Where a channel rings, which is personal data."""
        address = self.inputs.get("delivery_address") or {}
        return address.get("simple_address")

    def declared(self, address: Any) -> dict[str, Any]:
        """Return the inputs with something else in place of the address."""
        hidden = {} if self.address is None else {"delivery_address": {"simple_address": address}}
        return {**self.inputs, **hidden}


def named(things: Iterable[Found]) -> list[Found]:
    """Return the things with names, and keys for their addresses, no two of them the same."""
    things = list(things)
    titles = [thing.kind.title(thing.id, thing.inputs) for thing in things]
    names = [
        thing.wanted.name or title for thing, title in zip(things, distinct(titles), strict=True)
    ]
    keys = distinct(slug(name) for name in names)
    return [
        thing._replace(name=name, key="" if thing.address is None else key)
        for thing, name, key in zip(things, names, keys, strict=True)
    ]


def distinct(names: Iterable[str], mark: str = "-") -> list[str]:
    """Return the names in their order, with a mark and a number behind each that was before."""
    taken: dict[str, None] = {}
    for name in names:
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}{mark}{number}"
        taken[free] = None
    return list(taken)


def changed_texts(value: Any, change: Callable[[str], Any]) -> Any:
    """Return a value with every text in it, at any depth, as `change` returns it."""
    if isinstance(value, Mapping):
        return {key: changed_texts(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [changed_texts(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def texts(value: Any) -> list[str]:
    """Return every text in a value, at any depth, keys of maps aside."""
    found: list[str] = []
    changed_texts(value, found.append)
    return found
