"""What those who know LocalStack expect: how it says that it is ready, and accounts by keys.

Real: the server process, HTTP on 127.0.0.1, boto3, and moto's services. tests/test_container.py has
the module of Testcontainers that waits for LocalStack.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request

import pytest

from pulumi_incidents import __version__
from tests.calls import create_plan, refused
from tests.conftest import ROOT

OTHER = "111122223333"


def client_of(local_aws, service, key):
    """Return a client whose access key is this one."""
    return local_aws.client(service, aws_access_key_id=key)


def test_a_process_that_serves_says_ready():
    """It is the first line on stderr and of its own; stdout has the address alone."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0", "--end-with-stdin"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        assert process.stderr.readline() == "Ready.\n"
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/_localstack/health") as answer:
            assert answer.status == 200
        out, _ = process.communicate()
        assert (out, process.returncode) == ("", 0)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_is_told_as_localstack_tells_it(local_aws, method):
    """Services by their names, an edition and a version; and it is in no log of requests."""
    local_aws.forget()
    request = urllib.request.Request(f"{local_aws.url}/_localstack/health", method=method)
    with urllib.request.urlopen(request) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        text = answer.read().decode()
    assert local_aws.requests(None) == []
    if method == "HEAD":
        assert text == ""
        return
    found = json.loads(text)
    assert (found["edition"], found["version"]) == ("pulumi-incidents", __version__)
    assert set(found["services"].values()) == {"running"}
    asked_for = {"cloudwatch", "events", "iam", "lambda", "s3", "sns", "sqs", "ssm", "sts"}
    assert {"ssm-incidents", *asked_for} <= found["services"].keys()
    assert '"ssm-incidents": "running"' in text  # what scripts look for


def test_an_access_key_of_12_digits_is_the_account(local_aws):
    """What is made with it is that account's, in Incident Manager and in moto's services."""
    ours = client_of(local_aws, "ssm-incidents", OTHER)
    ours.create_replication_set(regions={"us-east-1": {}})
    plan = create_plan(ours, "checkout")
    assert plan == f"arn:aws:ssm-incidents::{OTHER}:response-plan/checkout"
    topic = client_of(local_aws, "sns", OTHER).create_topic(Name="people")["TopicArn"]
    assert topic == f"arn:aws:sns:us-east-1:{OTHER}:people"
    queue = client_of(local_aws, "sqs", OTHER).create_queue(QueueName="people")["QueueUrl"]
    assert queue == f"{local_aws.url}/{OTHER}/people"
    caller = client_of(local_aws, "sts", OTHER).get_caller_identity()
    assert caller["Account"] == OTHER
    assert local_aws.client("sns").list_topics()["Topics"] == []
    assert local_aws.client("ssm-incidents").list_response_plans()["responsePlanSummaries"] == []


def test_what_an_account_does_to_another_service_stays_in_it(local_aws):
    """An alarm of that account starts its plan, by the role that is made there."""
    ours = client_of(local_aws, "ssm-incidents", OTHER)
    ours.create_replication_set(regions={"us-east-1": {}})
    plan = create_plan(ours, "checkout")
    cloudwatch = client_of(local_aws, "cloudwatch", OTHER)
    cloudwatch.put_metric_alarm(
        AlarmName="high",
        Namespace="Shop",
        MetricName="Lost",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[plan],
    )
    cloudwatch.set_alarm_state(AlarmName="high", StateValue="ALARM", StateReason="test")
    [record] = ours.list_incident_records()["incidentRecordSummaries"]
    assert record["arn"].startswith(f"arn:aws:ssm-incidents::{OTHER}:incident-record/checkout/")


@pytest.mark.parametrize("key", ["test", "11112222333", "1111222233334", "111122223333x"])
def test_any_other_key_is_the_account_of_before(local_aws, key):
    """Whatever is not exactly the number of an account."""
    assert client_of(local_aws, "sts", key).get_caller_identity()["Account"] == "123456789012"
    plan = create_plan(client_of(local_aws, "ssm-incidents", key), "checkout")
    assert plan.split(":")[4] == "123456789012"


def test_users_of_an_account_may_do_there_what_they_may(local_aws):
    """The number is a key that IAM does not know, so that the first user of an account is made."""
    local_aws.permissions("enforce")
    iam = client_of(local_aws, "iam", OTHER)
    user = iam.create_user(UserName="oncall")["User"]["Arn"]
    assert user == f"arn:aws:iam::{OTHER}:user/oncall"
    keys = iam.create_access_key(UserName="oncall")["AccessKey"]
    theirs = local_aws.client(
        "ssm-incidents",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    with refused("AccessDeniedException"):
        theirs.list_response_plans()
    [denial] = local_aws.denials()
    assert denial["principal"] == user
