"""The local AWS under 32 clients at once.

Real: the server process, HTTP on 127.0.0.1, a boto3 client for each thread. The server's Python
changes threads as often as it can, so that what is not one step is seen in several; and, where a
test says so, requests are held back by a fault and go on together.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pulumi_incidents.emulator.testing import LocalAws
from tests.calls import items_of
from tests.conftest import ROOT

THREADS = 32
TEMPLATE = {"title": "Down", "impact": 1}
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


SERVER = """
import sys
from pulumi_incidents.emulator.__main__ import main
sys.setswitchinterval(1e-6)
sys.exit(main(["--port", "0", "--replication-set", "us-east-1"]))
"""


@pytest.fixture(scope="module")
def local_aws():
    """Run a server that changes threads all the time."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield LocalAws(process.stdout.readline().strip())
        process.terminate()


@pytest.fixture
def at_once(local_aws):
    """Return a function that calls something in each of 32 threads, all of them beginning at once.

    It is called with a client and the number of its thread. Given an operation, the server lets the
    first request of each thread to it go on when the last has come.
    """
    clients = [
        local_aws.client("ssm-incidents", config=Config(read_timeout=120)) for _ in range(THREADS)
    ]
    barrier = Barrier(THREADS)

    def call(act, operation=None):
        def wait_and_act(number):
            barrier.wait(60)
            return act(clients[number], number)

        if operation:
            local_aws.delay(operation, 60, times=THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            results = pool.map(wait_and_act, range(THREADS))
            while operation and local_aws.faults_left():
                time.sleep(0.05)
            local_aws.heal()
            return list(results)

    yield call
    for each in clients:
        each.close()


@pytest.fixture
def plan(incidents):
    """Create a plan with a dedupe string."""
    template = {**TEMPLATE, "dedupeString": "same"}
    return incidents.create_response_plan(name="plan", incidentTemplate=template)["arn"]


@pytest.fixture
def record(incidents, plan):
    """Start an incident."""
    return incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]


def outcome(call):
    """Return "done", or the code of the error that a call is answered with."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


def test_one_of_equal_creates_succeeds(at_once, incidents):
    """There is one plan, and the rest is told of the conflict."""
    create = {"name": "raced", "incidentTemplate": TEMPLATE}
    outcomes = at_once(
        lambda aws, _: outcome(lambda: aws.create_response_plan(**create)), "CreateResponsePlan"
    )
    assert Counter(outcomes) == {"done": 1, "ConflictException": THREADS - 1}
    assert len(incidents.list_response_plans()["responsePlanSummaries"]) == 1


def test_one_replication_set_is_created(at_once, incidents):
    """After its deletion, which only one of all succeeds with as well."""
    [arn] = incidents.list_replication_sets()["replicationSetArns"]
    outcomes = at_once(
        lambda aws, _: outcome(lambda: aws.delete_replication_set(arn=arn)), "DeleteReplicationSet"
    )
    assert Counter(outcomes) == {"done": 1, "ResourceNotFoundException": THREADS - 1}
    create = {"regions": {"us-east-1": {}}}
    outcomes = at_once(
        lambda aws, _: outcome(lambda: aws.create_replication_set(**create)), "CreateReplicationSet"
    )
    assert Counter(outcomes) == {"done": 1, "ServiceQuotaExceededException": THREADS - 1}


def test_one_incident_is_started_with_a_token(at_once, incidents):
    """Without a dedupe string, so that it is the token that counts."""
    plan = incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)["arn"]
    start = {"responsePlanArn": plan, "clientToken": "t"}
    arns = at_once(lambda aws, _: aws.start_incident(**start)["incidentRecordArn"], "StartIncident")
    assert len(set(arns)) == 1
    [summary] = incidents.list_incident_records()["incidentRecordSummaries"]
    assert summary["arn"] == arns[0]


def test_one_incident_is_started_for_a_dedupe_string(at_once, incidents, plan):
    """Each start is noted in it, and one of them as the one that made it."""
    arns = at_once(
        lambda aws, _: aws.start_incident(responsePlanArn=plan)["incidentRecordArn"],
        "StartIncident",
    )
    assert len(set(arns)) == 1
    events = incidents.list_timeline_events(incidentRecordArn=arns[0])["eventSummaries"]
    kinds = Counter(each["eventType"] for each in events)
    assert kinds == {"SSM Incident Trigger": THREADS, "SSM Incident Start": 1}


def test_nothing_is_lost_of_what_many_add(at_once, incidents, record):
    """Every event, related item and tag is there afterwards, each under an id of its own."""

    def add(aws, number):
        for each in range(3):
            link = {"type": "OTHER", "value": {"url": f"https://example.com/{number}/{each}"}}
            aws.update_related_items(
                incidentRecordArn=record, relatedItemsUpdate={"itemToAdd": {"identifier": link}}
            )
            aws.create_timeline_event(
                incidentRecordArn=record,
                eventData=f"{number}/{each}",
                eventTime=NOON,
                eventType="Note",
            )
        aws.tag_resource(resourceArn=record, tags={f"k{number}": str(number)})

    at_once(add, "UpdateRelatedItems")
    items = items_of(incidents, record)
    assert len({item["generatedId"] for item in items}) == len(items) == 3 * THREADS
    pages = incidents.get_paginator("list_timeline_events").paginate(incidentRecordArn=record)
    events = [event for page in pages for event in page["eventSummaries"]]
    assert len({event["eventId"] for event in events}) == len(events)
    kinds = Counter(event["eventType"] for event in events)
    assert kinds["Note"] == kinds["SSM Incident Record Update"] == 3 * THREADS
    tags = incidents.list_tags_for_resource(resourceArn=record)["tags"]
    assert tags == {f"k{number}": str(number) for number in range(THREADS)}


def test_an_update_is_seen_whole_or_not_at_all(at_once, incidents, record):
    """Title and summary that are written together are read together, by lists and by gets."""

    def write_or_read(aws, number):
        for each in range(8):
            if number % 2:
                text = f"{number}/{each}"
                aws.update_incident_record(arn=record, title=text, summary=text)
            else:
                found = aws.get_incident_record(arn=record)["incidentRecord"]
                assert found["summary"] in ("", found["title"])
        return True

    assert all(at_once(write_or_read))
    found = incidents.get_incident_record(arn=record)["incidentRecord"]
    assert found["title"] == found["summary"]


def test_pages_skip_and_repeat_nothing_while_others_write(at_once, incidents):
    """A plan that stays is on one page, and one that comes and goes on one at most."""
    stay = {f"stay{number}" for number in range(20)}
    for name in stay:
        incidents.create_response_plan(name=name, incidentTemplate=TEMPLATE)

    def write_or_read(aws, number):
        if number % 2:
            for each in range(6):
                name = f"{'az'[each % 2]}{number}-{each}"
                arn = aws.create_response_plan(name=name, incidentTemplate=TEMPLATE)["arn"]
                aws.delete_response_plan(arn=arn)
            return
        pages = aws.get_paginator("list_response_plans").paginate(PaginationConfig={"PageSize": 4})
        names = list(
            itertools.chain.from_iterable(
                [each["name"] for each in page["responsePlanSummaries"]] for page in pages
            )
        )
        assert names == sorted(set(names))
        assert stay <= set(names)

    at_once(write_or_read)
    left = incidents.list_response_plans()["responsePlanSummaries"]
    assert {each["name"] for each in left} == stay
