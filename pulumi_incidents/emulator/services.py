"""The services that are emulated here, by the names in the signatures of requests.

All others are moto's.
"""

from __future__ import annotations

from pulumi_incidents.emulator.ssm_contacts.service import CONTACTS
from pulumi_incidents.emulator.ssm_incidents.service import INCIDENTS

SERVICES = {service.name: service for service in (INCIDENTS, CONTACTS)}
