"""Tags at AWS: read, and brought from what they were to what they are to be.

All services have the same three operations and spell them differently: tags are a map in
ssm-incidents and a list of keys and values in ssm-contacts, whose members begin with a capital.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape

from pulumi_incidents.providers import _settings
from pulumi_incidents.providers._aws import Changes, Service, Thing
from pulumi_incidents.providers._ownership import OWNER_TAG


def read(thing: Thing) -> dict[str, str]:
    """Return the tags of a thing: all but those that `aws:ignoreTags` leaves to somebody else."""
    (named,) = thing.service.inputs_of("ListTagsForResource").required_members
    answer = thing.call("ListTagsForResource", **{named: thing.arn})
    tags = answer.get("tags", answer.get("Tags"))
    if not isinstance(tags, Mapping):
        tags = {tag["Key"]: tag["Value"] for tag in tags}
    ignores = _settings.ignores(thing.props)
    return {key: tags[key] for key in tags if key == OWNER_TAG or not ignores(key)}


def add(thing: Thing, tags: Mapping[str, str]) -> None:
    """Add tags to those of a thing, or give them other values."""
    thing.call("TagResource", **added(thing.service, thing.arn, tags))


def bring(changes: Changes, olds: Mapping[str, str], news: Mapping[str, str]) -> None:
    """Bring the tags of what is changed from `olds` to `news`, key by key."""
    thing = changes.thing
    ignores = _settings.ignores(thing.props)
    gone = sorted(key for key in olds.keys() - news.keys() if key == OWNER_TAG or not ignores(key))
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
