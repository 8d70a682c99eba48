"""The program of this repository, end to end.

Real: the Pulumi engine, its language host and plugin processes, the stand-in of pulumi-aws and the
local AWS. The program runs in a folder of its own, as anybody's would.
"""

from __future__ import annotations

import json
import urllib.parse

import pytest

from pulumi_incidents.providers._ownership import owner
from tests.program import EngineError, Program, configuration


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return the program of this repository as a stack that is not up yet."""
    return Program.of_this_repository(tmp_path / "program", stack_environment)


def owner_of(resource):
    """Return what the owner's tag of a resource in the state says."""
    return owner(resource["inputs"]["context"]["identity"])


def response(**changes):
    """Return the configuration of the local stack with a changed `incidents:response`."""
    config = configuration()
    declared = {**config["incidents:response"], **changes}
    return {
        **config,
        "incidents:response": {key: value for key, value in declared.items() if value is not None},
    }


def test_the_whole_life_of_the_stack(program, local_aws, incidents):
    """Up, again, change, refresh, destroy: AWS shows what is declared, and in the end nothing."""
    sns, iam = local_aws.client("sns"), local_aws.client("iam")
    outputs = program.up()
    plan = incidents.get_response_plan(arn=outputs["plan_arn"])
    assert plan["name"] == outputs["plan_name"] == "response-local"
    assert plan["incidentTemplate"] == {
        "title": "Checkout is failing",
        "impact": 2,
        "summary": "Customers cannot pay. Start with the payment dashboard.",
        "dedupeString": "checkout",
        "notificationTargets": [{"snsTopicArn": outputs["topic_arn"]}],
    }
    assert plan["actions"] == [
        {
            "ssmAutomation": {
                "documentName": "AWSIncidents-CriticalIncidentRunbookTemplate",
                "roleArn": outputs["role_arn"],
                "dynamicParameters": {"incidentRecordArn": {"variable": "INCIDENT_RECORD_ARN"}},
            }
        }
    ]
    owner = {"pulumi-incidents:owner": owner_of(program.state()["response-plan"])}
    tags = incidents.list_tags_for_resource(resourceArn=outputs["plan_arn"])["tags"]
    assert tags == {"service": "checkout", **owner}
    record = incidents.get_incident_record(arn=outputs["incident_arn"])["incidentRecord"]
    assert (record["title"], record["impact"], record["status"]) == ("Drill first-light", 5, "OPEN")

    program.configure(**response(impact=3, summary=None, runbook=None, tags={"team": "payments"}))
    local_aws.forget()
    changed = program.up()
    assert changed["incident_arn"] == outputs["incident_arn"]
    assert "StartIncident" not in local_aws.operations()
    plan = incidents.get_response_plan(arn=outputs["plan_arn"])
    assert plan["incidentTemplate"]["impact"] == 3
    assert plan["incidentTemplate"]["summary"] == ""
    assert plan["actions"] == []
    tags = incidents.list_tags_for_resource(resourceArn=outputs["plan_arn"])["tags"]
    assert tags == {"team": "payments", **owner}

    program.destroy()
    assert program.state() == {}
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=outputs["plan_arn"])
    record = incidents.get_incident_record(arn=outputs["incident_arn"])["incidentRecord"]
    assert record["status"] == "RESOLVED"
    assert sns.list_topics()["Topics"] == []
    assert iam.list_roles()["Roles"] == []


def test_the_policies_are_the_least_that_works(program, local_aws):
    """Topic, trust and permissions at AWS name this account, this plan and this document."""
    outputs = program.up(settled=False)
    topic = outputs["topic_arn"]
    attributes = local_aws.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert json.loads(attributes["Policy"])["Statement"] == [
        {
            "Sid": "IncidentManagerPublishes",
            "Effect": "Allow",
            "Principal": {"Service": "ssm-incidents.amazonaws.com"},
            "Action": "SNS:Publish",
            "Resource": topic,
            "Condition": {"StringEqualsIfExists": {"AWS:SourceAccount": "123456789012"}},
        }
    ]
    iam = local_aws.client("iam")
    name = outputs["role_arn"].rpartition("/")[2]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {
            "aws:SourceArn": (
                "arn:aws:ssm-incidents:*:123456789012:incident-record/response-local/*"
            )
        },
    }
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    if isinstance(document, str):
        document = json.loads(urllib.parse.unquote(document))
    assert document["Statement"] == [
        {
            "Sid": "StartRunbook",
            "Effect": "Allow",
            "Action": "ssm:StartAutomationExecution",
            "Resource": (
                "arn:aws:ssm:*:*:automation-definition/"
                "AWSIncidents-CriticalIncidentRunbookTemplate:*"
            ),
        }
    ]
    program.destroy()


def test_a_drill_is_one_change_of_configuration(program, incidents):
    """Another drill starts another incident and resolves the one before."""
    first = program.up(settled=False)["incident_arn"]
    program.run("config", "set", "drill", "2026-Q4-1")
    assert program.preview()["drill"] in ("replace", "create-replacement")
    second = program.up()["incident_arn"]
    assert first != second
    status = {
        arn: incidents.get_incident_record(arn=arn)["incidentRecord"]["status"]
        for arn in (first, second)
    }
    assert status == {first: "RESOLVED", second: "OPEN"}
    program.destroy()


def test_drift_is_shown_by_a_refresh_and_repaired_by_the_next_up(program, incidents):
    """What was edited behind our back appears in the state, and the program wins."""
    arn = program.up(settled=False)["plan_arn"]
    incidents.update_response_plan(arn=arn, displayName="edited", incidentTemplateImpact=5)
    program.run("refresh", "--yes")
    drifted = program.state()["response-plan"]["inputs"]
    assert (drifted["display_name"], drifted["incident_template"]["impact"]) == ("edited", 5)
    assert program.preview()["response-plan"] == "update"
    program.up()
    plan = incidents.get_response_plan(arn=arn)
    assert (plan["displayName"], plan["incidentTemplate"]["impact"]) == ("", 2)
    program.destroy()


def test_wrong_fields_fail_in_preview_all_at_once_and_nothing_is_called(program, local_aws):
    """Preview names each field with its full path and its limit."""
    program.configure(**response(impact=9, engagements=["nobody"], title="t" * 201))
    local_aws.forget()
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    printed = str(failed.value)
    assert "incident_template.impact must be 1 to 5 (1 critical" in printed
    assert "incident_template.title must be at most 200 characters, not 201" in printed
    assert "engagements[0] must match ^arn:aws" in printed
    assert local_aws.operations() == []


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"response": None}, "Pulumi.local.yaml has no incidents:response."),
        ({"response": {"impact": 2}}, "incidents:response.title in Pulumi.local.yaml: Field req"),
        (
            {"response": {"title": "t", "impact": 2, "runbook": {"document": "D"}}},
            "incidents:response.runbook.document in Pulumi.local.yaml: there is no such key.",
        ),
    ],
)
def test_a_wrong_configuration_names_its_key_and_file(program, config, sentence):
    """A missing or misspelt key is one sentence without a traceback."""
    program.configure(**{key: value for key, value in config.items() if value is not None})
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    assert sentence in str(failed.value)
    assert "Traceback" not in str(failed.value)
    if config["response"] is None:
        assert "title: Checkout is failing" in str(failed.value)
