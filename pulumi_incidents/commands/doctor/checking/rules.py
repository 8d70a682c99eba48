"""Checks of rules of EventBridge that start response plans."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands.doctor.checking._starting import concerned, plans_there
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.rules import Rule
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result


def _enabled(facts: Facts) -> Iterator[Result]:
    """Whether each rule that has a response plan as a target is enabled.

    Looked at are the rules of every event bus, in the region that is called and in those of the
    replication set: `events:ListEventBuses`, `events:ListRules`, `events:ListTargetsByRule`, and
    `events:ListRuleNamesByTarget` where only some plans are asked for. Rules that an AWS service
    manages have no plan as a target. A rule that is disabled starts nothing.

    Enable it with `aws events enable-rule`. A refresh of a stack that does not say the state of its
    rule leaves it as it is. A rule of another region is not looked at.
    """
    for rule in looked_at(facts):
        if rule.is_enabled:
            yield Fine(rule.arn, rule.plans)
        else:
            yield Finding(
                rule.arn,
                f"The rule {rule.name} is disabled, so it starts no incident.",
                f"Enable it with `aws events enable-rule --name {rule.name} --event-bus-name "
                f"{rule.bus} --region {rule.region}`.",
                plans=rule.plans,
            )
    yield from unseen(facts)


def _plan(facts: Facts) -> Iterator[Result]:
    """Whether each response plan that is a target of a rule exists.

    Looked at are the rules of `rule-enabled`, and the plans that were read: with `--all` all that
    `ssm-incidents:ListResponsePlans` answers, else those that were asked for. EventBridge tells
    nobody but its metrics that a target is gone.

    Make the plan again, or give the rule another target.

    *Unverified*: that a plan of another account, which it shares, is not started.
    """
    for rule in looked_at(facts):
        mend = (
            "Make that plan, or put another one in its place with `aws events put-targets`, or in "
            "its stack."
        )
        yield from plans_there(facts, rule, "rule", mend)
    yield from unseen(facts)


def _pattern(facts: Facts) -> Iterator[Result]:
    """Whether an event can match the pattern of each rule that starts a response plan.

    Of the pattern of each rule of `rule-enabled` a sample event is made, and
    `events:TestEventPattern` is asked whether it matches. Found are patterns that no event is like,
    such as one of events without a source, or of a field that no event has, such as `detailType`.
    That a sample matches does not show that any service ever sends such an event.

    Correct the pattern: a field that every event has, such as `source` or `account`, is a text, and
    what an event tells besides is in its `detail`. What no sample can be made of is told as unseen;
    try an event of your own with `aws events test-event-pattern`.
    """
    for rule in looked_at(facts):
        if not rule.has_pattern:
            yield Fine(rule.arn, rule.plans)  # for a schedule alone
        elif isinstance(rule.tried, Unseen):
            yield NotSeen(rule.arn, rule.tried.why, rule.plans)
        elif rule.tried.matches:
            yield Fine(rule.arn, rule.plans)
        else:
            yield Finding(
                rule.arn,
                f"Nothing can match the pattern of the rule {rule.name}: {rule.tried.why_not}.",
                f"Correct it with `aws events put-rule --name {rule.name} --event-bus-name "
                f"{rule.bus} --region {rule.region} --event-pattern …`, or in its stack.",
                plans=rule.plans,
            )
    yield from unseen(facts)


def looked_at(facts: Facts) -> Iterator[Rule]:
    """Yield the rules that start the plans which are looked at."""
    return (rule for rule in facts.rules.found if concerned(facts, rule.plans))


def unseen(facts: Facts) -> Iterator[NotSeen]:
    """Yield what could not be looked at of event buses and rules."""
    for subject, found in facts.rules.unseen.items():
        yield NotSeen(subject, found.why)


CHECKS = (
    Check(
        "rule-enabled",
        Level.ERROR,
        "Rules that start a response plan are enabled",
        "A rule that is disabled sees no event, and nobody hears of it.",
        _enabled,
    ),
    Check(
        "rule-plan",
        Level.ERROR,
        "Response plans that rules start exist",
        "EventBridge tells nobody that the plan which it is to start is not there.",
        _plan,
    ),
    Check(
        "rule-pattern",
        Level.ERROR,
        "Events can match the patterns of rules that start a response plan",
        "A rule whose pattern nothing can match starts nothing.",
        _pattern,
    ),
)
