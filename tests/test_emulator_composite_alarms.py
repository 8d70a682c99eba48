"""Composite alarms of the local AWS. Real: the server process, HTTP on 127.0.0.1 and boto3."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from pulumi_incidents.emulator.ssm_incidents.composite_alarms import holds
from tests import rights
from tests.calls import create_plan, items_of

PREFIX = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


@pytest.fixture
def alarms(local_aws):
    """Return a client, beside two alarms that start nothing."""
    client = local_aws.client("cloudwatch")
    for name in ("errors", "slow"):
        client.put_metric_alarm(**rights.alarm(name=name))
    yield client
    client.close()


def ring(alarms, name, state="ALARM"):
    """Bring an alarm to a state."""
    alarms.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def state(alarms, name):
    """Return the state that a composite alarm has."""
    answer = alarms.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    return answer["CompositeAlarms"][0]["StateValue"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(a)", True),
        ("ALARM(b)", False),
        ("OK(b) AND NOT ALARM(b)", True),
        ("ALARM(a) AND ALARM(b) OR INSUFFICIENT_DATA(c)", True),
        ("ALARM(a) AND (ALARM(b) OR OK(c))", False),
        ('ALARM("a") AND TRUE', True),
        ("NOT (TRUE AND FALSE)", True),
        ("FALSE AND FALSE OR TRUE", True),
    ],
)
def test_a_rule_is_true_or_false_of_the_states_of_alarms(rule, expected):
    """AND binds closer than OR, and NOT closer than both."""
    states = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA"}
    assert holds(rule, states.get) is expected


def test_a_composite_alarm_follows_its_alarms_and_starts_an_incident(alarms, incidents, name):
    """One over another composite one, named by its ARN, as well; each once."""
    plan = create_plan(incidents, name)
    alarms.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("errors") AND ALARM("slow")')
    over = f'ALARM("{PREFIX}both")'
    alarms.put_composite_alarm(AlarmName="over", AlarmRule=over, AlarmActions=[plan])
    ring(alarms, "errors")
    assert (state(alarms, "both"), state(alarms, "over")) == ("OK", "OK")
    ring(alarms, "slow")
    assert (state(alarms, "both"), state(alarms, "over")) == ("ALARM", "ALARM")
    (started,) = incidents.list_incident_records()["incidentRecordSummaries"]
    assert started["incidentRecordSource"]["resourceArn"] == f"{PREFIX}over"
    assert items_of(incidents, started["arn"]) == []
    ring(alarms, "slow", "OK")
    assert (state(alarms, "both"), state(alarms, "over")) == ("OK", "OK")


def test_a_composite_alarm_is_silent_while_its_suppressor_is_in_alarm(alarms, incidents, name):
    """It goes off, and no incident starts."""
    plan = create_plan(incidents, name)
    ring(alarms, "slow")
    alarms.put_composite_alarm(
        AlarmName="both",
        AlarmRule="ALARM(errors)",
        AlarmActions=[plan],
        ActionsSuppressor="slow",
        ActionsSuppressorWaitPeriod=0,
        ActionsSuppressorExtensionPeriod=0,
    )
    ring(alarms, "errors")
    assert state(alarms, "both") == "ALARM"
    assert incidents.list_incident_records()["incidentRecordSummaries"] == []


def test_a_composite_alarm_whose_rule_is_true_goes_off_when_it_is_made(alarms, incidents, name):
    """What already is wrong then starts an incident; a second request starts no other one."""
    plan = create_plan(incidents, name)
    ring(alarms, "errors")
    for _ in range(2):
        alarms.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(errors)", AlarmActions=[plan])
    assert len(incidents.list_incident_records()["incidentRecordSummaries"]) == 1


def test_composite_alarms_in_a_circle_come_to_an_end(alarms):
    """The second one is over the first, and the first over the second."""
    alarms.put_composite_alarm(AlarmName="a", AlarmRule="ALARM(errors)")
    alarms.put_composite_alarm(AlarmName="b", AlarmRule="ALARM(a)")
    alarms.put_composite_alarm(AlarmName="a", AlarmRule="ALARM(errors) AND NOT ALARM(b)")
    ring(alarms, "errors")
    assert state(alarms, "b") in ("ALARM", "OK")


@pytest.mark.parametrize(
    "rule", ["errors", "ALARM(errors", "ALARM(nobody)", "AT_LEAST(1, ALARM, (errors))", "TRUE TRUE"]
)
def test_what_is_no_rule_is_refused(alarms, rule):
    """An alarm that does not exist is no part of one."""
    with pytest.raises(ClientError) as refused:
        alarms.put_composite_alarm(AlarmName="c", AlarmRule=rule)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert alarms.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []
