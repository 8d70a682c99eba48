"""Executions of runbooks in the local AWS.

Real: the server process, HTTP on 127.0.0.1, boto3 and the control API.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.emulator.testing import LocalAwsError
from tests import rights
from tests.calls import record, refused


@pytest.fixture
def ssm(local_aws):
    """Return a client."""
    client = local_aws.client("ssm")
    yield client
    client.close()


def told(ssm, arn):
    """Return an execution as GetAutomationExecution answers it."""
    answer = ssm.get_automation_execution(AutomationExecutionId=arn.rpartition("/")[2])
    return answer["AutomationExecution"]


def listed(ssm, **filters):
    """Return the documents of all executions, newest first, with these filters."""
    wanted = [{"Key": key, "Values": values} for key, values in filters.items()]
    pages = ssm.get_paginator("describe_automation_executions").paginate(
        **({"Filters": wanted} if wanted else {}), PaginationConfig={"PageSize": 1}
    )
    return [
        each["DocumentName"] for page in pages for each in page["AutomationExecutionMetadataList"]
    ]


def test_the_runbook_of_an_incident_is_an_execution_that_is_a_success(local_aws, incidents, ssm):
    """Systems Manager tells of what the record names, with the role that it ran as."""
    plan, role = rights.plan_with_runbook(local_aws, incidents)
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    (execution,) = record(incidents, arn)["automationExecutions"]
    found = told(ssm, execution["ssmExecutionArn"])
    assert found["AutomationExecutionStatus"] == "Success"
    assert found["ExecutedBy"] == role
    assert found["ExecutionEndTime"] >= found["ExecutionStartTime"]
    assert listed(ssm) == ["Restart-Checkout"]


def test_an_execution_ends_as_a_test_says(local_aws, ssm):
    """With the message of its failure; one that is under way has no end."""
    arn = local_aws.execution("Restart-Checkout", "InProgress")
    assert "ExecutionEndTime" not in told(ssm, arn)
    local_aws.end_execution(arn, "Failed", failure="Step restart timed out.")
    found = told(ssm, arn)
    assert found["AutomationExecutionStatus"] == "Failed"
    assert found["FailureMessage"] == "Step restart timed out."
    assert "ExecutionEndTime" in found


def test_executions_are_listed_newest_first_and_by_document_status_and_time(local_aws, ssm):
    """Page by page, and each filter narrows the list."""
    local_aws.set_clock("2026-03-01T12:00:00Z")
    local_aws.execution("AWS-One", "Failed")
    local_aws.advance(60)
    local_aws.execution("AWS-Two")
    assert listed(ssm) == ["AWS-Two", "AWS-One"]
    assert listed(ssm, DocumentNamePrefix=["AWS-O", "Else"]) == ["AWS-One"]
    assert listed(ssm, ExecutionStatus=["Success"]) == ["AWS-Two"]
    assert listed(ssm, StartTimeAfter=["2026-03-01T12:00:30Z"]) == ["AWS-Two"]
    assert listed(ssm, StartTimeBefore=["2026-03-01T12:00:30Z"]) == ["AWS-One"]


def test_an_execution_is_forgotten_after_30_days(local_aws, ssm):
    """As AWS does, by the clock."""
    arn = local_aws.execution("AWS-One")
    local_aws.advance(30 * 86_400 - 60)
    assert told(ssm, arn)["DocumentName"] == "AWS-One"
    local_aws.advance(120)
    assert listed(ssm) == []
    with refused("AutomationExecutionNotFoundException"):
        told(ssm, arn)


def test_an_execution_that_is_not_there_is_not_found(ssm):
    """With the code of the model."""
    with refused("AutomationExecutionNotFoundException"):
        ssm.get_automation_execution(AutomationExecutionId="4105a4fc-f944-11e6-9d32-0a1b2c3d495h")


def test_executions_are_of_their_region(local_aws, ssm):
    """One of another region is not listed here."""
    local_aws.execution("AWS-One", region="eu-west-1")
    assert listed(ssm) == []
    assert listed(local_aws.client("ssm", region_name="eu-west-1")) == ["AWS-One"]


@pytest.mark.parametrize(
    ("method", "declared", "told"),
    [
        ("POST", {"region": "us-east-1"}, "'documentName'"),
        ("POST", {"documentName": "Restart", "region": "moon-1"}, "no region moon-1"),
        ("POST", {"documentName": "Restart", "region": "us-east-1", "status": "Fine"}, "'status'"),
        ("POST", {"documentName": "Restart", "region": "us-east-1", "now": 1}, "'now'"),
        ("PUT", {"arn": "arn:aws:ssm:us-east-1:123456789012:automation-execution/1"}, "no exec"),
        ("PUT", {"arn": "elsewhere"}, "no execution elsewhere"),
    ],
)
def test_what_is_wrong_with_an_execution_is_a_sentence(local_aws, method, declared, told):
    """The control API refuses it, and says which member or which value it is."""
    with pytest.raises(LocalAwsError, match=told):
        local_aws._control(method, "executions", declared)


def test_a_runbook_that_may_not_start_has_no_execution(local_aws, incidents, ssm):
    """Its record names none, and Systems Manager knows of none."""
    plan, _ = rights.plan_with_runbook(local_aws, incidents)
    local_aws.client("iam").delete_role_policy(RoleName="runbook", PolicyName="policy-0")
    incidents.start_incident(responsePlanArn=plan)
    assert listed(ssm) == []
