"""One declaration for each input: what is not as declared is refused, wherever it stands.

Real: the components, their declarations and the SDK; the engine is the SDK's own mock of it, and
in the last tests the engine itself with the local AWS.
"""

from __future__ import annotations

import decimal
import json

import pulumi
import pytest
from pulumi.runtime.config import set_all_config
from typing_extensions import NotRequired

from pulumi_incidents.stacks import (
    IncidentResponse,
    IncidentResponseArgs,
    _declared,
    _hints,
    load_settings,
)
from tests.mocked import PLAN, Mocks, declared, output
from tests.plants import COMPONENTS, Wrong, declaration, declarations, example, plants
from tests.program import EngineError, Program

# What a component takes besides its inputs.
POSITIONAL = {
    "Runbook": ["checkout"],
    "AlarmTrigger": [PLAN],
    "CompositeAlarmTrigger": [PLAN],
    "EventTrigger": [PLAN],
}
MINIMAL = {"title": "Down", "impact": 2}


def refused(name, inputs):
    """Return the sentences with which a component refuses inputs, and nothing is declared."""
    with pytest.raises(pulumi.RunError) as error:
        declared(lambda: COMPONENTS[name]("x", *POSITIONAL.get(name, ()), inputs))
    assert list(Mocks.newest.declared) == [(name, "x")]
    return str(error.value).splitlines()


def planted(name, *, may_be_output):
    """Return the mistakes for a component, without or with those that only an output would hide."""
    mistakes = plants(declaration(COMPONENTS[name]))
    return [mistake for mistake in mistakes if mistake.may_be_output is may_be_output]


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_mistake_that_can_be_planted_is_refused_with_its_path(name):
    """Unknown keys, wrong types and missing keys, at every depth, before anything is declared."""
    mistakes = planted(name, may_be_output=False)
    assert len(mistakes) > 10
    for mistake in mistakes:
        start = f"{name} x: {mistake.path}{mistake.told}"
        told = refused(name, mistake.inputs)
        assert [line for line in told if line.startswith(start)], (start, told)


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_output_is_let_through_and_looked_at_once_it_is_known(name):
    """A wrong value in it is the same sentence with the same path, and is not repeated."""
    mistakes = planted(name, may_be_output=True)
    assert mistakes
    for mistake in mistakes:
        found = _declared.look_at(declaration(COMPONENTS[name]), mistake.inputs)
        assert list(found.sentences()) == []
        (awaited,) = found.outputs.values()
        assert awaited.path == mistake.path
        once_known = _declared.look_at(awaited.declared, Wrong(), awaited.path, secret=True)
        (sentence,) = once_known.sentences()
        assert sentence.startswith(f"{mistake.path} must be ")
        assert "hunter2" not in sentence


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_whole_example_of_a_declaration_is_as_declared(name):
    """The tests above plant into inputs with nothing else wrong."""
    whole = declaration(COMPONENTS[name])
    assert list(_declared.look_at(whole, example(whole)).sentences()) == []


ODD = [
    *("\ud800", b"text", bytearray(), 10**400, float("nan"), decimal.Decimal(1), 1j, ..., int),
    *({1, 2}, frozenset(), range(3), {}.keys(), iter(()), {None: 1}, {"": {}}, [[[]]], print),
]


@pytest.mark.parametrize("kind", [str, int, float, bool, *map(declaration, COMPONENTS.values())])
def test_whatever_is_given_is_told_in_words(kind):
    """No value is so odd that something else than a sentence comes of it."""
    for value in ODD:
        for sentence in _declared.look_at(kind, value, "it").sentences():
            assert sentence.startswith(("it must be ", "it.", "it has a key that "))


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"title": 7}, "title must be a string."),
        ({"impact": "hunter2"}, "impact must be a whole number."),
        ({"title": ""}, "title is required."),
        ({"tags": {"hunter2": 7}}, "tags must be a string."),
        ({"engagements": "hunter2"}, "engagements must be a list."),
        (
            {"integrations": [{"hunter2": {}, "pager_duty_configuration": {"name": "n"}}]},
            "integrations[0] has a key that does not exist; known are pager_duty_configuration.",
        ),
    ],
)
def test_a_wrong_value_in_an_output_is_told_without_the_value(inputs, sentence):
    """It may be a secret, and so may be the keys of a map."""
    with pytest.raises(pulumi.RunError) as error:
        declared(
            lambda: IncidentResponse(
                "x", {**MINIMAL, **{key: output(value) for key, value in inputs.items()}}
            )
        )
    assert f"IncidentResponse x: {sentence}" in str(error.value).splitlines()
    assert "hunter2" not in str(error.value)


def test_what_is_right_goes_on_as_it_was_given():
    """Whole numbers of other resources are floats, and optional texts may be empty."""
    given = {"title": output("Down"), "impact": output(2.0), "summary": output("")}
    found = declared(lambda: IncidentResponse("x", given))
    template = found["ResponsePlan", "x-plan"]["incident_template"]
    assert {key: template[key] for key in given} == {"title": "Down", "impact": 2.0, "summary": ""}
    (notified,) = template["notification_targets"]
    assert notified == {"sns_topic_arn": "arn:of:x-notifications"}


@pytest.fixture
def _new_declarations():
    """Let declarations be read anew, and again after the test."""
    caches = (_hints.adapter, _hints._checked_map, _hints.keys_of)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


OURS = [
    pytest.param(shape, find, id=f"{number}-{shape.__name__}")
    for number, (shape, find) in enumerate(declarations(IncidentResponseArgs))
    if shape.__module__.startswith("pulumi_incidents.stacks.")
]


@pytest.mark.usefixtures("_new_declarations")
@pytest.mark.parametrize(("shape", "find"), OURS)
def test_no_input_of_a_component_is_declared_twice(monkeypatch, shape, find):
    """A key added to its `TypedDict` is known at once, to components and in the configuration.

    Whatever else had a list of the keys and their types would refuse it, or take a wrong one.
    """
    monkeypatch.setitem(shape.__annotations__, "planted", NotRequired[bool | None])
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    for value in (True, "yes"):
        inputs = example(IncidentResponseArgs)
        find(inputs)["planted"] = value
        told = refused("IncidentResponse", inputs)
        set_all_config({"incidents:response": json.dumps(inputs)})
        if value is True:
            # pulumi-aws has no such key, which an alarm says.
            known = [line for line in told if "pulumi-aws" not in line]
            assert not [line for line in known if "planted" in line]
            assert load_settings(pulumi.Config("incidents")) == inputs
            continue
        (component,) = (line for line in told if "planted" in line)
        with pytest.raises(pulumi.RunError) as error:
            load_settings(pulumi.Config("incidents"))
        assert component.endswith("planted must be true or false; got 'yes'.")
        assert str(error.value).endswith(
            "planted in Pulumi.dev.yaml must be true or false; got 'yes'."
        )


PROGRAM = """
import pulumi
import pulumi_aws as aws
from pulumi_incidents.stacks import IncidentResponse

config = pulumi.Config()
topic = aws.sns.Topic("other")
title = topic.arn.apply(lambda arn: config.get_object("title"))
more = config.get_object("more") or {}
tags = config.get_secret_object("tags")
IncidentResponse("shop", {"title": title, "impact": 2, "tags": tags, **more})
"""


@pytest.fixture
def program(tmp_path, stack_environment):
    """Return a program whose inputs are outputs: of another resource, and secrets."""
    return Program(tmp_path / "declared", stack_environment, PROGRAM)


def fails(program, *command):
    """Run a command that has to fail, and return what it printed."""
    with pytest.raises(EngineError) as failed:
        program.run(*command)
    assert "Traceback" not in str(failed.value)
    return str(failed.value)


def test_a_preview_refuses_what_nobody_declares(program, local_aws):
    """The slip that left nobody paged is one sentence, and so is everything else."""
    program.configure(title="Down", more={"engagement": [], "alarms": []})
    printed = fails(program, "preview")
    assert (
        "IncidentResponse shop: engagement does not exist; did you mean engagements?\n" in printed
    )
    assert "IncidentResponse shop: alarms must be a map; got []." in printed
    assert local_aws.operations() == []


def test_an_output_stays_unknown_and_secret_and_is_refused_once_known(program, incidents):
    """A preview cannot know it; an update refuses it with its path; a right one is a secret."""
    program.configure(title=7)
    program.run("config", "set", "--secret", "tags", '{"hunter2": "hunter3"}')
    assert program.preview()["shop-plan"] == "create"
    printed = fails(program, "up", "--yes", "--skip-preview")
    assert "IncidentResponse shop: title must be a string." in printed
    assert incidents.list_response_plans()["responsePlanSummaries"] == []

    program.run("config", "set", "title", '"Down"')
    program.run("config", "set", "--secret", "tags", '{"hunter2": 7}')
    printed = fails(program, "preview")
    assert "IncidentResponse shop: tags must be a string." in printed
    assert "hunter2" not in printed

    program.run("config", "set", "--secret", "tags", '{"hunter2": "hunter3"}')
    program.run("up", "--yes", "--skip-preview")
    (plan,) = incidents.list_response_plans()["responsePlanSummaries"]
    tags = incidents.list_tags_for_resource(resourceArn=plan["arn"])["tags"]
    assert tags["hunter2"] == "hunter3"
    assert "hunter3" not in program.run("stack", "export")
    program.destroy()
