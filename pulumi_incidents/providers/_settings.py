"""Where and as whom AWS is called: the stack's `aws:` configuration, as pulumi-aws reads it. Pure.

Follows https://www.pulumi.com/registry/packages/aws/installation-configuration/. What is not set
there comes from the environment and the shared files, as in boto3.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pulumi.output import Unknown
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.providers._model import Failure, unknown_key


class AwsConfigArgs(TypedDict, total=False):
    """What one resource does differently from the stack's `aws:` configuration.

    For a plan in a second region or account. Changing it moves nothing that exists already.
    """

    region: NotRequired[str | None]
    """Region to call, such as `eu-west-1`."""
    profile: NotRequired[str | None]
    """Profile of the shared files; it replaces the stack's keys and roles."""
    assume_role_arn: NotRequired[str | None]
    """Role to take on; it replaces the stack's roles."""


def check_options(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what is wrong with the options that every kind has: values are what they say."""
    adopt = inputs.get("adopt_existing")
    if not isinstance(adopt, (bool, Unknown, type(None))):
        yield Failure("adopt_existing", "must be true or false", repr(adopt))
    config = inputs.get("aws_config")
    if config is None or isinstance(config, Unknown):
        return
    known = tuple(AwsConfigArgs.__annotations__)
    if not isinstance(config, Mapping):
        yield Failure("aws_config", f"must be a map with {', '.join(known)}", repr(config))
        return
    for key, value in config.items():
        if key not in known:
            yield unknown_key("aws_config", key, known)
        elif not isinstance(value, (str, Unknown, type(None))):
            yield Failure(f"aws_config.{key}", "must be a string", repr(value))


class Role(NamedTuple):
    """One entry of `aws:assumeRoles`."""

    arn: str
    options: tuple[tuple[str, Any], ...] = ()
    """Further members of AssumeRole."""


class Settings(NamedTuple):
    """One configuration; equal ones share a client."""

    region: str | None = None
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    endpoints: tuple[tuple[str, str], ...] = ()
    """Addresses by service, as pulumi-aws spells it."""
    roles: tuple[Role, ...] = ()
    allowed_accounts: tuple[str, ...] = ()
    max_attempts: int = 6
    """Calls in all for one operation; the standard mode backs off for half a minute between six."""
    read_timeout: int = 30
    """Seconds to wait for an answer."""

    def __repr__(self) -> str:
        """Keep keys out of whatever prints this."""
        return f"Settings(region={self.region!r}, …)"

    def endpoint(self, service: str) -> str | None:
        """Return the address of a service by botocore's name, if it is not AWS's own."""
        return dict(self.endpoints).get(service.replace("-", ""))

    def overridden(self, changes: Mapping[str, Any] | None) -> Settings:
        """Return the settings of a resource with an `aws_config`."""
        given = {key: value for key, value in (changes or {}).items() if value}
        result = self
        if "profile" in given:
            result = result._replace(access_key=None, secret_key=None, token=None, roles=())
            result = result._replace(profile=given["profile"])
        if "assume_role_arn" in given:
            result = result._replace(roles=(Role(given["assume_role_arn"]),))
        return result._replace(region=given.get("region", result.region))


def read_settings(get: Callable[[str], Any]) -> Settings:
    """Read the configuration through `get`, which takes a name such as `region`."""
    retries = get("maxRetries")
    return Settings(
        region=get("region") or None,
        profile=get("profile") or None,
        access_key=get("accessKey") or None,
        secret_key=get("secretKey") or None,
        token=get("token") or None,
        endpoints=tuple(_endpoints(get("endpoints")).items()),
        roles=_roles(get("assumeRoles"), get("assumeRole")),
        allowed_accounts=tuple(map(str, _decoded(get("allowedAccountIds")) or ())),
        **({} if retries in (None, "") else {"max_attempts": int(retries) + 1}),
    )


def read_default_tags(get: Callable[[str], Any]) -> dict[str, str]:
    """Read `aws:defaultTags`, which every resource with tags gets."""
    return dict((_decoded(get("defaultTags")) or {}).get("tags") or {})


def _decoded(value: Any) -> Any:
    # Structured configuration reaches a provider as JSON text.
    return json.loads(value) if isinstance(value, str) and value else value


def _endpoints(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for services in _decoded(value) or ():
        found.update(services)
    return {service: url for service, url in found.items() if url}


_ROLE_MEMBERS = {
    "externalId": "ExternalId",
    "policy": "Policy",
    "sessionName": "RoleSessionName",
    "sourceIdentity": "SourceIdentity",
}


def _roles(several: Any, one: Any) -> tuple[Role, ...]:
    entries = _decoded(several) or ([_decoded(one)] if one else [])
    return tuple(
        Role(
            entry["roleArn"],
            tuple(
                (member, entry[name]) for name, member in _ROLE_MEMBERS.items() if entry.get(name)
            ),
        )
        for entry in entries
        if entry.get("roleArn")
    )
