"""Checks of topics: planted faults, and what mends them.

Real: the readers over HTTP, boto3, the local AWS with moto's SNS and KMS.
"""

from __future__ import annotations

import json

import pytest

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor.results import Fine, NotSeen
from pulumi_incidents.stacks import _policies
from tests import doctored, rights
from tests.calls import create_plan

CHECKS = ("topic-exists", "topic-policy", "topic-key", "topic-heard", "topic-chat")
CHAT_CLIENT = "https://global.sns-api.chatbot.amazonaws.com"
SERVICES = ("ssm-incidents.amazonaws.com", "ssm-contacts.amazonaws.com")


class Response:
    """A plan with a chat channel, whose one topic somebody and a chat client follow."""

    def __init__(self, local_aws, incidents, **attributes):
        self.local_aws = local_aws
        self.sns, self.kms = local_aws.client("sns"), local_aws.client("kms")
        self.topic = rights.topic(self.sns, "checkout", **attributes)
        for protocol, endpoint in (("https", CHAT_CLIENT), ("email", "ana@example.com")):
            self.sns.subscribe(TopicArn=self.topic, Protocol=protocol, Endpoint=endpoint)
        local_aws.confirm(self.topic)
        template = {"title": "Checkout fails", "impact": 2}
        self.plan = incidents.create_response_plan(
            name="checkout",
            incidentTemplate={
                **template,
                "notificationTargets": [{"snsTopicArn": self.topic}],
            },
            chatChannel={"chatbotSns": [self.topic]},
        )["arn"]

    @property
    def fine(self):
        """What a check says of the topic if nothing is wrong."""
        return [Fine(self.topic, (self.plan,))]

    def results(self, check, **settings):
        """Return what a check finds."""
        return doctored.results(self.local_aws, check, self.plan, **settings)

    def finding(self, check):
        """Return the one thing that a check finds, which matters to the plan."""
        [found] = doctored.findings(self.local_aws, check, self.plan)
        assert found.plans == (self.plan,)
        return found

    def set(self, attribute, value):
        """Set an attribute of the topic."""
        text = value if isinstance(value, str) else json.dumps(value)
        self.sns.set_topic_attributes(
            TopicArn=self.topic, AttributeName=attribute, AttributeValue=text
        )

    def subscriptions(self):
        """Return the ARNs of the subscriptions by their endpoints."""
        found = self.sns.list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]
        return {each["Endpoint"]: each["SubscriptionArn"] for each in found}


@pytest.fixture
def response(local_aws, incidents):
    """Return a plan with a topic."""
    return Response(local_aws, incidents)


def test_a_topic_that_is_well_wired_is_fine(response):
    """A topic that two plans name in two ways is looked at once, in two calls."""
    response.local_aws.forget()
    for check in CHECKS:
        assert response.results(check) == ([] if check == "topic-key" else response.fine)
    assert response.local_aws.operations("sns") == [
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
    ] * len(CHECKS)


def test_a_topic_that_is_gone_is_found_until_it_is_made_again(response):
    """The plan goes on naming it; the other checks have nothing to say of it."""
    response.sns.delete_topic(TopicArn=response.topic)
    found = response.finding("topic-exists")
    assert found.subject == response.topic
    assert found.seen == "The topic does not exist."
    assert [response.results(check) for check in CHECKS[1:]] == [[]] * 4
    rights.topic(response.sns, "checkout")
    assert response.results("topic-exists") == response.fine


def test_a_topic_that_shuts_incident_manager_out_is_found_until_it_lets_it_in(response):
    """The statement that the sentence names is enough."""
    response.set("Policy", {"Version": "2012-10-17", "Statement": []})
    found = response.finding("topic-policy")
    assert found.seen == (
        "The topic shuts Incident Manager out: ssm-incidents.amazonaws.com may not sns:Publish, "
        "because no topic policy allows the sns:Publish action."
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ssm-incidents.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": response.topic,
        "Condition": {"StringEqualsIfExists": {"AWS:SourceAccount": rights.ACCOUNT}},
    }
    response.set("Policy", {"Version": "2012-10-17", "Statement": [statement]})
    assert response.results("topic-policy") == response.fine


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"AWS:SourceAccount": "210987654321"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:ssm-incidents::*:incident-record/payments/*"}},
    ],
)
def test_a_policy_for_somebody_else_is_found(response, condition):
    """A statement for another account or another plan lets this plan's incidents in no more."""
    policy = json.loads(_policies.notification_topic(response.topic, rights.ACCOUNT))
    policy["Statement"][0]["Condition"] = condition
    response.set("Policy", policy)
    assert "shuts Incident Manager out" in response.finding("topic-policy").seen


def test_a_condition_that_nobody_can_evaluate_is_not_fine(response):
    """A key of which nothing is known is named."""
    policy = json.loads(_policies.notification_topic(response.topic, rights.ACCOUNT))
    policy["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceOrgID": "o-1"}}
    response.set("Policy", policy)
    [found] = response.results("topic-policy")
    assert isinstance(found, NotSeen)
    assert "the condition key aws:sourceorgid" in found.why


@pytest.fixture
def encrypted(local_aws, incidents):
    """Return a plan with a topic that is encrypted with a key of the account, and the key."""
    made = local_aws.client("kms").create_key(
        Policy=_policies.topic_key("aws", rights.ACCOUNT),
    )["KeyMetadata"]["Arn"]
    response = Response(local_aws, incidents, KmsMasterKeyId=made)
    response.key = made
    return response


def test_a_key_that_lets_incident_manager_in_is_fine_by_all_of_its_names(encrypted):
    """A topic has its key as an id, an alias or an ARN."""
    encrypted.kms.create_alias(AliasName="alias/topics", TargetKeyId=encrypted.key)
    for name in (encrypted.key, encrypted.key.rpartition("/")[2], "alias/topics"):
        encrypted.set("KmsMasterKeyId", name)
        assert encrypted.results("topic-key") == encrypted.fine


@pytest.mark.parametrize("left", SERVICES)
def test_a_key_that_shuts_one_of_both_principals_out_is_found(encrypted, left):
    """Either of them may be the one that comes."""
    policy = json.loads(_policies.topic_key("aws", rights.ACCOUNT))
    whole = json.dumps(policy)
    policy["Statement"][1]["Principal"]["Service"] = [left]
    encrypted.kms.put_key_policy(
        KeyId=encrypted.key, PolicyName="default", Policy=json.dumps(policy)
    )
    found = encrypted.finding("topic-key")
    [other] = set(SERVICES) - {left}
    assert f"{other} may not kms:GenerateDataKey, because no key policy allows" in found.seen
    assert all(name in found.mend for name in SERVICES)
    encrypted.kms.put_key_policy(KeyId=encrypted.key, PolicyName="default", Policy=whole)
    assert encrypted.results("topic-key") == encrypted.fine


def test_a_key_that_is_disabled_is_found_until_it_is_enabled(encrypted):
    """Whatever its policy says."""
    key_id = encrypted.key.rpartition("/")[2]
    encrypted.kms.disable_key(KeyId=key_id)
    assert encrypted.finding("topic-key").seen.endswith("of the topic is Disabled.")
    encrypted.kms.enable_key(KeyId=key_id)
    assert encrypted.results("topic-key") == encrypted.fine


def test_a_key_that_is_to_be_deleted_is_kept_before_it_is_enabled(encrypted):
    """KMS enables no key whose deletion is pending; both commands are told as they are run."""
    key_id = encrypted.key.rpartition("/")[2]
    encrypted.kms.schedule_key_deletion(KeyId=key_id)
    found = encrypted.finding("topic-key")
    assert found.mend == (
        f"Take its deletion back with `aws kms cancel-key-deletion --key-id {key_id} --region "
        f"us-east-1`, and then enable it with `aws kms enable-key --key-id {key_id} --region "
        "us-east-1`."
    )
    encrypted.kms.cancel_key_deletion(KeyId=key_id)
    encrypted.kms.enable_key(KeyId=key_id)
    assert encrypted.results("topic-key") == encrypted.fine


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("alias/aws/sns", "is AWS's own, whose policy lets no other service in."),
        ("alias/missing", "does not exist."),
    ],
)
def test_a_key_that_will_never_do_is_found_until_there_is_another(encrypted, key, said):
    """SNS's own key lets no service in, and a key that is gone encrypts nothing."""
    encrypted.set("KmsMasterKeyId", key)
    assert encrypted.finding("topic-key").seen == f"The key {key} of the topic {said}"
    encrypted.set("KmsMasterKeyId", encrypted.key)
    assert encrypted.results("topic-key") == encrypted.fine


def test_a_topic_that_nobody_follows_is_found_until_somebody_does(response):
    """Without a subscription nobody hears; addresses are told by nobody."""
    for arn in response.subscriptions().values():
        response.sns.unsubscribe(SubscriptionArn=arn)
    assert response.finding("topic-heard").seen.endswith("is told: it has no subscription.")
    response.sns.subscribe(TopicArn=response.topic, Protocol="email", Endpoint="ben@example.com")
    found = response.finding("topic-heard")
    assert found.seen == (
        "Subscriptions to the topic wait for their confirmation, and nobody else hears of it: "
        "1 by email."
    )
    assert "ben" not in str(found)
    response.local_aws.confirm(response.topic)
    assert response.results("topic-heard") == response.fine


def test_a_subscription_that_waits_is_found_beside_others(response):
    """Somebody thinks to hear of incidents, and does not."""
    for name in ("cy", "dee"):
        response.sns.subscribe(
            TopicArn=response.topic, Protocol="email", Endpoint=f"{name}@example.com"
        )
    found = response.finding("topic-heard")
    assert found.seen.endswith("wait for their confirmation: 2 by email.")


@pytest.mark.parametrize(("check", "follower"), [("topic-heard", ""), ("topic-chat", CHAT_CLIENT)])
def test_whoever_has_unsubscribed_hears_of_nothing(response, monkeypatch, check, follower):
    """SNS goes on listing a deleted subscription for some days, as Deleted instead of its ARN."""
    pages = Account.pages

    def listed(account, service, *given, **asked):
        found = pages(account, service, *given, **asked)
        if service == "sns":
            for each in found:
                if each["Endpoint"].startswith(follower):
                    each["SubscriptionArn"] = "Deleted"
        return found

    monkeypatch.setattr(Account, "pages", listed)
    assert response.finding(check).subject == response.topic


def test_a_chat_channel_without_a_client_is_found_until_one_follows(response):
    """What matters is the address with which Amazon Q Developer subscribes."""
    arn = response.subscriptions()[CHAT_CLIENT]
    response.sns.unsubscribe(SubscriptionArn=arn)
    found = response.finding("topic-chat")
    assert found.seen == "No chat client follows the topic, which is a chat channel."
    response.sns.subscribe(TopicArn=response.topic, Protocol="https", Endpoint=CHAT_CLIENT)
    assert response.results("topic-chat") == response.fine


def test_a_chat_channel_that_nobody_follows_is_told_once(local_aws, incidents):
    """Subscribing somebody else does not mend it; a chat client does."""
    topic = rights.topic(local_aws.client("sns"), "chat")
    plan = create_plan(incidents, "checkout")
    incidents.update_response_plan(arn=plan, chatChannel={"chatbotSns": [topic]})
    assert doctored.results(local_aws, "topic-heard", plan) == []
    [found] = doctored.findings(local_aws, "topic-chat", plan)
    assert found.subject == topic


def test_targets_need_no_chat_client_and_plans_no_topic(local_aws, incidents):
    """A topic of notification targets alone is no chat channel; without topics all is quiet."""
    topic = rights.topic(local_aws.client("sns"), "people")
    plan = create_plan(incidents, "checkout", notificationTargets=[{"snsTopicArn": topic}])
    other = create_plan(incidents, "payments")
    assert doctored.results(local_aws, "topic-chat", plan) == []
    assert doctored.results(local_aws, "topic-exists", plan, other) == [Fine(topic, (plan,))]


@pytest.mark.parametrize(
    ("action", "checks"),
    [
        ("sns:GetTopicAttributes", CHECKS),
        ("sns:ListSubscriptionsByTopic", ["topic-heard", "topic-chat"]),
        ("kms:DescribeKey", ["topic-key"]),
        ("kms:GetKeyPolicy", ["topic-key"]),
    ],
)
def test_what_may_not_be_read_is_not_fine(encrypted, action, checks):
    """Who may not look is told which permission is missing."""
    denied = doctored.without(encrypted.local_aws, action)
    for check in checks:
        [found] = encrypted.results(check, **denied)
        assert isinstance(found, NotSeen)
        assert action in found.why
        assert found.plans == (encrypted.plan,)
