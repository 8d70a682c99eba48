"""What a request takes: its actions and what they are about, as IAM has them.

Follows the Service Authorization Reference, for both APIs of Incident Manager and for what the
components of this package are made of. Of any other operation only the action is known: it takes a
statement about every resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from moto.iam.models import iam_backends

from pulumi_incidents.emulator.permissions.services import INCIDENTS
from pulumi_incidents.emulator.protocol.needs import Need, Place
from pulumi_incidents.iam.policies import ANYTHING

# What every identity may do, whatever its policies say.
FREE = {"sts:GetCallerIdentity"}
# How IAM calls a service, where the signature of a request has another name for it.
_PREFIXES = {"monitoring": "cloudwatch"}


_Find = Callable[[Mapping[str, Any], Place], list[str]]


def _named(service: str, prefix: str, *members: str) -> _Find:
    """Return a search for things by their names, in the first of some members that is given."""

    def find(sent: Mapping[str, Any], place: Place) -> list[str]:
        found = next((sent[member] for member in members if sent.get(member)), None)
        names = found if isinstance(found, list) else [found] if found else []
        return [_arn(service, prefix, str(name), place) for name in names]

    return find


def _arn(service: str, prefix: str, name: str, place: Place) -> str:
    if name.startswith("arn:"):
        return name
    return place.arn(service, prefix + name, is_global=service == "iam")


def _role(sent: Mapping[str, Any], place: Place) -> list[str]:
    """Return a role by its name, with the path that it has or is made with."""
    if service := sent.get("AWSServiceName"):
        return [place.arn("iam", f"role/aws-service-role/{service}/*", is_global=True)]
    roles = iam_backends[place.account][place.partition].roles.values()
    named = next((role for role in list(roles) if role.name == sent.get("RoleName")), None)
    path = named.path if named else sent.get("Path") or "/"
    members = ("RoleName", "RoleArn", "PolicySourceArn", "PolicyArn")
    return _named("iam", f"role{path}", *members)(sent, place)


def _rule(sent: Mapping[str, Any], place: Place) -> list[str]:
    """Return a rule by its name and its bus, whose name is left out where it is the account's."""
    bus = str(sent.get("EventBusName") or "default").rsplit("/", 1)[-1]
    prefix = "rule/" if bus == "default" else f"rule/{bus}/"
    return _named("events", prefix, "ResourceARN", "Rule", "Name")(sent, place)


def _alarms(sent: Mapping[str, Any], place: Place) -> list[str]:
    """Return alarms by their names; whoever names none asks for all."""
    find = _named("cloudwatch", "alarm:", "ResourceARN", "AlarmNames", "AlarmName")
    return find(sent, place) or [place.arn("cloudwatch", "alarm:*")]


def _key(sent: Mapping[str, Any], place: Place) -> list[str]:
    """Return a key by its id; which key an alias is of only KMS knows."""
    if "alias/" in str(sent.get("KeyId")):
        return []
    return _named("kms", "key/", "KeyId")(sent, place)


def _document(sent: Mapping[str, Any], place: Place) -> list[str]:
    if sent.get("ResourceType", "Document") != "Document":
        return []
    if OF_AWS.match(str(sent.get("Name"))):
        place = place._replace(account="")
    return _named("ssm", "document/", "ResourceId", "Name")(sent, place)


# Documents of AWS's own, of which nothing but the name is known here; their ARNs have no account.
OF_AWS = re.compile(r"aws|amazon|amzn", re.IGNORECASE)
# What is named in a request to the contacts API, the thing that it is about first.
_CONTACTS = _named(
    "ssm-contacts",
    "",
    *("PageId", "RotationId", "EngagementId", "ContactChannelId", "ContactId", "ContactArn"),
    "ResourceARN",
)


def _contacts(sent: Mapping[str, Any], place: Place) -> list[str]:
    """Return what a request to the contacts API is about; a rotation has no name before it is made.

    A channel is spelled as in the reference, and not as in its ARN, which has a hyphen: which of
    them a policy has to have is unverified.
    """
    if "Alias" in sent:
        return [place.arn("ssm-contacts", f"contact/{sent['Alias']}")]
    found = _CONTACTS(sent, place)
    if not found and "Name" in sent:
        return [place.arn("ssm-contacts", "rotation/*")]
    return [arn.replace(":contact-channel/", ":contactchannel/") for arn in found]


# Service -> what is named in a request, for all of its operations.
_FINDERS: Mapping[str, _Find] = {
    "cloudwatch": _alarms,
    "events": _rule,
    "iam": _role,
    "kms": _key,
    "sns": _named("sns", "", "TopicArn", "ResourceArn", "Name"),
    "ssm": _document,
    "ssm-contacts": _contacts,
    "sts": _named("iam", "role/", "RoleArn"),
}
# The role that an automation document assumes, where its text names one: that making a document
# takes the right to pass a role is in the reference, and which role that is unverified.
_ASSUMED = re.compile(r"""assumeRole["']?\s*:\s*["']?(arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+)""")
# Operations that IAM cannot limit to what their requests name.
_EVERYWHERE = {
    "sns:GetSubscriptionAttributes",
    "sns:ListTopics",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
}
# Operations on a record that are about its plan as well.
_WITH_PLAN = {
    f"ssm-incidents:{operation}"
    for operation in (
        *("BatchGetIncidentFindings", "GetIncidentRecord", "UpdateIncidentRecord"),
        *("CreateTimelineEvent", "GetTimelineEvent", "ListTimelineEvents", "UpdateTimelineEvent"),
        *("ListIncidentFindings", "ListRelatedItems", "UpdateRelatedItems"),
    )
}
# What puts contacts into the plan of another one.
_PLANNING = {"ssm-contacts:CreateContact", "ssm-contacts:UpdateContact"}
# What tags a thing while it is made, under which member of the request.
_TAGGING = {
    "cloudwatch:PutCompositeAlarm": ("Tags", "cloudwatch:TagResource"),
    "cloudwatch:PutMetricAlarm": ("Tags", "cloudwatch:TagResource"),
    "events:PutRule": ("Tags", "events:TagResource"),
    "iam:CreateRole": ("Tags", "iam:TagRole"),
    "kms:CreateKey": ("Tags", "kms:TagResource"),
    "sns:CreateTopic": ("Tags", "sns:TagResource"),
    "ssm:CreateDocument": ("Tags", "ssm:AddTagsToResource"),
    "ssm-incidents:CreateReplicationSet": ("tags", "ssm-incidents:TagResource"),
    "ssm-incidents:CreateResponsePlan": ("tags", "ssm-incidents:TagResource"),
}


def action_of(service: str, operation: str) -> str:
    """Return how IAM calls an operation of a service that is named as in a signature."""
    return f"{_PREFIXES.get(service, service)}:{operation}"


def needs(service: str, operation: str, sent: Mapping[str, Any], place: Place) -> Iterator[Need]:
    """Return what an operation takes, with these parameters."""
    action = action_of(service, operation)
    prefix = action.split(":")[0]
    if action in FREE:
        return
    find = _incidents if prefix == "ssm-incidents" else _FINDERS.get(prefix)
    found = find(sent, place) if find and action not in _EVERYWHERE else []
    if action in _WITH_PLAN:
        found += _plans(found)
    if action == "ssm-incidents:CreateResponsePlan":
        yield Need(action)  # IAM has no resource for it
    else:
        for resource in found or [ANYTHING]:
            yield Need(action, resource)
    member, tagging = _TAGGING.get(action, ("", ""))
    if sent.get(member):
        # What has no name before it is made is any one of the account's then.
        made = found or [_nameless(action, place)]
        yield from (Need(tagging, resource) for resource in made)
    yield from _passed(prefix, sent)
    if action in _PLANNING:
        yield from (Need("ssm-contacts:AssociateContact", arn) for arn in _planned(sent))


def _nameless(action: str, place: Place) -> str:
    """Return what an action makes whose name AWS chooses: a replication set, or a key."""
    if action == "ssm-incidents:CreateReplicationSet":
        return place.arn("ssm-incidents", "replication-set/*", is_global=True)
    return place.arn("kms", "key/*")


def _incidents(sent: Mapping[str, Any], place: Place) -> list[str]:
    """Return the plans, records and sets of a request, by the members that name them."""
    if "name" in sent:
        return [place.arn("ssm-incidents", f"response-plan/{sent['name']}", is_global=True)]
    members = ("arn", "resourceArn", "responsePlanArn", "incidentRecordArn")
    return [sent[member] for member in members if member in sent]


def _plans(records: Iterable[str]) -> list[str]:
    """Return the plans of incident records."""
    named = (re.sub(r":incident-record/([^/]*)/.*", r":response-plan/\1", arn) for arn in records)
    return list(named)


def _planned(sent: Mapping[str, Any]) -> Iterator[str]:
    """Return the contacts that the plan of an escalation plan engages."""
    for stage in sent.get("Plan", {}).get("Stages", ()):
        engaged = (target.get("ContactTargetInfo", {}) for target in stage["Targets"])
        yield from (each["ContactId"] for each in engaged if "ContactId" in each)


def _passed(prefix: str, sent: Mapping[str, Any]) -> Iterator[Need]:
    """Return the roles that a request gives to a service."""
    actions = sent.get("actions") or ()  # of a plan, or of a replication set, which runs nothing
    runbooks = [each["ssmAutomation"] for each in actions if "ssmAutomation" in each]
    roles = [(runbook["roleArn"], INCIDENTS) for runbook in runbooks]
    if prefix == "events":
        targets = [sent, *(sent.get("Targets") or ())]
        roles += [(target.get("RoleArn"), "events.amazonaws.com") for target in targets]
    if prefix == "ssm" and (assumed := _ASSUMED.search(sent.get("Content") or "")):
        roles.append((assumed[1], "ssm.amazonaws.com"))
    for role, service in roles:
        if role:
            yield Need("iam:PassRole", role, {"iam:passedtoservice": service})
