"""A response plan: who is engaged, where people talk, which runbook runs when an incident starts.

Follows CreateResponsePlan, GetResponsePlan, UpdateResponsePlan and DeleteResponsePlan of
https://docs.aws.amazon.com/incident-manager/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import pulumi
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import _diff, _documented, _model
from pulumi_incidents.providers._life import Operations
from pulumi_incidents.providers._managed import Managed
from pulumi_incidents.providers._resource import AwsResource
from pulumi_incidents.providers._settings import AwsConfigArgs

if TYPE_CHECKING:
    from botocore.model import StructureShape
    from typing_extensions import Unpack


class NotificationTargetArgs(TypedDict):
    """Something that is told of every update to an incident."""

    sns_topic_arn: pulumi.Input[str]
    """ARN of an SNS topic, and of nothing else, whose policy lets `ssm-incidents.amazonaws.com`
    publish."""


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
    """Name of the document, 3-128 characters, or its ARN, which is one of Systems Manager."""
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
    """1-5 ARNs of SNS topics, and of nothing else, that a chat client follows; their order means
    nothing."""


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
    """Name or ARN of the Secrets Manager secret with the key (never the key), 1-512 characters; a
    name has letters, digits and `/_+=.@-`."""


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


_RULES = {
    "incident_template.notification_targets[].sns_topic_arn": _documented.TOPIC,
    "chat_channel.chatbot_sns[]": _documented.TOPIC,
    "actions[].ssm_automation.document_name": _documented.DOCUMENT,
    "integrations[].pager_duty_configuration.secret_id": _documented.SECRET,
}
# UpdateResponsePlan flattens the template into members named after it, but for this one.
_UPDATE_TEMPLATE = {"incidentTags": "incidentTemplateTags"}


class ResponsePlanProvider(Managed):
    """The lifecycle of a response plan. Its id is the plan's ARN."""

    noun = "response plan"
    operations = Operations(
        create="CreateResponsePlan",
        get="GetResponsePlan",
        update="UpdateResponsePlan",
        delete="DeleteResponsePlan",
        list="ListResponsePlans",
    )

    @classmethod
    def documented(cls, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield what AWS's documents rule out of a plan, and its model does not."""
        return _documented.failures(cls.inputs(), inputs, _RULES)

    def beyond_the_model(self, inputs: Mapping[str, Any]) -> Iterable[_model.Failure]:
        """Yield that, and what two resources would fight for."""
        yield from super().beyond_the_model(inputs)
        yield from self.documented(inputs)

    @classmethod
    def patch(cls, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of UpdateResponsePlan that take the plan from `olds` to `news`."""
        shape = cls.inputs()
        template = cast("StructureShape", _model.member(shape, "incident_template"))
        patch = _diff.patch(shape, olds, news, skip=("name", "tags", "incident_template"))
        inner = _diff.patch(template, olds["incident_template"], news["incident_template"])
        for member, value in inner.items():
            flat = f"incidentTemplate{member[0].upper()}{member[1:]}"
            patch[_UPDATE_TEMPLATE.get(member, flat)] = value
        return patch


class ResponsePlan(AwsResource, module="ssmincidents", name="ResponsePlan"):
    """An Incident Manager response plan.

    Takes the fields of `ResponsePlanArgs`, as a map or as keywords, checks all of them in `pulumi
    preview`, and brings AWS to what is declared, removals included.
    """

    declares = ResponsePlanArgs
    life = ResponsePlanProvider

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

    @overload
    def __init__(
        self,
        resource_name: str,
        args: ResponsePlanArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ResponsePlanArgs],
    ) -> None: ...

    def __init__(self, resource_name: str, *given: Any, **args: Any) -> None:
        super().__init__(resource_name, *given, **args)
