"""Resource options on a component. Real: the engine, the stand-in of pulumi-aws, the local AWS."""

from __future__ import annotations

import pytest

from tests.program import EngineError, Program

PROGRAM = """
import pulumi
import pulumi_aws as aws
from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()

def tagged(args):
    if args.type_ == "aws:sns/topic:Topic":
        return pulumi.ResourceTransformResult({**args.props, "displayName": "Shop"}, args.opts)

opts = pulumi.ResourceOptions(
    protect=config.get_bool("protect"),
    aliases=[pulumi.Alias(name=config.get("was"))] if config.get("was") else None,
    transforms=[tagged],
    provider=aws.Provider("west", region="us-west-2"),
)
response = IncidentResponse(
    config.get("name") or "shop",
    {"title": "Down", "impact": 3, "plan_name": "shop", "runbook": {"document_name": "Restart"}},
    opts,
)
pulumi.export("topic", response.topic_arn)
pulumi.export("plan", response.plan_arn)
"""


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return a program with one component and options on it."""
    program = Program(tmp_path / "options", stack_environment, PROGRAM)
    program.configure(**{"aws:defaultTags": {"tags": {"team": "shop"}}})
    return program


def test_options_reach_every_child(program, local_aws, incidents):
    """Default tags, provider, transforms, protection and an alias do what Pulumi users expect."""
    outputs = program.up()
    assert ":us-west-2:" in outputs["topic"]
    attributes = program.of_type("aws:sns/topic:Topic")
    assert attributes["displayName"] == "Shop"
    tags = incidents.list_tags_for_resource(resourceArn=outputs["plan"])["tags"]
    assert tags["team"] == "shop"

    program.run("config", "set", "protect", "true")
    program.up()
    with pytest.raises(EngineError, match="protect"):
        program.run("destroy", "--yes")
    program.run("config", "set", "protect", "false")
    program.up(settled=False)

    program.run("config", "set", "name", "store")
    program.run("config", "set", "was", "shop")
    local_aws.forget()
    assert set(program.preview().values()) <= {"same", "update"}
    assert program.up(settled=False) == outputs
    assert "CreateResponsePlan" not in local_aws.operations()
    program.destroy()
    assert program.state() == {}


ELSEWHERE = """
from pulumi_incidents.stacks import IncidentResponse

IncidentResponse(
    "shop",
    {
        "title": "Down",
        "impact": 3,
        "notification_topic_arns": ["arn:aws:sns:eu-west-1:123456789012:updates"],
    },
)
"""


def test_a_topic_of_another_region_or_account_is_refused_in_preview(tmp_path, stack_environment):
    """A plan cannot tell such a topic, so preview names the component, the field and the ARN."""
    program = Program(tmp_path / "elsewhere", stack_environment, ELSEWHERE)
    program.configure()
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    assert (
        "IncidentResponse shop: notification_topic_arns[0] must be a topic in us-east-1 of account "
        "123456789012; got arn:aws:sns:eu-west-1:123456789012:updates."
    ) in str(failed.value)
    assert "Traceback" not in str(failed.value)
