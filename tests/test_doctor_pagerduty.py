"""Checks of integrations with PagerDuty: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's Secrets Manager and KMS.
"""

from __future__ import annotations

import json

import pytest

from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from pulumi_incidents.stacks import _policies
from tests import doctored, rights
from tests.calls import create_plan

CHECKS = ("pagerduty-secret", "pagerduty-policy", "pagerduty-key", "pagerduty-replicated")
THERE = "eu-west-1"
VALUE = "sesame"
READABLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ssm-incidents.amazonaws.com"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
    ],
}


class Response:
    """A plan that is integrated with PagerDuty."""

    def __init__(self, local_aws, incidents):
        self.local_aws, self.incidents = local_aws, incidents
        self.secrets, self.kms = local_aws.client("secretsmanager"), local_aws.client("kms")
        self.key_id = self.kms.create_key(Policy=_policies.topic_key("aws", rights.ACCOUNT))[
            "KeyMetadata"
        ]["KeyId"]
        self.make()
        service = {"serviceId": "P1"}
        self.plan = incidents.create_response_plan(
            name="checkout",
            incidentTemplate={"title": "Checkout fails", "impact": 2},
            integrations=[
                {
                    "pagerDutyConfiguration": {
                        "name": "checkout",
                        "secretId": "pagerduty",
                        "pagerDutyIncidentConfiguration": service,
                    }
                }
            ],
        )["arn"]

    def another_plan(self):
        """Let another plan have the same integration, and return its ARN."""
        found = self.incidents.get_response_plan(arn=self.plan)
        given = {each: found[each] for each in ("incidentTemplate", "integrations")}
        return self.incidents.create_response_plan(name="payments", **given)["arn"]

    def make(self):
        """Make the secret."""
        made = self.secrets.create_secret(
            Name="pagerduty", SecretString=VALUE, KmsKeyId=self.key_id
        )
        self.secret = made["ARN"]
        self.let(READABLE)

    def let(self, policy):
        """Give the secret another policy."""
        self.secrets.put_resource_policy(
            SecretId="pagerduty", ResourcePolicy=rights.as_text(policy)
        )

    def results(self, check, **settings):
        """Return what a check finds; nothing of what is in the secret."""
        found = doctored.results(self.local_aws, check, self.plan, **settings)
        assert VALUE not in str(found)
        return found

    def finding(self, check):
        """Return the one thing that a check finds."""
        [found] = doctored.findings(self.local_aws, check, self.plan)
        assert self.plan in (found.subject, *found.plans)
        return found

    def is_fine(self, check):
        """Tell whether a check finds nothing."""
        fine = Fine(self.secret, (self.plan,)) if check == "pagerduty-key" else Fine(self.plan)
        return self.results(check) == [fine]


@pytest.fixture
def response(local_aws, incidents):
    """Return a plan that is integrated with PagerDuty."""
    return Response(local_aws, incidents)


def test_an_integration_that_is_well_wired_is_fine(response):
    """What is in the secret is never read; a plan without an integration has nothing to see."""
    response.local_aws.forget()
    assert all(map(response.is_fine, CHECKS))
    asked = {*response.local_aws.operations("secretsmanager")}
    assert asked == {"DescribeSecret", "GetResourcePolicy"}
    other = create_plan(response.incidents, "payments")
    assert [doctored.results(response.local_aws, check, other) for check in CHECKS] == [[]] * 4


def test_a_secret_that_is_gone_is_found_until_it_is_made_again(response):
    """The other checks have nothing to say of it."""
    response.secrets.delete_secret(SecretId="pagerduty", ForceDeleteWithoutRecovery=True)
    assert response.finding("pagerduty-secret").seen == (
        "The secret pagerduty with the key of PagerDuty does not exist."
    )
    assert [response.results(check) for check in CHECKS[1:]] == [[]] * 3
    response.make()
    assert all(map(response.is_fine, CHECKS))


def test_a_secret_that_is_to_be_deleted_is_found_until_it_is_kept(response):
    """It cannot be read any more, and AWS says so to nobody."""
    response.secrets.delete_secret(SecretId="pagerduty")
    found = response.finding("pagerduty-secret")
    assert "is to be deleted" in found.seen
    assert (
        f"`aws secretsmanager restore-secret --secret-id {response.secret} --region us-east-1`"
        in found.mend
    )
    response.secrets.restore_secret(SecretId="pagerduty")
    assert response.is_fine("pagerduty-secret")


def test_a_secret_that_shuts_incident_manager_out_is_found_until_it_lets_it_in(response):
    """A secret without a policy lets no service in."""
    response.secrets.delete_resource_policy(SecretId="pagerduty")
    found = response.finding("pagerduty-policy")
    assert found.seen == (
        f"The secret {response.secret} with the key of PagerDuty shuts Incident Manager out: "
        "ssm-incidents.amazonaws.com may not secretsmanager:GetSecretValue, because no "
        "resource-based policy allows the secretsmanager:GetSecretValue action."
    )
    response.let(READABLE)
    assert response.is_fine("pagerduty-policy")
    unknown = json.loads(json.dumps(READABLE))
    unknown["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceOrgID": "o-1"}}
    response.let(unknown)
    [unclear] = response.results("pagerduty-policy")
    assert isinstance(unclear, NotSeen)
    assert "aws:sourceorgid" in unclear.why


def test_a_key_that_shuts_incident_manager_out_is_found_until_it_lets_it_in(response):
    """By way of Secrets Manager in this region is enough, as the guide has it."""
    policy = json.loads(_policies.topic_key("aws", rights.ACCOUNT))
    alone = {**policy, "Statement": policy["Statement"][:1]}
    response.kms.put_key_policy(
        KeyId=response.key_id, PolicyName="default", Policy=json.dumps(alone)
    )
    found = response.finding("pagerduty-key")
    assert "shuts Incident Manager out: ssm-incidents.amazonaws.com may not" in found.seen
    policy["Statement"][1]["Condition"] = {
        "StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}
    }
    response.kms.put_key_policy(
        KeyId=response.key_id, PolicyName="default", Policy=json.dumps(policy)
    )
    assert response.is_fine("pagerduty-key")


def test_a_key_that_is_disabled_is_found_until_it_is_enabled(response):
    """Whatever its policy says."""
    response.kms.disable_key(KeyId=response.key_id)
    assert response.finding("pagerduty-key").seen.endswith("of the secret is Disabled.")
    response.kms.enable_key(KeyId=response.key_id)
    assert response.is_fine("pagerduty-key")


def test_a_key_of_a_secret_that_two_plans_share_is_found_once(response):
    """Of one thing there is one finding, with every plan that it matters to."""
    plans = (response.plan, response.another_plan())
    assert doctored.results(response.local_aws, "pagerduty-key", *plans) == [
        Fine(response.secret, plans)
    ]
    response.kms.schedule_key_deletion(KeyId=response.key_id)
    [found] = doctored.findings(response.local_aws, "pagerduty-key", *plans)
    assert found.plans == plans
    assert "cancel-key-deletion" in found.mend


def test_a_secret_with_a_key_of_aws_is_found_until_it_has_one_of_the_account(response):
    """A secret that names no key has AWS's own, which the guide rules out."""
    response.secrets.delete_secret(SecretId="pagerduty", ForceDeleteWithoutRecovery=True)
    response.secrets.create_secret(Name="pagerduty", SecretString=VALUE)
    found = response.finding("pagerduty-key")
    assert "alias/aws/secretsmanager" in found.seen
    assert "is AWS's own" in found.seen
    response.secrets.update_secret(
        SecretId="pagerduty", SecretString=VALUE, KmsKeyId=response.key_id
    )
    assert isinstance(response.results("pagerduty-key")[0], Fine)


def test_a_region_without_the_secret_is_found_until_it_is_replicated(response):
    """An incident that starts there makes none in PagerDuty."""
    assert response.is_fine("pagerduty-replicated")
    [arn] = response.incidents.list_replication_sets()["replicationSetArns"]
    added = {"addRegionAction": {"regionName": THERE}}
    response.incidents.update_replication_set(arn=arn, actions=[added])
    found = response.finding("pagerduty-replicated")
    assert found.seen == (
        f"The secret with the key of PagerDuty is not in {THERE}, where the replication set is."
    )
    assert f"--add-replica-regions Region={THERE},KmsKeyId=KEY`" in found.mend
    response.secrets.replicate_secret_to_regions(
        SecretId="pagerduty", AddReplicaRegions=[{"Region": THERE}]
    )
    assert response.is_fine("pagerduty-replicated")
    there = doctored.results(
        response.local_aws, "pagerduty-replicated", response.plan, region=THERE
    )
    assert there == [Fine(response.plan)], "a replica is looked up where it comes from"


@pytest.mark.parametrize(
    ("action", "checks"),
    [
        ("secretsmanager:DescribeSecret", CHECKS),
        ("secretsmanager:GetResourcePolicy", ["pagerduty-policy"]),
        ("kms:DescribeKey", ["pagerduty-key"]),
        ("kms:GetKeyPolicy", ["pagerduty-key"]),
        ("ssm-incidents:GetReplicationSet", ["pagerduty-replicated"]),
    ],
)
def test_what_may_not_be_read_is_not_fine(response, action, checks):
    """Who may not look is told which permission is missing."""
    denied = doctored.without(response.local_aws, action)
    for check in checks:
        [found] = response.results(check, **denied)
        assert isinstance(found, NotSeen)
        assert action in found.why
