"""What begins an incident by itself: moto's CloudWatch alarms and EventBridge rules.

moto runs no action of an alarm and does not know a response plan as the target of a rule. `connect`
extends the one method of each that every change of state and every event passes, so that it does
not matter in which of a service's protocols a request came.

Follows *Incident creation* in the Incident Manager user guide, *Alarm events and EventBridge* in
the CloudWatch user guide and *Event structure* in the EventBridge user guide.
"""

from __future__ import annotations

import copy
import functools
import json
import re
import sys
import time
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.core.exceptions import ServiceException
from moto.events.models import Rule
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from pulumi_incidents.emulator.permissions import services
from pulumi_incidents.emulator.permissions.denials import DENIALS, Denial
from pulumi_incidents.emulator.permissions.identities import find_role
from pulumi_incidents.emulator.permissions.mode import PERMISSIONS
from pulumi_incidents.emulator.permissions.requests import Behalf
from pulumi_incidents.emulator.protocol.needs import Need
from pulumi_incidents.emulator.ssm_incidents.entities import Caller
from pulumi_incidents.emulator.ssm_incidents.models import backends
from pulumi_incidents.emulator.ssm_incidents.notifications import deliver
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.cloudwatch.models import Alarm

_PLAN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):ssm-incidents::(\d{12}):response-plan/.+")
_ARN = re.compile(r"arn:aws(-cn|-us-gov)?:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12})?:.+")
# Of the types IncidentSource, RawData, MetricDefinition and RelatedItemList in the model.
_MAX_SOURCE, _MAX_RAW_DATA, _MAX_METRIC, _MAX_ITEMS = 50, 10_000, 4_000, 100
_ALARM_SERVICE = "ssm-incidents.alarms.cloudwatch.amazonaws.com"
_ALARM_ROLE = "AWSServiceRoleForCloudWatchAlarms_ActionSSMIncidents"
_RULE_SERVICE = "events.amazonaws.com"
_START = "ssm-incidents:StartIncident"


@functools.cache
def connect() -> None:
    """Let alarms and rules start incidents from now on; a second time changes nothing."""
    alarms, rules = CloudWatchBackend.set_alarm_state, Rule.send_to_targets
    put = CloudWatchBackend.put_metric_alarm
    CloudWatchBackend.put_metric_alarm = _and_make_role(put)  # type: ignore[method-assign]
    CloudWatchBackend.set_alarm_state = _and_run_actions(alarms)  # type: ignore[method-assign]
    Rule.send_to_targets = _and_start_plans(rules)  # type: ignore[method-assign]


def _start(plan: str, caller: Caller, trigger: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Start an incident; AWS tells nobody that a target failed, so that is a line on stderr."""
    _, partition, _, _, account, _ = plan.split(":", 5)
    parameters = {
        "responsePlanArn": plan,
        "relatedItems": items,
        "triggerDetails": {**trigger, "timestamp": time.time()},
    }
    with LOCK:
        backend = backends[account][partition]
        backend.remember()
        try:
            backend.start_for(caller, parameters)
        except ServiceException as error:
            sys.stderr.write(f"{trigger['triggerArn']} started no incident: {error.message}\n")
        messages = backend.take_messages()
    deliver(messages)


def _denied(denial: Denial, plan: str, arn: str) -> None:
    """Keep what kept a trigger from starting a plan: AWS tells nobody but in its metrics."""
    DENIALS.add(denial, f"{arn} started no incident of {plan}")


# Alarms


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
    return any(_PLAN.fullmatch(action) for action in actions)


def alarm_role(backend: Any) -> str:
    """Return the ARN of the role by which CloudWatch starts response plans of an account."""
    home = f"arn:{get_partition(backend.region_name)}:iam::{backend.account_id}"
    return f"{home}:role/aws-service-role/{_ALARM_SERVICE}/{_ALARM_ROLE}"


def _make_role(backend: Any) -> None:
    service = {"Effect": "Allow", "Principal": {"Service": _ALARM_SERVICE}}
    trust = {"Version": "2012-10-17", "Statement": [{**service, "Action": "sts:AssumeRole"}]}
    # moto's own way to a service-linked role gives it another name than AWS does.
    iam_backends[backend.account_id][get_partition(backend.region_name)].create_role(
        role_name=_ALARM_ROLE,
        assume_role_policy_document=json.dumps(trust),
        path=f"/aws-service-role/{_ALARM_SERVICE}/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
        linked_service=_ALARM_SERVICE,
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
        if alarm.state_value == "ALARM" != before and alarm.actions_enabled:
            for action in alarm.alarm_actions:
                if _PLAN.fullmatch(action):
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
        return _denied(denial, plan, alarm.alarm_arn)
    event = _alarm_event(alarm, backend.account_id, before)
    metrics = json.dumps(event["detail"]["configuration"]["metrics"])
    identifier = {"type": "METRIC", "value": {"metricDefinition": metrics}}
    has_metric = metrics != "[]" and len(metrics) <= _MAX_METRIC
    trigger = {
        "source": "aws.cloudwatch",
        "triggerArn": alarm.alarm_arn,
        "rawData": json.dumps(event)[:_MAX_RAW_DATA],
    }
    items = [{"identifier": identifier, "title": alarm.name[:200]}] if has_metric else []
    return _start(plan, Caller(role, _ALARM_SERVICE), trigger, items)


def _alarm_denial(plan: str, role: str) -> Denial | None:
    """Return why CloudWatch's role cannot start a plan: it can start those of its own account."""
    if not find_role(role):
        return services.missing_role(_ALARM_SERVICE, role)
    if plan.split(":")[4] != role.split(":")[4]:
        return Denial(role, _START, plan, "because the response plan is of another account")
    return None


def _alarm_event(alarm: Alarm, account: str, before: str) -> dict[str, Any]:
    moment = _iso(time.time())
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


# Rules


def _and_start_plans(send_to_targets: Callable[..., None]) -> Callable[..., None]:
    """Return moto's sending of an event to a rule's targets, with response plans among them."""

    @functools.wraps(send_to_targets)
    def with_plans(rule: Any, event: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        # moto sends the events of a disabled rule, and all events to a rule with a schedule only.
        if rule.state == "DISABLED":
            return
        plans = [target for target in rule.targets if _PLAN.fullmatch(target["Arn"])]
        if plans and rule.event_pattern.get_pattern() and rule.event_pattern.matches_event(event):
            for target in plans:
                _start_for_rule(target, rule, event)
        # A copy, because the targets of the rule itself are everybody's.
        others = copy.copy(rule)
        others.targets = [target for target in rule.targets if target not in plans]
        send_to_targets(others, event, *args, **kwargs)

    return with_plans


def _start_for_rule(target: dict[str, Any], rule: Any, event: dict[str, Any]) -> None:
    """Start an incident as the role of the target.

    The raw data is the whole event: what an input of the target makes of it is unverified, as is
    that the event's resources are the involved ones.
    """
    told = {name: value for name, value in event.items() if name != "ingestion-time"}
    told["time"] = _iso(event["time"])
    trigger = {
        "source": event["source"][:_MAX_SOURCE],
        "triggerArn": rule.arn,
        "rawData": json.dumps(told)[:_MAX_RAW_DATA],
    }
    items = [
        {"identifier": {"type": "INVOLVED_RESOURCE", "value": {"arn": resource}}}
        for resource in dict.fromkeys(event["resources"])
        if _ARN.fullmatch(resource)
    ]
    # AWS wants a role for this kind of target, and moto does not ask for one.
    nobody = f"arn:{get_partition(rule.region_name)}:iam::{rule.account_id}:root"
    role = target.get("RoleArn") or rule.role_arn or nobody
    if denial := _rule_denial(target["Arn"], role, rule) if PERMISSIONS.of_services else None:
        return _denied(denial, target["Arn"], rule.arn)
    return _start(target["Arn"], Caller(role, _RULE_SERVICE), trigger, items[:_MAX_ITEMS])


def _rule_denial(plan: str, role: str, rule: Any) -> Denial | None:
    """Return why the role of a rule's target cannot start a plan, and engage whom that engages."""
    behalf = Behalf(rule.account_id, rule.arn)
    taken = services.take_role(role, _RULE_SERVICE, "EventBridge", behalf)
    if isinstance(taken, Denial):
        return taken
    _, partition, _, _, account, _ = plan.split(":", 5)
    found = backends[account][partition].plans.get(plan)
    contacts = found.members["engagements"] if found else ()
    needs = [Need(_START, plan), *services.needs_of_a_start(contacts)]
    return services.first_denial(taken, needs, rule.region_name)


def _iso(moment: Any) -> str:
    """Return a time as events have it; moto keeps seconds, or what its caller gave."""
    try:
        whole = datetime.fromtimestamp(float(moment), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return str(moment)
    return whole.strftime("%Y-%m-%dT%H:%M:%SZ")
