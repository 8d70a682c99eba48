"""The checks of policies, each by a policy that is wrong. Real: AWS's tables and the checks."""

from __future__ import annotations

import pytest

from tests.authorization import is_type
from tests.policy_checks import CHECKS, Policy, findings, left_over, refused

ACCOUNT = "111111111111"
PLAN = f"arn:aws:ssm-incidents:*:{ACCOUNT}:response-plan/checkout"
DOCUMENT = f"arn:aws:ssm:*:{ACCOUNT}:document/Restart"
EXECUTION = f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/response-runbook"
INCIDENTS, EVENTS = "ssm-incidents.amazonaws.com", "events.amazonaws.com"
READ = {"Action": "ssm-incidents:GetResponsePlan", "Resource": PLAN}
TRUST = {
    "Action": "sts:AssumeRole",
    "Principal": {"Service": INCIDENTS},
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
START = {"Action": "ssm:StartAutomationExecution", "Resource": [DOCUMENT, EXECUTION]}
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
PASS = {"Action": "iam:PassRole", "Resource": ROLE}


def planted(*statements, kind="identity"):
    """Return a policy of these statements."""
    given = [{"Sid": "Planted", "Effect": "Allow", **statement} for statement in statements]
    return Policy("planted", "a variant", kind, "aws", given)


def passed_to(service):
    """Return a statement that lets a role be passed to one service."""
    return {**PASS, "Condition": {"StringEquals": {"iam:PassedToService": service}}}


def when(operator, key, value, statement=READ):
    """Return a statement with a condition."""
    return {**statement, "Condition": {operator: {key: value}}}


RIGHT = [
    planted(READ),
    planted(START),
    planted({"Action": "ssm:CreateOpsItem", "Resource": "*"}),
    planted({"Action": "SSM-Incidents:getresponseplan", "Resource": [PLAN]}),
    planted(when("StringEquals", "aws:CalledViaFirst", INCIDENTS)),
    planted(when("StringLike", "aws:ResourceTag/team", "pay*")),
    planted(TRUST, kind="trust"),
    planted(
        passed_to(INCIDENTS),
        {"Action": "ssm-incidents:CreateResponsePlan", "Resource": "*"},
        {"Action": "ssm-incidents:TagResource", "Resource": PLAN},
    ),
]

# A policy that is wrong, and which checks have to find what in it.
WRONG = [
    (planted({**READ, "Effect": "Deny"}), {("statement", "Effect")}),
    (planted({**READ, "NotAction": "*"}), {("statement", "NotAction")}),
    (planted({**TRUST, "Resource": ROLE}, kind="trust"), {("statement", "Resource")}),
    (planted({**READ, "Principal": {"AWS": ROOT}}), {("statement", "Principal")}),
    (
        planted({**READ, "Action": [READ["Action"], "ssm-incidents:FetchResponsePlan"]}),
        {("action", "ssm-incidents:FetchResponsePlan")},
    ),
    (
        planted({**TRUST, "Action": "sts:TakeRole"}, kind="trust"),
        {("action", "sts:TakeRole")},
    ),
    (
        planted({**START, "Resource": EXECUTION}),
        {("required", "ssm:StartAutomationExecution on document")},
    ),
    (
        planted({**START, "Resource": DOCUMENT}),
        {("required", "ssm:StartAutomationExecution on automation-execution")},
    ),
    (
        planted({"Action": "ssm-incidents:ListTagsForResource", "Resource": [DOCUMENT]}),
        {
            ("required", "ssm-incidents:ListTagsForResource"),
            ("resource", f"ssm-incidents:ListTagsForResource on {DOCUMENT}"),
        },
    ),
    (
        planted({"Action": ["ssm:CreateOpsItem", READ["Action"]], "Resource": PLAN}),
        {("required", "ssm:CreateOpsItem")},
    ),
    (
        planted({**START, "Resource": [DOCUMENT, EXECUTION, PLAN]}),
        {("resource", f"ssm:StartAutomationExecution on {PLAN}")},
    ),
    (
        planted(when("ArnLike", "aws:SourceArn", f"{PLAN}s/1/2", TRUST), kind="trust"),
        {("resource", f"aws:SourceArn {PLAN}s/1/2")},
    ),
    (
        planted({"Action": "ssm-incidents:CreateResponsePlan", "Resource": "*"}),
        {
            (
                "dependent",
                "ssm-incidents:CreateResponsePlan without iam:PassRole to ssm-incidents",
            ),
            ("dependent", "ssm-incidents:CreateResponsePlan without ssm-incidents:TagResource"),
        },
    ),
    (
        planted({"Action": "ssm-incidents:StartIncident", "Resource": PLAN}),
        {
            ("dependent", "ssm-incidents:StartIncident without ssm-contacts:StartEngagement"),
            ("dependent", "ssm-incidents:StartIncident without ssm:CreateOpsItem"),
        },
    ),
    (
        planted(
            passed_to(EVENTS),
            {"Action": "ssm:CreateDocument", "Resource": DOCUMENT},
            {"Action": "events:ListRules", "Resource": "*"},
        ),
        {("dependent", "ssm:CreateDocument without iam:PassRole to ssm")},
    ),
    (planted(PASS), {("handed", "iam:PassRole")}),
    (planted(passed_to(EVENTS)), {("handed", "iam:PassRole to events")}),
    (planted(when("StringEqual", "aws:SourceAccount", ACCOUNT)), {("condition", "StringEqual")}),
    (
        planted(when("StringEquals", "aws:SourceAcount", ACCOUNT)),
        {("condition", "ssm-incidents:GetResponsePlan with aws:SourceAcount")},
    ),
    (
        planted(when("StringEquals", "iam:PassedToService", INCIDENTS)),
        {("condition", "ssm-incidents:GetResponsePlan with iam:PassedToService")},
    ),
    (
        planted(when("StringEquals", "aws:SourceAccount", "1*", TRUST), kind="trust"),
        {("condition", "StringEquals 1*")},
    ),
    (
        planted(when("StringEquals", "aws:CalledViaFirst", "incidents.amazonaws.com")),
        {("condition", "aws:CalledViaFirst incidents.amazonaws.com")},
    ),
    (
        planted({**TRUST, "Principal": {"Service": "incidents.amazonaws.com"}}, kind="trust"),
        {("principal", "Service incidents.amazonaws.com")},
    ),
    (
        planted({**TRUST, "Condition": {}}, kind="trust"),
        {("principal", f"Service {INCIDENTS} for any account")},
    ),
    (planted({**TRUST, "Principal": {"AWS": ["*"]}}, kind="trust"), {("principal", "AWS *")}),
    (planted({**TRUST, "Principal": "*"}, kind="trust"), {("principal", "Anybody *")}),
    (planted({**READ, "Resource": "*"}), {("wide", "ssm-incidents:GetResponsePlan on *")}),
    (
        planted({**READ, "Action": "ssm-incidents:GetResponsePl*"}),
        {("wide", "action ssm-incidents:GetResponsePl*")},
    ),
    (
        planted({**READ, "Resource": PLAN.replace(ACCOUNT, "*")}),
        {("wide", "response-plan of any account")},
    ),
    (
        planted({**READ, "Resource": PLAN.replace("checkout", "*")}),
        {("wide", "every response-plan")},
    ),
]


def found_in(policy):
    """Return check and subject of everything that is found."""
    return {(found.check, found.what) for found in findings(policy)}


@pytest.mark.parametrize("policy", RIGHT)
def test_a_policy_that_is_right_passes(policy):
    """The guard refuses nothing that IAM would take."""
    assert found_in(policy) == set()


@pytest.mark.parametrize(("policy", "expected"), WRONG)
def test_a_policy_that_is_wrong_is_found(policy, expected):
    """Each mistake is found by the check for it, and by no other."""
    assert found_in(policy) == expected


def test_every_check_has_a_policy_that_it_finds():
    """A check that cannot fail is none."""
    found = {check for _, expected in WRONG for check, _ in expected}
    assert found == {check.__name__ for check in CHECKS}


def test_a_message_says_where_and_what():
    """It names the function or file, the variant, the statement, the action and the type."""
    (message,) = refused(planted({**START, "Resource": EXECUTION}), set())
    assert message == (
        "planted (a variant), Planted: ssm:StartAutomationExecution on document: "
        "the reference requires this type, and no ARN is of it"
    )


def test_an_exception_is_for_what_may_have_a_reason():
    """What is wide may be right; an action without what it requires never is."""
    wide, short = planted({**READ, "Resource": "*"}), planted({**START, "Resource": EXECUTION})
    assert len(refused(wide, set())) == len(refused(short, set())) == 1
    excused = {found.exception for policy in (wide, short) for found in findings(policy)}
    assert refused(wide, excused) == []
    assert len(refused(short, excused)) == 1
    assert left_over([wide], excused) == {findings(short)[0].exception}


@pytest.mark.parametrize(
    ("arn", "service", "name", "partition", "expected"),
    [
        (PLAN, "ssm-incidents", "response-plan", "aws", True),
        (PLAN, "ssm-incidents", "response-plan", "aws-cn", False),
        (PLAN, "ssm-incidents", "incident-record", "aws", False),
        (PLAN.replace(":*:", ":eu-west-1:"), "ssm-incidents", "response-plan", "aws", False),
        (PLAN.replace(ACCOUNT, ""), "ssm-incidents", "response-plan", "aws", False),
        (PLAN.replace("checkout", ""), "ssm-incidents", "response-plan", "aws", False),
        (PLAN.replace("checkout", "a/b"), "ssm-incidents", "response-plan", "aws", False),
        (DOCUMENT, "ssm", "document", "aws", True),
        (DOCUMENT.replace(ACCOUNT, ""), "ssm", "document", "aws", False),
        ("arn:aws:ssm:*::document/AWS-Restart", "ssm", "document", "aws", True),
        (f"arn:aws:ssm:*:{ACCOUNT}:document/AWS-Restart", "ssm", "document", "aws", False),
        (f"arn:aws:iam::{ACCOUNT}:role/a/path/name", "iam", "role", "aws", True),
        ("*", "iam", "role", "aws", False),
    ],
)
def test_an_arn_is_compared_part_by_part(arn, service, name, partition, expected):
    """An ARN of another partition, region, account or shape allows nothing."""
    assert is_type(arn, service, name, partition) is expected
