"""What roles may do: IAM's simulator, and where that does not say, their policies.

Real: the reader over HTTP, boto3, the local AWS with its simulator of policies.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands.doctor.reading import roles
from pulumi_incidents.commands.doctor.reading.roles import Refused, Right
from tests import doctored, rights

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
DOCUMENT = f"arn:aws:ssm:us-east-1:{rights.ACCOUNT}:document/Restart"
START = Right("ssm:StartAutomationExecution", DOCUMENT)
PASS = Right(
    "iam:PassRole",
    f"arn:aws:iam::{rights.ACCOUNT}:role/assumed",
    (("iam:PassedToService", "ssm.amazonaws.com"),),
)
TRUST = {"Version": "2012-10-17", "Statement": []}
SIMULATE = "iam:SimulatePrincipalPolicy"


def told(local_aws, arn, *asked, **settings):
    """Return what comes of some rights, START if none is named."""
    found = roles.read(doctored.account(local_aws, **settings), arn, asked or (START,), NOW)
    return [found.rights[right] for right in asked or (START,)]


@pytest.fixture
def iam(local_aws):
    """Look at the local IAM."""
    return local_aws.client("iam")


def test_a_right_is_told_by_one_call(local_aws, iam):
    """Rights of one context are asked about together, and the role's policies are not read."""
    arn = rights.role(iam, "runbook", TRUST, rights.allow(START.action, DOCUMENT))
    other = START._replace(resource=DOCUMENT.replace("Restart", "Stop"))
    local_aws.forget()
    assert told(local_aws, arn, START, other) == [
        None,
        Refused("because no policy of it allows it"),
    ]
    assert local_aws.operations("iam") == ["GetRole", "SimulatePrincipalPolicy"]


def test_a_context_is_part_of_a_right(local_aws, iam):
    """A role that may be passed to one service may not be passed to another."""
    condition = {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}
    arn = rights.role(iam, "runbook", TRUST, rights.allow("iam:PassRole", Condition=condition))
    other = PASS._replace(context=(("iam:PassedToService", "ec2.amazonaws.com"),))
    assert told(local_aws, arn, PASS, other) == [None, Refused("because no policy of it allows it")]


@pytest.mark.parametrize("is_simulated", [True, False])
def test_a_boundary_and_a_deny_are_told(local_aws, iam, is_simulated):
    """What limits a role is said, by IAM's simulator and by the evaluation of its policies."""
    arn = rights.role(iam, "runbook", TRUST, rights.allow("ssm:*"))
    document = json.dumps(rights.allow("s3:*"))
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document)["Policy"]["Arn"]
    managed = iam.create_policy(PolicyName="more", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="runbook", PolicyArn=managed)
    settings = {} if is_simulated else doctored.without(local_aws, SIMULATE)
    assert told(local_aws, arn, **settings) == [None]
    iam.put_role_permissions_boundary(RoleName="runbook", PermissionsBoundary=limit)
    [bound] = told(local_aws, arn, **settings)
    assert "permissions boundary" in bound.why
    iam.delete_role_permissions_boundary(RoleName="runbook")
    deny = rights.allow("ssm:Start*")
    deny["Statement"][0]["Effect"] = "Deny"
    rights.grant(iam, "runbook", deny, "never")
    [denied] = told(local_aws, arn, **settings)
    assert "den" in denied.why


def test_what_the_simulator_was_not_told_is_evaluated_here(local_aws, iam):
    """A key that is known of each session decides; one that nobody knows leaves it open."""
    of_account = {"StringEquals": {"aws:PrincipalAccount": rights.ACCOUNT}}
    arn = rights.role(iam, "runbook", TRUST, rights.allow(START.action, Condition=of_account))
    assert told(local_aws, arn) == [None]
    of_organisation = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    rights.grant(iam, "runbook", rights.allow(START.action, Condition=of_organisation))
    [unseen] = told(local_aws, arn)
    assert isinstance(unseen, Unseen)
    assert "aws:principalorgid" in unseen.why


@pytest.mark.parametrize("is_simulated", [True, False])
def test_a_right_is_used_in_a_region(local_aws, iam, is_simulated):
    """What a role may do in some regions alone is told for the one in which it is to do it."""
    there = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    arn = rights.role(iam, "runbook", TRUST, rights.allow(START.action, Condition=there))
    settings = {} if is_simulated else doctored.without(local_aws, SIMULATE)
    account = doctored.account(local_aws, **settings)
    assert roles.read(account, arn, [START], NOW, "eu-west-1").rights[START] is None
    assert isinstance(roles.read(account, arn, [START], NOW).rights[START], Refused)


def test_what_is_allowed_may_yet_be_denied_by_what_the_simulator_was_not_told(local_aws, iam):
    """A deny that depends on a key is none to the simulator; then the policies are read."""
    arn = rights.role(iam, "runbook", TRUST, rights.allow(START.action))
    for key, value, sees in (
        ("aws:PrincipalAccount", "210987654321", type(None)),
        ("aws:PrincipalAccount", rights.ACCOUNT, Refused),
        ("aws:PrincipalOrgID", "o-1", Unseen),
    ):
        deny = rights.allow("*", Condition={"StringEquals": {key: value}})
        deny["Statement"][0]["Effect"] = "Deny"
        rights.grant(iam, "runbook", deny, "never")
        [found] = told(local_aws, arn)
        assert isinstance(found, sees)


def test_policies_of_the_organisation_are_not_read_here():
    """So what they may deny, by a key that the simulator was not told, nobody knows."""
    result = {
        "EvalActionName": START.action,
        "EvalResourceName": START.resource,
        "EvalDecision": "explicitDeny",
        "MissingContextValues": ["aws:SourceVpc"],
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": False},
    }
    assert isinstance(roles._decided(START, [result]), roles._OfOrganisation)
    mine = {**result, "OrganizationsDecisionDetail": {"AllowedByOrganizations": True}}
    assert type(roles._decided(START, [mine])) is Unseen


def test_a_role_of_another_path_is_another_one(local_aws, iam):
    """AWS takes a role by all of its ARN, and IAM tells one by its name."""
    arn = rights.role(iam, "runbook", TRUST)
    account = doctored.account(local_aws)
    assert roles.read(account, arn, (), NOW) is not None
    assert roles.read(account, arn.replace(":role/", ":role/elsewhere/"), (), NOW) is None


@pytest.mark.parametrize("action", ["ListRolePolicies", "ListAttachedRolePolicies", "GetPolicy"])
def test_who_may_neither_ask_nor_read_is_told_to_ask(local_aws, iam, action):
    """Nobody says fine of a role whose policies were not seen: the simulator's right is named."""
    arn = rights.role(iam, "runbook", TRUST, rights.allow(START.action))
    document = json.dumps(rights.allow("s3:*"))
    managed = iam.create_policy(PolicyName="more", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="runbook", PolicyArn=managed)
    settings = doctored.without(local_aws, SIMULATE, f"iam:{action}")
    [unseen] = told(local_aws, arn, **settings)
    assert isinstance(unseen, Unseen)
    assert SIMULATE in unseen.why


def test_a_result_for_each_resource_is_read_as_well():
    """AWS's pages have both shapes, and one resource says nothing of another."""
    other = START._replace(resource=DOCUMENT.replace("Restart", "Stop"))
    each = [
        {
            "EvalActionName": START.action.lower(),
            "EvalResourceName": right.resource,
            "EvalDecision": decision,
        }
        for right, decision in ((other, "allowed"), (START, "explicitDeny"))
    ]
    assert roles._decided(other, each) is None
    assert roles._decided(START, each) == Refused("because a statement denies it")
    assert isinstance(roles._decided(PASS, each), Unseen)
    organisation = {"AllowedByOrganizations": False}
    each[1] |= {"EvalDecision": "implicitDeny", "OrganizationsDecisionDetail": organisation}
    assert "organisation" in roles._decided(START, each).why


def test_a_role_that_is_not_there_or_elsewhere_is_told(local_aws):
    """A role that is gone does not exist; of another account's nobody here knows."""
    account = doctored.account(local_aws)
    gone = f"arn:aws:iam::{rights.ACCOUNT}:role/gone"
    assert roles.read(account, gone, [START], NOW) is None
    theirs = roles.read(account, gone.replace(rights.ACCOUNT, "210987654321"), [START], NOW)
    assert isinstance(theirs, Unseen)
    assert not isinstance(roles.read(account, "no role", [START], NOW), roles.Role)
