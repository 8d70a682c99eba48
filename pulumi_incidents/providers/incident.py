"""One incident, started once: a repeated `up` never pages anybody a second time.

Follows StartIncident, GetIncidentRecord, UpdateIncidentRecord and UpdateRelatedItems of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, overload

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult
from pulumi.output import Unknown
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import (
    _aws,
    _diff,
    _documented,
    _marks,
    _model,
    _occurrence,
    _ownership,
    _records,
    _settings,
    _tags,
)
from pulumi_incidents.providers._audience import audience, started
from pulumi_incidents.providers._aws import Thing
from pulumi_incidents.providers._declaration import context_of, name_of, newest
from pulumi_incidents.providers._life import Life, Operations, is_looked_up, one_sentence
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from botocore.model import StructureShape
    from typing_extensions import Unpack

# Inputs that this provider adds, and that change something.
_OPTIONS = ("triggers", "on_delete", "aws_config")
_OUTPUTS = (
    *("status", "creation_time", "dedupe_string", "started_here", "console_url"),
    *("owner", "life"),
)

# What comes after an edit that was half done: a refresh does not look at what responders edit.
_AGAIN = "run again with the same inputs before you put them back"

# Inputs that are outputs as well: without one of its own, an incident has the plan's.
_OVERRIDES = _occurrence.EDITED

_DETAIL = "related_items[].identifier.value.pager_duty_incident_detail"
_RULES = {f"{_DETAIL}.secret_id": _documented.SECRET}

# The id of an incident that is disabled.
_NOT_STARTED = "not-started"

PLAN_ARN = re.compile(r"arn:aws[a-z-]*:ssm-incidents::\d{12}:response-plan/[a-zA-Z0-9_-]+")
"""ARN of a response plan."""


class PagerDutyIncidentDetailArgs(TypedDict):
    """A PagerDuty incident that belongs to this one."""

    id: pulumi.Input[str]
    """Id of the incident at PagerDuty, 1-200 characters."""
    auto_resolve: NotRequired[pulumi.Input[bool | None]]
    """Whether the PagerDuty incident is resolved with this one."""
    secret_id: NotRequired[pulumi.Input[str | None]]
    """Name or ARN of the Secrets Manager secret with the key (never the key), 1-512 characters; a
    name has letters, digits and `/_+=.@-`."""


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
    """The inputs of an `Incident`: the members of StartIncident in snake_case, and seven more."""

    response_plan_arn: pulumi.Input[str]
    """ARN of the plan to start. Another plan is another incident."""
    title: NotRequired[pulumi.Input[str | None]]
    """Title in place of the plan's, at most 200 characters; edited in place."""
    impact: NotRequired[pulumi.Input[int | None]]
    """In place of the plan's: 1 critical, 2 high, 3 medium, 4 low, 5 no impact; edited in place."""
    summary: NotRequired[pulumi.Input[str | None]]
    """Summary in place of the plan's, at most 8000 characters; written right after the start, and
    edited in place."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of this incident, at most 49, besides the `incident_tags` of its plan; written right
    after the start, and edited in place. The stack's default tags are none of them."""
    related_items: NotRequired[pulumi.Input[Sequence[pulumi.Input[RelatedItemArgs]] | None]]
    """At most 99 things that help responders; added and removed in place. AWS takes 100: one more
    says who has started the incident."""
    trigger_details: NotRequired[pulumi.Input[TriggerDetailsArgs | None]]
    """What made the incident start; only sent with the start."""
    triggers: NotRequired[pulumi.Input[Mapping[str, Any] | None]]
    """Any values. When one of them changes, a new incident starts and the old one is resolved."""
    on_delete: NotRequired[pulumi.Input[Literal["resolve", "retain"] | None]]
    """What becomes of the incident when this resource goes: `resolve` (default) or `retain`."""
    enabled: NotRequired[pulumi.Input[bool | None]]
    """Whether to start the incident (default); with `False` nothing is called. An incident that was
    started stays as it is, and one that was not is started when this becomes true."""
    adopt_existing: NotRequired[pulumi.Input[bool | None]]
    """Take over the incident that was started under this name for these `triggers`, and that
    another resource, stack or backend has, or had; by default that is refused."""
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this incident alone, in place of the stack's configuration."""


class IncidentProvider(Life):
    """The life of one incident. Its id is the ARN of the incident record."""

    operations = Operations(create="StartIncident")
    own = (*_OPTIONS, "enabled", "adopt_existing")

    @classmethod
    def inputs(cls) -> StructureShape:
        """Return the shape of what a program may declare: more than a start takes."""
        return _occurrence.inputs()

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterator[_model.Failure]:
        """Yield what AWS's documents refuse and its model does not say."""
        yield from _ownership.tag_failures(inputs.get("tags"), _settings.ignores(inputs))
        plan = inputs.get("response_plan_arn")
        if isinstance(plan, str) and plan.startswith("arn:") and not PLAN_ARN.fullmatch(plan):
            reason = "must be the ARN of a response plan"
            yield _model.Failure("response_plan_arn", reason, repr(plan))
        if not isinstance(inputs.get("enabled"), (bool, Unknown, type(None))):
            yield _model.Failure("enabled", "must be true or false")
        on_delete = inputs.get("on_delete")
        if not isinstance(on_delete, Unknown) and on_delete not in (None, "resolve", "retain"):
            yield _model.Failure("on_delete", "must be one of resolve, retain", repr(on_delete))
        if not isinstance(inputs.get("triggers"), (Unknown, Mapping, type(None))):
            yield _model.Failure("triggers", "must be a map")
        yield from _documented.failures(self.inputs(), inputs, _RULES)
        details = inputs.get("trigger_details")
        source = details.get("source") if isinstance(details, Mapping) else None
        if isinstance(source, str) and source.startswith("aws."):
            reason = "must not start with aws., which is AWS's own"
            yield _model.Failure("trigger_details.source", reason)
        items = inputs.get("related_items")
        if isinstance(items, list) and len(items) == _occurrence.MOST_ITEMS + 1:
            reason = (
                f"must be at most {_occurrence.MOST_ITEMS} items: one more says who has started it"
            )
            yield _model.Failure("related_items", reason)
        for index, item in enumerate(items if isinstance(items, list) else []):
            given = item.get("generated_id") if isinstance(item, Mapping) else None
            if given and not isinstance(given, Unknown):
                path = f"related_items[{index}].generated_id"
                yield _model.Failure(path, "is made by AWS; leave it out")

    @one_sentence
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report every input that AWS would refuse, and tell what a start does to people.

        The engine has no inputs of before where something is made, replacements included.
        """
        result = super().check(_olds, news)
        if not _olds and not result.failures and _is_enabled(news):
            name, known = name_of(news), context_of(news).get("audience")
            _aws.tell(started(name, news.get("response_plan_arn"), known))
        return result

    @one_sentence
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Start another incident for other triggers or another plan; edit it for the rest."""
        changed = [
            key
            for key in self.changed(_olds, _news, _OPTIONS)
            # Without one of its own, an incident has the plan's, and keeps what it has.
            if key not in _OVERRIDES or _news.get(key) is not None
        ]
        if _keeps_triggers(_id, _news):
            changed = [key for key in changed if key != "triggers"]
        if _is_enabled(_olds) != _is_enabled(_news):
            changed.append("enabled")
        starts = ("enabled",) if _id == _NOT_STARTED else ("triggers", "response_plan_arn")
        replaces: list[str] = [key for key in starts if key in changed]
        return DiffResult(changes=None if changed else False, replaces=replaces)

    @one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Start the incident, or find the one that an interrupted run has started."""
        if not _is_enabled(props):
            return CreateResult(_NOT_STARTED, {**props, "status": "DISABLED"})
        started = _occurrence.start(props)
        outputs = {"status": "OPEN", **_outputs(started.record), "started_here": started.ours}
        outputs["console_url"] = _console_url(props)
        if started.ours:
            outputs["owner"] = started.owner
            outputs["life"] = {"number": started.life, "first": started.first}
        given = {key: item for key, item in _given(props).items() if key not in started.missing}
        return CreateResult(started.arn, {**outputs, **given})

    @one_sentence
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at the record. What responders do to it, deletion included, is never drift."""
        props = newest(props)
        if id_ == _NOT_STARTED:
            return ReadResult(id_, props)
        incident, looked_up = _records.incident(props, id_), is_looked_up(props)
        try:
            live = _outputs(_records.read(incident))
            ours = not looked_up and _is_still_ours(incident)
        except _aws.NotFoundError:
            if looked_up and "status" not in props:
                raise  # there never was one to look up
            _aws.confirm_gone(incident)
            live, ours = {"status": "DELETED"}, bool(props.get("started_here"))
        if looked_up:
            plan = {"response_plan_arn": _plan_of(id_), "console_url": _console_url(props)}
            return ReadResult(id_, {**props, **live, **plan})
        return ReadResult(id_, {**props, "status": live["status"], "started_here": ours})

    @one_sentence
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Edit the record: title, impact and summary in one call, related items in one each."""
        outputs = {key: _olds[key] for key in (*_OUTPUTS, *_OVERRIDES) if key in _olds}
        kept = _given(_news)
        if _keeps_triggers(_id, _news) and "triggers" in _olds:
            kept["triggers"] = _olds["triggers"]
        if _olds.get("started_here"):  # else it is none or somebody else's
            try:
                self._edit(_records.incident(_news, _id), _olds)
            except _aws.NotFoundError:
                outputs["status"] = "DELETED"  # nothing is left to edit, and nobody is paged again
        return UpdateResult({**outputs, **kept})

    @one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Resolve the incident or leave it open; its record stays as the audit trail."""
        if not _props.get("started_here"):
            return
        incident = _records.incident(newest(_props), _id)
        try:
            if not _is_still_ours(incident):
                return
            # Before it is resolved: a record that people resolved is no earlier life.
            _occurrence.end(incident)
            if _props.get("on_delete") == "retain":
                return
            if _records.read(incident)["status"] == "RESOLVED":
                return
            incident.call("UpdateIncidentRecord", arn=_id, status="RESOLVED")
        except _aws.NotFoundError:
            _aws.confirm_gone(incident)
            return
        _note_resolution(incident)

    def _edit(self, incident: Thing, olds: Mapping[str, Any]) -> None:
        """Edit the record, if anything of it is changed."""
        news, shape = incident.props, self.inputs()
        wanted, changed = _diff.canonical(shape, news), _diff.changed(shape, olds, news)
        edits = {key: wanted[key] for key in _OVERRIDES if key in changed and key in wanted}
        updates = [*self._item_updates(olds, news)]
        if not edits and not updates and "tags" not in changed:
            return
        mark = _marks.require_ours(incident, olds)
        changes = _aws.Changes(incident, _AGAIN)
        if edits:
            changes.call("UpdateIncidentRecord", arn=incident.arn, **edits)
        for update in updates:
            changes.call(
                "UpdateRelatedItems", incidentRecordArn=incident.arn, relatedItemsUpdate=update
            )
        if "tags" in changed:
            before, after = (_ownership.marked_tags(props, mark) for props in (olds, news))
            _tags.bring(changes, before, after)

    def _item_updates(
        self, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield what removes and adds related items, one at a time, as AWS takes it."""
        before, after = (
            _model.to_api(self.inputs(), _diff.canonical(self.inputs(), props))
            for props in (olds, news)
        )
        for item in before.get("relatedItems", []):
            if item not in after.get("relatedItems", []):
                yield {"itemToRemove": item["identifier"]}
        for item in after.get("relatedItems", []):
            if item not in before.get("relatedItems", []):
                yield {"itemToAdd": item}


class Incident(AwsResource, module="ssmincidents", name="Incident"):
    """An incident that is started once.

    Takes the fields of `IncidentArgs`, as a map or as keywords. Another incident starts only when
    `triggers` or the plan change; what responders do with the incident in the meantime is theirs.
    """

    declares = IncidentArgs
    life = IncidentProvider
    outputs = _OUTPUTS
    # The old incident is resolved first: while it is open, a start for the same triggers (with
    # `--replace`, where the engine asks for no diff) or the same dedupe string finds it again.
    options = pulumi.ResourceOptions(delete_before_replace=True)

    response_plan_arn: pulumi.Output[str]
    title: pulumi.Output[str]
    """Title as declared, or as the incident started with."""
    impact: pulumi.Output[int]
    """Impact as declared, or as the incident started with."""
    summary: pulumi.Output[str | None]
    """Summary as declared, or as the incident started with."""
    tags: pulumi.Output[Mapping[str, str] | None]
    related_items: pulumi.Output[Sequence[Mapping[str, Any]] | None]
    trigger_details: pulumi.Output[Mapping[str, Any] | None]
    triggers: pulumi.Output[Mapping[str, Any] | None]
    on_delete: pulumi.Output[str | None]
    enabled: pulumi.Output[bool | None]
    status: pulumi.Output[str]
    """`OPEN`, `RESOLVED`, `DELETED` when the record is gone, or `DISABLED`; as of the last refresh.

    A deleted record stays in the state, so that nobody is paged for it again: to start another
    incident, change `triggers`.
    """
    creation_time: pulumi.Output[str]
    """When the incident started, ISO 8601 in UTC."""
    dedupe_string: pulumi.Output[str]
    """What AWS compares to join a later start to this incident; may be empty."""
    started_here: pulumi.Output[bool]
    """False when the incident is somebody else's, which is neither edited nor resolved here: AWS
    joined the start to one that was open already, or another resource has taken it over."""
    owner: pulumi.Output[str | None]
    """The tag `pulumi-incidents:owner` of the record: who started it or took it over."""
    console_url: pulumi.Output[str]
    """The open incidents in the AWS console."""

    @overload
    def __init__(
        self, resource_name: str, args: IncidentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[IncidentArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)

    async def known(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return whom a start engages and tells, where the program knows the plan."""
        found = await audience(declared["response_plan_arn"])
        return {} if found is None else {"audience": found}


def _is_enabled(props: Mapping[str, Any]) -> bool:
    return props.get("enabled") is not False


def _keeps_triggers(id_: str, news: Mapping[str, Any]) -> bool:
    """Tell whether an incident is disabled, and keeps the triggers that it was started for."""
    return id_ != _NOT_STARTED and not _is_enabled(news)


def _given(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is declared, without outputs and without overrides that are not set."""
    return {key: value for key, value in props.items() if key not in _OUTPUTS and value is not None}


def _plan_of(arn: str) -> str:
    prefix, _, resource = arn.partition(":incident-record/")
    return f"{prefix}:response-plan/{resource.rpartition('/')[0]}"


def _outputs(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says as outputs; one that could not be read says nothing."""
    if not record:
        return {}
    return {
        "status": record["status"],
        "title": record["title"],
        "impact": record["impact"],
        "summary": record.get("summary", ""),
        "creation_time": record["creationTime"].isoformat(),
        "dedupe_string": record.get("dedupeString", ""),
    }


def _console_url(props: Mapping[str, Any]) -> str:
    """Return the page of open incidents; AWS documents no address of a single one."""
    region = _aws.region(props)
    partition = str(props.get("response_plan_arn") or "").split(":")[1:2]
    host = _CONSOLES.get("".join(partition), _CONSOLES["aws"])
    return f"https://{region}.{host}/systems-manager/incidents/home?region={region}"


_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def _is_still_ours(incident: Thing) -> bool:
    """Tell whether the record is ours, and say so if somebody has taken it over."""
    if not incident.props.get("started_here"):
        return False
    return not _marks.is_lost(incident, _marks.mark_of(incident), "it is left as it is")


def _note_resolution(incident: Thing) -> None:
    """Say in the timeline who resolved the incident, so that responders need not guess."""
    note = f"Resolved by Pulumi: the resource {name_of(incident.props)} was deleted or replaced."
    try:
        incident.call(
            "CreateTimelineEvent",
            incidentRecordArn=incident.arn,
            eventType="Note",
            eventTime=datetime.now(timezone.utc),
            eventData=json.dumps(note),
        )
    except _aws.IncidentManagerError:
        # The incident is resolved: a courtesy must not fail what is done.
        return
