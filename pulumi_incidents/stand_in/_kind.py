"""What the plugin has to know about one Pulumi type."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pulumi_incidents.stand_in._limits import Breach, Member
from pulumi_incidents.stand_in._values import same


@dataclass(frozen=True)
class Input:
    """How one input behaves."""

    default: Any = None
    """What AWS has when the input is left out; taking the input away goes back to it."""
    required: bool = False
    replaces: bool = False
    """A change cannot be made in place."""
    computed: bool = False
    """AWS chooses a value of its own when the input is left out, and that is no drift."""
    json: bool = False
    """JSON text, compared by what it says; an object, unless `any_json`."""
    any_json: bool = False
    meaning: Callable[[Any], Any] | None = None
    """What of a value counts: two values with one meaning are no difference."""
    arn: bool = False
    """An ARN, or a list of them."""
    allowed: Collection[Any] = ()
    """The only values that AWS takes, where moto takes any and the model does not say so."""

    def same(self, before: Any, after: Any) -> bool:
        """Tell whether two values of this input mean the same."""
        return same(before, after, json.loads if self.json else self.meaning)


class GoneError(Exception):
    """Somebody removed the thing, and AWS says so by an empty answer instead of an error."""


REGION = Input(replaces=True, computed=True)
NAMED = {"name": Input(replaces=True), "namePrefix": Input(replaces=True)}
TAGGED = {"tags": Input(default={}), "tagsAll": Input(default={})}


class Kind(ABC):
    """One Pulumi type: its inputs and outputs, and how boto3 makes, reads, changes, removes it.

    The methods get the client of `service`. Inputs are plain values with every default filled in;
    what boto3 raises is left to the caller, "not found" included.
    """

    service: ClassVar[str]
    operation: ClassVar[str]
    """The call that makes it."""
    members: ClassVar[Mapping[str, Member]]
    """What of that call each input is sent as: the limits that its model has are the input's."""
    inputs: ClassVar[Mapping[str, Input]]
    outputs: ClassVar[tuple[str, ...]]
    """The properties besides the inputs, unknown until the thing is made."""
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """What AWS may choose anew when an input changes, by that input; a preview cannot know it."""
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of inputs of which AWS needs one."""
    not_both: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of inputs of which only one may be given."""
    automatic_start: ClassVar[str] = ""
    """How an automatic name begins, before the resource's own."""

    @abstractmethod
    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make it in one call, and answer its Pulumi id."""

    @abstractmethod
    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Answer inputs and outputs as they are at AWS."""

    @abstractmethod
    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Bring the changed inputs from old to new."""

    @abstractmethod
    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Remove it."""

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:  # noqa: ARG002 # for those that have some
        """Answer what AWS's documents say is wrong with the inputs, and its model does not."""
        yield from ()

    def filled(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the inputs with every default filled in."""
        return {key: inputs.get(key, spec.default) for key, spec in self.inputs.items()}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Answer tags as the list of pairs that most services want."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_map(tags: list[dict[str, str]]) -> dict[str, str]:
    """Answer the list of pairs that most services give as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def tag_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Answer the tag keys that are gone, and the tags that are new or different."""
    before, after = old.get("tagsAll") or {}, new.get("tagsAll") or {}
    gone = sorted(set(before) - set(after))
    return gone, {key: value for key, value in after.items() if before.get(key) != value}
