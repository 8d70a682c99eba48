"""What starts response plans: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from pulumi_incidents.stacks.drill import _summary
from tests import doctored, rights
from tests.calls import create_plan


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan."""
    return create_plan(incidents, "checkout")


def by_an_alarm(local_aws, plan):
    """Let an alarm start a plan."""
    local_aws.client("cloudwatch").put_metric_alarm(**rights.alarm(plan))


def by_a_rule(local_aws, plan):
    """Let a rule start a plan."""
    events = local_aws.client("events")
    events.put_rule(Name="stopped", EventPattern='{"source": ["aws.ec2"]}')
    events.put_targets(Rule="stopped", Targets=[{"Id": "1", "Arn": plan, "RoleArn": plan}])


def by_an_alarm_without_data(local_aws, plan):
    """Let an alarm start a plan when it has no data."""
    local_aws.client("cloudwatch").put_metric_alarm(
        **rights.alarm(), InsufficientDataActions=[plan]
    )


@pytest.mark.parametrize("give", [by_an_alarm, by_an_alarm_without_data, by_a_rule])
def test_a_plan_that_nothing_starts_is_found_until_something_does(local_aws, plan, give):
    """An alarm will do, and so will a rule."""
    [found] = doctored.findings(local_aws, "plan-started")
    assert found.subject == plan
    assert found.seen == "No alarm and no rule starts it."
    give(local_aws, plan)
    assert doctored.results(local_aws, "plan-started") == [Fine(plan)]


def test_the_plan_of_a_drill_is_passed_over(local_aws, incidents, plan):
    """Nothing is to start it but the drill."""
    by_an_alarm(local_aws, plan)
    create_plan(incidents, "drill-plan-1", summary=_summary(plan, None))
    assert doctored.results(local_aws, "plan-started") == [Fine(plan)]


@pytest.mark.parametrize("action", ["cloudwatch:DescribeAlarms", "events:ListRules"])
def test_whether_anything_starts_a_plan_is_not_known_where_it_may_not_be_seen(
    local_aws, plan, action
):
    """Neither alarms nor rules; what is seen to start it is enough."""
    denied = doctored.without(local_aws, action)
    [unseen] = doctored.results(local_aws, "plan-started", **denied)
    assert isinstance(unseen, NotSeen)
    assert action in unseen.why
    give = by_a_rule if action.startswith("cloudwatch") else by_an_alarm
    give(local_aws, plan)
    assert doctored.results(local_aws, "plan-started", **denied) == [Fine(plan)]
