"""boto3 clients of the local AWS: how `aws:` configuration reaches them, and their errors.

Only an address of this machine is ever spoken to. The program may carry real credentials in its
environment, and a mistyped or missing endpoint must not make things in a real account.
"""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from pulumi_incidents.identity.reading import taken
from pulumi_incidents.identity.settings import IdentityError, Settings, settings_of

NOT_LOCAL = (
    "the local stand-in of pulumi-aws talks to a local AWS only; "
    "set AWS_ENDPOINT_URL or run `make up`"
)
# What the services answer when the thing asked for does not exist (any more).
GONE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "InvalidDocument",
    "InvalidDocumentVersion",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "ResourceNotFoundException",
}


class LocalAwsError(Exception):
    """An expected failure, told in one sentence."""


EXPECTED = (BotoCoreError, ClientError, IdentityError, LocalAwsError)
"""What a call may end with that is no bug."""


class LocalAws:
    """The clients of one provider configuration, one per service and region."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        values, failures = taken(config)
        self._wrong = [f"{path} {reason}" for path, reason in failures]
        self._settings = _local(settings_of({} if failures else values))
        proxies = [self._settings.http_proxy, self._settings.https_proxy]
        if not all(_is_loopback(proxy) for proxy in proxies if proxy):
            self._wrong.append(NOT_LOCAL)
        self.default_tags: dict[str, str] = dict(self._settings.default_tags)
        self.ignores = self._settings.ignores
        self.region = (
            self._settings.region
            or os.environ.get("AWS_REGION")
            or os.environ.get("AWS_DEFAULT_REGION")
            or ""
        )
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        # boto3 makes clients from one session, which is not safe in threads.
        self._lock = threading.RLock()

    def client(self, service: str, region: str | None = None) -> Any:
        """Answer the client of a service; a `LocalAwsError` unless its address is local.

        The first one of all asks for the account, where only some may be used.
        """
        if self._wrong:
            raise LocalAwsError(self._wrong[0])
        region = region or self.region
        if not region:
            raise LocalAwsError("no region: set aws:region or AWS_REGION")
        with self._lock:
            if not self._clients:
                self._clients[service, region] = self._new(service, region)
                self._require_account(region)
            if (service, region) not in self._clients:
                self._clients[service, region] = self._new(service, region)
            return self._clients[service, region]

    def _new(self, service: str, region: str) -> Any:
        # Late, because boto3 takes half a second and the engine waits for the plugin's port.
        from pulumi_incidents.identity import session  # noqa: PLC0415

        try:
            if self._session is None:
                self._session = session.session(self._settings, "pulumi-aws-stand-in", _guarded)
            client = session.client(self._session, self._settings, service, region)
        except (BotoCoreError, IdentityError, ValueError) as error:
            raise LocalAwsError(f"no client for {service}: {error}") from None
        if not _is_loopback(client.meta.endpoint_url):
            client.close()
            raise LocalAwsError(NOT_LOCAL)
        return client

    def _require_account(self, region: str) -> None:
        settings = self._settings
        if settings.limits_accounts:
            try:
                account = self._new("sts", region).get_caller_identity()["Account"]
            except EXPECTED as error:
                self._clients.clear()
                raise LocalAwsError(sentence(error)) from None
            if mistake := settings.account_mistake(account):
                self._clients.clear()
                raise LocalAwsError(mistake)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def is_gone(error: ClientError) -> bool:
    """Tell whether the error says that the thing does not exist."""
    return error.response["Error"].get("Code", "") in GONE


def sentence(error: Exception) -> str:
    """Answer AWS's code and message, or what kept the call from getting through."""
    if isinstance(error, ClientError):
        detail = error.response["Error"]
        operation = error.operation_name
        return f"{operation} answered {detail.get('Code')}: {detail.get('Message')}"
    if isinstance(error, EndpointConnectionError):
        return f"{error}; is the local AWS running?"
    return str(error)


def _local(settings: Settings) -> Settings:
    """Answer the settings with what is different for a machine that must not be left.

    Made-up keys take the place of none, and no machine's role is asked for: that would go online.
    """
    if not (settings.access_key or settings.profile):
        env = os.environ
        keys = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
        token = env.get("AWS_SESSION_TOKEN")
        access_key, secret_key, token = (*keys, token) if all(keys) else ("local", "local", None)
        settings = settings._replace(access_key=access_key, secret_key=secret_key, token=token)
    if settings.max_attempts == Settings().max_attempts:
        settings = settings._replace(max_attempts=2)  # a local AWS answers or is down
    return settings._replace(skip_metadata_api_check=True)


def _guarded(core: Any) -> None:
    """Let nothing that a session calls leave this machine, what it does for itself included."""
    from botocore.config import Config  # noqa: PLC0415

    def guard(request: Any, **_: Any) -> None:
        if not _is_loopback(request.url):
            raise LocalAwsError(NOT_LOCAL)

    core.register("before-send", guard)
    default = core.get_default_client_config()
    if default.proxies is None:  # the environment's would carry the call off this machine
        core.set_default_client_config(default.merge(Config(proxies={})))


def _is_loopback(url: str) -> bool:
    host = urlparse(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
