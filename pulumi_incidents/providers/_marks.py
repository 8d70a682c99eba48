"""Reads and writes at AWS whose a thing is: the owner's mark, which is one of its tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tenacity

from pulumi_incidents.providers import _aws, _ownership, _tags
from pulumi_incidents.providers._aws import Thing


def mark_of(thing: Thing) -> str | None:
    """Return the owner's mark of a thing, if it has one."""
    return _tags.read(thing).get(_ownership.OWNER_TAG)


def mark(thing: Thing, owner: str, tags: Mapping[str, str] | None = None) -> None:
    """Write the owner's mark, and tags of the user in the same call."""
    _tags.add(thing, {**(tags or {}), _ownership.OWNER_TAG: owner})


def confirm(thing: Thing, owner: str) -> None:
    """Wait until the mark of what was taken over shows.

    Whoever had the thing looks at the mark before deleting it, maybe a moment later and in this
    very run: until AWS shows the new one, it protects nothing.
    """
    looking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda found: found != owner),
        wait=tenacity.wait_fixed(2),
        stop=tenacity.stop_after_attempt(8),
        retry_error_callback=lambda _: None,
    )
    if looking(mark_of, thing) is None:
        raise _aws.IncidentManagerError(
            f"{thing.arn} does not show yet that it was taken over: run again in a minute."
        )


def is_lost(thing: Thing, found: str | None, therefore: str) -> bool:
    """Tell whether a thing is somebody else's by now, and if so, say it and what comes of it."""
    if not found or not _ownership.is_others(thing.props, found):
        return False
    _aws.tell(f"{thing.arn} belongs to {_ownership.holder(found)} by now: {therefore}.")
    return True


def require_ours(thing: Thing, state: Mapping[str, Any]) -> str | None:
    """Return the owner's mark of what is to be changed; raise if it is somebody else's by now."""
    try:
        found = mark_of(thing)
    except _aws.NotFoundError:
        _aws.confirm_gone(thing)
        raise _aws.NotFoundError(
            f"{thing.arn} is gone: run `pulumi refresh`, and the next `pulumi up` makes it anew."
        ) from None
    if found and _ownership.is_others(state, found):
        raise _aws.IncidentManagerError(
            f"{thing.arn} belongs to {_ownership.holder(found)} by now and is left as it is: run "
            "`pulumi refresh`, and this stack goes on without it."
        )
    return found
