"""What is declared: inputs as the engine passes them, and what it does not tell a provider."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import pulumi
from botocore.model import StructureShape
from pulumi.dynamic import CheckFailure
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from pulumi_incidents.identity.keys import SECRET
from pulumi_incidents.providers import _model

CONTEXT = "context"
"""The input that tells `check` and `create` about the resource itself; see `declare`."""

AWS_PROVIDER = "aws_provider"
"""The input with the configuration of the `aws` provider that is followed; see `_given`."""

_NOT_DECLARED = (CONTEXT, AWS_PROVIDER, "__provider")


def declare(
    type_name: str,
    name: str,
    args: Mapping[str, Any],
    opts: pulumi.ResourceOptions | None,
    more: Callable[[], Awaitable[Mapping[str, Any]]],
) -> dict[str, pulumi.Input[Any]]:
    """Return `args` as properties, and a `context` with them that never counts as a change.

    Its `identity` is the organisation and the URN, of which deterministic tokens are made. Its
    `secrets` names the inputs that hold secrets, which reach a provider in the clear and unmarked,
    so that no message repeats them. `looked_up` says that something else manages the resource, and
    `more` is what else its kind knows in a program: `personal` names inputs that are treated as
    secrets in messages.
    """
    # Awaited, not used as an output: a dependency on the parent component is one on all of its
    # children, this resource among them.
    urn = pulumi.create_urn(name, type_name, opts.parent if opts else None)

    async def context() -> Any:
        told = dict(await more())
        personal = told.pop("personal", ())
        secrets = [key for key in args if key in personal or await _is_secret(args[key])]
        return {
            "identity": f"{pulumi.get_organization()}/{await urn.future()}",
            "secrets": secrets,
            **({"looked_up": True} if opts and opts.id else {}),
            **told,
        }

    return {**args, CONTEXT: pulumi.Output.from_input(context())}


async def _is_secret(value: Any) -> bool:
    # What holds no output is none. To ask the SDK makes a dozen futures for each plan.
    return not _is_plain(value) and await pulumi.Output.from_input(value).is_secret()


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float)


def newest(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a refresh or a delete, with the provider as it was declared last.

    Other keys for the same place are no change, so the outputs keep the old ones; the inputs have
    the new ones. The engine sends both, and the SDK's plugin passes on the outputs alone: the
    request is found among its callers, and where it is not, the outputs have to do.
    """
    inputs = _requested()
    if not inputs:
        return dict(props)
    found = {key: value for key, value in props.items() if key != AWS_PROVIDER}
    given = inputs.get(AWS_PROVIDER)
    return {**found, **({AWS_PROVIDER: given} if given else {})}


def _requested() -> dict[str, Any]:
    frame = inspect.currentframe()
    while frame:
        request = frame.f_locals.get("request")
        if isinstance(request, provider_pb2.DeleteRequest):
            return dict(rpc.deserialize_properties(request.old_inputs))
        if isinstance(request, provider_pb2.ReadRequest):
            return dict(rpc.deserialize_properties(request.inputs))
        frame = frame.f_back
    return {}


def context_of(props: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what `declare` has told of a resource; nothing where nobody has."""
    return props.get(CONTEXT) or {}


def identity_of(props: Mapping[str, Any]) -> str:
    """Return the organisation and the URN of a resource; empty where nobody has told them."""
    return str(context_of(props).get("identity") or "")


def name_of(props: Mapping[str, Any]) -> str:
    """Return what the program calls a resource."""
    return identity_of(props).rpartition("::")[2]


def secret_texts(props: Mapping[str, Any]) -> list[str]:
    """Return every text in the inputs that are secret, the longest first."""
    names = context_of(props).get("secrets") or []
    keys = props.get(AWS_PROVIDER) or {}
    values = [*(props.get(name) for name in names), *(keys.get(name) for name in SECRET)]
    found = {text for value in values for text in _texts(value)}
    return sorted(found, key=len, reverse=True)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_texts(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:g}"  # as AWS writes it: numbers reach a provider as floats
    elif isinstance(value, str) and value:
        yield value


def check_failures(
    shape: StructureShape,
    inputs: Mapping[str, Any],
    own: Collection[str] = (),
    more: Iterable[_model.Failure] = (),
) -> list[CheckFailure]:
    """Return all failures of a resource's inputs as the engine takes them.

    `own` are inputs of the provider, which stand for no member of `shape`, and `more` are failures
    that its model does not tell. The path is part of the reason, because the engine prints the
    value of a property that it is given, secret or not.
    """
    known = [*_model.members(shape), *own]
    failures = [
        _model.unknown_key("", key, known)
        for key in inputs
        if key not in known and key not in _NOT_DECLARED
    ]
    declared = {key: value for key, value in inputs.items() if key in _model.members(shape)}
    secrets = context_of(inputs).get("secrets") or []
    failures += _model.check(shape, declared, secrets)
    failures += _model.without_secrets(more, secrets)
    return [CheckFailure("", failure.told()) for failure in failures]


# Who declares which name in this run; the plugin process ends with the run.
_declared: dict[tuple[str, str, str], str] = {}


def declared_twice(
    noun: str, inputs: Mapping[str, Any], place: str | None, key: str = "name"
) -> Iterator[_model.Failure]:
    """Find a name that two resources of a program declare for one place.

    It says so early, and decides nothing: whose a thing is, AWS is asked.
    """
    context, name = context_of(inputs), inputs.get(key)
    identity = context.get("identity")
    if not identity or not isinstance(name, str) or place is None:
        return
    other = _declared.setdefault((noun, name, place), identity)
    if other != identity:
        # Whichever of the two is checked first, the sentence is the same.
        both = " and ".join(sorted(each.rpartition("::")[2] for each in (identity, other)))
        shown = "" if key in (context.get("secrets") or ()) else f"{name!r} "
        reason = f"{shown}is that of the resources {both}; give one another name"
        yield _model.Failure(key, reason)
