"""Where things of an account are looked for that start plans, or that plans start."""

from __future__ import annotations

from pulumi_incidents.commands._aws import Account
from pulumi_incidents.commands.doctor.reading import replication
from pulumi_incidents.commands.doctor.scope import Scope


def regions(account: Account, scope: Scope) -> tuple[str, ...]:
    """Return the region that is called, and those of the replication set; no call more for it."""
    found = replication.read(account, scope)
    of_set = found.regions if isinstance(found, replication.ReplicationSet) else ()
    return tuple(dict.fromkeys([scope.region, *(each.name for each in of_set)]))
