"""What the page compares to see that there is something new, and whose state there is."""

from __future__ import annotations

import json
import uuid
from typing import Any

from pulumi_incidents.emulator.clock import CLOCK
from pulumi_incidents.emulator.permissions.denials import DENIALS
from pulumi_incidents.emulator.ssm_contacts.models import backends as contacts
from pulumi_incidents.emulator.ssm_incidents.models import backends
from pulumi_incidents.emulator.ssm_incidents.notifications import SENT
from pulumi_incidents.emulator.ssm_incidents.service import INCIDENTS
from pulumi_incidents.emulator.storage.lock import LOCK

_BOOT = str(uuid.uuid4())


def state() -> dict[str, Any]:
    """Return it, after what time alone has brought about by now.

    `boot` is another one after a restart, `version` after any change of an account's state, people
    included, and `clock` after any that somebody makes to it.
    """
    with LOCK:
        accounts = [
            {"account": account, "partition": partition, "version": _version(account, partition)}
            for account, partitions in backends.items()
            for partition, backend in partitions.items()
            if backend.replication_set or backend.plans or backend.records
        ]
        clock = json.loads(CLOCK.dump())
    default = INCIDENTS.owner_of("", "us-east-1").account
    accounts.sort(key=lambda each: (each["account"] != default, *each.values()))
    news = {"messages": SENT.total, "denials": DENIALS.total}
    return {"boot": _BOOT, "clock": clock, "accounts": accounts, **news}


def _version(account: str, partition: str) -> int:
    """Return the version of what changed last; all backends count together."""
    both = [backends[account][partition], contacts[account][partition]]
    for backend in both:
        backend.settle()
    return max(int(backend.version) for backend in both)
