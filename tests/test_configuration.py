"""What a stack's configuration file may say, and what is told about a mistake in it.

Real: the reading of `incidents:response` and the SDK's configuration; in the last test the engine,
which encrypts a secret and decrypts it for the program.
"""

from __future__ import annotations

import json

import pulumi
import pytest
from pulumi.runtime.config import set_all_config

from pulumi_incidents.stacks import load_settings
from pulumi_incidents.stacks.incident_response import IncidentResponseArgs
from tests.conftest import ROOT
from tests.program import EngineError, Program

KEY = "incidents:response"
WHERE = "in Pulumi.dev.yaml"
NO_KEY = f"{WHERE}: there is no such key."
MINIMAL = {"title": "Checkout is failing", "impact": 2}
ALARM = {"namespace": "Shop", "metric_name": "Errors", "threshold": 10}


@pytest.fixture(autouse=True)
def _stack(monkeypatch):
    """Be the stack `dev`."""
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")


def load(value, *, secret=False):
    """Read a configuration, given as the engine hands it over."""
    text = value if isinstance(value, str) else json.dumps(value)
    set_all_config({KEY: text}, [KEY] if secret else [])
    return load_settings(pulumi.Config("incidents"))


def mistakes(value, *, secret=False):
    """Return the sentences about a configuration."""
    with pytest.raises(pulumi.RunError) as refused:
        load(value, secret=secret)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"titel": "t"}, f"{KEY}.titel {NO_KEY} Did you mean title?"),
        (
            {"runbook": {"document": "D"}},
            f"{KEY}.runbook.document {NO_KEY} Did you mean document_name?",
        ),
        (
            {"alarms": {"errors": {**ALARM, "metric": "Errors"}}},
            f"{KEY}.alarms.errors.metric {NO_KEY} Did you mean metric_name?",
        ),
        (
            # An alarm may have the name of a key.
            {"alarms": {"namespace": {**ALARM, "metric": "Errors"}}},
            f"{KEY}.alarms.namespace.metric {NO_KEY} Did you mean metric_name?",
        ),
        (
            {"chat": {"subscribers": [{"protocol": "sqs", "endpoint": "e", "endpoints": "e"}]}},
            f"{KEY}.chat.subscribers.0.endpoints {NO_KEY} Did you mean endpoint?",
        ),
        (
            {"chat": {"colour": "red"}},
            (
                f"{KEY}.chat.colour {NO_KEY} The keys are subscribers, encrypted, kms_key_id, "
                "other_regions."
            ),
        ),
    ],
)
def test_an_unknown_key_suggests_the_nearest_one_there_is(value, sentence):
    """A typing mistake is mended without looking anything up."""
    assert mistakes({**MINIMAL, **value}) == [sentence]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"impact": "two"}, '.impact {}: Input should be a valid integer; got "two".'),
        ({"impact": True}, ".impact {}: Input should be a valid integer; got true."),
        ({"impact": 2.5}, ".impact {}: Input should be a valid integer; got 2.5."),
        ({"title": None}, ".title {}: Input should be a valid string; got null."),
        ({"engagements": "arn"}, '.engagements {}: Input should be a valid list; got "arn".'),
        ({"tags": ["a"]}, ".tags {}: Input should be a map; got a list."),
        ({"tags": {"a": {}}}, ".tags.a {}: Input should be a valid string; got a map."),
        (
            {"events": {"deploys": {"event_pattern": "all"}}},
            '.events.deploys.event_pattern {}: Input should be a map; got "all".',
        ),
        (
            {"chat": True},
            (
                ".chat {}: Input should be a map with the keys subscribers, encrypted, kms_key_id, "
                "other_regions."
            ),
        ),
    ],
)
def test_a_wrong_type_tells_what_was_given(value, sentence):
    """One sentence names the key, the file, what belongs there and what is there."""
    assert mistakes({**MINIMAL, **value}) == [f"{KEY}{sentence.format(WHERE)}"]


@pytest.mark.parametrize("value", ["Checkout is failing", "[1]", "7"])
def test_a_configuration_that_is_no_map_names_its_keys(value):
    """Text or a list in place of the whole object is one sentence as well."""
    (sentence,) = mistakes(value)
    assert sentence.startswith(f"{KEY} {WHERE}: Input should be a map with the keys title, impact,")


def test_a_long_value_is_cut():
    """A whole runbook in the wrong place does not bury the sentence."""
    (sentence,) = mistakes({**MINIMAL, "impact": "x" * 5000})
    assert len(sentence) < 200
    assert sentence.endswith("x….")


def test_all_mistakes_are_told_at_once():
    """A file is mended in one go."""
    assert mistakes({"impact": "two", "alarms": {"errors": {"namespace": 1}}, "tag": {}}) == [
        f"{KEY}.title {WHERE}: Field required.",
        f'{KEY}.impact {WHERE}: Input should be a valid integer; got "two".',
        f"{KEY}.alarms.errors.namespace {WHERE}: Input should be a valid string; got 1.",
        f"{KEY}.alarms.errors.metric_name {WHERE}: Field required.",
        f"{KEY}.alarms.errors.threshold {WHERE}: Field required.",
        f"{KEY}.tag {NO_KEY} Did you mean tags?",
    ]


@pytest.mark.parametrize("value", [{"impact": "hunter2"}, {"engagements": "hunter2"}])
def test_a_secret_is_never_repeated(value):
    """Of an encrypted value a mistake tells the key and what belongs there, and no more."""
    (sentence,) = mistakes({**MINIMAL, **value}, secret=True)
    assert sentence.startswith(f"{KEY}.{next(iter(value))} {WHERE}: Input should be a valid ")
    assert "hunter2" not in sentence


def test_every_key_of_the_component_can_be_configured():
    """A new input of the component gets a key; two are left to programs."""
    keys = set(load(MINIMAL).model_dump())
    declared = set(IncidentResponseArgs.__annotations__)
    assert declared - keys == {"integrations", "drill"}
    assert keys <= declared


def test_a_response_that_is_a_secret_is_refused():
    """Its values could not stay secret, so it is not taken as if they would."""
    with pytest.raises(pulumi.RunError, match=r"is a secret.*set it without --secret"):
        load(MINIMAL, secret=True)


def test_a_secret_stays_one_through_the_engine(tmp_path, stack_environment):
    """What `pulumi config set --secret` encrypts is not in the output of a failing preview."""
    program = Program(tmp_path / "program", stack_environment, (ROOT / "__main__.py").read_text())
    program.configure(response=MINIMAL)
    program.run("config", "set", "--secret", "--path", f"{KEY}.impact", "hunter2")
    with pytest.raises(EngineError) as failed:
        program.run("preview")
    printed = str(failed.value)
    assert f"{KEY}.impact in Pulumi.local.yaml: Input should be a valid integer." in printed
    assert "hunter2" not in printed
