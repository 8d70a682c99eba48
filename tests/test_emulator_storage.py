"""The state of the local AWS in a file: it survives every end of the process.

Real: the server process with `--state`, its signals, locks and limits, boto3, moto's services, the
SQLite file, and in one test the Pulumi engine. Two tests work on the file in this process, and one
gives a moto service something that cannot be saved.
"""

from __future__ import annotations

import inspect
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from moto.core.base_backend import BackendDict
from moto.glacier.models import glacier_backends
from moto.ses.models import ses_backends

from pulumi_incidents.emulator.services import SERVICES
from pulumi_incidents.emulator.storage import state_file
from pulumi_incidents.emulator.storage.saving import Storage
from pulumi_incidents.emulator.storage.snapshots import Key
from pulumi_incidents.emulator.storage.state_file import StateError, StateFile
from pulumi_incidents.emulator.testing import LocalAwsError
from tests import rights
from tests.calls import incidents_as
from tests.conftest import PACKAGE, ROOT
from tests.kept import TEMPLATE, Emulator, until
from tests.program import Program

ACCOUNT = "123456789012"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1"
# Seconds: what a kill may lose at most. Longer than promised, for machines that are busy.
WINDOW = 2.5
# What a client says when the process is killed at any moment of its answer.
KILLED = (BotoCoreError, ClientError, ResponseParserError)


@pytest.fixture
def state(tmp_path):
    """Return the path of a state file that is not there yet."""
    return tmp_path / "aws.state"


@pytest.fixture
def emulator(state):
    """Give a running local AWS, and end it however the test ends."""
    emulator = Emulator(state).start()
    yield emulator
    emulator.end(signal.SIGKILL)


def refused(state):
    """Start with a file that is refused; return the exit status and the one line it tells."""
    emulator = Emulator(state).start()
    status = emulator.end()
    assert emulator.url == ""
    (line,) = emulator.told.splitlines()
    return status, line


# What survives


def make_team(aws):
    """Make everything that a response of the local stack is made of."""
    sns, sqs, iam, ssm = (aws.client(name) for name in ("sns", "sqs", "iam", "ssm"))
    topic = rights.topic(sns, "topic", DisplayName="People")
    queue = sqs.create_queue(QueueName="people")["QueueUrl"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:people"
    )
    sns.publish(TopicArn=topic, Message="before")
    plan = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/checkout"
    role = rights.event_role(iam, plan)
    ssm.create_document(
        Name="Restart", DocumentType="Automation", Content='{"schemaVersion": "0.3"}'
    )
    ssm.put_parameter(Name="/shop/url", Value="https://example.com", Type="String")
    ssm.add_tags_to_resource(
        ResourceType="Document", ResourceId="Restart", Tags=[{"Key": "a", "Value": "b"}]
    )
    aws.client("ssm-incidents").create_response_plan(
        name="checkout",
        incidentTemplate={**TEMPLATE, "notificationTargets": [{"snsTopicArn": topic}]},
        clientToken="once",
        tags={"team": "shop"},
    )
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="Shop",
        MetricName="FailedPayments",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[plan],
    )
    events = aws.client("events")
    events.put_rule(Name="rule", EventPattern='{"source": ["com.example"]}')
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": plan, "RoleArn": role}])
    return topic, queue, plan


def look(aws, topic, plan):
    """Return what AWS answers about all of it."""
    incidents, iam, ssm = aws.client("ssm-incidents"), aws.client("iam"), aws.client("ssm")
    (replication_set,) = incidents.list_replication_sets()["replicationSetArns"]
    answers = [
        incidents.get_replication_set(arn=replication_set),
        incidents.get_response_plan(arn=plan),
        incidents.list_tags_for_resource(resourceArn=plan),
        aws.client("sns").get_topic_attributes(TopicArn=topic),
        aws.client("sns").list_subscriptions(),
        iam.get_role(RoleName="events"),
        iam.get_role_policy(RoleName="events", PolicyName="policy-0"),
        ssm.get_document(Name="Restart"),
        ssm.get_parameter(Name="/shop/url"),
        ssm.list_tags_for_resource(ResourceType="Document", ResourceId="Restart"),
        aws.client("cloudwatch").describe_alarms(),
        aws.client("events").list_targets_by_rule(Rule="rule"),
    ]
    for record in incidents.list_incident_records()["incidentRecordSummaries"]:
        arn = record["arn"]
        answers += [
            incidents.get_incident_record(arn=arn),
            incidents.list_timeline_events(incidentRecordArn=arn),
            incidents.list_related_items(incidentRecordArn=arn),
        ]
    for answer in answers:
        del answer["ResponseMetadata"]
    return answers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_everything_that_the_local_stack_uses_survives(emulator, number):
    """Every answer is the same after a restart, and alarms, events and topics work on."""
    topic, queue, plan = make_team(emulator)
    incidents = emulator.client("ssm-incidents")
    incident = incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]
    incidents.update_incident_record(arn=incident, title="Edited")
    before = look(emulator, topic, plan)
    emulator.save()
    emulator.restart(number)
    assert look(emulator, topic, plan) == before

    incidents, sqs = emulator.client("ssm-incidents"), emulator.client("sqs")
    again = {"incidentTemplate": {**TEMPLATE, "notificationTargets": [{"snsTopicArn": topic}]}}
    answer = incidents.create_response_plan(
        name="checkout", clientToken="once", tags={"team": "shop"}, **again
    )
    assert answer["arn"] == plan
    emulator.client("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="many"
    )
    event = {"Source": "com.example", "DetailType": "Deployment failed", "Detail": "{}"}
    emulator.client("events").put_events(Entries=[event])
    records = incidents.list_incident_records()["incidentRecordSummaries"]
    assert [record["incidentRecordSource"]["source"] for record in records] == [
        "aws.ssm-incidents.custom",
        "aws.cloudwatch",
        "com.example",
    ]
    bodies = ""
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += "".join(message["Body"] for message in messages)
    assert "before" in bodies
    assert all(record["arn"] in bodies for record in records)


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "RSA_2048", "ECC_NIST_P256"])
def test_a_key_still_opens_what_it_closed(emulator, spec):
    """What a KMS key encrypted or signed before the restart it decrypts or verifies after it."""
    kms = emulator.client("kms")
    usage = "ENCRYPT_DECRYPT" if spec == "SYMMETRIC_DEFAULT" else "SIGN_VERIFY"
    key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    signing = {"KeyId": key, "Message": b"secret", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    if spec == "ECC_NIST_P256":
        signing["SigningAlgorithm"] = "ECDSA_SHA_256"
    if usage == "ENCRYPT_DECRYPT":
        closed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    else:
        closed = kms.sign(**signing)["Signature"]
    emulator.restart()
    kms = emulator.client("kms")
    if usage == "ENCRYPT_DECRYPT":
        assert kms.decrypt(CiphertextBlob=closed)["Plaintext"] == b"secret"
    else:
        assert kms.verify(**signing, Signature=closed)["SignatureValid"]


def test_an_assumed_role_stays_in_its_account(emulator):
    """Temporary credentials lead to the other account's state after a restart too."""
    arn = "arn:aws:iam::111111111111:role/other"
    incidents = incidents_as(emulator, arn)
    incidents.create_replication_set(regions={"us-east-1": {}})
    incidents.create_response_plan(name="other", incidentTemplate=TEMPLATE)
    emulator.restart()
    (plan,) = incidents.list_response_plans()["responsePlanSummaries"]
    assert plan["arn"] == "arn:aws:ssm-incidents::111111111111:response-plan/other"
    assert emulator.plans() == set()


def test_services_with_a_state_of_their_own_kind_survive(emulator):
    """Buckets, versions of an object, tables and secrets, which moto keeps in its own ways."""
    s3, dynamodb, secrets = (emulator.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket="bucket", Key="key", Body=body)
    dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="table", Item={"id": {"S": "1"}})
    secrets.create_secret(Name="pagerduty", SecretString="not one")
    emulator.restart()
    s3, dynamodb, secrets = (emulator.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"two"
    assert len(s3.list_object_versions(Bucket="bucket")["Versions"]) == 2
    assert dynamodb.scan(TableName="table")["Items"] == [{"id": {"S": "1"}}]
    assert secrets.get_secret_value(SecretId="pagerduty")["SecretString"] == "not one"
    assert emulator.told == ""


def test_a_reset_empties_the_file(emulator, state):
    """After a reset nothing comes back, and the file is small again; faults are no state."""
    for number in range(50):
        emulator.make_plan(f"plan-{number}", summary="x" * 8000)
    emulator.save()
    full = state.stat().st_size
    emulator.fail("GetResponsePlan", "ThrottlingException")
    emulator.reset()
    emulator.save()
    assert state.stat().st_size < full / 4
    emulator.restart(signal.SIGKILL)
    assert emulator.plans() == set()
    assert emulator.faults_left() == 0
    sets = emulator.client("ssm-incidents").list_replication_sets()["replicationSetArns"]
    assert len(sets) == 1


def test_what_the_control_api_makes_is_kept_as_well(emulator, state):
    """A finding is saved by itself, though no operation of AWS made it."""
    incidents = emulator.client("ssm-incidents")
    arn = incidents.start_incident(responsePlanArn=emulator.make_plan("plan"))["incidentRecordArn"]
    emulator.save()
    stack = {"stackArn": STACK, "startTime": 1772366400}
    details = {"cloudFormationStackUpdate": stack}
    written = state.stat().st_mtime_ns
    emulator._control("POST", "findings", {"incidentRecordArn": arn, "details": details})
    until(lambda: state.stat().st_mtime_ns > written)
    time.sleep(WINDOW)
    emulator.restart(signal.SIGKILL)
    incidents = emulator.client("ssm-incidents")
    assert len(incidents.list_incident_findings(incidentRecordArn=arn)["findings"]) == 1


def test_executions_and_quotas_that_a_test_has_made_are_kept(emulator):
    """With how an execution ended, and since when an alarm is in its state."""
    arn = emulator.execution("Restart-Checkout", "Failed", failure="Step restart timed out.")
    emulator.quota("ssm-incidents", "Response plans", 5)
    alarms = emulator.client("cloudwatch")
    alarms.put_metric_alarm(**rights.alarm())
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")

    def looked():
        ssm, quotas = emulator.client("ssm"), emulator.client("service-quotas")
        execution = ssm.get_automation_execution(AutomationExecutionId=arn.rpartition("/")[2])
        listed = quotas.list_service_quotas(ServiceCode="ssm-incidents")["Quotas"]
        [alarm] = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
        return execution["AutomationExecution"], listed, alarm["StateTransitionedTimestamp"]

    before = looked()
    assert before[0]["FailureMessage"] == "Step restart timed out."
    emulator.restart()
    assert looked() == before


def test_a_stopped_clock_stands_where_it_was(emulator):
    """Whoever ends or kills it, it goes on with the time that it had."""
    christmas = emulator.set_clock("2026-12-25T03:00:00Z")
    emulator.save()
    emulator.restart(signal.SIGKILL)
    assert emulator.clock() == christmas
    later = emulator.advance(0.5)
    emulator.restart()
    assert emulator.clock() == later == christmas + timedelta(seconds=0.5)


def test_a_clock_that_was_moved_has_run_meanwhile(emulator):
    """It is as far ahead of the wall as before, and with the wall again once that was said."""
    emulator.advance(timedelta(days=365))
    emulator.restart()
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    found = emulator.clock()
    after = datetime.now(timezone.utc) + timedelta(seconds=1)
    assert before <= found - timedelta(days=365) <= after
    emulator.release_clock()
    emulator.restart()
    assert emulator.clock() <= datetime.now(timezone.utc)


def test_a_state_file_is_for_its_owner_alone(emulator, state):
    """Nobody else can read or write it."""
    emulator.make_plan("plan")
    emulator.save()
    assert {path.stat().st_mode & 0o777 for path in state.parent.iterdir()} == {0o600}


def test_without_a_state_file_saving_is_refused(local_aws):
    """The control API says how to have a state that is kept."""
    with pytest.raises(LocalAwsError, match="start it with --state FILE"):
        local_aws._control("POST", "save")


def test_the_whole_stack_is_unchanged_after_a_kill(emulator, stack_environment, tmp_path):
    """For the program of this repository on the engine, the killed local AWS is as it was."""
    environment = {**stack_environment, "AWS_ENDPOINT_URL": emulator.url}
    program = Program.of_this_repository(tmp_path / "program", environment)
    outputs = program.up()
    emulator.save()
    emulator.restart(signal.SIGKILL)
    assert emulator.url == environment["AWS_ENDPOINT_URL"]
    program.settled()
    assert program.outputs() == outputs
    assert not [entry for entry in emulator.requests() if entry["mutating"]]
    program.destroy()
    assert emulator.plans() == set()


# Kills, loads and neighbours


def write_until_killed(emulator, first, acknowledged):
    """Make plans and topics in turn, and note when each was answered."""
    incidents, sns = emulator.client("ssm-incidents"), emulator.client("sns")
    for number in range(first, first + 100_000):
        try:
            if number % 2:
                sns.create_topic(Name=f"{number:06d}")
            else:
                incidents.create_response_plan(name=f"{number:06d}", incidentTemplate=TEMPLATE)
        except KILLED:
            return
        acknowledged.append((number, time.monotonic()))


def kept(emulator):
    """Return the numbers of what is there."""
    topics = emulator.client("sns").get_paginator("list_topics").paginate()
    arns = [topic["TopicArn"] for page in topics for topic in page["Topics"]]
    return {int(name.rpartition(":")[2]) for name in [*arns, *emulator.plans()]}


def test_a_kill_loses_the_last_moment_at_most(emulator):
    """Killed a dozen times while it writes, the file has all that was answered up to a moment."""
    chance = random.Random(7)  # noqa: S311 - a schedule has to be the same again
    there = 0
    for _ in range(12):
        acknowledged = []
        writer = threading.Thread(target=write_until_killed, args=(emulator, there, acknowledged))
        writer.start()
        time.sleep(chance.uniform(0.05, 4))
        forced = -1
        if chance.random() < 0.4:
            until(lambda acknowledged=acknowledged: acknowledged)
            forced = acknowledged[-1][0]
            emulator.save()
        killed = time.monotonic()
        emulator.end(signal.SIGKILL)
        writer.join()
        emulator.start()
        found = kept(emulator)
        assert found == set(range(len(found))), "a gap: something later was kept, not this"
        answered = [number for number, _ in acknowledged]
        assert len(found) <= max(answered, default=there) + 2, "more than was asked for"
        due = [number for number, moment in acknowledged if moment < killed - WINDOW]
        assert set(due) <= found
        assert forced < len(found)
        there = len(found)
    assert there > 100
    assert emulator.told == ""


def test_an_end_under_load_loses_nothing(emulator):
    """Whatever eight clients had an answer to when SIGTERM came is there after the restart."""
    answered = []

    def write(client):
        for number in range(100_000):
            name = f"{client}-{number}"
            try:
                emulator.make_plan(name)
            except KILLED:
                return
            answered.append(name)

    with ThreadPoolExecutor(8) as pool:
        list_of_writers = [pool.submit(write, client) for client in range(8)]
        until(lambda: len(answered) > 100)
        assert emulator.end() == 0
    assert all(writer.exception() is None for writer in list_of_writers)
    emulator.start()
    assert set(answered) <= emulator.plans()


def test_a_second_signal_does_not_end_the_last_save(emulator):
    """Whoever presses Ctrl-C again and again loses nothing, and sees no traceback."""
    emulator.make_plan("plan")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGINT):
        emulator.process.send_signal(number)
    assert emulator.end() == 0
    assert emulator.told == ""
    assert emulator.start().plans() == {"plan"}


def test_a_long_poll_does_not_hold_up_saves(emulator):
    """While somebody waits for a message, saves and other requests go on; then it arrives."""
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="queue")["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=20)
        time.sleep(0.5)
        for number in range(5):
            emulator.make_plan(f"plan-{number}")
            emulator.save()
        assert not poll.done()
        emulator.client("sqs").send_message(QueueUrl=queue, MessageBody="hello")
        (message,) = poll.result()["Messages"]
    assert message["Body"] == "hello"


def test_a_file_serves_one_at_a_time(emulator, state):
    """A second local AWS on the file is refused, and the first keeps it."""
    emulator.make_plan("plan")
    status, line = refused(state)
    assert status == 2
    assert line == (
        f"The state file {state} is in use by another local AWS: "
        "stop that one, or name another file."
    )
    assert emulator.restart().plans() == {"plan"}


# Files that cannot be used


@pytest.fixture
def saved(emulator, state):
    """Return the bytes of a state file with several services in it."""
    make_team(emulator)
    assert emulator.end() == 0
    return state.read_bytes()


def test_a_damaged_file_is_never_loaded(saved, state):
    """One flipped bit anywhere, or a file cut anywhere: refused and left alone, or harmless."""
    with closing(StateFile(state)) as file:
        whole = file.read(), file.clock
    chance = random.Random(11)  # noqa: S311 - a schedule has to be the same again
    header = [(place, place % 8) for place in range(100)]
    places = header + [(chance.randrange(len(saved)), chance.randrange(8)) for _ in range(1500)]
    damages = [
        saved[:place] + bytes([saved[place] ^ 1 << bit]) + saved[place + 1 :]
        for place, bit in places
    ]
    damages += [saved[: chance.randrange(1, len(saved))] for _ in range(100)]
    refusals = 0
    for damaged in damages:
        state.write_bytes(damaged)
        try:
            with closing(StateFile(state)) as file:
                assert (file.read(), file.clock) == whole
        except StateError:
            refusals += 1
        assert state.read_bytes() == damaged
    assert refusals > len(damages) / 3  # much of a small database is unused


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"# Changelog\n" * 100, "The state file {} is damaged (file is not a database): remove "),
        (b"x", "{} is not a state file of the local AWS: name another file."),
    ],
)
def test_another_kind_of_file_is_refused(state, content, told):
    """A text file is named, left alone, and not taken for a state."""
    state.write_bytes(content)
    status, line = refused(state)
    assert status == 3
    assert line.startswith(told.format(state))
    assert state.read_bytes() == content


def test_a_cut_file_is_refused_in_one_sentence(saved, state):
    """Half a state file ends the start with status 3, and stays as it is."""
    state.write_bytes(saved[: len(saved) // 2])
    status, line = refused(state)
    assert status == 3
    assert line.startswith(f"The state file {state} is damaged (")
    assert line.endswith("): remove it to start from nothing.")
    assert state.read_bytes() == saved[: len(saved) // 2]


def test_an_empty_file_is_a_beginning(state):
    """What mktemp makes, or a kill before the first save leaves, is a state with nothing in it."""
    state.touch()
    with closing(StateFile(state)) as file:
        assert file.read() == {}
        file.accept()
    with closing(StateFile(state)) as file:
        assert file.read() == {}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE meta SET value = '4.2.0' WHERE name = 'moto'", "was saved with moto 4.2.0, and"),
        ("UPDATE meta SET value = '3.8' WHERE name = 'Python'", "was saved with Python 3.8, and"),
        ("PRAGMA user_version = 99", "is of format 99, and this program reads 1"),
        ("PRAGMA application_id = 0", "is not a state file of the local AWS"),
    ],
)
def test_a_file_of_another_version_or_program_is_refused(saved, state, statement, told):
    """A file that could be read, but not understood for sure, is refused and left alone."""
    database = sqlite3.connect(state, isolation_level=None)
    database.execute(statement)
    database.close()
    changed = state.read_bytes()
    assert changed != saved
    status, line = refused(state)
    assert status == 3
    assert told in line
    assert state.read_bytes() == changed


def test_the_code_of_every_service_tells_a_state_of_other_code():
    """In a checkout, what a service keeps is told by the sources of its folder and the protocol."""
    backends = [service.backends.backend for service in SERVICES.values()]
    files = {Path(inspect.getfile(kind)) for each in backends for kind in each.__mro__[:-1]}
    assert {path for path in files if PACKAGE in path.parents} <= set(state_file._SOURCES)


def test_a_state_whose_code_is_gone_is_refused(state):
    """A snapshot that cannot be loaded ends the start with one sentence and status 3."""
    with closing(StateFile(state)) as file:
        file.accept()
        file.write({Key("moto.sns.models.SNSBackend", ACCOUNT, "us-east-1"): b"cno\nthing\n."}, "")
    status, line = refused(state)
    assert status == 3
    assert "cannot be loaded (moto.sns.models.SNSBackend: ModuleNotFoundError" in line


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".", "Is a directory"),
        ("missing/aws.state", "No such file or directory"),
        ("/dev/null", "is not a regular file"),
        ("/proc/aws.state", "cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_had_is_one_sentence(tmp_path, name, reason):
    """A directory, a device and a place where no file can be end the start with status 2."""
    status, line = refused(tmp_path / name)
    assert status == 2
    assert reason in line


def test_a_file_without_permission_is_one_sentence(state):
    """A file that may not be read ends the start with status 2; root has to give up its powers."""
    state.touch(0o400)
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if not os.geteuid() else []
    command = [*powerless, sys.executable, "-m", "pulumi_incidents.emulator", "--port", "0"]
    done = subprocess.run(
        [*command, "--state", str(state)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"The state file {state} cannot be opened (Permission denied).\n"


# Saves that fail


def limit_files(emulator, size):
    """Let no file of the process grow beyond a size, as a full disk does."""
    most = resource.prlimit(emulator.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(emulator.process.pid, resource.RLIMIT_FSIZE, (size, most))


def test_a_full_disk_is_told_once_and_survived(emulator, state):
    """Without room it serves on, says so once, answers a forced save, and saves when it can."""
    emulator.make_plan("early")
    emulator.save()
    limit_files(emulator, state.stat().st_size)
    for number in range(30):
        emulator.make_plan(f"plan-{number}", summary="x" * 8000)
    until(lambda: "The state was not saved to" in emulator.told)
    time.sleep(7)  # it is tried again after 5 s
    (line,) = emulator.told.splitlines()
    assert str(state) in line
    with pytest.raises(LocalAwsError, match="The state was not saved"):
        emulator.save()
    assert len(emulator.plans()) == 31
    limit_files(emulator, resource.RLIM_INFINITY)
    until(lambda: "is saved to" in emulator.told)
    assert len(emulator.restart(signal.SIGKILL).plans()) == 31


def test_an_end_on_a_full_disk_tells_that_the_state_is_lost(emulator, state):
    """The exit status is 1, a sentence says why, and the file has what was saved before."""
    emulator.make_plan("early")
    emulator.save()
    limit_files(emulator, state.stat().st_size)
    for number in range(30):
        emulator.make_plan(f"plan-{number}", summary="x" * 8000)
    assert emulator.end() == 1
    assert emulator.told.splitlines()[-1].startswith(f"The state was not saved to {state} (")
    assert emulator.start().plans() == {"early"}


def test_what_cannot_be_saved_is_named_once_and_left_out(state, capsys):
    """A service with an object that has no lasting form does not keep the others from the file."""
    try:
        storage = Storage(state)
        ses_backends[ACCOUNT]["us-east-1"].verify_email_address("a@example.com")
        glacier_backends[ACCOUNT]["us-east-1"].vaults["v"] = (each for each in ())
        storage.save()
        ses_backends[ACCOUNT]["us-east-1"].verify_email_address("b@example.com")
        storage.save()
        storage.close()
    finally:
        BackendDict.reset()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The state of moto.glacier.models.GlacierBackend is not saved (")
    with closing(StateFile(state)) as file:
        services = {key.backend for key in file.read()}
    assert "moto.ses.models.SESBackend" in services
    assert "moto.glacier.models.GlacierBackend" not in services
