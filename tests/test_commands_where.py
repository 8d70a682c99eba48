"""Which account a command looks at. Real: the engine with stacks of its own, and the local AWS."""

from __future__ import annotations

import json
import os
from unittest import mock

import pytest

from pulumi_incidents.commands import _where
from pulumi_incidents.identity.errors import IncidentManagerError
from tests.program import Program

PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/"
OUTPUTS = f"""
import pulumi
pulumi.export("checkout", {{"arn": "{PLAN}checkout", "parts": ["see {PLAN}payments, too"]}})
pulumi.export("again", "{PLAN}checkout")
pulumi.export("hidden", pulumi.Output.secret("{PLAN}hidden"))
pulumi.export("topic", "arn:aws:sns:us-east-1:123456789012:checkout")
"""


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return a stack of a program with outputs alone, in whose environment the test is."""
    made = Program(tmp_path / "program", stack_environment, OUTPUTS)
    with mock.patch.dict(os.environ, stack_environment, clear=True):
        yield made


def refused(**options):
    """Return the sentence that options are refused with."""
    with pytest.raises(IncidentManagerError) as told:
        _where.account(**options)
    return str(told.value)


def test_plans_are_found_anywhere_in_the_outputs_of_a_stack(program):
    """Each once, in their order; what is a secret is not opened for it."""
    program.up(settled=False)
    assert _where.plans("local", program.folder) == [f"{PLAN}checkout", f"{PLAN}payments"]


def test_a_stack_says_where_and_as_whom(program, local_aws):
    """Region, keys and structures of its configuration are followed; a secret is not repeated."""
    program.configure(
        **{
            "aws:region": "eu-west-1",
            "aws:accessKey": "210987654321",
            "aws:endpoints": json.dumps([{"sts": local_aws.url, "ssmincidents": local_aws.url}]),
        }
    )
    program.run("config", "set", "--secret", "aws:secretKey", "correct horse")
    with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
        found = _where.account("local", program.folder)
        assert (found.region, found.id) == ("eu-west-1", "210987654321")
        assert "horse" not in repr(vars(found))


def test_options_win_over_what_the_stack_says(program, tmp_path):
    """A region, and a profile with what it brings along."""
    config = tmp_path / "config"
    config.write_text("[profile night]\naws_access_key_id=111122223333\naws_secret_access_key=x\n")
    keys = {"aws:region": "eu-west-1", "aws:accessKey": "210987654321", "aws:secretKey": "x"}
    program.configure(**keys)
    with mock.patch.dict(os.environ, {"AWS_CONFIG_FILE": str(config)}):
        found = _where.account("local", program.folder, "us-west-2", "night")
        assert (found.region, found.id) == ("us-west-2", "111122223333")


def test_an_account_that_a_stack_rules_out_is_not_read(program):
    """As by the resources: nobody is to believe what another account says."""
    program.configure(**{"aws:region": "us-east-1", "aws:allowedAccountIds": '["999999999999"]'})
    assert "is none of aws:allowedAccountIds (999999999999)" in refused(
        stack="local", cwd=program.folder
    )


def test_a_key_that_cannot_be_followed_is_told_as_by_the_resources(program):
    """By the stack and the key; nothing of it is left out silently."""
    program.configure(**{"aws:regoin": "eu-west-1"})
    told = refused(stack="local", cwd=program.folder)
    assert told.startswith("aws:regoin of stack local is no setting of pulumi-aws's provider: ")
    assert told.endswith("did you mean region?")


def test_what_the_engine_cannot_tell_is_one_sentence(program, tmp_path):
    """No such stack, no program, no plan, no engine, no folder."""
    here = program.folder
    assert refused(stack="nope", cwd=here) == (
        f"The Pulumi engine cannot read stack nope in {here}: no stack named 'nope' found."
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"in {empty}: no Pulumi.yaml" in refused(stack="local", cwd=empty)
    with pytest.raises(IncidentManagerError, match="No output of stack local has the ARN of a re"):
        _where.plans("local", here)
    with mock.patch.dict(os.environ, {"PATH": str(empty)}):
        assert "is not on PATH: install it" in refused(stack="local", cwd=here)
    assert refused(stack="local", cwd=empty / "x") == f"{empty}/x is not a folder: correct --cwd."
    assert refused(cwd=here) == "--cwd is the folder of a stack: add --stack NAME."


def test_without_a_stack_the_environment_says_it(local_aws):
    """As for any program that calls AWS, and with a sentence where that says too little."""
    with mock.patch.dict(os.environ, local_aws.environment, clear=True):
        assert _where.account().region == "us-east-1"
        assert _where.account(region="eu-west-1").region == "eu-west-1"
        assert "(nobody) could not be found" in refused(profile="nobody")
        del os.environ["AWS_REGION"], os.environ["AWS_DEFAULT_REGION"]
        assert refused() == "No region is set: give --region, or set AWS_REGION."
    assert _where.plans() == []
