"""The policy documents of a response, as pure functions of ARNs and account.

They follow, in https://docs.aws.amazon.com/incident-manager/latest/userguide/, chat.html (topics),
runbooks.html (*Runbook service role permissions*) and incident-creation.html (what a start does on
behalf of its caller); *Cross-service confused deputy prevention* in the EventBridge user guide;
*Managing encryption keys and costs* in the SNS developer guide; and the *Service Authorization
Reference* of Systems Manager. Where these are silent or disagree, docs/unverified.md says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_SERVICE = "ssm-incidents.amazonaws.com"
_SYSTEMS_MANAGER = "ssm.amazonaws.com"
DOCUMENT_ARN = re.compile(r"arn:(aws[a-z-]*):ssm:([a-z0-9-]+):(\d{12}|):document/([\w.-]+)")
PUBLISHER = re.compile(
    r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:\S+"
)
"""Who may publish to a topic: a service, an account, or somebody in one."""
_IS_SERVICE = re.compile(r"\.amazonaws\.com(\.cn)?$")
# What AWS keeps for itself at the beginning of a document's name (API, *CreateDocument*).
_OF_AWS = ("aws", "amazon", "amzn")


def notification_topic(topic_arn: str, account: str, publishers: Iterable[str] = ()) -> str:
    """Let Incident Manager, and other publishers, publish to the topic.

    Services may on behalf of this account. Some of them, EventBridge among them, do not say on
    whose behalf it is, so that they could not meet a condition that asks.
    """
    publish = {"Action": "SNS:Publish", "Resource": topic_arn}
    own = {"Condition": {"StringEqualsIfExists": {"AWS:SourceAccount": account}}}
    incident_manager = {
        "Sid": "IncidentManagerPublishes",
        "Principal": {"Service": _SERVICE},
        **publish,
        **own,
    }
    partition = topic_arn.split(":")[1]
    return _document(incident_manager, *_of_publishers(partition, publishers, publish, own))


def _of_publishers(
    partition: str, publishers: Iterable[str], what: Mapping[str, Any], own: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield what lets services, on behalf of an account, and other accounts do something."""
    known = [*publishers]
    services = [each for each in known if _IS_SERVICE.search(each)]
    accounts = [
        f"arn:{partition}:iam::{each}:root" if each.isdigit() else each
        for each in known
        if each not in services
    ]
    if services:
        yield {"Sid": "ServicesPublish", "Principal": {"Service": services}, **what, **own}
    if accounts:
        yield {"Sid": "AccountsPublish", "Principal": {"AWS": accounts}, **what}


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


class _Automation(NamedTuple):
    """Where an automation document is; `*` is every region."""

    partition: str
    region: str
    owner: str
    name: str


def _located(partition: str, account: str, document: str) -> _Automation:
    """Return where a document is that is given by its name, or by its ARN if another's."""
    if named := DOCUMENT_ARN.fullmatch(document):
        return _Automation(*named.groups())
    # Those of AWS itself belong to no account, and their ARNs have none.
    owner = "" if document.lower().startswith(_OF_AWS) else account
    return _Automation(partition, "*", owner, document)


def runbook_permissions(  # noqa: PLR0913 - what decides what a runbook may do
    partition: str,
    account: str,
    document: str,
    *,
    cross_account: bool = False,
    assume_role_arn: str | None = None,
    statements: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Let the role start this one automation document, in any version.

    A document has a name, and is then in any region, or an ARN. With `assume_role_arn`, also let it
    pass the role that the document assumes, to Systems Manager alone; with `cross_account`, let
    Systems Manager take the role that it documents for automations in other accounts on its behalf.
    More `statements` are added as they are.
    """
    found = _located(partition, account, document)
    own = f"arn:{found.partition}:ssm:{found.region}:{found.owner}"
    start = {
        "Sid": "StartRunbook",
        "Action": "ssm:StartAutomationExecution",
        "Resource": [
            f"{own}:document/{found.name}",
            f"arn:{partition}:ssm:*:{account}:automation-execution/*",
            # Older pages of AWS name this one instead; both are needed to satisfy all of them.
            f"{own}:automation-definition/{found.name}:*",
        ],
    }
    passed: dict[str, Any] = {
        "Sid": "PassTheRoleOfTheDocument",
        "Action": "iam:PassRole",
        "Resource": assume_role_arn,
        "Condition": {"StringEquals": {"iam:PassedToService": _SYSTEMS_MANAGER}},
    }
    elsewhere: dict[str, Any] = {
        "Sid": "RunInTheImpactedAccount",
        "Action": "sts:AssumeRole",
        "Resource": f"arn:{partition}:iam::*:role/AWS-SystemsManager-AutomationExecutionRole",
        "Condition": {"StringEquals": {"aws:CalledViaLast": _SYSTEMS_MANAGER}},
    }
    optional = [*([passed] if assume_role_arn else []), *([elsewhere] if cross_account else [])]
    return _document(start, *optional, *statements)


def topic_key(partition: str, account: str, publishers: Iterable[str] = ()) -> str:
    """Let the account manage the key, and whoever publishes to topics that use it use it."""
    use = {"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}
    # As in the policy of a topic: that KMS is told the account is documented nowhere.
    own = {"Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}}}
    return _document(
        {
            "Sid": "TheAccountManages",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "IncidentManagerPublishes",
            # SNS documents that Incident Manager comes as either of them.
            "Principal": {"Service": [_SERVICE, "ssm-contacts.amazonaws.com"]},
            **use,
            **own,
        },
        *_of_publishers(partition, publishers, use, own),
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
    """Let the role start incidents of this plan, and of no other, with all that a start does.

    Incident Manager engages contacts and opens the OpsItem in the name of whoever starts.
    """
    # What is no ARN, as in tests with mocks, has no partition and no account.
    partition, _, _, account = [*plan_arn.split(":")[1:5], *[""] * 4][:4]
    via = {"StringEquals": {"aws:CalledViaFirst": _SERVICE}}
    return _document(
        {"Sid": "StartIncident", "Action": "ssm-incidents:StartIncident", "Resource": plan_arn},
        {
            "Sid": "IncidentManagerEngages",
            "Action": "ssm-contacts:StartEngagement",
            "Resource": f"arn:{partition}:ssm-contacts:*:{account}:contact/*",
            "Condition": via,
        },
        {
            "Sid": "IncidentManagerOpensAnOpsItem",
            "Action": "ssm:CreateOpsItem",
            "Resource": "*",
            "Condition": via,
        },
    )


def _document(*statements: Mapping[str, Any]) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, indent=2)
