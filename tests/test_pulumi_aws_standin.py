"""The stand-in of the pulumi-aws plugin.

Real here: the provider's own methods, boto3, and moto answering over HTTP; in the last part the
executable itself, spoken to over gRPC as the engine does. Not here: the engine.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import boto3
import grpc
import pytest
from moto.server import ThreadedMotoServer
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.emulator.pulumi_aws import _clients
from pulumi_incidents.emulator.pulumi_aws._values import plain_map, wrapped_map
from pulumi_incidents.emulator.pulumi_aws.plugin import LocalAwsProvider
from pulumi_incidents.emulator.pulumi_aws.resources import KINDS

REGION = "eu-west-1"
SEED = b"\x01\x23\x45\x67"
NOBODY = "http://127.0.0.1:9"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def policy(action, resource="*"):
    """Answer the JSON text of a policy with one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def resource_policy(action, resource):
    """Answer such a policy as a topic or queue has it, open to everybody."""
    document = json.loads(policy(action, resource))
    document["Statement"][0]["Principal"] = "*"
    return json.dumps(document)


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ssm-incidents.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def urn(token, name="thing"):
    """Answer the URN of a resource inside a component."""
    return f"urn:pulumi:local::incidents::pulumi_incidents:index:Component${token}::{name}"


class Plugin:
    """The provider in plain values: what the engine would ask, without its wrappers."""

    def __init__(self, **config):
        self.provider = LocalAwsProvider()
        variables = {f"aws:config:{key}": value for key, value in config.items()}
        asyncio.run(
            self.provider.configure(
                sdk.ConfigureRequest(variables, {}, accept_secrets=True, accept_resources=True)
            )
        )

    def check(self, token, inputs, old=None, seed=SEED):
        """Answer the response itself; inputs may be plain or carry secrets."""
        new = inputs if _is_wrapped(inputs) else wrapped_map(inputs, {})
        request = sdk.CheckRequest(urn(token), wrapped_map(old or {}, {}), new, seed)
        return asyncio.run(self.provider.check(request))

    def inputs(self, token, inputs, old=None, seed=SEED):
        """Answer the checked inputs."""
        answer = self.check(token, inputs, old, seed)
        assert not answer.failures, [failure.reason for failure in answer.failures]
        return plain_map(answer.inputs)

    def reasons(self, token, inputs):
        """Answer why check refuses the inputs."""
        return [failure.reason for failure in self.check(token, inputs).failures]

    def diff(self, token, state, inputs):
        """Answer the response itself."""
        request = sdk.DiffRequest(
            urn(token), "id", wrapped_map(state, {}), wrapped_map(inputs, {}), []
        )
        return asyncio.run(self.provider.diff(request))

    def create(self, token, inputs, *, preview=False):
        """Answer id and state."""
        properties = inputs if _is_wrapped(inputs) else wrapped_map(inputs, {})
        request = sdk.CreateRequest(urn(token), properties, 0, preview)
        answer = asyncio.run(self.provider.create(request))
        return answer.resource_id, plain_map(answer.properties)

    def made(self, token, inputs):
        """Check and create, the way a program's declaration goes."""
        checked = self.inputs(token, inputs, seed=os.urandom(32))
        return (*self.create(token, checked), checked)

    def read(self, token, resource_id, state, inputs):
        """Answer id, state and inputs."""
        request = sdk.ReadRequest(
            urn(token), resource_id, wrapped_map(state, {}), wrapped_map(inputs, {})
        )
        answer = asyncio.run(self.provider.read(request))
        return answer.resource_id, plain_map(answer.properties), plain_map(answer.inputs)

    def update(self, token, resource_id, state, inputs, *, preview=False):
        """Answer the new state."""
        olds, news = wrapped_map(state, {}), wrapped_map(inputs, {})
        request = sdk.UpdateRequest(urn(token), resource_id, olds, news, 0, [], preview)
        return plain_map(asyncio.run(self.provider.update(request)).properties)

    def delete(self, token, resource_id, state):
        """Delete."""
        request = sdk.DeleteRequest(urn(token), resource_id, wrapped_map(state, {}), 0)
        asyncio.run(self.provider.delete(request))

    def invoke(self, name, **args):
        """Answer the response to a function of the index module."""
        token = f"aws:index/{name}:{name}"
        request = sdk.InvokeRequest(token, wrapped_map(args, {}))
        return asyncio.run(self.provider.invoke(request))


def _is_wrapped(inputs):
    return any(isinstance(value, PropertyValue) for value in inputs.values())


@pytest.fixture(scope="module")
def address():
    """Serve moto over HTTP."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """No test finds a real account, or leaves the tracebacks of the others cut off."""
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    yield
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


@pytest.fixture
def make_plugin(address):
    """Answer a maker of plugins with configurations of their own."""
    made = []

    def make(endpoint=address, **config):
        services = dict.fromkeys(("iam", "sns", "sqs", "sts"), endpoint)
        config = {"region": REGION, "endpoints": json.dumps([services]), **config}
        made.append(Plugin(**config))
        return made[-1]

    yield make
    for plugin in made:
        plugin.provider.close()


@pytest.fixture
def plugin(make_plugin):
    """Answer a plugin at the local AWS."""
    return make_plugin()


@pytest.fixture
def behind(address):
    """boto3 at the same address: somebody else who changes things behind Pulumi's back."""
    clients = {
        service: boto3.client(
            service,
            region_name=REGION,
            endpoint_url=address,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        for service in ("iam", "sns", "sqs")
    }
    yield types.SimpleNamespace(**clients)
    for client in clients.values():
        client.close()


# What each type is made with, changed to, and how it drifts.


def topic(_plugin, behind):
    """Answer the life of a topic."""
    return {
        "inputs": {"displayName": "one", "tags": {"team": "a", "old": "x"}},
        "change": {"tags": {"team": "b", "new": ""}},
        "changed": ["displayName", "tags", "tagsAll"],
        "drift": lambda arn: behind.sns.set_topic_attributes(
            TopicArn=arn, AttributeName="DisplayName", AttributeValue="drifted"
        ),
        "drifted": ["displayName"],
    }


def topic_policy(plugin, behind):
    """Answer the life of a topic's policy."""
    arn, _, _ = plugin.made(TOPIC, {})
    return {
        "inputs": {"arn": arn, "policy": resource_policy("SNS:Publish", arn)},
        "change": {"arn": arn, "policy": resource_policy("SNS:Subscribe", arn)},
        "changed": ["policy"],
        "drift": lambda arn: behind.sns.set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=resource_policy("SNS:DeleteTopic", arn),
        ),
        "drifted": ["policy"],
        "remove": lambda: behind.sns.delete_topic(TopicArn=arn),
    }


def subscription(plugin, behind):
    """Answer the life of a queue's subscription to a topic."""
    arn, _, _ = plugin.made(TOPIC, {})
    _, queue, _ = plugin.made(QUEUE, {})
    same = {"topic": arn, "protocol": "sqs", "endpoint": queue["arn"]}
    return {
        "inputs": {**same, "rawMessageDelivery": True},
        "change": {**same, "filterPolicy": '{"impact": ["1"]}'},
        "changed": ["filterPolicy", "rawMessageDelivery"],
        "drift": lambda arn: behind.sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true"
        ),
        "drifted": ["rawMessageDelivery"],
    }


def queue(_plugin, behind):
    """Answer the life of a queue."""
    return {
        "inputs": {"delaySeconds": 5, "tags": {"team": "a"}},
        "change": {"visibilityTimeoutSeconds": 60},
        "changed": ["delaySeconds", "tags", "tagsAll", "visibilityTimeoutSeconds"],
        "drift": lambda url: behind.sqs.tag_queue(QueueUrl=url, Tags={"drifted": "yes"}),
        "drifted": ["tags", "tagsAll"],
    }


def queue_policy(plugin, behind):
    """Answer the life of a queue's policy."""
    url, made, _ = plugin.made(QUEUE, {})
    arn = made["arn"]
    return {
        "inputs": {"queueUrl": url, "policy": resource_policy("sqs:SendMessage", arn)},
        "change": {"queueUrl": url, "policy": resource_policy("sqs:ReceiveMessage", arn)},
        "changed": ["policy"],
        "drift": lambda url: behind.sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": resource_policy("sqs:DeleteMessage", arn)}
        ),
        "drifted": ["policy"],
    }


def role(_plugin, behind):
    """Answer the life of a role."""
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    return {
        "inputs": {
            "assumeRolePolicy": TRUST,
            "description": "one",
            "maxSessionDuration": 7200,
            "permissionsBoundary": boundary,
            "tags": {"team": "a"},
        },
        "change": {"assumeRolePolicy": TRUST.replace("ssm-incidents", "events")},
        "changed": [
            "assumeRolePolicy",
            "description",
            "maxSessionDuration",
            "permissionsBoundary",
            "tags",
            "tagsAll",
        ],
        "drift": lambda name: behind.iam.update_role(RoleName=name, Description="drifted"),
        "drifted": ["description"],
    }


def role_policy(plugin, behind):
    """Answer the life of a policy within a role."""
    name, _, _ = plugin.made(ROLE, {"assumeRolePolicy": TRUST})
    return {
        "inputs": {"role": name, "policy": policy("ssm:StartAutomationExecution")},
        "change": {"role": name, "policy": policy("ssm:GetAutomationExecution")},
        "changed": ["policy"],
        "drift": lambda both: behind.iam.put_role_policy(
            RoleName=name, PolicyName=both.split(":")[1], PolicyDocument=policy("s3:GetObject")
        ),
        "drifted": ["policy"],
    }


LIVES = {
    TOPIC: topic,
    TOPIC_POLICY: topic_policy,
    SUBSCRIPTION: subscription,
    QUEUE: queue,
    QUEUE_POLICY: queue_policy,
    ROLE: role,
    ROLE_POLICY: role_policy,
}


def test_every_type_has_a_life_below():
    """A type that is added without a test of its whole life fails here."""
    assert set(LIVES) == set(KINDS)


@pytest.mark.parametrize("token", LIVES)
def test_full_life(token, plugin, behind):
    """A type is made, unchanged, changed in place, seen drifting, and gone after delete."""
    life = LIVES[token](plugin, behind)
    resource_id, state, inputs = plugin.made(token, life["inputs"])
    assert plugin.diff(token, state, inputs).changes is False
    assert plugin.read(token, resource_id, state, inputs) == (resource_id, state, inputs)

    changed = plugin.inputs(token, life["change"], old=inputs)
    difference = plugin.diff(token, state, changed)
    assert difference.diffs == life["changed"]
    assert difference.replaces == []
    state = plugin.update(token, resource_id, state, changed)
    assert plugin.diff(token, state, changed).changes is False
    assert plugin.read(token, resource_id, state, changed) == (resource_id, state, changed)

    life["drift"](resource_id)
    _, drifted, found = plugin.read(token, resource_id, state, changed)
    assert sorted(key for key in drifted if drifted[key] != state[key]) == life["drifted"]
    assert found != changed
    assert plugin.diff(token, drifted, changed).diffs == life["drifted"]
    state = plugin.update(token, resource_id, drifted, changed)
    assert plugin.read(token, resource_id, state, changed) == (resource_id, state, changed)

    plugin.delete(token, resource_id, state)
    life.get("remove", lambda: None)()
    assert plugin.read(token, resource_id, state, changed) == ("", {}, {})
    plugin.delete(token, resource_id, state)


@pytest.mark.parametrize("token", LIVES)
def test_import(token, plugin, behind):
    """A read by id alone finds everything: declaring the same then changes nothing."""
    life = LIVES[token](plugin, behind)
    resource_id, state, inputs = plugin.made(token, life["inputs"])
    _, found, managed = plugin.read(token, resource_id, {}, {})
    assert {key: found[key] for key in KINDS[token].outputs} == {
        key: state[key] for key in KINDS[token].outputs
    }
    assert plugin.diff(token, found, inputs).changes is False
    assert set(inputs) - set(managed) <= {"__defaults"}


@pytest.mark.parametrize("token", LIVES)
def test_preview_calls_nothing(token, plugin, make_plugin, behind):
    """A preview needs no AWS: outputs of a new thing are unknown, those of a made one stay."""
    life = LIVES[token](plugin, behind)
    away = make_plugin(NOBODY)
    inputs = away.inputs(token, life["inputs"])
    resource_id, planned = away.create(token, inputs, preview=True)
    assert resource_id == ""
    assert {key: planned[key] for key in KINDS[token].outputs} == dict.fromkeys(
        KINDS[token].outputs, UNKNOWN
    )
    assert planned.items() >= {key: inputs[key] for key in life["inputs"]}.items()

    resource_id, state, inputs = plugin.made(token, life["inputs"])
    changed = away.inputs(token, life["change"], old=inputs)
    planned = away.update(token, resource_id, state, changed, preview=True)
    assert planned == plugin.update(token, resource_id, state, changed) | {
        # AWS chooses the filter's scope only once there is a filter.
        key: planned[key]
        for key in ("filterPolicyScope",)
        if key in planned
    }


@pytest.mark.parametrize(
    ("token", "key"),
    [
        (TOPIC, "name"),
        (TOPIC, "fifoTopic"),
        (TOPIC_POLICY, "arn"),
        (SUBSCRIPTION, "endpoint"),
        (QUEUE, "region"),
        (QUEUE_POLICY, "queueUrl"),
        (ROLE, "path"),
        (ROLE_POLICY, "role"),
    ],
)
def test_replacement(token, key, plugin, behind):
    """What AWS cannot change in place makes a replacement, and so does a value yet unknown."""
    _, state, inputs = plugin.made(token, LIVES[token](plugin, behind)["inputs"])
    for value in ("/other/", UNKNOWN):
        difference = plugin.diff(token, state, {**inputs, key: value})
        assert difference.replaces == [key]
        assert difference.detailed_diff[key].kind.name.endswith("_REPLACE")


def test_only_chosen_names_delete_before_replacing(plugin):
    """A chosen name must be free before its successor is made; an automatic one is another."""
    _, state, inputs = plugin.made(ROLE, {"assumeRolePolicy": TRUST})
    assert not plugin.diff(ROLE, state, {**inputs, "path": "/other/"}).delete_before_replace
    _, state, inputs = plugin.made(ROLE, {"assumeRolePolicy": TRUST, "name": "chosen"})
    assert plugin.diff(ROLE, state, {**inputs, "path": "/other/"}).delete_before_replace


def test_automatic_names(plugin):
    """A name left out is the resource's own plus seven characters, the same ever after."""
    first = plugin.inputs(TOPIC, {})
    assert first == {"name": "thing-0123456", "__defaults": ["name"]}
    again = plugin.check(TOPIC, {}, old=first, seed=b"\xff\xff\xff\xff")
    assert plain_map(again.inputs) == first
    assert plugin.inputs(TOPIC, {"namePrefix": "chat-"})["name"] == "chat-0123456"
    assert plugin.inputs(TOPIC, {"fifoTopic": True})["name"] == "thing-0123456.fifo"
    assert plugin.inputs(TOPIC, {"name": "chosen"}, old=first) == {"name": "chosen"}


def test_fifo(plugin):
    """FIFO topics and queues are made, and unchanged afterwards."""
    for token, key in ((TOPIC, "fifoTopic"), (QUEUE, "fifoQueue")):
        declared = {key: True, "contentBasedDeduplication": True}
        _, state, inputs = plugin.made(token, declared)
        assert state.items() >= declared.items()
        assert plugin.diff(token, state, inputs).changes is False


def test_policies_are_compared_by_what_they_say(plugin):
    """Spaces and order of keys are no change; an object is taken for its JSON text."""
    document = json.loads(TRUST)
    _, state, inputs = plugin.made(ROLE, {"assumeRolePolicy": document})
    assert json.loads(inputs["assumeRolePolicy"]) == document
    other = json.dumps(dict(reversed(document.items())), indent=2)
    assert plugin.diff(ROLE, state, {**inputs, "assumeRolePolicy": other}).changes is False


def test_a_policy_of_its_own_is_no_drift_of_the_topic_or_queue(plugin):
    """A TopicPolicy or QueuePolicy beside its owner leaves the owner clean, and is left alone."""
    arn, state, inputs = plugin.made(TOPIC, {})
    plugin.made(TOPIC_POLICY, {"arn": arn, "policy": resource_policy("SNS:Publish", arn)})
    assert plugin.read(TOPIC, arn, state, inputs) == (arn, state, inputs)

    url, state, inputs = plugin.made(QUEUE, {})
    owned = {"queueUrl": url, "policy": resource_policy("sqs:SendMessage", state["arn"])}
    _, policy_state, policy_inputs = plugin.made(QUEUE_POLICY, owned)
    assert plugin.read(QUEUE, url, state, inputs) == (url, state, inputs)
    plugin.update(QUEUE, url, state, {**inputs, "delaySeconds": 9})
    assert plugin.read(QUEUE_POLICY, url, policy_state, policy_inputs)[0] == url


def test_force_detach_policies(plugin, behind):
    """A role whose policies were hung on by others goes only where that is asked for."""
    name, state, _ = plugin.made(ROLE, {"assumeRolePolicy": TRUST})
    behind.iam.put_role_policy(
        RoleName=name, PolicyName="other", PolicyDocument=policy("s3:GetObject")
    )
    made = behind.iam.create_policy(PolicyName="other", PolicyDocument=policy("s3:GetObject"))
    behind.iam.attach_role_policy(RoleName=name, PolicyArn=made["Policy"]["Arn"])
    with pytest.raises(_clients.LocalAwsError, match="DeleteRole answered DeleteConflict"):
        plugin.delete(ROLE, name, state)
    plugin.delete(ROLE, name, {**state, "forceDetachPolicies": True})
    assert plugin.read(ROLE, name, state, {})[0] == ""


def test_default_tags(make_plugin):
    """The provider's tags go on everything, a resource's own win, and refresh tells them apart."""
    tags = {"tags": {"team": "all", "stage": "local"}}
    plugin = make_plugin(defaultTags=json.dumps(tags))
    arn, state, inputs = plugin.made(TOPIC, {"tags": {"team": "mine"}})
    assert state["tags"] == {"team": "mine"}
    assert state["tagsAll"] == {"team": "mine", "stage": "local"}
    assert plugin.read(TOPIC, arn, state, inputs) == (arn, state, inputs)

    other = make_plugin(defaultTags='{"tags": {"stage": "test"}}')
    changed = other.inputs(TOPIC, {"tags": {"team": "mine"}}, old=inputs)
    assert other.diff(TOPIC, state, changed).diffs == ["tagsAll"]
    state = other.update(TOPIC, arn, state, changed)
    assert state["tagsAll"] == {"team": "mine", "stage": "test"}


def test_unknown_values_pass_check_and_show_in_diff(plugin):
    """A value known only after `up`, at any depth, is kept in check and is a change in diff."""
    declared = {"displayName": UNKNOWN, "policy": {"Statement": [UNKNOWN]}, "tags": {"a": UNKNOWN}}
    inputs = plugin.inputs(TOPIC, declared)
    assert inputs["policy"] == UNKNOWN
    assert inputs["tagsAll"] == {"a": UNKNOWN}
    assert plugin.inputs(TOPIC, {"tags": UNKNOWN})["tagsAll"] == UNKNOWN
    assert plugin.inputs(TOPIC, {"namePrefix": UNKNOWN})["name"] == UNKNOWN
    _, state, _ = plugin.made(TOPIC, {})
    difference = plugin.diff(TOPIC, state, {**inputs, "name": state["name"]})
    assert difference.diffs == ["displayName", "policy", "tags", "tagsAll"]
    assert difference.replaces == []


def test_secrets_stay_secret(plugin):
    """A secret input is secret in the state, after create, read and update, and plain for AWS."""
    declared = {
        "displayName": PropertyValue("hush", is_secret=True),
        "tags": PropertyValue({"key": PropertyValue("hush", is_secret=True)}),
    }
    inputs = plugin.check(TOPIC, declared).inputs

    def secrets(properties):
        return sorted(key for key, value in properties.items() if value.contains_secret())

    provider = plugin.provider
    made = asyncio.run(provider.create(sdk.CreateRequest(urn(TOPIC), inputs, 0, preview=False)))
    expected = ["displayName", "tags", "tagsAll"]
    assert plain_map(made.properties)["displayName"] == "hush"
    assert secrets(made.properties) == expected
    request = sdk.ReadRequest(urn(TOPIC), made.resource_id, made.properties, inputs)
    read = asyncio.run(provider.read(request))
    assert secrets(read.properties) == secrets(read.inputs) == expected
    assert read.inputs == inputs
    inputs = {**inputs, "displayName": PropertyValue("hush hush", is_secret=True)}
    request = sdk.UpdateRequest(
        urn(TOPIC), made.resource_id, made.properties, inputs, 0, [], preview=False
    )
    assert secrets(asyncio.run(provider.update(request)).properties) == expected


def test_unknown_types_inputs_and_functions_are_refused_by_name(plugin):
    """What the local stack lacks is refused in preview, in one sentence that names it."""
    [reason] = plugin.reasons("aws:s3/bucket:Bucket", {})
    assert reason.startswith("the local stack has no aws:s3/bucket:Bucket; it knows ")
    assert TOPIC in reason
    [failure] = plugin.check(TOPIC, {"signatureVersion": 2}).failures
    assert failure.property == "signatureVersion"
    assert "has no input 'signatureVersion'; it knows name, " in failure.reason
    [failure] = plugin.invoke("getAmi").failures
    assert failure.reason.startswith("the local stack has no aws:index/getAmi:getAmi; it knows ")


def test_missing_inputs_and_broken_policies_are_all_reported(plugin):
    """Check reports every failure at once."""
    reasons = plugin.reasons(TOPIC_POLICY, {"policy": "{"})
    assert reasons == [
        f"{TOPIC_POLICY} needs the input 'arn'",
        f"the input 'policy' of {TOPIC_POLICY} is not JSON",
    ]


@pytest.mark.parametrize("config", [{}, {"endpoints": '[{"sns": "https://sns.example.com"}]'}])
def test_an_address_that_is_not_local_is_refused(config, monkeypatch):
    """Real AWS, by default or by configuration, is refused in preview and before every call."""
    plugin = Plugin(region=REGION, accessKey="real", secretKey="real", **config)
    assert plugin.reasons(TOPIC, {}) == [_clients.NOT_LOCAL]
    for call in (
        lambda: plugin.create(TOPIC, {"name": "x"}),
        lambda: plugin.read(TOPIC, "arn:aws:sns:eu-west-1:1:x", {}, {}),
        lambda: plugin.delete(TOPIC, "arn:aws:sns:eu-west-1:1:x", {}),
    ):
        with pytest.raises(_clients.LocalAwsError, match="talks to a local AWS only"):
            call()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.0.0.1:4566")
    [failure] = Plugin(region=REGION).invoke("getCallerIdentity").failures
    assert failure.reason == _clients.NOT_LOCAL


def test_environment_reaches_the_local_aws(address, monkeypatch):
    """Address and region may come from the environment, and a proxy is never asked."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    plugin = Plugin()
    arn, state, _ = plugin.made(TOPIC, {})
    assert arn.startswith("arn:aws:sns:us-west-2:")
    assert state["region"] == "us-west-2"
    plugin.provider.close()


def test_a_region_of_its_own(plugin):
    """A resource may be in another region than the provider, and is found there again."""
    arn, state, inputs = plugin.made(TOPIC, {"region": "us-east-1"})
    assert arn.startswith("arn:aws:sns:us-east-1:")
    assert plugin.read(TOPIC, arn, state, inputs) == (arn, state, inputs)
    plugin.delete(TOPIC, arn, state)
    assert plugin.read(TOPIC, arn, state, inputs)[0] == ""


def test_no_region_is_refused(address, monkeypatch):
    """Without a region nothing is guessed."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    assert Plugin().reasons(TOPIC, {}) == ["no region: set aws:region or AWS_REGION"]


def test_an_error_of_aws_is_one_sentence(plugin):
    """What AWS refuses is told with the action, the resource, and AWS's code and message."""
    inputs = {"role": "nobody", "name": "x", "policy": policy("ssm:*")}
    with pytest.raises(_clients.LocalAwsError) as caught:
        plugin.create(ROLE_POLICY, inputs)
    assert str(caught.value) == (
        "creating aws:iam/rolePolicy:RolePolicy 'thing': PutRolePolicy answered NoSuchEntity: "
        "Role nobody not found"
    )
    assert caught.value.__suppress_context__
    assert sys.tracebacklimit == 0


def test_a_local_aws_that_is_down_is_one_sentence(make_plugin):
    """When nothing answers, the sentence asks whether the local AWS is running."""
    with pytest.raises(_clients.LocalAwsError, match=r"127\.0\.0\.1:9.*is the local AWS running\?"):
        make_plugin(NOBODY).create(TOPIC, {"name": "x"})


def test_functions(make_plugin):
    """Caller, partition and region are answered as the official plugin does."""
    plugin = make_plugin()
    caller = plain_map(plugin.invoke("getCallerIdentity").return_value)
    assert caller["accountId"] == caller["id"] == "123456789012"
    assert set(caller) == {"accountId", "arn", "id", "userId"}
    assert plain_map(plugin.invoke("getPartition").return_value) == {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }
    assert plain_map(plugin.invoke("getRegion").return_value)["region"] == REGION
    china = make_plugin(region="cn-north-1")
    assert plain_map(china.invoke("getPartition").return_value)["partition"] == "aws-cn"


# The executable.

EXECUTABLE = Path(__file__).parents[1] / "emulator" / "pulumi_aws" / "bin" / "pulumi-resource-aws"


@pytest.fixture
def environment():
    """Answer an environment in which the executable finds the python that runs the tests."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "AWS_ENDPOINT_URL": NOBODY, "AWS_REGION": REGION}


def test_executable_answers_over_grpc(environment, tmp_path):
    """Started anywhere, it prints its port and nothing else, and answers the engine's calls."""
    process = subprocess.Popen(
        [EXECUTABLE, "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    with process:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(_EMPTY).version
            stub.Configure(provider_pb2.ConfigureRequest(variables={"aws:config:region": REGION}))
            request = provider_pb2.CheckRequest(urn=urn(TOPIC), randomSeed=SEED)
            assert stub.Check(request).inputs["name"] == "thing-0123456"
            request = provider_pb2.CheckRequest(urn=urn("aws:s3/bucket:Bucket"))
            [failure] = stub.Check(request).failures
            assert failure.reason.startswith("the local stack has no aws:s3/bucket:Bucket; ")
            with pytest.raises(grpc.RpcError) as caught:
                stub.Create(provider_pb2.CreateRequest(urn=urn(TOPIC), properties={"name": "x"}))
            assert "is the local AWS running?" in caught.value.details()
            assert "File " not in caught.value.details()
            stub.Cancel(_EMPTY)
        process.terminate()
        assert process.stdout.read() == ""


def test_executable_ends_with_the_engine(environment, tmp_path):
    """An engine that dies without a word leaves no plugin behind."""
    engine = subprocess.Popen(
        [shutil.which("sh"), "-c", f"'{EXECUTABLE}' 127.0.0.1:1 & wait"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    with engine:
        assert int(engine.stdout.readline()) > 0
        engine.kill()
        # The plugin holds the other end: this returns when it is gone.
        assert engine.stdout.read() == ""


_EMPTY = provider_pb2_grpc.google_dot_protobuf_dot_empty__pb2.Empty()
