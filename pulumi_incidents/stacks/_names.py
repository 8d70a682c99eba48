"""Names within the limits of AWS, for what is named after the component."""

from __future__ import annotations

import hashlib

import pulumi

# What AWS takes at most: IAM, EventBridge, CloudWatch, SNS and Systems Manager, and the console of
# Incident Manager. A dash and seven characters are added to the name of a resource, and what is
# longer then is refused.
_LONGEST = {
    "role": 64,
    "policy": 128,
    "rule": 64,
    "alarm": 255,
    "topic": 256,
    "document": 128,
    "contact": 50,
}
_RANDOM = 8
_HASH = 7


def fitted(
    parent: pulumi.Resource, name: str, kind: str, opts: pulumi.ResourceOptions | None = None
) -> tuple[str, pulumi.ResourceOptions]:
    """Return the name and the options of a part of a component.

    A name that is too long is cut, and ends with a hash of the whole. A stack that has one all the
    same, because its names are made otherwise (`pulumi:autonaming`), goes on with what it has.
    """
    short = shortened(name, _LONGEST[kind] - _RANDOM)
    before = [pulumi.Alias(name=name)] if short != name else None
    own = pulumi.ResourceOptions(parent=parent, aliases=before)
    return short, pulumi.ResourceOptions.merge(own, opts)


def shortened(name: str, most: int) -> str:
    """Return a name that is no longer than `most`, and another one for each other name."""
    if len(name) <= most:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    return f"{name[: most - _HASH - 1]}-{digest}"


def with_hash(name: str, kind: str) -> str:
    """Return a name of a part for AWS, of whose kind pulumi-aws makes none: this stack's own."""
    whole = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_HASH]
    return f"{shortened(name, _LONGEST[kind] - _RANDOM)}-{digest}"
