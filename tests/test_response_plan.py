"""The provider of response plans. Real: its methods, boto3 and the local AWS over HTTP."""

from __future__ import annotations

import copy
import itertools
import json

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config

from pulumi_incidents.providers import _aws, _declaration, _ownership
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from tests.declarations import CHAT, CONTACT, TOPIC, full, live_form, minimal
from tests.plugin import local_configuration

pytestmark = pytest.mark.usefixtures("configured")

PROVIDER = ResponsePlanProvider()


def live(incidents, arn):
    """Return the plan as AWS has it, without what every answer carries."""
    plan = incidents.get_response_plan(arn=arn)
    for key in ("ResponseMetadata", "arn"):
        del plan[key]
    plan["engagements"] = sorted(plan["engagements"])
    return plan


OWNER = "pulumi-incidents:owner"


def tags(incidents, arn):
    """Return the tags of the plan as AWS has them, without the owner's mark."""
    found = incidents.list_tags_for_resource(resourceArn=arn)["tags"]
    return {key: value for key, value in found.items() if key != OWNER}


def create(declared):
    """Create a plan and return its id, and the state that Pulumi keeps of it."""
    result = PROVIDER.create(copy.deepcopy(declared))
    return result.id, result.outs


def test_every_field_of_the_declaration_reaches_aws(incidents, name):
    """The live plan is exactly what was declared, made with one call."""
    result = PROVIDER.create(full(name))
    assert result.id == f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"
    assert live(incidents, result.id) == live_form(full(name))
    assert tags(incidents, result.id) == full(name)["tags"]
    owner = incidents.list_tags_for_resource(resourceArn=result.id)["tags"][OWNER]
    assert result.outs == {**full(name), "owner": owner}


def test_a_minimal_plan_sends_no_empty_map(configured, name):
    """Empty maps, which the API refuses, and other empty fields are left out of a create."""
    create({**minimal(name), "tags": {}, "engagements": [], "display_name": ""})
    sent = configured.requests()[0]["parameters"]
    assert sent.keys() - {"clientToken"} == {"name", "incidentTemplate", "tags"}
    assert sent["tags"].keys() == {OWNER}


@pytest.mark.parametrize("turn", ["there", "back"])
def test_minimal_to_full_and_back_takes_one_update(configured, incidents, name, turn):
    """Setting every field, or removing every optional one, is one update plus one for the tags.

    Whose the plan is, is read before.
    """
    olds, news = minimal(name), full(name)
    if turn == "back":
        olds, news = news, olds
    arn, state = create(olds)
    configured.forget()
    state = PROVIDER.update(arn, state, news).outs
    expected = "TagResource" if turn == "there" else "UntagResource"
    assert configured.operations() == ["ListTagsForResource", "UpdateResponsePlan", expected]
    assert tags(incidents, arn) == news.get("tags", {})
    assert PROVIDER.diff(arn, PROVIDER.read(arn, state).inputs, news).changes is False
    if turn == "there":
        assert live(incidents, arn) == live_form(news)
    else:
        create(minimal(f"{name}-fresh"))
        fresh = live(incidents, f"{arn}-fresh")
        assert live(incidents, arn) == {**fresh, "name": name}


EDITS = {
    "display_name": ("Checkout", "Checkout, again"),
    "summary": ("one", "two"),
    "dedupe_string": ("one", "two"),
    "incident_tags": ({"a": "1"}, {"a": "2", "b": ""}),
    "notification_targets": ([{"sns_topic_arn": TOPIC}], [{"sns_topic_arn": CHAT}]),
    "chat_channel": ({"chatbot_sns": [CHAT]}, {"chatbot_sns": [CHAT, TOPIC]}),
    "engagements": ([f"{CONTACT}-a"], [f"{CONTACT}-a", f"{CONTACT}-b"]),
    "actions": (full("x")["actions"], copy.deepcopy(full("x")["actions"])),
    "integrations": (full("x")["integrations"], copy.deepcopy(full("x")["integrations"])),
}
EDITS["actions"][1][0]["ssm_automation"].update(parameters={}, document_version=None)
EDITS["integrations"][1][0]["pager_duty_configuration"]["secret_id"] = "another"


@pytest.mark.parametrize("field", EDITS)
def test_a_field_is_set_changed_and_removed_alone(configured, name, field):
    """Each optional field goes through its life with one call a step that sends nothing else."""

    def declaring(value):
        declared = minimal(name)
        if field in ("summary", "dedupe_string", "incident_tags", "notification_targets"):
            declared["incident_template"][field] = value
        else:
            declared[field] = value
        return declared

    steps = [minimal(name), *map(declaring, EDITS[field]), minimal(name)]
    arn, state = create(steps[0])
    for olds, news in itertools.pairwise(steps):
        assert PROVIDER.diff(arn, state, news).changes is None
        configured.forget()
        state = PROVIDER.update(arn, state, news).outs
        _, request = configured.requests()
        assert request["operation"] == "UpdateResponsePlan"
        assert len(request["parameters"].keys() - {"arn", "clientToken"}) == 1
        result = PROVIDER.read(arn, state)
        assert PROVIDER.diff(arn, result.outs, news).changes is False
        assert PROVIDER.diff(arn, result.inputs, olds).changes is None


def test_tags_are_changed_by_key(configured, incidents, name):
    """Keys that are gone are untagged, new and changed ones tagged, the rest is left alone."""
    olds = {**minimal(name), "tags": {"kept": "1", "changed": "1", "gone": "1"}}
    news = {**minimal(name), "tags": {"kept": "1", "changed": "", "new": "1"}}
    arn, state = create(olds)
    configured.forget()
    PROVIDER.update(arn, state, news)
    _, untag, tag = configured.requests()
    assert untag["parameters"]["tagKeys"] == ["gone"]
    assert tag["parameters"]["tags"] == {"changed": "", "new": "1"}
    assert tags(incidents, arn) == news["tags"]


def test_a_new_name_is_a_new_plan(name):
    """The name is the only input that replaces."""
    result = PROVIDER.diff("arn", minimal(name), {**full(name), "name": "other"})
    assert (result.changes, result.replaces) == (None, ["name"])


def test_drift_is_read_and_repaired(incidents, name):
    """What was edited behind our back shows in the inputs, and an update puts it back."""
    declared = full(name)
    arn, state = create(declared)
    incidents.update_response_plan(
        arn=arn, displayName="", engagements=[], incidentTemplateImpact=5
    )
    incidents.tag_resource(resourceArn=arn, tags={"by": "hand"})
    read = PROVIDER.read(arn, state)
    drifted = read.inputs
    assert "display_name" not in drifted
    assert "engagements" not in drifted
    assert drifted["incident_template"] == {**declared["incident_template"], "impact": 5}
    assert drifted["tags"] == {**declared["tags"], "by": "hand"}
    PROVIDER.update(arn, read.outs, declared)
    assert live(incidents, arn) == live_form(declared)
    assert tags(incidents, arn) == declared["tags"]


def test_a_read_takes_two_calls_and_an_unchanged_plan_none(configured, name):
    """Calls are the cost that counts: refresh 2, unchanged 0."""
    declared = full(name)
    arn, state = create(declared)
    configured.forget()
    assert PROVIDER.check(declared, declared).failures == []
    assert PROVIDER.diff(arn, state, declared).changes is False
    assert configured.operations() == []
    read = PROVIDER.read(arn, state)
    assert (read.inputs, read.outs) == (declared, state)
    assert configured.operations() == ["GetResponsePlan", "ListTagsForResource"]


def test_an_existing_plan_is_read_without_any_state(name):
    """`ResponsePlan.get` needs nothing but the ARN."""
    arn, state = create(full(name))
    result = PROVIDER.read(arn, {"context": {"looked_up": True}})
    assert PROVIDER.diff(arn, result.outs, full(name)).changes is False
    assert result.outs["owner"] == state["owner"]


def test_a_plan_that_is_gone_leaves_the_state(incidents, name):
    """Deleted behind our back: a read says so and a delete is content."""
    arn, state = create(minimal(name))
    incidents.delete_response_plan(arn=arn)
    gone = PROVIDER.read(arn, state)
    assert (gone.id, gone.outs) == ("", {})
    PROVIDER.delete(arn, state)


def test_a_delete_looks_whose_it_is_and_takes_two_calls(configured, incidents, name):
    """The plan is gone after one call, before which its mark is read."""
    arn, state = create(minimal(name))
    configured.forget()
    PROVIDER.delete(arn, state)
    assert configured.operations() == ["ListTagsForResource", "DeleteResponsePlan"]
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=arn)


def test_a_taken_name_is_one_sentence(name):
    """A conflict names the plan and the three ways out."""
    create(minimal(name))
    with pytest.raises(_aws.IncidentManagerError, match=rf"{name} exists.*adopt_existing.*import"):
        create(minimal(name))


def test_check_reports_everything_and_calls_nothing(configured):
    """All mistakes of a declaration are found offline, in one go."""
    wrong = {"nam": "x", "incident_template": {"title": "t", "impact": 7}, "engagements": ["x"]}
    sentences = [failure.reason for failure in PROVIDER.check({}, wrong).failures]
    assert sorted(sentence.split()[0] for sentence in sentences) == [
        "engagements[0]",
        "incident_template.impact",
        "nam",
        "name",
    ]
    assert "did you mean name?" in " ".join(sentences)
    assert configured.operations() == []


@pytest.mark.parametrize(
    ("default_tags", "own", "sentence"),
    [
        ({"bad!": "1"}, {}, "tags['bad!'] has a key that may only have letters"),
        ({"one": "too many"}, {str(n): "" for n in range(50)}, "tags must be 1 to 50 entries"),
        ({"one": "more"}, {str(n): "" for n in range(49)}, "tags must be at most 49 entries: one"),
        ({"good": "1"}, {"bad!": ""}, "tags['bad!'] has a key that may only have letters"),
    ],
)
def test_the_stacks_default_tags_are_checked_with_the_plans_own(
    configured, name, default_tags, own, sentence
):
    """Tags that AWS would refuse in the middle of an `up` are found in preview."""
    settings = {"aws:defaultTags": json.dumps({"tags": default_tags})}
    _aws.configure(ConfigureRequest(Config(settings, "incidents")))
    (failure,) = PROVIDER.check({}, {**minimal(name), "tags": own}).failures
    assert failure.reason.startswith(sentence)
    assert configured.operations() == []


def test_default_tags_are_made_kept_apart_and_changed(configured, incidents, name):
    """The stack's tags reach AWS under the plan's own, and follow the stack's configuration."""

    def checked(tags):
        settings = local_configuration(configured.url, **{"aws:defaultTags": json.dumps(tags)})
        _aws.configure(ConfigureRequest(Config(settings, "incidents")))
        return PROVIDER.check({}, {**minimal(name), "tags": {"a": "own"}}).inputs

    olds = checked({"tags": {"a": "stack", "b": "stack"}})
    arn, state = create(olds)
    assert tags(incidents, arn) == {"a": "own", "b": "stack"}
    assert PROVIDER.read(arn, state).inputs == olds
    news = checked({"tags": {"c": "stack"}})
    assert PROVIDER.diff(arn, state, news).changes is None
    PROVIDER.update(arn, state, news)
    assert tags(incidents, arn) == {"a": "own", "c": "stack"}


def test_a_plan_that_was_taken_over_outlives_the_resource_it_was_taken_from(
    configured, incidents, name, capsys
):
    """Whoever had a plan neither changes nor deletes it any more, and a refresh drops it."""
    arn, before = create(minimal(name))
    same, after = create({**minimal(name), "adopt_existing": True})
    assert (same, before["owner"] != after["owner"]) == (arn, True)
    configured.forget()
    with pytest.raises(_aws.IncidentManagerError, match="by now and is left as it is: run"):
        PROVIDER.update(arn, before, full(name))
    assert PROVIDER.read(arn, before).id == ""
    PROVIDER.delete(arn, before)
    assert [entry["operation"] for entry in configured.requests() if entry["mutating"]] == []
    assert "this stack goes on without it" in capsys.readouterr().err
    assert incidents.get_response_plan(arn=arn)["name"] == name
    PROVIDER.delete(arn, after)
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=arn)


def test_a_plan_that_was_taken_over_is_safe_though_tags_are_listed_late(
    configured, incidents, name
):
    """The new mark shows before whoever had the plan may look at it, in the same run too."""
    arn, before = create(minimal(name))
    configured.fault("ListTagsForResource", times=None, lag=3)
    create({**minimal(name), "adopt_existing": True})
    PROVIDER.delete(arn, before)
    assert incidents.get_response_plan(arn=arn)["name"] == name


@pytest.mark.parametrize("automatic", [True, False], ids=["automatic name", "chosen name"])
def test_a_plan_of_a_state_without_a_mark_stays_its_own(incidents, name, automatic):
    """What an earlier version made, with a mark of names or without one, goes on as before."""
    identity = f"acme/urn:pulumi:test::incidents::type::{name}"
    mark = _ownership._mark_of_names(identity)
    state = {**minimal(name), "context": {"identity": identity, "secrets": []}}
    arn = incidents.create_response_plan(
        name=name,
        incidentTemplate={"title": "t", "impact": 1},
        **({} if automatic else {"tags": {OWNER: mark}}),
    )["arn"]
    assert PROVIDER.read(arn, state).id == arn
    updated = PROVIDER.update(arn, state, {**state, "display_name": "new"}).outs
    found = incidents.list_tags_for_resource(resourceArn=arn)["tags"]
    assert found == {OWNER: updated["owner"]}
    PROVIDER.delete(arn, updated)
    assert incidents.list_response_plans()["responsePlanSummaries"] == []


def test_what_another_account_does_not_have_is_not_gone(incidents, name):
    """With credentials of another account nothing is "deleted", dropped or changed."""
    arn, state = create(minimal(name))
    # A role of its own: a reset of the local AWS makes the keys of one strange that are kept.
    config = {"assume_role_arn": f"arn:aws:iam::111111111111:role/{name}"}
    elsewhere = {**state, "aws_config": config}
    for call, *given in (
        (PROVIDER.delete, arn, elsewhere),
        (PROVIDER.read, arn, elsewhere),
        (PROVIDER.update, arn, state, elsewhere),
    ):
        with pytest.raises(_aws.IncidentManagerError, match="credentials are for account 1111"):
            call(*given)
    assert incidents.get_response_plan(arn=arn)["name"] == name


@pytest.mark.parametrize("fault", ["refused", "unanswered"])
def test_an_update_that_is_half_done_says_so(configured, name, fault):
    """When AWS has what the state has not, the sentence says it, and what comes first."""
    arn, state = create(minimal(name))
    if fault == "refused":
        configured.fail("TagResource", "AccessDeniedException")
    else:
        configured.lose_answer("UpdateResponsePlan", times=None)
    with pytest.raises(_aws.IncidentManagerError) as failed:
        PROVIDER.update(arn, state, full(name))
    what = "has done ssm-incidents:UpdateResponsePlan" if fault == "refused" else "may have done"
    assert f"AWS {what}" in str(failed.value)
    assert str(failed.value).endswith("run `pulumi refresh` before anything else.")


def test_an_update_that_is_refused_as_a_whole_needs_no_refresh(configured, name):
    """A first call that AWS refuses has changed nothing, so nothing is said of it."""
    arn, state = create(minimal(name))
    configured.fail("UpdateResponsePlan", "AccessDeniedException")
    with pytest.raises(_aws.IncidentManagerError) as failed:
        PROVIDER.update(arn, state, full(name))
    assert "refresh" not in str(failed.value)


def test_secrets_in_what_aws_answers_are_not_repeated(configured, name):
    """AWS repeats what it was given, and the plan's name may be a secret: neither is printed."""
    secretive = {**minimal(name), "display_name": "hunter2", "tags": {"hunter3": "hunter4"}}
    secretive["context"] = {"identity": "", "secrets": ["name", "display_name", "tags"]}
    message = f"{name}: hunter2 with hunter3=hunter4 is refused"
    configured.fail("CreateResponsePlan", "ValidationException", message=message)
    with pytest.raises(_aws.IncidentManagerError) as failed:
        PROVIDER.create(secretive)
    assert "[secret]: [secret] with [secret]=[secret] is refused" in str(failed.value)
    assert name not in str(failed.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"adopt_existing": "false"}, "adopt_existing must be true or false; got 'false'"),
        ({"adopt_existing": 1.0}, "adopt_existing must be true or false; got 1.0"),
        ({"aws_config": "x"}, "aws_config must be a map with region, profile, assume_role_arn"),
        (
            {"aws_config": {"role_arn": "arn"}},
            "aws_config.role_arn does not exist; did you mean assume_role_arn?",
        ),
        ({"aws_config": {"region": True}}, "aws_config.region must be a string; got True"),
        ({"owner": "me"}, "owner does not exist"),
    ],
)
def test_options_are_what_they_say(configured, name, options, sentence):
    """An option of another type, or of another name, is refused in preview, never guessed."""
    (failure,) = PROVIDER.check({}, {**minimal(name), **options}).failures
    assert failure.reason.startswith(sentence)
    assert configured.operations() == []


def test_one_name_for_two_resources_is_found_in_preview(name):
    """Two plans of one name in one account would fail in the middle of an `up`."""
    forget_names = _declaration._declared.clear

    def check(resource, **inputs):
        context = {"identity": f"acme/urn:pulumi:test::incidents::type::{resource}", "secrets": []}
        failures = PROVIDER.check({}, {**minimal(name), "context": context, **inputs}).failures
        return [failure.reason for failure in failures]

    assert check("first") == check("first") == []
    said = [f"name '{name}' is that of the resources first and second; give one another name"]
    assert check("second") == said
    forget_names()
    assert check("second") == []
    assert check("first") == said, "the same, whichever is checked first"
    assert check("elsewhere", aws_config={"profile": "audit"}) == []
