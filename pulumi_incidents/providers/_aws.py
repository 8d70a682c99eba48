"""Calls to AWS: one client for each configuration, bounded retries, errors as one sentence."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import tenacity
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from pulumi_incidents.identity.errors import (
    ExistsError,
    IncidentManagerError,
    NotFoundError,
    QuotaError,
    TokenUsedError,
    explain,
    explain_unsent,
    own_words,
)
from pulumi_incidents.identity.settings import IdentityError, Settings
from pulumi_incidents.providers import _model
from pulumi_incidents.providers._declaration import secret_texts
from pulumi_incidents.providers._settings import configure, settings_for

if TYPE_CHECKING:
    from botocore.model import StructureShape

# What other changes have to get out of the way for: a conflict, or a role that is still spreading.
_PATIENCE = 60  # seconds
_LONGEST_PAUSE = 15
_SHORT = 3

_making_client = threading.Lock()
# One call tells it for all resources of a run, and for its preview.
_verdicts: dict[Settings, str | None] = {}


def account_mistake(props: Mapping[str, Any]) -> str | None:
    """Return why nothing may be done in the account that is called for the resource, if so.

    It asks AWS whose the credentials are only where a setting says which accounts may be used.
    """
    settings = settings_for(props)
    if not settings.limits_accounts:
        return None
    with _clients() as clients:
        if settings not in _verdicts:
            try:
                with _explained(props, "sts:GetCallerIdentity", "these credentials", {}):
                    clients.require_account(settings)
                _verdicts[settings] = None
            except IncidentManagerError as error:
                _verdicts[settings] = str(error)
        return _verdicts[settings]


def region(props: Mapping[str, Any]) -> str:
    """Return the region that is called for the resource with these `props`."""
    with _clients() as clients:
        return str(clients.region(settings_for(props)))


class Service(NamedTuple):
    """One of AWS's services: its model, and calls to it for the resource with some `props`.

    A call is named as in AWS's reference, such as `CreateResponsePlan`; `subject` says in an error
    what it was about.
    """

    name: str
    """What botocore, ARNs and IAM policies call it."""

    def inputs_of(self, operation: str) -> StructureShape:
        """Return the shape of what an operation takes."""
        return _model.inputs_of(self.name, operation)

    def action(self, operation: str) -> str:
        """Return an operation by the name that IAM policies have for it."""
        return f"{self.name}:{operation}"

    def call(
        self, props: Mapping[str, Any], operation: str, subject: str, **parameters: Any
    ) -> Any:
        """Call an operation.

        botocore repeats what was throttled or broke on the way, with the same client token; what
        only has to wait for something is repeated here.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: _is_passing(error, parameters)),
            wait=_pause,
            stop=tenacity.stop_after_delay(_PATIENCE),
            reraise=True,
        )
        with _explained(props, self.action(operation), subject, parameters):
            return retrying(self._method(settings_for(props), operation), **parameters)

    def glance(
        self, props: Mapping[str, Any], operation: str, subject: str, **parameters: Any
    ) -> Any:
        """Call a read that somebody waits for who is to be paged: soon answered, or given up."""
        settings = settings_for(props)
        hasty = settings._replace(max_attempts=min(2, settings.max_attempts), read_timeout=5)
        with _explained(props, self.action(operation), subject, parameters):
            return self._method(hasty, operation)(**parameters)

    def pages(
        self,
        props: Mapping[str, Any],
        operation: str,
        subject: str,
        *,
        hasty: bool = False,
        **parameters: Any,
    ) -> Iterator[dict[str, Any]]:
        """Call a list operation page by page, each as `call` does, or `glance` if it is hasty."""
        token = next(key for key in self.inputs_of(operation).members if key.lower() == "nexttoken")
        ask = self.glance if hasty else self.call
        answer = ask(props, operation, subject, **parameters)
        yield answer
        while answer.get(token):
            answer = ask(props, operation, subject, **parameters, **{token: answer[token]})
            yield answer

    def _method(self, settings: Settings, operation: str) -> Callable[..., Any]:
        with _clients() as clients:
            client = clients.client(settings, self.name)
        return cast("Callable[..., Any]", getattr(client, xform_name(operation)))


INCIDENTS: Final = Service("ssm-incidents")
CONTACTS: Final = Service("ssm-contacts")


@contextmanager
def _clients() -> Iterator[Any]:
    """Give what makes clients to one thread at a time: they may be shared, but not made by two."""
    with _making_client:
        # Neither a preview nor the program itself calls anything: they need not load it.
        from pulumi_incidents.providers import _client  # noqa: PLC0415

        yield _client


@contextmanager
def _explained(
    props: Mapping[str, Any], action: str, subject: str, parameters: Mapping[str, Any]
) -> Iterator[None]:
    """Turn what a call ends with into one sentence, without secrets."""
    try:
        yield
    except ClientError as error:
        answer = cast("dict[str, Any]", error.response)
        raise _masked(explain(action, subject, answer, parameters), props) from error
    except BotoCoreError as error:
        raise _masked(explain_unsent(action, subject, error), props) from error
    except IdentityError as error:
        raise _masked(IncidentManagerError(str(error)), props) from error


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


class Thing(NamedTuple):
    """One thing at AWS, as the resource with these `props` has it."""

    service: Service
    props: Mapping[str, Any]
    arn: str
    subject: str
    """What errors call it, such as `response plan checkout`."""

    def call(self, operation: str, **parameters: Any) -> Any:
        """Call an operation about it."""
        return self.service.call(self.props, operation, self.subject, **parameters)


class Changes:
    """The calls that bring one thing from its old state to a new one.

    When one of them fails after another has worked, or after AWS may have done what it was asked,
    AWS has what the state has not. Pulumi would not notice if the program were put back then, so
    the sentence says it, and `advice` what comes first.
    """

    def __init__(self, thing: Thing, advice: str) -> None:
        self.thing, self._advice = thing, advice
        self._done: list[str] = []

    def call(self, operation: str, **parameters: Any) -> None:
        """Make one of the calls."""
        with self.told(is_change=True):
            self.thing.call(operation, **parameters)
        self._done.append(self.thing.service.action(operation))

    @contextmanager
    def told(self, *, is_change: bool = False) -> Iterator[None]:
        """Say of an error in the block, one of the calls or a look between them, what AWS has."""
        try:
            yield
        except IncidentManagerError as error:
            unsure = is_change and error.unsure
            if isinstance(error, NotFoundError) or not (self._done or unsure):
                raise
            what = f"has done {', '.join(self._done)}" if self._done else "may have done this"
            sentence = f"{error} AWS {what}, and the state does not know it: {self._advice}."
            error.args = (sentence,)
            raise


def confirm_gone(thing: Thing) -> None:
    """Raise unless what was not found at AWS is gone: it may live on in another account."""
    settings, owner = settings_for(thing.props), thing.arn.split(":")[4]
    try:
        with _clients() as clients:
            account = clients.account(settings)
    except (BotoCoreError, ClientError) as error:
        raise IncidentManagerError(
            f"{thing.arn} was not found, and whether account {owner} is the right one is not "
            f"known: sts:GetCallerIdentity failed ({str(error).rstrip('.')}); run again."
        ) from error
    if account != owner:
        raise IncidentManagerError(
            f"{thing.arn} is in account {owner}, and these credentials are for account {account}: "
            "put aws_config or the aws: configuration of the stack back, or sign in to that "
            "account."
        )


def tell(sentence: str) -> None:
    """Say something that is no error; the engine shows it beside the resource."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


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
    "CONTACTS",
    "INCIDENTS",
    "Changes",
    "ExistsError",
    "IncidentManagerError",
    "NotFoundError",
    "QuotaError",
    "Service",
    "Thing",
    "TokenUsedError",
    "account_mistake",
    "configure",
    "confirm_gone",
    "region",
    "tell",
]
