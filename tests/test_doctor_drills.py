"""Checks of the newest incident of each plan: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS, which runs no runbook: how one ended is said.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from pulumi_incidents.commands.doctor.rehearsals import rehearsed
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen
from pulumi_incidents.stacks.drill import _summary
from tests import doctored, rights
from tests.calls import create_plan, record

CONTACT = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/ana"
TEAM = {
    "Contacts": [
        {
            "Alias": "ana",
            "Type": "PERSONAL",
            "Channels": [
                {
                    "Name": "mail",
                    "Type": "EMAIL",
                    "DeliveryAddress": {"SimpleAddress": "ana@example.com"},
                    "Activated": True,
                }
            ],
            "Plan": {
                "Stages": [
                    {
                        "DurationInMinutes": 5,
                        "Targets": [{"ChannelTargetInfo": {"ContactChannelId": "mail"}}],
                    }
                ]
            },
        }
    ]
}


@pytest.fixture
def plan(local_aws, incidents):
    """Return the ARN of a plan that pages somebody."""
    local_aws.seed(TEAM)
    arn = create_plan(incidents, "checkout")
    incidents.update_response_plan(arn=arn, engagements=[CONTACT])
    return arn


def start(incidents, plan):
    """Start an incident; return its ARN."""
    return incidents.start_incident(responsePlanArn=plan)["incidentRecordArn"]


def drill(incidents, plan, **members):
    """Hold a drill of a plan as a `Drill` does; return the ARN of its plan."""
    made = incidents.create_response_plan(
        name="drill-plan-1a2b3c4",
        incidentTemplate={
            "title": "Drill 2026-Q4-1",
            "impact": 5,
            "summary": _summary(plan, members.get("engagements")),
        },
        **members,
    )["arn"]
    start(incidents, made)
    return made


@pytest.mark.parametrize("engaged", [None, [CONTACT]])
def test_what_a_drill_writes_into_its_plan_names_the_plan_that_it_rehearses(engaged):
    """The component and the doctor agree about it, whether people are engaged or not."""
    plan = "arn:aws:ssm-incidents::123456789012:response-plan/checkout-1"
    assert rehearsed(_summary(plan, engaged)) == plan
    assert rehearsed("Rehearses nothing.") == ""


def test_a_plan_that_nobody_tried_is_found_until_an_incident_is_started(local_aws, incidents, plan):
    """It is found again once that is 90 days ago, with the day of it."""
    [found] = doctored.findings(local_aws, "drill-held")
    assert found.seen == (
        "It had no incident and no drill in the last 90 days: there has never been one."
    )
    created = record(incidents, start(incidents, plan))["creationTime"]
    [fine] = doctored.results(local_aws, "drill-held")
    assert fine == Fine(plan, seen=f"checkout was last tried on {created:%Y-%m-%d %H:%M} UTC.")
    [found] = doctored.findings(local_aws, "drill-held", at=doctored.later(days=91))
    assert found.seen.endswith(f"the last one was on {created:%Y-%m-%d}.")


def test_a_drill_counts_for_the_plan_that_it_rehearses(local_aws, incidents, plan):
    """Also when its own plan is gone, which has no results of its own while it is there."""
    made = drill(incidents, plan)
    [fine] = doctored.results(local_aws, "drill-held")
    assert (fine.subject, type(fine)) == (plan, Fine)
    incidents.delete_response_plan(arn=made)
    [fine] = doctored.results(local_aws, "drill-held")
    assert (fine.subject, type(fine)) == (plan, Fine)
    [fine] = doctored.results(local_aws, "drill-held", plan)
    assert isinstance(fine, Fine)


def test_an_incident_that_nobody_acknowledged_is_found_until_somebody_did(
    local_aws, incidents, plan
):
    """Not in its first minutes; a drill that pages nobody is passed over."""
    arn = start(incidents, plan)
    drill(incidents, plan)
    assert doctored.results(local_aws, "drill-acknowledged") == [Fine(plan)]
    [found] = doctored.findings(local_aws, "drill-acknowledged", at=doctored.later(minutes=20))
    assert found.seen == f"Nobody acknowledged the incident {arn} of checkout: 1 page was sent."
    assert "pulumi-incidents who checkout" in found.mend
    local_aws.acknowledge("ana", arn)
    [fine] = doctored.results(local_aws, "drill-acknowledged", at=doctored.later(minutes=20))
    assert fine == Fine(plan, seen=f"The incident {arn} was acknowledged after 0 minutes.")


def test_an_incident_that_was_acknowledged_late_is_a_note(local_aws, incidents, plan):
    """A newer one that is acknowledged soon, such as a drill that pages, mends it."""
    arn = start(incidents, plan)
    local_aws.advance(timedelta(minutes=25))
    local_aws.acknowledge("ana", arn)
    [found] = doctored.findings(local_aws, "drill-acknowledged", at=doctored.later(hours=1))
    assert found.level is Level.NOTE
    assert found.seen == f"The incident {arn} of checkout was acknowledged after 25 minutes."
    drill(incidents, plan, engagements=[CONTACT])
    local_aws.acknowledge("ana")
    assert not doctored.findings(local_aws, "drill-acknowledged", at=doctored.later(hours=1))


def test_an_incident_is_seen_where_the_clock_of_aws_is_ahead(local_aws, incidents, plan):
    """Two clocks never agree, and what was acknowledged is not taken for nothing."""
    local_aws.advance(timedelta(minutes=10))
    arn = start(incidents, plan)
    local_aws.acknowledge("ana", arn)
    [fine] = doctored.results(local_aws, "drill-acknowledged")
    assert fine == Fine(plan, seen=f"The incident {arn} was acknowledged after 0 minutes.")


@pytest.fixture
def runs(local_aws, incidents):
    """Return the ARN of a plan with a runbook."""
    return rights.plan_with_runbook(local_aws, incidents)[0]


def execution(incidents, arn):
    """Return the ARN of the execution of an incident's runbook."""
    (found,) = record(incidents, arn)["automationExecutions"]
    return found["ssmExecutionArn"]


def test_a_runbook_that_failed_is_found_until_one_is_a_success(local_aws, incidents, runs):
    """With what Systems Manager says of it; one that is under way is fine."""
    arn = start(incidents, runs)
    ran = execution(incidents, arn)
    local_aws.end_execution(ran, "Failed", failure="Step restart timed out.")
    [found] = doctored.findings(local_aws, "drill-runbook")
    assert found.seen == (
        f"The runbook of checkout ended as Failed in the incident {arn}: Step restart timed out."
    )
    assert ran.rpartition("/")[2] in found.mend
    local_aws.end_execution(ran, "InProgress")
    assert not doctored.findings(local_aws, "drill-runbook")
    newer = start(incidents, runs)
    [fine] = doctored.results(local_aws, "drill-runbook")
    assert fine == Fine(runs, seen=f"The runbook of the incident {newer} ended as Success.")


def test_a_runbook_that_did_not_start_is_found_until_a_drill_runs_it(local_aws, incidents, runs):
    """Its incident has no execution; a drill without a runbook changes nothing."""
    iam = local_aws.client("iam")
    policy = iam.get_role_policy(RoleName="runbook", PolicyName="policy-0")["PolicyDocument"]
    iam.delete_role_policy(RoleName="runbook", PolicyName="policy-0")
    arn = start(incidents, runs)
    [found] = doctored.findings(local_aws, "drill-runbook")
    assert found.seen == f"The runbook of checkout did not start with the incident {arn}."
    muted = drill(incidents, runs)
    assert doctored.findings(local_aws, "drill-runbook") == [found]
    incidents.delete_response_plan(arn=muted)
    rights.grant(iam, "runbook", policy)
    role = rights.runbook_role(iam, "drill-plan-*", name="drill")
    runbook = {"documentName": "Restart-Checkout", "roleArn": role}
    drill(incidents, runs, actions=[{"ssmAutomation": runbook}])
    [fine] = doctored.results(local_aws, "drill-runbook")
    assert fine.seen.startswith("The runbook of the drill arn:")
    iam.close()


def test_an_execution_that_is_no_longer_known_is_passed_over(local_aws, incidents, runs):
    """As after the 30 days for which Systems Manager keeps them."""
    local_aws.end_execution(execution(incidents, start(incidents, runs)), "Failed")
    local_aws.advance(timedelta(days=31))
    assert doctored.results(local_aws, "drill-runbook", at=doctored.later(days=31)) == []


def test_a_plan_without_a_runbook_has_nothing_to_run(local_aws, incidents, plan):
    """There is nothing to look at."""
    start(incidents, plan)
    assert doctored.results(local_aws, "drill-runbook") == []


@pytest.fixture
def all_of_it(local_aws, incidents):
    """Return the ARN of a plan that pages somebody and runs a runbook, with an incident of it."""
    local_aws.seed(TEAM)
    plan, _ = rights.plan_with_runbook(local_aws, incidents)
    incidents.update_response_plan(arn=plan, engagements=[CONTACT])
    start(incidents, plan)
    return plan


@pytest.mark.parametrize(
    ("check", "action"),
    [
        ("drill-held", "ssm-incidents:ListIncidentRecords"),
        ("drill-acknowledged", "ssm-incidents:ListIncidentRecords"),
        ("drill-acknowledged", "ssm-contacts:ListEngagements"),
        ("drill-acknowledged", "ssm-contacts:ListPagesByEngagement"),
        ("drill-runbook", "ssm-incidents:ListIncidentRecords"),
        ("drill-runbook", "ssm-incidents:GetIncidentRecord"),
        ("drill-runbook", "ssm:GetAutomationExecution"),
    ],
)
def test_what_may_not_be_seen_of_incidents_is_not_called_fine(local_aws, all_of_it, check, action):
    """Each call that a check needs is named where it is denied."""
    denied = doctored.without(local_aws, action)
    [unseen] = doctored.results(local_aws, check, **denied)
    assert isinstance(unseen, NotSeen)
    assert unseen.subject == all_of_it
    assert action in unseen.why


def test_a_drill_that_may_not_be_read_does_not_make_a_plan_one_that_nobody_tried(
    local_aws, incidents, plan
):
    """Its plan is gone, and what it rehearsed is in its record alone."""
    incidents.delete_response_plan(arn=drill(incidents, plan))
    assert doctored.findings(local_aws, "drill-held") == []
    denied = doctored.without(local_aws, "ssm-incidents:GetIncidentRecord")
    [unseen] = doctored.results(local_aws, "drill-held", **denied)
    assert isinstance(unseen, NotSeen)
    assert "ssm-incidents:GetIncidentRecord" in unseen.why


def test_engagements_of_all_plans_are_listed_once(local_aws, incidents, plan):
    """And no record is read where there is neither a runbook nor a drill."""
    start(incidents, plan)
    start(incidents, create_plan(incidents, "else"))
    local_aws.forget()
    found = doctored.results(local_aws, "drill-acknowledged")
    assert not any(isinstance(each, Finding) for each in found)
    assert local_aws.operations("ssm-contacts").count("ListEngagements") == 1
    assert local_aws.operations("ssm-contacts").count("ListPagesByEngagement") == 1
    assert "GetIncidentRecord" not in local_aws.operations()
