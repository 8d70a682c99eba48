"""The policy documents of a response. Pure: what is read is what the functions return."""

from __future__ import annotations

import json

import pytest

from pulumi_incidents.stacks import _policies
from tests.mocked import ACCOUNT, PLAN, statements

ROLE = f"arn:aws:iam::{ACCOUNT}:role/steps"


def rights(document, **more):
    """Return the statements of a runbook's role."""
    return statements(_policies.runbook_permissions("aws", ACCOUNT, document, **more))


@pytest.mark.parametrize(
    ("document", "own"),
    [
        ("Restart-Checkout", f"arn:aws:ssm:*:{ACCOUNT}"),
        ("AWS-RestartEC2Instance", "arn:aws:ssm:*:"),
        ("awsupport-x", "arn:aws:ssm:*:"),
        ("AmazonInspector-Run", "arn:aws:ssm:*:"),
        ("amzn-x", "arn:aws:ssm:*:"),
        (
            "arn:aws:ssm:us-east-1:210987654321:document/Restart-Checkout",
            "arn:aws:ssm:us-east-1:210987654321",
        ),
        ("arn:aws-cn:ssm:cn-north-1::document/AWS-Start", "arn:aws-cn:ssm:cn-north-1:"),
    ],
)
def test_a_runbooks_role_starts_one_document_and_nothing_else(document, own):
    """The document is that of whoever owns it, by name or by ARN, and the executions are ours."""
    name = document.rpartition("/")[2]
    assert rights(document) == [
        {
            "Sid": "StartRunbook",
            "Action": "ssm:StartAutomationExecution",
            "Resource": [
                f"{own}:document/{name}",
                f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/*",
                f"{own}:automation-definition/{name}:*",
            ],
        }
    ]


def test_the_role_of_the_document_is_passed_to_systems_manager_alone():
    """What the document assumes is the one role that may be passed."""
    _, passed = rights("Restart", assume_role_arn=ROLE)
    assert passed == {
        "Sid": "PassTheRoleOfTheDocument",
        "Action": "iam:PassRole",
        "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
    }


def test_statements_are_added_as_they_are():
    """They allow unless they say otherwise, and come after what the runbook needs."""
    read = {"Action": "ssm-incidents:ListTimelineEvents", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    document = json.loads(
        _policies.runbook_permissions("aws", ACCOUNT, "R", statements=[read, deny])
    )
    assert document["Statement"][1:] == [{"Effect": "Allow", **read}, deny]


def test_all_that_a_runbook_may_have_comes_together():
    """One role may start, pass and go to other accounts."""
    found = rights("Restart", assume_role_arn=ROLE, cross_account=True)
    assert [statement["Sid"] for statement in found] == [
        "StartRunbook",
        "PassTheRoleOfTheDocument",
        "RunInTheImpactedAccount",
    ]


def test_a_rules_role_engages_contacts_of_the_account_and_partition_of_the_plan():
    """Both are read from the ARN of the plan."""
    _, engages, _ = statements(_policies.event_permissions(PLAN.replace("arn:aws:", "arn:aws-cn:")))
    assert engages["Resource"] == f"arn:aws-cn:ssm-contacts:*:{ACCOUNT}:contact/*"


def test_a_plan_of_a_mock_is_no_reason_to_fail():
    """Tests with mocks of the engine answer any text for an ARN."""
    start, *_ = statements(_policies.event_permissions("checkout"))
    assert start["Resource"] == "checkout"
