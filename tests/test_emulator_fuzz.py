"""Every request that the model allows, and every kind that it forbids, at the local AWS.

Real: the server process and HTTP on 127.0.0.1. Requests are made of botocore's model by `wire`,
and answers are judged by it here and by botocore's parser: the emulator's own validation takes no
part. Each run sends about 3,000 requests, always the same. To search further, with random seeds
and, here, 20 times as many: `PROPERTY_SEARCH=20 pytest tests/test_emulator_fuzz.py`.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
import urllib.request
from collections import Counter
from urllib.parse import quote, urlsplit

import pytest
from botocore import xform_name
from botocore.awsrequest import HeadersDict
from hypothesis import given
from hypothesis import strategies as st

from tests.answers import ERRORS, check_success, code_of
from tests.strategies import examples
from tests.wire import LIVE, OPERATIONS, flawed, messages

SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm-incidents/aws4_request"
REFUSALS = {"ValidationException", "SerializationException"}
# Beyond any answer, and far below what a person would wait.
TIMEOUT = 20
NAMES = sorted(OPERATIONS)


class World:
    """A local AWS in which one of each thing can be named by a request."""

    def __init__(self, local_aws):
        """Make the things."""
        self.aws, self.incidents = local_aws, local_aws.client("ssm-incidents")
        self.address = urlsplit(local_aws.url)
        self.changed = True

    def rebuild(self):
        """Go back to the start if anything changed, and let requests know what there is."""
        if not self.changed:
            return
        self.changed = False
        aws = self.incidents
        self.aws.reset()
        self.aws.permissions("off")  # the topics of random plans are not there
        [LIVE["set"]] = aws.list_replication_sets()["replicationSetArns"]
        template = {"title": "t", "impact": 1, "dedupeString": "d"}
        LIVE["plan"] = aws.create_response_plan(name="live", incidentTemplate=template)["arn"]
        policy = '{"Version": "2012-10-17", "Statement": []}'
        added = aws.put_resource_policy(resourceArn=LIVE["plan"], policy=policy)
        LIVE["policy"] = added["policyId"]
        LIVE["record"] = aws.start_incident(responsePlanArn=LIVE["plan"])["incidentRecordArn"]
        LIVE["event"] = aws.create_timeline_event(
            incidentRecordArn=LIVE["record"], eventData="", eventTime=0, eventType="Note"
        )["eventId"]
        details = {"cloudFormationStackUpdate": {"stackArn": LIVE["plan"], "startTime": 0}}
        content = {"incidentRecordArn": LIVE["record"], "details": details, "id": "finding"}
        request = urllib.request.Request(
            f"{self.aws.url}/_local/findings", json.dumps(content).encode(), method="POST"
        )
        with urllib.request.urlopen(request) as answer:
            LIVE["finding"] = json.load(answer)["id"]

    def send(self, method, target, body=b"", headers=None):
        """Return status, headers and body of the answer to a request."""
        connection = http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=TIMEOUT
        )
        try:
            given_headers = {"Authorization": SCOPE, "Connection": "close", **(headers or {})}
            connection.request(method, target, body, given_headers)
            response = connection.getresponse()
            return response.status, HeadersDict(response.headers), response.read()
        finally:
            connection.close()

    def ask(self, message):
        """Send a request made by `wire`."""
        return self.send(message.method, message.target, message.content())


@pytest.fixture(scope="module")
def world(local_aws):
    """Give a world that the tests of this file share."""
    made = World(local_aws)
    yield made
    made.incidents.close()


@pytest.fixture(autouse=True)
def _start(world):
    world.changed = True
    world.rebuild()


def test_valid_requests_succeed_or_fail_as_the_model_says(world):
    """Every operation is answered with its output or one of its errors, and succeeds sometimes."""
    succeeded = Counter()

    @examples(50)
    @given(data=st.data())
    def check(operation, data):
        world.rebuild()
        if operation == "CreateReplicationSet" and data.draw(st.booleans()):
            world.changed = True
            world.incidents.delete_replication_set(arn=LIVE["set"])
        message = data.draw(messages(operation))
        answer = world.ask(message)
        if answer[0] >= 400:
            listed = {shape.name for shape in OPERATIONS[operation].error_shapes}
            assert code_of(answer) in listed - {"InternalServerException"}
        else:
            check_success(operation, answer)
            succeeded[operation] += 1
            world.changed |= not operation.startswith(("List", "Get", "BatchGet"))

    for operation in NAMES:
        check(operation)
    assert succeeded.keys() == OPERATIONS.keys()
    assert sum(succeeded.values()) > 500


@pytest.mark.parametrize("operation", NAMES)
def test_requests_with_a_flaw_are_refused(world, operation):
    """Whatever constraint is broken, at any depth, the answer is a refusal, and nothing changes."""
    before = kept(world)

    @examples(45)
    @given(message=st.deferred(lambda: flawed(operation)))
    def check(message):
        assert code_of(world.ask(message)) in REFUSALS, message.flaw

    if operation != "ListTagsForResource":  # a path of text without a constraint has no flaw
        check()
    assert kept(world) == before


def kept(world):
    """Return what the local AWS has."""
    aws = world.incidents
    kept_things = [
        aws.get_replication_set(arn=LIVE["set"]),
        aws.list_response_plans(),
        aws.get_response_plan(arn=LIVE["plan"]),
        aws.get_resource_policies(resourceArn=LIVE["plan"]),
        aws.list_incident_records(),
        aws.get_incident_record(arn=LIVE["record"]),
        aws.list_timeline_events(incidentRecordArn=LIVE["record"]),
        aws.list_related_items(incidentRecordArn=LIVE["record"]),
        *(aws.list_tags_for_resource(resourceArn=LIVE[kind]) for kind in ("plan", "record", "set")),
    ]
    return [{k: v for k, v in each.items() if k != "ResponseMetadata"} for each in kept_things]


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


@examples(300)
@given(method=METHODS, target=TARGETS, headers=HEADERS, body=st.binary(max_size=50))
def test_requests_to_nowhere_are_refused(world, method, target, headers, body):
    """Any method, path, query string, header and body is answered, with 4xx or, rarely, success."""
    status, answered, content = world.send(method, target, body, headers)
    if status >= 400 and method != "HEAD":
        assert code_of((status, answered, content)) in {
            *ERRORS,
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
    signed = b"Authorization: " + SCOPE.encode()
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
    """No operation is left out of the model's, and all can be called by boto3's names."""
    assert len(NAMES) == 31
    for name in NAMES:
        assert hasattr(world.incidents, xform_name(name))
