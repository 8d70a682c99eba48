"""Sessions of botocore that follow the settings: credentials, roles, and how AWS is reached."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    AssumeRoleWithWebIdentityCredentialFetcher,
    DeferredRefreshableCredentials,
)

from pulumi_incidents.identity.settings import IdentityError, Role, Settings


def session(settings: Settings, agent: str, prepare: Callable[[Any], None] | None = None) -> Any:
    """Return boto3's session of a configuration; whatever it calls for itself follows it, too.

    `prepare` is given botocore's session before anything is made of it.
    """
    core = botocore.session.Session(profile=settings.profile)
    for name, value in _variables(settings).items():
        core.set_config_variable(name, value)
    core.set_default_client_config(_config(settings, agent))
    if prepare:
        prepare(core)
    # boto3 knows AWS_DEFAULT_REGION only; pulumi-aws and other SDKs let AWS_REGION win over it.
    region = settings.region or os.environ.get("AWS_REGION")
    made = boto3.Session(botocore_session=core, region_name=region)
    if settings.skip_metadata_api_check:
        core.get_component("credential_provider").remove("iam-role")
    if settings.access_key and settings.secret_key:
        core.set_credentials(settings.access_key, settings.secret_key, settings.token)
    for role in settings.roles:
        _take_on(core, role, settings)
    return made


def client(session: Any, settings: Settings, service: str, region: str | None = None) -> Any:
    """Return a client of a session, for the session's region unless another one is named."""
    return _made(session.client, settings, service, **({"region_name": region} if region else {}))


def _made(create: Callable[..., Any], settings: Settings, service: str, **given: Any) -> Any:
    """Return a client, made by what makes clients of a session."""
    given = {"endpoint_url": settings.endpoint(service), **given}
    if service == "sts" and settings.sts_region:
        given["region_name"] = settings.sts_region
    made = create(service, **given)
    if not _is_direct(settings, made.meta.endpoint_url):
        return made
    config = given.get("config") or Config()
    return create(service, **{**given, "config": config.merge(Config(proxies={}))})


def _variables(settings: Settings) -> dict[str, Any]:
    """Return the variables of botocore's own configuration that are set."""
    return {
        name: value
        for name, value in (
            ("config_file", _file(settings.shared_config_files, "sharedConfigFiles")),
            (
                "credentials_file",
                _file(settings.shared_credentials_files, "sharedCredentialsFiles"),
            ),
            ("ca_bundle", False if settings.insecure else settings.custom_ca_bundle),
            ("ec2_metadata_service_endpoint", settings.ec2_metadata_service_endpoint),
            ("ec2_metadata_service_endpoint_mode", settings.ec2_metadata_service_endpoint_mode),
        )
        if value is not None
    }


def _file(paths: tuple[str, ...], key: str) -> str | None:
    """Return the one file that is named; botocore would take one that is missing for empty."""
    for path in paths:
        if not Path(os.path.expandvars(path)).expanduser().is_file():
            raise IdentityError(f"aws:{key} names {path}, which is no file: correct it.")
    return paths[0] if paths else None


def _config(settings: Settings, agent: str) -> Config:
    retries: Any = {"mode": settings.retry_mode, "total_max_attempts": settings.max_attempts}
    return Config(
        retries=retries,
        connect_timeout=5,
        read_timeout=settings.read_timeout,
        user_agent_extra=" ".join([agent, *settings.user_agents]),
        proxies=_proxies(settings),
        # None leaves it to the environment and the shared files.
        use_fips_endpoint=settings.use_fips_endpoint or None,
        use_dualstack_endpoint=settings.use_dualstack_endpoint or None,
    )


def _proxies(settings: Settings) -> dict[str, str] | None:
    """Return the proxies by the scheme of an address; None leaves all to the environment."""
    own = {"http": settings.http_proxy, "https": settings.https_proxy}
    if not any(own.values()):
        return None
    return {**urllib.request.getproxies(), **{key: url for key, url in own.items() if url}}


def _is_direct(settings: Settings, address: str) -> bool:
    """Tell whether an address is not for a proxy: botocore asks only about the environment's."""
    if not (settings.no_proxy or settings.http_proxy or settings.https_proxy):
        return False
    excepted = settings.no_proxy or os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    bypass: Any = vars(urllib.request)["proxy_bypass_environment"]  # typeshed lacks it
    return bool(bypass(urlsplit(address).netloc, {"no": excepted}))


def _take_on(core: Any, role: Role, settings: Settings) -> None:
    """Give the session the credentials of a role, which botocore renews before they expire."""

    def sts(service: str, **given: Any) -> Any:
        return _made(core.create_client, settings, service, **given)

    options = json.loads(role.options)
    fetcher: Any
    if role.token or role.token_file:
        method = "assume-role-with-web-identity"
        fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
            sts, lambda: _token(role), role.arn, extra_args=options
        )
    else:
        method = "assume-role"
        fetcher = AssumeRoleCredentialFetcher(
            sts, core.get_credentials(), role.arn, extra_args=options
        )
    # There is no public way to give a session credentials that renew themselves.
    core._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, method)  # noqa: SLF001


def _token(role: Role) -> str:
    if role.token:
        return role.token
    path = Path(os.path.expandvars(role.token_file)).expanduser()
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise IdentityError(
            f"aws:assumeRoleWithWebIdentity names {role.token_file}, which cannot be read: "
            f"{error.strerror}."
        ) from None
