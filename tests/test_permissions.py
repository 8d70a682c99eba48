"""The policy of whoever deploys. Real: the tool, the provider classes, and calls to the local AWS.

In the last test also the engine and the stand-in of pulumi-aws. The local AWS checks no permission:
what it was asked is compared with the policy here, action by action and ARN by ARN.
"""

from __future__ import annotations

import fnmatch
import json
import subprocess
import sys

import pytest

from pulumi_incidents.providers import import_file
from pulumi_incidents.providers.incident import IncidentProvider
from pulumi_incidents.providers.replication_set import ReplicationSetProvider
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tests.conftest import ROOT
from tests.declarations import full, minimal
from tests.program import Program, configuration
from tools import permissions
from tools.common import ToolError

ACCOUNT = "123456789012"
OWNED = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/response-theirs"

# Where IAM calls a service otherwise than the signature of its requests does.
PREFIXES = {"monitoring": "cloudwatch"}

# What IAM lets everybody call.
FREE = {"sts:GetCallerIdentity"}

TARGETS = ("arn", "resourceArn", "responsePlanArn", "incidentRecordArn")


def actions(statements):
    """Return all actions of some statements."""
    return {action for statement in statements for action in statement["Action"]}


def allowed(statements, action, arn):
    """Tell whether a policy allows an action on an ARN; None is an action without one."""
    return any(
        action in statement["Action"] and fnmatch.fnmatchcase(arn or "*", resource)
        for statement in statements
        for resource in statement["Resource"]
    )


def live_a_plan(local_aws, incidents):
    """Create, read, change, adopt and delete plans, the one with a conflict that names no plan."""
    provider, name = ResponsePlanProvider(), "response-test"
    made = provider.create(full(name))
    arn, outputs = made.id, made.outs
    provider.read(arn, outputs)
    outputs = provider.update(arn, outputs, {**minimal(name), "tags": {"other": "tag"}}).outs
    provider.delete(arn, outputs)
    incidents.create_response_plan(
        name="response-theirs", incidentTemplate={"title": "t", "impact": 1}
    )
    local_aws.fail("CreateResponsePlan", "ConflictException", message="There is one.")
    provider.create({**full("response-theirs"), "adopt_existing": True})


def live_an_incident(plan):
    """Start an incident beside another one, take it over, edit it, read it and resolve it."""
    provider = IncidentProvider()
    context = {"identity": f"acme/urn:pulumi:test::incidents::type::{plan}", "secrets": []}
    item = {"identifier": {"type": "OTHER", "value": {"url": "https://example.com"}}}
    inputs = {"response_plan_arn": plan, "context": context, "title": "one"}
    arn = provider.create(inputs).id
    again = provider.create({**inputs, "related_items": [item], "adopt_existing": True})
    assert again.id == arn
    edited = {**inputs, "title": "two", "impact": 3}
    outputs = provider.update(arn, {**again.outs, "related_items": [item]}, edited).outs
    provider.read(arn, outputs)
    provider.delete(arn, outputs)


def live_a_set(local_aws, incidents):
    """Make a set where there is none, change all of it, read it and let it go."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=arn)
    local_aws.forget()
    provider = ReplicationSetProvider()
    inputs = {"regions": [{"name": "us-east-1"}], "deletion_protected": True, "tags": {"a": "1"}}
    made = provider.create(inputs)
    regions = [*inputs["regions"], {"name": "eu-west-1"}]
    changed = {"regions": regions, "deletion_protected": False, "tags": {"b": "1"}}
    outputs = provider.update(made.id, made.outs, changed).outs
    provider.read(made.id, outputs)
    provider.delete(made.id, outputs)


def test_every_call_of_a_set_a_plan_and_an_incident_is_allowed_and_nothing_else(
    configured, incidents, tmp_path
):
    """The actions of Incident Manager are exactly those that a whole life takes, on its ARNs."""
    live_a_set(configured, incidents)
    live_a_plan(configured, incidents)
    live_an_incident(OWNED)
    assert import_file.main([OWNED, "--output", str(tmp_path)]) == 0
    statements = permissions.policy(ACCOUNT)["Statement"]
    for request in configured.requests():
        sent = request["parameters"]
        arn = next((sent[key] for key in TARGETS if key in sent), None)
        action = f"ssm-incidents:{request['operation']}"
        assert allowed(statements, action, arn), f"{action} on {arn} is not allowed"
    granted = {action for action in actions(statements) if action.startswith("ssm-incidents:")}
    assert granted == {f"ssm-incidents:{operation}" for operation in configured.operations()}


def test_nobody_may_delete_everything_unasked():
    """To destroy a set takes an action that whoever wants it adds on purpose."""
    assert "DeleteReplicationSet" in permissions.operations("ssm-incidents")
    statements = permissions.policy(ACCOUNT)["Statement"]
    assert "ssm-incidents:DeleteReplicationSet" not in actions(statements)


def test_the_file_is_what_the_tool_writes():
    """docs/deployer-policy.json is never edited by hand and never out of date."""
    written = json.loads((ROOT / "docs/deployer-policy.json").read_text())
    assert written == permissions.policy(permissions.PLACEHOLDER)


def test_the_policy_fits_into_a_managed_policy():
    """IAM takes 6144 characters, spaces not counted, each statement id once, letters and digits."""
    policy = permissions.policy(ACCOUNT, "a-component-with-a-long-name")
    assert len("".join(json.dumps(policy).split())) <= 6144
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(set(sids)) == len(sids)
    assert "".join(sids).isalnum()


def test_nothing_is_allowed_everywhere_that_could_be_limited():
    """Only actions for which IAM knows no resource, or whose names are not ours, have a `*`."""
    statements = permissions.policy(ACCOUNT)["Statement"]
    everywhere = [statement for statement in statements if statement["Resource"] == ["*"]]
    assert actions(everywhere) == {
        "kms:CreateKey",
        "sns:GetSubscriptionAttributes",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
        "ssm-contacts:ListContacts",
        "ssm-contacts:ListRotations",
        "ssm-incidents:CreateReplicationSet",
        "ssm-incidents:CreateResponsePlan",
        "ssm-incidents:ListIncidentRecords",
        "ssm-incidents:ListReplicationSets",
        "ssm-incidents:ListResponsePlans",
        "ssm:CreateOpsItem",
    }
    assert not any("*" in action for action in actions(statements))
    others = [arn for statement in statements for arn in statement["Resource"] if arn != "*"]
    of_aws = "arn:aws:ssm:*::document/A"  # which any account may read: AWS… and Amazon…
    assert all(f":{ACCOUNT}:" in arn or arn.startswith(of_aws) for arn in others)


MANAGER, ALARMS = permissions.SERVICE, permissions.ALARMS_SERVICE


@pytest.mark.parametrize(
    ("action", "key", "services"),
    [
        (
            "iam:PassRole",
            "iam:PassedToService",
            {MANAGER, "events.amazonaws.com", "ssm.amazonaws.com"},
        ),
        ("ssm-contacts:StartEngagement", "aws:CalledViaFirst", {MANAGER}),
        ("ssm:CreateOpsItem", "aws:CalledViaFirst", {MANAGER}),
        ("iam:CreateServiceLinkedRole", "iam:AWSServiceName", {MANAGER, ALARMS}),
    ],
)
def test_what_others_do_on_our_behalf_is_bound_to_them(action, key, services):
    """A role is passed, and people are paged, to and by these services alone."""
    statements = permissions.policy(ACCOUNT)["Statement"]
    (found,) = (statement for statement in statements if action in statement["Action"])
    bound = found["Condition"]["StringEquals"][key]
    assert {*([bound] if isinstance(bound, str) else bound)} == services


def test_a_new_operation_gets_into_the_policy_by_being_called(tmp_path, monkeypatch):
    """The list of operations is read from the code, and a name that is no literal is an error."""
    monkeypatch.setattr(permissions, "ROOT", tmp_path)
    source = tmp_path / "pulumi_incidents/providers/replication.py"
    source.parent.mkdir(parents=True)
    source.write_text("INCIDENTS.pages(props, 'ListReplicationSets', 'the account')\n")
    assert permissions.operations("ssm-incidents") == {"ListReplicationSets"}
    source.write_text("O = Operations(create='CreateContact')\nthing.call('TagResource')\n")
    assert permissions.operations("ssm-incidents") == {"TagResource"}
    assert permissions.operations("ssm-contacts") == {"CreateContact", "TagResource"}
    source.write_text("\nINCIDENTS.call(props, operation, 'the account')\n")
    with pytest.raises(ToolError, match=r"replication\.py:2 calls an operation by no literal name"):
        permissions.operations("ssm-incidents")


def test_the_tool_prints_the_policy_for_an_account_and_a_component():
    """Whoever has an account of their own gets a policy with nothing left to replace."""
    command = [sys.executable, "-m", "tools.permissions", "999999999999", "checkout"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == permissions.policy("999999999999", "checkout")
    assert permissions.PLACEHOLDER not in done.stdout


@pytest.mark.parametrize("arguments", [["12345"], ["--help"], ["1" * 12, "a", "b"]])
def test_anything_else_is_told_how_to_call_it(arguments, capsys):
    """No file is written for what is no account."""
    assert permissions.main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: python -m tools.permissions")


def test_every_call_of_the_components_is_allowed(tmp_path, stack_environment, local_aws):
    """The whole program comes up, changes and goes away within the policy, service by service."""
    program = Program.of_this_repository(tmp_path / "program", stack_environment)
    config = configuration()
    encrypted = {
        "encrypted": True,
        "subscribers": [{"protocol": "email", "endpoint": "team@example.com"}],
    }
    response = {**config["incidents:response"], "chat": encrypted}
    response["runbook"] = {**response["runbook"], "share_with": ["210987654321"]}
    program.configure(**{**config, "incidents:response": response})
    program.run("up", "--yes", "--skip-preview")
    retagged = {**response, "tags": {"team": "payments"}}
    program.configure(**{**config, "incidents:response": retagged})
    program.run("up", "--yes", "--skip-preview", "--refresh")
    program.destroy()
    statements = permissions.policy(ACCOUNT)["Statement"]
    services = ("ssm-incidents", "sns", "iam", "ssm", "monitoring", "events", "kms", "sts")
    called = {
        f"{PREFIXES.get(service, service)}:{operation}"
        for service in services
        for operation in local_aws.operations(service)
    }
    assert called - actions(statements) <= FREE
    touched = {action.partition(":")[0] for action in called}
    assert touched == {PREFIXES.get(service, service) for service in services}
