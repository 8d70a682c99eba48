"""Faults on demand in the local AWS.

Real: the server process, HTTP on 127.0.0.1, boto3 and its retries. Nothing is patched.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from pulumi_incidents.emulator.front.faults import read_fault
from pulumi_incidents.emulator.testing import LocalAws

ROOT = Path(__file__).parents[1]
TEMPLATE = {"title": "Down", "impact": 1}
THROTTLED = {"code": "ThrottlingException"}


@pytest.fixture
def faulty(local_aws):
    """Give the local AWS without faults and with an empty log, and heal it afterwards."""
    local_aws.heal()
    local_aws.forget()
    yield local_aws
    local_aws.heal()


def control(server, method="GET", path="faults", content=None, **headers):
    """Send a control request and return its JSON."""
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{server.url}/_local/{path}", body, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
        return json.loads(body) if body else None


def left(server):
    """Return the faults that are still to happen."""
    return control(server)["faults"]


def create(aws, name, **members):
    """Create a plan that has only what is required."""
    return aws.create_response_plan(name=name, incidentTemplate=TEMPLATE, **members)["arn"]


def plan_names(aws):
    """Return the names of all plans."""
    pages = aws.get_paginator("list_response_plans").paginate()
    return [plan["name"] for page in pages for plan in page["responsePlanSummaries"]]


def outcome(call):
    """Return the AWS code or the client's error that a call fails with, or "done"."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError as error:
        return type(error).__name__
    return "done"


@contextmanager
def retrying(server, mode="legacy"):
    """Give a client that retries as AWS's SDK does unless told otherwise."""
    client = boto3.client(
        "ssm-incidents",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": mode}),
    )
    yield client
    client.close()


@contextmanager
def fresh(*options):
    """Run a local AWS of its own, and yield its process and its address."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()


# Errors


@pytest.mark.parametrize(
    ("code", "status", "members"),
    [
        ("AccessDeniedException", 403, {}),
        ("ConflictException", 409, {"resourceType": "RESPONSE_PLAN", "resourceIdentifier": "x"}),
        ("InternalServerException", 500, {}),
        ("ResourceNotFoundException", 404, {"resourceType": "REPLICATION_SET"}),
        ("ServiceQuotaExceededException", 402, {"quotaCode": "L-1", "resourceIdentifier": "x"}),
        ("ThrottlingException", 429, {"serviceCode": "ssm-incidents"}),
        ("ValidationException", 400, {}),
    ],
)
def test_an_error_of_the_model_is_answered_as_the_model_says(
    faulty, incidents, code, status, members
):
    """The code, its status and its members arrive, required ones are filled in, nothing is done."""
    faulty.fail("CreateResponsePlan", code, message="No.", **members)
    with pytest.raises(getattr(incidents.exceptions, code)) as caught:
        create(incidents, "refused")
    answer = caught.value.response
    assert answer["Error"] == {"Code": code, "Message": "No."}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert members.items() <= answer.items()
    shape = incidents.meta.service_model.shape_for(code)
    assert set(shape.required_members) <= answer.keys()
    assert "refused" not in plan_names(incidents)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ExpiredTokenException", 403),
        ("IncompleteSignature", 403),
        ("InvalidSignatureException", 403),
        ("ServiceUnavailable", 503),
        ("ServiceUnavailableException", 503),
        ("UnrecognizedClientException", 403),
        ("UnsupportedOperationException", 400),
    ],
)
def test_errors_that_no_model_lists_can_be_answered_too(faulty, incidents, name, code, status):
    """They have the code and the status that AWS gives them."""
    faulty.fail("*", code, message="No.")
    with pytest.raises(ClientError) as caught:
        create(incidents, name)
    assert caught.value.response["Error"] == {"Code": code, "Message": "No."}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_denied_access_names_the_action(faulty, incidents):
    """Without a message of its own, an error has one like those of AWS."""
    faulty.fail("*", "AccessDeniedException")
    with pytest.raises(ClientError, match=r"not authorized .* ssm-incidents:ListResponsePlans"):
        incidents.list_response_plans()


@pytest.mark.parametrize("seconds", [2.5, -60])
def test_a_conflict_says_when_to_retry(faulty, incidents, name, seconds):
    """`retryAfter` is declared in seconds from the answer and arrives as a time."""
    faulty.fail("CreateResponsePlan", "ConflictException", retryAfter=seconds)
    before = datetime.now(timezone.utc)
    with pytest.raises(incidents.exceptions.ConflictException) as caught:
        create(incidents, name)
    late = caught.value.response["retryAfter"] - before - timedelta(seconds=seconds)
    assert timedelta(milliseconds=-1) <= late < timedelta(seconds=5)


def test_what_is_throttled_is_done_once_when_it_is_retried(faulty, name):
    """The client repeats the request with one clientToken until it passes."""
    faulty.fail("CreateResponsePlan", "ThrottlingException", times=2)
    with retrying(faulty) as aws:
        arn = create(aws, name)
        assert aws.get_response_plan(arn=arn)["name"] == name
    log = [entry for entry in faulty.requests() if entry["operation"] == "CreateResponsePlan"]
    assert [entry["status"] for entry in log] == [429, 429, 201]
    assert [entry["error"] for entry in log] == ["ThrottlingException"] * 2 + [None]
    assert len({entry["parameters"]["clientToken"] for entry in log}) == 1


# Which requests meet a fault


def test_times_are_counted_down(faulty, incidents):
    """A fault happens as often as it was declared, and what is left of it can be read."""
    faulty.fail("ListResponsePlans", "InternalServerException", times=2)
    assert left(faulty) == [
        {
            "operation": "ListResponsePlans",
            "times": 2,
            "error": {"code": "InternalServerException"},
        }
    ]
    assert outcome(incidents.list_response_plans) == "InternalServerException"
    assert left(faulty)[0]["times"] == 1
    assert outcome(incidents.list_response_plans) == "InternalServerException"
    assert left(faulty) == []
    assert outcome(incidents.list_response_plans) == "done"


def test_a_fault_without_number_lasts_until_healed(faulty, incidents):
    """`times` null counts nothing down."""
    faulty.fail("*", "ThrottlingException", times=None)
    for _ in range(5):
        assert outcome(incidents.list_response_plans) == "ThrottlingException"
    assert left(faulty)[0]["times"] is None
    faulty.heal()
    assert left(faulty) == []
    assert outcome(incidents.list_response_plans) == "done"


def test_a_reset_heals(faulty, incidents):
    """A reset local AWS has no faults."""
    faulty.fail("*", "ThrottlingException", times=None)
    control(faulty, "POST", "reset")
    assert left(faulty) == []
    assert outcome(incidents.list_response_plans) == "done"


def test_faults_happen_in_the_order_of_declaration(faulty, incidents):
    """Each request meets the first that is for its operation, and no other."""
    faulty.fail("ListReplicationSets", "AccessDeniedException")
    faulty.fail("*", "ThrottlingException")
    faulty.fail("ListResponsePlans", "InternalServerException")
    met = [outcome(incidents.list_response_plans) for _ in range(3)]
    assert met == ["ThrottlingException", "InternalServerException", "done"]
    assert outcome(incidents.list_replication_sets) == "AccessDeniedException"


def test_only_valid_requests_to_incident_manager_meet_faults(faulty, incidents):
    """A refused request uses up none, and neither do moto's services."""
    faulty.fail("*", "ThrottlingException")
    assert outcome(lambda: create(incidents, "a b")) == "ValidationException"
    sns = faulty.client("sns")
    sns.list_topics()
    sns.close()
    assert left(faulty)[0]["times"] == 1
    assert outcome(incidents.list_response_plans) == "ThrottlingException"


# Lost answers


def test_a_lost_answer_hides_what_was_done(faulty, incidents, name):
    """The client sees a broken connection, the plan is there, and the log knows it was lost."""
    faulty.lose_answer("CreateResponsePlan")
    with pytest.raises(ConnectionClosedError):
        create(incidents, name)
    assert name in plan_names(incidents)
    assert faulty.requests()[0].items() >= {"status": None, "error": None, "lost": True}.items()
    assert not faulty.requests()[1]["lost"]


def test_a_lost_request_is_not_done(faulty, incidents, name):
    """With an error beside it, neither the effect nor an answer happens."""
    fault = {"operation": "CreateResponsePlan", "error": THROTTLED, "lose_answer": True}
    control(faulty, "POST", content=fault)
    with pytest.raises(ConnectionClosedError):
        create(incidents, name)
    assert name not in plan_names(incidents)
    entry = faulty.requests()[0]
    assert (entry["status"], entry["error"]) == (None, "ThrottlingException")


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_lost_answer_is_done_once_when_it_is_retried(faulty, name, mode):
    """There is one plan and one incident, because the retry has the same clientToken."""
    faulty.lose_answer("CreateResponsePlan")
    faulty.lose_answer("StartIncident", times=2)
    with retrying(faulty, mode) as aws:
        plan = create(aws, name)
        incident = aws.start_incident(responsePlanArn=plan)["incidentRecordArn"]
        assert plan_names(aws).count(name) == 1
        pages = aws.get_paginator("list_incident_records").paginate()
        arns = [record["arn"] for page in pages for record in page["incidentRecordSummaries"]]
        assert [arn for arn in arns if f"/{name}/" in arn] == [incident]
    log = [entry for entry in faulty.requests() if entry["mutating"]]
    assert [entry["status"] for entry in log] == [None, 201, None, None, 200]
    assert len({entry["parameters"]["clientToken"] for entry in log}) == 2


def test_a_lost_answer_is_lost_whatever_it_was(faulty, incidents, name):
    """An update without content and a failed read break off as well."""
    arn = create(incidents, name)
    faulty.lose_answer("*", times=2)
    with pytest.raises(ConnectionClosedError):
        incidents.update_response_plan(arn=arn, displayName="new")
    with pytest.raises(ConnectionClosedError):
        incidents.get_response_plan(arn=f"{arn}-missing")
    assert incidents.get_response_plan(arn=arn)["displayName"] == "new"
    entry = faulty.requests()[-2]
    assert (entry["status"], entry["error"]) == (None, "ResourceNotFoundException")


# Delays


def test_a_delayed_request_is_handled_after_its_delay(faulty, incidents, name):
    """It takes as long as was declared, and then has its effect."""
    faulty.delay("CreateResponsePlan", 0.5)
    began = time.monotonic()
    create(incidents, name)
    assert time.monotonic() - began >= 0.5
    assert name in plan_names(incidents)


def test_a_delayed_request_holds_up_no_other_and_goes_on_when_healed(faulty, incidents, name):
    """Others are answered in the meantime, and nothing waits for a fault that was taken back."""
    faulty.delay("CreateResponsePlan", 600)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(create, incidents, name)
        while left(faulty):  # until it was met
            time.sleep(0.01)
        assert name not in plan_names(incidents)
        assert not slow.done()
        faulty.heal()
        slow.result(60)
    assert name in plan_names(incidents)


def test_a_delay_can_come_before_an_error(faulty, incidents):
    """One fault can do several things."""
    content = {"operation": "ListResponsePlans", "delay": 0.2, "error": THROTTLED}
    control(faulty, "POST", content=content)
    assert left(faulty) == [{**content, "times": 1}]
    began = time.monotonic()
    assert outcome(incidents.list_response_plans) == "ThrottlingException"
    assert time.monotonic() - began >= 0.2


def test_a_distributed_delay_is_waited_for(faulty, incidents, name):
    """A request waits for what its fault drew, here never less than 0.3 seconds."""
    fault = {"operation": "CreateResponsePlan", "delay": {"low": 0.3, "high": 0.4}}
    control(faulty, "POST", content=fault)
    assert left(faulty) == [{**fault, "times": 1}]
    began = time.monotonic()
    create(incidents, name)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("delay", "median", "most"),
    [({"low": 1, "high": 3}, 2, 3), ({"median": 2, "sigma": 0.5}, 2, 600)],
)
def test_delays_come_from_their_distribution_and_can_be_repeated(delay, median, most):
    """A thousand of them have its median and its bounds, and the same seed draws the same."""

    def draw(seed):
        fault = read_fault({"operation": "*", "delay": delay, "seed": seed})
        return [fault.draw_delay() for _ in range(1000)]

    drawn = draw(1)
    assert statistics.median(drawn) == pytest.approx(median, rel=0.1)
    assert 0 < min(drawn) < median < max(drawn) <= most
    assert draw(1) == drawn
    assert draw(2) != drawn


# Chances


def test_a_fault_can_happen_by_chance_and_the_same_again(faulty, incidents):
    """The same seed meets the same requests; `times` counts the requests that it meets."""

    def met(seed):
        fault = {"operation": "*", "times": 8, "error": THROTTLED, "probability": 0.4, "seed": seed}
        control(faulty, "POST", content=fault)
        outcomes = []
        while left(faulty):
            outcomes.append(outcome(incidents.list_response_plans))
        return outcomes

    first = met(7)
    assert first.count("ThrottlingException") == 8
    assert 8 < len(first) < 80
    assert met(7) == first
    assert met(8) != first


def test_a_request_that_escapes_one_fault_may_meet_the_next(faulty, incidents):
    """Chances are taken in the order of declaration."""
    control(faulty, "POST", content={"operation": "*", "probability": 1e-9, "lose_answer": True})
    faulty.fail("*", "ThrottlingException")
    assert outcome(incidents.list_response_plans) == "ThrottlingException"


# Lists that lag behind


def lag(server, operation, seconds, times=None):
    """Let lists lag."""
    control(server, "POST", content={"operation": operation, "lag": seconds, "times": times})


def records(aws):
    """Return the title and status of each incident that is listed."""
    pages = aws.get_paginator("list_incident_records").paginate()
    found = (record for page in pages for record in page["incidentRecordSummaries"])
    return [(record["title"], record["status"]) for record in found]


def test_a_list_lags_behind_what_a_get_knows(faulty, incidents, name):
    """A start, an edit, a resolution and a deletion are listed as they were before."""
    plan = create(incidents, name)
    lag(faulty, "*", 300)
    incident = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    assert incidents.get_incident_record(arn=incident)["incidentRecord"]["status"] == "OPEN"
    assert records(incidents) == []
    faulty.heal()
    assert records(incidents) == [("Down", "OPEN")]
    lag(faulty, "ListIncidentRecords", 300)
    incidents.update_incident_record(arn=incident, title="Up", status="RESOLVED")
    incidents.delete_response_plan(arn=plan)
    assert records(incidents) == [("Down", "OPEN")]
    assert plan_names(incidents) == []
    faulty.heal()
    assert records(incidents) == [("Up", "RESOLVED")]


def test_a_list_catches_up(faulty, incidents, name):
    """It shows what is older than its lag, and hides what is younger."""
    lag(faulty, "ListResponsePlans", 0.5)
    began = time.monotonic()
    create(incidents, name)
    while not plan_names(incidents):
        assert time.monotonic() - began < 60
        time.sleep(0.02)
    assert time.monotonic() - began > 0.4


def test_a_lag_counts_only_lists(faulty, incidents, name):
    """With "*", nothing but a List operation meets it."""
    create(incidents, f"{name}-1")
    lag(faulty, "*", 300, times=1)
    create(incidents, f"{name}-2")
    assert plan_names(incidents) == [f"{name}-1"]
    assert left(faulty) == []
    assert plan_names(incidents) == [f"{name}-1", f"{name}-2"]


def test_what_an_alarm_starts_is_listed_late_too(faulty, incidents, name):
    """However an incident begins, lists lag behind it."""
    plan = create(incidents, name)
    lag(faulty, "ListIncidentRecords", 300)
    alarms = faulty.client("cloudwatch")
    alarms.put_metric_alarm(
        AlarmName="alarm",
        AlarmActions=[plan],
        MetricName="m",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
    )
    alarms.set_alarm_state(AlarmName="alarm", StateValue="ALARM", StateReason="test")
    alarms.close()
    assert records(incidents) == []
    faulty.heal()
    assert records(incidents) == [("Down", "OPEN")]


# Declarations


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"operation": "CreatePlan"}, "'CreatePlan'"),
        ({"operation": ["*"]}, "operation"),
        ({"operation": None}, "operation"),
        ({"error": None}, "error"),
        ({"error": "ThrottlingException"}, "error"),
        ({"error": {}}, "code"),
        ({"error": {"code": ["*"]}}, "code"),
        ({"error": {"code": "Throttling"}}, "'Throttling'"),
        ({"error": {**THROTTLED, "message": 1}}, "error.message"),
        ({"error": {**THROTTLED, "message": None}}, "null"),
        ({"error": {**THROTTLED, "retryAfter": 1}}, "error.retryAfter"),
        ({"error": {**THROTTLED, "serviceCode": "sns"}}, "error.serviceCode"),
        ({"error": {"code": "ConflictException", "retryAfter": "1"}}, "error.retryAfter"),
        ({"error": {"code": "ConflictException", "retryAfter": True}}, "error.retryAfter"),
        ({"error": {"code": "ConflictException", "retryAfter": 1e9}}, "error.retryAfter"),
        ({"error": {"code": "ConflictException", "resourceType": "PLAN"}}, "error.resourceType"),
        ({"error": {"code": "ServiceUnavailable", "quotaCode": "x"}}, "ServiceUnavailable"),
        ({"error": {"code": "ServiceUnavailable", "message": 1}}, "error.message"),
        ({"times": 0}, "times"),
        ({"times": 1.5}, "times"),
        ({"times": True}, "times"),
        ({"times": "1"}, "times"),
        ({"delay": 0}, "delay"),
        ({"delay": 601}, "delay"),
        ({"delay": float("nan")}, "JSON"),
        ({"delay": True}, "delay"),
        ({"delay": "1"}, "delay"),
        ({"delay": {"low": 2, "high": 601}}, "delay.Uniform.high"),
        ({"delay": {"median": 0, "sigma": 1}}, "delay.Lognormal.median"),
        ({"delay": {"median": 1}}, "delay.Lognormal.sigma"),
        ({"probability": 0}, "probability"),
        ({"probability": 1.1}, "probability"),
        ({"seed": 1.5}, "seed"),
        ({"lag": 0}, "lag"),
        ({"lag": 1, "operation": "GetResponsePlan"}, "GetResponsePlan"),
        ({"lose_answer": False}, "lose_answer"),
        ({"lose_answer": 1}, "lose_answer"),
        ({"errors": THROTTLED}, "errors"),
    ],
)
def test_a_wrong_declaration_is_refused_in_a_sentence(faulty, wrong, said):
    """The answer is 400 and names what is wrong, and nothing is declared."""
    assert said in refusal(faulty, {"operation": "*", "error": THROTTLED, **wrong})
    assert left(faulty) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "operation"),
        ({"operation": "*"}, "nothing"),
        ({"operation": "*", "times": 2}, "nothing"),
        ([], "JSON object"),
        ("*", "JSON object"),
    ],
)
def test_a_declaration_has_to_declare_something(faulty, content, said):
    """An operation and what is to happen are required."""
    assert said in refusal(faulty, content)
    assert left(faulty) == []


def refusal(server, content):
    """Return the message of the 400 that a declaration is answered with."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(server, "POST", content=content)
    with caught.value as answer:
        assert answer.code == 400
        return json.load(answer)["message"]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("PUT", {}, 404), ("POST", {"Origin": "https://example.com"}, 403)],
)
def test_faults_are_declared_by_programs_only(faulty, method, headers, status):
    """A web page cannot declare one, and there is no other method."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(faulty, method, content={"operation": "*", "lose_answer": True}, **headers)
    caught.value.close()
    assert caught.value.code == status
    assert left(faulty) == []


def test_eight_threads_meet_each_fault_once(faulty):
    """However many ask at once, a fault happens exactly as often as declared."""
    clients = [faulty.client("ssm-incidents") for _ in range(8)]
    faulty.fail("*", "ThrottlingException", times=20)
    faulty.lose_answer("*", times=20)

    def ask(aws):
        return [outcome(aws.list_response_plans) for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        met = Counter(what for each in pool.map(ask, clients) for what in each)
    assert met == {"ThrottlingException": 20, "ConnectionClosedError": 20, "done": 40}
    assert left(faulty) == []
    for client in clients:
        client.close()


# The command


def test_a_fault_is_no_noise():
    """A lost answer and a client that gave up leave no traceback on stderr."""
    with fresh("--replication-set", "us-east-1") as (process, url):
        own = LocalAws(url)
        own.lose_answer("*")
        own.delay("*", 600)  # a client that is slow itself gives up as well
        hasty = own.client("ssm-incidents", config=Config(read_timeout=0.1))
        for _ in range(2):
            with pytest.raises(BotoCoreError):
                hasty.list_response_plans()
        own.heal()
        while len(own.requests()) < 2:
            time.sleep(0.01)
        hasty.close()
        process.terminate()
        _, noise = process.communicate(timeout=60)
    assert "Traceback" not in noise
    assert process.returncode == 0


def test_a_fresh_account_has_no_replication_set():
    """Without `--replication-set` no plan can be made, also not after a reset."""
    with fresh() as (_, url):
        own = LocalAws(url)
        aws = own.client("ssm-incidents")
        for _ in range(2):
            assert aws.list_replication_sets()["replicationSetArns"] == []
            with pytest.raises(aws.exceptions.ResourceNotFoundException) as caught:
                create(aws, "plan")
            assert caught.value.response["resourceType"] == "REPLICATION_SET"
            control(own, "POST", "reset")
        aws.close()
