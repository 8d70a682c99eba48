"""Checks of what was changed behind a program: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS. AWS's migration runbooks are not here: what they
do is done by hand, as AWS's guide describes it.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from tests import doctored, rights
from tests.calls import create_plan

HOME = "us-east-1:123456789012"
ALARM = f"arn:aws:cloudwatch:{HOME}:alarm:errors"
RULE = f"arn:aws:events:{HOME}:rule/stopped"
SHOP_RULE = f"arn:aws:events:{HOME}:rule/shop/stopped"
OPS_ITEM = f"arn:aws:ssm:{HOME}:opsitem"
OUTPUTS = {"plan_arn": "arn", "alarm_arns": {"errors": ALARM}, "shop": {"rule_arns": [RULE]}}
HERE = "the migration runbooks of us-east-1"
ALARMS, RULES = (
    f"AWS-MigrateIncidentManager{kind}" for kind in ("CloudWatchAlarms", "EventBridgeRules")
)


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan."""
    return create_plan(incidents, "checkout")


@pytest.fixture
def alarms(local_aws, plan):
    """Return a client of CloudWatch, where an alarm starts the plan."""
    client = local_aws.client("cloudwatch")
    client.put_metric_alarm(**rights.alarm(plan))
    yield client
    client.close()


@pytest.fixture
def events(local_aws, plan):
    """Return a client of EventBridge, where a rule starts the plan."""
    client = local_aws.client("events")
    client.put_rule(Name="stopped", EventPattern='{"source": ["aws.ec2"]}')
    put(client, plan)
    yield client
    client.close()


def put(events, target, **bus):
    """Put a target in the place of the other one."""
    role = f"arn:aws:iam::{rights.ACCOUNT}:role/events"
    targets = [{"Id": "1", "Arn": target, "RoleArn": role}]
    events.put_targets(Rule="stopped", Targets=targets, **bus)


def declared(local_aws):
    """Return what becomes of what the stack declares, by ARN."""
    found = doctored.results(local_aws, "trigger-declared", declared=OUTPUTS)
    return {each.subject: each for each in found}


def test_an_alarm_and_a_rule_that_were_rewritten_are_found_until_they_start_a_plan(
    local_aws, alarms, events, plan
):
    """With what each runs now."""
    fine = {ALARM: Fine(ALARM, (plan,)), RULE: Fine(RULE, (plan,))}
    assert declared(local_aws) == fine
    alarms.put_metric_alarm(**rights.alarm(f"{OPS_ITEM}:2"))
    put(events, OPS_ITEM)
    found = declared(local_aws)
    assert found[ALARM].seen == (
        f"The stack declares the alarm errors to start a response plan, and it runs {OPS_ITEM}:2."
    )
    assert found[RULE].seen == (
        f"The stack declares the rule stopped to start a response plan, and it runs {OPS_ITEM}."
    )
    alarms.put_metric_alarm(**rights.alarm(plan))
    put(events, plan)
    assert declared(local_aws) == fine


def test_an_alarm_and_a_rule_that_are_gone_are_found_until_they_are_made_again(
    local_aws, alarms, events, plan
):
    """And one that runs nothing is another finding."""
    alarms.delete_alarms(AlarmNames=["errors"])
    events.remove_targets(Rule="stopped", Ids=["1"])
    found = declared(local_aws)
    assert found[ALARM].seen == "The stack declares the alarm errors, and there is none."
    assert found[RULE].seen.endswith("and it runs nothing.")
    events.delete_rule(Name="stopped")
    assert declared(local_aws)[RULE].seen.endswith("the rule stopped, and there is none.")
    alarms.put_metric_alarm(**rights.alarm(plan))
    events.put_rule(Name="stopped", EventPattern='{"source": ["aws.ec2"]}')
    put(events, plan)
    assert all(isinstance(each, Fine) for each in declared(local_aws).values())


def test_without_a_stack_nothing_is_declared(local_aws, alarms):
    """There is nothing to look at."""
    alarms.put_metric_alarm(**rights.alarm())
    assert doctored.results(local_aws, "trigger-declared") == []


def test_an_output_that_is_secret_is_not_called_fine(local_aws):
    """The engine does not tell what it names."""
    outputs = {"alarm_arns": "[secret]"}
    [unseen] = doctored.results(local_aws, "trigger-declared", declared=outputs)
    assert isinstance(unseen, NotSeen)
    assert "export it as it is" in unseen.why


@pytest.mark.usefixtures("alarms", "events")
@pytest.mark.parametrize(
    ("action", "arn"),
    [("cloudwatch:DescribeAlarms", ALARM), ("events:ListTargetsByRule", RULE)],
)
def test_what_a_stack_declares_and_may_not_be_seen_is_not_called_fine(local_aws, action, arn):
    """Each says which right lacks."""
    denied = doctored.without(local_aws, action)
    found = doctored.results(local_aws, "trigger-declared", declared=OUTPUTS, **denied)
    [unseen] = [each for each in found if isinstance(each, NotSeen)]
    assert unseen.subject == arn
    assert action in unseen.why


def migrated(local_aws, **options):
    """Return the findings of what was migrated."""
    return doctored.findings(local_aws, "trigger-migrated", **options)


def test_what_a_migration_runbook_rewrote_is_found_until_it_starts_a_plan(
    local_aws, alarms, events, plan
):
    """Alarms and rules that make an OpsItem; without such a runbook nobody is told of these."""
    assert doctored.results(local_aws, "trigger-migrated") == [Fine(HERE)]
    for document in (ALARMS, RULES):
        local_aws.execution(document)
    assert migrated(local_aws) == []
    alarms.put_metric_alarm(**rights.alarm(f"{OPS_ITEM}:2"))
    put(events, OPS_ITEM)
    alarm, rule = migrated(local_aws)
    assert (alarm.subject, rule.subject) == (ALARM, RULE)
    assert f"The alarm {ALARM} makes an OpsItem and starts no response plan" in alarm.seen
    assert f"{ALARMS} on " in alarm.seen
    alarms.put_metric_alarm(**rights.alarm(f"{OPS_ITEM}:2", plan))
    put(events, plan)
    assert doctored.results(local_aws, "trigger-migrated") == [Fine(HERE)]


def test_what_made_ops_items_before_a_migration_runbook_ran_is_not_its_doing(local_aws, alarms):
    """An alarm that was not changed since is as somebody wanted it."""
    alarms.put_metric_alarm(**rights.alarm(f"{OPS_ITEM}:2"))
    local_aws.advance(60)
    local_aws.execution(ALARMS)
    assert migrated(local_aws) == []


def test_a_rule_of_another_bus_that_was_rewritten_is_found(local_aws, events):
    """By its ARN, which has the bus."""
    events.create_event_bus(Name="shop")
    events.put_rule(Name="stopped", EventPattern='{"source": ["shop"]}', EventBusName="shop")
    put(events, OPS_ITEM, EventBusName="shop")
    local_aws.execution(RULES)
    [found] = migrated(local_aws)
    assert found.subject == SHOP_RULE


def test_a_migration_runbook_that_is_under_way_is_found_until_it_is_stopped(local_aws):
    """While it waits for its approval there is time to stop it."""
    arn = local_aws.execution(ALARMS, "PendingApproval")
    [found] = migrated(local_aws)
    assert found.subject == arn
    assert "is PendingApproval: it takes alarms or rules away from response plans." in found.seen
    execution = arn.rpartition("/")[2]
    assert (
        f"stop-automation-execution --automation-execution-id {execution} --region us-east-1`"
        in found.mend
    )
    local_aws.end_execution(arn, "Cancelled")
    assert doctored.results(local_aws, "trigger-migrated") == [Fine(HERE)]


def test_a_rule_whose_targets_may_not_be_seen_is_not_called_rewritten(local_aws, events, plan):
    """It makes an OpsItem, and may start a plan besides."""
    put(events, plan)
    events.put_targets(Rule="stopped", Targets=[{"Id": "2", "Arn": OPS_ITEM}])
    local_aws.execution(RULES)
    assert migrated(local_aws) == []
    denied = doctored.without(local_aws, "events:ListTargetsByRule")
    [unseen] = doctored.results(local_aws, "trigger-migrated", **denied)
    assert isinstance(unseen, NotSeen)
    assert "events:ListTargetsByRule" in unseen.why


@pytest.mark.parametrize(
    "action",
    [
        "ssm:DescribeAutomationExecutions",
        "cloudwatch:DescribeAlarms",
        "events:ListEventBuses",
        "events:ListRuleNamesByTarget",
    ],
)
def test_migrations_that_may_not_be_seen_are_not_called_fine(local_aws, action):
    """Neither the runbooks nor what they rewrote."""
    local_aws.execution(ALARMS)
    denied = doctored.without(local_aws, action)
    [unseen] = doctored.results(local_aws, "trigger-migrated", **denied)
    assert isinstance(unseen, NotSeen)
    assert action in unseen.why
