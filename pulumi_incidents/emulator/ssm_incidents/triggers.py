"""How alarms and rules begin incidents: what is the same for both.

Follows *Incident creation* in the Incident Manager user guide.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from pulumi_incidents.emulator.clock import now
from pulumi_incidents.emulator.permissions.denials import DENIALS, Denial
from pulumi_incidents.emulator.ssm_incidents.models import backends
from pulumi_incidents.emulator.ssm_incidents.notifications import deliver
from pulumi_incidents.emulator.storage.lock import LOCK

if TYPE_CHECKING:
    from pulumi_incidents.emulator.ssm_incidents.entities import Caller

_PLAN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):ssm-incidents::(\d{12}):response-plan/.+")
START = "ssm-incidents:StartIncident"
# Of the type RawData in the model.
MAX_RAW_DATA = 10_000


def is_plan(arn: str) -> bool:
    """Tell whether an ARN is that of a response plan."""
    return bool(_PLAN.fullmatch(arn))


def start(plan: str, caller: Caller, trigger: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Start an incident; AWS tells nobody that a target failed, so that is a line on stderr."""
    _, partition, _, _, account, _ = plan.split(":", 5)
    parameters = {
        "responsePlanArn": plan,
        "relatedItems": items,
        "triggerDetails": {**trigger, "timestamp": now().timestamp()},
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


def note_denial(denial: Denial, plan: str, arn: str) -> None:
    """Keep what kept a trigger from starting a plan: AWS tells nobody but in its metrics."""
    DENIALS.add(denial, f"{arn} started no incident of {plan}")
