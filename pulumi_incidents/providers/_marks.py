"""Reads and writes at AWS whose a thing is: the owner's mark of plans and of incident records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tenacity

from pulumi_incidents.providers import _aws, _ownership


def mark_of(props: Mapping[str, Any], arn: str, subject: str) -> str | None:
    """Return the owner's mark of a plan or a record, if it has one."""
    return tags_of(props, arn, subject).get(_ownership.OWNER_TAG)


def tags_of(props: Mapping[str, Any], arn: str, subject: str) -> dict[str, str]:
    """Return all tags of a plan or a record."""
    answer = _aws.call(props, "list_tags_for_resource", subject, resourceArn=arn)
    tags: dict[str, str] = answer["tags"]
    return tags


def mark(props: Mapping[str, Any], arn: str, subject: str, owner: str) -> None:
    """Write the owner's mark."""
    _aws.call(props, "tag_resource", subject, resourceArn=arn, tags={_ownership.OWNER_TAG: owner})


def confirm(props: Mapping[str, Any], arn: str, subject: str, owner: str) -> None:
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
    if looking(mark_of, props, arn, subject) is None:
        raise _aws.IncidentManagerError(
            f"{arn} does not show yet that it was taken over: run again in a minute."
        )


def is_lost(props: Mapping[str, Any], arn: str, found: str | None, therefore: str) -> bool:
    """Tell whether a thing is somebody else's by now, and if so, say it and what comes of it."""
    if not found or not _ownership.is_others(props, found):
        return False
    _aws.tell(f"{arn} belongs to {_ownership.holder(found)} by now: {therefore}.")
    return True


def require_ours(
    props: Mapping[str, Any], state: Mapping[str, Any], arn: str, subject: str
) -> str | None:
    """Return the owner's mark of what is to be changed; raise if it is somebody else's by now."""
    try:
        found = mark_of(props, arn, subject)
    except _aws.NotFoundError:
        _aws.confirm_gone(props, arn)
        raise _aws.NotFoundError(
            f"{arn} is gone: run `pulumi refresh`, and the next `pulumi up` makes it anew."
        ) from None
    if found and _ownership.is_others(state, found):
        raise _aws.IncidentManagerError(
            f"{arn} belongs to {_ownership.holder(found)} by now and is left as it is: run "
            "`pulumi refresh`, and this stack goes on without it."
        )
    return found
