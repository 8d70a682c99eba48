"""The automation document that runs when an incident starts, and the role that it runs with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers.response_plan import ActionArgs, DynamicParameterArgs
from pulumi_incidents.stacks import _policies
from pulumi_incidents.stacks._component import REQUIRED, Component
from pulumi_incidents.stacks._declared import look_at
from pulumi_incidents.stacks._documents import Written, content_mistakes, document_of, written
from pulumi_incidents.stacks._limits import UNKNOWN
from pulumi_incidents.stacks._look_up import existing_document
from pulumi_incidents.stacks._mistakes import is_output, refuse, unvalued
from pulumi_incidents.stacks._names import fitted
from pulumi_incidents.stacks._rights import right_mistakes

_NAME: Any = pulumi.Input[str]  # type: ignore[misc] # an alias, whose parameter mypy does not see


class RunbookArgs(TypedDict):
    """The inputs of a `Runbook`: an existing document by its name, or the content of a new one."""

    document_name: NotRequired[pulumi.Input[str | None]]
    """Name of an automation document that exists, AWS's own included, or its ARN if another account
    has shared it. It is looked up in preview, in the `document_version` that is to run: one that is
    not there is refused, and so are parameters that it does not take."""
    skip_look_up: NotRequired[bool | None]
    """Take `document_name` as it is: for a document that something else makes later, or whoever
    deploys without the right to `ssm:GetDocument`."""
    content: NotRequired[pulumi.Input[Mapping[str, Any] | str | None]]
    """Content of the document to make: YAML or JSON, which is kept as it is written, or a map. Its
    parameters are checked in preview, or as soon as it is known."""
    document_version: NotRequired[pulumi.Input[str | None]]
    """Version to run; without it the document's default version."""
    parameters: NotRequired[Mapping[str, Sequence[pulumi.Input[str]]] | None]
    """Parameters of the document, each a list of values."""
    dynamic_parameters: NotRequired[Mapping[str, DynamicParameterArgs] | None]
    """Parameters that are filled in when the incident starts."""
    role_arn: NotRequired[pulumi.Input[str | None]]
    """Role to run with; without it one is made that may start this document and nothing else."""
    assume_role_arn: NotRequired[pulumi.Input[str | None]]
    """Role that the document assumes for its steps: the role made here may then pass it.

    It is what the document's `assumeRole` says, in AWS's own documents and most others a parameter
    `AutomationAssumeRole`: give it in `parameters`, too. Not with a `role_arn`.
    """
    statements: NotRequired[Sequence[pulumi.Input[Mapping[str, Any]]] | None]
    """Statements of IAM for the role made here: what the steps of the document call, if it assumes
    no role. Each needs `Action` and `Resource`, and allows unless `Effect` says otherwise. Not with
    a `role_arn`."""
    managed_policies: NotRequired[Mapping[str, pulumi.Input[str]] | None]
    """ARNs of managed policies for the role made here, each by a name of your own that is kept: for
    the same steps. Not with a `role_arn`."""
    cross_account: NotRequired[bool | None]
    """Run in the impacted account, through its `AWS-SystemsManager-AutomationExecutionRole`, whose
    trust has to name the `role_arn` of this runbook."""
    share_with: NotRequired[Sequence[str] | None]
    """Accounts that may run the document made of `content`, 12 digits each: with `cross_account`
    every one that may be impacted."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]] | None]]
    """Tags of the role and the document."""


class Runbook(Component):
    """A runbook of one response plan."""

    action: pulumi.Output[Any]
    """What goes into `actions` of the plan; known once the role may start the document."""
    role_arn: pulumi.Output[str]
    """ARN of the role that the runbook runs with."""
    role_name: pulumi.Output[str | None]
    """Name of the role that was made, to attach policies to; none with a `role_arn`."""
    document_name: pulumi.Output[str]
    """Name of the document."""

    def __init__(
        self,
        name: str,
        plan_name: pulumi.Input[str] = REQUIRED,
        args: RunbookArgs = REQUIRED,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the runbook of the plan called `plan_name`, for whose incidents the role works.

        In the name, `*` stands for any text: `checkout-*` is every plan whose name begins so.
        """
        super().__init__("incidents:index:Runbook", name, opts)
        found, named = look_at(RunbookArgs, args), look_at(_NAME, plan_name, "plan_name")
        args = self._taken(found, [*named.sentences(), *found.beyond(runbook_mistakes)])
        plan_name = self._taken(named)
        self.document_name = (
            self._document(name, args).name
            if _is_given(args, "content")
            else existing_document(self, args, self._look_ups)
        )
        if _is_given(args, "role_arn"):
            self.role_arn = pulumi.Output.from_input(cast("str", args["role_arn"]))
            self.role_name = pulumi.Output.from_input(None)
        else:
            self.role_arn, self.role_name = self._role(name, plan_name, args)
        action = automation(args, self.document_name, self.role_arn)
        self.action = pulumi.Output.from_input(action)
        told = ("role_arn", "role_name", "document_name")
        self.register_outputs({output: getattr(self, output) for output in told})

    def _document(self, name: str, args: RunbookArgs) -> aws.ssm.Document:
        accounts = ",".join(sorted(set(args.get("share_with") or ())))
        content = self._content(args)
        child_name, child = fitted(self, name, "document")
        return aws.ssm.Document(
            child_name,
            document_type="Automation",
            document_format=content.apply(lambda known: known.format),
            content=content.apply(lambda known: known.text),
            permissions={"type": "Share", "account_ids": accounts} if accounts else None,
            tags=args.get("tags"),
            opts=child,
        )

    def _content(self, args: RunbookArgs) -> pulumi.Output[Written]:
        """Return the content, once it is known to be that of a document; nothing is repeated."""

        def known(content: Any) -> Written:
            mistakes = runbook_mistakes(cast("RunbookArgs", {**args, "content": content}))
            refuse(self, unvalued(mistakes))
            return written(content)

        return pulumi.Output.from_input(cast("Any", args.get("content"))).apply(known)

    def _role(
        self, name: str, plan_name: pulumi.Input[str], args: RunbookArgs
    ) -> tuple[pulumi.Output[str], pulumi.Output[str | None]]:
        invoke = pulumi.InvokeOutputOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke).partition
        account = aws.get_caller_identity_output(opts=invoke).account_id
        role_name, child = fitted(self, name, "role")
        role = aws.iam.Role(
            role_name,
            assume_role_policy=pulumi.Output.all(partition, account, plan_name).apply(
                lambda known: _policies.runbook_trust(*known)
            ),
            tags=args.get("tags"),
            opts=child,
        )
        rights = pulumi.Output.all(
            partition=partition,
            account=account,
            document=self.document_name,
            cross_account=bool(args.get("cross_account")),
            assume_role_arn=args.get("assume_role_arn"),
            statements=[*(args.get("statements") or ())],
        )
        policy_name, child = fitted(self, name, "policy")
        policy = aws.iam.RolePolicy(
            policy_name,
            role=role.id,
            policy=rights.apply(lambda known: _policies.runbook_permissions(**known)),
            opts=child,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{key}",
                role=role.name,
                policy_arn=managed,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for key, managed in (args.get("managed_policies") or {}).items()
        ]
        # Known once all policies are there: an incident must not start before its runbook may.
        ids = [each.id for each in attached]
        arn = pulumi.Output.all(role.arn, policy.id, *ids).apply(lambda known: str(known[0]))
        return arn, cast("pulumi.Output[str | None]", role.name)


def automation(
    args: RunbookArgs, document_name: pulumi.Input[str], role_arn: pulumi.Input[str]
) -> ActionArgs:
    """Return what a runbook is in the `actions` of a plan."""
    return {
        "ssm_automation": {
            "document_name": document_name,
            "document_version": args.get("document_version"),
            "role_arn": role_arn,
            "target_account": "IMPACTED_ACCOUNT" if args.get("cross_account") else None,
            "parameters": args.get("parameters"),
            "dynamic_parameters": args.get("dynamic_parameters"),
        }
    }


def _is_given(args: RunbookArgs, key: str) -> bool:
    value: Any = args.get(key)
    return is_output(value) or bool(value)


def planned(args: RunbookArgs) -> ActionArgs:
    """Return the same before the runbook is made: what is made of it is unknown."""
    document: Any = args.get("document_name")
    role: Any = args.get("role_arn")
    return automation(args, document or UNKNOWN, role or UNKNOWN)


def again(args: RunbookArgs, document_name: pulumi.Output[str]) -> RunbookArgs:
    """Return the inputs of a runbook that runs the document of another, which is not made twice."""
    made = ("content", "share_with")
    kept = {key: value for key, value in args.items() if key not in made}
    # What was made or looked up once is there.
    return cast("RunbookArgs", {**kept, "document_name": document_name, "skip_look_up": True})


def runbook_mistakes(args: RunbookArgs, path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of a runbook, at `path` of a component's."""
    if _is_given(args, "content") == _is_given(args, "document_name"):
        sentence = "set either document_name or content"
        yield f"{path}: {sentence}" if path else sentence
    yield from content_mistakes(args, path)
    yield from right_mistakes(args, document_of(args.get("content")), path)
