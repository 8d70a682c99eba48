"""Calls to AWS: one client for each configuration, bounded retries, errors as one sentence."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar, cast

import tenacity
from botocore.exceptions import BotoCoreError, ClientError

from pulumi_incidents.providers._errors import (
    ExistsError,
    IncidentManagerError,
    NotFoundError,
    TokenUsedError,
    explain,
    explain_unsent,
)
from pulumi_incidents.providers._settings import Settings, read_default_tags, read_settings

if TYPE_CHECKING:
    from mypy_boto3_ssm_incidents import SSMIncidentsClient
    from pulumi.dynamic import ConfigureRequest

Method = TypeVar("Method", bound=Callable[..., Any])

# What other changes have to get out of the way for: a conflict, or a role that is still spreading.
_PATIENCE = 60  # seconds
_LONGEST_PAUSE = 15

_stack = Settings()
_default_tags: dict[str, str] = {}
_making_client = threading.Lock()


def configure(request: ConfigureRequest) -> None:
    """Take the stack's `aws:` configuration; the plugin process serves one stack."""
    global _stack  # noqa: PLW0603 - providers are stored in the state and hold nothing

    def get(name: str) -> Any:
        return request.config.get(f"aws:{name}")

    _stack = read_settings(get)
    _default_tags.clear()
    _default_tags.update(read_default_tags(get))


def default_tags() -> dict[str, str]:
    """Return the tags that the stack's `aws:defaultTags` gives every resource."""
    return dict(_default_tags)


def one_sentence(method: Method) -> Method:
    """Decorate a provider method: an expected failure shows no traceback, a bug keeps its own.

    The plugin process prints `traceback.format_exc()`, which has this one switch. It is set for
    every exception anew, because the process and the switch live on.
    """

    @functools.wraps(method)
    def wrapper(*args: Any) -> Any:
        try:
            return method(*args)
        except IncidentManagerError as error:
            sys.tracebacklimit = 0
            raise error from None
        except Exception:
            sys.tracebacklimit = 1000
            raise

    return cast("Method", wrapper)


def region(props: Mapping[str, Any]) -> str:
    """Return the region that is called for the resource with these `props`."""
    return _client(_stack.overridden(props.get("aws_config"))).meta.region_name


def call(props: Mapping[str, Any], operation: str, subject: str, **parameters: Any) -> Any:
    """Call `operation`, such as `create_response_plan`, for the resource with these `props`.

    `subject` says in an error what it was about. botocore repeats what was throttled or broke on
    the way, with the same client token; what only has to wait for something is repeated here.
    """
    settings = _stack.overridden(props.get("aws_config"))
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_is_passing),
        wait=_pause,
        stop=tenacity.stop_after_delay(_PATIENCE),
        reraise=True,
    )
    try:
        return retrying(getattr(_client(settings), operation), **parameters)
    except ClientError as error:
        raise explain(operation, subject, cast("dict[str, Any]", error.response)) from error
    except BotoCoreError as error:
        raise explain_unsent(operation, subject, error) from error


def pages(
    props: Mapping[str, Any], operation: str, subject: str, **parameters: Any
) -> Iterator[dict[str, Any]]:
    """Call a list operation page by page."""
    answer = call(props, operation, subject, **parameters)
    yield answer
    while answer.get("nextToken"):
        answer = call(props, operation, subject, **parameters, nextToken=answer["nextToken"])
        yield answer


def _client(settings: Settings) -> SSMIncidentsClient:
    with _making_client:  # clients may be shared by threads, but not be made by two
        # Neither a preview nor the program itself calls anything: they need not load it.
        from pulumi_incidents.providers._client import client  # noqa: PLC0415

        return client(settings)


def _is_passing(error: BaseException) -> bool:
    """Tell whether the same call will work in a moment, which botocore never tries."""
    if not isinstance(error, ClientError):
        return False
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code == "ConflictException":
        return "retryAfter" in error.response
    # A role that was made a moment ago is not known everywhere yet.
    return code == "ValidationException" and "role" in message.lower() and "assum" in message


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ClientError):
        until = cast("dict[str, Any]", error.response).get("retryAfter")
        if isinstance(until, datetime):
            left = (until - datetime.now(timezone.utc)).total_seconds()
            return min(max(left, 0.1), _PATIENCE)
    return tenacity.wait_random_exponential(multiplier=1, max=_LONGEST_PAUSE)(state)


__all__ = [
    "ExistsError",
    "IncidentManagerError",
    "NotFoundError",
    "TokenUsedError",
    "call",
    "configure",
    "default_tags",
    "one_sentence",
    "pages",
    "region",
]
