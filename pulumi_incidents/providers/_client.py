"""The clients of one configuration, made once each. Imported for the first call only."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from pulumi_incidents.identity import session as sessions
from pulumi_incidents.identity.errors import IncidentManagerError

if TYPE_CHECKING:
    from pulumi_incidents.identity.settings import Settings


@functools.cache
def client(settings: Settings, service: str) -> Any:
    """Return a service's client for a configuration, always the same; never made by two threads."""
    require_account(settings)
    return sessions.client(_session(settings), settings, service)


def require_account(settings: Settings) -> None:
    """Raise if the credentials are for an account in which nothing may be done."""
    if settings.limits_accounts:
        mistake = settings.account_mistake(account(settings))
        if mistake:
            raise IncidentManagerError(mistake)


@functools.cache
def account(settings: Settings) -> str:
    """Return the account that the credentials of a configuration are for."""
    sts = sessions.client(_session(settings), settings, "sts")
    return str(sts.get_caller_identity()["Account"])


def region(settings: Settings) -> str:
    """Return the region that a configuration calls."""
    return str(_session(settings).region_name)


@functools.cache
def _session(settings: Settings) -> Any:
    return sessions.session(settings, "pulumi-incidents")
