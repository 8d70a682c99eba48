"""Whoever deploys has the policy of `docs/deployer-policy.json` and no other right.

Real: the engine, its plugin processes, the stand-in of pulumi-aws, and the local AWS that minds the
permissions of callers. The policy is the tool's, for this account and the names of the components.
"""

from __future__ import annotations

import json
import shutil

import pytest

from pulumi_incidents.iam.policies import Effect, Principal, Request, verdict
from pulumi_incidents.providers import import_file
from tests import importing, rights
from tests.program import EngineError, Program, Team, configuration
from tests.rights import ACCOUNT, allow
from tests.test_environments import ENVIRONMENTS, Environment
from tests.test_examples import EXAMPLES, Example
from tests.wheel import run
from tools import permissions

USER = Principal(f"arn:aws:iam::{ACCOUNT}:user/deployer", ACCOUNT)
STEPS_ROLE = f"arn:aws:iam::{ACCOUNT}:role/response-steps"
READ = f"arn:aws:iam::{ACCOUNT}:policy/read"
# With a drill that pages people and runs the runbook, whatever the stack's file says of drills.
PROGRAM = """
import pulumi
from pulumi_incidents.providers import ReplicationSet
from pulumi_incidents.stacks import IncidentResponse, Runbook, load_settings

config = pulumi.Config()
replication = ReplicationSet("replication", regions=[{"name": "us-east-1"}], tags={"a": "b"})
later = pulumi.ResourceOptions(depends_on=[replication])
args = load_settings(config)
drill = {"occurrence": "one", "paging": True, "notify": True, "runbook": True}
response = IncidentResponse("response", {**args, "drill": drill}, later)
for name, document in (("ours", "Restart-Checkout"), ("of-aws", "AWS-RestartEC2Instance")):
    there = {"document_name": document, "skip_look_up": config.get_bool("skip_look_up")}
    Runbook(f"response-{name}", response.plan_name, there)
pulumi.export("plan_arn", response.plan_arn)
"""
CONTENT = {
    **rights.DOCUMENT,
    "assumeRole": STEPS_ROLE,
    "parameters": {"Incident": {"type": "String"}},
}
SYSTEMS_MANAGER = allow("sts:AssumeRole", Principal={"Service": "ssm.amazonaws.com"})
OUR_ACCOUNT = allow("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
for trust in (SYSTEMS_MANAGER, OUR_ACCOUNT):
    del trust["Statement"][0]["Resource"]


@pytest.fixture
def as_deployer(local_aws):
    """Return how an environment becomes that of somebody with just these policies."""

    def become(given, *policies):
        iam = local_aws.client("iam")
        iam.create_user(UserName="deployer")
        for number, policy in enumerate(policies):
            iam.put_user_policy(
                UserName="deployer",
                PolicyName=f"policy-{number}",
                PolicyDocument=rights.as_text(policy),
            )
        keys = iam.create_access_key(UserName="deployer")["AccessKey"]
        local_aws.forget()
        local_aws.permissions("enforce")
        named = {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        }
        return {**given, **named}

    return become


def life(program):
    """Bring a program up, find nothing to do, refresh, and destroy it."""
    program.run("up", "--yes", "--skip-preview")
    program.settled()
    program.destroy()


@pytest.mark.parametrize("stack", ["local", *ENVIRONMENTS])
def test_the_stacks_live_within_the_policy(
    tmp_path, stack_environment, local_aws, as_deployer, stack
):
    """Each comes up, refreshes and goes away with the policy, and nothing is denied."""
    mine = as_deployer(stack_environment, permissions.policy(ACCOUNT))
    if stack == "local":
        program = Program.of_this_repository(tmp_path / "program", mine)
        program.configure(**without_keys(configuration()))
    else:
        program = Environment(stack, tmp_path / "program", mine)
    life(program)
    assert local_aws.denials() == []


def test_a_replication_set_lives_within_the_policy(
    tmp_path, stack_environment, local_aws, incidents, as_deployer
):
    """It is taken over; to destroy it takes a right that nobody has unasked."""
    mine = as_deployer(stack_environment, permissions.policy(ACCOUNT))
    team = Team(tmp_path / "program", mine, local_aws)
    inputs = {"regions": [{"name": "us-east-1"}], "deletion_protected": False}
    team.bring(set=("ReplicationSet", {**inputs, "on_delete": "destroy"}))
    assert local_aws.denials() == []
    with pytest.raises(EngineError, match="Allow ssm-incidents:DeleteReplicationSet on the repl"):
        team.destroy()
    assert incidents.list_replication_sets()["replicationSetArns"]


def test_a_service_with_its_response_lives_within_the_policy(
    tmp_path, installed_environment, local_aws, as_deployer
):
    """The example needs the policy for the name of its component, and its own queue."""
    policy = permissions.policy(ACCOUNT, "checkout")
    program = Example(
        "web_service", tmp_path, as_deployer(installed_environment, policy, allow("sqs:*"))
    )
    program.run("up", "--yes", "--skip-preview")
    program.again()
    program.destroy()
    assert local_aws.denials() == []


def test_ten_plans_and_their_game_day_live_within_the_policy(
    tmp_path, installed_environment, local_aws, as_deployer
):
    """The plans have the names of their services, and the drills those of the plans."""
    mine = as_deployer(installed_environment, permissions.policy(ACCOUNT, "*"))
    services, game_day = (Example(name, tmp_path, mine) for name in ("ten_services", "game_day"))
    services.run("up", "--yes", "--skip-preview")
    game_day.run("up", "--yes", "--skip-preview")
    for program in (game_day, services):
        program.again()
        program.destroy()
    assert local_aws.denials() == []


def test_a_script_that_starts_an_incident_lives_within_the_policy(
    tmp_path, installed_environment, local_aws, as_deployer
):
    """It starts, finds again and resolves an incident of a plan that has such a name."""
    mine = as_deployer(installed_environment, permissions.policy(ACCOUNT, "checkout"))
    plan = local_aws.client("ssm-incidents").create_response_plan(
        name="checkout-deploys", incidentTemplate={"title": "Checkout is failing", "impact": 2}
    )["arn"]
    script = shutil.copy(EXAMPLES / "failed_deploy/start_incident.py", tmp_path)
    stack = "organization/failed-deploy/checkout-deploys"
    for command in (
        ("python", script, plan, "build-7"),
        ("python", script, plan, "build-7"),
        ("pulumi", "destroy", "--yes", "--stack", stack),
    ):
        run(*command, cwd=tmp_path, env=mine)
    assert local_aws.denials() == []


def test_an_import_of_a_whole_schedule_lives_within_the_policy(
    tmp_path, stack_environment, local_aws, as_deployer
):
    """Whoever deploys reads all that an import takes, of people with such names."""
    contacts = local_aws.client("ssm-contacts")
    ana = contacts.create_contact(Alias="response-ana", Type="PERSONAL", Plan={"Stages": []})
    contacts.create_contact_channel(
        ContactId=ana["ContactArn"],
        Name="phone",
        Type="SMS",
        DeliveryAddress={"SimpleAddress": "+15005550100"},
    )
    at_nine = {"HourOfDay": 9, "MinuteOfHour": 0}
    recurrence = {"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1, "DailySettings": [at_nine]}
    rotation = contacts.create_rotation(
        Name="daily", ContactIds=[ana["ContactArn"]], TimeZoneId="UTC", Recurrence=recurrence
    )
    schedule = contacts.create_contact(
        Alias="response-schedule",
        Type="ONCALL_SCHEDULE",
        Plan={"RotationIds": [rotation["RotationArn"]]},
    )
    mine = as_deployer(stack_environment, permissions.policy(ACCOUNT))
    done = importing.run(tmp_path, mine, schedule["ContactArn"], "--whole")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "addresses.json").exists()
    assert local_aws.denials() == []


def without_keys(config):
    """Return a configuration without the keys in it, so that those of the environment count."""
    return {k: v for k, v in config.items() if k not in ("aws:accessKey", "aws:secretKey")}


def everything(team):
    """Return the configuration of a response with everything that the component can make."""
    config = without_keys(configuration())
    encrypted = {
        "encrypted": True,
        "subscribers": [{"protocol": "email", "endpoint": f"{team}@example.com"}],
        "other_regions": ["eu-west-1"],
    }
    runbook = {
        "content": json.dumps({**CONTENT, "description": team}),
        "dynamic_parameters": {"Incident": {"variable": "INCIDENT_RECORD_ARN"}},
        "assume_role_arn": STEPS_ROLE,
        "cross_account": True,
        "share_with": ["210987654321"],
        "managed_policies": {"read": READ},
    }
    config["incidents:response"] |= {
        "chat": encrypted,
        "notifications": encrypted,
        "runbook": runbook,
        "composite_alarms": {"both": {"alarm_rule": "FALSE"}},
        "tags": {"team": team},
        "title": f"Checkout fails: {team}",
    }
    return config


@pytest.mark.usefixtures("pages_documents")
def test_the_policy_is_enough_and_none_of_its_statements_can_go(
    tmp_path, stack_environment, local_aws, as_deployer, monkeypatch
):
    """Up, refresh, update, import and destroy of everything, and what each statement was for.

    Whatever the run took is known from the log of requests: without any one statement, some of it
    would have been denied.
    """
    iam = local_aws.client("iam")
    iam.create_policy(PolicyName="read", PolicyDocument=rights.as_text(allow("s3:GetObject")))
    rights.role(iam, "response-steps", SYSTEMS_MANAGER)
    rights.role(iam, "AWS-SystemsManager-AutomationExecutionRole", OUR_ACCOUNT)
    incidents = local_aws.client("ssm-incidents")
    for replication in incidents.list_replication_sets()["replicationSetArns"]:
        incidents.delete_replication_set(arn=replication)
    policy = permissions.policy(ACCOUNT)
    mine = as_deployer(stack_environment, policy)
    program = Program(tmp_path / "program", mine, PROGRAM)
    program.configure(**everything("one"))
    plan = program.up()["plan_arn"]
    program.configure(**everything("two"))
    program.run("up", "--yes", "--skip-preview", "--refresh")
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "imported").mkdir()
    [home] = local_aws.client("ssm-incidents").list_replication_sets()["replicationSetArns"]
    assert import_file.main([plan, home, "--output", str(tmp_path / "imported")]) == 0
    program.destroy()
    assert local_aws.denials() == []

    taken = {
        (need["action"], need["resource"], tuple(need["context"].items()))
        for request in local_aws.requests(None)
        for need in request["needs"]
    }
    requests = [
        Request(USER, action, resource, {key: [value] for key, value in context})
        for action, resource, context in taken
    ]
    assert {denied.action for denied in unmet(policy["Statement"], requests)} == set()
    for statement in policy["Statement"]:
        others = [other for other in policy["Statement"] if other is not statement]
        denied = unmet(others, requests)
        assert denied, f"{statement['Sid']} is not needed"
        assert {request.action for request in denied} <= set(statement["Action"])


def unmet(statements, requests):
    """Return what statements do not allow."""
    return [
        request
        for request in requests
        if verdict([{"Statement": statements}], request).effect is not Effect.ALLOW
    ]


@pytest.mark.usefixtures("pages_documents")
def test_a_right_that_is_missing_ends_the_run_in_a_sentence(
    tmp_path, stack_environment, as_deployer
):
    """The action and what it is about are told, and the next run has what the first one lacked."""
    policy = permissions.policy(ACCOUNT)
    policy["Statement"] = [
        each for each in policy["Statement"] if each["Sid"] != "IncidentManagerEngages"
    ]
    mine = as_deployer(stack_environment, policy)
    program = Program(tmp_path / "program", mine, PROGRAM)
    program.configure(**without_keys(configuration()))
    with pytest.raises(EngineError) as failed:
        program.run("up", "--yes", "--skip-preview")
    assert "ssm-incidents:StartIncident on" in str(failed.value)
    assert "not authorized to perform: ssm-contacts:StartEngagement" in str(failed.value)


@pytest.mark.usefixtures("pages_documents")
def test_whoever_may_not_read_documents_takes_them_as_they_are_named(
    tmp_path, stack_environment, local_aws, as_deployer
):
    """A preview says which right is missing, and asks for nothing with `skip_look_up`."""
    policy = permissions.policy(ACCOUNT)
    policy["Statement"] = [
        each for each in policy["Statement"] if each["Sid"] != "DocumentsAreLookedUp"
    ]
    mine = as_deployer(stack_environment, policy)
    program = Program(tmp_path / "program", mine, PROGRAM)
    program.configure(**without_keys(configuration()))
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    assert "document_name could not be looked up: see to that, or set" in str(failed.value)
    assert "not authorized to perform: ssm:GetDocument on" in str(failed.value)
    program.configure(**without_keys(configuration()), skip_look_up=True)
    local_aws.forget()
    program.preview()
    assert "GetDocument" not in [each["operation"] for each in local_aws.requests(None)]
