"""Checks of rules of EventBridge: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's EventBridge and AWS's patterns.
"""

from __future__ import annotations

import json

import pytest

from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from tests import doctored, rights
from tests.calls import create_plan

CHECKS = ("rule-enabled", "rule-plan", "rule-pattern")
PATTERN = {"source": ["aws.ec2"], "detail": {"state": ["stopped"]}}
ARN = "arn:aws:events:us-east-1:123456789012:rule/"


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan."""
    return create_plan(incidents, "checkout")


@pytest.fixture
def role(local_aws, plan):
    """Return the ARN of a role that may start the plan."""
    return rights.event_role(local_aws.client("iam"), plan)


@pytest.fixture
def events(local_aws, plan, role):
    """Return a client of EventBridge, where a rule named `stopped` starts the plan."""
    client = local_aws.client("events")
    put(client, "stopped", plan, role)
    yield client
    client.close()


def put(events, name, plan, role, pattern=PATTERN, **more):
    """Make a rule that starts a plan."""
    bus = {"EventBusName": more["EventBusName"]} if "EventBusName" in more else {}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), **more)
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": plan, "RoleArn": role}], **bus)


def fine(local_aws, check, *plans):
    """Tell whether a check finds nothing but what is fine, and something at all."""
    found = doctored.results(local_aws, check, *plans)
    return bool(found) and all(isinstance(each, Fine) for each in found)


def test_a_rule_that_is_disabled_is_found_until_it_is_enabled(local_aws, events):
    """The sentence names the rule, and its command mends it."""
    assert fine(local_aws, "rule-enabled")
    events.disable_rule(Name="stopped")
    [found] = doctored.findings(local_aws, "rule-enabled")
    assert found.subject == f"{ARN}stopped"
    assert found.seen == "The rule stopped is disabled, so it starts no incident."
    assert "enable-rule --name stopped --event-bus-name default --region us-east-1" in found.mend
    events.enable_rule(Name="stopped")
    assert fine(local_aws, "rule-enabled")


def test_a_rule_of_an_event_bus_of_ones_own_is_looked_at(local_aws, events, plan, role):
    """All buses are, and the mend names that of the rule."""
    events.create_event_bus(Name="shop")
    put(events, "sold-out", plan, role, State="DISABLED", EventBusName="shop")
    [found] = doctored.findings(local_aws, "rule-enabled")
    assert found.subject == f"{ARN}shop/sold-out"
    assert "--event-bus-name shop" in found.mend
    events.enable_rule(Name="sold-out", EventBusName="shop")
    assert fine(local_aws, "rule-enabled")


@pytest.mark.usefixtures("events")
def test_a_rule_whose_plan_is_deleted_is_found_until_it_is_there_again(local_aws, incidents, plan):
    """Whether the whole account is looked at, or that plan."""
    assert fine(local_aws, "rule-plan")
    incidents.delete_response_plan(arn=plan)
    for plans in ((), (plan,)):
        [found] = doctored.findings(local_aws, "rule-plan", *plans)
        assert found.seen == (
            f"The rule stopped starts the response plan {plan}, which does not exist."
        )
    create_plan(incidents, "checkout")
    assert fine(local_aws, "rule-plan")


def test_a_pattern_that_nothing_can_match_is_found_until_it_is_corrected(
    local_aws, events, plan, role
):
    """The field is named that no event is like."""
    assert fine(local_aws, "rule-pattern")
    put(events, "stopped", plan, role, {"source": [{"exists": False}]})
    [found] = doctored.findings(local_aws, "rule-pattern")
    assert found.seen == (
        "Nothing can match the pattern of the rule stopped: no event has such a source."
    )
    assert "put-rule --name stopped --event-bus-name default --region us-east-1" in found.mend
    put(events, "stopped", plan, role, {**PATTERN, "detailType": ["EC2"]})
    [found] = doctored.findings(local_aws, "rule-pattern")
    assert found.seen.endswith("no event has such a detailType.")
    put(events, "stopped", plan, role)
    assert fine(local_aws, "rule-pattern")


def test_eventbridge_itself_is_asked_about_each_pattern(local_aws, events, plan, role):
    """Once for each rule with a pattern; one with a schedule alone has none. It changes nothing."""
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "1", "Arn": plan, "RoleArn": role}])
    local_aws.forget()
    assert len(doctored.results(local_aws, "rule-pattern")) == 2
    assert local_aws.operations("events").count("TestEventPattern") == 1
    assert not any(entry["mutating"] for entry in local_aws.requests(None))


def test_a_pattern_of_which_no_event_can_be_made_is_unseen(local_aws, events, plan, role):
    """Nobody calls it fine, and the reason is told."""
    pattern = {"detail": {"state": [{"anything-but": {"wildcard": "*"}}]}}
    put(events, "stopped", plan, role, pattern)
    [unseen] = doctored.results(local_aws, "rule-pattern")
    assert isinstance(unseen, NotSeen)
    assert "no text was found that anything-but leaves" in unseen.why


def test_rules_of_other_plans_are_not_looked_at(local_aws, incidents, events, plan, role):
    """Whoever asks for some plans hears of their rules alone, and their targets alone are read."""
    other = create_plan(incidents, "else")
    for number in range(3):
        put(events, f"rule-{number}", plan, role, State="DISABLED")
    local_aws.forget()
    for check in CHECKS:
        assert doctored.results(local_aws, check, other) == []
    assert "ListTargetsByRule" not in local_aws.operations("events")
    assert local_aws.operations("events").count("ListRuleNamesByTarget") == len(CHECKS)
    assert len(doctored.findings(local_aws, "rule-enabled", plan)) == 3


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("action", "subject"),
    [
        ("events:ListEventBuses", "the event buses of us-east-1"),
        ("events:ListRules", "the rules of event bus default in us-east-1"),
        ("events:ListTargetsByRule", f"{ARN}stopped"),
    ],
)
def test_whoever_may_not_list_rules_sees_none_of_them(local_aws, action, subject):
    """No check calls them fine, and each says which right lacks."""
    denied = doctored.without(local_aws, action)
    for check in CHECKS:
        [unseen] = doctored.results(local_aws, check, **denied)
        assert isinstance(unseen, NotSeen)
        assert unseen.subject == subject
        assert action in unseen.why


@pytest.mark.usefixtures("events")
def test_whoever_may_not_test_patterns_sees_no_pattern(local_aws, plan):
    """The other checks see the rule all the same."""
    denied = doctored.without(local_aws, "events:TestEventPattern")
    [unseen] = doctored.results(local_aws, "rule-pattern", **denied)
    assert isinstance(unseen, NotSeen)
    assert "events:TestEventPattern" in unseen.why
    assert doctored.results(local_aws, "rule-enabled", **denied) == [Fine(f"{ARN}stopped", (plan,))]
