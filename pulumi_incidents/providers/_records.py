"""Looks at incident records: those of a plan, and whose they are.

What is looked at before a start is a glance: it is bounded, and nobody who is to be paged waits
for it. What a start has answered is looked at with patience, because only the record says whether
a page is still owed.
"""

from __future__ import annotations

import contextlib
import enum
import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, TypeVar

import tenacity

from pulumi_incidents.providers import _aws, _marks, _ownership
from pulumi_incidents.providers._aws import INCIDENTS, Thing

_MOST_LOOKS = 3
_PAGE = 100
# Whatever two clocks think of it, nothing of such an age is missing in a list.
_LISTED_BY_THEN = timedelta(minutes=5)
# Where a record is looked for, so that one page of each is enough.
_AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30), None)

_Found = TypeVar("_Found")


class Whose(enum.Enum):
    """Whose a record is, for the occurrence that looks at it."""

    OURS = enum.auto()
    """Started by it, and handed to nobody yet."""
    ENDED = enum.auto()
    """Of an earlier life."""
    HELD = enum.auto()
    """Started by it, or under its name, and in some state."""
    THEIRS = enum.auto()
    """Started by somebody else."""
    GONE = enum.auto()
    """Deleted."""


# Of several records of an occurrence, the one that says most of its present life.
_FIRST = (Whose.OURS, Whose.HELD, Whose.ENDED)


class Seen(NamedTuple):
    """A record, and whose it is."""

    arn: str
    whose: Whose
    record: Mapping[str, Any] = {}
    mark: str = ""
    new: bool = False
    """Made by the very call that answered it, or unreadable."""


def incident(props: Mapping[str, Any], arn: str) -> Thing:
    """Return an incident, as the resource with these `props` has it."""
    return Thing(INCIDENTS, props, arn, f"incident {arn}")


def read(incident: Thing) -> dict[str, Any]:
    """Return the record of an incident."""
    answer = incident.call("GetIncidentRecord", arn=incident.arn)
    record: dict[str, Any] = answer["incidentRecord"]
    return record


class Records:
    """The records of one plan, as an occurrence with this start's mark sees them."""

    def __init__(self, props: Mapping[str, Any], start_mark: Mapping[str, Any]) -> None:
        self._props = props
        self._plan = props["response_plan_arn"]
        self._mark = start_mark

    def open_incidents(self) -> tuple[list[str], bool]:
        """Return the open incidents of the plan, newest first, and whether all were seen."""
        condition = {"equals": {"stringValues": ["OPEN"]}}
        try:
            return self._listed({"key": "status", "condition": condition})
        except _aws.IncidentManagerError:
            return [], False

    def ours_among(self, arns: list[str]) -> Iterator[Seen]:
        """Yield the records with our start's mark among the newest ones."""
        for arn in arns[:_MOST_LOOKS]:
            with contextlib.suppress(_aws.IncidentManagerError):  # what is unreadable is not ours
                if self._bears_our_mark(arn):
                    yield self._seen(arn, read(incident(self._props, arn)))

    def may_join(self) -> bool:
        """Tell whether AWS may join a start of the plan to an incident that is open."""
        return self._dedupe_string != ""

    def is_joined(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a start would be joined to this record now, and not only was once."""
        same = self._dedupe_string in (None, record.get("dedupeString"))
        return record.get("status") == "OPEN" and self.may_join() and same

    def examine(self, arn: str, moment: datetime, *, marked: bool) -> Seen:
        """Look at the record that a start has answered, and that is new if made after a moment.

        `marked` says that the start has sent the start's mark.
        """
        try:
            record = _patient(lambda: read(incident(self._props, arn)))
        except _aws.NotFoundError:
            return Seen(arn, Whose.GONE)
        except _aws.IncidentManagerError:
            # A record that a start has made is ours, if it cannot be one that was joined.
            whose = Whose.THEIRS if self.may_join() else Whose.OURS
            return Seen(arn, whose, new=True)
        new = record["creationTime"] >= moment
        # Without a dedupe string AWS joins nothing.
        if record.get("dedupeString") and not self._is_marked(record, late=marked):
            return Seen(arn, Whose.THEIRS, record, new=new)
        try:
            return self._seen(arn, record, patiently=not new)._replace(new=new)
        except _aws.IncidentManagerError:
            return Seen(arn, Whose.OURS if new else Whose.THEIRS, record, new=new)

    def find(self) -> Seen | None:
        """Find a record of the occurrence, open or not, among the newest ones of several ages."""
        looked: set[str] = set()
        for age in _AGES:
            newest = [arn for arn in self._of_age(age)[:_MOST_LOOKS] if arn not in looked]
            looked.update(newest)
            found = [*self.ours_among(newest)]
            if found:
                return min(found, key=lambda seen: _FIRST.index(seen.whose))
        return None

    def _of_age(self, age: timedelta | None) -> list[str]:
        if age is None:
            return self._listed()[0]
        after = {"key": "creationTime", "condition": {"after": datetime.now(timezone.utc) - age}}
        return self._listed(after)[0]

    def _listed(self, *filters: Mapping[str, Any]) -> tuple[list[str], bool]:
        """Return the plan's incidents on the first page of a list, newest first."""
        answer = INCIDENTS.glance(
            self._props,
            "ListIncidentRecords",
            f"the account of {self._plan}",
            filters=[*filters],
            maxResults=_PAGE,
        )
        plan = f":incident-record/{self._plan.rpartition('/')[2]}/"
        found = [each for each in answer["incidentRecordSummaries"] if plan in each["arn"]]
        found.sort(key=lambda each: each["creationTime"], reverse=True)
        return [each["arn"] for each in found], not answer.get("nextToken")

    @functools.cached_property
    def _dedupe_string(self) -> str | None:
        """The plan's dedupe string, empty if it has none, and None if it cannot be read."""
        subject = f"response plan {self._plan}"
        try:
            plan = INCIDENTS.glance(self._props, "GetResponsePlan", subject, arn=self._plan)
        except _aws.IncidentManagerError:
            return None
        return str(plan["incidentTemplate"].get("dedupeString") or "")

    def _seen(self, arn: str, record: Mapping[str, Any], *, patiently: bool = False) -> Seen:
        """Say whose a record of this occurrence is."""

        def look() -> str | None:
            return _patient(lambda: _marks.mark_of(incident(self._props, arn)))

        # A resolved record that we ended a moment ago must not be taken for one of people.
        resolved = record.get("status") == "RESOLVED"
        mark = listed_late(look) if patiently and resolved else look()
        if not mark:
            return Seen(arn, Whose.OURS, record)
        ended = _ownership.lives_ended(mark) is not None
        return Seen(arn, Whose.ENDED if ended else Whose.HELD, record, mark)

    def _is_marked(self, record: Mapping[str, Any], *, late: bool) -> bool:
        """Tell whether a record bears our start's mark; a new one may list it late."""

        def look() -> bool:
            return _patient(lambda: self._bears_our_mark(record["arn"]))

        try:
            young = datetime.now(timezone.utc) - record["creationTime"] < _LISTED_BY_THEN
            return bool(listed_late(look)) if late and young else look()
        except _aws.IncidentManagerError:
            return False

    def _bears_our_mark(self, arn: str) -> bool:
        """Look at all items: AWS adds some of its own, so that one page may not have our mark."""
        pages = INCIDENTS.pages(
            self._props,
            "ListRelatedItems",
            f"incident {arn}",
            hasty=True,
            incidentRecordArn=arn,
            maxResults=_PAGE,
        )
        ours = self._mark["identifier"]
        return any(item["identifier"] == ours for page in pages for item in page["relatedItems"])


def _patient(method: Callable[[], _Found]) -> _Found:
    """Call again what fails: only the record says whose it is, and whether a page is owed."""
    patiently = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_aws.IncidentManagerError),
        stop=tenacity.stop_after_attempt(3),
        wait=tenacity.wait_fixed(1),
        reraise=True,
    )
    return patiently(method)


def listed_late(look: Callable[[], _Found]) -> _Found | None:
    """Look again for a while until something is found; lists lag behind by seconds."""
    looking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda found: not found),
        wait=tenacity.wait_fixed(2),
        stop=tenacity.stop_after_attempt(4),
        retry_error_callback=lambda _: None,
    )
    return looking(look)
