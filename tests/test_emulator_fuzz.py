"""Every request that the models allow, and every kind that they forbid, at the local AWS.

Real: the server process and HTTP on 127.0.0.1. Requests are made of botocore's models by `wire`,
and answers are judged by them here and by botocore's parser: the emulator's own validation takes no
part. Each run sends about 7,000 requests, always the same. To search further, with random seeds
and, here, 20 times as many: `PROPERTY_SEARCH=20 pytest tests/test_emulator_fuzz.py`.
"""

from __future__ import annotations

import socket
import time
from urllib.parse import quote

import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from pulumi_incidents.emulator.services import SERVICES
from tests.answers import check_success, code_of
from tests.furnished import SCOPE, TIMEOUT, World
from tests.strategies import examples
from tests.wire import CONTACTS, LIVE, OPERATIONS, flawed, messages

REFUSALS = {"ValidationException", "SerializationException"}
APIS = {"ssm-incidents": OPERATIONS, "ssm-contacts": CONTACTS}
EVERY = [each for operations in APIS.values() for _, each in sorted(operations.items())]
# Paths of text without a constraint have no flaw.
FLAWED = [each for each in EVERY if each is not OPERATIONS["ListTagsForResource"]]
READING = ("List", "Get", "BatchGet", "Describe")


def name_of(operation):
    """Return a name for the output of a test."""
    return f"{operation.service_model.service_name}-{operation.name}"


@pytest.fixture(scope="module")
def world(local_aws):
    """Give a world that the tests of this file share."""
    made = World(local_aws)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _start(world):
    world.made = None
    world.rebuild()


@pytest.mark.parametrize("operation", EVERY, ids=name_of)
def test_valid_requests_succeed_or_fail_as_the_model_says(world, operation):
    """Every operation is answered with its output or one of its errors, and succeeds sometimes."""
    succeeded = 0

    @examples(50)
    @given(data=st.data())
    def check(data):
        nonlocal succeeded
        world.rebuild(operation.service_model.service_name)
        if operation.name == "CreateReplicationSet" and data.draw(st.booleans()):
            world.made = None
            world.incidents.delete_replication_set(arn=LIVE["set"])
        message = data.draw(messages(operation))
        answer = world.ask(message)
        if answer[0] >= 400:
            listed = {shape.name for shape in operation.error_shapes}
            code = code_of(answer, operation.service_model)
            assert code in listed - {"InternalServerException"}
        else:
            check_success(operation, answer)
            succeeded += 1
            if not operation.name.startswith(READING):
                world.made = None

    check()
    assert succeeded > 0


@pytest.mark.parametrize("operation", FLAWED, ids=name_of)
def test_requests_with_a_flaw_are_refused(world, operation):
    """Whatever constraint is broken, at any depth, the answer is a refusal, and nothing changes."""
    world.rebuild(operation.service_model.service_name)
    before = kept(world)

    @examples(45)
    @given(message=st.deferred(lambda: flawed(operation)))
    def check(message):
        answer = world.ask(message)
        assert code_of(answer, operation.service_model) in REFUSALS, message.flaw

    check()
    assert kept(world) == before


def kept(world):
    """Return what the local AWS has."""
    aws = world.incidents
    kept_things = [
        aws.list_response_plans(),
        aws.get_response_plan(arn=LIVE["plan"]),
        aws.list_incident_records(),
        aws.get_incident_record(arn=LIVE["record"]),
        aws.list_timeline_events(incidentRecordArn=LIVE["record"]),
        aws.list_related_items(incidentRecordArn=LIVE["record"]),
        *(aws.list_tags_for_resource(resourceArn=LIVE[kind]) for kind in ("plan", "record")),
    ]
    if world.made == "ssm-contacts":
        kept_things += kept_of_people(world.contacts)
    else:
        kept_things += [
            aws.get_replication_set(arn=LIVE["set"]),
            aws.get_resource_policies(resourceArn=LIVE["plan"]),
            aws.list_tags_for_resource(resourceArn=LIVE["set"]),
        ]
    return [{k: v for k, v in each.items() if k != "ResponseMetadata"} for each in kept_things]


def kept_of_people(aws):
    """Return what it has of contacts, rotations and engagements."""
    window = {"RotationId": LIVE["rotation"], "StartTime": 0, "EndTime": 86_400}
    kinds = ("person", "schedule", "escalation")
    return [
        aws.list_contacts(),
        *(aws.get_contact(ContactId=LIVE[kind]) for kind in kinds),
        *(aws.list_tags_for_resource(ResourceARN=LIVE[kind]) for kind in (*kinds, "rotation")),
        aws.list_contact_channels(ContactId=LIVE["person"]),
        aws.get_contact_policy(ContactArn=LIVE["person"]),
        aws.list_rotations(),
        aws.list_rotation_overrides(**window),
        aws.list_rotation_shifts(**window),
        aws.list_engagements(),
        aws.list_pages_by_contact(ContactId=LIVE["person"]),
        aws.list_page_receipts(PageId=LIVE["page"]),
    ]


PATHS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([operation.http["requestUri"] for operation in OPERATIONS.values()]),
    st.sampled_from(["tags", "tags/", "createResponsePlan/", "CREATERESPONSEPLAN", "..", "//"]),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Accept", "Content-Encoding", "Content-Type", "X-Amz-Target", "X-Amz-Date", "Cookie"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=3,
)


METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUX"])
TARGETS = st.builds(
    lambda path, query: f"/{quote(path)}?{quote(query, safe='&=')}", PATHS, st.text(max_size=20)
)
ASKED = st.tuples(METHODS, TARGETS, st.binary(max_size=50), HEADERS)


@pytest.mark.parametrize("service", APIS)
@examples(300)
@given(asked=ASKED)
def test_requests_to_nowhere_are_refused(world, service, asked):
    """Any method, path, query string, header and body is answered, with 4xx or, rarely, success."""
    status, answered, content = world.send(*asked, service)
    if status >= 400 and asked[0] != "HEAD":
        model = next(iter(APIS[service].values())).service_model
        assert code_of((status, answered, content), model) in {
            *(shape.name for shape in model.error_shapes),
            *REFUSALS,
            "UnknownOperationException",
        }
    assert status < 500


LINES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            b"Content-Length: -1",
            b"Content-Length: 99999999999",
            b"Content-Length: x",
            b"Content-Length: 1",
            b"Transfer-Encoding: chunked",
            b"Transfer-Encoding: gzip",
            b"Expect: 100-continue",
            b"Host: 127.0.0.1",
            b"Host: evil.example",
            b"X: @long@",
            b"",
        ]
    ),
)


@examples(150)
@given(
    start=st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b"POST /createResponsePlan HTTP/1.1",
                b"GET /getResponsePlan?arn=\xff HTTP/1.1",
                b"POST /startIncident HTTP/9.9",
                b"POST http://[ HTTP/1.1",
                b"GET /@long@ HTTP/1.1",
            ]
        ),
    ),
    lines=st.lists(LINES, max_size=5),
    body=st.binary(max_size=40),
)
def test_bytes_that_are_hardly_http_do_no_harm(world, start, lines, body):
    """The connection ends soon, with no answer or one that is no crash."""
    signed = b"Authorization: " + SCOPE.format("ssm-incidents").encode()
    with socket.create_connection((world.address.hostname, world.address.port), TIMEOUT) as raw:
        head = b"\r\n".join([start, signed, *lines, b"", b""])
        send(raw, head.replace(b"@long@", b"y" * 70_000) + body)
        answer = b""
        began = time.monotonic()
        while part := received(raw):
            answer += part
            assert time.monotonic() - began < TIMEOUT
    assert b" 500 " not in answer.split(b"\r\n", 1)[0]
    world.incidents.list_response_plans()


def send(raw, content):
    """Send bytes and end the sending, to a server that may have hung up already."""
    try:
        raw.sendall(content)
        raw.shutdown(socket.SHUT_WR)
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise


def received(raw):
    """Return some bytes, or none where the connection was cut."""
    try:
        return raw.recv(65536)
    except ConnectionError:
        return b""


def test_every_operation_is_one_of_the_backend(world):
    """No operation is left out of the models, and all can be called by boto3's names."""
    assert APIS.keys() == SERVICES.keys()
    assert [len(operations) for operations in APIS.values()] == [31, 39]
    for operation in EVERY:
        client = {"ssm-incidents": world.incidents, "ssm-contacts": world.contacts}
        assert hasattr(client[operation.service_model.service_name], xform_name(operation.name))
