"""The provider: what the engine asks, answered from the kinds in `resources`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from pulumi.provider.experimental import provider as sdk
from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.identity.reading import taken
from pulumi_incidents.identity.settings import without_ignored
from pulumi_incidents.stand_in._checks import (
    DEFAULTS,
    broken_limits,
    completed,
    failures,
    refusal,
)
from pulumi_incidents.stand_in._clients import (
    EXPECTED,
    LocalAws,
    LocalAwsError,
    is_gone,
    sentence,
)
from pulumi_incidents.stand_in._kind import TAGGED, GoneError, Kind
from pulumi_incidents.stand_in._states import (
    changed,
    detail,
    managed,
    planned,
    seen,
)
from pulumi_incidents.stand_in._values import Properties, plain_map, wrapped_map
from pulumi_incidents.stand_in.invokes import INVOKES
from pulumi_incidents.stand_in.resources import KINDS

_T = TypeVar("_T")
_Request = (
    sdk.CheckRequest
    | sdk.DiffRequest
    | sdk.CreateRequest
    | sdk.ReadRequest
    | sdk.UpdateRequest
    | sdk.DeleteRequest
)


class LocalAwsProvider(sdk.Provider):
    """The official plugin's behaviour for a handful of types, at a local AWS."""

    def __init__(self) -> None:
        self._aws = LocalAws({})

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Refuse what of the configuration cannot be followed, by its name; nothing is called."""
        _, found = taken(_known(request.new_inputs))
        # The engine's own provider is what the stack's configuration says.
        prefix = "aws:" if "::default" in request.urn else "provider."
        failures = [sdk.CheckFailure("", f"{prefix}{path} {reason}") for path, reason in found]
        return (
            sdk.CheckResponse(failures=failures) if found else sdk.CheckResponse(request.new_inputs)
        )

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        """Take the `aws:` configuration; nothing is called, and nothing of it is ever printed."""
        config = {key.rsplit(":", 1)[-1]: value for key, value in request.variables.items()}
        self._aws = LocalAws({**config, **_known(request.args)})
        # Outputs and resource references are not accepted: plain values are all that is needed.
        return sdk.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Refuse what the local stack lacks; fill in the name and the provider's tags."""
        token = _token(request)
        kind = KINDS.get(token)
        if kind is None:
            return sdk.CheckResponse(failures=[sdk.CheckFailure("", refusal(token, KINDS))])
        inputs = {key: item for key, item in request.new_inputs.items() if item.value is not None}
        found = list(failures(token, kind, inputs))
        answer = completed(kind, request, inputs, self._aws.default_tags)
        try:
            # Makes the client and calls nothing: an address that is not local shows in preview.
            client = await asyncio.to_thread(self._client, kind, plain_map(inputs))
        except LocalAwsError as error:
            found.append(sdk.CheckFailure("", str(error)))
        else:
            found.extend(broken_limits(token, kind, answer, client.meta.service_model))
        return sdk.CheckResponse(failures=found) if found else sdk.CheckResponse(answer)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        """Compare the declared inputs with the state."""
        kind = KINDS[_token(request)]
        new, old = plain_map(request.new_inputs), self._seen_before(request.old_state)
        keys = sorted(changed(kind, old, new))
        chosen = "name" in new and "name" not in new.get(DEFAULTS, [])
        return sdk.DiffResponse(
            changes=bool(keys),
            replaces=[key for key in keys if kind.inputs[key].replaces],
            diffs=keys,
            # Two things of one name cannot live side by side.
            delete_before_replace=chosen and old.get("name") == new["name"],
            detailed_diff={key: detail(kind, key, old, new) for key in keys},
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        """Make the thing, and read what AWS added to it; a preview calls nothing."""
        kind = KINDS[_token(request)]
        inputs = plain_map(request.properties)
        if request.preview:
            state = self._located(kind, planned(kind, inputs, {}))
            return sdk.CreateResponse("", wrapped_map(state, request.properties))

        def work() -> tuple[str, dict[str, Any]]:
            client = self._client(kind, inputs)
            resource_id = kind.create(client, kind.filled(inputs))
            return resource_id, kind.read(client, resource_id)

        resource_id, found = await _run("creating", request, work)
        state = self._located(kind, seen(kind, kind.filled(inputs), found, self._aws))
        return sdk.CreateResponse(resource_id, wrapped_map(state, request.properties))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        """Answer the thing as it is, and an empty id when it is gone."""
        kind = KINDS[_token(request)]
        old, inputs = self._seen_before(request.properties), plain_map(request.inputs)

        def work() -> dict[str, Any] | None:
            try:
                return kind.read(self._client(kind, old), request.resource_id)
            except GoneError:
                return None
            except ClientError as error:
                if is_gone(error):
                    return None
                raise

        found = await _run("reading", request, work)
        if found is None:
            return sdk.ReadResponse("")
        for key, spec in kind.inputs.items():
            if spec.computed and key not in inputs and key in old:
                # AWS's choice or another resource's: a topic's policy is its TopicPolicy's matter.
                found[key] = old[key]
        before = {**kind.filled(inputs), **old}
        state = self._located(kind, seen(kind, before, found, self._aws))
        like = {**request.properties, **request.inputs}
        return sdk.ReadResponse(
            request.resource_id,
            wrapped_map(state, like),
            wrapped_map(managed(kind, state, inputs), like),
        )

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        """Change in place what differs; a preview calls nothing."""
        kind = KINDS[_token(request)]
        old, inputs = self._seen_before(request.olds), plain_map(request.news)
        new = planned(kind, inputs, old)
        like = {**request.olds, **request.news}
        if request.preview:
            return sdk.UpdateResponse(wrapped_map(self._located(kind, new), like))

        def work() -> dict[str, Any]:
            client = self._client(kind, old)
            kind.update(client, request.resource_id, old, new, changed(kind, old, inputs))
            return kind.read(client, request.resource_id)

        found = await _run("updating", request, work)
        state = self._located(kind, seen(kind, new, found, self._aws))
        return sdk.UpdateResponse(wrapped_map(state, like))

    async def delete(self, request: sdk.DeleteRequest) -> None:
        """Remove the thing; one that is gone already is as good as removed."""
        kind = KINDS[_token(request)]
        state = plain_map(request.properties)

        def work() -> None:
            try:
                kind.delete(self._client(kind, state), request.resource_id, state)
            except ClientError as error:
                if not is_gone(error):
                    raise

        await _run("deleting", request, work)

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        """Answer a function call."""
        function = INVOKES.get(request.tok)
        if function is None:
            reason = refusal(request.tok, INVOKES)
            return sdk.InvokeResponse(failures=[sdk.CheckFailure("", reason)])
        args = plain_map(request.args)
        try:
            answer = await asyncio.to_thread(function, self._aws, args)
        except EXPECTED as error:
            return sdk.InvokeResponse(failures=[sdk.CheckFailure("", sentence(error))])
        return sdk.InvokeResponse(wrapped_map(answer, {}))

    async def cancel(self) -> None:
        """Do nothing: calls under way are short, and the engine ends the process."""

    def close(self) -> None:
        """Close the connections to the local AWS."""
        self._aws.close()

    def _seen_before(self, state: Properties) -> dict[str, Any]:
        """Answer a state as plain values, without the tags that are ignored by now."""
        return without_ignored(plain_map(state), self._aws.ignores, *TAGGED)

    def _client(self, kind: Kind, properties: dict[str, Any]) -> Any:
        region = properties.get("region")
        return self._aws.client(kind.service, None if region == UNKNOWN else region)

    def _located(self, kind: Kind, state: dict[str, Any]) -> dict[str, Any]:
        """Answer the state with the region that the thing is in, where its type has one."""
        if "region" in kind.inputs and state.get("region") in (None, UNKNOWN):
            return {**state, "region": self._aws.region}
        return state


def _known(config: Properties) -> dict[str, Any]:
    """Answer what a configuration says, without what is only known after `up`."""
    plain = plain_map(config)
    return {key: plain[key] for key in plain if not key.startswith("__") and plain[key] != UNKNOWN}


def _token(request: _Request) -> str:
    """Answer the type alone: in the URN, the types of its parents come before it."""
    return request.type.rsplit("$", 1)[-1]


async def _run(verb: str, request: _Request, work: Callable[[], _T]) -> _T:
    """Do blocking work in a thread, so that resources are made in parallel.

    The SDK's server adds a traceback to every error. An expected one is told in one sentence, so
    its traceback is cut off; a bug keeps its own.
    """
    try:
        return await asyncio.to_thread(work)
    except EXPECTED as error:
        sys.tracebacklimit = 0
        what = f"{verb} {_token(request)} {request.name!r}"
        raise LocalAwsError(f"{what}: {sentence(error)}") from None
    except Exception:
        sys.tracebacklimit = 1000
        raise
