"""A live account that is read and never written: the one edge of the commands to AWS.

What is asked twice is called once; calls run side by side, a few at a time, and slow down when AWS
throttles. Nothing that is missing or may not be read ends a command: it is an answer like others.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from pulumi_incidents.identity import session as sessions
from pulumi_incidents.identity.errors import IncidentManagerError, explain, explain_unsent
from pulumi_incidents.identity.settings import IdentityError, Settings

AT_ONCE = 8
"""Calls under way at the same time; botocore's adaptive mode makes them fewer when throttled."""

# Others that begin with Test do what they test, such as TestFailover.
_READS = ("Describe", "Get", "List", "Lookup", "Simulate", "TestEventPattern")
_GONE = (
    *("DoesNotExist", "InvalidDocument", "InvalidDocumentVersion", "NoSuchEntity"),
    *("NoSuchResourceException", "NotFound", "NotFoundException"),
)
PREFIXES = {"service-quotas": "servicequotas"}
"""How IAM calls a service, where botocore has another name for it."""
# What ssm-contacts says of an ARN of its own that names nothing.
_UNNAMED = "invalid resource arn"

Item = TypeVar("Item")
Result = TypeVar("Result")


class Unseen(NamedTuple):
    """What could not be looked at, and why: a sentence."""

    why: str


class _Question(NamedTuple):
    """One operation with what it is asked."""

    service: str
    operation: str
    subject: str
    region: str | None
    parameters: Mapping[str, Any]
    members: tuple[str, ...] = ()
    """The lists that are wanted of all pages."""

    @property
    def key(self) -> str:
        told = [self.service, self.operation, self.region, self.parameters, self.members]
        return json.dumps(told, default=_told, sort_keys=True)

    @property
    def method(self) -> str:
        return xform_name(self.operation)

    @property
    def action(self) -> str:
        return f"{PREFIXES.get(self.service, self.service)}:{self.operation}"


class Account:
    """What the settings lead to. Answers are None for what does not exist, and `Unseen`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings._replace(retry_mode="adaptive")
        self._session = sessions.session(self._settings, "pulumi-incidents")
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._asked: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    @property
    def region(self) -> str:
        """The region that is called where no other one is named.

        :raises IncidentManagerError: one sentence, if none is set.
        """
        if self._session.region_name is None:
            raise IncidentManagerError("No region is set: give --region, or set AWS_REGION.")
        return str(self._session.region_name)

    @functools.cached_property
    def id(self) -> str:
        """The number of the account.

        :raises IncidentManagerError: one sentence, if AWS does not tell, or may not be called.
        """
        answer = self.ask("sts", "GetCallerIdentity", "these credentials")
        if isinstance(answer, Unseen):
            raise IncidentManagerError(answer.why)
        found = str((answer or {})["Account"])
        if mistake := self._settings.account_mistake(found):
            raise IncidentManagerError(mistake)
        return found

    @property
    def partition(self) -> str:
        """The partition of the region, such as `aws`."""
        return str(self._session.get_partition_for_region(self.region))

    def ask(
        self,
        service: str,
        operation: str,
        subject: str,
        *,
        region: str | None = None,
        **parameters: Any,
    ) -> dict[str, Any] | Unseen | None:
        """Return what an operation answers, such as `GetRole`; of a list its first page alone.

        `subject` says in a sentence what it is about, such as the ARN.
        """
        question = _Question(service, operation, subject, region, parameters)

        def call(client: Any) -> dict[str, Any]:
            answer: dict[str, Any] = self._called(getattr(client, question.method), **parameters)
            answer.pop("ResponseMetadata", None)  # of the call, not of what was asked about
            return answer

        return self._once(question, call)

    def pages(
        self,
        service: str,
        operation: str,
        member: str | tuple[str, ...],
        subject: str,
        *,
        region: str | None = None,
        **parameters: Any,
    ) -> list[Any] | Unseen | None:
        """Return all that a list operation has in a member, or in several, page by page."""
        members = (member,) if isinstance(member, str) else member
        question = _Question(service, operation, subject, region, parameters, members)

        def call(client: Any) -> list[Any]:
            if client.can_paginate(question.method):
                pages = iter(client.get_paginator(question.method).paginate(**parameters))
            else:
                pages = _pages(getattr(client, question.method), parameters)
            found: list[Any] = []
            while (page := self._called(next, pages, None)) is not None:
                found += [each for name in members for each in page.get(name) or ()]
            return found

        return self._once(question, call)

    def each(self, look: Callable[[Item], Result], items: Iterable[Item]) -> dict[Item, Result]:
        """Look at several things side by side; it may be used in a look."""
        different = [*dict.fromkeys(items)]
        if not different:
            return {}
        # Threads are many and wait; how many calls are under way is for the slots to say.
        pool = ThreadPoolExecutor(min(len(different), 4 * AT_ONCE))
        try:
            return dict(zip(different, pool.map(look, different), strict=True))
        finally:
            # Whoever has interrupted it waits for nobody.
            pool.shutdown(wait=False, cancel_futures=True)

    def _called(self, call: Callable[..., Any], *given: Any, **parameters: Any) -> Any:
        with self._slots:
            return call(*given, **parameters)

    def _once(self, question: _Question, call: Callable[[Any], Result]) -> Result | Unseen | None:
        with self._lock:
            is_first = question.key not in self._asked
            future = self._asked.setdefault(question.key, Future())
        if is_first:
            # Whatever comes of it, whoever waits for the answer has to hear of it.
            try:
                future.set_result(self._looked(question, call))
            except BaseException as error:
                future.set_exception(error)
                raise
        found: Result | Unseen | None = future.result()
        return found

    def _looked(self, question: _Question, call: Callable[[Any], Result]) -> Result | Unseen | None:
        if not question.operation.startswith(_READS):
            raise ValueError(f"{question.action} may change something")
        try:
            return call(self._client(question.service, question.region))
        except ClientError as error:
            answer: Any = error.response
            if _is_gone(answer["Error"]):
                return None
            return Unseen(str(explain(question.action, question.subject, answer)))
        except BotoCoreError as error:
            return Unseen(str(explain_unsent(question.action, question.subject, error)))
        except IdentityError as error:
            return Unseen(str(error))

    def _client(self, service: str, region: str | None) -> Any:
        with self._lock:
            key = service, region
            if key not in self._clients:
                made = sessions.client(self._session, self._settings, service, region)
                self._clients[key] = made
            return self._clients[key]


def region_of(arn: str) -> str:
    """Return the region in which something is, by its ARN."""
    return arn.split(":")[3]


def _pages(call: Callable[..., Any], parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through the pages of an operation that botocore does not know to have any."""
    token: str | None = ""
    while token is not None:
        page: dict[str, Any] = call(**parameters, **({"NextToken": token} if token else {}))
        yield page
        token = page.get("NextToken")


def _is_gone(error: Mapping[str, Any]) -> bool:
    code, said = error.get("Code", ""), error.get("Message", "").lower()
    return code.endswith(_GONE) or (code == "ValidationException" and _UNNAMED in said)


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
