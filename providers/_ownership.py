"""Whose plan it is: automatic names, the owner's tag, and the tags that are the user's. Pure.

A run that was interrupted after AWS made a plan recorded nothing. The next run has to know that
plan as its own, and no other stack may take it for its own. An automatic name says so by itself. A
plan with a chosen name gets one tag, `pulumi-incidents:owner`; it is left out where the user's own
tags fill all 50 places, and then only `adopt_existing` helps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown

from pulumi_incidents.providers._declaration import CONTEXT

OWNER_TAG = "pulumi-incidents:owner"

_MOST_TAGS = 50
_LONGEST_NAME = 200
_LONGEST_OWNER = 256


def automatic_name(identity: str) -> str:
    """Return the name of a plan without one: the resource's, and seven characters of a hash."""
    resource = re.sub(r"[^A-Za-z0-9_-]+", "-", identity.rpartition("::")[2])
    return f"{resource[: _LONGEST_NAME - 8]}-{_digest(identity)[:7]}"


def owner(identity: str) -> str:
    """Return what the owner's tag says: readable at 3 am, and unmistakable by its hash."""
    organization, _, urn = identity.partition("/")
    parts = urn.split("::")
    stack, project, resource = parts[0].rpartition(":")[2], *parts[1:2], parts[-1]
    readable = re.sub(r"[^A-Za-z0-9 _=:.+/-]", "-", f"{organization}/{project}/{stack}/{resource}")
    mark = f"@{_digest(identity)[:12]}"
    return readable[: _LONGEST_OWNER - len(mark)] + mark


def is_ours(props: Mapping[str, Any], live_tags: Mapping[str, str]) -> bool:
    """Tell whether a plan of the declared name is one that an interrupted run has made."""
    context = props.get(CONTEXT) or {}
    if context.get("automatic_name"):
        return True
    return OWNER_TAG in live_tags and live_tags[OWNER_TAG] == owner(context.get("identity", ""))


def declared_tags(props: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of the stack and of the resource, which wins."""
    return {**(props.get("default_tags") or {}), **(props.get("tags") or {})}


def created_tags(props: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that a new plan gets: the declared ones, and the owner's."""
    tags = declared_tags(props)
    context = props.get(CONTEXT) or {}
    if context.get("identity") and not context.get("automatic_name") and len(tags) < _MOST_TAGS:
        tags[OWNER_TAG] = owner(context["identity"])
    return tags


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


def named(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with a name: the declared one, the automatic one it has, or a new one."""
    if news.get("name") or isinstance(news.get("name"), Unknown):
        return dict(news)
    before, context = olds.get(CONTEXT) or {}, news.get(CONTEXT) or {}
    if before.get("automatic_name") and olds.get("name"):
        name = olds["name"]
    elif context.get("identity"):
        name = automatic_name(context["identity"])
    else:
        return dict(news)
    return {**news, "name": name, CONTEXT: {**context, "automatic_name": True}}


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()
