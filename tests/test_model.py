"""Translation and validation. Real: botocore's own model of the service. Nothing is called."""

from __future__ import annotations

import re

import pytest
from pulumi.output import Unknown

from pulumi_incidents.providers import _model, _patterns
from tests.declarations import CONTACT, ROLE, full, minimal

PLAN = _model.inputs_of("ssm-incidents", "CreateResponsePlan")
START = _model.inputs_of("ssm-incidents", "StartIncident")


def reasons(inputs, shape=PLAN, secrets=()):
    """Return the failures as path -> the rest of the sentence."""
    return {
        failure.path: f"{failure.reason} {failure.given}".rstrip()
        for failure in _model.check(shape, inputs, secrets)
    }


def plan(**changes):
    """Return a minimal plan with some inputs replaced."""
    return {**minimal("plan"), **changes}


def template(**changes):
    """Return a minimal plan with some members of its incident template replaced."""
    return plan(incident_template={"title": "t", "impact": 1, **changes})


def automation(**changes):
    """Return a minimal plan with a runbook, some of whose members are replaced."""
    return plan(actions=[{"ssm_automation": {"document_name": "Doc", "role_arn": ROLE, **changes}}])


def test_a_full_plan_goes_to_the_api_and_comes_back():
    """Every field of CreateResponsePlan survives translation both ways."""
    declared = full("plan")
    request = _model.to_api(PLAN, declared)
    assert request["incidentTemplate"]["notificationTargets"][0].keys() == {"snsTopicArn"}
    assert request["actions"][0]["ssmAutomation"]["dynamicParameters"]["Incident"] == {
        "variable": "INCIDENT_RECORD_ARN"
    }
    assert _model.from_api(PLAN, request) == declared


def test_every_member_of_both_seed_operations_is_an_input():
    """Nothing but the client token is kept from the user."""
    assert set(_model.members(PLAN).values()) == set(PLAN.members) - {"clientToken"}
    assert set(_model.members(START).values()) == set(START.members) - {"clientToken"}


def test_numbers_become_whole_and_nulls_vanish():
    """What the engine hands over, floats and nulls, is what botocore takes."""
    request = _model.to_api(PLAN, template(impact=3.0, summary=None))
    assert request["incidentTemplate"] == {"title": "t", "impact": 3}
    assert isinstance(request["incidentTemplate"]["impact"], int)


@pytest.mark.parametrize(
    "inputs",
    [
        minimal("p"),
        full("a" * 200),
        template(impact=5.0, summary="s" * 8000, dedupe_string="d" * 1000),
        template(incident_tags={}, notification_targets=[], summary="", dedupe_string=None),
        plan(chat_channel={"empty": {}}),
        plan(chat_channel={"chatbot_sns": []}),
        plan(chat_channel={}, actions=[], engagements=[], integrations=[], tags={}),
        automation(parameters={}, dynamic_parameters={}),
        automation(parameters={"k" * 50: ["v" * 512] * 100}),
        plan(tags={"key": ""}),
    ],
)
def test_what_aws_takes_is_let_through(inputs):
    """Values at their limits, and every spelling of "not set", are no failure."""
    assert reasons(inputs) == {}


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        (plan(name="a b"), "name", "may only have letters, digits, - and _"),
        (plan(name="line\n"), "name", "may only have letters, digits, - and _"),
        (plan(name="a" * 201), "name", "must be 1 to 200 characters, not 201"),
        (plan(name=7), "name", "must be a string 7"),
        (plan(name=None), "name", "is required"),
        (plan(incident_template=None), "incident_template", "is required"),
        (plan(incident_template="x"), "incident_template", "must be a map with"),
        (template(impact=0), "incident_template.impact", "1 critical, 2 high"),
        (template(impact=6.0), "incident_template.impact", "5 no impact) 6"),
        (template(impact=2.5), "incident_template.impact", "must be a whole number 2.5"),
        (template(impact=True), "incident_template.impact", "must be a whole number"),
        (template(impact=float("nan")), "incident_template.impact", "must be a whole number"),
        (template(title="t" * 201), "incident_template.title", "at most 200 characters, not 201"),
        (template(summary="s" * 8001), "incident_template.summary", "at most 8000"),
        (
            template(incident_tags={"aws:x": "v"}),
            "incident_template.incident_tags['aws:x']",
            "has a key that may only have letters, digits, spaces, and _ = @",
        ),
        (
            template(notification_targets=[{"sns_topic_arn": "topic"}]),
            "incident_template.notification_targets[0].sns_topic_arn",
            "must be an ARN, such as arn:aws:sns:",
        ),
        (plan(display_name="d" * 201), "display_name", "at most 200"),
        (plan(engagements=[CONTACT] * 6), "engagements", "at most 5 items 6"),
        (
            plan(engagements=["nobody"]),
            "engagements[0]",
            "must be an ARN, such as arn:aws:ssm-contacts:",
        ),
        (plan(engagements="nobody"), "engagements", "must be a list 'nobody'"),
        (plan(actions=[{}]), "actions[0]", "must set exactly one of ssm_automation"),
        (
            plan(chat_channel={"empty": {}, "chatbot_sns": ["a"]}),
            "chat_channel",
            "exactly one of chatbot_sns, empty",
        ),
        (plan(chat_channel={"chatbot_sns": ["a"] * 6}), "chat_channel.chatbot_sns", "1 to 5"),
        (
            automation(role_arn="x"),
            "actions[0].ssm_automation.role_arn",
            "must be an ARN, such as arn:aws:iam::123456789012:role/runbook 'x'",
        ),
        (
            automation(document_name="ab"),
            "actions[0].ssm_automation.document_name",
            "must be 3 to 128 letters",
        ),
        (
            automation(target_account="MINE"),
            "actions[0].ssm_automation.target_account",
            "must be one of RESPONSE_PLAN_OWNER_ACCOUNT, IMPACTED_ACCOUNT 'MINE'",
        ),
        (
            automation(dynamic_parameters={"P": {"variable": "X"}}),
            "actions[0].ssm_automation.dynamic_parameters['P'].variable",
            "INCIDENT_RECORD_ARN, INVOLVED_RESOURCES",
        ),
        (
            automation(parameters={"P": "a"}),
            "actions[0].ssm_automation.parameters['P']",
            "must be a list",
        ),
        (plan(tags=["a"]), "tags", "must be a map"),
        (plan(tags={str(i): "" for i in range(51)}), "tags", "1 to 50 entries 51"),
    ],
)
def test_what_aws_refuses_is_reported_with_its_path_and_limit(inputs, path, reason):
    """One wrong value is one failure, at its full path, with the limit and what was given."""
    found = reasons(inputs)
    assert list(found) == [path]
    assert reason in found[path]


@pytest.mark.parametrize(
    ("inputs", "path", "hint"),
    [
        (template(sumary="x"), "incident_template.sumary", "did you mean summary?"),
        (template(dedupeString="x"), "incident_template.dedupeString", "mean dedupe_string?"),
        (template(zzz="x"), "incident_template.zzz", "known are dedupe_string, impact"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest_one(inputs, path, hint):
    """A misspelt key, camelCase included, is never ignored."""
    assert hint in reasons(inputs)[path]


def test_all_failures_are_reported_at_once():
    """Nobody has to run preview once for each mistake."""
    wrong = {**automation(role_arn="x"), "name": "", "engagements": ["x", CONTACT, "y"]}
    wrong["incident_template"] = {"title": "t" * 300, "impact": 9}
    assert set(reasons(wrong)) == {
        "name",
        "incident_template.title",
        "incident_template.impact",
        "actions[0].ssm_automation.role_arn",
        "engagements[0]",
        "engagements[2]",
    }


def unknown_at_every_depth(value):
    """Yield copies of `value` in which one part after the other is not known yet."""
    yield Unknown()
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ({**value, key: other} for other in unknown_at_every_depth(item))
    if isinstance(value, list):
        for index, item in enumerate(value):
            for other in unknown_at_every_depth(item):
                yield [*value[:index], other, *value[index + 1 :]]


def test_values_that_are_not_known_yet_are_let_through_at_any_depth():
    """A preview with outputs of other resources in any place reports nothing."""
    variants = list(unknown_at_every_depth(full("plan")))[1:]
    assert len(variants) > 40
    for inputs in variants:
        assert reasons(inputs) == {}


def patterns(shape):
    """Yield the patterns of the model in a shape, at any depth."""
    if "pattern" in shape.metadata:
        yield shape.metadata["pattern"]
    inner = getattr(shape, "members", {}).values()
    for part in (*inner, *(getattr(shape, name, None) for name in ("member", "key", "value"))):
        if part is not None:
            yield from patterns(part)


def test_no_pattern_is_shown_that_people_could_be_told_in_words():
    """A regular expression is shown only where AWS makes the value; no words are left over."""
    found = {pattern for shape in (PLAN, START) for pattern in patterns(shape)}
    (made_by_aws,) = found - _patterns.WORDS.keys()
    assert made_by_aws.startswith("^related-item/")
    assert _patterns.WORDS.keys() <= found


def test_an_example_is_what_its_sentence_asks_for():
    """Whoever copies the ARN out of a sentence is not refused again."""
    examples = {
        pattern: told.rpartition("such as ")[2]
        for pattern, told in _patterns.WORDS.items()
        if "such as" in told
    }
    assert len(examples) == 3
    assert all(re.fullmatch(pattern, example) for pattern, example in examples.items())


def test_a_long_text_is_looked_at_in_linear_time():
    """A policy of 395,000 characters is refused for its line break, where `re` would take hours."""
    long = "x" * 395_000
    assert _patterns.reason(r".*\S.*", long) is None
    assert _patterns.reason(r".*\S.*", f"{long}\n") == r"must match .*\S.*"


def test_a_secret_is_never_repeated():
    """Of an input that holds a secret a failure says where and what, never the value or a key."""
    wrong = plan(
        tags={"hunter2" * 30: "hunter3" * 50, "hunter's": 5},
        display_name="hunter4" * 50,
        chat_channel={"hunter5": "hunter6"},
    )
    found = str(reasons(wrong, secrets=["tags", "display_name", "chat_channel"]))
    assert "hunter" not in found
    assert "tags" in found
    assert "display_name" in found
    assert "chat_channel" in found


@pytest.mark.parametrize("time", ["2026-01-31T03:00:00Z", "2026-01-31T03:00:00+02:00", 1769828400])
def test_a_timestamp_is_iso_8601_with_a_zone_or_seconds(time):
    """Both spellings that AWS users know are taken."""
    details = {"source": "com.example", "timestamp": time}
    inputs = {"response_plan_arn": "arn:aws:x:y::z", "trigger_details": details}
    assert reasons(inputs, START) == {}


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2026-01-31T03:00:00", "must say its time zone"),
        ("yesterday", "ISO 8601"),
        (True, "ISO 8601"),
    ],
)
def test_a_timestamp_that_could_be_misread_is_refused(time, reason):
    """A time without a zone would mean another moment on another machine."""
    details = {"source": "com.example", "timestamp": time}
    inputs = {"response_plan_arn": "arn:aws:x:y::z", "trigger_details": details}
    assert reason in reasons(inputs, START)["trigger_details.timestamp"]
