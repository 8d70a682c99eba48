"""Comparing declarations. Real: botocore's own model of the service. Nothing is called."""

from __future__ import annotations

import pytest
from pulumi.output import Unknown

from pulumi_incidents.providers import _diff, _model
from tests.declarations import full, minimal

PLAN = _model.inputs_of("ssm-incidents", "CreateResponsePlan")


def with_template(**changes):
    """Return a minimal plan with members added to its incident template."""
    declared = minimal("plan")
    return {**declared, "incident_template": {**declared["incident_template"], **changes}}


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        (full("p"), full("p")),
        (with_template(impact=3), with_template(impact=3.0)),
        (minimal("p"), {**minimal("p"), "display_name": None, "tags": {}, "engagements": []}),
        (minimal("p"), {**minimal("p"), "display_name": "", "chat_channel": {"empty": {}}}),
        (with_template(), with_template(summary="", incident_tags={}, notification_targets=[])),
        ({"engagements": ["a", "b"]}, {"engagements": ["b", "a"]}),
        (
            {"chat_channel": {"chatbot_sns": ["a", "b"]}},
            {"chat_channel": {"chatbot_sns": ["b", "a"]}},
        ),
        (
            with_template(notification_targets=[{"sns_topic_arn": "a"}, {"sns_topic_arn": "b"}]),
            with_template(notification_targets=[{"sns_topic_arn": "b"}, {"sns_topic_arn": "a"}]),
        ),
    ],
)
def test_what_aws_would_store_alike_is_no_change(olds, news):
    """Float or whole, unset or empty, and the order of set-like lists make no diff."""
    assert _diff.changed(PLAN, olds, news) == []
    assert _diff.changed(PLAN, news, olds) == []


def test_a_time_is_the_same_however_it_is_spelled():
    """An incident that was declared with seconds is not changed by a date, nor by another zone."""
    incident = _model.inputs_of("ssm-incidents", "StartIncident")
    spellings = [1769828400.0, "2026-01-31T03:00:00Z", "2026-01-31T04:00:00+01:00"]
    declared = [{"trigger_details": {"source": "ci", "timestamp": each}} for each in spellings]
    for olds in declared:
        assert all(_diff.changed(incident, olds, news) == [] for news in declared)
        later = {"trigger_details": {"source": "ci", "timestamp": "2026-01-31T03:00:01Z"}}
        assert _diff.changed(incident, olds, later) == ["trigger_details"]


def parameters(values):
    """Return a plan whose runbook has these parameters."""
    return {"actions": [{"ssm_automation": {"parameters": values}}]}


@pytest.mark.parametrize(
    ("olds", "news", "changed"),
    [
        (full("p"), minimal("p"), sorted(set(full("p")) - {"name"})),
        (minimal("p"), minimal("q"), ["name"]),
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, ["tags"]),
        ({"tags": {"a": ""}}, {"tags": {}}, ["tags"]),
        ({"tags": {"a": "1"}}, {}, ["tags"]),
        (parameters({"P": ["a", "b"]}), parameters({"P": ["b", "a"]}), ["actions"]),
        (parameters({"P": []}), parameters({}), ["actions"]),
        ({"engagements": ["a"]}, {"engagements": [Unknown()]}, ["engagements"]),
        ({"display_name": Unknown()}, {"display_name": Unknown()}, ["display_name"]),
    ],
)
def test_a_removal_an_order_that_counts_and_the_unknown_are_changes(olds, news, changed):
    """What AWS would store differently is found, whichever side it is missing on."""
    assert sorted(_diff.changed(PLAN, olds, news)) == changed


def test_a_refresh_keeps_the_users_spelling_where_nothing_drifted():
    """Order, floats and explicit empties of the declaration stay; only drift is taken over."""
    declared = {**full("p"), "display_name": ""}
    live = _model.from_api(PLAN, _model.to_api(PLAN, full("p")))
    live["display_name"] = ""
    live["engagements"] = sorted(live["engagements"])
    live["incident_template"] = {**live["incident_template"], "summary": "edited", "impact": 1}
    result = _diff.reconcile(PLAN, declared, live)
    expected = {**declared, "incident_template": {**declared["incident_template"]}}
    expected["incident_template"]["summary"] = "edited"
    assert result == expected


def test_a_refresh_drops_what_was_cleared_and_takes_what_was_added_behind_our_back():
    """Drift in both directions reaches the state as the absence or presence of the input."""
    declared = {**minimal("p"), "display_name": "here"}
    live = {**minimal("p"), "display_name": "", "engagements": ["a"], "tags": {}}
    assert _diff.reconcile(PLAN, declared, live) == {**minimal("p"), "engagements": ["a"]}
