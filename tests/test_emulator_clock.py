"""The clock of the local AWS: what goes by it, and how a test stops it, sets it and moves it on.

Real: the server process, HTTP on 127.0.0.1, boto3. The clock itself is also tried alone. Nothing is
patched.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.emulator.clock import Clock
from pulumi_incidents.emulator.testing import LocalAwsError
from tests import rights
from tests.calls import create_plan, record, refused
from tests.strategies import examples

CHRISTMAS = datetime(2026, 12, 25, 3, tzinfo=timezone.utc)
# What two looks at a clock may be apart by its own reckoning: it answers whole milliseconds.
MILLISECOND = timedelta(milliseconds=1)
DAY = timedelta(days=1)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(timezone.utc))  # noqa: DTZ001


def ask(local_aws, method, content=None):
    """Ask the control API for the clock as curl does; return the status and the answer."""
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{local_aws.url}/_local/clock", body, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)["message"]


def look(read, ahead=timedelta()):
    """Return a time that is read, which is now by the wall or so much ahead of it."""
    before = datetime.now(timezone.utc)
    found = read()
    after = datetime.now(timezone.utc)
    assert before - MILLISECOND <= found - ahead <= after
    return found


# The clock alone


def test_a_new_clock_runs_with_the_wall():
    """It answers UTC in whole milliseconds."""
    clock = Clock()
    assert clock.running
    found = look(clock.now)
    assert found.tzinfo is timezone.utc
    assert found.microsecond % 1000 == 0


def test_a_stopped_clock_stands_still():
    """It stands where it is stopped until it is moved on, exactly by what is said."""
    clock = Clock()
    clock.set(CHRISTMAS, running=False)
    assert (clock.now(), clock.running) == (CHRISTMAS, False)
    clock.advance(0.25)
    clock.advance(600)
    assert (clock.now(), clock.running) == (CHRISTMAS + timedelta(seconds=600.25), False)
    clock.set(CHRISTMAS - DAY)
    assert (clock.now(), clock.running) == (CHRISTMAS - DAY, False)


def test_a_clock_runs_on_from_where_it_is_put():
    """Set, moved on or let go after it stood, it is as far from the wall from then on."""
    clock = Clock()
    clock.advance(DAY.total_seconds())
    look(clock.now, DAY)
    clock.set(running=False)
    stood = clock.now()
    wall = datetime.now(timezone.utc)
    clock.set(running=True)
    assert stood <= clock.now() <= stood + (datetime.now(timezone.utc) - wall) + MILLISECOND
    wall = datetime.now(timezone.utc)
    clock.set(CHRISTMAS)
    assert CHRISTMAS <= clock.now() <= CHRISTMAS + (datetime.now(timezone.utc) - wall)
    clock.follow_wall()
    look(clock.now)


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(
    "move",
    [
        lambda clock: clock.set(CHRISTMAS.replace(year=1969)),
        lambda clock: clock.set(CHRISTMAS.replace(year=3000)),
        lambda clock: clock.advance(1000 * 366 * 86_400),
        lambda clock: clock.advance(float("inf")),
        lambda clock: clock.advance(0),
        lambda clock: clock.advance(-1),
        lambda clock: clock.advance(float("nan")),
    ],
)
def test_a_clock_cannot_be_moved_out_of_its_years_or_on_by_nothing(move, running):
    """What is refused leaves it as it was."""
    clock = Clock()
    clock.set(CHRISTMAS, running=running)
    kept = clock.dump()
    with pytest.raises(ValueError, match=r"^A clock "):
        move(clock)
    assert clock.dump() == kept


@examples(100)
@given(TIMES)
def test_what_is_kept_of_a_clock_is_all_of_it(time):
    """Loaded, one that stood stands there, and one that ran is as far from the wall."""
    clock, other = Clock(), Clock()
    clock.set(time, running=False)
    other.load(clock.dump())
    assert (other.now(), other.running) == (clock.now(), False)
    clock.set(running=True)
    kept = clock.dump()
    other.load(kept)
    assert other.running
    assert abs(other.now() - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"ahead": 0}',
        '{"ahead": "soon", "stopped": null}',
        '{"ahead": 1e300, "stopped": null}',
        '{"ahead": 1e12, "stopped": null}',
        '{"ahead": 0, "stopped": "2026-12-25T03:00:00"}',
        '{"ahead": 0, "stopped": "3000-01-01T00:00:00+00:00"}',
        '{"ahead": 0, "stopped": 7}',
    ],
)
def test_what_is_no_clock_is_the_wall(kept):
    """A missing or damaged clock does not keep the local AWS from starting."""
    clock = Clock()
    clock.set(CHRISTMAS, running=False)
    clock.load(kept)
    assert clock.running
    look(clock.now)


# By the control API


def test_the_clock_is_stopped_set_moved_on_and_let_go(local_aws):
    """Each of PUT and POST answers what GET does, and DELETE is the wall again."""
    status, found = ask(local_aws, "GET")
    assert (status, found["running"]) == (200, True)
    told = {"time": "2026-12-25T03:00:00.000Z", "running": False}
    answer = ask(local_aws, "PUT", {"time": "2026-12-25T04:00:00+01:00", "running": False})
    assert answer == ask(local_aws, "GET") == (200, told)
    told["time"] = "2026-12-25T03:10:00.500Z"
    assert ask(local_aws, "POST", {"advance": 600.5}) == ask(local_aws, "GET") == (200, told)
    status, found = ask(local_aws, "PUT", {"running": True})
    assert (status, found["running"]) == (200, True)
    assert found["time"] >= told["time"]
    assert ask(local_aws, "DELETE") == (204, None)
    look(local_aws.clock)


@pytest.mark.parametrize(
    ("method", "content", "told"),
    [
        ("PUT", {}, "must have time, running or both"),
        ("PUT", {"time": "2026-12-25T03:00:00Z", "zone": "UTC"}, "and nothing else"),
        ("PUT", {"time": "2026-12-25T03:00:00"}, "have a zone, like 2026-12-25T03:00:00Z"),
        ("PUT", {"time": "soon"}, "not 'soon'"),
        ("PUT", {"time": "\ud800"}, "time must be of ISO 8601"),
        ("PUT", {"time": 1766631600}, "not '1766631600'"),
        ("PUT", {"time": None}, "time must be of ISO 8601"),
        ("PUT", {"time": "3000-01-01T00:00:00Z"}, "the years from 1970 to 2999"),
        ("PUT", {"time": "0001-01-01T00:00:00+09:00"}, "the years from 1970 to 2999"),
        ("PUT", {"running": None}, "running must be true or false"),
        ("PUT", {"running": 1}, "running must be true or false"),
        ("PUT", [], "not a JSON object"),
        ("POST", {}, "must have advance, a number"),
        ("POST", {"advance": "600"}, "must have advance, a number"),
        ("POST", {"advance": True}, "must have advance, a number"),
        ("POST", {"advance": 1, "running": True}, "and nothing else"),
        ("POST", {"advance": 0}, "more than 0 seconds"),
        ("POST", {"advance": -600}, "more than 0 seconds"),
        ("POST", {"advance": 10**400}, "the years from 1970 to 2999"),
    ],
)
def test_a_wrong_move_of_the_clock_is_refused(local_aws, method, content, told):
    """The answer is 400 and a sentence, and the clock is as it was."""
    before = local_aws.set_clock(CHRISTMAS)
    status, message = ask(local_aws, method, content)
    assert (status, told in message) == (400, True), message
    assert local_aws.clock() == before


def test_a_reset_lets_the_clock_run_with_the_wall(local_aws):
    """The replication set that is there again is made by that time."""
    local_aws.set_clock(CHRISTMAS)
    local_aws.reset()
    assert ask(local_aws, "GET")[1]["running"]
    now = look(local_aws.clock)
    incidents = local_aws.client("ssm-incidents")
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    assert incidents.get_replication_set(arn=arn)["replicationSet"]["createdTime"] <= now


def test_a_test_in_python_has_the_clock_as_a_datetime(local_aws):
    """It takes a datetime with a zone or text, a timedelta or seconds, and returns the time."""
    assert local_aws.set_clock("2026-12-25T03:00:00Z") == CHRISTMAS == local_aws.clock()
    assert local_aws.advance(timedelta(minutes=10)) == CHRISTMAS + timedelta(minutes=10)
    assert local_aws.advance(0.5) == CHRISTMAS + timedelta(seconds=600.5)
    paris = timezone(timedelta(hours=1))
    assert local_aws.set_clock(datetime(2026, 12, 25, 4, tzinfo=paris)) == CHRISTMAS
    assert CHRISTMAS <= local_aws.set_clock(CHRISTMAS, running=True) <= local_aws.clock()
    with pytest.raises(LocalAwsError, match=r"time must .* have a zone"):
        local_aws.set_clock(datetime(2026, 12, 25))  # noqa: DTZ001 - that is what is wrong
    local_aws.release_clock()
    look(local_aws.clock)


# What goes by it


def test_an_incident_is_dated_by_the_clock(local_aws, incidents):
    """Its creation, edits, timeline, findings and end, and what its topic is told."""
    topic = rights.topic(local_aws.client("sns"), "people")
    plan = create_plan(incidents, "checkout", notificationTargets=[{"snsTopicArn": topic}])
    local_aws.set_clock(CHRISTMAS)
    arn = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    found = record(incidents, arn)
    assert found["creationTime"] == found["lastModifiedTime"] == CHRISTMAS
    later = local_aws.advance(600)
    incidents.update_incident_record(arn=arn, status="RESOLVED")
    found = record(incidents, arn)
    assert found["resolvedTime"] == found["lastModifiedTime"] == later
    stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1"
    details = {"cloudFormationStackUpdate": {"stackArn": stack, "startTime": 1}}
    local_aws._control("POST", "findings", {"incidentRecordArn": arn, "details": details})
    [finding] = incidents.list_incident_findings(incidentRecordArn=arn)["findings"]
    assert finding["lastModifiedTime"] == later
    events = incidents.list_timeline_events(incidentRecordArn=arn)["eventSummaries"]
    assert {event["eventTime"] for event in events} == {CHRISTMAS, later}
    assert {event["eventUpdatedTime"] for event in events} == {CHRISTMAS, later}
    messages = local_aws.messages(arn)
    assert {message["time"] for message in messages} == {
        "2026-12-25T03:00:00.000+00:00",
        "2026-12-25T03:10:00.000+00:00",
    }
    assert {json.loads(message["body"])["time"] for message in messages} == {
        "2026-12-25T03:00:00Z",
        "2026-12-25T03:10:00Z",
    }


def test_an_alarm_rings_by_the_clock(local_aws, incidents):
    """The trigger on the timeline, and the event of the alarm in it, have its time."""
    plan = create_plan(incidents, "checkout")
    cloudwatch = local_aws.client("cloudwatch")
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
    local_aws.set_clock(CHRISTMAS)
    cloudwatch.set_alarm_state(AlarmName="high", StateValue="ALARM", StateReason="test")
    [summary] = incidents.list_incident_records()["incidentRecordSummaries"]
    assert summary["creationTime"] == CHRISTMAS
    events = incidents.list_timeline_events(incidentRecordArn=summary["arn"])["eventSummaries"]
    assert {event["eventTime"] for event in events} == {CHRISTMAS}
    [trigger] = [each for each in events if each["eventType"] == "SSM Incident Trigger"]
    told = incidents.get_timeline_event(
        eventId=trigger["eventId"], incidentRecordArn=summary["arn"]
    )
    data = json.loads(told["event"]["eventData"])
    assert json.loads(data["rawData"])["time"] == "2026-12-25T03:00:00Z"


def test_a_replication_set_that_took_no_time_is_there_whenever_it_is(local_aws, incidents, name):
    """Also before its own beginning, by a clock that was put back."""
    local_aws.set_clock(CHRISTMAS.replace(year=1999))
    create_plan(incidents, name)
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    assert incidents.get_replication_set(arn=arn)["replicationSet"]["status"] == "ACTIVE"


def test_a_replication_set_settles_by_the_clock(local_aws, incidents):
    """A change of an hour is under way for exactly that hour, and over without anybody waiting."""
    local_aws._control("PUT", "replication", {"settle_seconds": 3600})
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    local_aws.set_clock(CHRISTMAS)
    action = {"addRegionAction": {"regionName": "eu-west-1"}}
    incidents.update_replication_set(arn=arn, actions=[action])
    settles = CHRISTMAS + timedelta(hours=1)
    local_aws.advance(3599.999)
    with refused("ConflictException") as seen:
        incidents.update_replication_set(arn=arn, actions=[action])
    assert seen["retryAfter"] == settles
    local_aws.advance(0.001)
    found = incidents.get_replication_set(arn=arn)["replicationSet"]
    assert found["status"] == "ACTIVE"
    assert found["regionMap"]["eu-west-1"]["statusUpdateDateTime"] == settles
    assert found["lastModifiedTime"] == CHRISTMAS


def test_an_error_on_demand_says_by_the_clock_when_to_come_back(local_aws, incidents):
    """Its `retryAfter` is so many seconds after the clock's time, however long a delay waits."""
    local_aws.set_clock(CHRISTMAS)
    local_aws.fail("CreateResponsePlan", "ConflictException", retryAfter=60)
    with refused("ConflictException") as seen:
        create_plan(incidents, "checkout")
    assert seen["retryAfter"] == CHRISTMAS + timedelta(seconds=60)


def test_a_condition_about_the_time_asks_the_clock(local_aws):
    """What a policy allows until Christmas is denied from then on, and the denial is dated so."""
    iam = local_aws.client("iam")
    iam.create_user(UserName="oncall")
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": CHRISTMAS.isoformat()}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="oncall", PolicyName="until", PolicyDocument=policy)
    keys = iam.create_access_key(UserName="oncall")["AccessKey"]
    incidents = local_aws.client(
        "ssm-incidents",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    local_aws.permissions("enforce")
    local_aws.set_clock(CHRISTMAS - MILLISECOND)
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    local_aws.advance(MILLISECOND)
    with refused("AccessDeniedException"):
        incidents.list_response_plans()
    [denial] = local_aws.denials()
    assert denial["time"] == "2026-12-25T03:00:00.000+00:00"


def test_the_request_log_keeps_the_time_of_the_wall(local_aws, incidents):
    """It is about this process, as are its delays: a stopped clock holds nothing up."""
    local_aws.set_clock(CHRISTMAS)
    local_aws.delay("ListResponsePlans", 0.01)
    before = datetime.now(timezone.utc)
    incidents.list_response_plans()
    after = datetime.now(timezone.utc)
    [entry] = local_aws.requests()
    assert before - MILLISECOND <= datetime.fromisoformat(entry["time"]) <= after
