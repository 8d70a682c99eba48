"""Checks of what a start would join: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Fine, Level, NotSeen
from tests import doctored, rights
from tests.calls import create_plan

CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/"


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan with a dedupe string."""
    return create_plan(incidents, "checkout", dedupeString="shop")


def start(incidents, plan):
    """Start an incident; return its ARN."""
    return incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]


def resolve(incidents, arn):
    """Do as the sentence says."""
    incidents.update_incident_record(arn=arn, status="RESOLVED")


def test_an_incident_that_was_forgotten_is_found_until_it_is_resolved(local_aws, incidents, plan):
    """Not on its first day, and for the plan whose starts it takes in alone."""
    other = create_plan(incidents, "else", dedupeString="other")
    arn = start(incidents, plan)
    everything = [Fine(plan), Fine(other)]
    assert doctored.results(local_aws, "incident-open") == everything
    found, fine = doctored.results(local_aws, "incident-open", at=doctored.later(hours=49))
    assert found.seen == (
        f"The incident {arn} has been open for 2 days, and takes in every start of checkout: "
        "nobody is paged for it."
    )
    assert fine == Fine(other)
    assert start(incidents, plan) == arn  # it does take it in
    resolve(incidents, arn)
    assert doctored.results(local_aws, "incident-open", at=doctored.later(hours=49)) == everything


def test_an_incident_of_another_plan_with_the_same_dedupe_string_is_found(
    local_aws, incidents, plan
):
    """Whichever plan is looked at, and without the other one."""
    arn = start(incidents, create_plan(incidents, "else", dedupeString="shop"))
    [found] = doctored.findings(local_aws, "incident-open", plan, at=doctored.later(hours=49))
    assert arn in found.seen
    resolve(incidents, arn)
    assert doctored.results(local_aws, "incident-open", plan, at=doctored.later(hours=49)) == [
        Fine(plan)
    ]


def test_an_open_incident_of_an_alarm_is_found_without_a_dedupe_string(local_aws, incidents):
    """AWS joins what an alarm starts to the open incident of that alarm."""
    plan = create_plan(incidents, "checkout")
    forgotten = start(incidents, plan)
    assert doctored.results(local_aws, "incident-open", at=doctored.later(hours=49)) == [Fine(plan)]
    resolve(incidents, forgotten)
    alarms = local_aws.client("cloudwatch")
    alarms.put_metric_alarm(**rights.alarm(plan))
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    [found] = doctored.findings(local_aws, "incident-open", at=doctored.later(hours=49))
    assert ":alarm:errors starts: nobody is paged for it." in found.seen
    [arn] = [
        each["arn"]
        for each in incidents.list_incident_records()["incidentRecordSummaries"]
        if each["status"] == "OPEN"
    ]
    resolve(incidents, arn)
    assert doctored.results(local_aws, "incident-open", at=doctored.later(hours=49)) == [Fine(plan)]
    alarms.close()


@pytest.mark.parametrize("action", ["ListIncidentRecords", "GetIncidentRecord"])
def test_whoever_may_not_see_incidents_does_not_call_them_fine(local_aws, incidents, plan, action):
    """Neither the list nor what an incident says."""
    start(incidents, plan)
    denied = doctored.without(local_aws, f"ssm-incidents:{action}")
    [unseen] = doctored.results(local_aws, "incident-open", at=doctored.later(hours=49), **denied)
    assert isinstance(unseen, NotSeen)
    assert f"ssm-incidents:{action}" in unseen.why


def test_unlike_plans_that_share_a_dedupe_string_are_found_until_they_do_not(
    local_aws, incidents, plan
):
    """Both are; plans that engage and run the same may share one."""
    twin = create_plan(incidents, "twin", dedupeString="shop")
    assert doctored.results(local_aws, "dedupe-shared") == [Fine(plan), Fine(twin)]
    incidents.update_response_plan(arn=twin, engagements=[f"{CONTACT}ana"])
    found, _ = doctored.findings(local_aws, "dedupe-shared")
    assert found.subject == plan
    assert found.level is None
    assert found.seen == (
        "checkout shares its dedupe string with twin: while an incident of that is open, a start "
        "of checkout engages nobody of its own."
    )
    incidents.update_response_plan(arn=twin, incidentTemplateDedupeString="twin")
    assert doctored.results(local_aws, "dedupe-shared") == [Fine(plan), Fine(twin)]


def test_plans_that_share_a_dedupe_string_and_run_something_else_are_found(local_aws, incidents):
    """A runbook that does not run is less bad than nobody who is engaged."""
    plan, _ = rights.plan_with_runbook(local_aws, incidents)
    incidents.update_response_plan(arn=plan, incidentTemplateDedupeString="shop")
    create_plan(incidents, "other", dedupeString="shop")
    found, _ = doctored.findings(local_aws, "dedupe-shared")
    assert found.level is Level.WARNING
    assert found.seen.endswith("a start of checkout does not run its own runbook.")
    incidents.update_response_plan(arn=plan, actions=[])
    assert not doctored.findings(local_aws, "dedupe-shared")


def test_plans_without_a_dedupe_string_share_none(local_aws, incidents):
    """There is nothing to look at."""
    create_plan(incidents, "one")
    create_plan(incidents, "two")
    assert doctored.results(local_aws, "dedupe-shared") == []


def test_incidents_are_listed_once_for_all_plans(local_aws, incidents, plan):
    """And a record is read only of those that were forgotten."""
    create_plan(incidents, "two", dedupeString="two")
    resolve(incidents, start(incidents, plan))
    local_aws.forget()
    doctored.results(local_aws, "incident-open", at=doctored.later(hours=49))
    assert local_aws.operations().count("ListIncidentRecords") == 1
