"""Tags at AWS: read, and brought from what they were to what they are to be.

All services have the same three operations and spell them differently: tags are a map in
ssm-incidents and a list of keys and values in ssm-contacts, whose members begin with a capital.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape

from pulumi_incidents.providers._aws import Changes, Service, Thing


def read(thing: Thing) -> dict[str, str]:
    """Return all tags of a thing."""
    (named,) = thing.service.inputs_of("ListTagsForResource").required_members
    answer = thing.call("ListTagsForResource", **{named: thing.arn})
    tags = answer.get("tags", answer.get("Tags"))
    return dict(tags) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags}


def add(thing: Thing, tags: Mapping[str, str]) -> None:
    """Add tags to those of a thing, or give them other values."""
    thing.call("TagResource", **added(thing.service, thing.arn, tags))


def bring(changes: Changes, olds: Mapping[str, str], news: Mapping[str, str]) -> None:
    """Bring the tags of what is changed from `olds` to `news`, key by key."""
    thing = changes.thing
    gone = sorted(olds.keys() - news.keys())
    fresh = {key: value for key, value in news.items() if olds.get(key) != value}
    if gone:
        named, keys = thing.service.inputs_of("UntagResource").required_members
        changes.call("UntagResource", **{named: thing.arn, keys: gone})
    if fresh:
        changes.call("TagResource", **added(thing.service, thing.arn, fresh))


def added(service: Service, arn: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """Return what TagResource of a service takes."""
    shape = service.inputs_of("TagResource")
    named, member = shape.required_members
    if isinstance(shape.members[member], ListShape):
        return {named: arn, member: [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}
    return {named: arn, member: dict(tags)}
