"""All of a component is in one place: that of the `aws` provider that it or a parent is given.

Real: the engine, its plugin processes, the stand-in of pulumi-aws, and the local AWS, which tells
accounts apart by keys. What is declared in all ways is looked at on the SDK's mock of the engine.
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
import pytest

from pulumi_incidents.providers import Incident, ResponsePlan
from pulumi_incidents.stacks import (
    AlarmTrigger,
    Drill,
    EventTrigger,
    IncidentResponse,
    IncidentTopic,
    Runbook,
)
from tests.calls import incidents_as
from tests.mocked import PLAN, Mocks
from tests.program import EngineError, Program
from tests.recorder import recording

ALARM = {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}
EVENT = {"event_pattern": {"source": ["com.example.deploy"]}}
CONTENT = "{schemaVersion: '0.3', mainSteps: []}"
WAYS = {
    "provider": lambda provider: pulumi.ResourceOptions(provider=provider),
    "list": lambda provider: pulumi.ResourceOptions(providers=[provider]),
    "map": lambda provider: pulumi.ResourceOptions(providers={"aws": provider}),
    "inherited": lambda provider: pulumi.ResourceOptions(parent=Team("team", provider)),
}
WHOLE = {
    "title": "Down",
    "impact": 3,
    "notifications": {"encrypted": True},
    "chat": {"other_regions": ["ca-central-1"]},
    "runbook": {"content": CONTENT},
    "alarms": {"errors": ALARM},
    "events": {"deploys": EVENT},
    "drill": {"occurrence": "1", "runbook": True},
}
COMPONENTS = {
    IncidentResponse: lambda opts: IncidentResponse("it", WHOLE, opts),
    IncidentTopic: lambda opts: IncidentTopic("it", {"encrypted": True}, opts),
    Runbook: lambda opts: Runbook("it", "it-*", {"content": CONTENT}, opts),
    AlarmTrigger: lambda opts: AlarmTrigger("it", PLAN, ALARM, opts),
    EventTrigger: lambda opts: EventTrigger("it", PLAN, EVENT, opts),
    Drill: lambda opts: Drill("it", {"occurrence": "1", "paging": True, "plan_arn": PLAN}, opts),
    ResponsePlan: lambda opts: ResponsePlan(
        "it", {"incident_template": {"title": "Down", "impact": 3}}, opts
    ),
    Incident: lambda opts: Incident("it", {"response_plan_arn": PLAN}, opts),
}


class Team(pulumi.ComponentResource):
    """A component of somebody else that has a provider."""

    def __init__(self, name, provider):
        super().__init__("shop:index:Team", name, None, pulumi.ResourceOptions(provider=provider))


class Placed(Mocks):
    """Notes which provider each resource and each look-up has."""

    def __init__(self):
        super().__init__()
        self.providers = {}

    def new_resource(self, args):
        """Note the provider: of a dynamic resource the one that it was handed the settings of."""
        if args.typ.startswith("aws:"):
            self.providers[args.typ, args.name] = (args.provider or "").rpartition("::")[0]
        elif args.typ.startswith("pulumi-python:"):
            self.providers[args.typ, args.name] = args.inputs.get("aws_provider", {}).get("urn")
        return super().new_resource(args)

    def call(self, args):
        """Note the provider of a look-up."""
        self.providers[args.token, ""] = (args.provider or "").rpartition("::")[0]
        return super().call(args)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("component", COMPONENTS)
def test_all_of_a_component_has_the_provider_that_is_given(component, way):
    """However it is given, no resource and no look-up is left to the stack's configuration."""
    mocks = Placed()
    pulumi.runtime.set_mocks(mocks, project="incidents", stack="test")

    @pulumi.runtime.test
    def program():
        COMPONENTS[component](WAYS[way](aws.Provider("there", region="eu-west-1")))

    program()
    assert mocks.providers
    urns = set(mocks.providers.values())
    assert [urn.rpartition("::")[2] for urn in urns] == ["there"], mocks.providers


PROGRAM = """
import json
import pathlib
import pulumi
import pulumi_aws as aws
from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import Drill, IncidentResponse

config = pulumi.Config()

class Team(pulumi.ComponentResource):
    def __init__(self, name, provider):
        super().__init__("shop:index:Team", name, None, pulumi.ResourceOptions(provider=provider))

# From a file: the engine keeps the configuration of a stack in the state, as plain as it was set.
for way, keys in json.loads(pathlib.Path("ways.json").read_text()).items():
    where = aws.Provider(
        way,
        region=keys["region"],
        access_key=keys["key"],
        secret_key=keys["secret"],
        token=keys["token"],
        max_retries=2,
        default_tags={"tags": {"team": way}},
        ignore_tags={"key_prefixes": ["cost:"]},
    )
    opts = {
        "provider": lambda: pulumi.ResourceOptions(provider=where),
        "list": lambda: pulumi.ResourceOptions(providers=[where]),
        "map": lambda: pulumi.ResourceOptions(providers={"aws": where}),
        "inherited": lambda: pulumi.ResourceOptions(parent=Team("team", where)),
    }[way]()
    whole = config.require_object("whole") if way == "provider" else {"title": "t", "impact": 3}
    response = IncidentResponse(way, whole, opts)
    if way == "provider":
        pulumi.export("plan", response.plan_arn)
        if not config.get_bool("rehearsed"):
            drill = {"occurrence": "1", "paging": True, "plan_arn": response.plan_arn}
            Drill("alone", drill, opts)
"""
REGIONS = {
    "provider": "eu-west-1",
    "list": "eu-central-1",
    "map": "us-west-2",
    "inherited": "ap-southeast-2",
}
ACCOUNTS = {
    "provider": "210987654321",
    "list": "111111111111",
    "map": "222222222222",
    "inherited": "333333333333",
}


def role(way):
    """Return a role of an account."""
    return f"arn:aws:iam::{ACCOUNTS[way]}:role/deployer"


def signed_in(local_aws):
    """Return keys for each account, as somebody has who has just signed in there."""
    found = {}
    for way, region in REGIONS.items():
        sts = local_aws.client("sts")
        keys = sts.assume_role(RoleArn=role(way), RoleSessionName="test")["Credentials"]
        found[way] = {
            "region": region,
            "key": keys["AccessKeyId"],
            "secret": keys["SecretAccessKey"],
            "token": keys["SessionToken"],
        }
    return found


def places(passing):
    """Return the keys and regions that were seen, and how; IAM has one address for all regions."""
    return {(each.key, each.region) for each in passing.seen if each.key and each.service != "iam"}


def test_each_response_is_in_the_account_and_region_of_its_provider(
    tmp_path, stack_environment, local_aws
):
    """Every request of an `up`, of a refresh and of a destroy has the newest keys of one provider.

    No key is in the clear in the state or on the screen, and other keys are no change.
    """
    for way, region in REGIONS.items():
        incidents_as(local_aws, role(way)).create_replication_set(regions={region: {}})
    old, new = signed_in(local_aws), signed_in(local_aws)
    with recording(local_aws.url) as passing:
        environment = {**stack_environment, "AWS_ENDPOINT_URL": passing.url}
        program = Program(tmp_path / "program", environment, PROGRAM)
        (program.folder / "ways.json").write_text(json.dumps(old))
        program.configure(whole=WHOLE)
        said = program.run("preview", "--diff")
        passing.seen.clear()
        said += program.run("up", "--yes", "--skip-preview", "--diff")
        expected = {(old[way]["key"], region) for way, region in REGIONS.items()}
        # The topic of a chat client is made in another region as well, because that is declared.
        assert places(passing) == expected | {(old["provider"]["key"], "ca-central-1")}
        plan = program.outputs()["plan"]
        assert plan.split(":")[4] == ACCOUNTS["provider"]
        incidents = incidents_as(local_aws, role("provider"))
        assert incidents.list_tags_for_resource(resourceArn=plan)["tags"]["team"] == "provider"
        incidents.tag_resource(resourceArn=plan, tags={"cost:center": "42"})
        program.settled()

        # Somebody signs in again, and takes a drill out in the same run.
        (program.folder / "ways.json").write_text(json.dumps(new))
        program.configure(whole=WHOLE, rehearsed=True)
        passing.seen.clear()
        steps = json.loads(program.run("preview", "--json"))["steps"]
        of_ours = {step["op"] for step in steps if "providers:aws" not in step["urn"]}
        assert of_ours <= {"same", "delete", "read", "discard"}
        said += program.run("up", "--yes", "--skip-preview", "--diff")
        program.run("refresh", "--yes")
        assert incidents.list_tags_for_resource(resourceArn=plan)["tags"]["cost:center"] == "42"
        state = json.dumps(program.resources())
        program.destroy()
        assert {key for key, _ in places(passing)} <= {keys["key"] for keys in new.values()}
        assert program.state() == {}
        for keys in (*old.values(), *new.values()):
            for name in ("key", "secret", "token"):
                assert keys[name] not in state
                assert keys[name] not in said
    for way in WAYS:
        found = incidents_as(local_aws, role(way)).list_response_plans()
        assert found["responsePlanSummaries"] == []


MISTAKES = """
import pulumi
import pulumi_aws as aws
from pulumi_incidents.providers import ResponsePlan

config = pulumi.Config()
template = {"title": "Down", "impact": 3}
there = aws.Provider("there", **config.get_object("provider", {}))
opts = pulumi.ResourceOptions(provider=there) if config.get_bool("given") else None
ResponsePlan(
    "plan",
    opts,
    name="plan",
    incident_template=template,
    aws_config=config.get_object("aws_config"),
)
"""


def test_what_cannot_be_followed_is_refused_in_preview(tmp_path, stack_environment, local_aws):
    """Of the stack's configuration and of a provider: one sentence, and no traceback."""
    program = Program(tmp_path / "program", stack_environment, MISTAKES)
    region = {"region": "eu-west-1"}
    mistakes = [
        ({"aws:maxRetries": "lots"}, "aws:maxRetries must be a whole number"),
        (
            {"aws:regoin": "eu-west-1"},
            "aws:regoin is no setting of pulumi-aws's provider: did you mean region?",
        ),
        (
            {"given": True, "provider": {"tag_policy_compliance": "error"}},
            "provider.tagPolicyCompliance cannot be followed",
        ),
        (
            {"given": True, "provider": region, "aws_config": {"region": "us-west-2"}},
            (
                "aws_config.region is not what the aws provider of this resource says: take one of "
                "them out"
            ),
        ),
        (
            {"given": True, "provider": {"forbidden_account_ids": ["123456789012"]}},
            "Account 123456789012 is one of aws:forbiddenAccountIds; sign in to another one.",
        ),
        (
            {"aws:allowedAccountIds": ["210987654321"]},
            (
                "Account 123456789012 is none of aws:allowedAccountIds (210987654321); sign in to "
                "one of them."
            ),
        ),
    ]
    for config, sentence in mistakes:
        program.configure(**config)
        with pytest.raises(EngineError) as failed:
            program.run("preview")
        assert sentence in str(failed.value)
        # Where the provider itself is refused, the engine interrupts the SDK wherever that is.
        assert "tagPolicy" in sentence or "Traceback" not in str(failed.value)
    assert local_aws.client("ssm-incidents").list_response_plans()["responsePlanSummaries"] == []
