"""What every service of the local AWS has from `protocol`, and the faults that it can meet.

Real: AWS's own model of ssm-contacts (JSON 1.1), boto3 and HTTP on 127.0.0.1. The service behind it
is a small one, made here: it shows that a service is its semantics and nothing else.
"""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from pulumi_incidents.emulator.front.faults import Faults, read_fault
from pulumi_incidents.emulator.protocol.backend import Backend
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.listing import Pages
from pulumi_incidents.emulator.protocol.responses import respond
from pulumi_incidents.emulator.protocol.service import Service
from pulumi_incidents.emulator.ssm_incidents.service import INCIDENTS

PLAN = {"Stages": []}
JSON = "application/x-amz-json-1.1"
PAGES = Pages("NextToken", "MaxResults", most=100)


class ResourceNotFoundException(ServiceException):
    """An error with the members that the model of ssm-contacts gives it."""

    code = "ResourceNotFoundException"

    def __init__(self, arn):
        super().__init__(f"{arn} does not exist.")
        self.ResourceId, self.ResourceType = arn, "CONTACT"


class ContactsBackend(Backend):
    """Contacts that can be made, got and listed."""

    client_token = "IdempotencyToken"
    listed = ("contacts",)

    def _clear(self):
        super()._clear()
        self.contacts = {}

    def create_contact(self, parameters):
        """Make a contact, or another in its place."""
        name = f"contact/{parameters['Alias']}"
        arn = f"arn:{self.partition}:ssm-contacts:{self.region_name}:{self.account_id}:{name}"
        self.contacts[arn] = {"ContactArn": arn, **parameters}
        self.messages.append(arn)
        return {"ContactArn": arn}

    def get_contact(self, parameters):
        """Return the contact."""
        if parameters["ContactId"] not in self.contacts:
            raise ResourceNotFoundException(parameters["ContactId"])
        return self.contacts[parameters["ContactId"]]

    def list_contacts(self, parameters):
        """Return the contacts, in the order of their ARNs."""
        return PAGES.page("Contacts", parameters, sorted(self.contacts.items()), dict)


def refuse_root(operation, parameters):
    """Forbid an alias that the model allows."""
    if operation == "CreateContact" and parameters["Alias"] == "root":
        raise ValidationException("root is nobody to page.")


class Running:
    """A small ssm-contacts behind an address."""

    def __init__(self):
        self.delivered = []
        self.exchanges = []
        self.faults = Faults()
        self.service = Service(
            name="ssm-contacts",
            title="Incident Manager Contacts",
            backends=BackendDict(ContactsBackend, "ssm-contacts"),
            check=refuse_root,
            deliver=self.delivered.extend,
        )

    def __call__(self, environ, start_response):
        """Answer one request, which is from us-east-1 unless its signature says otherwise."""
        request = Request(environ)
        signed = request.headers.get("Authorization", "")
        region = "eu-west-1" if "eu-west-1" in signed else "us-east-1"
        owner = self.service.owner_of("test", region)
        exchange = respond(self.service, request, owner, self.faults.take)
        self.exchanges.append(exchange)
        return exchange.response(environ, start_response)

    def client(self, region="us-east-1"):
        """Return what any program has."""
        return boto3.client(
            "ssm-contacts",
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )

    def send(self, body=b"{}", target="SSMContacts.ListContacts", *, method="POST", path="/"):
        """Send a request as it is; return status, headers and the JSON of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Content-Type": JSON, **({"X-Amz-Target": target} if target else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        told = answer.status, answer.headers, json.loads(answer.read())
        connection.close()
        return told


class Quiet(WSGIRequestHandler):
    """A handler that tells of errors alone."""

    def log_request(self, *_):
        """Say nothing of a request that was answered."""


@contextmanager
def serving(application):
    """Serve an application on a free port for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, application, request_handler=Quiet)
    application.port = server.server_port
    application.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def contacts():
    """Run a small ssm-contacts without anything in it."""
    with serving(Running()) as running:
        yield running
    running.faults.heal()
    BackendDict.reset()


@pytest.fixture
def client(contacts):
    """Return a client of it."""
    made = contacts.client()
    yield made
    made.close()


def make(client, alias, **members):
    """Make a contact; return its ARN."""
    return client.create_contact(Alias=alias, Type="PERSONAL", Plan=PLAN, **members)["ContactArn"]


def test_an_api_of_json_1_1_is_spoken_as_botocore_speaks_it(client):
    """What is made is got and listed, in the shapes of the model."""
    arn = make(client, "anna", DisplayName="Anna")
    assert arn == "arn:aws:ssm-contacts:us-east-1:123456789012:contact/anna"
    found = client.get_contact(ContactId=arn)
    del found["ResponseMetadata"]
    whole = {"ContactArn": arn, "Alias": "anna", "DisplayName": "Anna", "Type": "PERSONAL"}
    assert found == {**whole, "Plan": PLAN}
    assert client.list_contacts()["Contacts"] == [whole]


def test_every_operation_of_the_model_is_found_by_its_target(contacts):
    """Each of the 39 is looked for in its own parameters, and none is unknown."""
    assert len(contacts.service.operations) == 39
    for name in contacts.service.operations:
        _, _, answer = contacts.send(b'{"No": 1}', f"SSMContacts.{name}")
        assert answer["__type"] == "ValidationException"
        assert contacts.exchanges[-1].operation == name


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"target": "SSMContacts.PageEverybody"}, "SSMContacts.PageEverybody"),
        ({"target": "AmazonSSM.ListContacts"}, "AmazonSSM.ListContacts"),
        ({"target": "ListContacts"}, "ListContacts"),
        ({"target": None}, "without an X-Amz-Target"),
        ({"method": "PUT"}, "PUT /"),
        ({"path": "/contacts"}, "POST /contacts"),
    ],
)
def test_what_is_no_operation_is_unknown(contacts, asked, told):
    """A wrong target, method or path is answered as the protocol has errors, and calls nothing."""
    status, headers, answer = contacts.send(**asked)
    assert (status, headers["Content-Type"]) == (404, JSON)
    assert headers["X-Amzn-ErrorType"] == answer["__type"] == "UnknownOperationException"
    assert answer["message"] == f"ssm-contacts has no operation {told}."
    assert contacts.exchanges[-1].parameters is None


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/startIncident", 400)])
def test_an_error_of_the_other_protocol_has_the_type_of_that(path, status):
    """What is in no model is answered by each service as the rest of its answers."""
    request = Request.from_values(path, method="POST", data=b"[]")
    owner = INCIDENTS.owner_of("test", "us-east-1")
    answer = respond(INCIDENTS, request, owner).response
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"Alias": NaN}', "{}".encode("utf-16")])
def test_a_body_that_is_no_json_object_is_refused(contacts, body):
    """It is a SerializationException, as in the other protocol."""
    status, headers, answer = contacts.send(body)
    assert (status, headers["Content-Type"]) == (400, JSON)
    assert answer["__type"] == "SerializationException"


def test_no_body_is_an_empty_object(contacts):
    """An operation that requires nothing is answered."""
    status, headers, answer = contacts.send(b"")
    assert (status, headers["Content-Type"], answer) == (200, JSON, {"Contacts": []})


def test_everything_that_the_model_forbids_is_told_at_once(contacts):
    """Missing, wrong, unknown and misplaced members are all in the one message."""
    body = {"Alias": "Anna!", "Type": "HERMIT", "Colour": "red"}
    target = "SSMContacts.CreateContact"
    status, _, answer = contacts.send(json.dumps(body).encode(), target, path="/?Plan=x")
    assert (status, answer["__type"]) == (400, "ValidationException")
    told = answer["Message"]
    assert told.startswith("5 validation errors detected: ")
    for member in ("Alias", "Type", "Colour", "Plan"):
        assert f"Value at '{member}' failed" in told
    assert contacts.delivered == []


@pytest.mark.parametrize("name", ["Zoë Ångström", "山田 太郎", "Δ-4_٣.x", ""])
def test_a_pattern_knows_the_letters_of_every_script(client, name):
    """Letters, numbers and spaces of Unicode are what the model says they are."""
    arn = make(client, "anna", DisplayName=name)
    assert client.get_contact(ContactId=arn)["DisplayName"] == name


@pytest.mark.parametrize("name", ["Anna!", "a\tb", "😀", "Anna\n"])
def test_a_pattern_refuses_what_is_no_letter(client, name):
    """Signs, symbols and control characters are refused, a line break at the end as well."""
    with pytest.raises(client.exceptions.ValidationException, match="Value at 'DisplayName' fail"):
        make(client, "anna", DisplayName=name)


def test_what_only_the_documents_forbid_is_refused_as_well(contacts, client):
    """The service's own check runs on what the model allows; the log has no parameters of it."""
    with pytest.raises(client.exceptions.ValidationException, match="root is nobody to page"):
        make(client, "root")
    assert contacts.exchanges[-1].parameters is None


def test_an_error_has_the_members_of_its_model(client):
    """Its message, which this API spells otherwise, is read, and so are its members."""
    arn = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/nobody"
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.get_contact(ContactId=arn)
    told = caught.value.response
    assert told["Error"]["Message"] == told["Message"] == f"{arn} does not exist."
    assert (told["ResourceId"], told["ResourceType"]) == (arn, "CONTACT")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_pages_are_whole_and_their_tokens_sealed(client):
    """They go on where the last one ended, and a token is good for its own list alone."""
    made = [make(client, f"c{number}") for number in range(5)]
    pages = client.get_paginator("list_contacts").paginate(PaginationConfig={"PageSize": 2})
    found = [[contact["ContactArn"] for contact in page["Contacts"]] for page in pages]
    assert found == [made[:2], made[2:4], made[4:]]
    token = client.list_contacts(MaxResults=2)["NextToken"]
    for asked in ({"NextToken": f"{token}A"}, {"NextToken": token, "Type": "PERSONAL"}):
        with pytest.raises(client.exceptions.ValidationException, match="The NextToken is not one"):
            client.list_contacts(**asked)
    # The least that the model allows is no number of results: it is that of a usual page.
    assert len(client.list_contacts(MaxResults=0)["Contacts"]) == 5


def test_a_client_token_is_good_for_one_request(contacts, client):
    """The same request again has no second effect; another one with the token is refused."""
    arn = make(client, "anna", IdempotencyToken="t" * 32)
    assert make(client, "anna", IdempotencyToken="t" * 32) == arn
    assert contacts.delivered == [arn]
    with pytest.raises(client.exceptions.ValidationException, match="The IdempotencyToken was al"):
        make(client, "bob", IdempotencyToken="t" * 32)


def test_what_a_call_leaves_is_delivered_once(contacts, client):
    """It is delivered after the call that made it, and what fails leaves nothing."""
    arn = make(client, "anna")
    client.get_contact(ContactId=arn)
    with pytest.raises(client.exceptions.ValidationException):
        make(client, "root")
    assert contacts.delivered == [arn]


def test_a_service_of_regions_has_a_state_for_each(contacts, client):
    """What is made in one region is not in another."""
    make(client, "anna")
    other = contacts.client("eu-west-1")
    assert other.list_contacts()["Contacts"] == []
    assert ":eu-west-1:" in make(other, "anna")
    other.close()


def test_what_only_reads_is_known_by_its_name(contacts, client):
    """Describe, Get and List change nothing, so the log can leave them out."""
    client.get_contact(ContactId=make(client, "anna"))
    assert [exchange.mutating for exchange in contacts.exchanges] == [True, False]


# Faults


def declare(contacts, **declared):
    """Declare a fault for Incident Manager and ssm-contacts."""
    contacts.faults.add(read_fault(declared, [INCIDENTS, contacts.service]))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"code": "ThrottlingException"}, {"Message": "Rate exceeded"}),
        (
            {"code": "ThrottlingException", "message": "Slow", "RetryAfterSeconds": 3},
            {"Message": "Slow", "RetryAfterSeconds": 3},
        ),
        (
            {"code": "ServiceQuotaExceededException"},
            {"QuotaCode": "L-0A1B2C3D", "ServiceCode": "ssm-contacts"},
        ),
        (
            {"code": "ConflictException", "ResourceId": "anna", "ResourceType": "CONTACT"},
            {"ResourceId": "anna", "ResourceType": "CONTACT"},
        ),
    ],
)
def test_a_fault_names_an_operation_of_any_service(contacts, client, error, told):
    """Its error is that of the service, with the members that its model has and requires."""
    declare(contacts, operation="GetContact", error=error)
    with pytest.raises(ClientError) as caught:
        client.get_contact(ContactId=make(client, "anna"))
    assert caught.value.response["Error"]["Code"] == error["code"]
    assert told.items() <= caught.value.response.items()
    assert contacts.faults.left() == []


def test_a_fault_that_is_in_no_model_is_answered_by_every_service(contacts, client):
    """A common error comes in the type of the protocol, and a denial names the service."""
    declare(contacts, operation="*", error={"code": "UnrecognizedClientException"})
    with pytest.raises(ClientError, match="The security token included in the request is invalid"):
        client.list_contacts()
    declare(contacts, operation="GetContact", error={"code": "AccessDeniedException"})
    with pytest.raises(ClientError, match="not authorized to perform: ssm-contacts:GetContact bec"):
        client.get_contact(ContactId=make(client, "anna"))


def test_a_fault_meets_the_services_that_have_its_operation_and_its_error(contacts):
    """An operation of two services meets it in both, and an error of one in that one alone."""
    services = [INCIDENTS, contacts.service]

    def met(**declared):
        fault = read_fault(declared, services)
        return [each.name for each in services if fault.meets(each, "TagResource")]

    assert met(operation="TagResource", delay=1) == ["ssm-incidents", "ssm-contacts"]
    assert met(operation="*", delay=1) == ["ssm-incidents", "ssm-contacts"]
    throttled = {"code": "ThrottlingException"}
    assert met(operation="*", error=throttled) == ["ssm-incidents", "ssm-contacts"]
    assert met(operation="*", error={**throttled, "RetryAfterSeconds": 1}) == ["ssm-contacts"]
    assert met(operation="*", error={**throttled, "quotaCode": "L-1"}) == ["ssm-incidents"]
    assert met(operation="*", error={"code": "DataEncryptionException"}) == ["ssm-contacts"]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (
            {"operation": "PageEverybody", "delay": 1},
            'must be "*" or an operation of Incident Manager or Incident Manager Contacts, not ',
        ),
        (
            {"operation": "GetResponsePlan", "error": {"code": "DataEncryptionException"}},
            "error: must have one of the codes AccessDeniedException, ConflictException, Exp",
        ),
        (
            {"operation": "GetContact", "error": {"code": "ConflictException"}},
            "error: 2 validation errors detected: Value at 'error.ResourceId' failed",
        ),
    ],
)
def test_a_fault_that_no_service_can_have_is_refused(contacts, declared, told):
    """The sentence names what the services have."""
    with pytest.raises(ValidationException) as caught:
        declare(contacts, **declared)
    assert told in caught.value.message


def test_lists_lag_in_every_service(contacts, client):
    """A list that lags has what there was; what is got is there at once."""
    declare(contacts, operation="ListContacts", times=1, lag=600)
    arn = make(client, "anna")
    assert client.get_contact(ContactId=arn)["Alias"] == "anna"
    assert client.list_contacts()["Contacts"] == []
    assert len(client.list_contacts()["Contacts"]) == 1
