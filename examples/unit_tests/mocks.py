"""What stands in for the engine and for AWS in unit tests: nothing is made, nobody is called."""

from collections.abc import Callable
from typing import Any

import pulumi

from pulumi_incidents.providers.incident import IncidentProvider
from pulumi_incidents.providers.response_plan import ResponsePlanProvider

ACCOUNT = "123456789012"
PROVIDERS = {"ResponsePlan": ResponsePlanProvider, "Incident": IncidentProvider}
ARNS = {
    "Incident": f"arn:aws:ssm-incidents::{ACCOUNT}:incident-record/a-plan/",
    "ResponsePlan": f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/",
    "Role": f"arn:aws:iam::{ACCOUNT}:role/",
    "Topic": f"arn:aws:sns:us-east-1:{ACCOUNT}:",
}


class Aws(pulumi.runtime.Mocks):
    """Notes what is declared, by kind and name, and answers what the engine and AWS would."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.declared: dict[tuple[str, str], dict[str, Any]] = {}
        self.mistakes: list[str] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Check what the engine would have checked, and give the resource its id and outputs."""
        kind = args.typ.rpartition(":")[2]
        inputs = {key: args.inputs[key] for key in args.inputs if key != "__provider"}
        if args.resource_id:
            return args.resource_id, inputs  # looked up: add what it has at AWS
        if kind in PROVIDERS:
            checked = PROVIDERS[kind]().check({}, inputs)
            self.mistakes += [f"{args.name}: {failure.reason}" for failure in checked.failures]
            inputs = checked.inputs  # with the automatic name of a plan without a name
        inputs.pop("context", None)
        self.declared[kind, args.name] = inputs
        name = inputs.get("name") or args.name
        arn = ARNS.get(kind, f"arn:aws:mocked:us-east-1:{ACCOUNT}:{kind}/") + name
        # The id of most things that start, publish or run is their ARN.
        return arn, {**inputs, "arn": arn, "name": name}

    def call(self, _args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[Any]]:
        """Say which account it is, and that a runbook's document is there: components ask."""
        account = {"accountId": ACCOUNT, "partition": "aws", "region": "us-east-1"}
        return {**account, "documentType": "Automation"}, []


def declared(build: Callable[[], object]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the inputs of all that a function declares, by kind and name.

    :raises pulumi.RunError: for what a preview would refuse.
    """
    aws = Aws()
    pulumi.runtime.set_mocks(aws, project="unit-tests", stack="dev")

    def program() -> None:
        build()

    pulumi.runtime.test(program)()
    if aws.mistakes:
        raise pulumi.RunError("\n".join(aws.mistakes))
    return aws.declared
