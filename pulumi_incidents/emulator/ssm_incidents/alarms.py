"""Alarms that begin incidents: moto's CloudWatch, whose alarms run no action.

`connect` extends the one method that every change of state passes, so that it does not matter in
which of the service's protocols a request came. Follows *Alarm events and EventBridge* in the
CloudWatch user guide.
"""

from __future__ import annotations

import functools
import json
import uuid
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from pulumi_incidents.emulator.clock import iso, now
from pulumi_incidents.emulator.mended import alarms as mended
from pulumi_incidents.emulator.permissions import services
from pulumi_incidents.emulator.permissions.denials import Denial
from pulumi_incidents.emulator.permissions.identities import find_role
from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.ssm_incidents import composite_alarms
from pulumi_incidents.emulator.ssm_incidents.entities import Caller
from pulumi_incidents.emulator.ssm_incidents.triggers import (
    MAX_RAW_DATA,
    START,
    is_plan,
    note_denial,
    start,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.cloudwatch.models import Alarm

# Of the type MetricDefinition in the model.
_MAX_METRIC = 4_000
_SERVICE = "ssm-incidents.alarms.cloudwatch.amazonaws.com"
_ROLE = "AWSServiceRoleForCloudWatchAlarms_ActionSSMIncidents"


@functools.cache
def connect() -> None:
    """Let alarms start incidents from now on; a second time changes nothing."""
    alarms, put = CloudWatchBackend.set_alarm_state, CloudWatchBackend.put_metric_alarm
    CloudWatchBackend.put_metric_alarm = _and_make_role(put)  # type: ignore[method-assign]
    CloudWatchBackend.set_alarm_state = _and_run_actions(alarms)  # type: ignore[method-assign]
    composite_alarms.connect()
    mended.connect()


def _and_make_role(put_metric_alarm: Callable[..., Alarm]) -> Callable[..., Alarm]:
    """Return moto's PutMetricAlarm with the service-linked role that starts response plans.

    That CloudWatch makes it with the first alarm that needs it is documented of its other actions,
    and unverified of this one.
    """

    @functools.wraps(put_metric_alarm)
    def with_role(backend: Any, *args: Any, **kwargs: Any) -> Alarm:
        alarm = put_metric_alarm(backend, *args, **kwargs)
        if starts_plans(alarm.alarm_actions) and not find_role(alarm_role(backend)):
            _make_role(backend)
        return alarm

    return with_role


def starts_plans(actions: list[str]) -> bool:
    """Tell whether a response plan is among the actions of an alarm."""
    return any(is_plan(action) for action in actions)


def alarm_role(backend: Any) -> str:
    """Return the ARN of the role by which CloudWatch starts response plans of an account."""
    home = f"arn:{get_partition(backend.region_name)}:iam::{backend.account_id}"
    return f"{home}:role/aws-service-role/{_SERVICE}/{_ROLE}"


def _make_role(backend: Any) -> None:
    service = {"Effect": "Allow", "Principal": {"Service": _SERVICE}}
    trust = {"Version": "2012-10-17", "Statement": [{**service, "Action": "sts:AssumeRole"}]}
    # moto's own way to a service-linked role gives it another name than AWS does.
    iam_backends[backend.account_id][get_partition(backend.region_name)].create_role(
        role_name=_ROLE,
        assume_role_policy_document=json.dumps(trust),
        path=f"/aws-service-role/{_SERVICE}/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
        linked_service=_SERVICE,
    )


def _and_run_actions(set_alarm_state: Callable[..., None]) -> Callable[..., None]:
    """Return moto's SetAlarmState with the response plans among the alarm's actions.

    Only a change of state runs an action (*SetAlarmState*: "when the updated state differs from
    the previous value").
    """

    @functools.wraps(set_alarm_state)
    def with_actions(backend: Any, alarm_name: str, *args: Any, **kwargs: Any) -> None:
        alarm = backend.alarms.get(alarm_name)
        before = alarm and alarm.state_value
        set_alarm_state(backend, alarm_name, *args, **kwargs)
        silent = not alarm.actions_enabled or composite_alarms.is_suppressed(alarm, backend)
        if alarm.state_value == "ALARM" != before and not silent:
            for action in alarm.alarm_actions:
                if is_plan(action):
                    _start_for_alarm(action, alarm, backend, before)

    return with_actions


def _start_for_alarm(plan: str, alarm: Alarm, backend: Any, before: str) -> None:
    """Start an incident as CloudWatch's service-linked role does.

    Its name is in AWS's list of managed policies. The raw data is the event of the alarm, as the
    tutorial on runbooks reads it. What AWS makes of the alarm's metric is unverified: here it is
    a METRIC, defined as in that event.
    """
    role = alarm_role(backend)
    if denial := _alarm_denial(plan, role) if PERMISSIONS.of_services else None:
        return note_denial(denial, plan, alarm.alarm_arn)
    event = _alarm_event(alarm, backend.account_id, before)
    metrics = json.dumps(event["detail"]["configuration"]["metrics"])
    identifier = {"type": "METRIC", "value": {"metricDefinition": metrics}}
    has_metric = metrics != "[]" and len(metrics) <= _MAX_METRIC
    trigger = {
        "source": "aws.cloudwatch",
        "triggerArn": alarm.alarm_arn,
        "rawData": json.dumps(event)[:MAX_RAW_DATA],
    }
    items = [{"identifier": identifier, "title": alarm.name[:200]}] if has_metric else []
    return start(plan, Caller(role, _SERVICE), trigger, items)


def _alarm_denial(plan: str, role: str) -> Denial | None:
    """Return why CloudWatch's role cannot start a plan: it can start those of its own account."""
    if not find_role(role):
        return services.missing_role(_SERVICE, role)
    if plan.split(":")[4] != role.split(":")[4]:
        return Denial(role, START, plan, "because the response plan is of another account")
    return None


def _alarm_event(alarm: Alarm, account: str, before: str) -> dict[str, Any]:
    moment = iso(now().timestamp())
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": account,
        "time": moment,
        "region": alarm.region_name,
        "resources": [alarm.alarm_arn],
        "detail": {
            "alarmName": alarm.name,
            "state": {"value": "ALARM", "reason": alarm.state_reason, "timestamp": moment},
            "previousState": {"value": before},
            "configuration": {
                "description": alarm.description or "",
                "metrics": _metrics(alarm),
            },
        },
    }


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    """Return the metrics of an alarm as its events have them."""
    if alarm.metric_name:
        statistic = alarm.statistic or alarm.extended_statistic
        stat = _metric_stat(alarm, alarm.metric_name, alarm.period, statistic)
        return [{"id": "m1", "metricStat": stat, "returnData": True}]
    metrics: list[dict[str, Any]] = []
    for query in alarm.metric_data_queries:
        entry = {"id": query.id, "returnData": query.return_data in (True, "true", None)}
        if query.metric_stat:
            metric, period = query.metric_stat.metric, query.metric_stat.period
            stat = _metric_stat(metric, metric.metric_name, period, query.metric_stat.stat)
            metrics.append({**entry, "metricStat": stat})
        else:
            metrics.append({**entry, "expression": query.expression})
    return metrics


def _metric_stat(metric: Any, name: str, period: Any, stat: str | None) -> dict[str, Any]:
    dimensions = {dimension.name: dimension.value for dimension in metric.dimensions}
    named = {"namespace": metric.namespace, "name": name, "dimensions": dimensions}
    return {"metric": named, "period": int(period or 0), "stat": stat}
