"""A document that exists elsewhere is looked up before a plan names it.

Real: the engine, the stand-in of pulumi-aws and the local AWS; in the first part the SDK's own mock
of the engine, which answers what the official plugin does.
"""

from __future__ import annotations

import json

import grpc
import pulumi
import pytest

from pulumi_incidents.stacks import Drill, IncidentResponse, Runbook
from tests import rights
from tests.mocked import PLAN, Mocks, output
from tests.program import EngineError, Program

GET = "aws:ssm/getDocument:getDocument"
ARN = "arn:aws:ssm:us-east-1:210987654321:document/Restart"
ROLE = "arn:aws:iam::123456789012:role/restart"
RESPONSE = {"title": "Down", "impact": 3}
ABSENT = (
    "document_name must be a document that AWS finds in this account and region: correct it, make "
    "it first, or set skip_look_up where it is made later"
)
OF_ANOTHER_TYPE = (
    "document_name must be a document of the type Automation, which is what Incident Manager runs"
)
NOT_LOOKED_UP = (
    "document_name could not be looked up: see to that, or set skip_look_up to go on without; got "
)
# What the official plugin tells of an error of GetDocument, with the name and what AWS answered.
OFFICIAL = f"invocation of {GET} returned an error: invoking {GET}: 1 error occurred:\n\t* "
READING = (
    "reading SSM Document (Restart) content: operation error SSM: GetDocument, "
    "https response error StatusCode: 400, RequestID: 5ab1, "
)


class OfficialError(grpc.RpcError):
    """An error of the plugin, as it comes out of the engine."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def code(self):
        """Return what the engine says of all errors of a function."""
        return grpc.StatusCode.UNKNOWN

    def details(self):
        """Return the text."""
        return f"{OFFICIAL}{READING}{self.answer}\n\n"


class Documents(Mocks):
    """Notes which documents are looked up, and has one answer for all."""

    def __init__(self, answer):
        super().__init__()
        self.answer, self.asked = answer, []

    def call(self, args):
        """Answer a look-up, or fail as it is to fail."""
        if args.token != GET:
            return super().call(args)
        self.asked.append({key: args.args[key] for key in args.args})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer, []


def asked(build, answer=None, *, preview=False):
    """Return what a function's components look up, where this is the answer."""
    mocks = Documents({} if answer is None else answer)
    pulumi.runtime.set_mocks(mocks, project="incidents", stack="test", preview=preview)

    @pulumi.runtime.test
    def program():
        build()

    program()
    return mocks.asked


def runbook(name="r", **args):
    """Declare a runbook of a document that exists."""
    return Runbook(name, "checkout", {"document_name": "Restart", **args})


def of(parameters, **more):
    """Return the answer for an automation document with these parameters."""
    content = json.dumps({"schemaVersion": "0.3", "parameters": parameters, "mainSteps": []})
    return {"documentType": "Automation", "content": content, **more}


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        ({}, [{"name": "Restart"}]),
        ({"document_version": ""}, [{"name": "Restart"}]),
        ({"document_version": "7"}, [{"name": "Restart", "documentVersion": "7"}]),
        ({"document_name": ARN}, [{"name": ARN}]),
        ({"document_name": "AWS-RestartEC2Instance"}, [{"name": "AWS-RestartEC2Instance"}]),
        ({"skip_look_up": True}, []),
        ({"skip_look_up": False}, [{"name": "Restart"}]),
        ({"document_name": None, "content": {"schemaVersion": "0.3", "mainSteps": []}}, []),
    ],
)
def test_what_exists_elsewhere_is_looked_up(args, wanted):
    """By its name or ARN, in the version that is to run; not what is made here, nor with a no."""
    assert asked(lambda: runbook(**args)) == wanted


def test_an_output_is_looked_up_once_it_is_known():
    """In an up, and in a preview only if it is known."""
    assert asked(lambda: runbook(document_name=output("Restart"))) == [{"name": "Restart"}]
    unknown = pulumi.Output.from_input(pulumi.UNKNOWN)
    assert asked(lambda: runbook(document_name=unknown), preview=True) == []
    assert asked(lambda: runbook(document_version=unknown), preview=True) == []


def test_hundreds_of_runbooks_are_looked_up_side_by_side():
    """Each look-up waits for itself, not within another one."""
    names = [f"Restart-{number}" for number in range(300)]
    found = asked(lambda: [runbook(name, document_name=name, role_arn=ROLE) for name in names])
    assert sorted(each["name"] for each in found) == sorted(names)


def test_a_preview_looks_a_document_up():
    """It is there that somebody still can change something."""
    with pytest.raises(pulumi.RunError, match="must be a document that AWS finds"):
        asked(runbook, OfficialError("InvalidDocument: no"), preview=True)


def test_the_drill_of_a_response_asks_no_second_time():
    """It runs the document of the response; a drill of its own asks for its own."""
    args = {**RESPONSE, "runbook": {"document_name": "Restart"}}
    drill = {"occurrence": "1", "runbook": True}
    found = asked(lambda: IncidentResponse("shop", {**args, "drill": drill}))
    assert found == [{"name": "Restart"}]
    own = {"occurrence": "1", "plan_arn": PLAN, "runbook": {"document_name": "Restart"}}
    assert asked(lambda: Drill("d", own)) == [{"name": "Restart"}]


@pytest.mark.parametrize(
    ("answer", "args", "told"),
    [
        (OfficialError("InvalidDocument: none"), {}, f"{ABSENT}; got 'Restart'."),
        (
            OfficialError("InvalidDocumentVersion: none"),
            {"document_version": "7"},
            f"{ABSENT}; got 'Restart' in version '7'.",
        ),
        (
            OfficialError("api error AccessDeniedException: User is not authorized."),
            {},
            f"{NOT_LOOKED_UP}{READING}api error AccessDeniedException: User is not authorized.",
        ),
        (
            {"documentType": "Command"},
            {},
            f"{OF_ANOTHER_TYPE}; got 'Restart', of the type Command.",
        ),
        (
            of({"Service": {"type": "String", "default": "shop"}}),
            {"parameters": {"Servce": ["shop"]}},
            "parameters.Servce is no parameter of the document; it declares Service.",
        ),
        (
            of({"Service": {"type": "String"}}),
            {},
            "parameters.Service is missing: the document has no default for it.",
        ),
        (
            of({"Who": {"type": "String"}}),
            {"dynamic_parameters": {"Who": {"variable": "INVOLVED_RESOURCES"}}},
            "dynamic_parameters.Who: INVOLVED_RESOURCES is for a StringList, and it is a String.",
        ),
    ],
)
def test_a_document_that_would_not_run_is_refused(answer, args, told):
    """What AWS does not find, does not show, or would not start is told in one sentence."""
    with pytest.raises(pulumi.RunError) as refused:
        asked(lambda: runbook(**args), answer)
    assert str(refused.value) == f"Runbook r: {told}"


@pytest.mark.parametrize(
    ("answer", "args"),
    [
        ({}, {"parameters": {"Any": ["thing"]}}),
        ({"documentType": "Automation"}, {"parameters": {"Any": ["thing"]}}),
        ({"documentType": "Automation", "content": "no: [map"}, {}),
        (of({}), {}),
        (of({"Service": {"type": "String"}}), {"parameters": {"Service": ["shop"]}}),
        (of({"Service": {"type": "String"}}), {"skip_look_up": True}),
    ],
)
def test_what_is_right_or_unknown_is_let_through(answer, args):
    """A mock may answer nothing, and so does a provider that is not configured yet."""
    asked(lambda: runbook(**args), answer)


def test_an_output_that_is_no_name_is_refused():
    """As it would have been as a plain value."""
    with pytest.raises(pulumi.RunError, match="Runbook r: set either document_name or content"):
        asked(lambda: runbook(document_name=output(None)))


def test_a_secret_name_is_not_repeated():
    """Nor what AWS answered about it, which has the name in it."""

    def build():
        runbook(document_name=pulumi.Output.secret("Hidden"))

    for answer in ("InvalidDocument: no Hidden", "api error AccessDeniedException: Hidden"):
        with pytest.raises(pulumi.RunError) as refused:
            asked(build, OfficialError(answer))
        assert "Hidden" not in str(refused.value)
        assert "set skip_look_up" in str(refused.value)


STACK = """
import pulumi
from pulumi_incidents.stacks import IncidentResponse, load_settings

IncidentResponse("shop", load_settings(pulumi.Config()))
"""
MADE_HERE = """
import json

import pulumi
import pulumi_aws as aws
from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()
given = config.require_object("given")
declared = {name: {"type": "String"} for name in given}
content = {"schemaVersion": "0.3", "parameters": declared, "mainSteps": []}
document = aws.ssm.Document(
    "restart", name="Restart", document_type="Automation", content=json.dumps(content)
)
runbook = {"parameters": given}
opts = None
if config.get_bool("by_output"):
    runbook["document_name"] = document.name
else:
    runbook["document_name"] = "Restart"
    opts = pulumi.ResourceOptions(depends_on=[document])
IncidentResponse("shop", {"title": "Down", "impact": 3, "runbook": runbook}, opts)
"""


class Response(Program):
    """A response whose runbook is what the stack's file says."""

    def declare(self, **args):
        """Write that file."""
        drill = {"occurrence": "1", "runbook": True}
        self.configure(response={**RESPONSE, "runbook": args, "drill": drill})

    def refused(self, *command):
        """Return what a run says that is refused."""
        with pytest.raises(EngineError) as refused:
            self.run(*command)
        said = str(refused.value)
        assert "Traceback" not in said
        assert "never retrieved" not in said
        return said


@pytest.fixture
def response(tmp_path, stack_environment):
    """Return such a program."""
    return Response(tmp_path / "shop", stack_environment, STACK)


def test_a_stack_is_previewed_only_with_a_document_that_is_there(response, local_aws):
    """Missing, it is refused in preview, unless the stack's file says not to look.

    Once it is gone, a refresh and a destroy do what they did: they run no program.
    """
    ssm = local_aws.client("ssm")
    response.declare(document_name="Restart")
    assert f"Runbook shop-runbook: {ABSENT}; got 'Restart'." in response.refused("preview")
    response.declare(document_name="Restart", skip_look_up=True)
    response.preview()

    rights.document(ssm, "Restart")
    response.declare(document_name="Restart", document_version="2")
    assert f"{ABSENT}; got 'Restart' in version '2'." in response.refused("preview")
    response.declare(document_name="Restart", parameters={"Service": ["shop"]})
    assert "Service is no parameter of the document" in response.refused("preview")
    response.declare(document_name="Restart")
    response.up()
    kinds = [resource["type"] for resource in response.resources()]
    assert kinds.count("pulumi:providers:aws") == 1, "look-ups have the provider of the resources"

    ssm.delete_document(Name="Restart")
    response.run("refresh", "--yes", "--expect-no-changes")
    response.destroy()
    assert response.state() == {}


def test_documents_of_aws_and_of_other_accounts_are_taken(response, local_aws):
    """AWS's own are not in the local AWS; that of another account is, once it is shared."""
    response.declare(document_name="AWS-RestartEC2Instance")
    response.preview()
    response.declare(document_name=ARN)
    theirs = rights.owner_of_document(local_aws, ARN)
    rights.document(theirs, "Restart")
    assert f"{ABSENT}; got '{ARN}'." in response.refused("preview")
    rights.share(theirs, "Restart")
    response.preview()


def test_what_the_same_run_makes_is_waited_for(tmp_path, stack_environment):
    """A preview lets it through, and what the run changes of it; its name stays known.

    The component depends on the document, or is given its name as an output.
    """
    program = Program(tmp_path / "made", stack_environment, MADE_HERE)
    program.configure(given={"Service": ["shop"]})
    steps = json.loads(program.run("preview", "--json"))["steps"]
    (policy,) = (step for step in steps if "RolePolicy::" in step["urn"])
    assert "document/Restart" in policy["newState"]["inputs"]["policy"]
    program.up()
    program.configure(given={"Queue": ["orders"]})
    program.up(settled=False)
    program.configure(given={"Topic": ["orders"]}, by_output=True)
    program.up()
    program.destroy()
    program.preview()
