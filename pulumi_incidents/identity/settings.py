"""One configuration, as what clients are made of and told apart by. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from botocore import xform_name

from pulumi_incidents.identity.reading import is_ignored, seconds

Pairs = tuple[tuple[str, Any], ...]

_MEMBERS = {
    "externalId": "ExternalId",
    "policy": "Policy",
    "sessionName": "RoleSessionName",
    "sourceIdentity": "SourceIdentity",
    "transitiveTagKeys": "TransitiveTagKeys",
}


class IdentityError(Exception):
    """Settings cannot be followed on this machine; one sentence."""


class Role(NamedTuple):
    """A role to take on."""

    arn: str
    options: str = "{}"
    """Further members of AssumeRole, as JSON."""
    token: str = ""
    """The token of a web identity, or"""
    token_file: str = ""
    """the file that has it."""


class Settings(NamedTuple):
    """One configuration; equal ones share a client. What is not set is boto3's matter."""

    region: str | None = None
    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    endpoints: Pairs = ()
    """Addresses by service, as pulumi-aws spells it."""
    roles: tuple[Role, ...] = ()
    """Roles to take on, one after the other; the first one may be that of a web identity."""
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    default_tags: Pairs = ()
    ignored_keys: tuple[str, ...] = ()
    ignored_prefixes: tuple[str, ...] = ()
    max_attempts: int = 6
    """Calls in all for one operation; the standard mode backs off for half a minute between six."""
    retry_mode: str = "standard"
    read_timeout: int = 30
    """Seconds to wait for an answer."""
    custom_ca_bundle: str | None = None
    insecure: bool = False
    http_proxy: str | None = None
    https_proxy: str | None = None
    no_proxy: str | None = None
    shared_config_files: tuple[str, ...] = ()
    shared_credentials_files: tuple[str, ...] = ()
    ec2_metadata_service_endpoint: str | None = None
    ec2_metadata_service_endpoint_mode: str | None = None
    skip_metadata_api_check: bool = False
    sts_region: str | None = None
    use_dualstack_endpoint: bool = False
    use_fips_endpoint: bool = False
    user_agents: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Keep keys out of whatever prints this."""
        return f"Settings(region={self.region!r}, …)"

    def endpoint(self, service: str) -> str | None:
        """Return the address of a service by botocore's name, if it is not AWS's own."""
        return dict(self.endpoints).get(service.replace("-", ""))

    def ignores(self, tag: str) -> bool:
        """Tell whether a tag is none of our business."""
        return is_ignored(tag, self.ignored_keys, self.ignored_prefixes)

    @property
    def limits_accounts(self) -> bool:
        """Whether it has to be known whose the credentials are before anything is done."""
        return bool(self.allowed_account_ids or self.forbidden_account_ids)

    def account_mistake(self, account: str) -> str | None:
        """Return what is wrong with an account, if it is one in which nothing may be done."""
        if self.allowed_account_ids and account not in self.allowed_account_ids:
            allowed = ", ".join(self.allowed_account_ids)
            return (
                f"Account {account} is none of aws:allowedAccountIds ({allowed}); sign in to one "
                "of them."
            )
        if account in self.forbidden_account_ids:
            return f"Account {account} is one of aws:forbiddenAccountIds; sign in to another one."
        return None


def settings_of(values: Mapping[str, Any]) -> Settings:
    """Return the settings that the keys say, as `reading.taken` returns them."""
    own = {xform_name(key): value for key, value in values.items()}
    kept = {key: value for key, value in own.items() if key in Settings._fields}
    kept = {key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()}
    web = values.get("assumeRoleWithWebIdentity")
    roles = [*([web] if web else ()), *(values.get("assumeRoles") or ())]
    ignored = values.get("ignoreTags") or {}
    kept.update(
        endpoints=_pairs(
            {key: each[key] for each in values.get("endpoints") or () for key in each if each[key]}
        ),
        default_tags=_pairs((values.get("defaultTags") or {}).get("tags") or {}),
        ignored_keys=tuple(ignored.get("keys") or ()),
        ignored_prefixes=tuple(ignored.get("keyPrefixes") or ()),
        roles=tuple(map(_role, roles)),
    )
    if "maxRetries" in values:
        kept["max_attempts"] = values["maxRetries"] + 1
    return Settings(**kept)


def overridden(settings: Settings, changes: Mapping[str, Any] | None) -> Settings:
    """Return settings of which somebody says `region`, `profile` or `assume_role_arn` otherwise.

    A profile replaces keys and roles, a role the roles; what is empty says nothing.
    """
    given = {key: value for key, value in (changes or {}).items() if value}
    if "profile" in given:
        settings = settings._replace(access_key=None, secret_key=None, token=None, roles=())
        settings = settings._replace(profile=given["profile"])
    if "assume_role_arn" in given:
        settings = settings._replace(roles=(Role(given["assume_role_arn"]),))
    return settings._replace(region=given.get("region", settings.region))


def without_ignored(
    props: Mapping[str, Any], ignores: Callable[[str], bool], *names: str
) -> dict[str, Any]:
    """Return properties without the tags, under these names, that somebody else sees to."""
    kept = {
        name: {key: value for key, value in props[name].items() if not ignores(key)}
        for name in names
        if isinstance(props.get(name), Mapping)
    }
    return {**props, **kept}


def _pairs(values: Mapping[str, Any]) -> Pairs:
    return tuple(values.items())


def _role(keys: Mapping[str, Any]) -> Role:
    members: dict[str, Any] = {name: keys[key] for key, name in _MEMBERS.items() if keys.get(key)}
    if "duration" in keys:
        members["DurationSeconds"] = seconds(keys["duration"])
    if keys.get("policyArns"):
        members["PolicyArns"] = [{"arn": arn} for arn in keys["policyArns"]]
    if keys.get("tags"):
        members["Tags"] = [{"Key": key, "Value": value} for key, value in keys["tags"].items()]
    return Role(
        keys["roleArn"],
        json.dumps(members),
        keys.get("webIdentityToken", ""),
        keys.get("webIdentityTokenFile", ""),
    )
