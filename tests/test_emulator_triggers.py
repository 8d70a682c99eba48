"""The three ways an incident begins in the local AWS, and what people hear of it.

Real: the server process, HTTP on 127.0.0.1, boto3, and moto's SNS, SQS, CloudWatch and EventBridge
behind it. No runbook runs and no contact is paged. Nothing is patched but, in
one test, how long a subscriber has to answer.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError

from pulumi_incidents.emulator.testing import LocalAws
from pulumi_incidents.stacks import _policies
from tests import rights
from tests.calls import items_of
from tests.conftest import ROOT

ACCOUNT = "123456789012"
TRIGGER, START, UPDATE = (
    "SSM Incident Trigger",
    "SSM Incident Start",
    "SSM Incident Record Update",
)
RUNBOOK = "SSM Automation Execution Start for Incident"
UNHEARD = "SSM Incident Notification Failure"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/events"
MISSING_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:missing"
MISSING_PLAN = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/missing"
EVENT = {"Source": "com.example.orders", "DetailType": "Order lost", "Detail": '{"order": "höch"}'}


class Aws:
    """Everything a team needs for an incident that begins by itself, made with boto3."""

    def __init__(self, local_aws):
        services = ("ssm-incidents", "sns", "sqs", "cloudwatch", "events", "iam", "ssm")
        self.clients = [local_aws.client(service) for service in services]
        self.incidents, self.sns, self.sqs, self.alarms, self.events, self.iam, self.ssm = (
            self.clients
        )

    def topic(self, name="topic"):
        """Create a topic with a queue that gets what is published to it; return both."""
        topic = rights.topic(self.sns, name)
        queue = self.queue(name)
        self.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        )
        return topic, queue

    def queue(self, name):
        """Create a queue."""
        return self.sqs.create_queue(QueueName=name)["QueueUrl"]

    def plan(self, *topics, name="plan", template=(), **members):
        """Create a plan that notifies these topics."""
        targets = [{"snsTopicArn": topic} for topic in topics]
        template = {
            "title": "Down",
            "impact": 2,
            "notificationTargets": targets,
            **dict(template),
        }
        return self.incidents.create_response_plan(name=name, incidentTemplate=template, **members)[
            "arn"
        ]

    def start(self, plan, **members):
        """Start an incident by hand."""
        return self.incidents.start_incident(responsePlanArn=plan, **members)["incidentRecordArn"]

    def alarm(self, *actions, name="high", **members):
        """Create an alarm on a metric, and return its ARN."""
        self.alarms.put_metric_alarm(
            AlarmName=name,
            Namespace="Orders",
            MetricName="Lost",
            Dimensions=[{"Name": "Shop", "Value": "north"}],
            Statistic="Sum",
            Period=60,
            Threshold=1,
            EvaluationPeriods=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=actions,
            **members,
        )
        return f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}"

    def ring(self, state="ALARM", name="high"):
        """Put an alarm into a state."""
        self.alarms.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    def rule(self, *targets, name="rule", source="com.example.orders", **pattern):
        """Create a rule for the events of a source with these targets, and return its ARN."""
        with suppress(self.iam.exceptions.EntityAlreadyExistsException):
            trust, any_plan = (
                _policies.event_trust("aws", ACCOUNT),
                MISSING_PLAN.replace("missing", "*"),
            )
            rights.role(self.iam, "events", trust, _policies.event_permissions(any_plan))
        pattern = {"source": [source], **pattern}
        arn = self.events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
        entries = [
            {"Id": str(i), "Arn": target, "RoleArn": ROLE} for i, target in enumerate(targets)
        ]
        self.events.put_targets(Rule=name, Targets=entries)
        return arn

    def put(self, **members):
        """Put one event on the default bus."""
        answer = self.events.put_events(Entries=[{**EVENT, **members}])
        assert answer["FailedEntryCount"] == 0

    def started(self):
        """Return the ARNs of all incidents, oldest first."""
        summaries = self.incidents.list_incident_records()["incidentRecordSummaries"]
        return [summary["arn"] for summary in summaries]

    def record(self, arn):
        """Get an incident."""
        return self.incidents.get_incident_record(arn=arn)["incidentRecord"]

    def items(self, arn):
        """Return the related items of an incident, without their generated ids and its OpsItem."""
        items = items_of(self.incidents, arn)
        for item in items:
            del item["generatedId"]
        return items

    def noted(self, arn, kind):
        """Return the data of the events of a type on the timeline of an incident, oldest first."""
        condition = {"equals": {"stringValues": [kind]}}
        summaries = self.incidents.list_timeline_events(
            incidentRecordArn=arn,
            sortOrder="ASCENDING",
            filters=[{"key": "eventType", "condition": condition}],
        )["eventSummaries"]
        events = (
            self.incidents.get_timeline_event(incidentRecordArn=arn, eventId=summary["eventId"])
            for summary in summaries
        )
        return [json.loads(event["event"]["eventData"]) for event in events]

    def received(self, queue):
        """Take all bodies from a queue, oldest first."""
        bodies = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            if not answer.get("Messages"):
                return bodies
            for message in answer["Messages"]:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def heard(self, queue):
        """Take all messages from a queue of a topic, oldest first."""
        return [json.loads(body["Message"]) for body in self.received(queue)]

    def close(self):
        """Close the clients."""
        for client in self.clients:
            client.close()


@pytest.fixture(scope="module")
def aws(local_aws):
    """Give the clients of a local AWS that every test finds empty."""
    made = Aws(local_aws)
    yield made
    made.close()


@pytest.fixture
def heard(aws):
    """Create a topic whose messages `heard` returns, with a plan that notifies it."""
    topic, queue = aws.topic()
    aws.plan(topic)
    return lambda: aws.heard(queue)


PLAN = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/plan"


# What people hear


def test_a_start_is_heard_on_the_topics_of_the_plan(aws, heard):
    """A subscriber reads what began, how bad it is and where to look."""
    before = datetime.now(timezone.utc).replace(microsecond=0)
    arn = aws.start(PLAN, title="Orders are lost")
    [message] = heard()
    assert datetime.fromisoformat(message.pop("time").replace("Z", "+00:00")) >= before
    assert message.pop("id")
    assert message == {
        "version": "0",
        "detail-type": START,
        "source": "aws.ssm-incidents",
        "account": ACCOUNT,
        "region": "us-east-1",
        "resources": [arn],
        "detail": {
            "incidentTitle": "Orders are lost",
            "contactsEngage": [],
            "incidentRecordArn": arn,
            "status": "OPEN",
            "impact": 2,
        },
    }


def test_targets_and_chat_channel_hear_the_same_once(aws):
    """Every topic gets one message, also the one that is both."""
    (target, one), (chat, two), (both, three) = (aws.topic(name) for name in ("t", "c", "b"))
    plan = aws.plan(target, both, chatChannel={"chatbotSns": [chat, both]})
    arn = aws.start(plan)
    for queue in (one, two, three):
        assert [message["resources"] for message in aws.heard(queue)] == [[arn]]


def test_changes_of_status_title_and_impact_are_heard(aws, heard):
    """Each update that changes one of them is a message; other updates and no change are none."""
    arn = aws.start(PLAN)
    for change in (
        {"title": "Up"},
        {"impact": 3, "summary": "s"},
        {"summary": "other"},
        {"title": "Up"},
        {"status": "RESOLVED"},
        {"status": "OPEN"},
    ):
        aws.incidents.update_incident_record(arn=arn, **change)
    _, *messages = heard()
    assert [message["detail-type"] for message in messages] == [UPDATE] * 4
    details = [message["detail"] for message in messages]
    names = [[each["attributeName"] for each in d["modifiedAttributes"]] for d in details]
    assert names == [["title"], ["impact", "summary"], ["status"], ["status"]]
    assert [(d["incidentTitle"], d["impact"], d["status"]) for d in details] == [
        ("Up", 2, "OPEN"),
        ("Up", 3, "OPEN"),
        ("Up", 3, "RESOLVED"),
        ("Up", 3, "OPEN"),
    ]


def test_a_change_is_heard_on_the_topics_of_the_incident(aws, heard):
    """The record's own targets count, not what the plan says by now."""
    other, queue = aws.topic("other")
    arn = aws.start(PLAN)
    heard()
    targets = [{"snsTopicArn": other}]
    aws.incidents.update_incident_record(arn=arn, notificationTargets=targets, title="Up")
    assert heard() == []
    assert [message["detail"]["incidentTitle"] for message in aws.heard(queue)] == ["Up"]


def test_what_is_not_a_new_incident_is_not_heard(aws):
    """A merged start and a repeated request tell nobody anything."""
    topic, queue = aws.topic()
    plan = aws.plan(topic, template={"dedupeString": "same"})
    arn = aws.start(plan, clientToken="t")
    assert [aws.start(plan, clientToken="t"), aws.start(plan)] == [arn, arn]
    assert len(aws.heard(queue)) == 1


@pytest.mark.parametrize(
    "topic",
    [
        MISSING_TOPIC,
        f"arn:aws:sns:nowhere-1:{ACCOUNT}:topic",
        "arn:aws:s3:::bucket",
        "arn:aws:sns:us-east-1::topic",
    ],
)
def test_a_topic_that_does_not_exist_is_noted(aws, topic):
    """The other topics hear of a change, and the timeline tells of the missing one."""
    known, queue = aws.topic()
    arn = aws.start(aws.plan(known))
    targets = [{"snsTopicArn": topic}, {"snsTopicArn": known}]
    aws.incidents.update_incident_record(arn=arn, status="RESOLVED", notificationTargets=targets)
    assert len(aws.heard(queue)) == 2
    reason = "The topic does not exist."
    assert aws.noted(arn, UNHEARD) == [{"snsTopicArn": topic, "message": UPDATE, "reason": reason}]


def test_a_topic_that_is_gone_when_an_incident_starts_is_noted(aws):
    """The incident starts all the same, and the other topics hear of it."""
    gone, _ = aws.topic("gone")
    known, queue = aws.topic()
    plan = aws.plan(gone, known)
    aws.sns.delete_topic(TopicArn=gone)
    arn = aws.start(plan)
    assert len(aws.heard(queue)) == 1
    assert [event["message"] for event in aws.noted(arn, UNHEARD)] == [START]


def test_a_subscriber_that_fails_stops_nothing(aws):
    """A topic whose queue is gone is nobody's error."""
    topic, queue = aws.topic()
    aws.sqs.delete_queue(QueueUrl=queue)
    arn = aws.start(aws.plan(topic))
    assert aws.record(arn)["status"] == "OPEN"


@contextmanager
def listening(answer):
    """Serve HTTP, call `answer` with each message that SNS posts, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer(json.loads(body["Message"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_subscriber_can_act_on_the_incident_at_once(aws):
    """Incident Manager is free for its calls while it is still being told."""
    topic, queue = aws.topic()

    def resolve(message):
        if message["detail-type"] == START:
            [arn] = message["resources"]
            aws.incidents.update_incident_record(arn=arn, status="RESOLVED")

    with listening(resolve) as url:
        aws.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
        arn = aws.start(aws.plan(topic))
    assert aws.record(arn)["status"] == "RESOLVED"
    assert sorted(message["detail-type"] for message in aws.heard(queue)) == [UPDATE, START]


HASTY = """
import sys
from pulumi_incidents.emulator.__main__ import main
from pulumi_incidents.emulator.ssm_incidents import notifications
notifications._PATIENCE = 0.2
sys.exit(main(["--port", "0", "--replication-set", "us-east-1"]))
"""


def test_a_subscriber_that_never_answers_stops_nothing():
    """It is given up after a while, here after 0.2 seconds, and the incident has started."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        subprocess.Popen([sys.executable, "-c", HASTY], cwd=ROOT, **pipes) as process,
    ):
        try:
            local_aws = LocalAws(process.stdout.readline().strip())
            with closing(Aws(local_aws)) as aws:
                topic, _ = aws.topic()
                url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
                aws.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
                arn = aws.start(aws.plan(topic))
                assert aws.record(arn)["status"] == "OPEN"
            [message] = local_aws.messages(arn)
            assert "timed out" in message["error"]
        finally:
            process.kill()


# Runbooks


def test_a_runbook_is_an_execution_of_the_incident(aws):
    """It is in the record, a related item and on the timeline, with its parameters filled in."""
    strings = {"Mode": {"type": "String"}, "Incident": {"type": "String"}}
    resources = {"Resources": {"type": "StringList"}}
    rights.document(aws.ssm, "Restart", parameters={**strings, **resources})
    runbook = {
        "documentName": "Restart",
        "roleArn": rights.runbook_role(aws.iam, "plan", "Restart"),
        "parameters": {"Mode": ["fast"]},
        "dynamicParameters": {
            "Incident": {"variable": "INCIDENT_RECORD_ARN"},
            "Resources": {"variable": "INVOLVED_RESOURCES"},
        },
    }
    plan = aws.plan(actions=[{"ssmAutomation": runbook}])
    involved = {"identifier": {"type": "INVOLVED_RESOURCE", "value": {"arn": TABLE}}}
    arn = aws.start(plan, relatedItems=[involved])
    [execution] = aws.record(arn)["automationExecutions"]
    execution = execution["ssmExecutionArn"]
    assert execution.startswith(f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/")
    identifier = {"type": "AUTOMATION", "value": {"arn": execution}}
    assert aws.items(arn) == [involved, {"identifier": identifier, "title": "Restart"}]
    assert aws.noted(arn, RUNBOOK) == [
        {
            "automationExecutionArn": execution,
            "ssmDocumentName": "Restart",
            "parameters": {"Mode": ["fast"], "Incident": [arn], "Resources": [TABLE]},
        }
    ]


def test_a_runbook_with_very_many_parameters_is_noted_without_them(aws):
    """The data of the event stays JSON within the limit of its type."""
    names = [f"p{i}" for i in range(50)]
    rights.document(aws.ssm, "Restart", parameters={name: {"type": "String"} for name in names})
    role = rights.runbook_role(aws.iam, "plan", "Restart")
    runbook = {"documentName": "Restart", "roleArn": role}
    runbook["parameters"] = {name: ["x" * 512] for name in names}
    arn = aws.start(aws.plan(actions=[{"ssmAutomation": runbook}]))
    [noted] = aws.noted(arn, RUNBOOK)
    assert noted.keys() == {"automationExecutionArn", "ssmDocumentName"}


# Alarms


def test_an_alarm_starts_an_incident(aws, heard):
    """Its record names the alarm, its item the metric, and the people of the plan hear of it."""
    alarm = aws.alarm(PLAN)
    aws.ring()
    [arn] = aws.started()
    record = aws.record(arn)
    assert (record["title"], record["impact"], record["status"]) == ("Down", 2, "OPEN")
    assert arn.split("/")[1] == "plan"
    service = "ssm-incidents.alarms.cloudwatch.amazonaws.com"
    created_by = record["incidentRecordSource"].pop("createdBy")
    assert created_by.endswith("AWSServiceRoleForCloudWatchAlarms_ActionSSMIncidents")
    assert record["lastModifiedBy"] == created_by
    assert record["incidentRecordSource"] == {
        "source": "aws.cloudwatch",
        "resourceArn": alarm,
        "invokedBy": service,
    }
    [item] = aws.items(arn)
    assert (item["identifier"]["type"], item["title"]) == ("METRIC", "high")
    [metric] = json.loads(item["identifier"]["value"]["metricDefinition"])
    assert metric["metricStat"] == {
        "metric": {"namespace": "Orders", "name": "Lost", "dimensions": {"Shop": "north"}},
        "period": 60,
        "stat": "Sum",
    }
    [message] = heard()
    assert message["detail"]["triggerArn"] == alarm
    assert message["resources"] == [arn]


def test_a_runbook_finds_the_alarm_where_the_tutorial_of_aws_looks(aws, heard):
    """The trigger on the timeline has the event of the alarm as raw data."""
    del heard  # only for its plan
    alarm = aws.alarm(PLAN)
    aws.ring()
    [arn] = aws.started()
    [trigger] = aws.noted(arn, TRIGGER)
    event = json.loads(trigger.pop("rawData"))
    assert trigger == {
        "createdIncident": True,
        "incidentSource": "aws.cloudwatch",
        "triggerArn": alarm,
    }
    assert (event["detail-type"], event["resources"]) == ("CloudWatch Alarm State Change", [alarm])
    assert event["detail"]["alarmName"] == "high"
    assert event["detail"]["state"]["reason"] == "test"
    assert event["detail"]["previousState"] == {"value": "OK"}
    [metric] = event["detail"]["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["dimensions"] == {"Shop": "north"}


def test_an_alarm_of_several_metrics_starts_an_incident(aws, heard):
    """Its item has them all, and the expression."""
    stat = {"Metric": {"Namespace": "Orders", "MetricName": "Lost"}, "Period": 60, "Stat": "Sum"}
    aws.alarms.put_metric_alarm(
        AlarmName="math",
        Metrics=[
            {"Id": "m", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": "m * 2", "ReturnData": True},
        ],
        Threshold=1,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[PLAN],
    )
    aws.ring(name="math")
    [arn] = aws.started()
    [item] = aws.items(arn)
    one, two = json.loads(item["identifier"]["value"]["metricDefinition"])
    assert one["metricStat"]["metric"]["name"] == "Lost"
    assert (two["id"], two["expression"]) == ("e", "m * 2")
    assert (one["returnData"], two["returnData"]) == (False, True)
    assert len(heard()) == 1


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_only_the_state_alarm_starts_an_incident(aws, heard, state):
    """A plan among the alarm actions means nothing to another state."""
    aws.alarm(PLAN)
    aws.ring(state)
    assert (aws.started(), heard()) == ([], [])


def test_an_alarm_whose_actions_are_disabled_starts_nothing(aws, heard):
    """It changes its state, and that is all; neither is another state's action run."""
    aws.alarm(PLAN, ActionsEnabled=False)
    aws.alarm(name="other", OKActions=[PLAN])
    aws.ring()
    aws.ring(name="other")
    states = [alarm["StateValue"] for alarm in aws.alarms.describe_alarms()["MetricAlarms"]]
    assert states == ["ALARM", "ALARM"]
    assert (aws.started(), heard()) == ([], [])


def test_an_alarm_has_one_open_incident(aws, heard):
    """A second alarm is a trigger in the open incident; after its resolution it starts another."""
    aws.alarm(PLAN)
    aws.ring()
    aws.ring("OK")
    aws.ring()
    [first] = aws.started()
    assert [event["createdIncident"] for event in aws.noted(first, TRIGGER)] == [True, False]
    assert len(heard()) == 1
    aws.incidents.update_incident_record(arn=first, status="RESOLVED")
    aws.ring()  # no change of its state, so no action
    assert aws.started() == [first]
    aws.ring("OK")
    aws.ring()
    assert len(aws.started()) == 2


def test_each_alarm_has_its_own_incident(aws, heard):
    """Neither another alarm nor a start by hand for the alarm is the same trigger."""
    alarm = aws.alarm(PLAN)
    aws.alarm(PLAN, name="other")
    details = {"source": "me", "timestamp": datetime.now(timezone.utc), "triggerArn": alarm}
    by_hand = aws.start(PLAN, triggerDetails=details)
    aws.ring()
    aws.ring(name="other")
    assert by_hand in aws.started()
    assert len(aws.started()) == len(heard()) == 3


def test_alarms_of_plans_with_one_dedupe_string_share_an_incident(aws):
    """The plan's own string merges what the alarms would not."""
    topic, queue = aws.topic()
    plan = aws.plan(topic, template={"dedupeString": "same"})
    for name in ("one", "two"):
        aws.alarm(plan, name=name)
        aws.ring(name=name)
    assert len(aws.started()) == len(aws.heard(queue)) == 1


def test_an_alarm_starts_every_plan_that_it_has(aws, heard):
    """What is not a plan, or no longer one, is passed over without an error."""
    topic, queue = aws.topic("second")
    other = aws.plan(topic, name="other")
    regional = PLAN.replace("::", ":us-east-1:", 1)
    aws.alarm(MISSING_PLAN, MISSING_TOPIC, regional, PLAN, other)
    aws.ring()
    assert [arn.split("/")[1] for arn in aws.started()] == ["plan", "other"]
    assert len(heard()) == len(aws.heard(queue)) == 1


def test_an_alarm_that_does_not_exist_is_an_error_of_moto(aws):
    """The bridge does not change what SetAlarmState refuses."""
    with pytest.raises(ClientError) as caught:
        aws.ring(name="missing")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


# Rules


def test_an_event_starts_an_incident(aws, heard):
    """Its record has the event's source and the rule, its trigger the whole event."""
    rule = aws.rule(PLAN)
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    aws.put(Resources=[TABLE, "orders", TABLE], Time=noon)
    [arn] = aws.started()
    assert aws.record(arn)["incidentRecordSource"] == {
        "createdBy": ROLE,
        "invokedBy": "events.amazonaws.com",
        "resourceArn": rule,
        "source": "com.example.orders",
    }
    involved = {"type": "INVOLVED_RESOURCE", "value": {"arn": TABLE}}
    assert aws.items(arn) == [{"identifier": involved}]
    [trigger] = aws.noted(arn, TRIGGER)
    event = json.loads(trigger["rawData"])
    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Order lost",
        "source": "com.example.orders",
        "account": ACCOUNT,
        "time": "2026-03-01T12:00:00Z",
        "region": "us-east-1",
        "resources": [TABLE, "orders", TABLE],
        "detail": {"order": "höch"},
    }
    [message] = heard()
    assert message["detail"]["triggerArn"] == rule


def test_an_event_can_have_any_source_and_size(aws, heard):
    """A source of AWS is one here; what is longer than the API's types is cut."""
    for source in ("aws.example", "x" * 200):
        aws.rule(PLAN, name=f"rule-{source[0]}", source=source)
        aws.put(Source=source, Detail=json.dumps({"text": "y" * 20_000}))
    first, second = aws.started()
    assert aws.record(first)["incidentRecordSource"]["source"] == "aws.example"
    assert aws.record(second)["incidentRecordSource"]["source"] == "x" * 50
    assert len(aws.noted(first, TRIGGER)[0]["rawData"]) == 10_000
    assert len(heard()) == 2


def test_every_target_of_a_rule_gets_the_event(aws, heard):
    """A queue beside plans gets it as before, and a plan that is gone stops nothing."""
    topic, told = aws.topic("second")
    queue = aws.queue("events")
    other = aws.plan(topic, name="other")
    aws.rule(MISSING_PLAN, PLAN, f"arn:aws:sqs:us-east-1:{ACCOUNT}:events", other)
    aws.put()
    [event] = aws.received(queue)
    assert event["detail"] == {"order": "höch"}
    assert [arn.split("/")[1] for arn in aws.started()] == ["plan", "other"]
    assert len(heard()) == len(aws.heard(told)) == 1
    targets = aws.events.list_targets_by_rule(Rule="rule")["Targets"]
    assert len(targets) == 4


def test_a_rule_that_does_not_match_or_is_disabled_starts_nothing(aws, heard):
    """Neither does a rule that has only a schedule, nor does a disabled one send to a queue."""
    queue = aws.queue("events")
    aws.rule(PLAN, f"arn:aws:sqs:us-east-1:{ACCOUNT}:events")
    aws.put(Source="com.example.other")
    aws.events.disable_rule(Name="rule")
    aws.put()
    aws.events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    aws.events.put_targets(Rule="hourly", Targets=[{"Id": "0", "Arn": PLAN}])
    aws.put()
    assert (aws.started(), heard(), aws.received(queue)) == ([], [], [])
    aws.events.enable_rule(Name="rule")
    aws.put()
    assert (len(aws.started()), len(heard()), len(aws.received(queue))) == (1, 1, 1)


def test_a_rule_looks_into_arrays_of_objects(aws, heard):
    """The rule for Security Hub's critical findings, of AWS's guide, starts its incident."""
    critical = {"findings": {"Severity": {"Label": ["CRITICAL"]}, "RecordState": ["ACTIVE"]}}
    aws.rule(PLAN, detail=critical, time=[{"prefix": "2026-03-01T"}])

    def put(*findings):
        detail = {"findings": [{"Severity": {"Label": a}, "RecordState": b} for a, b in findings]}
        noon = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
        aws.put(Detail=json.dumps(detail), Time=noon)

    put(("LOW", "ACTIVE"), ("CRITICAL", "ARCHIVED"))
    assert aws.started() == heard() == []
    put(("LOW", "ARCHIVED"), ("CRITICAL", "ACTIVE"))
    assert len(aws.started()) == len(heard()) == 1


def test_a_rule_has_one_open_incident(aws, heard):
    """Its second event is a trigger in the open incident; another rule starts its own."""
    aws.rule(PLAN)
    aws.put()
    aws.put()
    [arn] = aws.started()
    assert [event["createdIncident"] for event in aws.noted(arn, TRIGGER)] == [True, False]
    aws.rule(PLAN, name="second")
    aws.put()
    assert len(aws.started()) == len(heard()) == 2
    aws.incidents.update_incident_record(arn=arn, status="RESOLVED")
    heard()
    aws.put()
    assert len(aws.started()) == 3
    assert len(heard()) == 1


def test_events_at_once_are_one_incident(aws, heard):
    """Of eight threads one starts it, one message tells of it, and nothing is lost."""
    aws.rule(PLAN)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: aws.put(), range(24)))
    [arn] = aws.started()
    created = [event["createdIncident"] for event in aws.noted(arn, TRIGGER)]
    assert sorted(created) == [False] * 23 + [True]
    assert len(heard()) == 1


def test_a_target_that_moto_does_not_have_still_says_so(aws, heard):
    """The bridge pretends nothing about other targets; the plan beside it has its incident."""
    aws.rule(PLAN, MISSING_TOPIC)
    with pytest.raises(ClientError) as caught:
        aws.put()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert len(aws.started()) == len(heard()) == 1


# All of it


def test_nothing_but_the_requests_of_clients_is_logged(local_aws, aws, heard):
    """What the services do among themselves is no request, and meets no fault."""
    aws.alarm(PLAN)
    local_aws.fail("StartIncident", "ThrottlingException")
    local_aws.forget()
    aws.ring()
    assert local_aws.requests() == []
    assert local_aws.operations("monitoring") == ["SetAlarmState"]
    assert local_aws.operations("sns") == []
    assert local_aws.faults_left() == len(heard()) == 1


def test_a_reset_forgets_what_could_start_an_incident(local_aws, aws, heard):
    """Alarms, rules, topics and incidents are gone, and made again they work again."""
    aws.alarm(PLAN)
    aws.rule(PLAN)
    aws.ring()
    aws.put()
    assert len(aws.started()) == len(heard()) == 2
    local_aws.reset()
    assert aws.started() == []
    aws.put()
    with pytest.raises(ClientError):
        aws.ring()
    topic, queue = aws.topic()
    aws.alarm(aws.plan(topic))
    aws.ring()
    assert len(aws.started()) == len(aws.heard(queue)) == 1
