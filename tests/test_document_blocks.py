"""Every block of code in every document has a check. Real: the files, the tools that they name.

Programs that the engine runs are in test_documents.py, test_components_document.py,
test_getting_started.py and test_import.py; here all of them are type-checked, commands are held
against the tools, and files are read by what will read them.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import shlex
import subprocess
import sys

import botocore.session
import hcl2
import pulumi
import pytest
import typer
import yaml
from botocore import xform_name
from pulumi.runtime.config import set_all_config

from pulumi_incidents.commands.app import app
from pulumi_incidents.providers import import_file
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from pulumi_incidents.stacks import OnCall, load_settings
from tests.conftest import ROOT
from tests.declarations import full
from tests.documents import PAGES, blocks, commands
from tests.mocked import declared
from tests.type_checks import mypy

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

# Language -> the test below that looks at it.
CHECKED = ("console", "hcl", "json", "python", "text", "toml", "yaml")

# Of tools that are not here: taken word by word from their documents.
# https://developer.hashicorp.com/terraform/cli/commands
TERRAFORM = (
    "plan -detailed-exitcode",
    "state show aws_ssmincidents_response_plan.checkout",
    "state show aws_ssmcontacts_contact.oncall",
    "state rm aws_ssmincidents_response_plan.checkout",
    "state rm aws_ssmcontacts_contact.oncall",
)

# What any shell has, and what only prepares for the command that matters.
SHELL = (".", "cd", "curl", "export", "git", "mkdir", "pip", "pytest", "rm", "source", "unset")

# Tests that a page shows have no types, as most tests.
LOOSER = """
[[tool.mypy.overrides]]
module = ["mocks", "programs.*"]
disallow_untyped_calls = false
disallow_untyped_defs = false
"""

# Pages whose blocks are one program that grows; everywhere else a block is a program.
GROWING = ("docs/getting-started.md",)


def test_every_block_is_in_a_language_that_has_a_check():
    """A block that nothing looks at would be the first one to be wrong."""
    assert [str(block) for block in blocks() if block.language not in CHECKED] == []
    assert len(blocks()) > 40


def test_every_fence_is_a_block():
    """No block hides from this file behind an odd fence."""
    for path in PAGES:
        fences = re.findall(r"^ *(?:```|~~~)", path.read_text(), re.MULTILINE)
        page = str(path.relative_to(ROOT))
        assert len(fences) == 2 * sum(block.page == page for block in blocks()), page


def test_every_program_type_checks(tmp_path):
    """What is copied from a page is right for mypy, as a program or as a module."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "__init__.py").touch()
    before = {}
    for block in blocks("python"):
        text = before.get(block.page, "") + block.text if block.page in GROWING else block.text
        before[block.page] = text
        name = re.sub(r"\W", "_", str(block))
        (programs / f"{name}.py").write_text(text)
        if "imported with import.json" in text:
            (tmp_path / "imported.py").write_text(text)
    # The project's own settings, so that what `make check` has read need not be read again.
    settings = tmp_path / "pyproject.toml"
    settings.write_text((ROOT / "pyproject.toml").read_text() + LOOSER)
    # The files of an example that a page shows are one program.
    done = mypy(settings, programs, tmp_path, ROOT / "examples/unit_tests")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks("hcl", "json", "toml", "yaml"), ids=str)
def test_every_file_is_read_by_what_reads_it(block):
    """A file parses, and the response in a stack's file is one that the program takes."""
    readers = {"hcl": hcl2.loads, "json": json.loads, "toml": tomllib.loads}
    if block.language in readers:
        assert readers[block.language](block.text)
        return
    config = (yaml.safe_load(block.text) or {}).get("config", {}) if "config:" in block.text else {}
    yaml.safe_load(block.text)
    for key, value in config.items():
        assert re.fullmatch(r"[a-z-]+:\w+", key)
        if key.endswith(":response"):
            project = key.partition(":")[0]
            addresses = decrypted(config.get(f"{project}:addresses"))
            set_all_config({key: json.dumps(value), f"{project}:addresses": json.dumps(addresses)})
            assert load_settings(pulumi.Config(project))


def decrypted(value):
    """Return a value of a stack's file as it reaches a program."""
    if not isinstance(value, dict):
        return value
    if "secure" in value:
        return "+15005550100"
    return {key: decrypted(each) for key, each in value.items()}


def complaints():
    """Yield what the code says about mistakes that the documents show."""
    plan = full("checkout")
    plan["incident_template"]["impact"] = 9
    plan["actions"][0]["ssm_automation"]["rolearn"] = "arn"
    yield from (failure.reason for failure in ResponsePlanProvider().check({}, plan).failures)
    pulumi.runtime.set_mocks(None, project="incidents", stack="dev")
    for mistake in ({"impact": "two"}, {"runbook": {"document": "Restart-Checkout"}}):
        response = {"title": "Checkout is failing", "impact": 2, **mistake}
        set_all_config({"incidents:response": json.dumps(response)})
        with pytest.raises(pulumi.RunError) as told:
            load_settings(pulumi.Config("incidents"))
        yield from str(told.value).splitlines()
    ana, ben = ({"name": name, "sms": "+15005550100"} for name in ("ana", "ben"))
    team = {"people": [ana, ben], "time_zone": "Europe/Dublin"}
    everybody = {"after_minutes": 0, "engage": ["on_call"]}
    for mistake in (
        {"people": [ana, {"name": "ben"}]},
        {"rotations": {"days": {"hours": {"MON-FRI": ["09:00-17:00"]}}}},
        {"rotations": {"days": {"people": ["ana"]}}, "escalation": [everybody]},
        {"escalation": [everybody, {"after_minutes": 10, "engage": []}]},
    ):
        with pytest.raises(pulumi.RunError) as told:
            declared(lambda mistake=mistake: OnCall("shop", {**team, **mistake}))
        yield from str(told.value).splitlines()


def test_every_sentence_is_what_the_code_says():
    """A text block is what somebody sees who makes the mistake, word by word."""
    lines = [line for block in blocks("text") for line in block.text.splitlines()]
    said = list(complaints())
    assert len(lines) > 3
    assert [line for line in lines if line not in said] == []


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_every_command_is_one_that_its_tool_has(block, request):
    """Targets, subcommands, options and modules exist under the names that are printed."""
    assert commands(block)
    for command in commands(block):
        words = shlex.split(command, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        for part in split_at(words, ("&&", "|", ">")):
            check(part, request)


def split_at(words, marks):
    """Split a command line into commands; what follows `>` is a file."""
    part = []
    for word in words:
        if word in marks:
            yield part
            part = []
            if word == ">":
                return
        else:
            part.append(word)
    yield part


def check(words, request):
    """Hold one command against its tool."""
    tool, arguments = words[0].rpartition("/")[2], words[1:]
    if tool == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert {word for word in arguments if "=" not in word} <= set(targets)
    elif tool == "pulumi":
        check_pulumi(arguments, request.getfixturevalue("engine"))
    elif tool == "aws":
        check_aws(*arguments)
    elif tool in ("python", "python3"):
        check_python(arguments)
    elif tool == "pulumi-incidents":
        check_own(arguments)
    elif tool == "terraform":
        assert " ".join(arguments) in TERRAFORM
    else:
        assert tool in SHELL


@functools.cache
def help_of(engine, *command):
    """Return what the engine says about one of its commands."""
    program = [engine / "pulumi", *command, "--help"]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def check_pulumi(arguments, engine):
    """Look up a command of Pulumi and its options in the engine's own help."""
    command = []
    for word in arguments:
        # What is no command, but an argument of one, changes nothing.
        if word.startswith("-") or help_of(engine, *command, word) == help_of(engine, *command):
            break
        command.append(word)
    assert command, arguments
    for option in arguments:
        if option.startswith("-"):
            name = option.partition("=")[0]
            assert re.search(rf"{re.escape(name)}\b", help_of(engine, *command)), option


def check_aws(service, operation, *arguments):
    """Look up an operation of AWS and its members in botocore's model."""
    session = botocore.session.get_session()
    model = session.get_service_model(service)
    if operation == "wait":
        waiters = session.get_waiter_model(service)
        waiter, *arguments = arguments
        names = {xform_name(name, "-"): name for name in waiters.waiter_names}
        operation_model = model.operation_model(waiters.get_waiter(names[waiter]).operation)
    else:
        names = {xform_name(name, "-"): name for name in model.operation_names}
        operation_model = model.operation_model(names[operation])
    shape = operation_model.input_shape
    members = {f"--{xform_name(member, '-')}" for member in shape.members}
    required = {f"--{xform_name(member, '-')}" for member in shape.required_members}
    options = {word for word in arguments if word.startswith("--")}
    assert required - {"--client-token"} <= options <= members | {"--query", "--output", "--region"}


def check_python(arguments):
    """Look up a module, and the options of the import command."""
    option, module, *rest = arguments
    assert option == "-m"
    assert importlib.util.find_spec(module)
    if module == import_file.__name__:
        import_file.parser().parse_args(rest)


def check_own(arguments):
    """Let the command read a line of its own, without doing what it says."""
    group = typer.main.get_command(app)
    if arguments[0].startswith("--"):
        assert {*arguments} <= {flag for option in group.params for flag in option.opts}
        return
    name, command, rest = group.resolve_command(group.context_class(group), arguments)
    command.make_context(name, rest)
