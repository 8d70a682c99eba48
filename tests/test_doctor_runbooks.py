"""Checks of runbooks: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's Systems Manager and IAM.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from pulumi_incidents.commands.doctor import looking
from pulumi_incidents.commands.doctor.catalog import BY_NAME
from pulumi_incidents.commands.doctor.checking import _parameters
from pulumi_incidents.commands.doctor.reading import runbooks
from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from pulumi_incidents.stacks import _policies
from tests import doctored, rights

ACCOUNT = rights.ACCOUNT
NAME = "Restart-Checkout"
CHECKS = (
    *("runbook-document", "runbook-parameters", "runbook-trust", "runbook-starts"),
    *("runbook-assumes", "runbook-elsewhere"),
)
WITHOUT = CHECKS[4:]  # nothing to look at, in a runbook that assumes no role and stays here
ASSUMED = f"arn:aws:iam::{ACCOUNT}:role/assumed"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ssm.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/*"}
            },
        }
    ],
}


class Response:
    """A plan with a runbook, as the components make one."""

    def __init__(self, local_aws, incidents):
        self.local_aws, self.incidents = local_aws, incidents
        self.ssm, self.iam = local_aws.client("ssm"), local_aws.client("iam")
        rights.document(self.ssm)
        self.role = rights.runbook_role(self.iam)
        self.plan = incidents.create_response_plan(
            name="checkout",
            incidentTemplate={"title": "Checkout fails", "impact": 2},
            actions=[self.action()],
        )["arn"]

    def action(self, **more):
        """Return the runbook as it is in a plan."""
        return {"ssmAutomation": {"roleArn": self.role, "documentName": NAME, **more}}

    def run(self, **more):
        """Let the plan run something else."""
        self.incidents.update_response_plan(arn=self.plan, actions=[self.action(**more)])

    def written(self, **content):
        """Let the document have this content instead."""
        self.ssm.delete_document(Name=NAME)
        rights.document(self.ssm, **content)

    def trusted(self, policy):
        """Let the role of the runbook have this trust policy."""
        self.iam.update_assume_role_policy(
            RoleName="runbook", PolicyDocument=rights.as_text(policy)
        )

    def allowed(self, **more):
        """Let the role of the runbook have the rights that the components give it."""
        rights.grant(
            self.iam, "runbook", _policies.runbook_permissions("aws", ACCOUNT, NAME, **more)
        )

    def results(self, check, **settings):
        """Return what a check finds."""
        return doctored.results(self.local_aws, check, self.plan, **settings)

    def finding(self, check):
        """Return the one thing that a check finds, which is about the plan."""
        [found] = doctored.findings(self.local_aws, check, self.plan)
        assert found.subject == self.plan
        return found

    def is_fine(self, check):
        """Tell whether a check finds nothing."""
        return self.results(check) == [Fine(self.plan)]


@pytest.fixture
def response(local_aws, incidents):
    """Return a plan with a runbook."""
    return Response(local_aws, incidents)


def test_a_runbook_that_is_well_wired_is_fine(response):
    """It is looked at in three calls; a plan without one is not looked at."""
    account = doctored.account(response.local_aws)
    scope = looking.scope(account, [response.plan], datetime.now(timezone.utc))
    response.local_aws.forget()
    assert [*runbooks.read(account, scope)] == [response.plan]
    asked = response.local_aws.operations(service=None)
    assert asked == ["GetDocument", "GetRole", "SimulatePrincipalPolicy"]
    assert all(response.is_fine(check) for check in CHECKS if check not in WITHOUT)
    assert [response.results(check) for check in WITHOUT] == [[], []]
    response.incidents.update_response_plan(arn=response.plan, actions=[])
    assert [response.results(check) for check in CHECKS] == [[]] * len(CHECKS)


def test_a_document_that_is_gone_is_found_until_it_is_made_again(response):
    """Nobody else says so before the first incident."""
    response.ssm.delete_document(Name=NAME)
    found = response.finding("runbook-document")
    assert found.seen == (
        f"The document {NAME} of the runbook does not exist in us-east-1, or is not shared with "
        f"{ACCOUNT}."
    )
    assert response.results("runbook-parameters") == []
    rights.document(response.ssm)
    assert response.is_fine("runbook-document")


def test_a_version_that_is_not_there_is_found_until_the_plan_has_one_that_is(response):
    """A number, the default and the latest version are versions; one beyond the last is none."""
    response.run(documentVersion="2")
    assert response.finding("runbook-document").seen == (
        f"The document {NAME} of the runbook has no version 2."
    )
    for version in ("1", "$DEFAULT", "$LATEST"):
        response.run(documentVersion=version)
        assert response.is_fine("runbook-document")


def test_a_document_that_is_no_runbook_is_found_until_it_is_one(response):
    """A document that runs commands is there, and Incident Manager does not run it."""
    response.ssm.delete_document(Name=NAME)
    content = json.dumps({"schemaVersion": "2.2", "mainSteps": []})
    response.ssm.create_document(Name=NAME, DocumentType="Command", Content=content)
    assert "is of the type Command" in response.finding("runbook-document").seen
    response.written()
    assert response.is_fine("runbook-document")


def test_a_version_that_is_not_active_is_found(response):
    """The local AWS has none that failed, so that what was read says so."""
    facts = doctored.facts(response.local_aws, response.plan)
    runbook = facts.runbooks[response.plan]
    failed = runbook._replace(document=runbook.document._replace(status="Failed"))
    facts = replace(facts, runbooks={response.plan: failed})
    [found] = BY_NAME["runbook-document"].look(facts)
    assert found.seen == (
        f"The document {NAME} of the runbook is Failed in the version that is to run."
    )


def test_a_document_of_another_account_is_found_until_it_is_shared(response):
    """It is named by its ARN, and its owner shares it."""
    arn = f"arn:aws:ssm:us-east-1:210987654321:document/{NAME}"
    response.run(documentName=arn)
    theirs = rights.owner_of_document(response.local_aws, arn)
    rights.document(theirs)
    assert f"is not shared with {ACCOUNT}" in response.finding("runbook-document").seen
    rights.share(theirs, NAME)
    assert response.is_fine("runbook-document")
    response.allowed()
    assert f"on {arn}, because" in response.finding("runbook-starts").seen
    rights.grant(response.iam, "runbook", _policies.runbook_permissions("aws", ACCOUNT, arn))
    assert response.is_fine("runbook-starts")


def test_a_document_of_aws_that_is_not_here_is_not_fine(response):
    """The local AWS has none of them, so that nobody can say."""
    response.run(documentName="AWS-RestartEC2Instance")
    for check in ("runbook-document", "runbook-parameters", "runbook-assumes"):
        [found] = response.results(check)
        assert isinstance(found, NotSeen)
        assert "a document of AWS's own" in found.why


def test_parameters_that_do_not_fit_are_found_until_they_do(response):
    """All that is wrong is told at once, and no value is repeated."""
    response.written(
        parameters={
            "Incident": {"type": "String"},
            "Resources": {"type": "StringList", "default": []},
            "Mode": {"type": "String", "allowedValues": ["soft", "hard"]},
        }
    )
    response.run(
        parameters={"Mode": ["sesame"], "Extra": ["x"]},
        dynamicParameters={"Resources": {"variable": "INCIDENT_RECORD_ARN"}},
    )
    found = response.finding("runbook-parameters")
    assert found.seen == (
        f"Parameters of the runbook do not fit {NAME}: Extra is no parameter of the document; "
        "Incident is missing, and the document has no default for it; Resources is a StringList, "
        "and INCIDENT_RECORD_ARN is for a String; Mode may be one of soft, hard alone."
    )
    assert "sesame" not in str(found)
    response.run(
        parameters={"Mode": ["soft"]},
        dynamicParameters={
            "Incident": {"variable": "INCIDENT_RECORD_ARN"},
            "Resources": {"variable": "INVOLVED_RESOURCES"},
        },
    )
    assert response.is_fine("runbook-parameters")


@pytest.mark.parametrize(
    ("declared", "values", "mistake"),
    [
        ({"type": "String"}, ["a"], None),
        ({}, ["a"], None),
        ({"type": "String"}, ["a", "b"], "is a String and has 2 values"),
        ({"type": "String"}, [], "is a String and has 0 values"),
        ({"type": "AWS::EC2::Instance::Id"}, ["i-1", "i-2"], "has 2 values"),
        ({"type": "List<AWS::EC2::Instance::Id>"}, ["i-1", "i-2"], None),
        ({"type": "StringList"}, ["a", "b"], None),
        ({"type": "Integer"}, ["-3"], None),
        ({"type": "Integer"}, ["3.5"], "has to be a whole number"),
        ({"type": "Boolean"}, ["True"], None),
        ({"type": "Boolean"}, ["yes"], "has to be true or false"),
        ({"type": "Boolean", "allowedValues": [True]}, ["true"], None),
        ({"type": "Boolean", "allowedValues": [True]}, ["True"], None),
        ({"type": "Boolean", "allowedValues": [True]}, ["False"], "may be one of true alone"),
        ({"type": "StringMap", "minItems": 2}, ['{"a": "b", "c": "d"}'], None),
        ({"type": "Integer", "allowedValues": [1, 2]}, ["2"], None),
        ({"type": "Integer", "allowedValues": [1, 2]}, ["3"], "may be one of 1, 2 alone"),
        ({"allowedPattern": "^i-[0-9]+$"}, ["i-1"], None),
        ({"allowedPattern": "^i-[0-9]+$"}, ["x"], "has to match ^i-[0-9]+$"),
        ({"allowedPattern": "(?>only Java"}, ["x"], None),
        ({"type": "StringList", "minItems": 2}, ["a"], "has to have 2 values at least"),
        ({"type": "StringList", "maxItems": 1}, ["a", "b"], "has to have 1 values at most"),
        ({"minChars": 2, "maxChars": 3}, ["abc"], None),
        ({"maxChars": 3}, ["abcd"], "has to have 3 characters at most"),
        ({"minChars": 2}, ["a"], "has to have 2 characters at least"),
    ],
)
def test_a_value_is_that_of_its_declaration(declared, values, mistake):
    """Types, allowed values, patterns and limits are those of the document."""
    found = [*_parameters.mistakes({"parameters": {"P": values}}, {"P": declared})]
    assert len(found) == (mistake is not None)
    assert (mistake or "") in "".join(found)


def test_a_role_that_is_gone_is_found_until_it_is_made_again(response):
    """Only one check says so."""
    response.iam.delete_role_policy(RoleName="runbook", PolicyName="policy-0")
    response.iam.delete_role(RoleName="runbook")
    assert response.finding("runbook-trust").seen == (
        f"The role {response.role} of the runbook does not exist."
    )
    assert response.results("runbook-starts") == []
    rights.runbook_role(response.iam)
    assert response.is_fine("runbook-trust")


@pytest.mark.parametrize("plan", ["payments", "check"])
def test_a_role_for_another_plan_is_found_until_it_trusts_this_one(response, plan):
    """Incident Manager takes it for incidents of the plan that its trust names."""
    response.trusted(_policies.runbook_trust("aws", ACCOUNT, plan))
    found = response.finding("runbook-trust")
    assert "does not trust Incident Manager: ssm-incidents.amazonaws.com may not" in found.seen
    assert found.mend.endswith(f"arn:aws:ssm-incidents:*:{ACCOUNT}:incident-record/checkout/*.")
    response.trusted(_policies.runbook_trust("aws", ACCOUNT, "checkout"))
    assert response.is_fine("runbook-trust")


def test_a_trust_that_nobody_can_evaluate_is_not_fine(response):
    """A key of which nothing is known is named."""
    policy = json.loads(_policies.runbook_trust("aws", ACCOUNT, "checkout"))
    policy["Statement"][0]["Condition"]["StringEquals"]["aws:SourceOrgID"] = "o-1"
    response.trusted(policy)
    [found] = response.results("runbook-trust")
    assert isinstance(found, NotSeen)
    assert "aws:sourceorgid" in found.why


def test_a_role_that_may_not_start_the_document_is_found_until_it_may(response):
    """What older pages of AWS name is not enough; the mend names both that are needed."""
    document = f"arn:aws:ssm:us-east-1:{ACCOUNT}:document/{NAME}"
    executions = f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/*"
    action = "ssm:StartAutomationExecution"
    older = f"arn:aws:ssm:*:{ACCOUNT}:automation-definition/{NAME}:*"
    rights.grant(response.iam, "runbook", rights.allow(action, older))
    found = response.finding("runbook-starts")
    assert found.seen == (
        f"The role {response.role} may not {action} on {document}, because no policy of it "
        "allows it."
    )
    assert found.mend == f"Let the role {action} on {document} and {executions}."
    rights.grant(response.iam, "runbook", rights.allow(action, document))
    assert "automation-execution/" in response.finding("runbook-starts").seen
    rights.grant(response.iam, "runbook", rights.allow(action, [document, executions]))
    assert response.is_fine("runbook-starts")


def test_without_the_simulator_the_policies_say_the_same(response):
    """Who may read policies and not ask IAM's simulator is told as much."""
    settings = doctored.without(response.local_aws, "iam:SimulatePrincipalPolicy")
    assert response.results("runbook-starts", **settings) == [Fine(response.plan)]
    rights.grant(response.iam, "runbook", rights.allow("s3:*"))
    [found] = response.results("runbook-starts", **settings)
    assert "because no identity-based policy allows the ssm:StartAutomationExecution" in found.seen


@pytest.fixture
def assuming(response):
    """Return a plan whose document assumes a role, by a parameter."""
    rights.role(response.iam, "assumed", TRUST)
    response.written(
        assumeRole="{{ AutomationAssumeRole }}",
        parameters={"AutomationAssumeRole": {"type": "String"}},
    )
    response.run(parameters={"AutomationAssumeRole": [ASSUMED]})
    response.allowed(assume_role_arn=ASSUMED)
    return response


def test_a_role_that_is_passed_and_taken_is_fine(assuming):
    """Whether the document names it, or the plan."""
    assert assuming.is_fine("runbook-assumes")
    assuming.written(assumeRole=ASSUMED)
    assuming.run()
    assert assuming.is_fine("runbook-assumes")
    assuming.written(
        assumeRole="{{Role}}", parameters={"Role": {"type": "String", "default": ASSUMED}}
    )
    assert assuming.is_fine("runbook-assumes")
    # As AWS's own documents have it.
    here = "arn:{{global:AWS_PARTITION}}:iam::{{ global:ACCOUNT_ID }}:role"
    assuming.written(assumeRole=f"{here}/assumed")
    assert assuming.is_fine("runbook-assumes")
    assuming.written(
        assumeRole=f"{here}/{{{{Role}}}}",
        parameters={"Role": {"type": "String", "default": "gone"}},
    )
    assert ":role/gone, which" in assuming.finding("runbook-assumes").seen


def test_a_role_that_may_not_be_passed_is_found_until_it_may(assuming):
    """The role of the runbook hands it to Systems Manager."""
    assuming.allowed()
    found = assuming.finding("runbook-assumes")
    assert found.seen == (
        f"The role {assuming.role} may not iam:PassRole on {ASSUMED}, because no policy of it "
        "allows it."
    )
    assuming.allowed(assume_role_arn=ASSUMED)
    assert assuming.is_fine("runbook-assumes")


def test_an_assumed_role_that_is_gone_or_shut_is_found_until_it_is_there_and_open(assuming):
    """Systems Manager takes it, for an execution."""
    shut = rights.as_text(TRUST).replace("ssm.amazonaws.com", "ec2.amazonaws.com")
    assuming.iam.update_assume_role_policy(RoleName="assumed", PolicyDocument=shut)
    found = assuming.finding("runbook-assumes")
    assert "does not trust Systems Manager: ssm.amazonaws.com may not" in found.seen
    assuming.iam.delete_role(RoleName="assumed")
    assert assuming.finding("runbook-assumes").seen == (
        f"The role {ASSUMED}, which {NAME} assumes, does not exist."
    )
    rights.role(assuming.iam, "assumed", TRUST)
    assert assuming.is_fine("runbook-assumes")


def test_a_runbook_for_impacted_accounts_has_to_get_there(response):
    """Only where it is to run elsewhere, its role needs that of Systems Manager."""
    response.run(targetAccount="IMPACTED_ACCOUNT")
    found = response.finding("runbook-elsewhere")
    assert "may not sts:AssumeRole on arn:aws:iam::" in found.seen
    response.allowed(cross_account=True)
    assert response.is_fine("runbook-elsewhere")


@pytest.mark.parametrize(
    ("actions", "checks"),
    [
        (["ssm:GetDocument"], ["runbook-document", "runbook-parameters", "runbook-assumes"]),
        (["iam:GetRole"], ["runbook-trust", "runbook-starts", "runbook-assumes"]),
        (
            ["iam:SimulatePrincipalPolicy", "iam:ListRolePolicies"],
            ["runbook-starts", "runbook-assumes"],
        ),
    ],
)
def test_what_may_not_be_read_is_not_fine(assuming, actions, checks):
    """Who may not look is told which permission is missing."""
    denied = doctored.without(assuming.local_aws, *actions)
    for check in checks:
        [found] = assuming.results(check, **denied)
        assert isinstance(found, NotSeen)
        assert actions[0] in found.why
