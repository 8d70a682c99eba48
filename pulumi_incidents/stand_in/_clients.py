"""boto3 clients of the local AWS: how `aws:` configuration reaches them, and their errors.

Only an address of this machine is ever spoken to. The program may carry real credentials in its
environment, and a mistyped or missing endpoint must not make things in a real account.
"""

from __future__ import annotations

import ipaddress
import json
import os
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

NOT_LOCAL = (
    "the local stand-in of pulumi-aws talks to a local AWS only; "
    "set AWS_ENDPOINT_URL or run `make up`"
)
# What the services answer when the thing asked for does not exist (any more).
GONE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "InvalidDocument",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "ResourceNotFoundException",
}


class LocalAwsError(Exception):
    """An expected failure, told in one sentence."""


class LocalAws:
    """The clients of one provider configuration, one per service and region."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._endpoints: dict[str, str] = {}
        for entry in _decoded(config.get("endpoints")) or []:
            self._endpoints.update(entry)
        self.default_tags: dict[str, str] = dict(
            (_decoded(config.get("defaultTags")) or {}).get("tags") or {},
        )
        self.region = (
            config.get("region")
            or os.environ.get("AWS_REGION")
            or os.environ.get("AWS_DEFAULT_REGION")
            or ""
        )
        self._clients: dict[tuple[str, str], Any] = {}
        # boto3 makes clients from one shared session, which is not safe in threads.
        self._lock = threading.Lock()

    def client(self, service: str, region: str | None = None) -> Any:
        """Answer the client of a service; a `LocalAwsError` unless its address is local."""
        region = region or self.region
        if not region:
            raise LocalAwsError("no region: set aws:region or AWS_REGION")
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._new(service, region)
            return self._clients[service, region]

    def _new(self, service: str, region: str) -> Any:
        # Late, because boto3 takes half a second and the engine waits for the plugin's port.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        keys = self._credentials()
        try:
            client: Any = boto3.client(  # type: ignore[call-overload]  # names come at run time
                service,
                region_name=region,
                endpoint_url=self._endpoints.get(service) or None,
                aws_access_key_id=keys[0],
                aws_secret_access_key=keys[1],
                aws_session_token=keys[2],
                # A proxy would carry the call off this machine; a local AWS answers or is down.
                config=Config(proxies={}, connect_timeout=5, retries={"total_max_attempts": 2}),
            )
        except (BotoCoreError, ValueError) as error:
            raise LocalAwsError(f"no client for {service}: {error}") from None
        if not _is_loopback(client.meta.endpoint_url):
            client.close()
            raise LocalAwsError(NOT_LOCAL)
        return client

    def _credentials(self) -> tuple[str, str, str | None]:
        """Answer configured or environment keys, else made-up ones: a profile could go online."""
        config, env = self._config, os.environ
        if config.get("accessKey") and config.get("secretKey"):
            return config["accessKey"], config["secretKey"], config.get("token")
        if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
            token = env.get("AWS_SESSION_TOKEN")
            return env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], token
        return "local", "local", None

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


def _decoded(value: Any) -> Any:
    """Nested provider settings arrive as JSON text from the SDK, as values from elsewhere."""
    return json.loads(value) if isinstance(value, str) and value else value


def _is_loopback(url: str) -> bool:
    host = urlparse(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
