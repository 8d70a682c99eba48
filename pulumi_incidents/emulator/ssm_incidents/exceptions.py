"""Errors of the Incident Manager API, one class per AWS code.

Follows the *Errors* section of each operation in the Incident Manager API reference. What the
model knows about an error (status code, members) is added when it is serialised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.exceptions import ServiceException

from pulumi_incidents.emulator.protocol.arns import resource_type

if TYPE_CHECKING:
    from datetime import datetime


class ConflictException(ServiceException):
    """The request contradicts what exists (409)."""

    code = "ConflictException"

    def __init__(
        self, message: str, identifier: str, resource_type: str, retry_after: datetime | None = None
    ) -> None:
        super().__init__(message)
        self.resourceIdentifier = identifier  # spelled as the error's member in the model
        self.resourceType = resource_type
        self.retryAfter = retry_after


class ResourceNotFoundException(ServiceException):
    """The named thing does not exist (404)."""

    code = "ResourceNotFoundException"

    def __init__(self, message: str, identifier: str, resource_type: str) -> None:
        super().__init__(message)
        self.resourceIdentifier = identifier
        self.resourceType = resource_type


def not_found(arn: str) -> ResourceNotFoundException:
    """Return the error about a plan, a record or a replication set that does not exist."""
    return ResourceNotFoundException(f"{arn} does not exist.", arn, resource_type(arn))


class ServiceQuotaExceededException(ServiceException):
    """The request would take an account or a resource over its quota (402)."""

    code = "ServiceQuotaExceededException"

    def __init__(self, message: str, identifier: str, resource_type: str, quota: str) -> None:
        super().__init__(message)
        self.resourceIdentifier = identifier
        self.resourceType = resource_type
        self.quotaCode = quota
        self.serviceCode = "ssm-incidents"
