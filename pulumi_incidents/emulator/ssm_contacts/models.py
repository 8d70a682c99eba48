"""What the contacts API does: one backend per account and partition.

Follows the *Actions* of the Incident Manager Contacts API reference.
"""

from __future__ import annotations

from moto.core.base_backend import BackendDict

from pulumi_incidents.emulator.protocol.partitions import PARTITIONS
from pulumi_incidents.emulator.ssm_contacts.channels import ChannelOperations
from pulumi_incidents.emulator.ssm_contacts.contacts import ContactOperations
from pulumi_incidents.emulator.ssm_contacts.engagements import EngagementOperations
from pulumi_incidents.emulator.ssm_contacts.rotations import RotationOperations

NAME = "ssm-contacts"


class ContactsBackend(
    ContactOperations, ChannelOperations, RotationOperations, EngagementOperations
):
    """Everything that the contacts API keeps for one account."""


# One state for all regions of the replication set, which are of one partition.
backends = BackendDict(
    ContactsBackend, NAME, use_boto3_regions=False, additional_regions=[*PARTITIONS]
)


def settle_all() -> list[ContactsBackend]:
    """Let happen what is due by now, in every account; return what is kept of each."""
    found: list[ContactsBackend] = [
        backend for partitions in list(backends.values()) for backend in list(partitions.values())
    ]
    for backend in found:
        backend.settle()
    return found
