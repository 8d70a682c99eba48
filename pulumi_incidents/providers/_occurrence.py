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

A summary and tags, which StartIncident does not take, come right after it: the tags with the
owner's mark, the summary in a call of its own.

Nobody waits for a page: what comes before the start is one page of open incidents, a look at three
of them, and the plan. What is unreadable then is not ours, and no reason not to page. Nothing
fails once AWS has accepted a start: what cannot be read after it is assumed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from botocore.model import StructureShape

from pulumi_incidents.providers import (
    _aws,
    _backend,
    _diff,
    _marks,
    _model,
    _ownership,
    _records,
)
from pulumi_incidents.providers._aws import INCIDENTS, Thing
from pulumi_incidents.providers._declaration import identity_of
from pulumi_incidents.providers._records import Seen, Whose

EDITED = ("title", "impact", "summary")
"""Inputs in place of what the plan says: what UpdateIncidentRecord takes."""
MOST_ITEMS = 99
"""Related items that are left for the user: AWS takes 100, and one is the start's mark."""

_MOST_STARTS = 3
_LONGEST_TITLE = 200
_LONGEST_URL = 1000
# AWS tells times in whole seconds in the one place, and in parts of them in the other.
_CLOCK = timedelta(seconds=1)


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
    missing: frozenset[str] = frozenset()
    """Inputs that the record did not get: the next update sends them."""


def start(props: Mapping[str, Any]) -> Started:
    """Start the incident of an occurrence, or take up what an interrupted run has started."""
    return _Start(props).run()


def end(incident: Thing) -> None:
    """Write at AWS that this life is over, on its record and where the next start looks first."""
    life = incident.props.get("life") or {}
    over = _ownership.ended_mark(identity_of(incident.props), int(life.get("number", 0)) + 1)
    _marks.mark(incident, over)
    if (first := life.get("first", incident.arn)) != incident.arn:
        try:
            _marks.mark(_records.incident(incident.props, first), over)
        except _aws.NotFoundError:
            return  # deleted by now, so the next start does not find it either


class _Start:
    """One start, with what it knows of AWS so far."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        identity = _backend.told_apart(identity_of(props))
        self._props = props
        self._plan = props["response_plan_arn"]
        self._occurrence = _digest(identity, self._plan, props.get("triggers") or {})
        self._mark = _start_mark(identity, self._occurrence)
        self._records = _records.Records(props, self._mark)
        shape = INCIDENTS.inputs_of("StartIncident")
        self._request = _model.to_api(shape, _diff.canonical(shape, props))
        self._wanted = _diff.canonical(inputs(), props)
        self._life = 0
        self._first = ""
        self._sent = False

    def run(self) -> Started:
        open_ones, all_of_them = self._records.open_incidents()
        for seen in self._records.ours_among(open_ones):
            if seen.whose is not Whose.ENDED:
                return self._take_up(seen)
        self._sent = not ((open_ones or not all_of_them) and self._records.may_join())
        if self._sent:
            self._request["relatedItems"] = [*self._request.get("relatedItems", []), self._mark]
        answered: set[str] = set()
        for number in range(1, _MOST_STARTS + 1):
            last = number == _MOST_STARTS
            seen = self._attempt(last=last)
            if seen.whose is Whose.THEIRS and (
                seen.new or last or seen.arn in answered or self._records.is_joined(seen.record)
            ):
                return Started(seen.arn, seen.record, ours=False)
            if last or seen.whose in (Whose.OURS, Whose.HELD):
                break
            answered.add(seen.arn)
            self._go_on_from(seen)
        return self._take_up(seen)

    def _attempt(self, *, last: bool) -> Seen:
        """Start, and look at the record that AWS answers."""
        # The last token is new to AWS for sure: somebody has to be paged.
        token = uuid.uuid4().hex if last else self._token()
        try:
            arn, moment = self._call(token)
        except _aws.TokenUsedError as used:
            return self._started_with_other_details(used)
        return self._records.examine(arn, moment, marked=self._sent)

    def _go_on_from(self, seen: Seen) -> None:
        """Turn to the next life, after one that is over."""
        if seen.whose is not Whose.GONE:
            self._first = self._first or seen.arn
        self._life = max(self._life + 1, _ownership.lives_ended(seen.mark) or 0)

    def _token(self) -> str:
        # With and without the start's mark, AWS would take one token for two different starts.
        return _digest(self._occurrence, "life", self._life, self._sent)

    def _call(self, token: str) -> tuple[str, datetime]:
        """Start; return the record's ARN, and the moment after which a new one was made."""
        began = time.monotonic()
        subject = f"response plan {self._plan}"
        answer = INCIDENTS.call(
            self._props, "StartIncident", subject, clientToken=token, **self._request
        )
        took = timedelta(seconds=time.monotonic() - began)
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        # AWS's own clock, where it tells it.
        told = headers.get("date")
        now = parsedate_to_datetime(told) if told else datetime.now(timezone.utc)
        return answer["incidentRecordArn"], now - took - _CLOCK

    def _started_with_other_details(self, used: _aws.TokenUsedError) -> Seen:
        """Find the record of a start with other inputs; AWS does not say which it is."""
        seen = None
        with contextlib.suppress(_aws.IncidentManagerError):
            seen = _records.listed_late(self._records.find)
        if seen is None:
            raise _aws.IncidentManagerError(
                f"{used} An interrupted run has started this incident with other inputs, and it "
                "is not listed: run again in a minute, or change `triggers` to start another one."
            )
        return seen

    def _take_up(self, seen: Seen) -> Started:
        """Bring our record to what is declared now, and give it its owner's mark."""
        if seen.whose is Whose.HELD and not self._props.get("adopt_existing"):
            raise _aws.IncidentManagerError(
                f"{seen.arn} was started under this name for these `triggers`, and "
                f"{_ownership.holder(seen.mark)} has it: change `triggers` to start another "
                "incident, or set adopt_existing=True to take this one over."
            )
        incident = _records.incident(self._props, seen.arn)
        edits, missing = self._edits(seen), set[str]()
        try:
            if edits:
                incident.call("UpdateIncidentRecord", arn=incident.arn, **edits)
        except _aws.IncidentManagerError:
            # People are paged: to fail now would lose track of the incident.
            if not seen.new:
                raise
            missing, edits = {*edits}, {}
        owner = _ownership.new_mark(identity_of(self._props))
        try:
            # It has this mark or none.
            _marks.mark(incident, owner, self._wanted.get("tags"))
        except _aws.IncidentManagerError:
            missing.update({"tags"} & self._wanted.keys())
        if seen.whose is Whose.HELD:
            _marks.confirm(incident, owner)
        if missing:
            _aws.tell(
                f"{seen.arn} was started without its {', '.join(sorted(missing))}: run again."
            )
        return Started(
            seen.arn,
            {**seen.record, **edits} if seen.record else {},
            ours=True,
            owner=owner,
            life=self._life,
            first=self._first or seen.arn,
            missing=frozenset(missing),
        )

    def _edits(self, seen: Seen) -> dict[str, Any]:
        """Return what a record says otherwise, while it is open.

        A start says title and impact, and the record of an interrupted run may have others. A
        record that is new and unreadable has those that were sent.
        """
        if seen.record.get("status", "OPEN") != "OPEN":
            return {}
        known = seen.record or {key: self._wanted.get(key) for key in ("title", "impact")}
        return {
            key: self._wanted[key]
            for key in EDITED
            if key in self._wanted and known.get(key) != self._wanted[key]
        }


def _start_mark(identity: str, occurrence: str) -> dict[str, Any]:
    """Return the related item that marks a record as started by this occurrence."""
    urn = identity.partition("/")[2][: _LONGEST_URL - 17]
    title = f"Started by Pulumi: {identity.rpartition('::')[2]}"
    return {
        "identifier": {"type": "OTHER", "value": {"url": f"{urn}#{occurrence[:16]}"}},
        "title": title[:_LONGEST_TITLE],
    }


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def inputs() -> StructureShape:
    """Return the shape of what a start takes, and of what the record gets right after it."""
    after = (("UpdateIncidentRecord", "summary"), ("TagResource", "tags"))
    return _model.inputs_with(INCIDENTS.name, "StartIncident", *after)
