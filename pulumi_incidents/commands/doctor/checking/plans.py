"""Checks of the response plans themselves."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_incidents.commands._aws import Unseen
from pulumi_incidents.commands.doctor.checks import Check
from pulumi_incidents.commands.doctor.facts import Facts
from pulumi_incidents.commands.doctor.results import Finding, Fine, Level, NotSeen, Result


def _exists(facts: Facts) -> Iterator[Result]:
    """Whether each response plan that was asked for is there, and can be read.

    Looked at are the plans of the command, of the stack's outputs, or with `--all` those that
    `ssm-incidents:ListResponsePlans` answers, each by `ssm-incidents:GetResponsePlan`.

    A plan that is not there was deleted by somebody, and what starts it starts nothing: an alarm or
    a rule that names it goes on naming it. Where a stack declares it, `pulumi up --refresh` makes
    it again. A plan that may not be read is told as that, and so is all that hangs on it: allow
    `ssm-incidents:GetResponsePlan` on its ARN.
    """
    for plan in facts.plans:
        yield Fine(plan.arn)
    for arn, found in facts.lost.items():
        if isinstance(found, Unseen):
            yield NotSeen(arn, found.why)
        else:
            yield Finding(
                arn,
                f"There is no response plan {arn}.",
                "Make it again, with `pulumi up --refresh` where a stack declares it, or take it "
                "out of whatever names it.",
            )


CHECKS = (
    Check(
        "plan-exists",
        Level.ERROR,
        "Every response plan that was asked for exists",
        "What starts a plan that is gone starts nothing.",
        _exists,
    ),
)
