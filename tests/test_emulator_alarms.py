"""Which alarms the local AWS describes. Real: the server process, HTTP on 127.0.0.1 and boto3."""

from __future__ import annotations

import pytest

from tests import rights
from tests.calls import create_plan

BOTH = ["MetricAlarm", "CompositeAlarm"]


@pytest.fixture
def alarms(local_aws):
    """Return a client, beside an alarm that starts nothing."""
    client = local_aws.client("cloudwatch")
    client.put_metric_alarm(**rights.alarm(name="errors"))
    yield client
    client.close()


def names(answer):
    """Return the names of the alarms in an answer, by their kind."""
    return [
        [alarm["AlarmName"] for alarm in answer[member]]
        for member in ("MetricAlarms", "CompositeAlarms")
    ]


def described(alarms, name):
    """Return an alarm of any kind."""
    answer = alarms.describe_alarms(AlarmNames=[name], AlarmTypes=BOTH)
    (found,) = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
    return found


def test_whoever_names_no_type_of_alarms_hears_of_metric_alarms_alone(alarms):
    """Composite ones are to be asked for, as on AWS."""
    alarms.put_composite_alarm(AlarmName="both", AlarmRule="ALARM(errors)")
    assert names(alarms.describe_alarms()) == [["errors"], []]
    assert names(alarms.describe_alarms(AlarmTypes=["CompositeAlarm"])) == [[], ["both"]]
    assert names(alarms.describe_alarms(AlarmTypes=BOTH)) == [["errors"], ["both"]]


def test_a_prefix_of_actions_finds_alarms_by_those_of_any_state(alarms, incidents, name):
    """An alarm that runs the plan when all is well again uses that action, too."""
    plan = create_plan(incidents, name)
    for state in ("Alarm", "OK", "InsufficientData"):
        alarms.put_metric_alarm(**{**rights.alarm(name=state), f"{state}Actions": [plan]})
    found = alarms.describe_alarms(ActionPrefix="arn:aws:ssm-incidents:")
    assert sorted(names(found)[0]) == ["Alarm", "InsufficientData", "OK"]


def test_an_alarm_says_since_when_it_is_in_its_state(alarms):
    """An update that leaves the state as it was dates only itself."""
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="first")
    since = described(alarms, "errors")["StateTransitionedTimestamp"]
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="second")
    found = described(alarms, "errors")
    assert found["StateTransitionedTimestamp"] == since
    assert found["StateUpdatedTimestamp"] > since


def test_a_composite_alarm_says_what_suppresses_it(alarms):
    """As long as the suppressor is in ALARM."""
    alarms.put_metric_alarm(**rights.alarm(name="maintenance"))
    alarms.put_composite_alarm(
        AlarmName="both",
        AlarmRule="ALARM(errors)",
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=1,
        ActionsSuppressorExtensionPeriod=1,
    )
    assert "ActionsSuppressedBy" not in described(alarms, "both")
    alarms.set_alarm_state(AlarmName="maintenance", StateValue="ALARM", StateReason="test")
    assert described(alarms, "both")["ActionsSuppressedBy"] == "Alarm"
    alarms.set_alarm_state(AlarmName="maintenance", StateValue="OK", StateReason="test")
    assert "ActionsSuppressedBy" not in described(alarms, "both")
