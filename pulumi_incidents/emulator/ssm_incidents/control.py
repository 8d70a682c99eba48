"""What the control API does to Incident Manager, because AWS does it by itself.

`POST /_local/findings` with `incidentRecordArn`, `details` (the model's FindingDetails, times in
epoch seconds) and, to give a finding other details, its `id`: answers the `id`.
`PUT /_local/replication` with `settle_seconds`, from 0 to 3600: how long every later change of a
replication set takes, until a reset; `GET` answers it.
`PUT /_local/permissions` with `mode`, `off`, `services` or `enforce`: what of IAM is evaluated,
until a reset; `GET` answers it, and `GET /_local/denials` what was denied.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import get_service_model

from pulumi_incidents.emulator.permissions.mode import MODES, PERMISSIONS
from pulumi_incidents.emulator.protocol.responses import LOCK, SERVICE
from pulumi_incidents.emulator.protocol.validation import Failures, check
from pulumi_incidents.emulator.ssm_incidents.documented import check_documented
from pulumi_incidents.emulator.ssm_incidents.exceptions import ValidationException
from pulumi_incidents.emulator.ssm_incidents.models import backends
from pulumi_incidents.emulator.ssm_incidents.replication import SETTLING

_MODEL = get_service_model(SERVICE)
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
    """Let every later change of a replication set take so many seconds."""
    seconds: Any = declared.pop("settle_seconds", None)
    if declared or type(seconds) not in (int, float):
        raise ValidationException("The body must have settle_seconds, a number, and nothing else.")
    try:
        SETTLING.take(seconds)
    except ValueError as error:
        raise ValidationException(f"settle_seconds {error}.") from None
    return get_settling()


def set_mode(declared: dict[str, Any]) -> dict[str, Any]:
    """Evaluate more or less of IAM, until a reset."""
    mode = declared.pop("mode", None)
    if declared or mode not in MODES:
        raise ValidationException(
            f"The body must have mode, one of {', '.join(MODES)}, and nothing else."
        )
    PERMISSIONS.mode = mode
    return {"mode": mode}


def get_settling() -> dict[str, Any]:
    """Return how many seconds a change takes."""
    return {"settle_seconds": SETTLING.seconds}
