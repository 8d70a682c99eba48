"""What a service keeps for one account, and how an operation is called on it.

Not thread-safe by itself: it is called under the one lock of `storage`.
"""

from __future__ import annotations

import copy
import itertools
from collections import OrderedDict
from typing import Any, ClassVar

from botocore import xform_name
from moto.core.base_backend import BaseBackend
from typing_extensions import Self

from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.exchange import only_reads
from pulumi_incidents.emulator.protocol.history import History

_REMEMBERED_TOKENS = 10_000
# One count for all backends and their successors after a reset: no version comes twice.
_VERSIONS = itertools.count(1)


class Backend(BaseBackend):
    """Everything that a service keeps for one account, in one region or one partition.

    Every public method named after an operation takes the checked parameters of that operation and
    returns the members of its output. `client_token`: how the service spells the member by which a
    repeated request is known. `listed`: the attributes that its List operations look at.
    """

    client_token: ClassVar[str] = "clientToken"  # noqa: S105 - the name of a member
    listed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # moto's STS answers the same identity to whoever is unknown to IAM.
        self.caller = f"arn:{self.partition}:sts::{account_id}:user/moto"
        # Where the call that is being handled was sent.
        self.region = ""
        self._history = History()
        self.version = next(_VERSIONS)
        self._clear()

    def _clear(self) -> None:
        """Start, or start again, with nothing."""
        # Delivered by whoever called, once the lock is free: a receiver may be slow, or call back.
        self.messages: list[Any] = []
        self.tokens: OrderedDict[tuple[str, str], tuple[dict[str, Any], Any]] = OrderedDict()

    def call(
        self, operation: str, parameters: dict[str, Any], region: str = "", lag: float | None = None
    ) -> dict[str, Any]:
        """Call an operation, sent to a region, only once for a client token.

        What is due by now happens first. The same token with the same parameters gets the first
        answer again, even if what it names is gone by now; the same token with other parameters is
        a ValidationException. `lag`: how many seconds ago it is for a list that lags behind; what
        is due happens to the account all the same.
        """
        self.region = region
        self.settle()
        then = self.as_of(lag) if lag else self
        return then.answer(operation, parameters)

    def answer(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer an operation, whatever is due."""
        key = (operation, parameters.get(self.client_token, ""))
        if key in self.tokens:
            known, answer = self.tokens[key]
            if known != parameters:
                raise ValidationException(
                    f"The {self.client_token} was already used for {operation} with other "
                    "parameters; use a new token for a new request."
                )
            return answer  # type: ignore[no-any-return]  # stored below
        if not only_reads(operation):
            self.remember()
        result: dict[str, Any] = getattr(self, xform_name(operation))(parameters)
        if key[1]:
            self.tokens[key] = (parameters, result)
            if len(self.tokens) > _REMEMBERED_TOKENS:
                self.tokens.popitem(last=False)
        return result

    def settle(self) -> None:
        """Let everything happen that time alone brings about, and that is due by now."""

    def remember(self) -> None:
        """Keep what is about to change for the lists that lag behind, and give it a new version.

        Whoever compares versions sees that there is something new.
        """
        self.version = next(_VERSIONS)
        self._history.keep({name: vars(self)[name] for name in self.listed})

    def as_of(self, seconds: float) -> Self:
        """Return the account as it was some seconds ago."""
        past = copy.copy(self)
        vars(past).update(self._history.as_of(seconds))
        return past

    def take_messages(self) -> list[Any]:
        """Return what is to be delivered, and leave none."""
        taken, self.messages = self.messages, []
        return taken
