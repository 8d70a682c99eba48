"""Calls to AWS: one client for each configuration, bounded retries, errors as one sentence."""

from __future__ import annotations

import functools
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar, cast

import tenacity
from botocore.exceptions import BotoCoreError, ClientError

from pulumi_incidents.providers._declaration import secret_texts
from pulumi_incidents.providers._errors import (
    ExistsError,
    IncidentManagerError,
    NotFoundError,
    TokenUsedError,
    action,
    explain,
    explain_unsent,
    own_words,
)
from pulumi_incidents.providers._settings import Settings, read_default_tags, read_settings

if TYPE_CHECKING:
    from mypy_boto3_ssm_incidents import SSMIncidentsClient
    from pulumi.dynamic import ConfigureRequest

Method = TypeVar("Method", bound=Callable[..., Any])

# What other changes have to get out of the way for: a conflict, or a role that is still spreading.
_PATIENCE = 60  # seconds
_LONGEST_PAUSE = 15
_SHORT = 3

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
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: _is_passing(error, parameters)),
        wait=_pause,
        stop=tenacity.stop_after_delay(_PATIENCE),
        reraise=True,
    )
    settings = _stack.overridden(props.get("aws_config"))
    with _explained(props, operation, subject, parameters):
        return retrying(getattr(_client(settings), operation), **parameters)


def glance(props: Mapping[str, Any], operation: str, subject: str, **parameters: Any) -> Any:
    """Call a read that somebody waits for who is to be paged: it is soon answered, or given up."""
    settings = _stack.overridden(props.get("aws_config"))
    hasty = settings._replace(max_attempts=min(2, settings.max_attempts), read_timeout=5)
    with _explained(props, operation, subject, parameters):
        return getattr(_client(hasty), operation)(**parameters)


@contextmanager
def _explained(
    props: Mapping[str, Any], operation: str, subject: str, parameters: Mapping[str, Any]
) -> Iterator[None]:
    """Turn what a call ends with into one sentence, without secrets."""
    try:
        yield
    except ClientError as error:
        answer = cast("dict[str, Any]", error.response)
        raise _masked(explain(operation, subject, answer, parameters), props) from error
    except BotoCoreError as error:
        raise _masked(explain_unsent(operation, subject, error), props) from error


def _masked(error: IncidentManagerError, props: Mapping[str, Any]) -> IncidentManagerError:
    """Take secrets out of a sentence: AWS repeats in its messages what it was given."""
    sentence = str(error)
    for secret in secret_texts(props):
        exactly = re.escape(secret)
        # A short one is a part of many words that are none.
        pattern = exactly if len(secret) > _SHORT else rf"(?<!\w){exactly}(?!\w)"
        sentence = re.sub(pattern, "[secret]", sentence)
    error.args = (sentence,)
    return error


class Changes:
    """The calls that bring one thing from its old state to a new one.

    When one of them fails after another has worked, or after AWS may have done what it was asked,
    AWS has what the state has not. Pulumi would not notice if the program were put back then, so
    the sentence says it, and `advice` what comes first.
    """

    def __init__(self, props: Mapping[str, Any], subject: str, advice: str) -> None:
        self._props, self._subject, self._advice = props, subject, advice
        self._done: list[str] = []

    def call(self, operation: str, **parameters: Any) -> None:
        """Make one of the calls."""
        try:
            call(self._props, operation, self._subject, **parameters)
        except IncidentManagerError as error:
            if isinstance(error, NotFoundError) or not (self._done or error.unsure):
                raise
            what = f"has done {', '.join(self._done)}" if self._done else "may have done this"
            sentence = f"{error} AWS {what}, and the state does not know it: {self._advice}."
            error.args = (sentence,)
            raise
        self._done.append(action(operation))


def confirm_gone(props: Mapping[str, Any], arn: str) -> None:
    """Raise unless what was not found at AWS is gone: it may live on in another account."""
    settings = _stack.overridden(props.get("aws_config"))
    owner = arn.split(":")[4]
    try:
        account = _account(settings)
    except (BotoCoreError, ClientError) as error:
        raise IncidentManagerError(
            f"{arn} was not found, and whether account {owner} is the right one is not known: "
            f"sts:GetCallerIdentity failed ({str(error).rstrip('.')}); run again."
        ) from error
    if account != owner:
        raise IncidentManagerError(
            f"{arn} is in account {owner}, and these credentials are for account {account}: put "
            "aws_config or the aws: configuration of the stack back, or sign in to that account."
        )


def tell(sentence: str) -> None:
    """Say something that is no error; the engine shows it beside the resource."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


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


def _account(settings: Settings) -> str:
    with _making_client:
        from pulumi_incidents.providers._client import account  # noqa: PLC0415 - as above

        return account(settings)


def _is_passing(error: BaseException, sent: Mapping[str, Any]) -> bool:
    """Tell whether the same call will work in a moment, which botocore never tries."""
    if not isinstance(error, ClientError):
        return False
    code = error.response["Error"]["Code"]
    if code == "ConflictException":
        return "retryAfter" in error.response
    # A role that was made a moment ago is not known everywhere yet.
    said = own_words(error.response["Error"].get("Message", ""), sent)
    return code == "ValidationException" and "role" in said and "assum" in said


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ClientError):
        until = cast("dict[str, Any]", error.response).get("retryAfter")
        if isinstance(until, datetime):
            left = (until - datetime.now(timezone.utc)).total_seconds()
            return min(max(left, 0.1), _PATIENCE)
    return tenacity.wait_random_exponential(multiplier=1, max=_LONGEST_PAUSE)(state)


__all__ = [
    "Changes",
    "ExistsError",
    "IncidentManagerError",
    "NotFoundError",
    "TokenUsedError",
    "call",
    "configure",
    "confirm_gone",
    "default_tags",
    "glance",
    "one_sentence",
    "pages",
    "region",
    "tell",
]
