"""`doctor --all` of a large account: the fewest calls, and politely where AWS throttles.

Real: the readers over HTTP, the local AWS, and its log of requests. How long it takes is measured
by the benchmarks: here only calls are counted.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

import pytest

from benchmarks import crowd, doctor
from pulumi_incidents.commands.doctor import looking
from pulumi_incidents.commands.doctor.catalog import BY_NAME, CHECKS
from pulumi_incidents.commands.doctor.results import NotSeen
from tests import doctored, people

# Where there is a call for each thing, no list of AWS tells as much; a list has up to 100 of them
# in a page.
CALLS = {
    "sts:GetCallerIdentity": 1,
    "ssm-incidents:ListReplicationSets": 1,
    "ssm-incidents:GetReplicationSet": 1,
    "ssm-incidents:ListResponsePlans": 1,
    "ssm-incidents:GetResponsePlan": crowd.PLANS,
    "ssm-contacts:ListContacts": 2,
    "ssm-contacts:GetContact": crowd.CONTACTS,
    "ssm-contacts:ListContactChannels": crowd.PEOPLE,
    "ssm-contacts:ListRotations": 1,
    "ssm-contacts:ListRotationOverrides": crowd.ROTATIONS,
    "sns:GetTopicAttributes": crowd.TEAMS,
    "sns:ListSubscriptionsByTopic": crowd.TEAMS,
    "ssm:GetDocument": crowd.TEAMS,
    "secretsmanager:DescribeSecret": crowd.TEAMS,
    "secretsmanager:GetResourcePolicy": crowd.TEAMS,
    # Of a runbook and of a rule; what is asked for a rule is partly by way of Incident Manager.
    "iam:GetRole": 2 * crowd.TEAMS,
    "iam:SimulatePrincipalPolicy": 3 * crowd.TEAMS,
    "events:ListTargetsByRule": crowd.TEAMS,
    "events:TestEventPattern": crowd.TEAMS,
    "monitoring:DescribeAlarms": 1,
    "events:ListEventBuses": 1,
    "events:ListRules": 1,
    "ssm-incidents:ListIncidentRecords": 1,
    "ssm:DescribeAutomationExecutions": 1,
    "servicequotas:ListServiceQuotas": 2,
}


@pytest.fixture
def company(local_aws):
    """Give a large account."""
    crowd.settle(local_aws)
    local_aws.forget()
    return local_aws


def called(local_aws):
    """Return how often each operation was called."""
    return Counter(f"{each['service']}:{each['operation']}" for each in local_aws.requests(None))


def test_a_large_account_costs_the_fewest_calls(company):
    """Nothing is asked twice, and nothing by itself that a list tells."""
    looked_at = doctored.account(company)
    now = datetime.now(timezone.utc)
    facts = looking.read(looked_at, looking.scope(looked_at, None, now))
    assert called(company) == CALLS
    assert not any(each["mutating"] for each in company.requests(None))
    found = looking.look(CHECKS, facts)
    assert called(company) == CALLS  # checks make no call
    unseen = [each for results in found.values() for each in results if isinstance(each, NotSeen)]
    assert unseen == []


def test_some_checks_cost_what_they_need_alone(company):
    """Nobody waits for, or has to allow, what other checks look at."""
    looked_at = doctored.account(company)
    scope = looking.scope(looked_at, None, datetime.now(timezone.utc))
    before = called(company)
    asked = [BY_NAME[name] for name in ("incident-open", "plan-engages", "quota-used")]
    looking.look(asked[:2], looking.read(looked_at, scope, asked[:2]))
    assert called(company) - before == {"ssm-incidents:ListIncidentRecords": 1}
    looking.look(asked, looking.read(looked_at, scope, asked))
    read = {*(called(company) - before)}
    assert {each.partition(":")[0] for each in read} == {
        *("ssm-incidents", "ssm-contacts", "servicequotas")
    }


def test_a_check_alone_finds_what_it_finds_among_all(company):
    """However little is read for it, and in the same order, though things are read side by side."""
    looked_at = doctored.account(company)  # which asks for nothing twice
    scope = looking.scope(looked_at, None, datetime.now(timezone.utc))
    found = looking.look(CHECKS, looking.read(looked_at, scope))
    for check in CHECKS:
        facts = looking.read(looked_at, scope, [check])
        assert looking.look([check], facts) == {check: found[check]}


def test_the_benchmark_measures_the_same_calls():
    """What is measured is the whole command, and none of its requests is missing."""
    measured = doctor.measure(turns=1)
    assert measured.calls == sum(CALLS.values())
    assert f"{measured.calls} requests" in measured.told()


def test_one_plan_costs_what_it_leads_to(company):
    """Who asks about one plan does not wait for a whole company."""
    [plan] = [
        each["arn"]
        for page in company.client("ssm-incidents").get_paginator("list_response_plans").paginate()
        for each in page["responsePlanSummaries"]
        if each["name"] == "service-7"
    ]
    company.forget()
    facts = doctored.facts(company, plan)
    made = called(company)
    # An escalation plan, its schedule, and the people of both.
    assert made["ssm-contacts:GetContact"] == len(facts.team.contacts) == 7
    assert made["ssm-incidents:GetResponsePlan"] == 1
    assert "ssm-contacts:ListContacts" not in made


def test_what_aws_throttles_is_asked_again(company):
    """It comes a little later, and nothing is missing for it."""
    company.fail("GetContact", "ThrottlingException", times=3)
    # Clients of its own: those that were throttled are slower from then on.
    facts = doctored.facts(company, user_agents=("throttled",))
    assert company.faults_left() == 0
    assert len(facts.team.contacts) == crowd.CONTACTS
    assert facts.team.unseen == {}
    assert called(company)["ssm-contacts:GetContact"] == crowd.CONTACTS + 3


def test_a_rotation_too_large_for_a_list_is_asked_for_by_itself(local_aws):
    """Lists have 25 members of a rotation by their type, and it may have 30."""
    team = people.People(local_aws)
    many = [team.contact(f"person-{number}") for number in range(26)]
    large = team.rotation(*many, name="large")
    team.rotation(*many[:24], name="small")
    local_aws.forget()
    facts = doctored.facts(local_aws)
    assert facts.team.rotations[large].members == (*many,)
    assert called(local_aws)["ssm-contacts:GetRotation"] == 1
