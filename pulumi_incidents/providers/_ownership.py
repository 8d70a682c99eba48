"""Whose a thing at AWS is: automatic names, the owner's mark, and the tags that are the user's.

Names, and hashes of names, prove nothing: stacks are renamed, resources move, and two backends may
have stacks of one name. So everything that is made gets a mark of its own, one tag, that says in
words who made it and has a random part. The state keeps the mark; whoever takes a thing over gives
it a new one. A mark that is another one by now means that the thing is somebody else's, and it is
neither changed nor deleted. A thing without a mark is nobody else's.

Pure, but for the random part.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi.output import Unknown

from pulumi_incidents.providers import _backend
from pulumi_incidents.providers._declaration import CONTEXT, context_of, identity_of
from pulumi_incidents.providers._model import Failure

OWNER_TAG = "pulumi-incidents:owner"
MOST_TAGS = 49
"""Tags that are left for the user: AWS takes 50, and one is the owner's mark."""

_LONGEST_NAME = 200
_LONGEST_OWNER = 256
_ENDED = re.compile(r" ended=(\d+)$")


def automatic_name(identity: str) -> str:
    """Return the name of a plan without one: the resource's, and seven characters of a hash."""
    start = automatic_start(identity.rpartition("::")[2])
    return f"{start}{_digest(_backend.told_apart(identity))[:7]}"


def automatic_start(resource: str) -> str:
    """Return what the automatic name of a resource begins with: all of it but the hash."""
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', resource)[: _LONGEST_NAME - 8]}-"


def new_mark(identity: str) -> str:
    """Return a mark that nothing else has, for what this resource makes or takes over."""
    return _marked(identity, f"@{secrets.token_hex(6)}")


def ended_mark(identity: str, lives: int) -> str:
    """Return the mark of what has been let go: so many lives of an occurrence are over."""
    return _marked(identity, f" ended={lives}")


def lives_ended(mark: str | None) -> int | None:
    """Return how many lives a mark says are over; None while somebody holds the thing."""
    found = _ENDED.search(mark or "")
    return int(found[1]) if found else None


def holder(mark: str) -> str:
    """Return who a mark says it is, for people: organisation, project, stack and resource."""
    return _ENDED.sub("", mark).partition("@")[0]


def in_name_of(mark: str, identity: str) -> bool:
    """Tell whether a mark says that it is a resource's, whatever its random part is."""
    return holder(mark) == holder(new_mark(identity))


def owned(owner: str | None) -> dict[str, str]:
    """Return the output that keeps a mark in the state, if there is one."""
    return {"owner": owner} if owner else {}


def is_others(props: Mapping[str, Any], mark: str | None) -> bool:
    """Tell whether a mark that was found at AWS is somebody else's, not the one of the state.

    What has been let go is nobody's: a run that was interrupted then goes on with it.
    """
    if mark is None or lives_ended(mark) is not None:
        return False
    return mark != (props.get("owner") or _mark_of_names(identity_of(props)))


def declared_tags(props: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of the stack and of the resource, which wins."""
    return {**(props.get("default_tags") or {}), **(props.get("tags") or {})}


def marked_tags(props: Mapping[str, Any], mark: str | None) -> dict[str, str]:
    """Return the tags that a thing has at AWS: the declared ones, and its owner's mark."""
    return {**declared_tags(props), **({OWNER_TAG: mark} if mark else {})}


def tag_failures(tags: Any, ignores: Callable[[str], bool]) -> Iterator[Failure]:
    """Find one tag too many, and ignored ones; more than AWS itself takes is told by its model."""
    if not isinstance(tags, Mapping):
        return
    if len(tags) == MOST_TAGS + 1:
        yield Failure("tags", f"must be at most {MOST_TAGS} entries: one more says whose it is")
    for key in filter(ignores, tags):
        reason = "is ignored by aws:ignoreTags: take it out of one of them"
        yield Failure(f"tags[{key!r}]", reason)


def users_tags(
    live: Mapping[str, str], props: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Part live tags into the resource's own and the stack's; AWS's and the owner's are neither."""
    own, defaults = props.get("tags") or {}, props.get("default_tags") or {}
    users = {
        key: value for key, value in live.items() if key != OWNER_TAG and not key.startswith("aws:")
    }
    of_stack = {
        key: default if key in own else users[key]
        for key, default in defaults.items()
        if key in own or key in users
    }
    of_resource = {key: value for key, value in users.items() if key in own or key not in defaults}
    return of_resource, of_stack


def named(
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    key: str = "name",
    make: Callable[[str], str] = automatic_name,
) -> dict[str, Any]:
    """Return the inputs with a name: the declared one, the automatic one it has, or a new one.

    `key` is what a kind calls its name, and `make` how it is made of the resource's identity.
    """
    if news.get(key) or isinstance(news.get(key), Unknown):
        return dict(news)
    before, context = context_of(olds), context_of(news)
    if before.get("automatic_name") and olds.get(key):
        name = olds[key]
    elif context.get("identity"):
        name = make(context["identity"])
    else:
        return dict(news)
    return {**news, key: name, CONTEXT: {**context, "automatic_name": True}}


def _marked(identity: str, suffix: str) -> str:
    """Return who it is, readable at 3 am, and a suffix, within what AWS takes as a tag's value."""
    organization, _, urn = identity.partition("/")
    stack, *parts = urn.split("::")
    words = (organization, *parts[:1], stack.rpartition(":")[2], *parts[-1:])
    readable = re.sub(r"[^A-Za-z0-9 _=:.+/-]", "-", "/".join(words))
    return readable[: _LONGEST_OWNER - len(suffix)] + suffix


def _mark_of_names(identity: str) -> str:
    """Return the mark of things whose state has none: until 0.1.0 it was a hash of the names."""
    return _marked(identity, f"@{_digest(identity)[:12]}")


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()
