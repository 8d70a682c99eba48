"""The policy documents of a response, as pure functions of ARNs and account.

They follow https://docs.aws.amazon.com/incident-manager/latest/userguide/chat.html and
https://docs.aws.amazon.com/incident-manager/latest/userguide/runbooks.html.
"""

from __future__ import annotations

import json
from typing import Any

_SERVICE = "ssm-incidents.amazonaws.com"


def notification_topic(topic_arn: str, account: str) -> str:
    """Let Incident Manager, on behalf of this account, publish to the topic."""
    return _document(
        Sid="IncidentManagerPublishes",
        Principal={"Service": _SERVICE},
        Action="SNS:Publish",
        Resource=topic_arn,
        Condition={"StringEqualsIfExists": {"AWS:SourceAccount": account}},
    )


def runbook_trust(partition: str, account: str, plan_name: str) -> str:
    """Let Incident Manager take the role for incidents of this plan, and of no other."""
    records = f"arn:{partition}:ssm-incidents:*:{account}:incident-record/{plan_name}/*"
    return _document(
        Sid="IncidentManagerRunsRunbooks",
        Principal={"Service": _SERVICE},
        Action="sts:AssumeRole",
        Condition={
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": records},
        },
    )


def runbook_permissions(partition: str, account: str, document: str) -> str:
    """Let the role start this one automation document, in any region and version."""
    # AWS reserves these names for its own documents, which belong to no customer's account.
    owner = "*" if document.lower().startswith(("aws", "amazon", "amzn")) else account
    return _document(
        Sid="StartRunbook",
        Action="ssm:StartAutomationExecution",
        Resource=f"arn:{partition}:ssm:*:{owner}:automation-definition/{document}:*",
    )


def _document(**statement: Any) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}, indent=2
    )
