"""Start an incident once: never twice for one occurrence, and never not at all.

An occurrence is a resource, its plan and its `triggers`. It may have several lives, one after the
other: destroyed and declared again, it is another life, and pages again. Whose a record is, and
which life it belongs to, is written on the record itself, because names prove nothing:

- The *client token* is made of the occurrence and the number of the life. AWS answers a repeated
  start with the record that the first one made, so that a run that was killed, or whose answer was
  lost, finds its record again, whatever has become of it since.
- The *start's mark*, a related item, is sent with the start and says which occurrence made the
  record. It is sent only while AWS cannot join the start to an incident that is open: a plan with a
  dedupe string joins, and whose the record is then could not be told. What the mark is not on, with
  a dedupe string, is not ours.
- The *owner's mark*, a tag, is written last, before the start is handed to Pulumi. A record without
  it comes from a run that was interrupted, and is taken up. A record with it may be in the state of
  another resource, stack or backend that has, or had, this name, so it is refused.
- The *end* is written there as well, before a record is resolved: the next life starts anew. A
  record that people resolved without it is still this life, and pages nobody again.

Nobody waits for a page: what comes before the start is one page of open incidents, a look at three
of them, and the plan. What is unreadable then is not ours, and no reason not to page. Nothing
fails once AWS has accepted a start: what cannot be read after it is assumed.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

import tenacity
from botocore.model import StructureShape

from pulumi_incidents.providers import _aws, _backend, _diff, _marks, _model, _ownership
from pulumi_incidents.providers._declaration import CONTEXT

MOST_ITEMS = 99
"""Related items that are left for the user: AWS takes 100, and one is the start's mark."""

_MOST_STARTS = 3
_MOST_LOOKS = 3
_LONGEST_TITLE = 200
_LONGEST_URL = 1000
_PAGE = 100
# Whatever two clocks think of it, nothing of such an age is missing in a list.
_LISTED_BY_THEN = timedelta(minutes=5)
# AWS tells times in whole seconds in the one place, and in parts of them in the other.
_CLOCK = timedelta(seconds=1)
# Where the record of a start with other details is looked for, so that one page is enough.
_AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30), None)

_Found = TypeVar("_Found")


class Started(NamedTuple):
    """The one incident of a life of an occurrence."""

    arn: str
    record: Mapping[str, Any]
    """Empty when the record could not be read after the start."""
    ours: bool
    """False when AWS joined the start to an incident that was open already."""
    owner: str = ""
    """The owner's mark that the record got."""
    life: int = 0
    """The number of this life."""
    first: str = ""
    """The record that AWS answers to the first start of the occurrence."""


class _Whose(enum.Enum):
    OURS = enum.auto()
    ENDED = enum.auto()
    HELD = enum.auto()
    THEIRS = enum.auto()
    GONE = enum.auto()


class _Seen(NamedTuple):
    """A record, and whose it is."""

    arn: str
    whose: _Whose
    record: Mapping[str, Any] = {}
    mark: str = ""


def start(props: Mapping[str, Any]) -> Started:
    """Start the incident of an occurrence, or take up what an interrupted run has started."""
    return _Start(props).run()


def end(props: Mapping[str, Any], arn: str, subject: str) -> None:
    """Write at AWS that this life is over, on its record and where the next start looks first."""
    life = props.get("life") or {}
    over = _ownership.ended_mark(_identity(props), int(life.get("number", 0)) + 1)
    _marks.mark(props, arn, subject, over)
    if (first := life.get("first", arn)) != arn:
        try:
            _marks.mark(props, first, f"incident {first}", over)
        except _aws.NotFoundError:
            return  # deleted by now, so the next start does not find it either


def read(props: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Return the incident record."""
    answer = _aws.call(props, "get_incident_record", f"incident {arn}", arn=arn)
    record: dict[str, Any] = answer["incidentRecord"]
    return record


class _Start:
    """One start, with what it knows of AWS so far."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        self._props = props
        self._plan = props["response_plan_arn"]
        identity = _backend.told_apart(_identity(props))
        self._occurrence = _digest(identity, self._plan, props.get("triggers") or {})
        self._mark = _start_mark(identity, self._occurrence)
        self._request = _model.to_api(_inputs(), _diff.canonical(_inputs(), props))
        self._life = 0
        self._first = ""
        self._sent = False

    def run(self) -> Started:
        open_ones, all_of_them = self._open_incidents()
        for seen in self._ours_among(open_ones):
            if seen.whose is not _Whose.ENDED:
                return self._take_up(seen)
        self._sent = not ((open_ones or not all_of_them) and self._may_join())
        if self._sent:
            self._request["relatedItems"] = [*self._request.get("relatedItems", []), self._mark]
        answered: set[str] = set()
        for number in range(1, _MOST_STARTS + 1):
            # The last token is new to AWS for sure: somebody has to be paged.
            token = self._token() if number < _MOST_STARTS else uuid.uuid4().hex
            try:
                arn, moment = self._call(token)
            except _aws.TokenUsedError as used:
                seen = self._started_with_other_details(used)
            else:
                self._first = self._first or arn
                seen = self._examine(arn, moment)
                new = not seen.record or seen.record["creationTime"] >= moment
                last = number == _MOST_STARTS or arn in answered
                if seen.whose is _Whose.THEIRS and (new or last or self._is_joined(seen.record)):
                    return Started(arn, seen.record, ours=False)
                answered.add(arn)
            if seen.whose in (_Whose.OURS, _Whose.HELD):
                return self._take_up(seen)
            if seen.whose is _Whose.GONE:
                self._first = ""
            ended = _ownership.lives_ended(seen.mark)
            self._life = max(self._life + 1, ended or 0)
        return self._take_up(seen)

    def _token(self) -> str:
        # With and without the start's mark, AWS would take one token for two different starts.
        return _digest(self._occurrence, "life", self._life, self._sent)

    def _call(self, token: str) -> tuple[str, datetime]:
        """Start; return the record's ARN, and the moment after which a new one was made."""
        began = time.monotonic()
        subject = f"response plan {self._plan}"
        answer = _aws.call(
            self._props, "start_incident", subject, clientToken=token, **self._request
        )
        took = timedelta(seconds=time.monotonic() - began)
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        # AWS's own clock, where it tells it.
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else _now()
        return answer["incidentRecordArn"], now - took - _CLOCK

    def _open_incidents(self) -> tuple[list[str], bool]:
        """Return the open incidents of the plan, newest first, and whether all were seen."""
        condition = {"equals": {"stringValues": ["OPEN"]}}
        try:
            return self._listed({"key": "status", "condition": condition})
        except _aws.IncidentManagerError:
            return [], False

    def _listed(self, *filters: Mapping[str, Any]) -> tuple[list[str], bool]:
        """Return the plan's incidents on the first page of a list, newest first."""
        answer = _aws.glance(
            self._props,
            "list_incident_records",
            f"the account of {self._plan}",
            filters=[*filters],
            maxResults=_PAGE,
        )
        plan = f":incident-record/{self._plan.rpartition('/')[2]}/"
        found = [each for each in answer["incidentRecordSummaries"] if plan in each["arn"]]
        found.sort(key=lambda each: each["creationTime"], reverse=True)
        return [each["arn"] for each in found], not answer.get("nextToken")

    def _ours_among(self, arns: list[str], looked: set[str] | None = None) -> Iterator[_Seen]:
        """Yield the records with our start's mark among the newest ones."""
        for arn in arns[:_MOST_LOOKS]:
            if looked is not None:
                if arn in looked:
                    continue
                looked.add(arn)
            try:
                if self._bears_our_mark(arn):
                    yield self._whose(arn, read(self._props, arn))
            except _aws.IncidentManagerError:
                continue

    @functools.cached_property
    def _dedupe_string(self) -> str | None:
        """The plan's dedupe string, empty if it has none, and None if it cannot be read."""
        subject = f"response plan {self._plan}"
        try:
            plan = _aws.glance(self._props, "get_response_plan", subject, arn=self._plan)
        except _aws.IncidentManagerError:
            return None
        return str(plan["incidentTemplate"].get("dedupeString") or "")

    def _may_join(self) -> bool:
        """Tell whether AWS may join a start of the plan to an incident that is open."""
        return self._dedupe_string != ""

    def _is_joined(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a start would be joined to this record now, and not only was once."""
        same = self._dedupe_string in (None, record.get("dedupeString"))
        return record.get("status") == "OPEN" and self._may_join() and same

    def _examine(self, arn: str, moment: datetime) -> _Seen:
        """Look at the record that a start has answered."""
        try:
            record = _patient(lambda: read(self._props, arn))
        except _aws.NotFoundError:
            return _Seen(arn, _Whose.GONE)
        except _aws.IncidentManagerError:
            # A record that a start has made is ours, if it cannot be one that was joined.
            return _Seen(arn, _Whose.THEIRS if self._may_join() else _Whose.OURS)
        # Without a dedupe string AWS joins nothing.
        if record.get("dedupeString") and not self._is_marked(record):
            return _Seen(arn, _Whose.THEIRS, record)
        return self._whose(arn, record, patiently=record["creationTime"] < moment)

    def _whose(self, arn: str, record: Mapping[str, Any], *, patiently: bool = False) -> _Seen:
        """Say whose a record of this occurrence is."""

        def look() -> str | None:
            return _patient(lambda: _marks.mark_of(self._props, arn, f"incident {arn}"))

        try:
            # A resolved record that we ended a moment ago must not be taken for one of people.
            resolved = record.get("status") == "RESOLVED"
            mark = _listed_late(look) if patiently and resolved else look()
        except _aws.IncidentManagerError:
            mark = None
        if not mark:
            return _Seen(arn, _Whose.OURS, record)
        ended = _ownership.lives_ended(mark) is not None
        return _Seen(arn, _Whose.ENDED if ended else _Whose.HELD, record, mark)

    def _is_marked(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a record bears our start's mark; a new one may list it late."""

        def look() -> bool:
            return _patient(lambda: self._bears_our_mark(record["arn"]))

        try:
            late = self._sent and _now() - record["creationTime"] < _LISTED_BY_THEN
            return bool(_listed_late(look)) if late else look()
        except _aws.IncidentManagerError:
            return False

    def _bears_our_mark(self, arn: str) -> bool:
        answer = _aws.glance(
            self._props,
            "list_related_items",
            f"incident {arn}",
            incidentRecordArn=arn,
            maxResults=_PAGE,
        )
        ours = self._mark["identifier"]
        return any(item["identifier"] == ours for item in answer["relatedItems"])

    def _started_with_other_details(self, used: _aws.TokenUsedError) -> _Seen:
        """Find the record of a start with other inputs; AWS does not say which it is."""

        def look() -> _Seen | None:
            looked: set[str] = set()
            for age in _AGES:
                found = [*self._ours_among(self._of_age(age), looked)]
                for whose in (_Whose.OURS, _Whose.HELD, _Whose.ENDED):
                    for seen in found:
                        if seen.whose is whose:
                            return seen
            return None

        try:
            seen = _listed_late(look)
        except _aws.IncidentManagerError:
            seen = None
        if seen is None:
            raise _aws.IncidentManagerError(
                f"{used} An interrupted run has started this incident with other inputs, and it "
                "is not listed: run again in a minute, or change `triggers` to start another one."
            )
        return seen

    def _of_age(self, age: timedelta | None) -> list[str]:
        if age is None:
            return self._listed()[0]
        after = {"key": "creationTime", "condition": {"after": _now() - age}}
        return self._listed(after)[0]

    def _take_up(self, seen: _Seen) -> Started:
        """Bring our record to what is declared now, and give it its owner's mark."""
        if seen.whose is _Whose.HELD and not self._props.get("adopt_existing"):
            raise _aws.IncidentManagerError(
                f"{seen.arn} was started under this name for these `triggers`, and "
                f"{_ownership.holder(seen.mark)} has it: change `triggers` to start another "
                "incident, or set adopt_existing=True to take this one over."
            )
        record = self._edited(seen)
        owner = _ownership.new_mark(_identity(self._props))
        # People are paged: to fail now would lose track of the incident. It has this mark or none.
        with contextlib.suppress(_aws.IncidentManagerError):
            _marks.mark(self._props, seen.arn, f"incident {seen.arn}", owner)
        if seen.whose is _Whose.HELD:
            _marks.confirm(self._props, seen.arn, f"incident {seen.arn}", owner)
        return Started(
            seen.arn, record, ours=True, owner=owner, life=self._life, first=self._first or seen.arn
        )

    def _edited(self, seen: _Seen) -> Mapping[str, Any]:
        """Edit what the record of an interrupted run says otherwise, while it is open."""
        wanted = _diff.canonical(_inputs(), self._props)
        record = seen.record
        if record.get("status") != "OPEN":
            return record
        edits = {
            key: wanted[key]
            for key in ("title", "impact")
            if key in wanted and record.get(key) != wanted[key]
        }
        if edits:
            subject = f"incident {seen.arn}"
            _aws.call(self._props, "update_incident_record", subject, arn=seen.arn, **edits)
        return {**record, **edits}


def _patient(method: Callable[[], _Found]) -> _Found:
    """Call again what fails: only the record says whose it is, and whether a page is owed."""
    patiently = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(1), reraise=True
    )
    return patiently(method)


def _listed_late(look: Callable[[], _Found]) -> _Found | None:
    """Look again for a while until something is found; lists lag behind by seconds."""
    looking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda found: not found),
        wait=tenacity.wait_fixed(2),
        stop=tenacity.stop_after_attempt(4),
        retry_error_callback=lambda _: None,
    )
    return looking(look)


def _start_mark(identity: str, occurrence: str) -> dict[str, Any]:
    """Return the related item that marks a record as started by this occurrence."""
    urn = identity.partition("/")[2][: _LONGEST_URL - 17]
    title = f"Started by Pulumi: {identity.rpartition('::')[2]}"
    return {
        "identifier": {"type": "OTHER", "value": {"url": f"{urn}#{occurrence[:16]}"}},
        "title": title[:_LONGEST_TITLE],
    }


def _identity(props: Mapping[str, Any]) -> str:
    return str(props[CONTEXT]["identity"])


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _inputs() -> StructureShape:
    return _model.inputs_of("StartIncident")
