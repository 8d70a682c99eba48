"""Errors of the contacts API, one class per AWS code.

Follows the *Errors* section of each operation in the Incident Manager Contacts API reference. The
members are spelled as in its model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.exceptions import ServiceException

from pulumi_incidents.emulator.protocol.arns import resource_type
from pulumi_incidents.emulator.protocol.errors import ValidationException

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_DEPENDENT = 25  # of the type SsmContactsArnList


class ConflictException(ServiceException):
    """The request contradicts what exists (400).

    `dependent`: what depends on the resource, by how it does; the names of those relations are in
    no document.
    """

    code = "ConflictException"

    def __init__(
        self,
        message: str,
        resource: str,
        kind: str,
        dependent: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.ResourceId = resource
        self.ResourceType = kind
        self.DependentEntities = [
            {"RelationType": relation, "DependentResourceIds": list(arns[:_MOST_DEPENDENT])}
            for relation, arns in (dependent or {}).items()
        ] or None


class ResourceNotFoundException(ServiceException):
    """The named thing does not exist (400)."""

    code = "ResourceNotFoundException"

    def __init__(self, message: str, resource: str, kind: str) -> None:
        super().__init__(message)
        self.ResourceId = resource
        self.ResourceType = kind


class ServiceQuotaExceededException(ServiceException):
    """The request would take a resource over its quota (400)."""

    code = "ServiceQuotaExceededException"

    def __init__(self, message: str, resource: str, kind: str, quota: str) -> None:
        super().__init__(message)
        self.ResourceId = resource
        self.ResourceType = kind
        self.QuotaCode = quota
        self.ServiceCode = "ssm-contacts"


def not_found(arn: str) -> ResourceNotFoundException:
    """Return the error about something that does not exist, or is another account's."""
    return ResourceNotFoundException(f"{arn} does not exist.", arn, resource_type(arn))


def invalid(reason: str) -> ValidationException:
    """Return the error about a value, in the words that AWS begins with."""
    return ValidationException(f"Invalid value provided - {reason}")
