"""The response of the checkout service, apart from the program, so that tests can declare it."""

import pulumi

from pulumi_incidents.stacks import IncidentResponse


def declare(on_call: pulumi.Input[str]) -> IncidentResponse:
    """Declare who is engaged when payments fail, and the drill that engages nobody."""
    return IncidentResponse(
        "checkout",
        {
            "title": "Checkout is failing",
            "impact": 2,
            "engagements": [on_call],
            "runbook": {"document_name": "Restart-Checkout"},
            "alarms": {
                "payments": {"namespace": "Shop", "metric_name": "FailedPayments", "threshold": 10}
            },
            "drill": {"occurrence": "2026-Q4-1"},
        },
    )
