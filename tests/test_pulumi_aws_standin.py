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
import yaml
from moto.server import ThreadedMotoServer
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.emulator.ssm_incidents import composite_alarms
from pulumi_incidents.stand_in import _clients
from pulumi_incidents.stand_in._values import plain_map, wrapped_map
from pulumi_incidents.stand_in.plugin import LocalAwsProvider
from pulumi_incidents.stand_in.resources import KINDS
from tests.conftest import PACKAGE
from tests.lives import (
    ALARM,
    ALIAS,
    ATTACHMENT,
    COMPOSITE,
    DOCUMENT,
    KEY,
    LIVES,
    PATTERN,
    PLAN,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    RULE,
    SUBSCRIPTION,
    TARGET,
    TOPIC,
    TOPIC_POLICY,
    TRUST,
    WATCHING,
    action,
    policy,
    resource_policy,
    runbook,
)

REGION = "eu-west-1"
SERVICES = ("cloudwatch", "events", "iam", "kms", "sns", "sqs", "ssm")
SEED = b"\x01\x23\x45\x67"
NOBODY = "http://127.0.0.1:9"


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

    def invoke(self, name, module="index", /, **args):
        """Answer the response to a function of a module."""
        token = f"aws:{module}/{name}:{name}"
        request = sdk.InvokeRequest(token, wrapped_map(args, {}))
        return asyncio.run(self.provider.invoke(request))


def _is_wrapped(inputs):
    return any(isinstance(value, PropertyValue) for value in inputs.values())


@pytest.fixture(scope="module")
def address():
    """Serve moto over HTTP, with the composite alarms that the local AWS adds to it."""
    composite_alarms.connect()
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """No test finds a real account."""
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)


@pytest.fixture
def make_plugin(address):
    """Answer a maker of plugins with configurations of their own."""
    made = []

    def make(endpoint=address, **config):
        services = dict.fromkeys((*SERVICES, "sts"), endpoint)
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
        for service in SERVICES
    }
    yield types.SimpleNamespace(**clients)
    for client in clients.values():
        client.close()


def test_every_type_has_a_life():
    """A type that is added without a test of its whole life fails here."""
    assert {*LIVES, ATTACHMENT} == set(KINDS)


def test_the_life_of_an_attachment(plugin, behind):
    """A policy is attached to a role, seen when somebody takes it away, and never changed."""
    role, _, _ = plugin.made(ROLE, {"assumeRolePolicy": TRUST})
    arn = behind.iam.create_policy(PolicyName="read", PolicyDocument=policy("s3:GetObject"))
    declared = {"role": role, "policyArn": arn["Policy"]["Arn"]}
    for drifts in (True, False):
        resource_id, state, inputs = plugin.made(ATTACHMENT, declared)
        assert plugin.diff(ATTACHMENT, state, inputs).changes is False
        assert plugin.read(ATTACHMENT, resource_id, {}, {}) == (resource_id, state, inputs)
        for key in inputs:
            assert plugin.diff(ATTACHMENT, state, {**inputs, key: UNKNOWN}).replaces == [key]
        if drifts:
            behind.iam.detach_role_policy(RoleName=role, PolicyArn=inputs["policyArn"])
        else:
            plugin.delete(ATTACHMENT, resource_id, state)
        assert plugin.read(ATTACHMENT, resource_id, state, inputs)[0] == ""
        plugin.delete(ATTACHMENT, resource_id, state)


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
    managed = set(drifted) & set(KINDS[token].inputs)
    assert sorted(key for key in managed if drifted[key] != state[key]) == life["drifted"]
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
    untold = life.get("not imported", [])
    assert plugin.diff(token, found, inputs).diffs == untold
    left_to_aws = {key for key, spec in KINDS[token].inputs.items() if spec.computed}
    assert set(inputs) - set(managed) <= {"__defaults", *untold, *left_to_aws}


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
    made = plugin.update(token, resource_id, state, changed)
    assert sorted(key for key in planned if planned[key] == UNKNOWN) == life.get("unforeseen", [])
    assert planned == {**made, **dict.fromkeys(life.get("unforeseen", []), UNKNOWN)}


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
        (KEY, "multiRegion"),
        (ALIAS, "name"),
        (DOCUMENT, "documentType"),
        (ALARM, "name"),
        (COMPOSITE, "alarmName"),
        (RULE, "eventBusName"),
        (TARGET, "targetId"),
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


def test_a_key_that_waits_for_its_deletion_is_gone(plugin, behind):
    """Delete schedules the deletion for the declared day, and a key so scheduled is no more."""
    key_id, state, inputs = plugin.made(KEY, {"deletionWindowInDays": 7})
    plugin.delete(KEY, key_id, state)
    found = behind.kms.describe_key(KeyId=key_id)["KeyMetadata"]
    wait = found["DeletionDate"] - found["CreationDate"]
    assert (found["KeyState"], round(wait.total_seconds() / 86400)) == ("PendingDeletion", 7)
    assert plugin.read(KEY, key_id, state, inputs)[0] == ""
    key_id, state, _ = plugin.made(KEY, {"isEnabled": False, "multiRegion": True})
    assert (key_id.startswith("mrk-"), state["isEnabled"]) == (True, False)


def test_automatic_names_of_aliases(plugin):
    """The automatic name of an alias begins as KMS wants it; a prefix is taken as it is."""
    assert plugin.inputs(ALIAS, {"targetKeyId": "x"})["name"] == "alias/thing-0123456"
    inputs = plugin.inputs(ALIAS, {"targetKeyId": "x", "namePrefix": "alias/a-"})
    assert inputs["name"] == "alias/a-0123456"


def test_the_default_version_of_a_document_says_what_is_declared(plugin, behind):
    """A change makes a new default version; a former text makes its former version the default."""
    declared = {"documentType": "Automation", "content": runbook("One")}
    name, state, inputs = plugin.made(DOCUMENT, declared)
    for content, versions in (
        (runbook("Two"), ("2", "2")),
        (runbook("Three"), ("3", "3")),
        (runbook("One"), ("1", "3")),
    ):
        inputs = {**inputs, "content": content}
        state = plugin.update(DOCUMENT, name, state, inputs)
        assert (state["defaultVersion"], state["latestVersion"]) == versions
        assert plugin.read(DOCUMENT, name, state, inputs) == (name, state, inputs)

    behind.ssm.update_document_default_version(Name=name, DocumentVersion="3")
    _, drifted, _ = plugin.read(DOCUMENT, name, state, inputs)
    assert plugin.diff(DOCUMENT, drifted, inputs).diffs == ["content"]
    behind.ssm.delete_document(Name=name, DocumentVersion="2")
    assert plugin.update(DOCUMENT, name, drifted, inputs)["defaultVersion"] == "1"
    with pytest.raises(_clients.LocalAwsError, match="UpdateDocument answered DuplicateDocument"):
        plugin.update(DOCUMENT, name, state, {**inputs, "versionName": "one"})


def test_outputs_of_a_document(plugin):
    """The outputs tell what the text declares, and are unknown in the preview of another text."""
    parameters = {"Reason": {"type": "String", "description": "why", "default": "none"}}
    content = runbook(description="waits", parameters=parameters)
    name, state, inputs = plugin.made(DOCUMENT, {"documentType": "Automation", "content": content})
    assert state["arn"] == f"arn:aws:ssm:{REGION}:123456789012:document/{name}"
    assert (state["description"], state["schemaVersion"], state["status"]) == (
        "waits",
        "0.3",
        "Active",
    )
    assert state["parameters"] == [
        {"name": "Reason", "type": "String", "description": "why", "defaultValue": "none"}
    ]
    planned = plugin.update(DOCUMENT, name, state, {**inputs, "content": runbook()}, preview=True)
    assert planned["latestVersion"] == planned["hash"] == UNKNOWN
    assert planned["arn"] == state["arn"]


def test_the_order_of_an_alarms_actions_means_nothing(plugin):
    """Actions in another order are no change, and refresh keeps the declared order."""
    declared = {**WATCHING, "alarmActions": [action("b"), action("a")]}
    name, state, inputs = plugin.made(ALARM, declared)
    other = {**inputs, "alarmActions": [action("a"), action("b")]}
    assert plugin.diff(ALARM, state, other).changes is False
    assert plugin.read(ALARM, name, state, other)[2] == inputs
    other["alarmActions"].append(UNKNOWN)
    assert plugin.diff(ALARM, state, other).diffs == ["alarmActions"]


def test_an_alarm_over_queries_reads_as_it_was_declared(plugin):
    """Metrics and expressions come back in any order, and an alarm goes back to one metric."""
    metric = {"metricName": "Errors", "namespace": "Shop", "period": 60, "stat": "p99"}
    queries = [
        {"id": "m", "metric": {**metric, "dimensions": {"a": "b"}}, "returnData": True},
        {"id": "e", "expression": "ANOMALY_DETECTION_BAND(m)", "label": "band"},
    ]
    over = {
        "metricQueries": queries,
        "thresholdMetricId": "e",
        "comparisonOperator": "GreaterThanUpperThreshold",
        "evaluationPeriods": 1,
    }
    name, state, inputs = plugin.made(ALARM, over)
    assert plugin.diff(ALARM, state, inputs).changes is False
    assert plugin.read(ALARM, name, state, inputs) == (name, state, inputs)
    turned = {**inputs, "metricQueries": queries[::-1]}
    assert plugin.diff(ALARM, state, turned).changes is False
    found = plugin.read(ALARM, name, {}, {})[1]
    assert plugin.diff(ALARM, found, inputs).changes is False
    plain = plugin.inputs(ALARM, WATCHING, old=inputs)
    state = plugin.update(ALARM, name, state, plain)
    assert plugin.read(ALARM, name, state, plain) == (name, state, plain)


def test_an_alarm_of_a_former_name_starts_without_its_tags(plugin):
    """The tags of a deleted alarm do not come back with the next one of its name."""
    declared = {**WATCHING, "name": "again"}
    name, state, _ = plugin.made(ALARM, {**declared, "tags": {"team": "a"}})
    plugin.delete(ALARM, name, state)
    assert plugin.made(ALARM, declared)[1]["tagsAll"] == {}


def test_a_rule_is_switched_by_either_input(plugin, behind):
    """`isEnabled` and `state` both switch a rule; without either, it stays as it is."""
    declared = {"eventPattern": {"source": ["aws.health"]}, "isEnabled": False}
    name, state, inputs = plugin.made(RULE, declared)
    assert (state["state"], state["eventPattern"]) == ("DISABLED", PATTERN)
    silent = {key: value for key, value in inputs.items() if key != "isEnabled"}
    assert plugin.diff(RULE, state, silent).changes is False
    described = {**silent, "description": "still off"}
    state = plugin.update(RULE, name, state, described)
    assert (state["state"], state["isEnabled"]) == ("DISABLED", False)
    planned = plugin.update(RULE, name, state, {**silent, "isEnabled": True}, preview=True)
    assert planned["state"] == UNKNOWN
    state = plugin.update(RULE, name, state, {**silent, "isEnabled": True})
    assert behind.events.describe_rule(Name=name)["State"] == state["state"] == "ENABLED"


@pytest.mark.parametrize("by_arn", [False, True])
def test_rules_and_targets_of_another_bus(by_arn, plugin, behind):
    """A bus may be given by name or ARN; ids name it, and are enough to find the thing again."""
    bus = f"bus-{by_arn}"
    arn = behind.events.create_event_bus(Name=bus)["EventBusArn"]
    on_bus = {"eventBusName": arn if by_arn else bus}
    rule_id, rule, rule_inputs = plugin.made(RULE, {"eventPattern": PATTERN, **on_bus})
    target = {"rule": rule["name"], "arn": PLAN, "targetId": "plan", **on_bus}
    target_id, state, inputs = plugin.made(TARGET, target)
    assert rule_id == f"{on_bus['eventBusName']}/{rule['name']}"
    assert target_id == f"{rule_id}/plan"
    assert plugin.read(RULE, rule_id, rule, rule_inputs) == (rule_id, rule, rule_inputs)
    assert plugin.read(TARGET, target_id, state, inputs) == (target_id, state, inputs)
    assert plugin.diff(TARGET, plugin.read(TARGET, target_id, {}, {})[1], inputs).changes is False

    with pytest.raises(_clients.LocalAwsError, match="Rule can't be deleted since it has targets"):
        plugin.delete(RULE, rule_id, rule)
    plugin.delete(TARGET, target_id, state)
    plugin.delete(RULE, rule_id, rule)
    assert plugin.read(TARGET, target_id, state, inputs)[0] == ""
    assert plugin.read(RULE, rule_id, rule, rule_inputs)[0] == ""


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        (KEY, {"deletionWindowInDays": 6}, "'deletionWindowInDays' of {} must be 7 to 30, not 6"),
        (DOCUMENT, {"documentFormat": "TEXT"}, "'documentFormat' of {} must be one of JSON, YAML"),
        (ALARM, {"statistic": "sum"}, "'statistic' of {} must be one of SampleCount, Average, "),
        (ALARM, {}, "{} needs one of the inputs metricName, metricQueries"),
        (ALARM, {}, "{} needs one of the inputs threshold, thresholdMetricId"),
        (ALARM, {"threshold": 1, "thresholdMetricId": "a"}, "{} takes only one of the inputs thr"),
        (ALARM, {"metricName": "a", "metricQueries": []}, "{} takes only one of the inputs metri"),
        (COMPOSITE, {}, "{} needs the input 'alarmRule'"),
        (ALARM, {**WATCHING, "extendedStatistic": "p9"}, "{} takes only one of the inputs "),
        (ALARM, {"evaluationCriteria": {}}, "{} has no input 'evaluationCriteria'; it knows n"),
        (ALIAS, {"name": "a", "namePrefix": "a"}, "{} takes only one of the inputs name, name"),
        (RULE, {"isEnabled": True, "state": "ENABLED"}, "{} takes only one of the inputs state, "),
        (RULE, {}, "{} needs one of the inputs eventPattern, scheduleExpression"),
        (TARGET, {"input": "", "inputPath": ""}, "{} takes only one of the inputs input, inputP"),
    ],
)
def test_what_aws_would_refuse_is_refused_in_preview(token, inputs, reason, plugin):
    """Where moto would take anything, check refuses what the official plugin or AWS does."""
    assert any(reason.format(token) in found for found in plugin.reasons(token, inputs))


LONG = "a" * 300
QUERY = {"id": "a", "expression": "1", "returnData": True}
MANY_TAGS = {f"key{number}": "" for number in range(51)}


def assert_refused(plugin, token, inputs, reason):
    """Assert that one reason is given for what AWS refuses; `{}` in it stands for the token."""
    [found] = [each for each in plugin.reasons(token, inputs) if " must " in each]
    assert reason.replace("{} must", f"{token} must") in found


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        (ROLE, {"name": "a b"}, r"'name' of {} must match [\w+=,.@-]+, not 'a b'"),
        (ROLE, {"name": ""}, "'name' of {} must have 1 to 64 characters, not 0: ''"),
        (ROLE, {"name": "ä"}, r"'name' of {} must match [\w+=,.@-]+, not 'ä'"),
        (ROLE, {"name": "a\n"}, r"'name' of {} must match [\w+=,.@-]+, not 'a\n'"),
        (ROLE, {"name": True}, "'name' of {} must be text, not True"),
        (ROLE, {"maxSessionDuration": 60}, "Duration' of {} must be 3600 to 43200, not 60"),
        (ROLE, {"maxSessionDuration": "60"}, "Duration' of {} must be a whole number, not '60'"),
        (ROLE, {"path": "a"}, r"'path' of {} must match (\u002F)|("),
        (ROLE, {"tags": MANY_TAGS}, "'tags' of {} must have at most 50 entries, not 51"),
        (ROLE, {"tags": {"ä": "#"}}, r"'tags.ä' of {} must match [\p{L}"),
        (ROLE, {"tags": {"a": 1}}, "'tags.a' of {} must be text, not 1"),
        (ROLE, {"tags": ["a"]}, "'tags' of {} must be a map, not ['a']"),
        (ROLE_POLICY, {"role": "a/b"}, r"'role' of {} must match [\w+=,.@-]+, not 'a/b'"),
        (TOPIC, {"name": "a.b"}, "'name' of {} must have letters, digits, - and _ only, not 'a.b'"),
        (TOPIC, {"name": "a", "fifoTopic": True}, "and _ only, and end with .fifo, not 'a'"),
        (TOPIC, {"tags": {LONG: ""}}, "(key)' of {} must have 1 to 128 characters, not 300: 'aa"),
        (QUEUE, {"name": "a.fifo"}, "'name' of {} must have letters, digits, - and _ only, not 'a"),
        (DOCUMENT, {"name": "ab"}, "'name' of {} must have 3 to 128 characters, not 2: 'ab'"),
        (DOCUMENT, {"name": "amazonas"}, "'name' of {} must not begin with aws, amazon or amzn"),
        (DOCUMENT, {"documentType": "Book"}, "'documentType' of {} must be one of Command, Pol"),
        (ALARM, {"name": "a" * 256}, "'name' of {} must have 1 to 255 characters, not 256: 'aaa"),
        (ALARM, {"unit": LONG}, "'unit' of {} must be one of Seconds, Microseconds, "),
        (ALARM, {"unit": "Bit"}, "'unit' of {} must be one of Seconds, Microseconds, "),
        (ALARM, {"alarmActions": {"a": 1}}, "'alarmActions' of {} must be a list, not {'a'"),
        (ALARM, {"alarmActions": [action("a")] * 6}, "'alarmActions' of {} must have at most 5 e"),
        (ALARM, {"alarmActions": [""]}, "'alarmActions[0]' of {} must have 1 to 1024 characters"),
        (ALARM, {"dimensions": {"a": ""}}, "'dimensions.a' of {} must have 1 to 1024 characters"),
        (RULE, {"name": "a/b"}, r"'name' of {} must match [\.\-_A-Za-z0-9]+, not 'a/b'"),
        (RULE, {"state": "ON"}, "'state' of {} must be one of ENABLED, DISABLED, ENABLED_WITH"),
        (TARGET, {"targetId": "a b"}, r"'targetId' of {} must match [\.\-_A-Za-z0-9]+, not 'a b'"),
        (TARGET, {"retryPolicy": {"maximumRetryAttempts": 186}}, "Attempts' of {} must be at mos"),
        (TARGET, {"retryPolicy": {"attempts": 1}}, "'retryPolicy' of {} must have only maximumEv"),
        (TARGET, {"inputTransformer": {"inputPaths": {}}}, "'inputTransformer' of {} must have i"),
        (KEY, {"keyUsage": "SIGN"}, "'keyUsage' of {} must be one of SIGN_VERIFY, ENCRYPT_DECRYPT"),
        (KEY, {"multiRegion": "yes"}, "'multiRegion' of {} must be true or false, not 'yes'"),
        (ALIAS, {"name": "payments"}, "'name' of {} must be alias/ and letters, digits, /, _ or -"),
        (ALIAS, {"name": "alias/aws/s3"}, "not begin with alias/aws/, not 'alias/aws/s3'"),
    ],
)
def test_a_value_beyond_a_limit_of_aws_is_refused_in_preview(token, inputs, reason, plugin):
    """One sentence names the input, the limit and what was given."""
    assert_refused(plugin, token, inputs, reason)


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        (
            ROLE,
            {"permissionsBoundary": "ReadOnlyAccess" * 2},
            "'permissionsBoundary' of {} must be",
        ),
        (TOPIC, {"tags": {"AWS:x": ""}}, "'tags' of {} must have no key that begins with aws:, n"),
        (TOPIC, {"displayName": "a" * 101}, "'displayName' of {} must have at most 100 characters"),
        (TOPIC, {"contentBasedDeduplication": True}, "of {} must be false without fifoTopic, not"),
        (QUEUE, {"contentBasedDeduplication": True}, "of {} must be false without fifoQueue, not"),
        (QUEUE, {"delaySeconds": 901}, "'delaySeconds' of {} must be 0 to 900, not 901"),
        (QUEUE, {"maxMessageSize": 1}, "'maxMessageSize' of {} must be 1024 to 1048576, not 1"),
        (QUEUE, {"tags": MANY_TAGS}, "'tags' of {} must have at most 50 entries, not 51"),
        (SUBSCRIPTION, {"protocol": "pigeon"}, "'protocol' of {} must be one of http, https, ema"),
        (
            SUBSCRIPTION,
            {"protocol": "https", "endpoint": "http://a"},
            "of {} must begin with https:",
        ),
        (SUBSCRIPTION, {"protocol": "email", "endpoint": "a"}, "of {} must be an email address, n"),
        (SUBSCRIPTION, {"protocol": "sms", "endpoint": "me"}, "of {} must be a phone number, suc"),
        (SUBSCRIPTION, {"filterPolicyScope": "body"}, "of {} must be one of MessageAttributes, Me"),
        (
            SUBSCRIPTION,
            {"protocol": "firehose"},
            "of {} must have subscriptionRoleArn beside it, n",
        ),
        (SUBSCRIPTION, {"protocol": "sms", "rawMessageDelivery": True}, "of {} must be false for "),
        (TOPIC_POLICY, {"policy": "[]"}, "'policy' of {} must be a JSON object, not []"),
        (QUEUE, {"redrivePolicy": "1"}, "'redrivePolicy' of {} must be a JSON object, not 1"),
        (ROLE, {"assumeRolePolicy": "null"}, "'assumeRolePolicy' of {} must be a JSON object, no"),
        (RULE, {"eventPattern": "[]"}, "'eventPattern' of {} must be a JSON object, not []"),
        (KEY, {"policy": "[]"}, "'policy' of {} must be a JSON object, not []"),
        (KEY, {"keyUsage": "SIGN_VERIFY"}, "of {} must be ENCRYPT_DECRYPT for a key of SYMMETRIC"),
        (KEY, {"customerMasterKeySpec": "ECC_SECG_P256K1"}, "of {} must be SIGN_VERIFY for a key "),
        (KEY, {"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": True}, "of {} must be fa"),
        (ALARM, {"alarmActions": [action("a"), "a"]}, "'alarmActions[1]' of {} must be an ARN, n"),
        (ALARM, {"name": "a\nb"}, r"'name' of {} must have no control characters, not 'a\nb'"),
        (ALARM, {"extendedStatistic": "p101"}, "of {} must be like p99, tm90, IQM or PR(0:100), n"),
        (ALARM, {"period": 90}, "'period' of {} must be 10, 20, 30 or a multiple of 60, not 90"),
        (ALARM, {**WATCHING, "evaluationPeriods": 1441}, "of {} must be at most 1440 of 60 s, no"),
        (
            ALARM,
            {**WATCHING, "datapointsToAlarm": 4},
            "'datapointsToAlarm' of {} must be at most 3",
        ),
        (
            ALARM,
            {"evaluateLowSampleCountPercentiles": "no"},
            "of {} must be one of evaluate, ignor",
        ),
        (
            ALARM,
            {"metricName": "a", "statistic": "Sum", "period": 60},
            "'namespace' of {} must be ",
        ),
        (ALARM, {"metricQueries": [QUERY] * 21}, "'metricQueries' of {} must have at most 20 "),
        (ALARM, {"metricQueries": []}, "'metricQueries' of {} must have one with returnData, not"),
        (ALARM, {"metricQueries": [{**QUERY, "id": "A"}]}, "must begin with a small letter, not"),
        (
            ALARM,
            {"metricQueries": [{"id": "a", "returnData": True}]},
            "must have either metric or expr",
        ),
        (
            ALARM,
            {"metricQueries": [{**QUERY, "accountId": "1"}]},
            "must have only id, expression, ",
        ),
        (COMPOSITE, {"alarmRule": " TRUE"}, "'alarmRule' of {} must have no space at its ends"),
        (COMPOSITE, {"actionsSuppressor": {"alarm": "a"}}, "must have alarm, waitPeriod, extensi"),
        (RULE, {"scheduleExpression": "rate(1 minutes)"}, "of {} must be like rate(5 minutes) or"),
        (
            RULE,
            {"scheduleExpression": "cron(0 20 * * ? *)", "eventBusName": "a"},
            "be on the bus d",
        ),
        (RULE, {"roleArn": "role"}, "'roleArn' of {} must be an ARN, not 'role'"),
        (TARGET, {"inputPath": "detail"}, "of {} must be a JSON path, which begins with $, not"),
        (TARGET, {"deadLetterConfig": {"arn": "a"}}, "of {} must be the ARN of a queue, not 'a'"),
        (TARGET, {"arn": "plan"}, "'arn' of {} must be an ARN, not 'plan'"),
    ],
)
def test_what_the_documents_of_aws_forbid_is_refused_in_preview(token, inputs, reason, plugin):
    """So is what AWS's model does not say, where moto would take anything."""
    assert_refused(plugin, token, inputs, reason)


@pytest.mark.parametrize(
    ("token", "most", "start"),
    [
        (ROLE, 64, ""),
        (ROLE_POLICY, 128, ""),
        (TOPIC, 256, ""),
        (QUEUE, 80, ""),
        (ALIAS, 256, "alias/"),
        (DOCUMENT, 128, ""),
        (ALARM, 255, ""),
        (RULE, 64, ""),
    ],
)
def test_automatic_names_have_the_same_limits(token, most, start, plugin):
    """A resource may be called what leaves room for the random end, and nothing longer."""
    named = {"own": most - len(f"{start}-0123456"), "prefix": most - len(f"{start}0123456")}

    def refusals(more, **inputs):
        request = sdk.CheckRequest(
            urn(token, "a" * (named["own"] + more)), {}, wrapped_map(inputs, {}), SEED
        )
        failures = asyncio.run(plugin.provider.check(request)).failures or ()
        return [(each.property, each.reason) for each in failures if " must " in each.reason]

    assert refusals(0) == []
    [(key, reason)] = refusals(1)
    assert key == "name"
    assert reason.startswith(f"the automatic name of {token} must ")
    assert f"{most} characters, not {most + 1}: " in reason
    assert "the resource's own name is too long" in reason
    if "namePrefix" in KINDS[token].inputs:
        prefix = start + "a" * named["prefix"]
        assert refusals(1, namePrefix=prefix) == []
        [(key, reason)] = refusals(1, namePrefix=f"{prefix}a")
        assert (key, "the input 'namePrefix' is too long" in reason) == ("namePrefix", True)


def test_a_name_that_is_made_of_other_characters_is_refused(plugin):
    """An automatic name says that it was made of the name of the resource."""
    request = sdk.CheckRequest(urn(QUEUE, "a.b"), {}, {}, SEED)
    [failure] = asyncio.run(plugin.provider.check(request)).failures
    assert failure.reason == (
        f"the automatic name of {QUEUE} must have letters, digits, - and _ only, not "
        "'a.b-0123456': the resource's own name does not fit; change it, or set the input 'name'"
    )


@pytest.mark.parametrize("token", KINDS)
def test_limits_let_unknown_values_through(token, plugin):
    """What is known only after `up` is refused by no limit, alone or as the tag of something."""
    unknown = dict.fromkeys(KINDS[token].inputs.keys() - {"tags", "tagsAll"}, UNKNOWN)
    tags = {"tags": {"a": UNKNOWN}} if "tags" in KINDS[token].inputs else {}
    reasons = [each.reason for each in plugin.check(token, {**unknown, **tags}).failures or ()]
    assert not [each for each in reasons if " takes only one of " not in each]


def test_a_secret_beyond_a_limit_is_not_told(plugin):
    """The sentence has the limit, and not the value."""
    declared = {"name": PropertyValue("hush hush", is_secret=True)}
    [failure] = [each for each in plugin.check(ROLE, declared).failures if each.property == "name"]
    assert failure.reason == (
        rf"the input 'name' of {ROLE} must match [\w+=,.@-]+, not what the secret is"
    )


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


def test_the_input_of_a_target_may_be_any_json(plugin):
    """EventBridge sends any JSON as it is, where a policy or a pattern has to be an object."""
    assert plugin.inputs(TARGET, {"rule": "a", "arn": PLAN, "input": "[1]"})["input"] == "[1]"


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


def test_a_document_is_looked_up(plugin, behind):
    """Its default version as JSON unless another is asked for, and of AWS's own the name alone."""
    content = {"schemaVersion": "0.3", "mainSteps": []}
    behind.ssm.create_document(
        Name="Look-Up", DocumentType="Automation", Content=json.dumps(content)
    )
    newer = {**content, "description": "newer"}
    behind.ssm.update_document(Name="Look-Up", DocumentVersion="$LATEST", Content=json.dumps(newer))

    def found(**args):
        return plain_map(plugin.invoke("getDocument", "ssm", **args).return_value)

    first = found(name="Look-Up")
    assert json.loads(first.pop("content")) == content
    assert first == {
        "arn": f"arn:aws:ssm:{REGION}:123456789012:document/Look-Up",
        "documentFormat": "JSON",
        "documentType": "Automation",
        "documentVersion": "1",
        "id": "Look-Up",
        "name": "Look-Up",
        "region": REGION,
    }
    second = found(name="Look-Up", documentVersion="2", documentFormat="YAML")
    assert yaml.safe_load(second["content"]) == newer
    for args in ({"name": "Nothing"}, {"name": "Look-Up", "documentVersion": "3"}):
        [failure] = plugin.invoke("getDocument", "ssm", **args).failures
        assert failure.reason.startswith("GetDocument answered InvalidDocument: ")
    [failure] = plugin.invoke("getDocument", "ssm", name="Look-Up", region="us-west-2").failures
    assert "InvalidDocument" in failure.reason
    assert found(name="AWS-RestartEC2Instance") == {
        "arn": "AWS-RestartEC2Instance",
        "documentFormat": "JSON",
        "id": "AWS-RestartEC2Instance",
        "name": "AWS-RestartEC2Instance",
        "region": REGION,
    }


# The executable.

EXECUTABLE = PACKAGE / "stand_in/bin/pulumi-resource-aws"


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
