"""Executions of runbooks, which moto's Systems Manager lacks: kept, and answered as AWS does.

Nothing is run: an execution is what was asked for, and ends as it is told to, by default at once
and well, and is told of for 30 days. Follows GetAutomationExecution and
DescribeAutomationExecutions in the Systems Manager API reference, and *Systems Manager Automation*
in its user guide. That a list has the newest first is unverified.
"""

from __future__ import annotations

import functools
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.utilities.utils import get_partition

from pulumi_incidents.emulator.clock import now

SUCCESS = "Success"
_UNDER_WAY = ("Pending", "InProgress", "Waiting", "PendingApproval", "Approved", "Cancelling")
_MOST = 50
_KEPT = timedelta(days=30)
_ARN = re.compile(r"arn:[^:]+:ssm:([^:]+):(\d{12}):automation-execution/(.+)")


@dataclass
class Execution:
    """One execution of a document, under the way or over, by its `status` in the API."""

    arn: str
    document: str
    version: str = "1"
    executed_by: str = ""
    parameters: Mapping[str, list[str]] = field(default_factory=dict)
    status: str = SUCCESS
    failure: str = ""
    started: datetime = field(default_factory=now)
    ended: datetime | None = None

    def __post_init__(self) -> None:
        self.become(self.status, self.failure)

    @property
    def id(self) -> str:
        """What the API knows it by."""
        return self.arn.rpartition("/")[2]

    def become(self, status: str, failure: str = "") -> None:
        """Be in another status from now on."""
        self.status, self.failure = status, failure
        self.ended = None if status in _UNDER_WAY else now()

    def to_summary(self) -> dict[str, Any]:
        """Return the `AutomationExecutionMetadata` data type."""
        told = {
            "AutomationExecutionId": self.id,
            "DocumentName": self.document,
            "DocumentVersion": self.version,
            "AutomationExecutionStatus": self.status,
            "ExecutionStartTime": self.started,
            "ExecutionEndTime": self.ended,
            "ExecutedBy": self.executed_by,
            "FailureMessage": self.failure,
        }
        return {name: value for name, value in told.items() if value}

    def to_dict(self) -> dict[str, Any]:
        """Return the `AutomationExecution` data type; no step of it is known."""
        return {**self.to_summary(), "Parameters": self.parameters, "StepExecutions": []}


class ExecutionsBackend(BaseBackend):
    """The executions of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.executions: dict[str, Execution] = {}

    def start(self, document: str, **told: Any) -> Execution:
        """Keep an execution of a document, and return it."""
        home = f"{get_partition(self.region_name)}:ssm:{self.region_name}:{self.account_id}"
        arn = f"arn:{home}:automation-execution/{uuid.uuid4()}"
        return self.keep(Execution(arn, document, **told))

    def keep(self, execution: Execution) -> Execution:
        """Keep an execution, and return it."""
        self.executions[execution.id] = execution
        return execution


# Not moto's own backends of the service, whose import takes longer than all else at a start.
backends = BackendDict(ExecutionsBackend, "ssm")


@functools.cache
def connect() -> None:
    """Let Systems Manager tell of executions from now on; a second time changes nothing."""
    from moto.ssm.responses import SimpleSystemManagerResponse as Answers  # noqa: PLC0415 - above

    Answers.get_automation_execution = _get  # type: ignore[attr-defined]
    Answers.describe_automation_executions = _describe  # type: ignore[attr-defined]


def find(arn: str) -> Execution | None:
    """Return an execution of any account by its ARN; None for whatever else a text may be."""
    named = _ARN.fullmatch(arn)
    if not named:
        return None
    region, account, execution = named.groups()
    regions = backends[account]
    kept = regions[region].executions if region in regions else {}
    return kept.get(execution)


def _kept(answers: Any) -> dict[str, Execution]:
    kept = backends[answers.current_account][answers.region].executions
    return {each.id: each for each in kept.values() if now() - each.started <= _KEPT}


def _get(answers: Any) -> ActionResult:
    wanted = answers._get_param("AutomationExecutionId")  # noqa: SLF001 - as moto does
    found = _kept(answers).get(wanted)
    if found is None:
        said = f"Automation execution with execution ID {wanted} does not exist."
        raise JsonRESTError("AutomationExecutionNotFoundException", said)
    return ActionResult({"AutomationExecution": found.to_dict()})


def _describe(answers: Any) -> ActionResult:
    """Answer DescribeAutomationExecutions, page by page."""
    filters = answers._get_param("Filters") or []  # noqa: SLF001
    found = [
        each.to_summary()
        for each in sorted(_kept(answers).values(), key=lambda each: each.started, reverse=True)
        if all(_matches(each, one["Key"], one["Values"]) for one in filters)
    ]
    start = int(answers._get_param("NextToken") or 0)  # noqa: SLF001
    end = start + (answers._get_param("MaxResults") or _MOST)  # noqa: SLF001
    more = {"NextToken": str(end)} if end < len(found) else {}
    return ActionResult({"AutomationExecutionMetadataList": found[start:end], **more})


def _matches(execution: Execution, key: str, values: list[str]) -> bool:
    if key not in _FILTERS:
        raise NotImplementedError(f"the filter {key}")
    return any(_FILTERS[key](execution, value) for value in values)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


_FILTERS: Mapping[str, Callable[[Execution, str], bool]] = {
    "DocumentNamePrefix": lambda each, prefix: each.document.startswith(prefix),
    "ExecutionId": lambda each, wanted: each.id == wanted,
    "ExecutionStatus": lambda each, status: each.status == status,
    "StartTimeAfter": lambda each, time: each.started > _time(time),
    "StartTimeBefore": lambda each, time: each.started < _time(time),
}
