"""Incident Manager as a service of the local AWS: all that makes it one."""

from __future__ import annotations

from pulumi_incidents.emulator.protocol.partitions import partition_of
from pulumi_incidents.emulator.protocol.service import Service
from pulumi_incidents.emulator.ssm_contacts.homes import HOMES
from pulumi_incidents.emulator.ssm_incidents import (
    alarms,
    cloudformation,  # noqa: F401 - moto finds the types that it defines
    notifications,
    rules,
)
from pulumi_incidents.emulator.ssm_incidents.control import CALLS
from pulumi_incidents.emulator.ssm_incidents.documented import check_documented
from pulumi_incidents.emulator.ssm_incidents.models import NAME, backends
from pulumi_incidents.emulator.ssm_incidents.needs import needs
from pulumi_incidents.emulator.ssm_incidents.replication_set import SETTLING


def _connect() -> None:
    HOMES.find_by(lambda account, partition: backends[account][partition].regions())
    notifications.connect()
    alarms.connect()
    rules.connect()


INCIDENTS = Service(
    name=NAME,
    title="Incident Manager",
    backends=backends,
    place=partition_of,
    check=check_documented,
    deliver=notifications.deliver,
    needs=needs,
    calls=CALLS,
    connect=_connect,
    forget=notifications.SENT.clear,
)


def prepare(region: str | None, settle_seconds: float) -> None:
    """Begin with an ACTIVE replication set in a region, if one is given and there is none.

    Every later change of a replication set takes so many seconds.
    """
    SETTLING.take(0)
    if region:
        owner = INCIDENTS.owner_of("", region)
        backend = backends[owner.account][owner.place]
        if not backend.replication_set:  # else the storage has loaded it
            backend.create_replication_set({"regions": {region: {}}})
    SETTLING.take(settle_seconds)
