"""Checks of response plans: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS.
"""

from __future__ import annotations

import pytest

from pulumi_incidents.commands.doctor.results import Finding, Fine, NotSeen
from tests import doctored

TEMPLATE = {"title": "Shop is down", "impact": 2}


@pytest.fixture
def plan(incidents):
    """Return the ARN of a plan."""
    return incidents.create_response_plan(name="shop", incidentTemplate=TEMPLATE)["arn"]


def test_a_plan_that_is_gone_is_found_and_mended_by_making_it_again(local_aws, incidents, plan):
    """What a stack declares and somebody deleted is an error until it is made again."""
    incidents.delete_response_plan(arn=plan)
    [found] = doctored.results(local_aws, "plan-exists", plan)
    assert isinstance(found, Finding)
    assert found.subject == plan
    assert "no response plan" in found.seen
    incidents.create_response_plan(name="shop", incidentTemplate=TEMPLATE)
    assert doctored.results(local_aws, "plan-exists", plan) == [Fine(plan)]


def test_a_plan_that_may_not_be_read_is_not_fine(local_aws, plan):
    """Who may not look is told which permission is missing."""
    local_aws.fail("GetResponsePlan", "AccessDeniedException", times=None)
    [found] = doctored.results(local_aws, "plan-exists", plan)
    assert isinstance(found, NotSeen)
    assert "ssm-incidents:GetResponsePlan" in found.why


def test_everything_is_every_plan(local_aws, plan):
    """Without plans, all of the account are looked at."""
    assert doctored.results(local_aws, "plan-exists") == [Fine(plan)]
