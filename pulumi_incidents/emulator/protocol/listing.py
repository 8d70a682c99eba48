"""Pages of the List operations of any service."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from pulumi_incidents.emulator.protocol.errors import ValidationException

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Pages:
    """How a service spells the members of its pages, and how much is on one unless asked.

    `token`: where a page begins, and what an answer has if there is more. `size`: how much is asked
    for. `most`: how much that is otherwise.
    """

    token: str
    size: str
    most: int

    def page(
        self,
        member: str,
        parameters: dict[str, Any],
        entries: Iterable[tuple[str, Thing]],
        show: Callable[[Thing], Any],
        *,
        descending: bool = False,
    ) -> dict[str, Any]:
        """Return one page of `entries`, each a key and a thing to show, as the output's `member`.

        They are in the order of their keys, and looked at only as far as the page goes. A token
        carries the last key of its page, so that what comes or goes between two pages makes no
        entry appear twice and hides none; it is good for the same request with any number of
        results.
        """
        own = (self.token, self.size)
        asked = {name: value for name, value in parameters.items() if value and name not in own}
        owner = json.dumps([member, asked], sort_keys=True)
        last = self._read(owner, parameters.get(self.token, ""))
        rest = (
            entry
            for entry in entries
            if not last or (entry[0] < last if descending else entry[0] > last)
        )
        size = parameters.get(self.size) or self.most
        found = list(islice(rest, size + 1))
        result: dict[str, Any] = {member: [show(thing) for _, thing in found[:size]]}
        if len(found) > size:
            result[self.token] = _token(owner, found[size - 1][0])
        return result

    def _read(self, owner: str, token: str) -> str:
        if not token:
            return ""
        try:
            key = base64.b64decode(token, altchars="-_", validate=True).decode().split("\n")[1]
        except (ValueError, IndexError):
            key = ""
        if token != _token(owner, key):
            raise ValidationException(
                f"The {self.token} is not one that was answered to this request."
            )
        return key


def _token(owner: str, key: str) -> str:
    """Return the token of a place in a list; its seal fits no other list and no other place."""
    seal = hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest()[:32]
    return base64.urlsafe_b64encode(f"{seal}\n{key}".encode()).decode()
