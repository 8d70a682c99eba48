"""Alarms as people write them. Real: components and SDK, on the SDK's mock of the engine."""

from __future__ import annotations

import inspect

import pulumi
import pulumi_aws as aws
import pytest

from pulumi_incidents.stacks import (
    AlarmTrigger,
    CompositeAlarmArgs,
    CompositeAlarmTrigger,
    IncidentResponse,
    MetricAlarmArgs,
    alarm_trigger,
    composite_alarm_trigger,
)
from tests.mocked import PLAN, TOPIC, declared, output

ONE = {"namespace": "Shop", "metric_name": "Errors", "threshold": 1}
METRIC = {"metric_name": "Errors", "namespace": "Shop", "period": 60, "stat": "Sum"}
QUERY = {"id": "errors", "metric": METRIC, "return_data": True}
BAND = {"id": "band", "expression": "ANOMALY_DETECTION_BAND(errors)"}
OVER = {"metric_queries": [QUERY, BAND]}
RULE = {"alarm_rule": 'ALARM("errors")'}
OPERATORS = "LessThanLowerOrGreaterThanUpperThreshold, LessThanLowerThreshold, GreaterThanUpperThre"


def refused(build):
    """Return the sentences by which something is refused."""
    with pytest.raises(pulumi.RunError) as told:
        declared(build)
    return str(told.value).splitlines()


@pytest.mark.parametrize(
    ("ours", "theirs", "renamed"),
    [
        (MetricAlarmArgs, aws.cloudwatch.MetricAlarmArgs, alarm_trigger.RENAMED),
        (CompositeAlarmArgs, aws.cloudwatch.CompositeAlarmArgs, composite_alarm_trigger.RENAMED),
    ],
)
def test_an_alarm_takes_every_input_of_pulumi_aws(ours, theirs, renamed):
    """An input that a new version of pulumi-aws adds fails here until somebody decides on it."""
    known = {*inspect.signature(theirs.__init__).parameters} - {"__self__"}
    taken = {renamed.get(key, key) for key in ours.__annotations__}
    assert known - taken == set()


def test_what_is_left_out_has_a_default_only_where_it_belongs():
    """An alarm over queries, or with a percentile, has no statistic of one metric beside it."""
    band = {"threshold_metric_id": "band", "comparison_operator": "GreaterThanUpperThreshold"}
    query = {"evaluation_criteria": {"promql_criteria": {"query": "up == 0"}}}
    found = declared(
        lambda: [
            AlarmTrigger("one", PLAN, ONE),
            AlarmTrigger("percentile", PLAN, {**ONE, "extended_statistic": "p99"}),
            AlarmTrigger("over", PLAN, {**OVER, **band}),
            AlarmTrigger("promql", PLAN, {**query, "evaluation_interval": 60}),
        ]
    )
    made = {name: found[kind, name] for kind, name in found if kind == "MetricAlarm"}
    defaults = {"evaluationPeriods": 1, "treatMissingData": "notBreaching"}
    compared = {**defaults, "comparisonOperator": "GreaterThanOrEqualToThreshold"}
    own = {"namespace": "Shop", "metricName": "Errors", "threshold": 1, "alarmActions": [PLAN]}
    assert made["one"] == {**own, **compared, "period": 60, "statistic": "Sum"}
    assert made["percentile"] == {**own, **compared, "period": 60, "extendedStatistic": "p99"}
    assert "metricQueries" in made["over"]
    assert made["over"].keys() & {"period", "statistic", "namespace", "threshold"} == set()
    assert made["promql"].keys() == {"evaluationCriteria", "evaluationInterval", "alarmActions"}


@pytest.mark.parametrize(
    ("actions", "runs"),
    [
        (None, [PLAN]),
        ([], [PLAN]),
        ([f"{TOPIC}a", PLAN], [PLAN, f"{TOPIC}a"]),
        (lambda: [output(f"{TOPIC}a")], [PLAN, f"{TOPIC}a"]),
        (lambda: output([f"{TOPIC}a", PLAN]), [PLAN, f"{TOPIC}a"]),
    ],
)
def test_the_plan_is_always_among_the_actions(actions, runs):
    """Once, whatever else runs when the alarm goes off, of one metric or of other alarms."""
    given = actions if callable(actions) else lambda: actions
    found = declared(
        lambda: [
            AlarmTrigger("one", PLAN, {**ONE, "alarm_actions": given()}),
            CompositeAlarmTrigger("both", PLAN, {**RULE, "alarm_actions": given()}),
        ]
    )
    assert found["MetricAlarm", "one"]["alarmActions"] == runs
    assert found["CompositeAlarm", "both"]["alarmActions"] == runs


@pytest.mark.parametrize(
    ("args", "sentences"),
    [
        (
            {},
            [
                "namespace is required, or metric_queries in place of one metric.",
                "metric_name is required, or metric_queries in place of one metric.",
                "threshold is required, or threshold_metric_id in its place.",
            ],
        ),
        ({**ONE, "statistic": "Sum", "extended_statistic": "p9"}, ["statistic and extended_sta"]),
        ({**ONE, **OVER}, ["metric_queries and namespace ex", "metric_queries and metric_name ex"]),
        (
            {**ONE, "datapoints_to_alarm": 3, "evaluation_periods": 2},
            ["datapoints_to_alarm must be 1 to 2, as many as evaluation_periods; got 3."],
        ),
        (
            {**OVER, "threshold_metric_id": "bnad"},
            [
                f"comparison_operator must be one of {OPERATORS}",
                "threshold_metric_id must be an id of metric_queries, which are errors, band; got",
            ],
        ),
        (
            {**ONE, "comparison_operator": "LessThanLowerThreshold"},
            ["comparison_operator is for a band, which threshold_metric_id names; got 'LessTh"],
        ),
        (
            {"metric_queries": [{**QUERY, "expression": "1"}, {"id": "b"}], "threshold": 1},
            [
                "metric_queries[0] must have either a metric or an expression.",
                "metric_queries[1] must have either a metric or an expression.",
            ],
        ),
        (
            {"metric_queries": [BAND], "threshold": 1},
            ["metric_queries must have one with return_data: True, which is compared."],
        ),
        ({"metric_queries": [{"id": 7, "metrc": 1}]}, ["metric_queries[0].id must be a string;"]),
        (
            {**ONE, "evaluation_interval": 60},
            ["evaluation_interval is for evaluation_criteria, and there are none."],
        ),
        ({"evaluation_criteria": {}}, ["evaluation_interval is required with evaluation_criter"]),
        ({**ONE, "alarm_actions": [TOPIC] * 5}, ["alarm_actions must be at most 4 actions; got"]),
        ({**ONE, "ok_actions": ["topic"]}, ["ok_actions[0] must be an ARN of what runs; got 'to"]),
        ({**ONE, "threshold": "1"}, ["threshold must be a number; got '1'."]),
        ({**ONE, "datapoint_to_alarm": 1}, ["datapoint_to_alarm does not exist; did you mean d"]),
    ],
)
def test_what_cloudwatch_would_refuse_of_an_alarm_is_told_with_its_path(args, sentences):
    """By itself, and in a response by the path that the person wrote."""
    alone = refused(lambda: AlarmTrigger("a", PLAN, args))
    response = {"title": "Down", "impact": 1, "alarms": {"a": args}}
    in_response = refused(lambda: IncidentResponse("x", response))
    for start in sentences:
        assert [line for line in alone if line.startswith(f"AlarmTrigger a: {start}")], alone
        path = f"IncidentResponse x: alarms.a.{start}"
        assert [line for line in in_response if line.startswith(path)], in_response


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "alarm_rule is required."),
        ({"alarm_rule": "errors"}, "alarm_rule must be a rule over alarms, such as ALARM("),
        ({"alarm_rule": 'ALARM("errors"'}, "alarm_rule must be a rule over alarms, such as ALARM("),
        ({"alarm_rule": 'ALARM("a") '}, "alarm_rule must have no space at its ends; got 'ALARM"),
        ({"alarm_rule": f"ALARM({'a' * 10240})"}, "alarm_rule must be at most 10240 characters, n"),
        ({**RULE, "actions_suppressor": {"alarm": "a"}}, "actions_suppressor.extension_period is"),
        ({**RULE, "ok_actions": [TOPIC] * 6}, "ok_actions must be at most 5 actions; got 6."),
    ],
)
def test_what_cloudwatch_would_refuse_of_a_composite_alarm_is_told_with_its_path(args, sentence):
    """By itself, and in a response by the path that the person wrote."""
    alone = refused(lambda: CompositeAlarmTrigger("c", PLAN, args))
    assert [line for line in alone if line.startswith(f"CompositeAlarmTrigger c: {sentence}")]
    response = {"title": "Down", "impact": 1, "composite_alarms": {"c": args}}
    told = refused(lambda: IncidentResponse("x", response))
    path = f"IncidentResponse x: composite_alarms.c.{sentence}"
    assert [line for line in told if line.startswith(path)], told


def test_an_alarm_and_a_composite_alarm_have_names_of_their_own():
    """The ARNs of both are told by one name each."""
    alarms = {"alarms": {"a": ONE}, "composite_alarms": {"a": RULE}}
    told = refused(lambda: IncidentResponse("x", {"title": "Down", "impact": 1, **alarms}))
    assert told == [
        "IncidentResponse x: composite_alarms.a has the name of alarms; choose another one."
    ]
