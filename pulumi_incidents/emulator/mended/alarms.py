"""moto's DescribeAlarms with AWS's idea of which alarms are asked for.

Follows DescribeAlarms in the CloudWatch API reference. That a prefix of actions looks at those for
OK and INSUFFICIENT_DATA as well is unverified.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MEMBERS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}


@functools.cache
def connect() -> None:
    """Describe alarms as AWS does from now on; a second time changes nothing."""
    CloudWatchBackend.get_alarms_by_action_prefix = _by_prefix  # type: ignore[method-assign,assignment]
    Alarm.update_state = _and_date(Alarm.update_state)  # type: ignore[method-assign]
    describe = _by_type(CloudWatchResponse.describe_alarms)
    CloudWatchResponse.describe_alarms = describe  # type: ignore[method-assign]


def _by_prefix(backend: Any, action_prefix: str) -> Iterable[Alarm]:
    """Return the alarms that have such an action for any of their states."""
    return [
        alarm
        for alarm in backend.alarms.values()
        if any(
            action.startswith(action_prefix)
            for actions in (alarm.alarm_actions, alarm.ok_actions, alarm.insufficient_data_actions)
            for action in actions
        )
    ]


def _and_date(update_state: Callable[..., None]) -> Callable[..., None]:
    """Return moto's change of a state, which keeps since when the state is another one."""

    @functools.wraps(update_state)
    def dated(alarm: Any, reason: str, reason_data: str, state_value: str) -> None:
        before = alarm.state_value
        update_state(alarm, reason, reason_data, state_value)
        if state_value != before:
            alarm.state_transitioned_timestamp = alarm.state_updated_timestamp

    return dated


def _by_type(describe_alarms: Callable[..., Any]) -> Callable[..., Any]:
    """Return moto's DescribeAlarms; whoever names no type means metric alarms."""

    @functools.wraps(describe_alarms)
    def described(response: Any) -> Any:
        answer = describe_alarms(response)
        wanted = response._get_param("AlarmTypes") or ["MetricAlarm"]  # noqa: SLF001 - as moto does
        found = answer.result
        for kind, member in _MEMBERS.items():
            found[member] = found[member] if kind in wanted else []
        for alarm in found["CompositeAlarms"]:
            _note_suppression(alarm, response.cloudwatch_backend)
        return answer

    return described


def _note_suppression(alarm: Any, backend: Any) -> None:
    """Say that a composite alarm runs no actions while its suppressor is in ALARM."""
    name = str(getattr(alarm, "actions_suppressor", None) or "").rpartition(":alarm:")[2]
    suppressor = backend.alarms.get(name)
    is_suppressed = bool(suppressor) and suppressor.state_value == "ALARM"
    alarm.actions_suppressed_by = "Alarm" if is_suppressed else None
