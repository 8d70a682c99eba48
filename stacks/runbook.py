"""The automation document that runs when an incident starts, and the role that it runs with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import yaml
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers.response_plan import ActionArgs, DynamicParameterArgs
from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._mistakes import refuse

# What Incident Manager fills in, and the type of parameter that takes it.
_VARIABLES = {"INCIDENT_RECORD_ARN": "String", "INVOLVED_RESOURCES": "StringList"}


class RunbookArgs(TypedDict):
    """The inputs of a `Runbook`: an existing document by its name, or the content of a new one."""

    document_name: NotRequired[str | None]
    """Name of an automation document that exists, AWS's own included."""
    content: NotRequired[str | None]
    """Content of the document to make, YAML or JSON. Its parameters are checked in preview."""
    document_version: NotRequired[pulumi.Input[str | None]]
    """Version to run; without it the document's default version."""
    parameters: NotRequired[Mapping[str, Sequence[pulumi.Input[str]]] | None]
    """Parameters of the document, each a list of values."""
    dynamic_parameters: NotRequired[Mapping[str, DynamicParameterArgs] | None]
    """Parameters that are filled in when the incident starts."""
    role_arn: NotRequired[pulumi.Input[str | None]]
    """Role to run with; without it one is made that may start this document and nothing else."""
    cross_account: NotRequired[bool | None]
    """Run in the impacted account, through its `AWS-SystemsManager-AutomationExecutionRole`."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the role and the document."""


class Runbook(pulumi.ComponentResource):
    """A runbook of one response plan."""

    action: pulumi.Output[Any]
    """What goes into `actions` of the plan; known once the role may start the document."""
    role_arn: pulumi.Output[str]
    """ARN of the role that the runbook runs with."""
    document_name: pulumi.Output[str]
    """Name of the document."""

    def __init__(
        self,
        name: str,
        plan_name: str,
        args: RunbookArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the runbook of the plan called `plan_name`, for whose incidents the role works."""
        super().__init__("pulumi-incidents:index:Runbook", name, None, opts)
        refuse(self, _mistakes(args))
        child = pulumi.ResourceOptions(parent=self)
        document: pulumi.Output[str] = pulumi.Output.from_input(args.get("document_name") or "")
        if args.get("content"):
            made = aws.ssm.Document(
                name,
                document_type="Automation",
                document_format="YAML",
                content=yaml.safe_dump(yaml.safe_load(args["content"] or ""), sort_keys=False),
                tags=args.get("tags"),
                opts=child,
            )
            document = made.name
        self.document_name = document
        self.role_arn = (
            pulumi.Output.from_input(cast("str", args["role_arn"]))
            if args.get("role_arn")
            else self._role(name, plan_name, document, args)
        )
        self.action = pulumi.Output.from_input(self._action(args))
        self.register_outputs({"role_arn": self.role_arn, "document_name": self.document_name})

    def _action(self, args: RunbookArgs) -> ActionArgs:
        return {
            "ssm_automation": {
                "document_name": self.document_name,
                "document_version": args.get("document_version"),
                "role_arn": self.role_arn,
                "target_account": "IMPACTED_ACCOUNT" if args.get("cross_account") else None,
                "parameters": args.get("parameters"),
                "dynamic_parameters": args.get("dynamic_parameters"),
            }
        }

    def _role(
        self, name: str, plan_name: str, document: pulumi.Output[str], args: RunbookArgs
    ) -> pulumi.Output[str]:
        invoke = pulumi.InvokeOutputOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke).partition
        account = aws.get_caller_identity_output(opts=invoke).account_id
        role = aws.iam.Role(
            name,
            assume_role_policy=pulumi.Output.all(partition, account).apply(
                lambda known: _policies.runbook_trust(known[0], known[1], plan_name)
            ),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        everywhere = bool(args.get("cross_account"))
        policy = aws.iam.RolePolicy(
            name,
            role=role.id,
            policy=pulumi.Output.all(partition, account, document).apply(
                lambda known: _policies.runbook_permissions(
                    known[0], known[1], known[2], cross_account=everywhere
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Known once the policy is in place: an incident must not start before its runbook may.
        return pulumi.Output.all(role.arn, policy.id).apply(lambda known: str(known[0]))


def _mistakes(args: RunbookArgs) -> Iterator[str]:
    content = args.get("content")
    if bool(content) == bool(args.get("document_name")):
        yield "set either document_name or content"
    if not content:
        return
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        yield f"content is neither YAML nor JSON: {str(error).splitlines()[0]}"
        return
    if not isinstance(document, Mapping) or "mainSteps" not in document:
        yield "content is no automation document: it has no mainSteps"
        return
    yield from _parameter_mistakes(args, document.get("parameters") or {})


def _parameter_mistakes(args: RunbookArgs, declared: Mapping[str, Any]) -> Iterator[str]:
    parameters, dynamic = args.get("parameters") or {}, args.get("dynamic_parameters") or {}
    for key, values in (("parameters", parameters), ("dynamic_parameters", dynamic)):
        for name in values:
            if name not in declared:
                known = ", ".join(declared) or "none"
                yield f"{key}.{name} is no parameter of the document; it declares {known}"
    for name, value in dynamic.items():
        wanted = _VARIABLES.get(str(value.get("variable")))
        found = (declared.get(name) or {}).get("type", "String")
        if name in declared and wanted and found != wanted:
            variable = value["variable"]
            yield f"dynamic_parameters.{name}: {variable} is for a {wanted}, and it is a {found}"
    for name, parameter in declared.items():
        if "default" not in parameter and name not in {*parameters, *dynamic}:
            yield f"parameters.{name} is missing: the document has no default for it"
