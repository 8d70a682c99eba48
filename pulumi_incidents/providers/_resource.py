"""What the resources of all kinds share: how they are declared and looked up."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import Resource
from typing_extensions import Self

from pulumi_incidents.providers import _given
from pulumi_incidents.providers._declaration import AWS_PROVIDER, declare
from pulumi_incidents.providers._life import Life


class AwsResource(Resource):
    """A thing at AWS, whose id is its ARN."""

    declares: ClassVar[type]
    """The `TypedDict` of the inputs."""
    life: ClassVar[type[Life]]
    """The provider."""
    outputs: ClassVar[tuple[str, ...]] = ("owner",)
    """What is known besides the inputs."""
    personal: ClassVar[tuple[str, ...]] = ()
    """Inputs that no message repeats, secret or not: addresses of people."""
    options: ClassVar[pulumi.ResourceOptions] = pulumi.ResourceOptions()
    """Options of every resource of the kind, unless a program says otherwise."""

    def __init__(self, resource_name: str, *given: Any, **keywords: Any) -> None:
        args, opts = _parted(type(self).__name__, resource_name, given, keywords)
        if AWS_PROVIDER in args:
            raise pulumi.RunError(
                f"{type(self).__name__} {resource_name}: {AWS_PROVIDER} is no input of yours: give "
                "the provider in ResourceOptions, as provider=…."
            )
        opts = pulumi.ResourceOptions.merge(self.options, opts)
        declared = {**dict.fromkeys(self.declares.__annotations__), **args}
        props = declare(
            self.token(),
            resource_name,
            declared,
            opts,
            functools.partial(self._told, declared),
        )
        if (provider := _given.configuration(opts)) is not None:
            props[AWS_PROVIDER] = provider
        super().__init__(self.life(), resource_name, {**dict.fromkeys(self.outputs), **props}, opts)
        self.declared: Mapping[str, Any] = declared

    @classmethod
    def token(cls) -> str:
        """Return the type token, which is a part of every URN."""
        return f"pulumi-python:{cls._resource_type_name}"

    async def _told(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"personal": self.personal, **await self.known(declared)}

    async def known(self, _declared: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a program knows of the resource and its provider does not."""
        return {}

    @classmethod
    def get(
        cls, resource_name: str, arn: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Self:
        """Look up what something else manages, with one or two calls in each preview and update.

        Its properties are those at AWS; it is never changed and never deleted here.
        """
        looked_up = cls(
            resource_name, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=arn))
        )
        # An engine older than the SDK leaves the id of what is looked up unknown in a preview, and
        # every incident of a plan would be previewed as a new one.
        looked_up.__dict__["id"] = looked_up.urn.apply(lambda _: arn)
        return looked_up

    @property
    def arn(self) -> pulumi.Output[str]:
        """ARN of the thing; it is the id, so it stays known while the thing is changed."""
        return self.id


def _parted(
    kind: str, name: str, given: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[Mapping[str, Any], pulumi.ResourceOptions | None]:
    """Part what a resource is declared with: a map of inputs or one keyword for each, and options.

    :raises pulumi.RunError: one sentence, if it is anything else.
    """
    as_map = "args" in keywords or (given and isinstance(given[0], Mapping))
    try:
        args, opts = (_as_map if as_map else _as_keywords)(*given, **keywords)
    except TypeError:
        args, opts = {}, "what they cannot be"
    if not isinstance(args, Mapping) or not isinstance(opts, (pulumi.ResourceOptions, type(None))):
        raise pulumi.RunError(
            f"{kind} {name} takes its inputs as one map or as a keyword each, and ResourceOptions "
            f'as opts: {kind}("{name}", {{…}}, opts) or {kind}("{name}", opts, title=…).'
        )
    return args, opts


def _as_map(args: Any, opts: Any = None) -> tuple[Any, Any]:
    return args, opts


def _as_keywords(opts: Any = None, **args: Any) -> tuple[Any, Any]:
    return args, opts
