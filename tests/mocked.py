"""What components declare, on the SDK's own mock of the engine: nothing is made."""

from __future__ import annotations

import json

import pulumi

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:"
PLAN = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/checkout"

# What a plan is that is looked up.
LIVE = {
    "engagements": ["arn:oncall", "arn:boss"],
    "chat_channel": {"chatbot_sns": [f"{TOPIC}chat"]},
    "integrations": [{"pager_duty_configuration": {"name": "shop"}}],
    "incident_template": {
        "title": "Down",
        "impact": 1,
        "dedupe_string": "shop",
        "notification_targets": [{"sns_topic_arn": f"{TOPIC}updates"}],
    },
}


class Mocks(pulumi.runtime.Mocks):
    """Notes what is declared, and answers with predictable ARNs."""

    def __init__(self):
        self.declared = {}
        Mocks.newest = self

    def new_resource(self, args):
        """Note a resource under the last part of its type and its name."""
        kind = args.typ.rpartition(":")[2]
        if args.resource_id:
            return args.resource_id, LIVE  # looked up: somebody else declares it
        inputs = {k: v for k, v in args.inputs.items() if k not in ("__provider", "context")}
        self.declared[kind, args.name] = inputs
        return f"arn:of:{args.name}", {**inputs, "arn": f"arn:of:{args.name}", "name": args.name}

    def call(self, _args):
        """Answer the look-ups of account and partition."""
        return {"accountId": ACCOUNT, "partition": "aws", "region": "us-east-1"}, []


def declared(build):
    """Return what a component declares, by kind and name."""
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, project="incidents", stack="test")

    @pulumi.runtime.test
    def program():
        build()

    program()
    return mocks.declared


def statements(policy):
    """Return the statements of a policy document."""
    document = json.loads(policy)
    assert document["Version"] == "2012-10-17"
    assert all(statement.pop("Effect") == "Allow" for statement in document["Statement"])
    return document["Statement"]


def output(value="arn"):
    """Return an output, which has to be made while a program runs."""
    return pulumi.Output.from_input(value)
