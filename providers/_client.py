"""The client of one configuration: region, credentials, roles. Imported for the first call only.

botocore alone makes it: boto3 would add half of that again to the time to load it.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.session import Session

from pulumi_incidents.providers._errors import IncidentManagerError
from pulumi_incidents.providers._model import SERVICE

if TYPE_CHECKING:
    from mypy_boto3_ssm_incidents import SSMIncidentsClient

    from pulumi_incidents.providers._settings import Settings


@functools.cache
def client(settings: Settings) -> SSMIncidentsClient:
    """Return the client for a configuration, always the same one; not to be made by two threads."""
    session = Session(profile=settings.profile)
    if settings.access_key and settings.secret_key:
        session.set_credentials(settings.access_key, settings.secret_key, settings.token)
    # botocore knows AWS_DEFAULT_REGION only; pulumi-aws and other SDKs let AWS_REGION win over it.
    region = settings.region or os.environ.get("AWS_REGION")
    if region:
        session.set_config_variable("region", region)
    for role in settings.roles:
        _take_on(session, role.arn, dict(role.options), settings)
    if settings.allowed_accounts:
        _check_account(session, settings)
    made = session.create_client(
        SERVICE,
        endpoint_url=settings.endpoint,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": settings.max_attempts},
            connect_timeout=5,
            read_timeout=30,
            user_agent_extra="pulumi-incidents",
        ),
    )
    return cast("SSMIncidentsClient", made)


def _take_on(session: Session, role: str, options: dict[str, Any], settings: Settings) -> None:
    """Give the session the credentials of a role, which botocore renews before they expire."""

    def sts(*args: Any, **kwargs: Any) -> Any:
        return session.create_client(*args, **{"endpoint_url": settings.sts_endpoint, **kwargs})

    fetcher = AssumeRoleCredentialFetcher(sts, session.get_credentials(), role, extra_args=options)
    session._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
        fetcher.fetch_credentials, "assume-role"
    )


def _check_account(session: Session, settings: Settings) -> None:
    sts: Any = session.create_client("sts", endpoint_url=settings.sts_endpoint)
    account = sts.get_caller_identity()["Account"]
    if account not in settings.allowed_accounts:
        raise IncidentManagerError(
            f"Account {account} is none of aws:allowedAccountIds "
            f"({', '.join(settings.allowed_accounts)}); sign in to one of them."
        )
