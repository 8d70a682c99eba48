"""Incident Manager's types in CloudFormation templates, and types that are not here.

Real: the server process, HTTP on 127.0.0.1, boto3, and moto's CloudFormation. Nothing is patched.
"""

from __future__ import annotations

import json

import pytest

from tests.calls import refused

NAME = "checkout"
PLAN_ARN = f"arn:aws:ssm-incidents::123456789012:response-plan/{NAME}"
CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/ana"
ROLE = "arn:aws:iam::123456789012:role/runbook"
RUNBOOK = {
    "RoleArn": ROLE,
    "DocumentName": "Restart",
    "TargetAccount": "RESPONSE_PLAN_OWNER_ACCOUNT",
    "Parameters": [{"Key": "Service", "Values": ["shop"]}],
    "DynamicParameters": [{"Key": "Incident", "Value": {"Variable": "INCIDENT_RECORD_ARN"}}],
}
PAGER_DUTY = {
    "Name": "pager",
    "SecretId": "secret",
    "PagerDutyIncidentConfiguration": {"ServiceId": "P1"},
}
FULL = {
    "Name": NAME,
    "DisplayName": "Checkout",
    "Engagements": [CONTACT],
    "Actions": [{"SsmAutomation": RUNBOOK}],
    "Integrations": [{"PagerDutyConfiguration": PAGER_DUTY}],
    "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "tier", "Value": "1"}],
    "IncidentTemplate": {
        "Title": {"Ref": "Title"},
        "Impact": {"Ref": "Impact"},
        "Summary": "Orders are lost.",
        "DedupeString": "checkout",
        "IncidentTags": [{"Key": "from", "Value": "plan"}],
    },
}
LEAST = {"Name": NAME, "IncidentTemplate": {"Title": "Down", "Impact": 2}}
PARAMETERS = {"Title": {"Type": "String"}, "Impact": {"Type": "Number"}}
VALUES = [
    {"ParameterKey": "Title", "ParameterValue": "Checkout fails"},
    {"ParameterKey": "Impact", "ParameterValue": "1"},
]


def template(properties, kind="ResponsePlan", **more):
    """Return a template with one resource of Incident Manager."""
    thing = {"Type": f"AWS::SSMIncidents::{kind}", "Properties": properties}
    return {
        "Parameters": PARAMETERS,
        "Resources": {"Thing": thing, **more},
        "Outputs": {
            "Ref": {"Value": {"Ref": "Thing"}},
            "Arn": {"Value": {"Fn::GetAtt": ["Thing", "Arn"]}},
        },
    }


class Stacks:
    """A stack called `shop`, by boto3."""

    def __init__(self, client):
        self.client = client

    def create(self, declared):
        """Create it and return what became of it."""
        self.client.create_stack(
            StackName="shop", TemplateBody=json.dumps(declared), Parameters=VALUES
        )
        return self.found()

    def update(self, declared):
        """Update it."""
        self.client.update_stack(
            StackName="shop", TemplateBody=json.dumps(declared), Parameters=VALUES
        )
        return self.found()

    def found(self):
        """Return what there is of it."""
        [stack] = self.client.describe_stacks(StackName="shop")["Stacks"]
        return stack


@pytest.fixture
def stacks(local_aws, incidents):
    """Return a stack that is not there yet; everything else is as at a start."""
    del incidents  # only for its reset
    client = local_aws.client("cloudformation")
    yield Stacks(client)
    client.close()


def test_a_plan_of_a_template_lives_as_one_of_the_api(stacks, incidents):
    """Created with every property, updated in place, renamed and deleted with its stack."""
    created = stacks.create(template(FULL))
    assert created["StackStatus"] == "CREATE_COMPLETE"
    assert {each["OutputValue"] for each in created["Outputs"]} == {PLAN_ARN}
    plan = incidents.get_response_plan(arn=PLAN_ARN)
    assert plan["displayName"] == "Checkout"
    assert plan["engagements"] == [CONTACT]
    assert plan["incidentTemplate"] == {
        "title": "Checkout fails",
        "impact": 1,
        "summary": "Orders are lost.",
        "dedupeString": "checkout",
        "incidentTags": {"from": "plan"},
        "notificationTargets": [],
    }
    runbook = plan["actions"][0]["ssmAutomation"]
    assert runbook["parameters"] == {"Service": ["shop"]}
    assert runbook["dynamicParameters"] == {"Incident": {"variable": "INCIDENT_RECORD_ARN"}}
    [pager] = plan["integrations"]
    assert pager["pagerDutyConfiguration"]["pagerDutyIncidentConfiguration"] == {"serviceId": "P1"}
    tags = incidents.list_tags_for_resource(resourceArn=PLAN_ARN)["tags"]
    assert tags == {"team": "shop", "tier": "1"}

    changed = {**LEAST, "Tags": [{"Key": "team", "Value": "pay"}]}
    assert stacks.update(template(changed))["StackStatus"] == "UPDATE_COMPLETE"
    plan = incidents.get_response_plan(arn=PLAN_ARN)
    assert (plan["engagements"], plan["actions"], plan["integrations"]) == ([], [], [])
    assert plan["incidentTemplate"]["summary"] == ""
    assert plan["displayName"] == "Checkout"  # as AWS's published handler leaves it
    assert incidents.list_tags_for_resource(resourceArn=PLAN_ARN)["tags"] == {"team": "pay"}

    stacks.update(template({**LEAST, "Name": "pay"}))
    [found] = incidents.list_response_plans()["responsePlanSummaries"]
    assert found["arn"] == PLAN_ARN.replace(NAME, "pay")
    stacks.client.delete_stack(StackName="shop")
    assert incidents.list_response_plans()["responsePlanSummaries"] == []


def test_a_replication_set_of_a_template_lives_as_one_of_the_api(stacks, incidents):
    """Created where there is none, protected, with other regions later, and deleted."""
    [there] = incidents.list_replication_sets()["replicationSetArns"]
    incidents.delete_replication_set(arn=there)
    regions = [{"RegionName": "us-east-1"}, {"RegionName": "eu-west-1"}]
    made = template({"Regions": regions, "DeletionProtected": "true"}, "ReplicationSet")
    assert stacks.create(made)["StackStatus"] == "CREATE_COMPLETE"
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    found = incidents.get_replication_set(arn=arn)["replicationSet"]
    assert (found["deletionProtected"], sorted(found["regionMap"])) == (
        True,
        ["eu-west-1", "us-east-1"],
    )
    regions = [{"RegionName": "us-east-1"}, {"RegionName": "eu-north-1"}]
    stacks.update(template({"Regions": regions}, "ReplicationSet"))
    found = incidents.get_replication_set(arn=arn)["replicationSet"]
    assert (found["deletionProtected"], sorted(found["regionMap"])) == (
        False,
        ["eu-north-1", "us-east-1"],
    )
    key = {"SseKmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"}
    keyed = [{"RegionName": "us-east-1", "RegionConfiguration": key}]
    with refused("ValidationException") as seen:
        stacks.update(template({"Regions": keyed}, "ReplicationSet"))
    assert "The key of the region us-east-1 cannot be changed" in seen["Error"]["Message"]
    stacks.client.delete_stack(StackName="shop")
    assert incidents.list_replication_sets()["replicationSetArns"] == []


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (template({**LEAST, "Engagement": [CONTACT]}), "engagement"),
        (template({"IncidentTemplate": LEAST["IncidentTemplate"]}), "'name'"),
        (template({**LEAST, "IncidentTemplate": {"Title": "Down", "Impact": 9}}), "impact"),
        (template({"Regions": [{"RegionName": "eu-west-1"}]}, "ReplicationSet"), "one already"),
    ],
)
def test_a_stack_of_which_something_fails_is_rolled_back(stacks, incidents, declared, reason):
    """Nothing of it is left, its status says so, and the event says which resource and why."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "updates"}}
    declared["Resources"] = {"Topic": topic, **declared["Resources"]}
    assert stacks.create(declared)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stacks.client.describe_stack_events(StackName="shop")["StackEvents"]
    reasons = " ".join(event.get("ResourceStatusReason", "") for event in events)
    assert "Thing: " in reasons
    assert reason in reasons
    assert incidents.list_response_plans()["responsePlanSummaries"] == []


@pytest.mark.parametrize("kind", ["AWS::SSMContacts::Contact", "AWS::Chatbot::X", "My::Own::Type"])
def test_a_type_that_is_not_here_is_refused(stacks, incidents, local_aws, kind):
    """By its name, before anything is made; in a new stack, a change set and an update alike."""
    other = {"Other": {"Type": kind, "Properties": {}}}
    metadata = {"Meta": {"Type": "AWS::CDK::Metadata", "Properties": {}}}
    wrong = template(LEAST, **other)
    told = f"Unrecognized resource types: [{kind}]"
    with refused("ValidationError") as seen:
        stacks.create(wrong)
    assert told in seen["Error"]["Message"]
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert stacks.create(template(LEAST, **metadata))["StackStatus"] == "CREATE_COMPLETE"
    with refused("ValidationError") as seen:
        stacks.update(wrong)
    assert told in seen["Error"]["Message"]
    with refused("ValidationError") as seen:
        stacks.client.create_change_set(
            StackName="shop",
            ChangeSetName="more",
            ChangeSetType="UPDATE",
            TemplateBody=json.dumps(wrong),
            Parameters=VALUES,
        )
    assert told in seen["Error"]["Message"]
    assert local_aws.requests("cloudformation")[-1]["error"] == "ValidationError"
