"""Quotas of an account for Incident Manager and its contacts, which moto's Service Quotas lacks.

Which ones AWS has, and how much each is, is unverified: here there are those that a test says.
Follows ListServiceQuotas in the Service Quotas API reference; the codes of both services are those
that ListServices answers in the examples of the AWS CLI.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import ActionResult
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.responses import ServiceQuotasResponse
from moto.utilities.utils import get_partition

SERVICES = {
    "ssm-contacts": "AWS Systems Manager Incident Manager Contacts",
    "ssm-incidents": "AWS Systems Manager Incident Manager",
}


class QuotasBackend(BaseBackend):
    """The quotas of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.quotas: dict[tuple[str, str], float] = {}

    def listed(self, service: str) -> list[dict[str, Any]]:
        """Return the quotas of a service, each as the `ServiceQuota` data type."""
        return [
            self._told(service, name, value)
            for (owner, name), value in self.quotas.items()
            if owner == service
        ]

    def _told(self, service: str, name: str, value: float) -> dict[str, Any]:
        code = f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"
        home = f"{get_partition(self.region_name)}:servicequotas:{self.region_name}"
        return {
            "ServiceCode": service,
            "ServiceName": SERVICES[service],
            "QuotaArn": f"arn:{home}:{self.account_id}:{service}/{code}",
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


backends = BackendDict(QuotasBackend, "service-quotas")


@functools.cache
def connect() -> None:
    """Let Service Quotas list those of both services from now on."""
    ServiceQuotasResponse.list_service_quotas = _list  # type: ignore[attr-defined]


def _list(answers: Any) -> ActionResult:
    """Answer ListServiceQuotas, on one page."""
    service = answers._get_param("ServiceCode")  # noqa: SLF001 - as moto does
    if service not in SERVICES:
        raise NoSuchResource
    found = backends[answers.current_account][answers.region].listed(service)
    return ActionResult({"Quotas": found})
