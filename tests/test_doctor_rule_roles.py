"""Checks of the roles of rules: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's EventBridge and IAM's simulator.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from pulumi_incidents.stacks import _policies
from tests import doctored, rights
from tests.calls import create_plan

RULE = "arn:aws:events:us-east-1:123456789012:rule/stopped"
PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/checkout"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/ana"
SIMULATE = "iam:SimulatePrincipalPolicy"


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan that engages somebody."""
    arn = create_plan(incidents, "checkout")
    incidents.update_response_plan(arn=arn, engagements=[CONTACT])
    return arn


@pytest.fixture
def iam(local_aws, plan):
    """Return a client of IAM, where a rule may start the plan by its role."""
    client = local_aws.client("iam")
    put(local_aws, plan, rights.event_role(client, plan))
    yield client
    client.close()


def put(local_aws, plan, role=None):
    """Let a rule start a plan by a role."""
    events = local_aws.client("events")
    events.put_rule(Name="stopped", EventPattern='{"source": ["aws.ec2"]}')
    by = {"RoleArn": role} if role else {}
    events.put_targets(Rule="stopped", Targets=[{"Id": "1", "Arn": plan, **by}])
    events.close()


def trust(iam, policy):
    """Give the role of the rule another trust policy."""
    iam.update_assume_role_policy(RoleName="events", PolicyDocument=rights.as_text(policy))


@pytest.mark.usefixtures("iam")
def test_what_an_event_trigger_makes_is_fine(local_aws, plan):
    """Its role trusts EventBridge and may do what a start takes."""
    fine = [Fine(RULE, (plan,))]
    assert doctored.results(local_aws, "rule-trust") == fine
    assert doctored.results(local_aws, "rule-starts") == fine


@pytest.mark.usefixtures("iam")
def test_a_role_is_not_fine_for_a_plan_that_may_not_be_read(local_aws, plan):
    """Whom it has to engage nobody knows; nor, where it is not listed, whether it is there."""
    denied = doctored.without(local_aws, "ssm-incidents:GetResponsePlan")
    for plans in ((), (plan,)):
        [unseen] = doctored.results(local_aws, "rule-starts", *plans, **denied)
        assert isinstance(unseen, NotSeen)
        assert "ssm-incidents:GetResponsePlan" in unseen.why
    assert doctored.results(local_aws, "rule-plan", **denied) == [Fine(RULE, (plan,))]
    [unseen] = doctored.results(local_aws, "rule-plan", plan, **denied)
    assert isinstance(unseen, NotSeen)


def test_a_target_without_a_role_is_found_until_it_has_one(local_aws, plan):
    """And one whose role is gone, until it is there again."""
    put(local_aws, plan)
    [found] = doctored.findings(local_aws, "rule-trust")
    assert found.seen == f"The rule stopped has no role to start {plan} with."
    assert doctored.results(local_aws, "rule-starts") == []
    gone = f"arn:aws:iam::{rights.ACCOUNT}:role/events"
    put(local_aws, plan, gone)
    [found] = doctored.findings(local_aws, "rule-trust")
    assert found.seen == (
        f"The role {gone}, with which the rule stopped starts {plan}, does not exist."
    )
    rights.event_role(local_aws.client("iam"), plan)
    assert not doctored.findings(local_aws, "rule-trust")


def test_a_role_that_does_not_trust_eventbridge_is_found_until_it_does(local_aws, iam):
    """The service is named that is to be let in; also where it is for other rules alone."""
    trust(iam, _policies.runbook_trust("aws", rights.ACCOUNT, "checkout"))
    [found] = doctored.findings(local_aws, "rule-trust")
    assert "does not trust EventBridge: events.amazonaws.com may not sts:AssumeRole" in found.seen
    trust(iam, _policies.event_trust("aws", "210987654321"))
    assert len(doctored.findings(local_aws, "rule-trust")) == 1
    trust(iam, _policies.event_trust("aws", rights.ACCOUNT))
    assert not doctored.findings(local_aws, "rule-trust")


def test_a_trust_that_depends_on_something_unknown_is_unseen(local_aws, iam):
    """The key of its condition is told."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            }
        ],
    }
    trust(iam, policy)
    [unseen] = doctored.results(local_aws, "rule-trust")
    assert isinstance(unseen, NotSeen)
    assert "aws:principalorgid" in unseen.why


@pytest.mark.parametrize("denied", [[], [SIMULATE]])
@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        ("StartIncident", "may not ssm-incidents:StartIncident on arn:aws:ssm-incidents::"),
        (
            "StartEngagement",
            f"may not ssm-contacts:StartEngagement on {CONTACT} by way of Incident Manager",
        ),
        ("CreateOpsItem", "may not ssm:CreateOpsItem on * by way of Incident Manager"),
    ],
)
def test_a_right_that_lacks_is_found_until_it_is_allowed(local_aws, iam, lacks, told, denied):
    """By IAM's simulator, and by the role's policies where it may not be asked."""
    settings = doctored.without(local_aws, *denied) if denied else {}
    whole = _policies.event_permissions(PLAN)
    rights.grant(iam, "events", whole.replace(lacks, "Nothing"))
    [found] = doctored.findings(local_aws, "rule-starts", **settings)
    assert told in found.seen
    assert found.mend.startswith("Let the role ssm")
    rights.grant(iam, "events", whole)
    assert not doctored.findings(local_aws, "rule-starts", **settings)


@pytest.mark.usefixtures("iam")
@pytest.mark.parametrize(
    ("check", "denied", "told"),
    [
        ("rule-trust", ["iam:GetRole"], "iam:GetRole"),
        ("rule-starts", ["iam:GetRole"], "iam:GetRole"),
        ("rule-starts", [SIMULATE, "iam:GetRolePolicy"], SIMULATE),
        ("rule-trust", ["events:ListRules"], "events:ListRules"),
        ("rule-starts", ["events:ListRules"], "events:ListRules"),
    ],
)
def test_roles_that_may_not_be_looked_at_are_not_called_fine(local_aws, check, denied, told):
    """Each says which right lacks."""
    settings = doctored.without(local_aws, *denied)
    [unseen] = doctored.results(local_aws, check, **settings)
    assert isinstance(unseen, NotSeen)
    assert told in unseen.why
