"""The program of this repository, end to end.

Real: the Pulumi engine, its language host and plugin processes, the stand-in of pulumi-aws and the
local AWS. The program runs in a folder of its own, as anybody's would.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.program import EngineError, Program, configuration


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return the program of this repository as a stack that is not up yet."""
    return Program.of_this_repository(tmp_path / "program", stack_environment)


def owner_of(resource):
    """Return what the owner's tag of a resource in the state says."""
    return resource["outputs"]["owner"]


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
                "documentName": program.of_type("aws:ssm/document:Document")["name"],
                "roleArn": outputs["role_arn"],
                "dynamicParameters": {"Incident": {"variable": "INCIDENT_RECORD_ARN"}},
            }
        }
    ]
    owner = {"pulumi-incidents:owner": owner_of(program.state()["response-plan"])}
    tags = incidents.list_tags_for_resource(resourceArn=outputs["plan_arn"])["tags"]
    assert tags == {"service": "checkout", **owner}
    record = incidents.get_incident_record(arn=outputs["incident_arn"])["incidentRecord"]
    assert (record["title"], record["impact"], record["status"]) == ("Drill first-light", 5, "OPEN")

    minimal = {"chat": None, "runbook": None, "alarms": None, "events": None}
    changes = {"impact": 3, "summary": None, "tags": {"team": "payments"}}
    program.configure(**response(**changes, **minimal))
    local_aws.forget()
    changed = program.up()
    assert changed["incident_arn"] == outputs["incident_arn"]
    assert "StartIncident" not in local_aws.operations()
    plan = incidents.get_response_plan(arn=outputs["plan_arn"])
    assert plan["incidentTemplate"]["impact"] == 3
    assert plan["incidentTemplate"]["summary"] == ""
    assert plan["actions"] == []
    assert plan["chatChannel"] == {"empty": {}}
    # As on AWS, the role with which CloudWatch starts plans stays in the account.
    left = [role for role in iam.list_roles()["Roles"] if role["Path"] == "/"]
    assert left == []
    assert len(sns.list_topics()["Topics"]) == 1
    tags = incidents.list_tags_for_resource(resourceArn=outputs["plan_arn"])["tags"]
    assert tags == {"team": "payments", **owner}

    program.destroy()
    assert program.state() == {}
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=outputs["plan_arn"])
    record = incidents.get_incident_record(arn=outputs["incident_arn"])["incidentRecord"]
    assert record["status"] == "RESOLVED"
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    assert sns.list_topics()["Topics"] == []
    assert local_aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert local_aws.client("events").list_rules()["Rules"] == []


def test_a_kill_can_leave_nothing_half_written_beside_the_state(program):
    """Every file of the backend is replaced as a whole: one of attributes would not be."""
    backend = Path(urlsplit(program.environment["PULUMI_BACKEND_URL"]).path)
    assert [*backend.rglob("local.json")]
    assert not [*backend.rglob("*.attrs")]


def test_a_drill_is_one_change_of_configuration(program, incidents):
    """Another drill starts another incident and resolves the one before."""
    first = program.up(settled=False)["incident_arn"]
    program.run("config", "set", "drill", "2026-Q4-1")
    printed = program.run("preview").replace(" ", "")
    assert "+-pulumi-python:dynamic/ssmincidents:Incident" in printed
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
    assert "IncidentResponse response: impact must be 1 to 5 (1 critical" in printed
    assert "IncidentResponse response: title must be at most 200 characters, not 201" in printed
    assert "response: engagements[0] must be an ARN, such as arn:aws:ssm-contacts:" in printed
    assert local_aws.operations() == []


def test_a_plan_of_somebody_else_is_taken_over_only_if_the_file_says_so(program, incidents):
    """It is refused in one sentence, and with `adopt_existing` brought to what is declared."""
    theirs = {"title": "Theirs", "impact": 5}
    arn = incidents.create_response_plan(name="response-local", incidentTemplate=theirs)["arn"]
    program.configure(**response())
    with pytest.raises(EngineError, match="set adopt_existing=True to take it over"):
        program.run("up", "--yes", "--skip-preview")
    assert incidents.get_response_plan(arn=arn)["incidentTemplate"]["title"] == "Theirs"
    program.run("config", "set", "--path", "incidents:response.adopt_existing", "true")
    assert program.up(settled=False)["plan_arn"] == arn
    plan = incidents.get_response_plan(arn=arn)
    assert plan["incidentTemplate"]["title"] == "Checkout is failing"
    program.run("config", "rm", "--path", "incidents:response.adopt_existing")
    program.settled()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"response": None}, "Pulumi.local.yaml has no incidents:response."),
        ({"response": {"impact": 2}}, "incidents:response.title in Pulumi.local.yaml is required"),
        (
            {"response": {"title": "t", "impact": 2, "runbook": {"document": "D"}}},
            "incidents:response.runbook.document in Pulumi.local.yaml does not exist; did",
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


def test_all_three_ways_to_begin_end_in_an_incident_and_a_message(program, local_aws, incidents):
    """By hand, by an alarm and by an event: the plan gets an incident, and its topic tells."""
    config = response(dedupe_string=None)
    program.configure(**{key: config[key] for key in config if key != "incidents:drill"})
    outputs = program.up(settled=False)
    sqs, sns = local_aws.client("sqs"), local_aws.client("sns")
    queue = sqs.create_queue(QueueName="people")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=outputs["topic_arn"], Protocol="sqs", Endpoint=arn["QueueArn"])

    incidents.start_incident(responsePlanArn=outputs["plan_arn"])
    alarm = outputs["alarm_arns"]["failed-payments"].rpartition(":")[2]
    local_aws.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="ten failed payments"
    )
    event = {"Source": "com.example.deploy", "DetailType": "Deployment failed", "Detail": "{}"}
    local_aws.client("events").put_events(Entries=[event])

    records = incidents.list_incident_records()["incidentRecordSummaries"]
    assert {record["incidentRecordSource"]["source"] for record in records} == {
        "aws.ssm-incidents.custom",
        "aws.cloudwatch",
        "com.example.deploy",
    }
    told = "".join(
        message["Body"]
        for _ in range(3)
        for message in sqs.receive_message(QueueUrl=queue).get("Messages", [])
    )
    assert all(record["arn"] in told for record in records)
    program.destroy()
