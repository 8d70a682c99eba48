"""EventBridge rules and their targets, which Pulumi keeps in its module cloudwatch."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.stand_in._kind import (
    NAMED,
    REGION,
    TAGGED,
    GoneError,
    Input,
    Kind,
    tag_changes,
    tag_list,
    tag_map,
)
from pulumi_incidents.stand_in._limits import Breach, shown, text_breaches

_DEFAULT_BUS = "default"
# EventBridge takes the bus' ARN for its name, too; it is shown as it was given.
_BUS = Input(default=_DEFAULT_BUS, replaces=True)
_SCHEDULE = {
    "pattern": (
        r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)"
        r"|cron\(\S+( \S+){5}\)"
    ),
    "words": "be like rate(5 minutes) or cron(0 20 * * ? *)",
}
_PATH = {"pattern": r"\$.*", "words": "be a JSON path, which begins with $"}
_QUEUE = {"pattern": r"arn:[\w-]+:sqs:[\w-]+:\d{12}:.+", "words": "be the ARN of a queue"}
# Pulumi's input to the member of the EventBridge API.
_RULE = {
    "eventPattern": "EventPattern",
    "scheduleExpression": "ScheduleExpression",
    "description": "Description",
    "roleArn": "RoleArn",
}
_TARGET = {
    "arn": "Arn",
    "roleArn": "RoleArn",
    "input": "Input",
    "inputPath": "InputPath",
}
# The same for inputs that have inputs of their own.
_BLOCKS = {
    "inputTransformer": (
        "InputTransformer",
        {"inputTemplate": "InputTemplate", "inputPaths": "InputPathsMap"},
    ),
    "deadLetterConfig": ("DeadLetterConfig", {"arn": "Arn"}),
    "retryPolicy": (
        "RetryPolicy",
        {
            "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
            "maximumRetryAttempts": "MaximumRetryAttempts",
        },
    ),
}


class EventRule(Kind):
    """aws:cloudwatch/eventRule:EventRule; the id is the rule's name, on another bus `bus/rule`."""

    service = "events"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        **NAMED,
        "eventPattern": Input(default="", json=True),
        "scheduleExpression": Input(default=""),
        "description": Input(default=""),
        "state": Input(computed=True),
        "isEnabled": Input(computed=True),
        "eventBusName": _BUS,
        "roleArn": Input(default="", arn=True),
        "forceDestroy": Input(default=False),
        "region": REGION,
        **TAGGED,
    }
    outputs = ("arn",)
    operation = "PutRule"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        **_RULE,
        "name": "Name",
        "state": "State",
        "eventBusName": "EventBusName",
        "tagsAll": "Tags",
    }
    follows = {"isEnabled": ("state",), "state": ("isEnabled",)}  # noqa: RUF012 # declared ClassVar by Kind
    one_of = (("eventPattern", "scheduleExpression"),)
    not_both = (("name", "namePrefix"), ("state", "isEnabled"))

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse the schedules that EventBridge does (EventBridge user guide, *Schedule*)."""
        schedule = inputs.get("scheduleExpression")
        yield from text_breaches("scheduleExpression", schedule, _SCHEDULE)
        bus = inputs.get("eventBusName", _DEFAULT_BUS)
        if (
            schedule
            and bus not in (_DEFAULT_BUS, UNKNOWN)
            and not bus.endswith("event-bus/default")
        ):
            yield Breach("scheduleExpression", f"be on the bus {_DEFAULT_BUS}", shown(bus))

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the rule with its tags in one call."""
        state = inputs["state"] or ("DISABLED" if inputs["isEnabled"] is False else "ENABLED")
        client.put_rule(
            **_rule(inputs["eventBusName"], inputs["name"], inputs),
            State=state,
            Tags=tag_list(inputs["tagsAll"]),
        )
        return _joined(inputs["eventBusName"], inputs["name"])

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the rule and its tags."""
        bus, name = _on_bus(resource_id)
        found = client.describe_rule(Name=name, EventBusName=bus)
        tags = client.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
        return {
            "arn": found["Arn"],
            "name": name,
            "eventBusName": bus,
            "state": found["State"],
            "isEnabled": found["State"] != "DISABLED",
            "tagsAll": tag_map(tags),
            **{key: found.get(member, "") for key, member in _RULE.items()},
        }

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Put the whole rule in place of the old; its tags have calls of their own."""
        bus, name = _on_bus(resource_id)
        if changed - {*TAGGED, "forceDestroy"}:
            state = new["state"] if "state" in changed else old["state"]
            if "isEnabled" in changed:
                state = "ENABLED" if new["isEnabled"] else "DISABLED"
            client.put_rule(**_rule(bus, name, new), State=state)
        gone, put = tag_changes(old, new)
        if gone:
            client.untag_resource(ResourceARN=old["arn"], TagKeys=gone)
        if put:
            client.tag_resource(ResourceARN=old["arn"], Tags=tag_list(put))

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Delete the rule; EventBridge refuses while it has targets."""
        bus, name = _on_bus(resource_id)
        client.delete_rule(Name=name, EventBusName=bus, Force=bool(state.get("forceDestroy")))


class EventTarget(Kind):
    """aws:cloudwatch/eventTarget:EventTarget; the id is `rule/target`, or `bus/rule/target`.

    That is the official plugin's form for import; the id that it shows cannot be taken apart.
    Missing: the parameters of single services, such as sqsTarget.
    """

    service = "events"
    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "rule": Input(required=True, replaces=True),
        "arn": Input(required=True, arn=True),
        "targetId": Input(computed=True, replaces=True),
        "eventBusName": _BUS,
        "roleArn": Input(default="", arn=True),
        "input": Input(default="", json=True, any_json=True),
        "inputPath": Input(default=""),
        "inputTransformer": Input(),
        "deadLetterConfig": Input(),
        "retryPolicy": Input(),
        "forceDestroy": Input(default=False),
        "region": REGION,
    }
    outputs = ()
    operation = "PutTargets"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        "rule": "Rule",
        "eventBusName": "EventBusName",
        "targetId": "Targets.Id",
        **{key: f"Targets.{member}" for key, member in _TARGET.items()},
        **{key: (f"Targets.{member}", inner) for key, (member, inner) in _BLOCKS.items()},
    }
    not_both = (("input", "inputPath", "inputTransformer"),)

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the EventBridge API does, *Target* and *DeadLetterConfig*."""
        yield from text_breaches("inputPath", inputs.get("inputPath"), _PATH)
        queue = inputs.get("deadLetterConfig")
        if isinstance(queue, Mapping):
            yield from text_breaches("deadLetterConfig.arn", queue.get("arn"), _QUEUE)

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Add the target to its rule, with an id made up where none is given."""
        target = inputs["targetId"] or f"terraform-{secrets.token_hex(13)}"
        _put_target(client, inputs["eventBusName"], inputs["rule"], target, inputs)
        return _joined(inputs["eventBusName"], f"{inputs['rule']}/{target}")

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Find the target among those of its rule."""
        bus, rule, target = _target_parts(resource_id)
        pages = client.get_paginator("list_targets_by_rule").paginate(Rule=rule, EventBusName=bus)
        for page in pages:
            for found in page["Targets"]:
                if found["Id"] == target:
                    return {
                        "rule": rule,
                        "targetId": target,
                        "eventBusName": bus,
                        **{key: found.get(member, "") for key, member in _TARGET.items()},
                        **_blocks(found),
                    }
        raise GoneError(f"the rule {rule} has no target {target}")

    def update(
        self,
        client: Any,
        resource_id: str,
        old: dict[str, Any],  # noqa: ARG002 # part of the shape
        new: dict[str, Any],
        changed: set[str],
    ) -> None:
        """Put the whole target in place of the old."""
        if changed - {"forceDestroy"}:
            _put_target(client, *_target_parts(resource_id), new)

    def delete(self, client: Any, resource_id: str, state: dict[str, Any]) -> None:
        """Take the target from its rule."""
        bus, rule, target = _target_parts(resource_id)
        force = bool(state.get("forceDestroy"))
        client.remove_targets(Rule=rule, EventBusName=bus, Ids=[target], Force=force)


def _rule(bus: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Answer the rule without what is empty: PutRule keeps nothing of the old one."""
    filled = {member: inputs[key] for key, member in _RULE.items() if inputs[key]}
    return {"Name": name, "EventBusName": bus, **filled}


def _put_target(client: Any, bus: str, rule: str, target: str, inputs: dict[str, Any]) -> None:
    members = {member: inputs[key] for key, member in _TARGET.items() if inputs[key]}
    for key, (member, inner) in _BLOCKS.items():
        if inputs[key]:
            members[member] = {inner[item]: value for item, value in inputs[key].items()}
    client.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": target, **members}])


def _blocks(found: dict[str, Any]) -> dict[str, Any]:
    """Answer the inputs that have inputs of their own, None where the target lacks them."""
    answer: dict[str, Any] = {}
    for key, (member, inner) in _BLOCKS.items():
        block = found.get(member)
        answer[key] = block and {item: block[name] for item, name in inner.items() if name in block}
    return answer


def _joined(bus: str, rest: str) -> str:
    return rest if bus == _DEFAULT_BUS else f"{bus}/{rest}"


def _on_bus(resource_id: str) -> tuple[str, str]:
    """Answer bus and rule; the bus' own name may have slashes, a rule's may not."""
    bus, _, rule = resource_id.rpartition("/")
    return bus or _DEFAULT_BUS, rule


def _target_parts(resource_id: str) -> tuple[str, str, str]:
    """Answer bus, rule and target."""
    rule, _, target = resource_id.rpartition("/")
    return (*_on_bus(rule), target)
