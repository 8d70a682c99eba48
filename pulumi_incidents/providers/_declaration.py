"""What is declared: inputs as the engine passes them, and what it does not tell a provider."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import pulumi
from botocore.model import StructureShape
from pulumi.dynamic import CheckFailure

from pulumi_incidents.providers import _model

Looked = TypeVar("Looked", bound=pulumi.Resource)

CONTEXT = "context"
"""The input that tells `check` and `create` about the resource itself; see `declare`."""

_NOT_DECLARED = (CONTEXT, "__provider")


def declare(
    type_name: str, name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None
) -> dict[str, pulumi.Input[Any]]:
    """Return `args` as properties, and a `context` with them that never counts as a change.

    Its `identity` is the organisation and the URN, of which deterministic tokens are made. Its
    `secrets` names the inputs that hold secrets, which reach a provider in the clear and unmarked,
    so that no message repeats them. `looked_up` says that something else manages the resource.
    """
    # Awaited, not used as an output: a dependency on the parent component is one on all of its
    # children, this resource among them.
    urn = pulumi.create_urn(name, type_name, opts.parent if opts else None)

    async def context() -> Any:
        secrets = [key for key in args if await _is_secret(args[key])]
        return {
            "identity": f"{pulumi.get_organization()}/{await urn.future()}",
            "secrets": secrets,
            **({"looked_up": True} if opts and opts.id else {}),
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


def look_up(
    kind: Callable[..., Looked],
    name: str,
    arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions | None,
) -> Looked:
    """Return a resource that something else manages: read, never changed and never deleted."""
    looked_up = kind(name, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=arn)))
    # An engine older than the SDK leaves the id of what is looked up unknown in a preview, and
    # every incident of a plan would be previewed as a new one.
    looked_up.__dict__["id"] = looked_up.urn.apply(lambda _: arn)
    return looked_up


def identity_of(props: Mapping[str, Any]) -> str:
    """Return the organisation and the URN of a resource; empty where nobody has told them."""
    return str((props.get(CONTEXT) or {}).get("identity") or "")


def secret_texts(props: Mapping[str, Any]) -> list[str]:
    """Return every text in the inputs that are secret, the longest first."""
    names = (props.get(CONTEXT) or {}).get("secrets") or []
    found = {text for name in names for text in _texts(props.get(name))}
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
    that its model does not tell. The path is part of the
    reason, because the engine prints the value of a property that it is given, secret or not.
    """
    known = [*_model.members(shape), *own]
    failures = [
        _model.unknown_key("", key, known)
        for key in inputs
        if key not in known and key not in _NOT_DECLARED
    ]
    declared = {key: value for key, value in inputs.items() if key in _model.members(shape)}
    secrets = (inputs.get(CONTEXT) or {}).get("secrets") or []
    failures += _model.check(shape, declared, secrets)
    failures += _model.without_secrets(more, secrets)
    return [_as_check_failure(failure) for failure in failures]


def _as_check_failure(failure: _model.Failure) -> CheckFailure:
    given = f"; got {failure.given}" if failure.given else ""
    return CheckFailure("", f"{failure.path} {failure.reason}{given}")
