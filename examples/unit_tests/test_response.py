"""Unit tests of the response: `python -m pytest`, within a second or two."""

import json
from typing import Any

import pulumi
import pytest
from mocks import ACCOUNT, declared
from response import declare

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.stacks import IncidentResponse

ON_CALL = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}:contact/checkout-oncall"
PLAN_ARN = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/checkout-dev"


def test_failed_payments_engage_whoever_is_on_call() -> None:
    """The alarm starts the plan, and the plan engages the contact of the configuration."""
    found = declared(lambda: declare(ON_CALL))
    assert found["MetricAlarm", "checkout-payments"]["alarmActions"] == [PLAN_ARN]
    plan = found["ResponsePlan", "checkout-plan"]
    assert plan["engagements"] == [ON_CALL]
    assert plan["incident_template"]["impact"] == 2


def test_the_drill_engages_nobody() -> None:
    """It has a plan of its own, without engagements and without impact."""
    plan = declared(lambda: declare(ON_CALL))["ResponsePlan", "checkout-drill-plan"]
    assert "engagements" not in plan
    assert plan["incident_template"]["impact"] == 5


def test_the_runbook_may_start_its_document_and_no_other() -> None:
    """The policy of its role names one document."""
    policy = declared(lambda: declare(ON_CALL))["RolePolicy", "checkout-runbook"]["policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Action"] == "ssm:StartAutomationExecution"
    assert f"arn:aws:ssm:*:{ACCOUNT}:document/Restart-Checkout" in statement["Resource"]


def test_a_component_says_what_is_wrong() -> None:
    """Components check their inputs under mocks, too; a type checker would see this one as well."""
    mistaken: Any = {"title": "Checkout is failing", "impact": 2, "engagement": [ON_CALL]}
    with pytest.raises(pulumi.RunError, match="engagement does not exist; did you mean"):
        declared(lambda: IncidentResponse("checkout", mistaken))


def test_a_resource_is_checked_because_the_mock_asks_for_it() -> None:
    """There is no engine that would have its inputs checked, so `Aws` does it."""
    with pytest.raises(pulumi.RunError, match=r"incident_template\.impact must be 1 to 5"):
        declared(
            lambda: ResponsePlan("checkout", incident_template={"title": "It fails", "impact": 9})
        )
