"""What the local AWS does not have, and under which id it answers.

Real: a server process of its own, HTTP on 127.0.0.1, and requests and parsers of botocore itself
for every service that it knows; so nothing here is a list of services or of protocols.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlencode, urlsplit

import botocore.session
import pytest
from botocore import parsers, serialize
from botocore.model import ServiceModel

from pulumi_incidents.emulator.testing import LocalAws
from tests.calls import refused
from tests.conftest import ROOT

LOADER = botocore.session.get_session().get_component("data_loader")
SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, Signature=0"
MISSING = "arn:aws:ssm-incidents::123456789012:response-plan/missing"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Run a local AWS of its own, since it loads all of moto here; yield it and its stderr."""
    errors = tmp_path_factory.mktemp("unserved") / "stderr"
    command = [sys.executable, "-m", "pulumi_incidents.emulator", "--port=0"]
    with errors.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=out, text=True)
    with process:
        yield LocalAws(process.stdout.readline().strip()), errors
        process.terminate()


class Asked:
    """One request to the first operation of a service, with next to nothing in it."""

    def __init__(self, service):
        self.model = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
        self.operation = self.model.operation_model(self.model.operation_names[0])

    def send(self, connection):
        """Send it; return its status, and what botocore's parser makes of the answer."""
        shape = self.operation.input_shape
        members = shape.members if shape else {}
        placed = {name: member.serialization for name, member in members.items()}
        in_path = [
            n for n, at in placed.items() if at.get("location") == "uri" or "hostLabel" in at
        ]
        protocol = self.model.resolved_protocol
        serializer = serialize.create_serializer(protocol, include_validation=False)
        sent = serializer.serialize_to_request(dict.fromkeys(in_path, "x"), self.operation)
        query, body = sent["query_string"], sent["body"]
        path = sent["url_path"] + (f"?{urlencode(query, doseq=True)}" if query else "")
        if isinstance(body, dict):
            body = urlencode(body, doseq=True)
        headers = {"Authorization": SCOPE.format(self.model.signing_name), **sent["headers"]}
        connection.request(sent["method"], path, body, headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        raw = {"status_code": answer.status, "headers": told, "body": answer.read()}
        return answer.status, parsers.create_parser(protocol).parse(
            raw, self.operation.output_shape
        )


def test_every_service_of_aws_is_answered_in_its_own_protocol(server):
    """Nothing is a bare 500 or a page; what is not here says so, and no SDK asks for it again."""
    aws, errors = server
    aws.forget()
    services = LOADER.list_available_services("service-2")
    identifiers, missing = set(), 0
    with closing(http.client.HTTPConnection(urlsplit(aws.url).netloc)) as connection:
        for service in services:
            status, answer = Asked(service).send(connection)
            identifiers.add(answer["ResponseMetadata"]["RequestId"])
            if status < 400:
                continue
            error = answer["Error"]
            assert error["Message"], service
            assert not error["Code"].isdigit(), (service, answer)
            assert status < 500 or status == 501, (service, answer)
            missing += error["Code"] == "NotImplementedException"
    assert len(identifiers) == len(services)
    assert missing > 200  # else it was something else that refused them
    assert "Traceback" not in errors.read_text()
    assert len(aws.requests(None)) == len(services)
    assert {entry["request_id"] for entry in aws.requests(None)} == identifiers


def test_the_services_that_are_told_to_run_are_here(server):
    """Each one that LocalStack's health names is one that the local AWS or moto has."""
    aws, _ = server
    with closing(http.client.HTTPConnection(urlsplit(aws.url).netloc)) as connection:
        connection.request("GET", "/_localstack/health")
        services = json.load(connection.getresponse())["services"]
        assert len(services) > 100
        for service in services:
            _, answer = Asked(service).send(connection)
            message = answer.get("Error", {}).get("Message", "")
            assert "and neither has moto" not in message, service


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("wisdom", "list_assistants", {}),
        ("chatbot", "describe_slack_workspaces", {}),
        ("cloudcontrol", "list_resources", {"TypeName": "AWS::SNS::Topic"}),
        ("iam", "simulate_custom_policy", {"PolicyInputList": ["{}"], "ActionNames": ["a:b"]}),
    ],
)
def test_what_is_not_here_says_which_operation_it_is(server, service, operation, parameters):
    """A client of boto3 has an error of its service with a sentence, and a request id."""
    aws, _ = server
    with closing(aws.client(service)) as client, refused("NotImplementedException") as seen:
        getattr(client, operation)(**parameters)
    assert seen["ResponseMetadata"]["RequestId"]
    [entry] = aws.requests(None)[-1:]
    assert (entry["status"], entry["error"]) == (501, "NotImplementedException")
    assert entry["operation"] in seen["Error"]["Message"]


def test_a_signed_url_of_a_bucket_is_answered_in_xml(server):
    """Who opens such a URL has the error of that service, as who sends a header does."""
    aws, _ = server
    query = urlencode({"X-Amz-Credential": "test/20260101/us-east-1/s3/aws4_request"})
    with closing(http.client.HTTPConnection(urlsplit(aws.url).netloc)) as connection:
        connection.request("BREW", f"/bucket?{query}")
        answer = connection.getresponse()
        assert (answer.status, b"<Error><Code>" in answer.read()) == (501, True)


def test_what_moto_breaks_on_is_a_sentence(server):
    """A mistake of moto's is told with its place, as an error of the service that was asked."""
    aws, errors = server
    with closing(aws.client("datapipeline")) as client, refused("InternalFailure") as seen:
        client.activate_pipeline(pipelineId="missing")
    message = seen["Error"]["Message"]
    assert message.startswith("moto fails at ActivatePipeline of datapipeline")
    assert "KeyError" in message
    assert message in errors.read_text()


def test_every_answer_of_incident_manager_has_a_request_id(local_aws, incidents):
    """Success, refusal and what no operation is: each has one that is in the log, too."""
    answered = incidents.list_response_plans()["ResponseMetadata"]["RequestId"]
    with refused("ResourceNotFoundException") as missing:
        incidents.get_response_plan(arn=MISSING)
    with refused("ValidationException") as wrong:
        incidents.get_response_plan(arn="none")
    told = [answered, *(seen["ResponseMetadata"]["RequestId"] for seen in (missing, wrong))]
    assert len(set(told)) == 3
    assert [entry["request_id"] for entry in local_aws.requests()] == told
