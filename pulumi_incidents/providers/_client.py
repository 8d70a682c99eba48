"""The client of one configuration: region, credentials, roles. Imported for the first call only."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

from pulumi_incidents.providers._errors import IncidentManagerError

if TYPE_CHECKING:
    from pulumi_incidents.providers._settings import Settings


@functools.cache
def client(settings: Settings, service: str) -> Any:
    """Return a service's client for a configuration, always the same; never made by two threads."""
    if settings.allowed_accounts:
        _check_account(settings)
    session: Any = _session(settings)  # its types want the service as a literal
    return session.client(
        service,
        endpoint_url=settings.endpoint(service),
        config=Config(
            retries={"mode": "standard", "total_max_attempts": settings.max_attempts},
            connect_timeout=5,
            read_timeout=settings.read_timeout,
            user_agent_extra="pulumi-incidents",
        ),
    )


@functools.cache
def account(settings: Settings) -> str:
    """Return the account that the credentials of a configuration are for."""
    sts = _session(settings).client("sts", endpoint_url=settings.endpoint("sts"))
    return sts.get_caller_identity()["Account"]


def region(settings: Settings) -> str:
    """Return the region that a configuration calls."""
    return _session(settings).region_name


@functools.cache
def _session(settings: Settings) -> boto3.Session:
    core = botocore.session.Session(profile=settings.profile)
    if settings.access_key and settings.secret_key:
        core.set_credentials(settings.access_key, settings.secret_key, settings.token)
    # boto3 knows AWS_DEFAULT_REGION only; pulumi-aws and other SDKs let AWS_REGION win over it.
    region = settings.region or os.environ.get("AWS_REGION")
    session = boto3.Session(botocore_session=core, region_name=region)
    for role in settings.roles:
        _take_on(core, role.arn, dict(role.options), settings)
    return session


def _take_on(
    core: botocore.session.Session, role: str, options: dict[str, Any], settings: Settings
) -> None:
    """Give the session the credentials of a role, which botocore renews before they expire."""

    def sts(*args: Any, **kwargs: Any) -> Any:
        return core.create_client(*args, **{"endpoint_url": settings.endpoint("sts"), **kwargs})

    fetcher = AssumeRoleCredentialFetcher(sts, core.get_credentials(), role, extra_args=options)
    core._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
        fetcher.fetch_credentials, "assume-role"
    )


def _check_account(settings: Settings) -> None:
    if account(settings) not in settings.allowed_accounts:
        raise IncidentManagerError(
            f"Account {account(settings)} is none of aws:allowedAccountIds "
            f"({', '.join(settings.allowed_accounts)}); sign in to one of them."
        )
