"""What the components share: the type token that they had before."""

from __future__ import annotations

import pulumi


class Component(pulumi.ComponentResource):
    """A component of the package `incidents`, whose type token is a literal in each class.

    For one release its token of before, `pulumi-incidents:index:…`, is an alias. Children follow
    the alias of their parent, so a stack of before shows nothing to do.
    """

    def __init__(self, token: str, name: str, opts: pulumi.ResourceOptions | None) -> None:
        before = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=f"pulumi-{token}")])
        super().__init__(token, name, None, pulumi.ResourceOptions.merge(opts, before))
