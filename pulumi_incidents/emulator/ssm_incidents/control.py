"""What the control API does to Incident Manager, because AWS does it by itself.

`POST /_local/findings` with `incidentRecordArn`, `details` (the model's FindingDetails, times in
epoch seconds) and, to give a finding other details, its `id`: answers the `id`.
`PUT /_local/replication` with `settle_seconds`, from 0 to 3600: how long every later change of a
replication set takes, until a reset; with `failure`, a text, it fails, and the text is the message
of the regions that change. `GET` answers both.
`POST /_local/executions` with `documentName` and `region`, and if wanted `status` (one of the
AutomationExecutionStatus of Systems Manager's model), `failureMessage` and `parameters`: there is
an execution of that runbook; answers its `arn`. `PUT` with `arn`, `status` and `failureMessage`
gives one another status.
`PUT /_local/quotas` with `serviceCode`, `quotaName`, `value` and `region`: Service Quotas lists
that quota of Incident Manager or its contacts.
`GET /_local/messages`, of one `incident` or all: what topics were told.
`GET /_local/confirmations`: which subscriptions to topics nobody has confirmed yet, each with the
`token` that ConfirmSubscription takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import get_service_model

from pulumi_incidents.emulator.mended import executions, quotas, subscriptions
from pulumi_incidents.emulator.protocol.errors import ValidationException
from pulumi_incidents.emulator.protocol.requests import read_body
from pulumi_incidents.emulator.protocol.validation import Failures, check
from pulumi_incidents.emulator.ssm_incidents.documented import check_documented
from pulumi_incidents.emulator.ssm_incidents.models import NAME, backends
from pulumi_incidents.emulator.ssm_incidents.notifications import SENT
from pulumi_incidents.emulator.ssm_incidents.replication_set import SETTLING
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_incidents.emulator.protocol.service import Call

_MODEL = get_service_model(NAME)
_FINDING = {"incidentRecordArn": "Arn", "details": "FindingDetails", "id": "FindingId"}


def add_finding(declared: dict[str, Any]) -> dict[str, Any]:
    """Give an incident a finding, or one that it has other details; return its id."""
    failures = Failures()
    for name in ("incidentRecordArn", "details"):
        if name not in declared:
            failures.add(name, "Member must not be null")
    given = {}
    for name, value in declared.items():
        if name in _FINDING:
            given[name] = check(value, _MODEL.shape_for(_FINDING[name]), name, failures)
        else:
            failures.add(name[:100], f"Member must be one of: [{', '.join(_FINDING)}]")
    failures.raise_if_any()
    check_documented("ListIncidentFindings", given)
    arn = given["incidentRecordArn"]
    _, partition, _, _, account, _ = arn.split(":", 5)
    with LOCK:
        backend = backends[account][partition]
        backend.remember()
        finding_id = backend.note_finding(arn, given["details"], given.get("id"))
    return {"id": finding_id}


def set_settling(declared: dict[str, Any]) -> dict[str, Any]:
    """Let every later change of a replication set take so many seconds, and maybe fail."""
    seconds: Any = declared.pop("settle_seconds", None)
    failure = declared.pop("failure", None)
    if declared or type(seconds) not in (int, float) or not isinstance(failure, str | None):
        raise ValidationException(
            "The body must have settle_seconds, a number, may have failure, a text, and nothing "
            "else."
        )
    try:
        SETTLING.take(seconds, failure)
    except ValueError as error:
        raise ValidationException(f"settle_seconds {error}.") from None
    return get_settling()


def get_settling() -> dict[str, Any]:
    """Return how many seconds a change takes, and what it comes to where it fails."""
    failure = {"failure": SETTLING.failure} if SETTLING.failure else {}
    return {"settle_seconds": SETTLING.seconds, **failure}


def _execution(declared: dict[str, Any], **shapes: str) -> dict[str, Any]:
    """Return what is declared of an execution, checked by the model of Systems Manager."""
    model = get_service_model("ssm")
    failures = Failures()
    for name in ("arn", "documentName", "region"):
        if name in shapes and name not in declared:
            failures.add(name, "Member must not be null")
    shapes |= {"status": "AutomationExecutionStatus", "failureMessage": "String"}
    given = {"status": executions.SUCCESS, "failureMessage": ""}
    for name, value in declared.items():
        if name in shapes:
            given[name] = check(value, model.shape_for(shapes[name]), name, failures)
        else:
            failures.add(name[:100], f"Member must be one of: [{', '.join(shapes)}]")
    failures.raise_if_any()
    return given


def add_execution(declared: dict[str, Any]) -> dict[str, Any]:
    """Let there be an execution of a runbook; return its ARN."""
    shapes = {"documentName": "DocumentARN", "parameters": "AutomationParameterMap"}
    given = _execution(declared, **shapes, region="Region")
    regions = executions.backends[DEFAULT_ACCOUNT_ID]
    if given["region"] not in regions:
        raise ValidationException(f"There is no region {given['region']}.")
    with LOCK:
        made = regions[given["region"]].start(
            given["documentName"],
            status=given["status"],
            failure=given["failureMessage"],
            parameters=given.get("parameters", {}),
        )
    return {"arn": made.arn}


def end_execution(declared: dict[str, Any]) -> None:
    """Give an execution another status."""
    given = _execution(declared, arn="String")
    with LOCK:
        found = executions.find(given["arn"])
        if found is None:
            raise ValidationException(f"There is no execution {given['arn']}.")
        found.become(given["status"], given["failureMessage"])


def set_quota(declared: dict[str, Any]) -> None:
    """Let a service have a quota, or the one of that name another value."""
    service, name, region, value = (
        declared.pop(member, None) for member in ("serviceCode", "quotaName", "region", "value")
    )
    regions = quotas.backends[DEFAULT_ACCOUNT_ID]
    known = service in quotas.SERVICES and region in regions
    if declared or not known or not isinstance(name, str) or type(value) not in (int, float):
        raise ValidationException(
            f"A quota has a serviceCode, {' or '.join(quotas.SERVICES)}, a quotaName, a value that "
            "is a number, a region that there is, and nothing else."
        )
    with LOCK:
        regions[region].quotas[service, name] = value


CALLS: Mapping[str, Call] = {
    "PUT quotas": lambda request: set_quota(read_body(request)),
    "POST executions": lambda request: add_execution(read_body(request)),
    "PUT executions": lambda request: end_execution(read_body(request)),
    "GET messages": lambda request: {"messages": SENT.about(request.args.get("incident"))},
    "GET confirmations": lambda _: {"confirmations": subscriptions.waiting()},
    "POST findings": lambda request: add_finding(read_body(request)),
    "GET replication": lambda _: get_settling(),
    "PUT replication": lambda request: set_settling(read_body(request)),
}
