"""The life of a thing of which AWS makes up the ARN: only a token tells a repeat from a second one.

A run may be killed after AWS has made the thing and before the state has it. The next run sends the
same token and gets the same ARN. A token outlives what it made, though: what is gone, or has got
another owner since, is a life that is over, and the next life has another token.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.dynamic import CreateResult

from pulumi_incidents.providers import _aws, _backend, _marks, _ownership
from pulumi_incidents.providers._aws import Changes, Thing
from pulumi_incidents.providers._declaration import identity_of
from pulumi_incidents.providers._life import one_sentence
from pulumi_incidents.providers._managed import Managed

_MOST_LIVES = 20


class Numbered(Managed):
    """The life of such a thing."""

    unique = False

    @one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the thing, or take up what an interrupted run has made; then mark it."""
        thing = self.thing(props)
        for life in range(_MOST_LIVES):
            made, is_whole = self._made(thing, self._token(props, life))
            answer = self._answer(made)
            if answer is None:
                continue
            if not is_whole:
                self._patch(Changes(made, "run again"), self.live(made, answer), props)
            owner = _ownership.new_mark(identity_of(props)) if self.tagged else None
            if owner:
                _marks.mark(made, owner)
            return CreateResult(made.arn, {**props, **_ownership.owned(owner), **self.seen(answer)})
        raise _aws.IncidentManagerError(
            f"{thing.subject} was made and deleted {_MOST_LIVES} times under this name: choose "
            "another name for the resource."
        )

    @classmethod
    def started(cls, _thing: Thing) -> Iterator[str]:
        """Yield the ARNs of what an interrupted run may have made with other inputs."""
        yield from ()

    def _made(self, thing: Thing, token: str) -> tuple[Thing, bool]:
        """Return what a token makes or has made, and whether it is as declared."""
        request = self.request(thing.props, None)
        try:
            answer = thing.call(self.operations.create, IdempotencyToken=token, **request)
        except _aws.TokenUsedError as used:
            found = list(self.started(thing))
            if len(found) != 1:
                raise _aws.IncidentManagerError(
                    f"{used} An interrupted run has made it with other inputs, and AWS does not "
                    "tell which it is: put the inputs back and run again."
                ) from None
            return thing._replace(arn=found[0]), False
        return thing._replace(arn=self.identified(thing, answer)), True

    def _answer(self, made: Thing) -> Mapping[str, Any] | None:
        """Return what AWS says of what was made; None if it is of a life that is over.

        A mark in the name of this very resource is that of a run which could not record it.
        """
        try:
            answer = self.look(made)
            mark = _marks.mark_of(made) if self.tagged else None
            if mark and not _ownership.in_name_of(mark, identity_of(made.props)):
                return None
        except _aws.NotFoundError:
            return None
        return answer

    def _token(self, props: Mapping[str, Any], life: int) -> str:
        which = [props.get(key) for key in self.replaced_by]
        parts = [_backend.told_apart(identity_of(props)), which, life]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
