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
from tests.plants import example
from tests.program import EngineError, Program

KEY = "incidents:response"
WHERE = "in Pulumi.dev.yaml"
NO_KEY = f"{WHERE} does not exist;"
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
        ({"titel": "t"}, f"{KEY}.titel {NO_KEY} did you mean title?"),
        (
            {"runbook": {"document": "D"}},
            f"{KEY}.runbook.document {NO_KEY} did you mean document_name?",
        ),
        (
            {"alarms": {"errors": {**ALARM, "metric": "Errors"}}},
            f"{KEY}.alarms.errors.metric {NO_KEY} did you mean metric_name?",
        ),
        (
            # An alarm may have the name of a key.
            {"alarms": {"namespace": {**ALARM, "metric": "Errors"}}},
            f"{KEY}.alarms.namespace.metric {NO_KEY} did you mean metric_name?",
        ),
        (
            {"chat": {"subscribers": [{"protocol": "sqs", "endpoint": "e", "endpoints": "e"}]}},
            f"{KEY}.chat.subscribers[0].endpoints {NO_KEY} did you mean endpoint?",
        ),
        (
            {"chat": {"colour": "red"}},
            (
                f"{KEY}.chat.colour {NO_KEY} known are encrypted, kms_key_id, other_regions, "
                "publishers, subscribers, tags."
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
        ({"impact": "two"}, ".impact {} must be a whole number; got 'two'."),
        ({"impact": True}, ".impact {} must be a whole number; got True."),
        ({"impact": 2.5}, ".impact {} must be a whole number; got 2.5."),
        ({"title": None}, ".title {} is required."),
        ({"engagements": "arn"}, ".engagements {} must be a list; got 'arn'."),
        ({"tags": ["a"]}, ".tags {} must be a map; got ['a']."),
        ({"tags": {"a": {}}}, ".tags.a {} must be a string; got {{}}."),
        (
            {"events": {"deploys": {"event_pattern": 7}}},
            ".events.deploys.event_pattern {} must be a map or text; got 7.",
        ),
        (
            {"chat": True},
            (
                ".chat {} must be a map with subscribers, publishers, encrypted, kms_key_id, "
                "other_regions, tags; got True."
            ),
        ),
        (
            {"drill": "1"},
            ".drill {} must be a map with occurrence, paging, notify, runbook; got '1'.",
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
    assert sentence.startswith(f"{KEY} {WHERE} must be a map with title, impact,")


def test_a_long_value_is_cut():
    """A whole runbook in the wrong place does not bury the sentence."""
    (sentence,) = mistakes({**MINIMAL, "impact": "x" * 5000})
    assert len(sentence) < 200
    assert sentence.endswith("x….")


def test_all_mistakes_are_told_at_once():
    """A file is mended in one go."""
    wrong = {"alarms": {"errors": {"namespace": 1}}, "events": {"deploys": {}}, "tag": {}}
    assert mistakes({"impact": "two", **wrong}) == [
        f"{KEY}.title {WHERE} is required.",
        f"{KEY}.impact {WHERE} must be a whole number; got 'two'.",
        f"{KEY}.alarms.errors.namespace {WHERE} must be a string; got 1.",
        f"{KEY}.events.deploys.event_pattern {WHERE} is required.",
        f"{KEY}.tag {NO_KEY} did you mean tags?",
    ]


@pytest.mark.parametrize("value", [{"impact": "hunter2"}, {"engagements": "hunter2"}])
def test_a_secret_is_never_repeated(value):
    """Of an encrypted value a mistake tells the key and what belongs there, and no more."""
    (sentence,) = mistakes({**MINIMAL, **value}, secret=True)
    assert sentence.startswith(f"{KEY}.{next(iter(value))} {WHERE} must be a ")
    assert "hunter2" not in sentence


@pytest.mark.parametrize("value", [{"tags": {"hunter2": 1}}, {"chat": {"hunter2": True}}])
def test_a_name_in_a_secret_is_never_repeated_either(value):
    """A key that somebody has put a secret into is not told, only where it stands."""
    (sentence,) = mistakes({**MINIMAL, **value}, secret=True)
    assert sentence.startswith(f"{KEY}.{next(iter(value))} {WHERE} ")
    assert "hunter2" not in sentence


def test_every_key_of_the_component_can_be_configured():
    """The configuration is the inputs of the component: nothing is taken out or added."""
    response = example(IncidentResponseArgs)
    assert set(response) == set(IncidentResponseArgs.__annotations__)
    assert load(response) == response


def test_the_drill_of_a_day_is_merged_into_the_drill_of_the_response():
    """How drills are is said once, and which one it is by one change of configuration."""
    texts = {KEY: json.dumps({**MINIMAL, "drill": {"notify": True}}), "incidents:drill": "2026-Q4"}
    set_all_config(texts)
    response = load_settings(pulumi.Config("incidents"))
    assert response["drill"] == {"notify": True, "occurrence": "2026-Q4"}
    set_all_config({**texts, KEY: json.dumps(MINIMAL)})
    assert load_settings(pulumi.Config("incidents"))["drill"] == {"occurrence": "2026-Q4"}
    assert mistakes({**MINIMAL, "drill": {"notify": True}}) == [
        f"{KEY}.drill.occurrence {WHERE} is required."
    ]


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
    assert f"{KEY}.impact in Pulumi.local.yaml must be a whole number." in printed
    assert "hunter2" not in printed
