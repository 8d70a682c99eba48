"""Whoever only reads has the policy of `docs/reader-policy.json` and no other right.

Real: the tool, each command as a process of its own, and the local AWS that minds permissions.
"""

from __future__ import annotations

import json

import pytest

from tests import commanded, rights
from tests.conftest import ROOT
from tools import permissions, reads
from tools.common import ToolError

SEED = ROOT / "examples/on_call/team.json"
AT = ("--at", "2026-12-07T03:00Z")
WHO = ("who", "checkout", *AT)
ROTA = ("rota", "on-call", "--from", "2026-12-07", "--compare")


@pytest.fixture
def reader(local_aws):
    """Return what makes the environment of somebody with a policy, where a team is on call."""
    local_aws.seed(SEED)

    def become(policy):
        iam = local_aws.client("iam")
        iam.create_user(UserName="reader")
        text = rights.as_text(policy)
        iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=text)
        keys = iam.create_access_key(UserName="reader")["AccessKey"]
        local_aws.forget()
        local_aws.permissions("enforce")
        return {
            **local_aws.environment,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "PYTHONPATH": str(ROOT),
        }

    return become


def test_the_policy_is_up_to_date():
    """What the commands ask now is what the file allows."""
    assert json.loads(reads.FILE.read_text()) == reads.policy()


@pytest.mark.parametrize(
    "command", [WHO, ROTA, ("doctor", "--all", "--json")], ids=lambda each: each[0]
)
def test_each_command_needs_no_other_right(reader, local_aws, command):
    """Nothing is denied, nothing is unseen for want of a right, and nothing is written."""
    done = commanded.run(reader(reads.policy()), *command)
    assert done.stdout
    assert "AccessDenied" not in done.stdout + done.stderr
    asked = local_aws.requests(None)
    assert asked
    assert [each for each in asked if each["mutating"] or each["status"] == 403] == []
    assert local_aws.denials() == []


def test_who_and_rota_ask_for_all_that_their_statement_allows(reader, local_aws):
    """No right is in it that nothing uses."""
    environment = reader(reads.policy())
    for command in (WHO, ROTA, ("who", "contact/ana")):
        assert commanded.run(environment, *command).returncode in (0, 1)
    asked = {f"{each['service']}:{each['operation']}" for each in local_aws.requests(None)}
    [allowed] = [
        each["Action"] for each in reads.policy()["Statement"] if each["Sid"] == "WhoAndRota"
    ]
    # Everybody is listed for `doctor --all`, by what the others read people with.
    assert {*allowed} - asked == {"ssm-contacts:ListRotations"}


@pytest.mark.parametrize("lost", ["ssm-contacts:GetRotation", "ssm-incidents:GetResponsePlan"])
def test_a_right_that_is_missing_is_named(reader, lost):
    """As not seen, with the action to allow; and exit code 2."""
    policy = reads.policy()
    for statement in policy["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != lost]
    done = commanded.run(reader(policy), *WHO)
    assert done.returncode == 2
    assert f"Allow {lost} on arn:aws:" in done.stderr


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("account.ask(service, 'GetRole', arn)", "x.py:1 asks a service by no literal name."),
        (
            "account.pages('iam', operation, 'Roles')",
            "x.py asks iam for nothing by a literal name.",
        ),
    ],
)
def test_a_call_that_cannot_be_read_is_refused(source, sentence):
    """It would be missing in the policy."""
    with pytest.raises(ToolError) as told:
        [*reads.actions(source, "x.py")]
    assert str(told.value) == sentence


def test_names_of_constants_are_read():
    """One in a line, or several, and calls that are free need no action."""
    source = (
        "_IAM, _SNS = 'iam', 'sns'\n_ROLE = 'GetRole'\naccount.ask(_IAM, _ROLE, arn)\n"
        "account.pages(_SNS, 'ListTopics', 'Topics', 'x')\naccount.ask('sts', 'GetCallerIdentity')"
    )
    assert {*reads.actions(source, "x.py")} == {"iam:GetRole", "sns:ListTopics"}


def test_the_tool_writes_both_policies(monkeypatch, tmp_path):
    """One command makes all that the documents have."""
    monkeypatch.setattr(permissions, "FILE", tmp_path / "deployer.json")
    monkeypatch.setattr(reads, "FILE", tmp_path / "reader.json")
    assert permissions.main([]) == 0
    assert json.loads((tmp_path / "reader.json").read_text()) == reads.policy()
    assert json.loads((tmp_path / "deployer.json").read_text()) == permissions.policy(
        permissions.PLACEHOLDER
    )
