"""One declaration that makes a working incident response: topic, role and response plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers.response_plan import DynamicParameterArgs
from pulumi_incidents.stacks import _policies


class RunbookArgs(TypedDict):
    """The automation document that runs when an incident starts."""

    document_name: str
    """Name of a Systems Manager automation document."""
    document_version: NotRequired[pulumi.Input[str | None]]
    """Version to run; without it the document's default version."""
    parameters: NotRequired[
        pulumi.Input[Mapping[str, pulumi.Input[Sequence[pulumi.Input[str]]]] | None]
    ]
    """Parameters of the document, each a list of values."""
    dynamic_parameters: NotRequired[
        pulumi.Input[Mapping[str, pulumi.Input[DynamicParameterArgs]] | None]
    ]
    """Parameters that are filled in when the incident starts."""


class IncidentResponseArgs(TypedDict):
    """The inputs of an `IncidentResponse`."""

    title: pulumi.Input[str]
    """Title of an incident, at most 200 characters."""
    impact: pulumi.Input[int]
    """1 critical, 2 high, 3 medium, 4 low, 5 no impact."""
    plan_name: NotRequired[str]
    """Name of the plan, 1-200 letters, digits, `-` and `_`; by default component and stack."""
    summary: NotRequired[pulumi.Input[str | None]]
    """What responders should know, at most 8000 characters."""
    dedupe_string: NotRequired[pulumi.Input[str | None]]
    """A start while an incident with the same string is open joins that one."""
    engagements: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]] | None]]
    """At most 5 ARNs of contacts and escalation plans that are engaged."""
    runbook: NotRequired[RunbookArgs]
    """What runs when an incident starts; its role is made here."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the plan, the topic and the role."""


class IncidentResponse(pulumi.ComponentResource):
    """A response plan with all it needs to work.

    Makes the SNS topic that is told of updates, with a policy that lets Incident Manager publish,
    the role of the runbook with the least it needs, and then the plan: AWS tests the topic when
    the plan is made, so the policy has to be there first.
    """

    plan_arn: pulumi.Output[str]
    """ARN of the response plan: what an alarm or an event rule starts."""
    plan_name: pulumi.Output[str]
    """Name of the response plan."""
    topic_arn: pulumi.Output[str]
    """ARN of the SNS topic that is told of updates to an incident."""
    role_arn: pulumi.Output[str | None]
    """ARN of the runbook's role, when there is a runbook."""

    def __init__(
        self,
        name: str,
        args: IncidentResponseArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("pulumi-incidents:index:IncidentResponse", name, None, opts)
        plan_name = args.get("plan_name") or f"{name}-{pulumi.get_stack()}"
        account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        topic, topic_policy = self._topic(name, account, args)
        needed: list[pulumi.Resource] = [topic_policy]
        actions: list[Any] = []
        self.role_arn = pulumi.Output.from_input(None)
        runbook = args.get("runbook")
        if runbook:
            role, role_policy = self._role(name, account, plan_name, runbook, args)
            needed.append(role_policy)
            actions.append({"ssm_automation": {**runbook, "role_arn": role.arn}})
            self.role_arn = role.arn.apply(lambda arn: arn)

        plan = ResponsePlan(
            f"{name}-plan",
            name=plan_name,
            incident_template={
                "title": args["title"],
                "impact": args["impact"],
                "summary": args.get("summary"),
                "dedupe_string": args.get("dedupe_string"),
                "notification_targets": [{"sns_topic_arn": topic.arn}],
            },
            actions=actions,
            engagements=args.get("engagements"),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=needed),
        )
        self.plan_arn, self.plan_name, self.topic_arn = plan.arn, plan.name, topic.arn
        self.register_outputs(
            {
                "plan_arn": self.plan_arn,
                "plan_name": self.plan_name,
                "topic_arn": self.topic_arn,
                "role_arn": self.role_arn,
            }
        )

    def _topic(
        self, name: str, account: pulumi.Output[str], args: IncidentResponseArgs
    ) -> tuple[aws.sns.Topic, aws.sns.TopicPolicy]:
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(f"{name}-notifications", tags=args.get("tags"), opts=child)
        policy = aws.sns.TopicPolicy(
            f"{name}-notifications",
            arn=topic.arn,
            policy=pulumi.Output.all(topic.arn, account).apply(
                lambda known: _policies.notification_topic(known[0], known[1])
            ),
            opts=child,
        )
        return topic, policy

    def _role(
        self,
        name: str,
        account: pulumi.Output[str],
        plan_name: str,
        runbook: RunbookArgs,
        args: IncidentResponseArgs,
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        child = pulumi.ResourceOptions(parent=self)
        partition = aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=self)).partition
        place = pulumi.Output.all(partition, account)
        role = aws.iam.Role(
            f"{name}-runbook",
            assume_role_policy=place.apply(
                lambda known: _policies.runbook_trust(known[0], known[1], plan_name)
            ),
            tags=args.get("tags"),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-runbook",
            role=role.id,
            policy=place.apply(
                lambda known: _policies.runbook_permissions(
                    known[0], known[1], runbook["document_name"]
                )
            ),
            opts=child,
        )
        return role, policy
