"""Start an incident exactly once: find what an interrupted run has started before starting anew.

An occurrence is a resource, its plan and its `triggers`. Three things keep it to one incident:

1. The client token is made of the occurrence, so AWS answers a repeated start with the same record.
2. The start leaves a mark on the record, a related item, and an open record with that mark is taken
   for ours before anything is started. That holds when AWS has forgotten the token.
3. A record that is resolved belongs to an earlier life of the occurrence. The token is chained with
   its ARN, and the next life starts.

The mark also tells our own incident from one that AWS joined our start to, because of a dedupe
string. It is sent only while nothing is open that AWS could join, so only a record that this start
made can bear it. Somebody else's incident is never resolved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, TypeVar

import tenacity
from botocore.model import StructureShape

from pulumi_incidents.providers import _aws, _diff, _model
from pulumi_incidents.providers._declaration import CONTEXT

_MOST_ITEMS = 100
_LONGEST_TITLE = 200
_LONGEST_URL = 1000
# Whatever two clocks think of it, nothing of such an age is missing in a list.
_LISTED_BY_THEN = timedelta(minutes=5)

_Found = TypeVar("_Found")


class Started(NamedTuple):
    """The one incident of an occurrence."""

    arn: str
    record: dict[str, Any]
    """Empty when the record could not be read after the start."""
    ours: bool
    """False when AWS joined the start to an incident that was open already."""


def start(props: Mapping[str, Any]) -> Started:
    """Start the incident of an occurrence, or find the one that an interrupted run has started.

    Nothing fails once AWS has accepted the start: what cannot be read then is assumed.
    """
    occurrence = _digest(
        props[CONTEXT]["identity"], props["response_plan_arn"], props.get("triggers") or {}
    )
    mark = _mark(props[CONTEXT]["identity"], occurrence)
    opened = list(_open_incidents(props))
    if arn := _marked(props, opened, mark):
        return _taken_up(props, arn)
    joined = _joined(props, opened) if opened else ""
    request = _model.to_api(_inputs(), _diff.canonical(_inputs(), props))
    token = _digest(occurrence, "join", joined) if joined else occurrence
    if not joined and _has_room(props):
        request["relatedItems"] = [*request.get("relatedItems", []), mark]
    subject = f"response plan {props['response_plan_arn']}"
    while True:
        try:
            answer = _aws.call(props, "start_incident", subject, clientToken=token, **request)
        except _aws.TokenUsedError:
            # An interrupted run started it with other details; a new record is listed late.
            if arn := _awaited(props, mark):
                return _taken_up(props, arn)
            token = _digest(token, request)
            continue
        started = _look(props, answer["incidentRecordArn"], mark, joined)
        if started.record.get("status") != "RESOLVED" or started.arn == joined:
            return started
        token = _digest(token, started.arn)


def read(props: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Return the incident record."""
    answer = _aws.call(props, "get_incident_record", f"incident {arn}", arn=arn)
    record: dict[str, Any] = answer["incidentRecord"]
    return record


def _look(props: Mapping[str, Any], arn: str, mark: Mapping[str, Any], joined: str) -> Started:
    record: dict[str, Any] = {}
    ours = arn != joined
    patiently = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(1), reraise=True
    )
    try:
        # Worth some patience: only the record tells a new incident from one of an earlier life.
        record = patiently(read, props, arn)
        # Without a dedupe string AWS joins nothing. Without room for the mark, `joined` decides.
        if ours and record.get("dedupeString") and _has_room(props):
            ours = _is_marked(props, record, mark)
    except _aws.IncidentManagerError:
        # People are paged already: failing now would lose track of the incident.
        return Started(arn, record, ours)
    return Started(arn, record, ours)


def _has_room(props: Mapping[str, Any]) -> bool:
    return len(props.get("related_items") or ()) < _MOST_ITEMS


def _taken_up(props: Mapping[str, Any], arn: str) -> Started:
    """Bring the incident that an interrupted run has started to what is declared now."""
    record = read(props, arn)
    wanted = _diff.canonical(_inputs(), props)
    edits = {
        key: wanted[key]
        for key in ("title", "impact")
        if key in wanted and record.get(key) != wanted[key]
    }
    if edits:
        _aws.call(props, "update_incident_record", f"incident {arn}", arn=arn, **edits)
    return Started(arn, {**record, **edits}, ours=True)


def _open_incidents(props: Mapping[str, Any]) -> Iterator[str]:
    condition = {"equals": {"stringValues": ["OPEN"]}}
    query = {"filters": [{"key": "status", "condition": condition}]}
    subject = f"the account of {props['response_plan_arn']}"
    for page in _aws.pages(props, "list_incident_records", subject, **query):
        yield from (summary["arn"] for summary in page["incidentRecordSummaries"])


def _marked(props: Mapping[str, Any], opened: list[str], mark: Mapping[str, Any]) -> str:
    """Return the open incident that bears our mark."""
    plan = props["response_plan_arn"].rpartition("/")[2]
    of_plan = (arn for arn in opened if f":incident-record/{plan}/" in arn)
    return next((arn for arn in of_plan if _bears(props, arn, mark)), "")


def _awaited(props: Mapping[str, Any], mark: Mapping[str, Any]) -> str:
    """Look for our mark again for a while, because lists lag behind a start."""
    return _listed_late(lambda: _marked(props, list(_open_incidents(props)), mark)) or ""


def _is_marked(
    props: Mapping[str, Any], record: Mapping[str, Any], mark: Mapping[str, Any]
) -> bool:
    """Say whether the record that a start answered bears our mark; a new one may list it late."""

    def look() -> bool:
        return _bears(props, record["arn"], mark)

    age = datetime.now(timezone.utc) - record["creationTime"]
    return look() if age > _LISTED_BY_THEN else bool(_listed_late(look))


def _listed_late(look: Callable[[], _Found]) -> _Found | None:
    """Look again for a while until something is found; lists lag behind by seconds."""
    looking = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda found: not found),
        wait=tenacity.wait_fixed(2),
        stop=tenacity.stop_after_attempt(4),
        retry_error_callback=lambda _: None,
    )
    return looking(look)


def _bears(props: Mapping[str, Any], arn: str, mark: Mapping[str, Any]) -> bool:
    pages = _aws.pages(props, "list_related_items", f"incident {arn}", incidentRecordArn=arn)
    return any(
        item["identifier"] == mark["identifier"] for page in pages for item in page["relatedItems"]
    )


def _joined(props: Mapping[str, Any], opened: list[str]) -> str:
    """Return the open incident that AWS will join a start to: one with the plan's dedupe string."""
    arn = props["response_plan_arn"]
    plan = _aws.call(props, "get_response_plan", f"response plan {arn}", arn=arn)
    dedupe_string = plan["incidentTemplate"].get("dedupeString")
    if not dedupe_string:
        return ""
    return next((arn for arn in opened if _dedupe_string(props, arn) == dedupe_string), "")


def _dedupe_string(props: Mapping[str, Any], arn: str) -> str:
    try:
        return str(read(props, arn).get("dedupeString", ""))
    except _aws.NotFoundError:
        return ""  # deleted since it was listed


def _mark(identity: str, occurrence: str) -> dict[str, Any]:
    """Return the related item that marks a record as started by this occurrence."""
    urn = identity.partition("/")[2][: _LONGEST_URL - 17]
    title = f"Started by Pulumi: {identity.rpartition('::')[2]}"
    return {
        "identifier": {"type": "OTHER", "value": {"url": f"{urn}#{occurrence[:16]}"}},
        "title": title[:_LONGEST_TITLE],
    }


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _inputs() -> StructureShape:
    return _model.inputs_of("StartIncident")
