"""One incident, started once: a repeated `up` never pages anybody a second time.

Follows StartIncident, GetIncidentRecord, UpdateIncidentRecord and UpdateRelatedItems of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

import pulumi
from botocore.model import StructureShape
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _diff, _model
from pulumi_incidents.providers._declaration import CONTEXT, check_failures, declare
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from typing_extensions import Unpack

_TYPE = "pulumi-python:dynamic/ssmincidents:Incident"

# What this provider adds to the members of StartIncident.
_OWN = ("triggers", "on_delete", "aws_config")
_OUTPUTS = ("status", "creation_time", "dedupe_string", "started_here")


class PagerDutyIncidentDetailArgs(TypedDict):
    """A PagerDuty incident that belongs to this one."""

    id: pulumi.Input[str]
    """Id of the incident at PagerDuty, 1-200 characters."""
    auto_resolve: NotRequired[pulumi.Input[bool | None]]
    """Whether the PagerDuty incident is resolved with this one."""
    secret_id: NotRequired[pulumi.Input[str | None]]
    """Name or ARN of the Secrets Manager secret with the key (never the key), 1-512 characters."""


class ItemValueArgs(TypedDict, total=False):
    """What a related item is: exactly one of these."""

    arn: pulumi.Input[str]
    """ARN of an AWS resource."""
    url: pulumi.Input[str]
    """Address of anything else, at most 1000 characters."""
    metric_definition: pulumi.Input[str]
    """A CloudWatch metric as JSON, at most 4000 characters."""
    pager_duty_incident_detail: pulumi.Input[PagerDutyIncidentDetailArgs]
    """A PagerDuty incident."""


class ItemIdentifierArgs(TypedDict):
    """Which item it is."""

    type: pulumi.Input[
        Literal[
            "ANALYSIS",
            "INCIDENT",
            "METRIC",
            "PARENT",
            "ATTACHMENT",
            "OTHER",
            "AUTOMATION",
            "INVOLVED_RESOURCE",
            "TASK",
        ]
    ]
    """The kind of item."""
    value: pulumi.Input[ItemValueArgs]
    """The item."""


class RelatedItemArgs(TypedDict):
    """Something that helps responders."""

    identifier: pulumi.Input[ItemIdentifierArgs]
    """Which item it is."""
    title: NotRequired[pulumi.Input[str | None]]
    """Its title for people, at most 200 characters."""


class TriggerDetailsArgs(TypedDict):
    """What made the incident start."""

    source: pulumi.Input[str]
    """Who noticed, at most 50 characters, such as `com.example.deploy`; not `aws.…`."""
    timestamp: pulumi.Input[str | float]
    """When: ISO 8601 with a time zone, or seconds since 1970."""
    trigger_arn: NotRequired[pulumi.Input[str | None]]
    """ARN of the resource that noticed."""
    raw_data: NotRequired[pulumi.Input[str | None]]
    """Anything else that is known, at most 10000 characters."""


class IncidentArgs(TypedDict):
    """The inputs of an `Incident`: the members of StartIncident in snake_case, and two more."""

    response_plan_arn: pulumi.Input[str]
    """ARN of the plan to start. Another plan is another incident."""
    title: NotRequired[pulumi.Input[str | None]]
    """Title in place of the plan's, at most 200 characters; edited in place."""
    impact: NotRequired[pulumi.Input[int | None]]
    """In place of the plan's: 1 critical, 2 high, 3 medium, 4 low, 5 no impact; edited in place."""
    related_items: NotRequired[pulumi.Input[Sequence[pulumi.Input[RelatedItemArgs]] | None]]
    """At most 100 things that help responders; added and removed in place."""
    trigger_details: NotRequired[pulumi.Input[TriggerDetailsArgs | None]]
    """What made the incident start; only sent with the start."""
    triggers: NotRequired[pulumi.Input[Mapping[str, Any] | None]]
    """Any values. When one of them changes, a new incident starts and the old one is resolved."""
    on_delete: NotRequired[pulumi.Input[Literal["resolve", "retain"] | None]]
    """What becomes of the incident when this resource goes: `resolve` (default) or `retain`."""
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this incident alone, in place of the stack's configuration."""


class IncidentProvider(ResourceProvider):
    """The life of one incident. Its id is the ARN of the incident record."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Follow the stack's `aws:` configuration."""
        _aws.configure(req)

    @_aws.one_sentence
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report every input that AWS would refuse, without calling anything."""
        failures = check_failures(_inputs(), news, _OWN)
        failures += [CheckFailure("", reason) for reason in _beyond_the_model(news)]
        return CheckResult(news, failures)

    @_aws.one_sentence
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Start another incident for other triggers or another plan; edit it for the rest."""
        changed = _diff.changed(_inputs(), _olds, _news)
        changed += [key for key in _OWN if (_olds.get(key) or None) != (_news.get(key) or None)]
        replaces: list[str] = [key for key in ("triggers", "response_plan_arn") if key in changed]
        return DiffResult(
            changes=None if changed else False,
            replaces=replaces,
            # While the old incident is open AWS joins the new start to it when they share a dedupe
            # string, or when a replacement was asked for by other means and the token is the same.
            delete_before_replace=bool(_olds.get("dedupe_string")) or not replaces,
        )

    @_aws.one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Start the incident, or find the one that an interrupted run has started."""
        arn, outputs = _start(props)
        return CreateResult(arn, {**props, **outputs})

    @_aws.one_sentence
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at the record. What responders do to it, deletion included, is never drift."""
        try:
            outputs = _outputs(_record(props, id_))
        except _aws.NotFoundError:
            outputs = {"status": "DELETED"}
        declared = {key: value for key, value in props.items() if key not in _OUTPUTS}
        return ReadResult(id_, {**props, **outputs}, inputs=declared)

    @_aws.one_sentence
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Edit the record: title and impact in one call, related items with one call each."""
        subject = _subject(_id)
        wanted = _diff.canonical(_inputs(), _news)
        edits = {
            key: wanted[key]
            for key in _diff.changed(_inputs(), _olds, _news)
            if key in ("title", "impact") and key in wanted
        }
        if edits:
            _aws.call(_news, "update_incident_record", subject, arn=_id, **edits)
        _update_related_items(_id, subject, _olds, _news)
        kept = {key: _olds[key] for key in _OUTPUTS if key in _olds}
        return UpdateResult({**_news, **kept})

    @_aws.one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Resolve the incident or leave it open; its record stays as the audit trail."""
        if _props.get("on_delete") == "retain" or not _props.get("started_here"):
            return
        try:
            _aws.call(_props, "update_incident_record", _subject(_id), arn=_id, status="RESOLVED")
        except _aws.NotFoundError:
            return


class Incident(Resource, module="ssmincidents", name="Incident"):
    """An incident that is started once.

    Takes the fields of `IncidentArgs`. Another incident starts only when `triggers` or the plan
    change; what responders do with the incident in the meantime is theirs.
    """

    response_plan_arn: pulumi.Output[str]
    title: pulumi.Output[str | None]
    impact: pulumi.Output[int | None]
    related_items: pulumi.Output[Sequence[Mapping[str, Any]] | None]
    trigger_details: pulumi.Output[Mapping[str, Any] | None]
    triggers: pulumi.Output[Mapping[str, Any] | None]
    on_delete: pulumi.Output[str | None]
    status: pulumi.Output[str]
    """`OPEN`, `RESOLVED`, or `DELETED` when the record is gone; as of the last refresh."""
    creation_time: pulumi.Output[str]
    """When the incident started, ISO 8601 in UTC."""
    dedupe_string: pulumi.Output[str]
    """What AWS compares to join a later start to this incident; may be empty."""
    started_here: pulumi.Output[bool]
    """False when AWS joined the start to an incident that was open already, which is left open."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[IncidentArgs],
    ) -> None:
        declared = {**dict.fromkeys(IncidentArgs.__annotations__), **args}
        props = declare(_TYPE, resource_name, declared, opts)
        outputs = dict.fromkeys(_OUTPUTS)
        super().__init__(IncidentProvider(), resource_name, {**props, **outputs}, opts)

    @property
    def arn(self) -> pulumi.Output[str]:
        """ARN of the incident record; it is the id, so it stays known while it is edited."""
        return self.id


def _inputs() -> StructureShape:
    return _model.inputs_of("StartIncident")


def _subject(arn: str) -> str:
    return f"incident {arn}"


def _beyond_the_model(news: Mapping[str, Any]) -> list[str]:
    """Return what AWS's documents refuse and its model does not say."""
    reasons = []
    on_delete = news.get("on_delete")
    if not isinstance(on_delete, Unknown) and on_delete not in (None, "resolve", "retain"):
        reasons.append(f"on_delete must be one of resolve, retain; got {on_delete!r}")
    triggers = news.get("triggers")
    if not isinstance(triggers, (Unknown, Mapping, type(None))):
        reasons.append("triggers must be a map")
    details = news.get("trigger_details")
    source = details.get("source") if isinstance(details, Mapping) else None
    if isinstance(source, str) and source.startswith("aws."):
        reasons.append("trigger_details.source must not start with aws., which is AWS's own")
    items = news.get("related_items")
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, Mapping) and item.get("generated_id") is not None:
            reasons.append(f"related_items[{index}].generated_id is made by AWS; leave it out")
    return reasons


def _token(props: Mapping[str, Any], *earlier: str) -> str:
    """Name this occurrence: the same declaration always gives the same client token.

    `earlier` are the records of former lives, which a token must not lead back to.
    """
    identity = props[CONTEXT]["identity"]
    occurrence = [identity, props["response_plan_arn"], props.get("triggers") or {}, *earlier]
    return hashlib.sha256(json.dumps(occurrence, sort_keys=True).encode()).hexdigest()


def _start(props: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    request = _model.to_api(_inputs(), _diff.canonical(_inputs(), props))
    subject = f"response plan {props['response_plan_arn']}"
    earlier: list[str] = []
    while True:
        token = _token(props, *earlier)
        answer = _aws.call(props, "start_incident", subject, clientToken=token, **request)
        arn = answer["incidentRecordArn"]
        try:
            record = _record(props, arn)
        except _aws.IncidentManagerError:
            # The incident is open and people are paged: failing now would lose track of it.
            return arn, {"status": "OPEN", "started_here": True}
        if record["status"] == "RESOLVED" and arn not in earlier:
            earlier.append(arn)
            continue
        return arn, {**_outputs(record), "started_here": _is_new(record, answer)}


def _is_new(record: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Tell whether this start made the record, rather than joined an open incident.

    Only a dedupe string joins. Both times are AWS's, so no clock of this machine matters. In doubt
    the incident counts as somebody else's, which only means that it is left open.
    """
    if not record.get("dedupeString"):
        return True
    answered = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    created: datetime = record["creationTime"]
    return answered - created < timedelta(seconds=5)


def _record(props: Mapping[str, Any], arn: str) -> dict[str, Any]:
    answer = _aws.call(props, "get_incident_record", _subject(arn), arn=arn)
    record: dict[str, Any] = answer["incidentRecord"]
    return record


def _outputs(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": record["status"],
        "creation_time": record["creationTime"].isoformat(),
        "dedupe_string": record.get("dedupeString", ""),
    }


def _update_related_items(
    arn: str, subject: str, olds: Mapping[str, Any], news: Mapping[str, Any]
) -> None:
    before, after = (
        _model.to_api(_inputs(), _diff.canonical(_inputs(), props)).get("relatedItems", [])
        for props in (olds, news)
    )
    updates = [{"itemToRemove": item["identifier"]} for item in before if item not in after]
    updates += [{"itemToAdd": item} for item in after if item not in before]
    for update in updates:
        _aws.call(
            news, "update_related_items", subject, incidentRecordArn=arn, relatedItemsUpdate=update
        )
