"""The IAM policy of whoever deploys: what the resources and components call, and nothing else.

`python -m tools.permissions` writes it to docs/deployer-policy.json for a placeholder account, and
that of whoever only reads to docs/reader-policy.json. `python -m tools.permissions ACCOUNT
[PREFIX]` prints the first for yours. PREFIX is what the names of all resources begin with: the name
of the component.

The actions of Incident Manager are read from the code of `providers`. Which of them take an ARN is
said in https://docs.aws.amazon.com/service-authorization/latest/reference/, service by service. The
rest is what the official plugin of pulumi-aws calls for the kinds of resources in `stacks`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import botocore.session

from tools import reads
from tools.common import ToolError, say
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILE = ROOT / "docs" / "deployer-policy.json"
PLACEHOLDER = "111111111111"
PREFIX = "response"
SERVICE = "ssm-incidents.amazonaws.com"
ALARMS_SERVICE = "ssm-incidents.alarms.cloudwatch.amazonaws.com"
OF_AWS = (":document/AWS*", ":document/Amazon*")
PASSED_TO = ("events.amazonaws.com", "ssm.amazonaws.com")

# Actions of Incident Manager that IAM cannot limit to a plan, a record, a set, a contact or a
# rotation.
EVERYWHERE = (
    *("CreateReplicationSet", "CreateResponsePlan"),
    *("ListIncidentRecords", "ListReplicationSets", "ListResponsePlans"),
    *("ListContacts", "ListRotations"),
)
# Those that are about the replication set.
OF_THE_SET = ("GetReplicationSet", "UpdateDeletionProtection", "UpdateReplicationSet")
# Those that are about a set as well as about plans and records.
TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
# Deletes everything in Incident Manager: whoever wants that allows it on purpose.
WITHHELD = ("DeleteReplicationSet",)

# Kind of resource -> what the plugin calls for it, as service -> actions.
TOPICS = {
    "sns": (
        *("CreateTopic", "DeleteTopic", "GetTopicAttributes", "SetTopicAttributes"),
        *("ListTagsForResource", "Subscribe", "TagResource", "UntagResource"),
    )
}
SUBSCRIPTIONS = {"sns": ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")}
ROLES = {
    "iam": (
        *("CreateRole", "DeleteRole", "GetRole", "TagRole", "UntagRole", "UpdateAssumeRolePolicy"),
        *("DeleteRolePolicy", "GetRolePolicy", "ListRolePolicies", "PutRolePolicy"),
        *("ListAttachedRolePolicies", "ListInstanceProfilesForRole"),
        *("AttachRolePolicy", "DetachRolePolicy"),
    )
}
DOCUMENTS = {
    "ssm": (
        *("CreateDocument", "DeleteDocument", "DescribeDocument", "DescribeDocumentPermission"),
        *("GetDocument", "UpdateDocument", "UpdateDocumentDefaultVersion"),
        "ModifyDocumentPermission",
        *("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"),
    )
}
ALARMS = {
    "cloudwatch": (
        *("DeleteAlarms", "PutCompositeAlarm", "PutMetricAlarm"),
        *("ListTagsForResource", "TagResource", "UntagResource"),
    )
}
RULES = {
    "events": (
        *("DeleteRule", "DescribeRule", "ListTargetsByRule", "PutRule", "PutTargets"),
        *("ListTagsForResource", "RemoveTargets", "TagResource", "UntagResource"),
    )
}
KEYS = {
    "kms": (
        *("DescribeKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus"),
        *("ListResourceTags", "PutKeyPolicy", "ScheduleKeyDeletion", "TagResource"),
        *("UntagResource", "UpdateKeyDescription"),
    )
}


def operations(service: str) -> set[str]:
    """Return every operation of a service that the code of `providers` calls."""
    names = {*botocore.session.Session().get_service_model(service).operation_names}
    return {
        called
        for path in sorted((ROOT / "pulumi_incidents/providers").rglob("*.py"))
        if path.name != "_aws.py"  # which makes the calls, and knows no operation
        for called in _called(ast.parse(path.read_text("utf-8")), path.name)
        if called in names
    }


def _called(tree: ast.Module, file: str) -> Iterator[str]:
    """Yield the operations that are called, and those that a kind says are its own."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Operations")):
                yield from (ast.literal_eval(keyword.value) for keyword in node.keywords)
            case ast.Call(func=ast.Attribute(attr="call" | "glance" | "pages")):
                yield from _operation(node, file)


def _operation(call: ast.Call, file: str) -> Iterator[str]:
    """Yield what a call names, unless it is one of those of its kind."""
    for argument in call.args[:2]:  # a service is told first for which resource
        match argument:
            case ast.Constant(value=str(operation)):
                yield operation
                return
            case ast.Attribute(value=ast.Attribute(attr="operations")):
                return
    raise ToolError(f"{file}:{call.lineno} calls an operation by no literal name.")


def policy(account: str, prefix: str = PREFIX) -> dict[str, Any]:
    """Return the policy for one account, whose resources have names that begin with `prefix`."""
    arns = {
        "alarms": f"arn:aws:cloudwatch:*:{account}:alarm:{prefix}-*",
        # As the reference spells it: the ARN of a channel has a hyphen.
        "channels": f"arn:aws:ssm-contacts:*:{account}:contactchannel/{prefix}-*/*",
        "contacts": f"arn:aws:ssm-contacts:*:{account}:contact/*",
        "documents": f"arn:aws:ssm:*:{account}:document/{prefix}-*",
        "keys": f"arn:aws:kms:*:{account}:key/*",
        "people": f"arn:aws:ssm-contacts:*:{account}:contact/{prefix}-*",
        "plans": f"arn:aws:ssm-incidents:*:{account}:response-plan/{prefix}-*",
        "records": f"arn:aws:ssm-incidents:*:{account}:incident-record/{prefix}-*/*",
        "sets": f"arn:aws:ssm-incidents:*:{account}:replication-set/*",
        "roles": f"arn:aws:iam::{account}:role/{prefix}-*",
        "rotations": f"arn:aws:ssm-contacts:*:{account}:rotation/*",
        "rules": f"arn:aws:events:*:{account}:rule/{prefix}-*",
        "rules of a bus": f"arn:aws:events:*:{account}:rule/*/{prefix}-*",
        "topics": f"arn:aws:sns:*:{account}:{prefix}-*",
    }
    return {
        "Version": "2012-10-17",
        "Statement": [*_of_incident_manager(arns), *_of_components(arns, account)],
    }


def _of_incident_manager(arns: dict[str, str]) -> Iterator[dict[str, Any]]:
    services = ("ssm-incidents", "ssm-contacts")
    called = {service: operations(service).difference(WITHHELD) for service in services}
    named = {service: called[service].difference(EVERYWHERE, OF_THE_SET) for service in services}
    plans, people = ({service: sorted(named[service])} for service in services)
    yield _allow("PlansAndTheirIncidents", plans, arns["plans"], arns["records"])
    team = (arns["people"], arns["channels"], arns["rotations"])
    yield _allow("PeopleAndTheirRotations", people, *team)
    # Whoever writes an escalation plan has to be allowed to use each contact in it.
    yield _allow("TeamsEngagePeople", {"ssm-contacts": ["AssociateContact"]}, arns["contacts"])
    of_set = called["ssm-incidents"].intersection((*OF_THE_SET, *TAGS))
    yield _allow("ReplicationSet", {"ssm-incidents": sorted(of_set)}, arns["sets"])
    nowhere = {service: sorted(called[service].intersection(EVERYWHERE)) for service in services}
    yield _allow("WhatHasNoArn", {**nowhere, **SUBSCRIPTIONS, "kms": ["CreateKey"]}, "*")
    via = {"StringEquals": {"aws:CalledViaFirst": SERVICE}}
    engaged = {"ssm-contacts": ["StartEngagement"]}
    yield _allow("IncidentManagerEngages", engaged, arns["contacts"], condition=via)
    opened = {"ssm": ["CreateOpsItem"]}
    yield _allow("IncidentManagerOpensAnOpsItem", opened, "*", condition=via)


def _of_components(arns: dict[str, str], account: str) -> Iterator[dict[str, Any]]:
    yield _allow("Topics", TOPICS, arns["topics"])
    yield _allow("Roles", ROLES, arns["roles"])
    # Of runbooks, of rules and of documents: who makes one hands over the role that it assumes.
    to = {"StringEquals": {"iam:PassedToService": [SERVICE, *PASSED_TO]}}
    yield _allow("RolesArePassed", {"iam": ["PassRole"]}, arns["roles"], condition=to)
    yield _linked(SERVICE, ALARMS_SERVICE, account=account)
    yield _allow("Documents", DOCUMENTS, arns["documents"])
    # AWS's own documents have no account, and names that nobody else may give.
    read = [f"arn:aws:ssm:*:{its}" for its in (f"{account}:document/*", *OF_AWS)]
    yield _allow("DocumentsAreLookedUp", {"ssm": ["GetDocument"]}, *read)
    yield _allow("Alarms", ALARMS, arns["alarms"])
    described = f"arn:aws:cloudwatch:*:{account}:alarm:*"
    yield _allow("AlarmsAreDescribed", {"cloudwatch": ["DescribeAlarms"]}, described)
    yield _allow("Rules", RULES, arns["rules"], arns["rules of a bus"])
    yield _allow("KeysOfEncryptedTopics", KEYS, arns["keys"])


def _linked(*services: str, account: str) -> dict[str, Any]:
    """Return the statement that lets services have their own roles.

    Incident Manager gets its with the first replication set, and CloudWatch its for starting
    incidents with the first alarm that does.
    """
    home = f"arn:aws:iam::{account}:role/aws-service-role"
    only = {"StringEquals": {"iam:AWSServiceName": [*services]}}
    roles = [f"{home}/{service}/*" for service in services]
    action = {"iam": ["CreateServiceLinkedRole"]}
    return _allow("ServicesGetTheirRoles", action, *roles, condition=only)


def _allow(
    sid: str,
    actions: dict[str, Any],
    *resources: str,
    condition: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    names = [f"{service}:{name}" for service, some in actions.items() for name in sorted(some)]
    statement = {"Sid": sid, "Effect": "Allow", "Action": names, "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement


def main(arguments: Sequence[str]) -> int:
    """Write or print the policy."""
    account, prefix = (*arguments, PREFIX)[:2] if arguments else (PLACEHOLDER, PREFIX)
    if len(arguments) > 2 or not re.fullmatch(r"\d{12}", account):  # noqa: PLR2004 - these two
        say("usage: python -m tools.permissions [ACCOUNT [PREFIX]]; an account has 12 digits")
        return 2
    try:
        text = json.dumps(policy(account, prefix), indent=2)
    except ToolError as error:
        say(str(error))
        return 1
    if arguments:
        print(text)
    else:
        FILE.write_text(f"{text}\n")
        reads.FILE.write_text(f"{json.dumps(reads.policy(), indent=2)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
