"""The plan that an alarm or an event starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi

from pulumi_incidents.providers import ResponsePlan
from pulumi_incidents.providers._model import Failure
from pulumi_incidents.providers.incident import PLAN_ARN
from pulumi_incidents.stacks._declared import Look, look_at
from pulumi_incidents.stacks._mistakes import echo, is_output

_ARN: Any = pulumi.Input[str]  # type: ignore[misc] # an alias, whose parameter mypy does not see


def started(plan: ResponsePlan | pulumi.Input[str]) -> Look[pulumi.Input[str]]:
    """Return the ARN of a plan that is given as a resource or by its ARN, and what is wrong."""
    arn = plan.arn if isinstance(plan, ResponsePlan) else plan
    found = look_at(_ARN, arn, "plan")
    if arn is None or is_output(arn) or (isinstance(arn, str) and PLAN_ARN.fullmatch(arn)):
        return found
    reason = (
        "must be a response plan or its ARN, such as "
        "arn:aws:ssm-incidents::123456789012:response-plan/checkout"
    )
    return replace(found, failures=[Failure("plan", reason, echo(arn))])
