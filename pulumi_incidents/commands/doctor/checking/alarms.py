"""Checks of alarms that start response plans."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pulumi_incidents.commands.doctor.checking._starting import (
    LONG,
    concerned,
    plans_there,
    told,
)
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.alarms import Alarm, plans_of
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result


def _enabled(facts: Facts) -> Iterator[Result]:
    """Whether each alarm that names a response plan runs its actions.

    Looked at are metric and composite alarms with an action of Incident Manager, as
    `cloudwatch:DescribeAlarms` answers them (on `*`, as composite alarms need it), in the region
    that is called and in those of the replication set. An alarm whose actions are disabled goes off
    and starts nothing: somebody may have silenced it for a while.

    Enable them with `aws cloudwatch enable-alarm-actions`; where a stack declares the alarm,
    `actions_enabled` says it. Alarms of other regions are not looked at, nor are log alarms.
    """
    for alarm in _alarms(facts):
        if alarm.is_enabled:
            yield Fine(alarm.arn, alarm.plans)
        else:
            yield Finding(
                alarm.arn,
                f"The alarm {alarm.name} has its actions disabled, so it starts no incident.",
                f"Enable them with `aws cloudwatch enable-alarm-actions --alarm-names "
                f"{shlex.quote(alarm.name)} --region {alarm.region}`.",
                plans=alarm.plans,
            )
    yield from _unseen(facts)


def _plan(facts: Facts) -> Iterator[Result]:
    """Whether each response plan that an alarm names exists, in the account of the alarm.

    Looked at are the alarms of `alarm-actions`, and the plans that were read: with `--all` all that
    `ssm-incidents:ListResponsePlans` answers, else those that were asked for. CloudWatch does not
    look whether a plan exists, neither when the alarm is made nor when the plan is deleted: the
    alarm goes off, and nothing starts. It can start plans of its own account alone.

    Make the plan again, or give the alarm another one, or none.

    *Unverified*: that a plan which another account shares is not started, as CloudWatch's
    service-linked role reads.
    """
    for alarm in _alarms(facts):
        mend = (
            "Make that plan, or put another one into the alarm's actions with "
            f"`{_put(alarm)}`, or its stack."
        )
        yield from plans_there(facts, alarm, "alarm", mend)
    yield from _unseen(facts)


def _going_off(facts: Facts) -> Iterator[Result]:
    """Whether each alarm starts its response plan when it goes off, and not otherwise alone.

    Looked at are the actions of the alarms of `alarm-actions`: a plan among those for OK or
    INSUFFICIENT_DATA that is not among those for ALARM is started when all is well again, or data
    are missing, and not when something is wrong. A plan for missing data alone may be meant, and is
    a note.

    Put the plan into `AlarmActions`, `alarm_actions` in a stack, or ignore a plan for missing data
    with that reason.

    *Unverified*: that CloudWatch finds such alarms by the prefix of any of their actions. One that
    it does not find is looked at by no check.
    """
    for alarm in _alarms(facts):
        late = [plan for plan in alarm.plans if plan not in plans_of(alarm.actions)]
        if not late:
            yield Fine(alarm.arn, alarm.plans)
            continue
        well = {*late} & {*plans_of(alarm.well_actions)}
        yield Finding(
            alarm.arn,
            f"The alarm {alarm.name} does not start {' and '.join(late)} when it goes off, but "
            f"when {'it is OK again' if well else 'data are missing'}.",
            f"Put the plan into the actions for ALARM: `--alarm-actions` of `{_put(alarm)}`, or "
            "`alarm_actions` in its stack.",
            None if well else Level.NOTE,
            plans=alarm.plans,
        )
    yield from _unseen(facts)


def _suppressed(facts: Facts) -> Iterator[Result]:
    """Whether a composite alarm that names a response plan is suppressed at the moment.

    Looked at are the alarms of `alarm-actions` that have a suppressor, and `ActionsSuppressedBy`.
    While the suppressor is in ALARM, or a wait or extension period of it goes on, the composite
    alarm goes off and starts nothing: that is meant for maintenance, and is told so that nobody
    relies on it meanwhile.

    Bring the suppressor back to OK, or take it out of the alarm.
    """
    for alarm in _alarms(facts):
        if alarm.is_suppressed:
            yield Finding(
                alarm.arn,
                f"The composite alarm {alarm.name} starts nothing at the moment, because "
                f"{alarm.suppressor} suppresses its actions.",
                f"Bring {alarm.suppressor} back to OK, or take it out of the alarm as its "
                "suppressor.",
                plans=alarm.plans,
            )
        elif alarm.suppressor:
            yield Fine(alarm.arn, alarm.plans)
    yield from _unseen(facts)


def _state(facts: Facts) -> Iterator[Result]:
    """Whether an alarm that names a response plan has been in ALARM, or without data, for a day.

    Looked at are state and time of its last change of the alarms of `alarm-actions`. Only a change
    to ALARM starts a plan: an alarm that has been there since yesterday starts nothing when things
    get worse. One that has been without data for a day may watch a metric that is gone.

    Mend what it shows, or its threshold; give a metric without data `notBreaching` as
    `treat_missing_data`, or the right dimensions.
    """
    for alarm in _alarms(facts):
        lasted = facts.now - alarm.since if alarm.since else None
        if alarm.state == "OK" or not lasted or lasted < LONG:
            yield Fine(alarm.arn, alarm.plans)
        elif alarm.state == "ALARM":
            yield Finding(
                alarm.arn,
                f"The alarm {alarm.name} has been in ALARM for {told(lasted)}, and starts nothing "
                "more until it has left that state.",
                "Mend what it shows, or its threshold.",
                plans=alarm.plans,
            )
        else:
            yield Finding(
                alarm.arn,
                f"The alarm {alarm.name} has been without data for {told(lasted)}.",
                "See whether the alarms of its rule are still right."
                if alarm.is_composite
                else "See whether its metric and dimensions are still right, or let it treat "
                "missing data as `notBreaching`.",
                plans=alarm.plans,
            )
    yield from _unseen(facts)


def _put(alarm: Alarm) -> str:
    kind = "composite" if alarm.is_composite else "metric"
    return f"aws cloudwatch put-{kind}-alarm"


def _alarms(facts: Facts) -> Iterator[Alarm]:
    return (alarm for alarm in facts.alarms.found if concerned(facts, alarm.plans))


def _unseen(facts: Facts) -> Iterator[NotSeen]:
    for region, unseen in facts.alarms.unseen.items():
        yield NotSeen(f"the alarms of {region}", unseen.why)


CHECKS = (
    Check(
        "alarm-actions",
        Level.ERROR,
        "Alarms that start a response plan run their actions",
        "An alarm whose actions are disabled goes off, and nobody hears of it.",
        _enabled,
    ),
    Check(
        "alarm-plan",
        Level.ERROR,
        "Response plans that alarms name exist",
        "CloudWatch tells nobody that the plan which it is to start is not there.",
        _plan,
    ),
    Check(
        "alarm-going-off",
        Level.ERROR,
        "Alarms start their response plan when they go off",
        "A plan that is started when all is well again calls people too late, and for nothing.",
        _going_off,
    ),
    Check(
        "alarm-suppressed",
        Level.WARNING,
        "No alarm that starts a response plan is suppressed",
        "A suppressed alarm goes off, and starts nothing.",
        _suppressed,
    ),
    Check(
        "alarm-state",
        Level.NOTE,
        "No alarm that starts a response plan has been in ALARM or without data for a day",
        "Only a change to ALARM starts a plan.",
        _state,
    ),
)
