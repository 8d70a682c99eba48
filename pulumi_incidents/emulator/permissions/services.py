"""What services of AWS may do on somebody's behalf: take a role, publish to a topic.

Follows the IAM user guide, *The confused deputy problem*; the SNS developer guide, *Enable
compatibility between event sources from AWS services and encrypted topics*; and *Working with
incidents in Incident Manager* about what a start does with the rights of its caller. That a service
tells whose it acts for (`aws:SourceAccount`, `aws:SourceArn`) where it publishes and where it uses
a key is unverified.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from moto.kms.models import kms_backends
from moto.sns.models import sns_backends

from pulumi_incidents.emulator.permissions.denials import Denial
from pulumi_incidents.emulator.permissions.identities import find_role, of_role
from pulumi_incidents.emulator.permissions.requests import by_principal, by_service
from pulumi_incidents.emulator.protocol.needs import Need
from pulumi_incidents.iam.identities import Identity, Refusal, refusal, service_refusal
from pulumi_incidents.iam.policies import ANYTHING, Effect, verdict
from pulumi_incidents.iam.requests import Behalf, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moto.kms.models import Key
    from moto.sns.models import Topic

INCIDENTS = "ssm-incidents.amazonaws.com"
# "Incident Manager consists of two service principals", and either may be the one that publishes.
_PUBLISHERS = (INCIDENTS, "ssm-contacts.amazonaws.com")
_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
_AWS_KEY = "alias/aws/sns"
_PUBLISH, _TAKE, _TRUST = "sns:Publish", "sts:AssumeRole", "role trust policy"


def needs_of_a_start(contacts: Iterable[str]) -> list[Need]:
    """Return what a start takes of its caller besides the right to start.

    Incident Manager engages contacts and opens the OpsItem in forward access sessions. That an
    EventBridge rule's role needs them, too, and that the start fails without, is unverified.
    """
    via = {
        "aws:calledvia": INCIDENTS,
        "aws:calledviafirst": INCIDENTS,
        "aws:calledvialast": INCIDENTS,
    }
    return [
        *(Need("ssm-contacts:StartEngagement", contact, via) for contact in contacts),
        Need("ssm:CreateOpsItem", ANYTHING, via),
    ]


def first_denial(identity: Identity, needs: Iterable[Need], region: str) -> Denial | None:
    """Return the first of some needs that an identity has no right to, in a region."""
    principal = identity.principal
    for need in needs:
        if reason := refusal(identity, by_principal(principal, need, region)):
            return Denial(principal.arn, need.action, need.resource, str(reason))
    return None


def take_role(arn: str, name: str, session: str, behalf: Behalf) -> Identity | Denial:
    """Let a service take a role, as its trust policy says."""
    role = find_role(arn)
    if not role:
        return missing_role(name, arn)
    request = by_service(name, Need(_TAKE, arn), behalf)
    reason = service_refusal(request, _TRUST, [role.assume_role_policy_document])
    return Denial(name, _TAKE, arn, str(reason)) if reason else of_role(role, session)


def missing_role(principal: str, arn: str) -> Denial:
    """Return the denial of whoever takes a role that does not exist."""
    return Denial(principal, _TAKE, arn, "because the role does not exist")


def trust_denial(identity: Identity, taking: Need, region: str) -> Denial | None:
    """Return why a role does not trust somebody who takes it; None if it does."""
    principal, role = identity.principal, find_role(taking.resource)
    if not role:
        return missing_role(principal.arn, taking.resource)
    request = by_principal(principal, taking, region)
    told = verdict([role.assume_role_policy_document], request)
    if told.effect in (Effect.ALLOW, Effect.DELEGATE):
        return None
    reason = Refusal(_TRUST, request, told)
    return Denial(principal.arn, _TAKE, taking.resource, str(reason))


def publish_denial(topic_arn: str, behalf: Behalf) -> Denial | None:
    """Return why Incident Manager cannot publish to a topic; None if it can."""
    topic = find_topic(topic_arn)
    if not topic:
        return Denial(INCIDENTS, _PUBLISH, topic_arn, "The topic does not exist.", "NotFound")
    request = by_service(INCIDENTS, Need(_PUBLISH, topic_arn), behalf)
    reason = service_refusal(request, "topic policy", [topic.policy])
    if reason:
        return Denial(INCIDENTS, _PUBLISH, topic_arn, str(reason))
    return _key_denial(topic, behalf) if topic.kms_master_key_id else None


def find_topic(arn: str) -> Topic | None:
    """Return a topic of any account by its ARN; None for whatever else a text may be."""
    found = parts_of(arn)
    if not found or found["service"] != "sns" or found["account"] not in sns_backends:
        return None
    regions = sns_backends[found["account"]]
    region = found["region"]
    return regions[region].topics.get(arn) if region in regions else None


def _key_denial(topic: Topic, behalf: Behalf) -> Denial | None:
    """Return why the key of a topic shuts Incident Manager out; None if it lets it in."""
    named = topic.kms_master_key_id
    if named.endswith(_AWS_KEY):
        reason = f"because the policy of {_AWS_KEY}, which is AWS's own, lets no service in"
        return Denial(INCIDENTS, _KEY_ACTIONS[0], named, reason)
    key = _key(topic, named)
    if not key:
        reason = f"The key {named} of {topic.arn} does not exist."
        return Denial(INCIDENTS, _KEY_ACTIONS[0], named, reason, "KMSNotFound")
    if key.key_state != "Enabled":
        reason = f"The key {key.arn} of {topic.arn} is {key.key_state}."
        return Denial(INCIDENTS, _KEY_ACTIONS[0], key.arn, reason, "KMSInvalidState")
    encrypted = {
        "kms:encryptioncontext:aws:sns:topicarn": topic.arn,
        "kms:viaservice": f"sns.{topic.sns_backend.region_name}.amazonaws.com",
    }
    for name, action in itertools.product(_PUBLISHERS, _KEY_ACTIONS):
        request = by_service(name, Need(action, key.arn, encrypted), behalf)
        if denied := service_refusal(request, "key policy", [key.policy]):
            return Denial(name, action, key.arn, str(denied))
    return None


def _key(topic: Topic, named: str) -> Key | None:
    """Return a key by any of its names, in the region of its topic."""
    backend = kms_backends[topic.account_id][topic.sns_backend.region_name]
    alias = backend.get_alias_name(named)
    if alias.startswith("alias/") and not backend.alias_exists(alias):
        return None
    return backend.keys.get(backend.any_id_to_key_id(named))
