"""CloudWatch alarms over other alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_incidents.stand_in._kind import (
    REGION,
    TAGGED,
    GoneError,
    Input,
    tag_list,
    tag_map,
)
from pulumi_incidents.stand_in._limits import Breach, shown, text_breaches
from pulumi_incidents.stand_in.cloudwatch import ACTIONS, NAME, Alarm

# Pulumi's input to the member of the CloudWatch API.
_COMPOSITE = {
    "alarmRule": "AlarmRule",
    "alarmDescription": "AlarmDescription",
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "insufficientDataActions": "InsufficientDataActions",
}
_SUPPRESSOR = {
    "alarm": "ActionsSuppressor",
    "waitPeriod": "ActionsSuppressorWaitPeriod",
    "extensionPeriod": "ActionsSuppressorExtensionPeriod",
}


class CompositeAlarm(Alarm):
    """aws:cloudwatch/compositeAlarm:CompositeAlarm."""

    inputs = {  # noqa: RUF012 # declared ClassVar by Kind
        "alarmName": Input(required=True, replaces=True),
        "alarmRule": Input(required=True),
        "alarmDescription": Input(default=""),
        "actionsEnabled": Input(default=True, replaces=True),
        "actionsSuppressor": Input(),
        "alarmActions": ACTIONS,
        "okActions": ACTIONS,
        "insufficientDataActions": ACTIONS,
        "region": REGION,
        **TAGGED,
    }
    operation = "PutCompositeAlarm"
    members = {  # noqa: RUF012 # declared ClassVar by Kind
        **_COMPOSITE,
        "alarmName": "AlarmName",
        "tagsAll": "Tags",
    }

    def documented(self, inputs: Mapping[str, Any]) -> Iterator[Breach]:
        """Refuse what the CloudWatch API does, *PutCompositeAlarm*, and the official plugin."""
        yield from text_breaches("alarmName", inputs.get("alarmName"), NAME)
        rule, suppressor = inputs.get("alarmRule"), inputs.get("actionsSuppressor")
        if isinstance(rule, str) and rule != rule.strip():
            yield Breach("alarmRule", "have no space at its ends", shown(rule))
        if isinstance(suppressor, Mapping) and suppressor.keys() != _SUPPRESSOR.keys():
            yield Breach("actionsSuppressor", f"have {', '.join(_SUPPRESSOR)}", shown(suppressor))

    def create(self, client: Any, inputs: dict[str, Any]) -> str:
        """Make the alarm with its tags in one call."""
        name = str(inputs["alarmName"])
        self.put(client, name, inputs, Tags=tag_list(inputs["tagsAll"]))
        return name

    def read(self, client: Any, resource_id: str) -> dict[str, Any]:
        """Read the alarm and its tags."""
        answer = client.describe_alarms(AlarmNames=[resource_id], AlarmTypes=["CompositeAlarm"])
        if not answer["CompositeAlarms"]:
            raise GoneError(f"there is no composite alarm {resource_id}")
        [found] = answer["CompositeAlarms"]
        tags = client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
        suppressor = {key: found.get(member) for key, member in _SUPPRESSOR.items()}
        return {
            "arn": found["AlarmArn"],
            "alarmName": resource_id,
            "actionsSuppressor": suppressor if suppressor["alarm"] else None,
            "tagsAll": tag_map(tags),
            **{
                key: found.get(member, self.inputs[key].default)
                for key, member in _COMPOSITE.items()
            },
        }

    def put(self, client: Any, name: str, inputs: dict[str, Any], **tags: Any) -> None:
        """Put the alarm in place of the old one."""
        client.put_composite_alarm(**_composite(name, inputs), **tags)


def _composite(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Answer the composite alarm without what is empty."""
    members = {member: inputs[key] for key, member in _COMPOSITE.items()}
    suppressor = inputs["actionsSuppressor"] or {}
    members |= {_SUPPRESSOR[key]: value for key, value in suppressor.items()}
    filled = {key: value for key, value in members.items() if value not in (None, "", [])}
    return {"AlarmName": name, **filled}
