"""Every policy that the package makes or recommends, by AWS's Service Authorization Reference.

Real: the functions that make them, the documents, and the reference's own tables.
"""

from __future__ import annotations

import inspect
import json
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from pulumi_incidents.emulator.permissions.resources import needs
from pulumi_incidents.emulator.protocol.needs import Place
from pulumi_incidents.stacks import _policies
from tests import authorization
from tests.conftest import ROOT
from tests.documents import blocks
from tests.policy_checks import Policy, left_over, refused
from tests.wire import CONTACTS, OPERATIONS

ACCOUNT, OTHER = "111111111111", "222222222222"
REGIONS = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
FILES = ("docs/deployer-policy.json", "docs/reader-policy.json")
READER = json.loads((ROOT / FILES[1]).read_text())["Statement"]

# What Service Quotas asks other services about their own quotas.
QUOTAS_OF_OTHERS = (
    *(f"{service}:DescribeAccountLimits" for service in ("autoscaling", "cloudformation")),
    *("elasticloadbalancing:DescribeAccountLimits", "iam:GetAccountSummary"),
    *("dynamodb:DescribeLimits", "kinesis:DescribeLimits", "rds:DescribeAccountAttributes"),
    "route53:GetAccountLimit",
)
# What is wide, or lacks what it depends on, and why that is right: by function or file, statement.
EXCEPTIONS = {
    "docs/deployer-policy.json": {
        "AlarmsAreDescribed": {"every alarm": "an alarm is looked for among all of them"},
        "DocumentsAreLookedUp": {"every document": "what a runbook names is made elsewhere"},
        "IncidentManagerEngages": {"every contact": "contacts are made elsewhere, under any name"},
        "WhatHasNoArn": {
            "kms:CreateKey without iam:CreateServiceLinkedRole to kms": (
                "only a key of several regions needs that role"
            ),
        },
        "KeysOfEncryptedTopics": {"every key": "KMS chooses the name of a key"},
        "PeopleAndTheirRotations": {"every rotation": "AWS chooses the name of a rotation"},
        "TeamsEngagePeople": {"every contact": "whoever is behind a team is made elsewhere"},
        "ReplicationSet": {"every replication-set": "AWS chooses the name of the set"},
        "Topics": {
            f"sns:{action} without iam:PassRole to sns": "only logs of deliveries need a role"
            for action in ("CreateTopic", "SetTopicAttributes")
        },
    },
    "docs/reader-policy.json": {
        statement["Sid"]: {
            f"{action} on *": "whoever looks at an account knows no names beforehand"
            for action in statement["Action"]
            if authorization.types(action)
        }
        | {
            f"servicequotas:ListServiceQuotas without {action}": "it is for quotas of that service"
            for action in QUOTAS_OF_OTHERS
            if "servicequotas:ListServiceQuotas" in statement["Action"]
        }
        for statement in READER
    },
    "docs/permissions.md": {
        "WaitAndTag": {"every replication-set": "AWS chooses the name of the set"},
    },
    "event_permissions": {
        "IncidentManagerEngages": {"every contact": "whom the plan engages may change"},
    },
    "runbook_permissions": {
        "RunInTheImpactedAccount": {"role of any account": "any account may be impacted"},
        "StartRunbook": {"every automation-execution": "a start makes it, under a new name"},
    },
    "topic_key": {
        "TheAccountManages": {
            "action kms:*": "a key that its account cannot manage is lost",
            "kms:* on *": "in the policy of a key it is that key",
        },
        **{
            sid: {
                "kms:Decrypt on *": "in the policy of a key it is that key",
                "kms:GenerateDataKey* on *": "in the policy of a key it is that key",
                "action kms:GenerateDataKey*": "SNS asks for all of these",
            }
            for sid in ("IncidentManagerPublishes", "ServicesPublish", "AccountsPublish")
        },
    },
}
EXCUSED = {
    (policy, sid, what)
    for policy, statements in EXCEPTIONS.items()
    for sid, reasons in statements.items()
    for what in reasons
}


class Variant(NamedTuple):
    """A call of a function that makes a policy, and what that policy belongs to."""

    function: str
    kind: str
    name: str
    partition: str
    arguments: dict[str, Any]

    def __str__(self):
        """Return a name for the output of a test."""
        return f"{self.function}-{self.name}-{self.partition}"

    def make(self):
        """Return the policy."""
        made = getattr(_policies, self.function)(**self.arguments)
        name = f"{self.name}, {self.partition}"
        return Policy(self.function, name, self.kind, self.partition, json.loads(made)["Statement"])


def calls(partition):
    """Yield function, what its policy belongs to, the variant's name, and its own arguments."""
    region = REGIONS[partition]
    plan = f"arn:{partition}:ssm-incidents::{ACCOUNT}:response-plan/response-checkout"
    topic = f"arn:{partition}:sns:{region}:{ACCOUNT}:response-topic"
    place = {"partition": partition, "account": ACCOUNT}
    own_topic = {"topic_arn": topic, "account": ACCOUNT}
    more = {"publishers": ["cloudwatch.amazonaws.com", OTHER]}
    yield "notification_topic", "resource", "a topic", own_topic
    yield "notification_topic", "resource", "a topic with publishers", {**own_topic, **more}
    yield "topic_key", "resource", "a key", place
    yield "topic_key", "resource", "a key with publishers", {**place, **more}
    yield "event_trust", "trust", "any rule", place
    yield "event_permissions", "identity", "a plan", {"plan_arn": plan}
    for says, name in {"a plan": "response-checkout", "plans": "response-drill-plan-*"}.items():
        yield "runbook_trust", "trust", says, {**place, "plan_name": name}
    documents = {
        "own document": "response-restart-1a2b3c4",
        "AWS's document": "AWS-RestartEC2Instance",
        "shared document": f"arn:{partition}:ssm:{region}:{OTHER}:document/Shared-Restart",
    }
    reboot = {
        "Sid": "Reboot",
        "Action": "ec2:RebootInstances",
        "Resource": f"arn:{partition}:ec2:*:{ACCOUNT}:instance/i-0123456789abcdef0",
    }
    for says, document in documents.items():
        runbook = {**place, "document": document}
        yield "runbook_permissions", "identity", says, runbook
        options = {
            "in any account": {"cross_account": True},
            "with a role": {"assume_role_arn": f"arn:{partition}:iam::{ACCOUNT}:role/restart"},
            "with its own statements": {"statements": [reboot]},
        }
        for option, given in options.items():
            yield "runbook_permissions", "identity", f"{says} {option}", {**runbook, **given}
        every = {key: value for given in options.values() for key, value in given.items()}
        yield "runbook_permissions", "identity", f"{says} with everything", {**runbook, **every}


VARIANTS = [
    Variant(function, kind, name, partition, arguments)
    for partition in REGIONS
    for function, kind, name, arguments in calls(partition)
]


def recommended():
    """Yield the policies in the documents: that of whoever deploys, and those on their pages."""
    texts = {(file, "as written"): (ROOT / file).read_text() for file in FILES}
    texts |= {(block.page, f"block {block.number}"): block.text for block in blocks("json")}
    for (page, place), text in texts.items():
        if '"Statement"' in text:
            yield Policy(page, place, "identity", "aws", json.loads(text)["Statement"])


def not_walked(module, variants):
    """Return the public functions of a module, and their options, that no variant goes through."""
    for name, function in vars(module).items():
        public = inspect.isfunction(function) and not name.startswith("_")
        if not public or function.__module__ != module.__name__:
            continue
        walked = [variant.arguments for variant in variants if variant.function == name]
        if not walked:
            yield name
        for parameter in inspect.signature(function).parameters.values():
            given = [arguments.get(parameter.name, parameter.default) for arguments in walked]
            if parameter.default is not parameter.empty and walked:
                if parameter.default not in given:
                    yield f"{name} without {parameter.name}"
                if all(value == parameter.default for value in given):
                    yield f"{name} with {parameter.name}"


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_policy_of_the_components_is_what_the_reference_asks_for(variant):
    """What a component lets somebody do is enough, exists, and is no wider than it has to be."""
    found = refused(variant.make(), EXCUSED)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("policy", [*recommended()], ids=str)
def test_a_policy_of_the_documents_is_what_the_reference_asks_for(policy):
    """So is what the documents recommend to whoever deploys."""
    found = refused(policy, EXCUSED)
    assert not found, "\n".join(found)


def test_every_function_is_walked_in_every_variant():
    """A new policy, or a new option of one, is not forgotten here."""
    assert list(not_walked(_policies, VARIANTS)) == []


def test_no_exception_outlives_what_it_was_for():
    """A policy that has become tighter stays so."""
    policies = [*(variant.make() for variant in VARIANTS), *recommended()]
    assert left_over(policies, EXCUSED) == set()


def test_a_function_and_an_option_without_a_variant_are_found():
    """The list of variants cannot fall behind the module."""
    module = ModuleType("planted")
    source = "def known(a, *, b=False): ...\ndef new(a): ...\ndef _own(): ..."
    exec(source, vars(module))  # noqa: S102 - the text is above
    variants = [Variant("known", "identity", "one", "aws", {"a": 1})]
    assert list(not_walked(module, variants)) == ["known with b", "new"]
    assert list(not_walked(module, [variants[0]._replace(arguments={"b": True})])) == [
        *("known without b", "new"),
    ]


PLACE = Place("aws", "us-east-1", ACCOUNT)
OURS = f"arn:aws:ssm-incidents::{ACCOUNT}"
NAMED = {
    "response-plan": f"{OURS}:response-plan/checkout",
    "incident-record": f"{OURS}:incident-record/checkout/1",
    "replication-set": f"{OURS}:replication-set/1",
}
# Members of requests, and what they name; `resourceArn` names any of them.
MEMBERS = {
    "responsePlanArn": ["response-plan"],
    "incidentRecordArn": ["incident-record"],
    "resourceArn": list(NAMED),
}


def sent(operation):
    """Return requests of an operation, one for each type of resource that it can be about."""
    members = OPERATIONS[operation].input_shape.members
    if operation == "CreateResponsePlan":
        return [{"name": "checkout"}]
    if "arn" in members:
        named = (kind for kind in NAMED if kind.replace("-", "") in operation.lower())
        return [{"arn": NAMED[next(named, "replication-set")]}]
    member = next((name for name in MEMBERS if name in members), None)
    kinds = MEMBERS.get(member, [])
    if "ResourcePolic" in operation:
        kinds = ["response-plan"]
    return [{member: NAMED[kind]} for kind in kinds] or [{}]


PEOPLE = f"arn:aws:ssm-contacts:us-east-1:{ACCOUNT}"
# Members of requests to the contacts API, and what they name.
OF_PEOPLE = {
    "ContactArn": [f"{PEOPLE}:contact/ana"],
    "ContactChannelId": [f"{PEOPLE}:contact-channel/ana/1"],
    "ContactId": [f"{PEOPLE}:contact/ana"],
    "EngagementId": [f"{PEOPLE}:engagement/ana/1"],
    "PageId": [f"{PEOPLE}:page/ana/1"],
    "ResourceARN": [f"{PEOPLE}:contact/ana", f"{PEOPLE}:rotation/1"],
    "RotationId": [f"{PEOPLE}:rotation/1"],
    "Alias": ["ana"],
    "Name": ["days"],
}


def sent_to_contacts(operation):
    """Return requests with every member that names something, one for each type it can be of."""
    members = CONTACTS[operation].input_shape.members
    given = {name: values for name, values in OF_PEOPLE.items() if name in members}
    most = max(map(len, given.values()), default=1)
    return [{name: values[n % len(values)] for name, values in given.items()} for n in range(most)]


REQUESTS = [
    *(("ssm-incidents", name, sent) for name in sorted(OPERATIONS)),
    *(("ssm-contacts", name, sent_to_contacts) for name in sorted(CONTACTS)),
]


@pytest.mark.parametrize(("service", "operation", "requests"), REQUESTS)
def test_the_local_aws_asks_for_what_the_reference_has(service, operation, requests):
    """A request takes its action on the types of resources that the reference requires."""
    action = f"{service}:{operation}"
    known = authorization.types(action)
    required = {name for name, needed in known.items() if needed}
    for parameters in requests(operation):
        arns = [
            need.resource
            for need in needs(service, operation, parameters, PLACE)
            if need.action == action
        ]
        if not known:
            assert arns == ["*"]
            continue
        found = {authorization.type_of(arn, [action], "aws") for arn in arns}
        assert required <= found <= set(known), f"{operation} on {parameters}: {arns}"


@pytest.mark.parametrize("operation", ["CreateContact", "UpdateContact"])
def test_who_plans_with_a_contact_needs_its_leave(operation):
    """An escalation plan takes the right to associate each contact in it, as the reference has."""
    assert authorization.dependents(f"ssm-contacts:{operation}") == [
        "ssm-contacts:AssociateContact"
    ]
    planned = [f"{PEOPLE}:contact/{alias}" for alias in ("ben", "cleo")]
    targets = [{"ContactTargetInfo": {"ContactId": arn, "IsEssential": True}} for arn in planned]
    channel = {"ChannelTargetInfo": {"ContactChannelId": f"{PEOPLE}:contact-channel/ana/1"}}
    stages = [{"DurationInMinutes": 1, "Targets": [each, channel]} for each in targets]
    parameters = {"ContactId": f"{PEOPLE}:contact/ana", "Plan": {"Stages": stages}}
    taken = [*needs("ssm-contacts", operation, parameters, PLACE)]
    assert [(need.action, need.resource) for need in taken] == [
        (f"ssm-contacts:{operation}", f"{PEOPLE}:contact/ana"),
        *(("ssm-contacts:AssociateContact", arn) for arn in planned),
    ]
