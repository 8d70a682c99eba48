"""The policy documents of a response, as pure functions of ARNs and account.

They follow https://docs.aws.amazon.com/incident-manager/latest/userguide/chat.html and
https://docs.aws.amazon.com/incident-manager/latest/userguide/runbooks.html, and *Cross-service
confused deputy prevention* in https://docs.aws.amazon.com/eventbridge/latest/userguide/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SERVICE = "ssm-incidents.amazonaws.com"


def notification_topic(topic_arn: str, account: str) -> str:
    """Let Incident Manager, on behalf of this account, publish to the topic."""
    return _document(
        {
            "Sid": "IncidentManagerPublishes",
            "Principal": {"Service": _SERVICE},
            "Action": "SNS:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEqualsIfExists": {"AWS:SourceAccount": account}},
        }
    )


def runbook_trust(partition: str, account: str, plan_name: str) -> str:
    """Let Incident Manager take the role for incidents of this plan, and of no other."""
    records = f"arn:{partition}:ssm-incidents:*:{account}:incident-record/{plan_name}/*"
    return _document(
        {
            "Sid": "IncidentManagerRunsRunbooks",
            "Principal": {"Service": _SERVICE},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": records},
            },
        }
    )


def runbook_permissions(
    partition: str, account: str, document: str, *, cross_account: bool = False
) -> str:
    """Let the role start this one automation document, in any region and version.

    With `cross_account`, also let it take the role that Systems Manager documents for automations
    in other accounts.
    """
    # AWS reserves these names for its own documents, which belong to no customer's account.
    owner = "*" if document.lower().startswith(("aws", "amazon", "amzn")) else account
    start = {
        "Sid": "StartRunbook",
        "Action": "ssm:StartAutomationExecution",
        "Resource": f"arn:{partition}:ssm:*:{owner}:automation-definition/{document}:*",
    }
    elsewhere = {
        "Sid": "RunInTheImpactedAccount",
        "Action": "sts:AssumeRole",
        "Resource": f"arn:{partition}:iam::*:role/AWS-SystemsManager-AutomationExecutionRole",
    }
    return _document(start, elsewhere) if cross_account else _document(start)


def topic_key(partition: str, account: str) -> str:
    """Let the account manage the key, and Incident Manager publish to topics that use it."""
    return _document(
        {
            "Sid": "TheAccountManages",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "IncidentManagerPublishes",
            "Principal": {"Service": _SERVICE},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
    )


def event_trust(partition: str, account: str) -> str:
    """Let EventBridge take the role for the targets of rules of this account, and of no other."""
    return _document(
        {
            "Sid": "EventBridgeStartsIncidents",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:events:*:{account}:rule/*"},
            },
        }
    )


def event_permissions(plan_arn: str) -> str:
    """Let the role start incidents of this plan, and of no other."""
    return _document(
        {"Sid": "StartIncident", "Action": "ssm-incidents:StartIncident", "Resource": plan_arn}
    )


def _document(*statements: Mapping[str, Any]) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, indent=2)
