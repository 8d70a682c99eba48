"""Reads alarms that start response plans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pulumi_incidents.commands._aws import Account, Unseen, region_of
from pulumi_incidents.commands.doctor.reading._regions import regions
from pulumi_incidents.commands.doctor.scope import Scope

_MEMBERS = ("MetricAlarms", "CompositeAlarms")
_TYPES = ["MetricAlarm", "CompositeAlarm"]
# Whatever it names of Incident Manager is to be a plan, be its ARN wrong.
_PLAN = re.compile(r"arn:[a-z-]+:ssm-incidents:[^:]*:[^:]*:.+")


class Alarm(NamedTuple):
    """A metric or composite alarm; its actions are ARNs."""

    arn: str
    name: str
    is_enabled: bool
    """Whether it runs actions at all."""
    actions: tuple[str, ...]
    """What runs when it goes off."""
    well_actions: tuple[str, ...]
    """What runs when all is well again."""
    blind_actions: tuple[str, ...]
    """What runs when data are missing."""
    state: str
    """OK, ALARM or INSUFFICIENT_DATA."""
    since: datetime | None
    """When it came into this state; None if AWS does not tell."""
    configured: datetime | None
    """When somebody last changed it."""
    suppressor: str = ""
    """Name or ARN of the alarm that keeps a composite one from running actions."""
    is_suppressed: bool = False
    """Whether it does so now."""
    is_composite: bool = False
    """Whether it is about other alarms, and not about a metric."""

    @property
    def region(self) -> str:
        """Where it is."""
        return region_of(self.arn)

    @property
    def plans(self) -> tuple[str, ...]:
        """The response plans that it names, for whichever state."""
        return plans_of([*self.actions, *self.well_actions, *self.blind_actions])


class Alarms(NamedTuple):
    """What is known of alarms that name response plans."""

    found: tuple[Alarm, ...] = ()
    unseen: Mapping[str, Unseen] = {}
    """Regions whose alarms could not be looked at."""


def read(account: Account, scope: Scope) -> Alarms:
    """Read the alarms with an action of Incident Manager, in each region of the set."""
    prefix = f"arn:{scope.partition}:ssm-incidents:"
    each = account.each(
        lambda region: described(account, region, ActionPrefix=prefix), regions(account, scope)
    )
    unseen = {region: found for region, found in each.items() if isinstance(found, Unseen)}
    found = [alarm for found in each.values() if not isinstance(found, Unseen) for alarm in found]
    return Alarms(tuple(found), unseen)


def described(account: Account, region: str, **wanted: Any) -> tuple[Alarm, ...] | Unseen:
    """Return the alarms of a region, metric and composite ones, that DescribeAlarms answers."""
    subject = f"the alarms of {region}"
    found = account.pages(
        "cloudwatch",
        "DescribeAlarms",
        _MEMBERS,
        subject,
        region=region,
        AlarmTypes=_TYPES,
        **wanted,
    )
    return found if isinstance(found, Unseen) else tuple(map(_alarm, found or ()))


def plans_of(actions: Iterable[str]) -> tuple[str, ...]:
    """Return the response plans among the ARNs of actions or targets, each once."""
    return tuple(dict.fromkeys(filter(_PLAN.fullmatch, actions)))


def _alarm(answer: Mapping[str, Any]) -> Alarm:
    return Alarm(
        answer["AlarmArn"],
        answer["AlarmName"],
        answer.get("ActionsEnabled", True),
        tuple(answer.get("AlarmActions") or ()),
        tuple(answer.get("OKActions") or ()),
        tuple(answer.get("InsufficientDataActions") or ()),
        answer["StateValue"],
        answer.get("StateTransitionedTimestamp") or answer.get("StateUpdatedTimestamp"),
        answer.get("AlarmConfigurationUpdatedTimestamp"),
        answer.get("ActionsSuppressor") or "",
        bool(answer.get("ActionsSuppressedBy")),
        "AlarmRule" in answer,
    )
