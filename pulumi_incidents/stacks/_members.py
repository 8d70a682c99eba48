"""Who is who in a team: the names of its people, and whom an entry of a stage means; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_incidents.providers._people import CONTACT
from pulumi_incidents.stacks.responder import Responder

ON_CALL, EVERYBODY = "on_call", "everybody"
"""What is nobody's name: who has the shift, and all people of the team."""


def names(people: Sequence[Any]) -> list[str | None]:
    """Return what each of the people is called; one that is an output has no name."""
    return [_name(person) for person in people]


def _name(person: Any) -> str | None:
    if isinstance(person, Responder):
        return person._name  # noqa: SLF001 - no public name
    if isinstance(person, Mapping):
        return str(person["name"])
    return person.rpartition("/")[2] if is_arn(person) else None


def is_arn(given: Any) -> bool:
    """Tell whether a text is the ARN of a contact."""
    return isinstance(given, str) and bool(CONTACT.pattern.fullmatch(given))


def chosen(by_name: Sequence[str] | None, people: Sequence[Any]) -> list[int]:
    """Return the places of the people of a rotation; of all if it names none."""
    called = names(people)
    return [*range(len(people))] if by_name is None else [called.index(each) for each in by_name]


def meant(entry: Any, people: Sequence[Any]) -> list[int]:
    """Return the places of the people that an entry of a stage means; of whoever else none."""
    if isinstance(entry, str):
        return [
            place
            for place, (person, name) in enumerate(zip(people, names(people), strict=True))
            if entry in (EVERYBODY, name, person if isinstance(person, str) else None)
        ]
    return [place for place, person in enumerate(people) if person is entry]
