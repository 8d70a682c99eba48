"""Resource options on a component. Real: the engine, the stand-in of pulumi-aws, the local AWS."""

from __future__ import annotations

import pytest

from tests import rights
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
    provider=aws.Provider(
        "west", region="us-west-2", default_tags={"tags": {"team": "shop"}}
    ),
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
    program.configure(**{"aws:defaultTags": {"tags": {"team": "another"}}})
    return program


def test_options_reach_every_child(program, local_aws, incidents):
    """Default tags, provider, look-ups, transforms, protection and an alias do as users expect."""
    rights.document(local_aws.client("ssm", region_name="us-west-2"), "Restart")
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


TOKENS = """
import pulumi
from pulumi_incidents.stacks import IncidentResponse, IncidentTopic
from pulumi_incidents.stacks._component import Component

def before(self, token, name, opts):
    pulumi.ComponentResource.__init__(self, f"pulumi-{token}", name, None, opts)
    self._look_ups = None

class TeamTopic(IncidentTopic):
    pass

if pulumi.Config().get_bool("before"):
    Component.__init__ = before
TeamTopic("team", {"subscribers": [{"protocol": "email", "endpoint": "team@example.com"}]})
IncidentResponse(
    "shop",
    {
        "title": "Down",
        "impact": 3,
        "chat": {"encrypted": True},
        "runbook": {"content": "{schemaVersion: '0.3', mainSteps: []}"},
        "alarms": {"errors": {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}},
        "events": {"deploys": {"event_pattern": {"source": ["com.example.deploy"]}}},
        "drill": {"occurrence": "1", "runbook": True},
    },
)
"""


def test_a_stack_of_before_keeps_all_it_has_under_the_tokens_of_now(tmp_path, stack_environment):
    """Tokens that began with `pulumi-` are aliases: nothing is made, replaced or deleted."""
    program = Program(tmp_path / "tokens", stack_environment, TOKENS)
    program.configure(before=True)
    program.up()
    old = program.ids()
    program.configure()
    changes = program.changes_at_aws()
    assert set(program.preview().values()) == {"same"}
    program.up()
    new = program.ids()
    assert program.changes_at_aws() == changes
    assert {named(kind): known for kind, known in new.items()} == {
        named(kind): known for kind, known in old.items()
    }
    tokens = {kind for kind, _ in new if ":index:" in kind}
    assert len(tokens) == 6
    assert all(token.startswith("incidents:") for token in tokens)
    program.destroy()
    assert program.state() == {}


def named(key):
    """Return what a resource of the state is called, without the package of before."""
    kind, name = key
    return kind.removeprefix("pulumi-") if ":index:" in kind else kind, name


ELSEWHERE = """
import pulumi
from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()
args = {"title": "Down", "impact": 3, "notification_topic_arns": [config.require("topic")]}
if config.get("region"):
    args["chat"] = {"other_regions": [config.get("region")]}
IncidentResponse("shop", args)
"""


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            {"topic": "arn:aws:sns:us-east-1:210987654321:updates"},
            (
                "IncidentResponse shop: notification_topic_arns[0] must be an SNS topic of account "
                "123456789012; got arn:aws:sns:us-east-1:210987654321:updates."
            ),
        ),
        (
            {"topic": "arn:aws:sqs:us-east-1:123456789012:updates"},
            (
                "IncidentResponse shop: notification_topic_arns[0] must be an SNS topic of account "
                "123456789012; got arn:aws:sqs:us-east-1:123456789012:updates."
            ),
        ),
        (
            {"topic": "arn:aws:sns:us-east-1:123456789012:updates", "region": "us-east-1"},
            (
                "IncidentTopic shop-chat: other_regions has us-east-1, where the topic is anyway: "
                "take it out."
            ),
        ),
    ],
)
def test_a_topic_in_the_wrong_place_is_refused_in_preview(
    tmp_path, stack_environment, config, sentence
):
    """A plan tells topics of its own account alone; no region has one topic twice."""
    program = Program(tmp_path / "elsewhere", stack_environment, ELSEWHERE)
    program.configure(**config)
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    assert sentence in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_a_topic_of_another_region_is_let_through(tmp_path, stack_environment, local_aws):
    """AWS advises a topic in each region of the replication set."""
    program = Program(tmp_path / "elsewhere", stack_environment, ELSEWHERE)
    topic = rights.topic(local_aws.client("sns", region_name="eu-west-1"), "updates")
    program.configure(topic=topic)
    program.up()
    plan = program.of_type("pulumi-python:dynamic/ssmincidents:ResponsePlan")
    targets = plan["incident_template"]["notification_targets"]
    assert targets == [{"sns_topic_arn": topic}]
    program.destroy()
