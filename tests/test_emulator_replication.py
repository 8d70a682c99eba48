"""The replication set of the local AWS: its changes, which take time when asked to.

Real: the server process, HTTP on 127.0.0.1, boto3 and its waiters. Nothing is patched.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from botocore.exceptions import WaiterError

from pulumi_incidents.emulator.testing import LocalAws
from tests.calls import refused
from tests.conftest import ROOT

TEMPLATE = {"title": "Down", "impact": 1}
# Long enough for a waiter to look at a change that is under way; the clock stands for all else.
SETTLING = 1
SOON = {"Delay": 1, "MaxAttempts": 20}


def put(local_aws, content):
    """Set how long changes take, and return the answer."""
    request = urllib.request.Request(
        f"{local_aws.url}/_local/replication", json.dumps(content).encode(), method="PUT"
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture
def arn(incidents):
    """Return the ARN of the set that is there at the start, with one region."""
    [found] = incidents.list_replication_sets()["replicationSetArns"]
    return found


def got(incidents, arn):
    """Return the replication set."""
    return incidents.get_replication_set(arn=arn)["replicationSet"]


def statuses(incidents, arn):
    """Return the status of the set and of each region."""
    found = got(incidents, arn)
    return found["status"], {name: each["status"] for name, each in found["regionMap"].items()}


def add(incidents, arn, name, **members):
    """Add a region."""
    action = {"addRegionAction": {"regionName": name, **members}}
    incidents.update_replication_set(arn=arn, actions=[action])


def remove(incidents, arn, name):
    """Remove a region."""
    action = {"deleteRegionAction": {"regionName": name}}
    incidents.update_replication_set(arn=arn, actions=[action])


def test_regions_come_and_go(incidents, arn):
    """One at a time, up to three, each with its key; the set notes who changed it and when."""
    before = got(incidents, arn)
    add(incidents, arn, "eu-west-1", sseKmsKeyId="key")
    add(incidents, arn, "eu-north-1")
    after = got(incidents, arn)
    assert statuses(incidents, arn) == (
        "ACTIVE",
        {"us-east-1": "ACTIVE", "eu-west-1": "ACTIVE", "eu-north-1": "ACTIVE"},
    )
    assert after["regionMap"]["eu-west-1"]["sseKmsKeyId"] == "key"
    assert after["regionMap"]["eu-north-1"]["sseKmsKeyId"] == "DefaultKey"
    assert after["lastModifiedTime"] >= before["lastModifiedTime"]
    assert after["createdTime"] == before["createdTime"]
    assert after["regionMap"]["us-east-1"] == before["regionMap"]["us-east-1"]
    with refused("ValidationException") as seen:
        add(incidents, arn, "ap-south-1")
    assert "at most 3" in seen["Error"]["Message"]
    remove(incidents, arn, "us-east-1")
    assert statuses(incidents, arn)[1] == {"eu-west-1": "ACTIVE", "eu-north-1": "ACTIVE"}


def test_wrong_changes_of_regions_are_refused(incidents, arn):
    """A region that is there is a conflict; one that is not, and two actions, are invalid."""
    with refused("ConflictException") as seen:
        add(incidents, arn, "us-east-1")
    assert (seen["resourceType"], seen["resourceIdentifier"]) == ("REPLICATION_SET", arn)
    with refused("ValidationException") as seen:
        remove(incidents, arn, "eu-west-1")
    assert "eu-west-1" in seen["Error"]["Message"]
    action = {"addRegionAction": {"regionName": "eu-west-1"}}
    with refused("ValidationException"):
        incidents.update_replication_set(arn=arn, actions=[action, action])
    with refused("ResourceNotFoundException") as seen:
        add(incidents, f"{arn}x", "eu-west-1")
    assert seen["resourceType"] == "REPLICATION_SET"
    assert statuses(incidents, arn) == ("ACTIVE", {"us-east-1": "ACTIVE"})


def test_a_set_is_not_there_any_more_without_its_last_region(incidents, arn):
    """Its plans and incidents go with it, as when it is deleted."""
    plan = incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)["arn"]
    record = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    remove(incidents, arn, "us-east-1")
    assert incidents.list_replication_sets()["replicationSetArns"] == []
    assert incidents.list_response_plans()["responsePlanSummaries"] == []
    for call in (
        lambda: incidents.get_replication_set(arn=arn),
        lambda: incidents.get_response_plan(arn=plan),
        lambda: incidents.get_incident_record(arn=record),
        lambda: incidents.list_tags_for_resource(resourceArn=arn),
        lambda: incidents.update_deletion_protection(arn=arn, deletionProtected=True),
    ):
        with refused("ResourceNotFoundException"):
            call()


def test_a_protected_set_cannot_be_deleted(incidents, arn):
    """Neither can its last region, others can; without protection it can be deleted again."""
    incidents.update_deletion_protection(arn=arn, deletionProtected=True)
    assert got(incidents, arn)["deletionProtected"] is True
    plan = incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)["arn"]
    add(incidents, arn, "eu-west-1")
    remove(incidents, arn, "us-east-1")
    for call in (
        lambda: incidents.delete_replication_set(arn=arn),
        lambda: remove(incidents, arn, "eu-west-1"),
    ):
        with refused("ValidationException") as seen:
            call()
        assert "UpdateDeletionProtection" in seen["Error"]["Message"]
    assert incidents.get_response_plan(arn=plan)["arn"] == plan
    incidents.update_deletion_protection(arn=arn, deletionProtected=False)
    incidents.delete_replication_set(arn=arn)
    assert incidents.list_replication_sets()["replicationSetArns"] == []


def run_until(local_aws, waiter, arn):
    """Let time pass until a waiter has seen what it waits for, and stop it again."""
    local_aws.set_clock(local_aws.clock(), running=True)
    waiter.wait(arn=arn, WaiterConfig=SOON)
    local_aws.set_clock(local_aws.clock())


def test_changes_take_the_time_that_is_set(local_aws, incidents, arn):
    """Every status of the model is seen, waiters wait for its end, and a reset forgets it."""
    active = incidents.get_waiter("wait_for_replication_set_active")
    deleted = incidents.get_waiter("wait_for_replication_set_deleted")
    assert put(local_aws, {"settle_seconds": SETTLING}) == {"settle_seconds": SETTLING}
    local_aws.set_clock(local_aws.clock())
    incidents.delete_replication_set(arn=arn)
    assert statuses(incidents, arn) == ("DELETING", {"us-east-1": "DELETING"})
    assert incidents.list_replication_sets()["replicationSetArns"] == [arn]
    with refused("ServiceQuotaExceededException"):
        incidents.create_replication_set(regions={"us-east-1": {}})
    run_until(local_aws, deleted, arn)

    began = local_aws.clock()
    arn = incidents.create_replication_set(regions={"us-east-1": {}})["arn"]
    assert statuses(incidents, arn) == ("CREATING", {"us-east-1": "CREATING"})
    with refused("ResourceNotFoundException") as seen:
        incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)
    assert seen["resourceType"] == "REPLICATION_SET"
    assert "CREATING" in seen["Error"]["Message"]
    run_until(local_aws, active, arn)
    assert local_aws.clock() - began >= timedelta(seconds=SETTLING)
    assert statuses(incidents, arn) == ("ACTIVE", {"us-east-1": "ACTIVE"})

    began = local_aws.clock()
    add(incidents, arn, "eu-west-1")
    assert statuses(incidents, arn) == (
        "UPDATING",
        {"us-east-1": "ACTIVE", "eu-west-1": "CREATING"},
    )
    incidents.create_response_plan(name="p", incidentTemplate=TEMPLATE)
    with refused("ConflictException") as seen:
        remove(incidents, arn, "us-east-1")
    assert seen["retryAfter"] == began + timedelta(seconds=SETTLING)
    with refused("ValidationException") as seen:
        incidents.delete_replication_set(arn=arn)
    assert "UPDATING" in seen["Error"]["Message"]
    run_until(local_aws, active, arn)
    remove(incidents, arn, "eu-west-1")
    assert statuses(incidents, arn)[1] == {"us-east-1": "ACTIVE", "eu-west-1": "DELETING"}
    local_aws.reset()
    assert put(local_aws, {"settle_seconds": 0}) == {"settle_seconds": 0}


def test_a_waiter_gives_up_on_a_set_that_does_not_settle(local_aws, incidents, arn):
    """It is the client's patience that ends, as it would on AWS."""
    put(local_aws, {"settle_seconds": 3600})
    add(incidents, arn, "eu-west-1")
    with pytest.raises(WaiterError):
        incidents.get_waiter("wait_for_replication_set_active").wait(
            arn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 2}
        )


def test_a_change_fails_where_it_is_told_to(local_aws, incidents, arn):
    """The regions that change are FAILED with the message, and the set with them, until they go."""
    told = {"settle_seconds": 0, "failure": "The key is disabled."}
    assert put(local_aws, told) == told
    add(incidents, arn, "eu-west-1")
    assert statuses(incidents, arn) == ("FAILED", {"us-east-1": "ACTIVE", "eu-west-1": "FAILED"})
    regions = got(incidents, arn)["regionMap"]
    assert regions["eu-west-1"]["statusMessage"] == "The key is disabled."
    assert "statusMessage" not in regions["us-east-1"]
    assert put(local_aws, {"settle_seconds": 0}) == {"settle_seconds": 0}
    remove(incidents, arn, "eu-west-1")
    assert statuses(incidents, arn) == ("ACTIVE", {"us-east-1": "ACTIVE"})
    put(local_aws, told)
    incidents.delete_replication_set(arn=arn)
    assert statuses(incidents, arn) == ("FAILED", {"us-east-1": "FAILED"})
    local_aws.reset()
    [fresh] = incidents.list_replication_sets()["replicationSetArns"]
    add(incidents, fresh, "eu-west-1")
    assert got(incidents, fresh)["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "content",
    [
        *({}, {"settle_seconds": -1}, {"settle_seconds": 3601}, {"settle_seconds": True}),
        *({"x": 1}, {"settle_seconds": 0, "failure": 1}),
    ],
)
def test_a_wrong_time_is_refused(local_aws, content):
    """The answer is 400 and a sentence."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        put(local_aws, content)
    with caught.value as answer:
        assert answer.code == 400
        assert "settle_seconds" in json.load(answer)["message"]


def test_a_server_can_start_with_a_time():
    """The set of the start is ACTIVE at once; what changes later, after a reset too, takes it."""
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0"]
    options = ["--replication-set", "us-east-1", "--settle-seconds", "600"]
    with subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        server = LocalAws(process.stdout.readline().strip())
        incidents = server.client("ssm-incidents")
        for _ in range(2):
            [arn] = incidents.list_replication_sets()["replicationSetArns"]
            assert got(incidents, arn)["status"] == "ACTIVE"
            add(incidents, arn, "eu-west-1")
            assert got(incidents, arn)["status"] == "UPDATING"
            server.reset()
        incidents.close()
        process.terminate()
    done = subprocess.run(
        [*command, "--settle-seconds", "soon"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "not a number from 0 to 3600" in done.stderr
