"""The response plans that every way brings up and down. Pure."""

from __future__ import annotations

from typing import Any

from pulumi_incidents.providers import _model

BEFORE = "Customers cannot pay. Start with the dashboard of the payment gateway."
AFTER = "Customers cannot pay. Start with the runbook of the payment gateway."
"""The summary is the one field that the update changes."""

_ACCOUNT = "us-east-1:123456789012"


def plans(count: int, summary: str) -> dict[str, dict[str, Any]]:
    """Return plans by name, as the inputs of `ResponsePlan`: what a team of ordinary size sets."""
    return {name: _plan(name, summary) for name in (f"plan-{i:04}" for i in range(1, count + 1))}


def request(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan as the members of CreateResponsePlan."""
    members: dict[str, Any] = _model.to_api(
        _model.inputs_of("ssm-incidents", "CreateResponsePlan"), plan
    )
    return members


def arn(name: str) -> str:
    """Return the ARN of a plan in the local AWS."""
    return f"arn:aws:ssm-incidents::123456789012:response-plan/{name}"


def _plan(name: str, summary: str) -> dict[str, Any]:
    return {
        "name": name,
        "display_name": f"Checkout, first response {name}",
        "incident_template": {
            "title": "Checkout is failing",
            "impact": 2,
            "summary": summary,
            "incident_tags": {"service": "checkout"},
            "notification_targets": [{"sns_topic_arn": f"arn:aws:sns:{_ACCOUNT}:updates"}],
        },
        "chat_channel": {"chatbot_sns": [f"arn:aws:sns:{_ACCOUNT}:chat"]},
        "engagements": [
            f"arn:aws:ssm-contacts:{_ACCOUNT}:contact/checkout-oncall",
            f"arn:aws:ssm-contacts:{_ACCOUNT}:contact/platform-oncall",
        ],
        "actions": [
            {
                "ssm_automation": {
                    "document_name": "Restart-Checkout",
                    "role_arn": "arn:aws:iam::123456789012:role/runbook",
                    "parameters": {"Region": ["us-east-1"]},
                }
            }
        ],
        "tags": {"service": "checkout", "team": "payments"},
    }
