"""Checks of what was changed behind a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_incidents.commands._aws import Unseen, region_of
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.reading.alarms import plans_of
from pulumi_incidents.commands.doctor.reading.drift import Migration, Migrations
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result

_OVER = (
    *("Success", "CompletedWithSuccess", "CompletedWithFailure", "Failed", "TimedOut"),
    *("Cancelled", "Rejected", "ChangeCalendarOverrideRejected", "Exited"),
)


def _declared(facts: Facts) -> Iterator[Result]:
    """Whether alarms and rules that a stack declares to start a response plan still do.

    Looked at, with `--stack`, are ARNs in outputs of the stack that are called as those of
    components are, `alarm_arns`, `rule_arns`, `alarm_arn` or `rule_arn`, at any depth: the actions
    of an alarm by `cloudwatch:DescribeAlarms`, the targets of a rule by `events:ListTargetsByRule`.
    Pulumi's state does not know what somebody changed by hand, or what AWS's migration runbooks
    rewrote, until it is refreshed.

    Put the plan back with `pulumi up --refresh`, or take the alarm or rule out of the stack.
    """
    for arn, found in facts.drift.declared.items():
        kind, name = ("alarm", arn.rpartition(":")[2]) if ":alarm:" in arn else _rule(arn)
        if isinstance(found, Unseen):
            yield NotSeen(arn, found.why)
        elif found is None:
            yield Finding(
                arn,
                f"The stack declares the {kind} {name}, and there is none.",
                "Make it again with `pulumi up --refresh`, or take it out of the stack.",
            )
        elif plans := plans_of(found):
            yield Fine(arn, plans)
        else:
            now = f"runs {', '.join(found)}" if found else "runs nothing"
            yield Finding(
                arn,
                f"The stack declares the {kind} {name} to start a response plan, and it {now}.",
                "Put the plan back with `pulumi up --refresh`, or take it out of the stack.",
            )


def _rule(arn: str) -> tuple[str, str]:
    return "rule", arn.rpartition("/")[2]


def _migrated(facts: Facts) -> Iterator[Result]:
    """Whether AWS's migration runbooks took alarms or rules away from response plans.

    Looked at are executions of `AWS-MigrateIncidentManagerCloudWatchAlarms` and
    `AWS-MigrateIncidentManagerEventBridgeRules` in the last 30 days, by
    `ssm:DescribeAutomationExecutions`, in the region that is called and in those of the replication
    set. They put the making of an OpsItem in the place of each response plan, and OpsCenter pages
    nobody. Where one ran, alarms that make an OpsItem, start no plan, and were changed since are
    looked for by `cloudwatch:DescribeAlarms`, and such rules by `events:ListEventBuses`,
    `events:ListRuleNamesByTarget` and `events:ListTargetsByRule`.

    Put the plan back where it was not meant: from the backup in the bucket of the runbook
    (*Rollback procedure* in the user guide), or with `pulumi up --refresh`. Where it was meant,
    ignore it with that reason.

    *Unverified*: that these are the alarms and rules that a runbook rewrote, as no API tells; and
    what it leaves of their other actions.
    """
    for region, found in facts.drift.migrations.items():
        subject = f"the migration runbooks of {region}"
        if isinstance(found, Unseen):
            yield NotSeen(subject, found.why)
        elif isinstance(found.rewritten, Unseen):
            yield NotSeen(subject, found.rewritten.why)
        else:
            rewritten = _rewritten(found, found.rewritten)
            yield from [*_under_way(found), *rewritten] or [Fine(subject)]


def _under_way(found: Migrations) -> Iterator[Result]:
    for each in found.executions:
        if each.status not in _OVER:
            yield Finding(
                each.arn,
                f"{each.document} has been under way since {_told(each)} and is {each.status}: it "
                "takes alarms or rules away from response plans.",
                "If that is not meant, stop it with `aws ssm stop-automation-execution "
                f"--automation-execution-id {each.arn.rpartition('/')[2]} "
                f"--region {region_of(each.arn)}`.",
            )


def _rewritten(found: Migrations, rewritten: Mapping[str, str]) -> Iterator[Result]:
    ran = " and ".join(f"{each.document} on {_told(each)}" for each in found.executions)
    for arn, kind in rewritten.items():
        yield Finding(
            arn,
            f"The {kind} {arn} makes an OpsItem and starts no response plan: AWS ran {ran}.",
            "Put the plan back from the backup of the runbook, or with `pulumi up --refresh`; if "
            "that was meant, ignore it.",
        )


def _told(migration: Migration) -> str:
    return f"{migration.started:%Y-%m-%d %H:%M} UTC"


CHECKS = (
    Check(
        "trigger-declared",
        Level.ERROR,
        "Alarms and rules that the stack declares start a response plan",
        "What was changed behind a program is in no preview, and starts nothing at night.",
        _declared,
    ),
    Check(
        "trigger-migrated",
        Level.WARNING,
        "AWS's migration runbooks took no alarm or rule away from a response plan",
        "OpsCenter, where they lead to, pages nobody.",
        _migrated,
    ),
)
