"""Checks of alarms: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's CloudWatch.
"""

from __future__ import annotations

import shlex

import pytest

from pulumi_incidents.commands.doctor.results import Fine, Level, NotSeen
from tests import doctored, rights
from tests.calls import create_plan

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
CHECKS = ("alarm-actions", "alarm-plan", "alarm-going-off", "alarm-suppressed", "alarm-state")


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan."""
    return create_plan(incidents, "checkout")


@pytest.fixture
def alarms(local_aws, plan):
    """Return a client of CloudWatch, where an alarm named `errors` starts the plan."""
    client = local_aws.client("cloudwatch")
    client.put_metric_alarm(**rights.alarm(plan))
    yield client
    client.close()


def fine(local_aws, check, *plans, **options):
    """Tell whether a check finds nothing but what is fine, and something at all."""
    found = doctored.results(local_aws, check, *plans, **options)
    return bool(found) and all(isinstance(each, Fine) for each in found)


def test_an_alarm_with_its_actions_disabled_is_found_until_they_are_enabled(local_aws, alarms):
    """The sentence names the alarm, and its command mends it."""
    assert fine(local_aws, "alarm-actions")
    alarms.disable_alarm_actions(AlarmNames=["errors"])
    [found] = doctored.findings(local_aws, "alarm-actions")
    assert found.subject == f"{ARN}errors"
    assert found.seen == ("The alarm errors has its actions disabled, so it starts no incident.")
    assert "enable-alarm-actions --alarm-names errors --region us-east-1" in found.mend
    alarms.enable_alarm_actions(AlarmNames=["errors"])
    assert fine(local_aws, "alarm-actions")


def test_the_command_of_an_alarm_with_any_name_can_be_run(local_aws, alarms, plan):
    """Names have spaces and quotes, and a shell hands the command each as one word."""
    name = """High CPU of "web" & it's $HOME"""
    alarms.put_metric_alarm(**rights.alarm(plan, name=name), ActionsEnabled=False)
    [found] = doctored.findings(local_aws, "alarm-actions")
    words = shlex.split(found.mend.partition("`")[2].rpartition("`")[0])
    assert words[words.index("--alarm-names") + 1 :] == [name, "--region", "us-east-1"]


def test_an_alarm_of_another_region_of_the_set_is_looked_at(local_aws, incidents, plan):
    """CloudWatch starts plans from each of its regions."""
    (arn,) = incidents.list_replication_sets()["replicationSetArns"]
    action = {"addRegionAction": {"regionName": "eu-west-1"}}
    incidents.update_replication_set(arn=arn, actions=[action])
    there = local_aws.client("cloudwatch", region_name="eu-west-1")
    there.put_metric_alarm(**rights.alarm(plan), ActionsEnabled=False)
    [found] = doctored.findings(local_aws, "alarm-actions")
    assert ":eu-west-1:" in found.subject
    assert found.mend.endswith("--region eu-west-1`.")


def test_an_alarm_whose_plan_is_deleted_is_found_until_it_is_there_again(
    local_aws, incidents, plan, alarms
):
    """The plan is named, and to make it again mends it; an alarm with another plan is fine."""
    alarms.put_metric_alarm(**rights.alarm(create_plan(incidents, "else"), name="other"))
    assert fine(local_aws, "alarm-plan")
    incidents.delete_response_plan(arn=plan)
    [found] = doctored.findings(local_aws, "alarm-plan")
    assert found.seen == f"The alarm errors starts the response plan {plan}, which does not exist."
    [found] = doctored.findings(local_aws, "alarm-plan", plan)
    assert "does not exist" in found.seen
    create_plan(incidents, "checkout")
    assert fine(local_aws, "alarm-plan")


def test_an_alarm_of_a_plan_of_another_account_is_found(local_aws, alarms, plan):
    """CloudWatch starts plans of its own account alone; another action mends it."""
    elsewhere = plan.replace(rights.ACCOUNT, "210987654321")
    alarms.put_metric_alarm(**rights.alarm(elsewhere))
    [found] = doctored.findings(local_aws, "alarm-plan")
    assert found.seen.endswith(f"{elsewhere}, which is of another account.")
    alarms.put_metric_alarm(**rights.alarm(plan))
    assert fine(local_aws, "alarm-plan")


@pytest.mark.parametrize(
    ("part", "wrong"),
    [("::", ":us-east-1:"), ("response-plan", "responseplan")],
)
def test_an_alarm_that_misspells_its_plan_is_found(local_aws, alarms, plan, part, wrong):
    """AWS's own pages have both; an alarm that starts nothing is not passed over."""
    alarms.put_metric_alarm(**rights.alarm(plan.replace(part, wrong)))
    [found] = doctored.findings(local_aws, "alarm-plan")
    assert found.seen.endswith(f"{plan.replace(part, wrong)}, which does not exist.")


def test_a_composite_alarm_is_mended_by_a_command_of_its_own(local_aws, alarms, plan):
    """PutMetricAlarm would make another alarm of it."""
    alarms.put_metric_alarm(**rights.alarm())
    gone = f"{plan}-gone"
    alarms.put_composite_alarm(
        AlarmName="both", AlarmRule="ALARM(errors)", AlarmActions=[gone], OKActions=[plan]
    )
    for check in ("alarm-plan", "alarm-going-off"):
        [found] = doctored.findings(local_aws, check)
        assert "`aws cloudwatch put-composite-alarm`" in found.mend
    alarms.set_alarm_state(AlarmName="both", StateValue="INSUFFICIENT_DATA", StateReason="test")
    [found] = doctored.findings(local_aws, "alarm-state", at=doctored.later(hours=25))
    assert found.mend == "See whether the alarms of its rule are still right."


def test_alarms_of_other_plans_are_not_looked_at(local_aws, incidents, alarms):
    """Whoever asks for one plan hears of that plan's alarms alone."""
    other = create_plan(incidents, "else")
    alarms.disable_alarm_actions(AlarmNames=["errors"])
    for check in CHECKS:
        assert doctored.results(local_aws, check, other) == []


def test_an_alarm_that_starts_its_plan_only_when_all_is_well_is_found(local_aws, plan, alarms):
    """The action is to be one for ALARM."""
    alarms.put_metric_alarm(**rights.alarm(), OKActions=[plan])
    [found] = doctored.findings(local_aws, "alarm-going-off")
    assert found.seen == (
        f"The alarm errors does not start {plan} when it goes off, but when it is OK again."
    )
    assert found.level is None
    alarms.put_metric_alarm(**rights.alarm(), InsufficientDataActions=[plan])
    [found] = doctored.findings(local_aws, "alarm-going-off")
    assert found.seen.endswith("when it goes off, but when data are missing.")
    assert found.level is Level.NOTE
    alarms.put_metric_alarm(**rights.alarm(plan))
    assert fine(local_aws, "alarm-going-off")


def test_a_composite_alarm_is_found_while_it_is_suppressed(local_aws, plan, alarms):
    """The suppressor is named, and to bring it to OK mends it."""
    alarms.put_metric_alarm(**rights.alarm(name="maintenance"))
    alarms.put_composite_alarm(
        AlarmName="both",
        AlarmRule="ALARM(errors)",
        AlarmActions=[plan],
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=1,
        ActionsSuppressorExtensionPeriod=1,
    )
    assert doctored.results(local_aws, "alarm-suppressed") == [Fine(f"{ARN}both", (plan,))]
    alarms.set_alarm_state(AlarmName="maintenance", StateValue="ALARM", StateReason="test")
    [found] = doctored.findings(local_aws, "alarm-suppressed")
    assert found.seen == (
        "The composite alarm both starts nothing at the moment, because maintenance suppresses "
        "its actions."
    )
    alarms.set_alarm_state(AlarmName="maintenance", StateValue="OK", StateReason="test")
    assert fine(local_aws, "alarm-suppressed")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            "ALARM",
            "has been in ALARM for 1 day, and starts nothing more until it has left that state.",
        ),
        ("INSUFFICIENT_DATA", "has been without data for 1 day."),
    ],
)
def test_an_alarm_that_stays_in_a_state_is_found_after_a_day(local_aws, alarms, state, told):
    """Not before, and not once it is OK."""
    alarms.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="test")
    assert fine(local_aws, "alarm-state")
    [found] = doctored.findings(local_aws, "alarm-state", at=doctored.later(hours=25))
    assert found.seen == f"The alarm errors {told}"
    alarms.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
    assert fine(local_aws, "alarm-state", at=doctored.later(hours=25))


@pytest.mark.usefixtures("alarms")
def test_whoever_may_not_describe_alarms_sees_none_of_them(local_aws):
    """No check calls them fine, and each says which right lacks."""
    denied = doctored.without(local_aws, "cloudwatch:DescribeAlarms")
    for check in CHECKS:
        [unseen] = doctored.results(local_aws, check, **denied)
        assert isinstance(unseen, NotSeen)
        assert unseen.subject == "the alarms of us-east-1"
        assert "cloudwatch:DescribeAlarms" in unseen.why


@pytest.mark.usefixtures("alarms")
def test_alarms_are_read_in_one_call(local_aws):
    """Metric and composite ones of all plans, in each region."""
    local_aws.forget()
    doctored.facts(local_aws)
    assert local_aws.operations("monitoring") == ["DescribeAlarms"]
