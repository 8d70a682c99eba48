"""Tags at AWS: read, and brought from what they were to what they are to be.

All services have the same three operations and spell them differently: tags are a map in
ssm-incidents and a list of keys and values in ssm-contacts, whose members begin with a capital.

Nor do they take the same keys: one with a colon is none in ssm-contacts, so that the owner's mark
has another key there. Whoever asks this module sees one spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_incidents.providers import _model, _settings
from pulumi_incidents.providers._aws import Changes, Service, Thing
from pulumi_incidents.providers._ownership import OWNER_TAG

_LISTED_OWNER = OWNER_TAG.replace(":", "/")


def read(thing: Thing) -> dict[str, str]:
    """Return the tags of a thing: all but those that `aws:ignoreTags` leaves to somebody else."""
    (named,) = thing.service.inputs_of("ListTagsForResource").required_members
    answer = thing.call("ListTagsForResource", **{named: thing.arn})
    tags = answer.get("tags", answer.get("Tags"))
    if not isinstance(tags, Mapping):
        tags = {tag["Key"].replace(_LISTED_OWNER, OWNER_TAG): tag["Value"] for tag in tags}
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
        changes.call("UntagResource", **{named: thing.arn, keys: _keys(thing.service, gone)})
    if fresh:
        changes.call("TagResource", **added(thing.service, thing.arn, fresh))


def added(service: Service, arn: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """Return what TagResource of a service takes."""
    named, member = service.inputs_of("TagResource").required_members
    return {named: arn, member: spelled(service, tags)}


def spelled(service: Service, tags: Mapping[str, str]) -> Any:
    """Return tags as the operations of a service take them."""
    if not _model.lists_tags(service.name):
        return dict(tags)
    keys = sorted(tags)
    return [
        {"Key": name, "Value": tags[key]}
        for key, name in zip(keys, _keys(service, keys), strict=True)
    ]


def _keys(service: Service, keys: list[str]) -> list[str]:
    if not _model.lists_tags(service.name):
        return keys
    return [_LISTED_OWNER if key == OWNER_TAG else key for key in keys]
