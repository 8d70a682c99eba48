"""The contacts API as a service of the local AWS: all that makes it one."""

from __future__ import annotations

from pulumi_incidents.emulator.protocol.partitions import partition_of
from pulumi_incidents.emulator.protocol.service import Service
from pulumi_incidents.emulator.ssm_contacts.control import CALLS
from pulumi_incidents.emulator.ssm_contacts.documented import check_documented
from pulumi_incidents.emulator.ssm_contacts.mail import OUTBOX
from pulumi_incidents.emulator.ssm_contacts.models import NAME, backends

CONTACTS = Service(
    name=NAME,
    title="Incident Manager Contacts",
    backends=backends,
    place=partition_of,
    check=check_documented,
    calls=CALLS,
    forget=OUTBOX.clear,
)
