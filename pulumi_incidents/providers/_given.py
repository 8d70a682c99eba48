"""The `aws` provider that a program gives to a resource, or to a parent of it.

A dynamic resource has a provider of its own, and the engine tells it nothing of others. So the
configuration of the `aws` provider is handed on as an input: it is in the state, where a destroy
without the program finds it, and whatever may be secret in it is encrypted there.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import rpc

from pulumi_incidents.identity.keys import OF_THE_ENGINE, SECRET

_PACKAGE = "aws"
_known: weakref.WeakKeyDictionary[pulumi.ProviderResource, pulumi.Output[Any]] = (
    weakref.WeakKeyDictionary()
)


def configuration(opts: pulumi.ResourceOptions | None) -> pulumi.Output[Any] | None:
    """Return the configuration of the provider that a resource is given; None without one."""
    provider = _provider(opts)
    if provider is None:
        return None
    if provider not in _known:
        # What comes of it depends on the provider: it may be gone only after the resource is.
        _known[provider] = provider.urn.apply(_asked)
    return _known[provider]


def _provider(opts: pulumi.ResourceOptions | None) -> pulumi.ProviderResource | None:
    """Return the provider as Pulumi finds it: the resource's own, or that of its parent."""
    if opts is None:
        return None
    if opts.provider is not None and opts.provider.package == _PACKAGE:
        return opts.provider
    several = opts.providers or {}
    given = several.values() if isinstance(several, Mapping) else several
    for provider in given:
        if provider.package == _PACKAGE:
            return provider
    return opts.parent.get_provider(f"{_PACKAGE}:index:any") if opts.parent else None


async def _asked(urn: str) -> Any:
    """Ask the engine, which knows all: the SDK's object lacks most keys that are no text."""
    answer = pulumi.runtime.invoke_output("pulumi:pulumi:getResource", {"urn": urn})
    state = (await answer.future(with_unknowns=True) or {}).get("state") or {}
    keys = {
        key: rpc.UNKNOWN if isinstance(value, Unknown) else value
        for key, value in state.items()
        if key not in OF_THE_ENGINE and not key.startswith("__")
    }
    found = {"urn": urn, **keys}
    is_secret = await answer.is_secret() or not SECRET.isdisjoint(keys)
    return pulumi.Output.secret(found) if is_secret else found
