"""What the components share: the type token that they had before, and how inputs are taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import pulumi

from pulumi_incidents.stacks._declared import Awaited, Look, look_at
from pulumi_incidents.stacks._mistakes import refuse

T = TypeVar("T")

REQUIRED: Any = None
"""What stands for an argument that is left out: that it is required is told with all the rest."""


class Component(pulumi.ComponentResource):
    """A component of the package `incidents`, whose type token is a literal in each class.

    For one release its token of before, `pulumi-incidents:index:…`, is an alias. Children follow
    the alias of their parent, so a stack of before shows nothing to do.
    """

    def __init__(self, token: str, name: str, opts: pulumi.ResourceOptions | None) -> None:
        before = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=f"pulumi-{token}")])
        super().__init__(token, name, None, pulumi.ResourceOptions.merge(opts, before))
        self._look_ups = self._after(opts or pulumi.ResourceOptions())

    def _after(self, opts: pulumi.ResourceOptions) -> pulumi.InvokeOutputOptions:
        """Return the options of look-ups: they wait for what the component or its parent does."""
        inherited = opts.parent._look_ups if isinstance(opts.parent, Component) else None  # noqa: SLF001 - a component, too
        own = pulumi.InvokeOutputOptions(parent=self, depends_on=opts.depends_on)
        return pulumi.InvokeOutputOptions.merge(inherited, own)

    def _taken(self, found: Look[T], more: Iterable[str] = ()) -> T:
        """Return inputs in which nothing was found, and `more` mistakes of them neither.

        Their outputs are looked at as soon as they are known: what comes of them stays as secret,
        as unknown in a preview and as dependent as it was.

        :raises pulumi.RunError: all mistakes at once.
        """
        refuse(self, [*found.sentences(), *more])
        return found.with_outputs(self._once_known)

    def _once_known(self, output: pulumi.Input[Any], awaited: Awaited) -> pulumi.Output[Any]:
        def check(value: Any) -> Any:
            # It may be a secret, which nobody can tell any more.
            path, declared, is_required = awaited
            found = look_at(declared, value, path, is_required=is_required, secret=True)
            refuse(self, found.sentences())
            return value

        return pulumi.Output.from_input(output).apply(check)
