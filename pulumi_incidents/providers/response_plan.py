"""A response plan: who is engaged, where people talk, which runbook runs when an incident starts.

Follows CreateResponsePlan, GetResponsePlan, UpdateResponsePlan and DeleteResponsePlan of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import pulumi
from botocore.model import Shape, StructureShape
from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _aws, _diff, _marks, _model, _ownership
from pulumi_incidents.providers._declaration import (
    CONTEXT,
    check_failures,
    declare,
    identity_of,
    look_up,
)
from pulumi_incidents.providers._settings import AwsConfigArgs, check_options

if TYPE_CHECKING:
    from typing_extensions import Unpack

_TYPE = "pulumi-python:dynamic/ssmincidents:ResponsePlan"

# What this provider adds to the members of CreateResponsePlan.
_OWN = ("adopt_existing", "aws_config")

_OWNER = _ownership.OWNER_TAG

# What comes after an update that was half done: then the state says what AWS has.
_REFRESH = "run `pulumi refresh` before anything else"


class NotificationTargetArgs(TypedDict):
    """Something that is told of every update to an incident."""

    sns_topic_arn: pulumi.Input[str]
    """ARN of an SNS topic whose policy lets `ssm-incidents.amazonaws.com` publish."""


class IncidentTemplateArgs(TypedDict):
    """What an incident of this plan starts with."""

    title: pulumi.Input[str]
    """Title of the incident, at most 200 characters."""
    impact: pulumi.Input[int]
    """Impact on customers: 1 critical, 2 high, 3 medium, 4 low, 5 no impact."""
    summary: NotRequired[pulumi.Input[str | None]]
    """What happened and what responders should know, at most 8000 characters."""
    dedupe_string: NotRequired[pulumi.Input[str | None]]
    """A start while an incident with the same string is open joins that one; 1000 characters."""
    incident_tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of every incident of this plan, at most 50; keys 1-128 and values 0-256 characters."""
    notification_targets: NotRequired[
        pulumi.Input[Sequence[pulumi.Input[NotificationTargetArgs]] | None]
    ]
    """At most 10 SNS topics that are told of updates; their order means nothing."""


class DynamicParameterArgs(TypedDict):
    """A runbook parameter that Incident Manager fills in when the incident starts."""

    variable: pulumi.Input[Literal["INCIDENT_RECORD_ARN", "INVOLVED_RESOURCES"]]
    """`INCIDENT_RECORD_ARN` for a String parameter, `INVOLVED_RESOURCES` for a StringList."""


class SsmAutomationArgs(TypedDict):
    """The Systems Manager automation document that runs when an incident starts."""

    document_name: pulumi.Input[str]
    """Name or ARN of the document, 3-128 characters."""
    role_arn: pulumi.Input[str]
    """Role that the runbook runs with; it trusts `ssm-incidents.amazonaws.com`."""
    document_version: NotRequired[pulumi.Input[str | None]]
    """Version to run, at most 128 characters; without it the document's default version."""
    target_account: NotRequired[
        pulumi.Input[Literal["RESPONSE_PLAN_OWNER_ACCOUNT", "IMPACTED_ACCOUNT"] | None]
    ]
    """Account in which the runbook runs."""
    parameters: NotRequired[
        pulumi.Input[Mapping[str, pulumi.Input[Sequence[pulumi.Input[str]]]] | None]
    ]
    """At most 200 parameters, keys 1-50 characters, each 0-100 values of at most 512, in order."""
    dynamic_parameters: NotRequired[
        pulumi.Input[Mapping[str, pulumi.Input[DynamicParameterArgs]] | None]
    ]
    """At most 200 parameters that are filled in when the incident starts."""


class ActionArgs(TypedDict):
    """What runs when an incident starts."""

    ssm_automation: pulumi.Input[SsmAutomationArgs]
    """The runbook."""


class ChatChannelArgs(TypedDict):
    """Where responders talk."""

    chatbot_sns: pulumi.Input[Sequence[pulumi.Input[str]]]
    """1-5 ARNs of SNS topics that a chat client follows; their order means nothing."""


class PagerDutyIncidentConfigurationArgs(TypedDict):
    """The PagerDuty service that is told."""

    service_id: pulumi.Input[str]
    """Id of the PagerDuty service, 1-200 characters."""


class PagerDutyConfigurationArgs(TypedDict):
    """How a PagerDuty incident is opened."""

    name: pulumi.Input[str]
    """Name of this configuration, 1-200 characters."""
    pager_duty_incident_configuration: pulumi.Input[PagerDutyIncidentConfigurationArgs]
    """The PagerDuty service that is told."""
    secret_id: pulumi.Input[str]
    """Name or ARN of the Secrets Manager secret with the key (never the key), 1-512 characters."""


class IntegrationArgs(TypedDict):
    """A service of somebody else that takes part in the response."""

    pager_duty_configuration: pulumi.Input[PagerDutyConfigurationArgs]
    """The PagerDuty service in which an incident is opened as well."""


class ResponsePlanArgs(TypedDict):
    """The inputs of a `ResponsePlan`: the members of CreateResponsePlan in snake_case.

    An optional input that is left out, null, `""`, `[]` or `{}` is not set; taking one out of a
    program clears it at AWS.
    """

    incident_template: pulumi.Input[IncidentTemplateArgs]
    """What an incident of this plan starts with."""
    display_name: NotRequired[pulumi.Input[str | None]]
    """Name for people, may hold spaces, at most 200 characters."""
    actions: NotRequired[pulumi.Input[Sequence[pulumi.Input[ActionArgs]] | None]]
    """At most one runbook."""
    chat_channel: NotRequired[pulumi.Input[ChatChannelArgs | None]]
    """Where responders talk."""
    engagements: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """At most 5 ARNs of contacts and escalation plans that are engaged; order means nothing."""
    integrations: NotRequired[pulumi.Input[Sequence[pulumi.Input[IntegrationArgs]] | None]]
    """At most one integration."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the plan, at most 49; keys 1-128 characters, not `aws:…`, values 0-256.

    `aws:defaultTags` of the stack are added, as pulumi-aws does. AWS takes 50: one more says whose
    the plan is, `pulumi-incidents:owner`.
    """
    name: NotRequired[pulumi.Input[str | None]]
    """Name of the plan, 1-200 letters, digits, `-` and `_`. Another name is another plan.

    Left out, it is the resource's name and seven characters that are this stack's own.
    """
    adopt_existing: NotRequired[bool | None]
    """Take over a plan of this name that exists, whoever made it; by default that is refused.

    It is also the step after a run that was interrupted before it could record what it had made.
    Whoever had the plan before leaves it alone from then on.
    """
    aws_config: NotRequired[AwsConfigArgs | None]
    """Region, profile or role of this plan alone, in place of the stack's `aws:` configuration."""


class ResponsePlanProvider(ResourceProvider):
    """The lifecycle of a response plan. Its id is the plan's ARN."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Follow the stack's `aws:` configuration."""
        _aws.configure(req)

    @_aws.one_sentence
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report every input that AWS would refuse, without calling anything."""
        inputs, default_tags = _ownership.named(_olds, news), _aws.default_tags()
        own = inputs.get("tags")
        merged = {**default_tags, **own} if isinstance(own, Mapping) else own or default_tags
        failures = check_failures(
            _inputs(),
            {**inputs, **({"tags": merged} if merged else {})},
            _OWN,
            [*_declared_twice(inputs), *_one_tag_too_many(merged), *check_options(inputs)],
        )
        if default_tags:
            inputs["default_tags"] = default_tags
        return CheckResult(inputs, failures)

    @_aws.one_sentence
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is declared now with what was; a new name is a new plan."""
        changed = _diff.changed(_inputs(), _olds, _news)
        changed += [
            key
            for key in ("aws_config", "default_tags")
            if (_olds.get(key) or None) != (_news.get(key) or None)
        ]
        return DiffResult(
            changes=None if changed else False,
            replaces=["name"] if "name" in changed else [],
            # Asked for by other means than a new name, a replacement would meet its own name.
            delete_before_replace="name" not in changed,
        )

    @_aws.one_sentence
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the plan in one call, or take over one that exists where that is asked for."""
        owner = _ownership.new_mark(identity_of(props))
        wanted = {**props, "tags": _tags(props, owner)}
        request = _model.to_api(_inputs(), _diff.canonical(_inputs(), wanted))
        try:
            arn = _aws.call(props, "create_response_plan", _subject(props), **request)["arn"]
        except _aws.ExistsError as conflict:
            arn = _take_over(props, conflict, owner)
        return CreateResult(arn, {**props, "owner": owner})

    @_aws.one_sentence
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the plan and its tags, in the user's spelling where nothing drifted."""
        looked_up = (props.get(CONTEXT) or {}).get("looked_up")
        try:
            live, live_tags = _live(props, id_)
        except _aws.NotFoundError:
            if looked_up and "incident_template" not in props:
                raise  # there never was one to look up
            _aws.confirm_gone(props, id_)
            return ReadResult("", {})
        mark = live_tags.get(_OWNER)
        if not looked_up and _marks.is_lost(props, id_, mark, "this stack goes on without it"):
            return ReadResult("", {})
        live["tags"], default_tags = _ownership.users_tags(live_tags, props)
        inputs = _diff.reconcile(_inputs(), props, live)
        inputs.update({key: props[key] for key in (*_OWN, CONTEXT) if key in props})
        if default_tags:
            inputs["default_tags"] = default_tags
        owner = mark if looked_up else props.get("owner")
        outs = {**inputs, **({"owner": owner} if owner else {})}
        return ReadResult(id_, outs, inputs=None if looked_up else inputs)

    @_aws.one_sentence
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Send what changed, and only that, in one call; tags take calls of their own."""
        mark = _marks.require_ours(_news, _olds, _id, _subject(_news, _id))
        owner = _olds.get("owner") or _ownership.new_mark(identity_of(_news))
        changes = _aws.Changes(_news, _subject(_news, _id), _REFRESH)
        _patch_plan(changes, _id, _patch(_olds, _news))
        _bring_tags(changes, _id, _tags(_olds, mark), _tags(_news, owner))
        return UpdateResult({**_news, "owner": owner})

    @_aws.one_sentence
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the plan; one that is gone already is as good, and one of others is left alone."""
        subject = _subject(_props, _id)
        try:
            mark = _marks.mark_of(_props, _id, subject)
            if _marks.is_lost(_props, _id, mark, "it is not deleted"):
                return
            _aws.call(_props, "delete_response_plan", subject, arn=_id)
        except _aws.NotFoundError:
            _aws.confirm_gone(_props, _id)


class ResponsePlan(Resource, module="ssmincidents", name="ResponsePlan"):
    """An Incident Manager response plan.

    Takes the fields of `ResponsePlanArgs`, checks all of them in `pulumi preview`, and brings AWS
    to what is declared, removals included.
    """

    name: pulumi.Output[str]
    incident_template: pulumi.Output[Mapping[str, Any]]
    display_name: pulumi.Output[str | None]
    actions: pulumi.Output[Sequence[Mapping[str, Any]] | None]
    chat_channel: pulumi.Output[Mapping[str, Any] | None]
    engagements: pulumi.Output[Sequence[str] | None]
    integrations: pulumi.Output[Sequence[Mapping[str, Any]] | None]
    tags: pulumi.Output[Mapping[str, str] | None]
    owner: pulumi.Output[str | None]
    """The tag `pulumi-incidents:owner` of the plan: who made it or took it over."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ResponsePlanArgs],
    ) -> None:
        declared = {**dict.fromkeys(ResponsePlanArgs.__annotations__), **args}
        props = {"owner": None, **declare(_TYPE, resource_name, declared, opts)}
        super().__init__(ResponsePlanProvider(), resource_name, props, opts)

    @classmethod
    def get(
        cls, resource_name: str, arn: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> ResponsePlan:
        """Look up a plan that something else manages, with two calls in each preview and update.

        Its properties are those of the live plan; it is never changed and never deleted here.
        """
        return look_up(cls, resource_name, arn, opts)

    @property
    def arn(self) -> pulumi.Output[str]:
        """ARN of the plan; it is the id, so it stays known while the plan is updated."""
        return self.id


def _inputs() -> StructureShape:
    return _model.inputs_of("CreateResponsePlan")


# Who declares which name in this run; the plugin process ends with the run.
_declared: dict[tuple[str, str], str] = {}


def _declared_twice(inputs: Mapping[str, Any]) -> list[_model.Failure]:
    """Find a name that two resources of a program declare for one account.

    It says so early, and decides nothing: whose a plan is, AWS is asked.
    """
    context, name = inputs.get(CONTEXT) or {}, inputs.get("name")
    identity = context.get("identity")
    if not identity or not isinstance(name, str):
        return []
    config = inputs.get("aws_config") or {}
    account = repr(sorted(config.items()) if isinstance(config, Mapping) else config)
    other = _declared.setdefault((name, account), identity)
    if other == identity:
        return []
    # Whichever of the two is checked first, the sentence is the same.
    both = " and ".join(sorted(each.rpartition("::")[2] for each in (identity, other)))
    shown = "" if "name" in (context.get("secrets") or ()) else f"{name!r} "
    return [
        _model.Failure("name", f"{shown}is that of the resources {both}; give one another name")
    ]


def _one_tag_too_many(tags: Any) -> list[_model.Failure]:
    if not isinstance(tags, Mapping) or len(tags) != _ownership.MOST_TAGS + 1:
        return []  # more than AWS itself takes is told by its model
    most = _ownership.MOST_TAGS
    return [_model.Failure("tags", f"must be at most {most} entries: one more says whose it is")]


def _subject(props: Mapping[str, Any], arn: str = "") -> str:
    return f"response plan {props.get('name') or arn.rpartition('/')[2]}"


def _patch(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of UpdateResponsePlan that take the plan from `olds` to `news`."""
    shape = _inputs()
    template = cast("StructureShape", _model.member(shape, "incident_template"))
    patch = _cleared_or_set(shape, olds, news, skip=("name", "tags", "incident_template"))
    inner = _cleared_or_set(template, olds["incident_template"], news["incident_template"])
    for member, value in inner.items():
        patch[_UPDATE_TEMPLATE.get(member, f"incidentTemplate{member[0].upper()}{member[1:]}")] = (
            value
        )
    return patch


# UpdateResponsePlan flattens the template into members named after it, but for this one.
_UPDATE_TEMPLATE = {"incidentTags": "incidentTemplateTags"}


def _cleared_or_set(
    shape: StructureShape,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    skip: tuple[str, ...] = (),
) -> dict[str, Any]:
    after = _diff.canonical(shape, news)
    changes: dict[str, Any] = {}
    for key in _diff.changed(shape, olds, news):
        if key in skip:
            continue
        member = _model.member(shape, key)
        changes[_model.members(shape)[key]] = (
            _model.to_api(member, after[key]) if key in after else _unset(member)
        )
    return changes


def _unset(shape: Shape) -> Any:
    """Return the value that clears a field, because leaving it out of an update keeps it."""
    if isinstance(shape, StructureShape):
        return {"empty": {}}
    return {"string": "", "list": [], "map": {}}[shape.type_name]


def _live(props: Mapping[str, Any], arn: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a plan as properties, and all of its tags."""
    subject = _subject(props, arn)
    plan = _aws.call(props, "get_response_plan", subject, arn=arn)
    return _model.from_api(_inputs(), plan), _marks.tags_of(props, arn, subject)


def _tags(props: Mapping[str, Any], mark: str | None) -> dict[str, str]:
    """Return the tags that a plan has at AWS: the declared ones, and its owner's mark."""
    return {**_ownership.declared_tags(props), **({_OWNER: mark} if mark else {})}


def _patch_plan(changes: _aws.Changes, arn: str, patch: Mapping[str, Any]) -> None:
    if patch:
        changes.call("update_response_plan", arn=arn, **patch)


def _bring_tags(
    changes: _aws.Changes, arn: str, olds: Mapping[str, str], news: Mapping[str, str]
) -> None:
    """Bring the tags of a plan from `olds` to `news`, key by key."""
    gone = sorted(olds.keys() - news.keys())
    fresh = {key: value for key, value in news.items() if olds.get(key) != value}
    if gone:
        changes.call("untag_resource", resourceArn=arn, tagKeys=gone)
    if fresh:
        changes.call("tag_resource", resourceArn=arn, tags=fresh)


def _take_over(props: Mapping[str, Any], conflict: _aws.ExistsError, owner: str) -> str:
    """Bring a plan of the declared name to what is declared, if that is asked for.

    That an interrupted run of this very state has made it cannot be proved: its state says
    nothing, and its name, and what is made of names, may be those of another stack.
    """
    arn = conflict.arn if conflict.arn.startswith("arn:") else _find(props)
    live, live_tags = _live(props, arn)
    mark = live_tags.get(_OWNER)
    if not props.get("adopt_existing"):
        made = f"made by {_ownership.holder(mark)}" if mark else "without an owner's mark"
        raise _aws.IncidentManagerError(
            f"{arn} exists already, {made}, and nothing proves that this resource made it: set "
            "adopt_existing=True to take it over, import it, or choose another name."
        )
    live["tags"], _ = _ownership.users_tags(live_tags, {})
    changes = _aws.Changes(props, _subject(props), "run again")
    # The mark first: from then on whoever had the plan leaves it alone.
    _bring_tags(changes, arn, _tags(live, mark), _tags(props, owner))
    _marks.confirm(props, arn, _subject(props), owner)
    _patch_plan(changes, arn, _patch(live, props))
    return arn


def _find(props: Mapping[str, Any]) -> str:
    """Return the ARN of the plan with the declared name, where a conflict did not tell it."""
    for page in _aws.pages(props, "list_response_plans", _subject(props)):
        for plan in page["responsePlanSummaries"]:
            if plan["name"] == props["name"]:
                return str(plan["arn"])
    raise _aws.NotFoundError(f"{_subject(props)} exists and is not listed: run again.")
