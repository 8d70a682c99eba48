"""A response with all that its wiring may have, on the way up, in an incident and on the way down.

Real: the engine, the stand-in of pulumi-aws and the local AWS.
"""

from __future__ import annotations

import fnmatch

import pytest

from tests.program import Program

RESPONSE = """
import json

import pulumi
import pulumi_aws as aws
from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()
steps = aws.iam.Role(
    "steps",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ssm.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
read = {"Action": ["ssm-incidents:ListTimelineEvents"], "Resource": [steps.arn]}
shop = IncidentResponse(
    "shop",
    {
        "title": "Down",
        "impact": 1,
        "runbook": {
            "content": json.dumps(
                {
                    "schemaVersion": "0.3",
                    "assumeRole": "{{ AutomationAssumeRole }}",
                    "parameters": {"AutomationAssumeRole": {"type": "String"}},
                    "mainSteps": [],
                }
            ),
            "parameters": {"AutomationAssumeRole": [steps.arn]},
            "assume_role_arn": steps.arn,
            "statements": [read],
            "cross_account": True,
            "share_with": config.get_object("share_with"),
        },
        "chat": {"encrypted": True, "other_regions": config.get_object("regions")},
        "drill": {"occurrence": "1", "runbook": True},
    },
)
pulumi.export("plan", shop.plan_arn)
pulumi.export("role", shop.role_arn)
pulumi.export("drill", shop.drill_arn)
pulumi.export("steps", steps.arn)
"""


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return a program with that response."""
    program = Program(tmp_path / "wired", stack_environment, RESPONSE)
    program.configure(share_with=["210987654321"], regions=["eu-west-1"])
    return program


def test_all_of_the_wiring_comes_up_settles_changes_and_goes_away(program, local_aws, incidents):
    """Documents are shared and unshared, and topics come and go in other regions."""
    outputs = program.up()
    ssm = local_aws.client("ssm")
    plan = incidents.get_response_plan(arn=outputs["plan"])
    document = plan["actions"][0]["ssmAutomation"]["documentName"]

    def shared():
        found = ssm.describe_document_permission(Name=document, PermissionType="Share")
        return found["AccountIds"]

    assert shared() == ["210987654321"]
    chat = plan["chatChannel"]["chatbotSns"]
    assert sorted(arn.split(":")[3] for arn in chat) == ["eu-west-1", "us-east-1"]
    for arn in chat:
        sns = local_aws.client("sns", region_name=arn.split(":")[3])
        assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["KmsMasterKeyId"]

    program.configure(share_with=["111111111111"], regions=[])
    program.up()
    assert shared() == ["111111111111"]
    plan = incidents.get_response_plan(arn=outputs["plan"])
    assert [arn.split(":")[3] for arn in plan["chatChannel"]["chatbotSns"]] == ["us-east-1"]
    program.destroy()
    assert program.state() == {}


def test_the_roles_of_the_runbook_are_for_the_records_of_their_plans(program, local_aws, incidents):
    """The real one may be taken for real incidents, that of the drill for those of the drill."""
    outputs = program.up(settled=False)
    started = incidents.start_incident(responsePlanArn=outputs["plan"])["incidentRecordArn"]
    plans = {
        plan["name"]: plan["arn"]
        for plan in incidents.list_response_plans()["responsePlanSummaries"]
    }
    drilled = incidents.get_response_plan(arn=plans[outputs["drill"].split("/")[-2]])
    real = incidents.get_response_plan(arn=outputs["plan"])
    records = {started: real, outputs["drill"]: drilled}
    for record, plan in records.items():
        role = plan["actions"][0]["ssmAutomation"]["roleArn"]
        name = role.rpartition("/")[2]
        found = local_aws.client("iam").get_role(RoleName=name)["Role"]
        (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
        pattern = statement["Condition"]["ArnLike"]["aws:SourceArn"].replace(":*:", "::")
        assert [each for each in records if fnmatch.fnmatchcase(each, pattern)] == [record]
    assert real["actions"][0]["ssmAutomation"]["parameters"] == {
        "AutomationAssumeRole": [outputs["steps"]]
    }
    program.destroy()
