"""What a stack manages with pulumi-aws, by what `pulumi stack export` wrote. AWS is not asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.identity.keys import ProviderKeys
from pulumi_incidents.identity.reading import taken
from pulumi_incidents.identity.settings import Settings, settings_of
from pulumi_incidents.providers._import.kinds import OFFICIAL, kind_of
from pulumi_incidents.providers._import.things import Wanted

_STACK_TYPE = "pulumi:pulumi:Stack"
_DEFAULT_PROVIDER = re.compile(r"::pulumi:providers:aws::default(_\d+)*$")

_Resource = Mapping[str, Any]


class Exported(NamedTuple):
    """What is taken of a state."""

    wanted: list[Wanted]
    """The official resources that become ours, each after those it depends on."""
    default_tags: dict[str, str]
    """The tags that the stack adds to all resources."""
    ignored: list[str]
    """The tags that the stack leaves alone, `cost:*` for a prefix."""


def read(file: str) -> Exported:
    """Read a file that `pulumi stack export` wrote.

    :raises IncidentManagerError: one sentence, if it is none, or has nothing to take over.
    """
    resources = _resources(file)
    stack = _provider_settings(_default_provider(resources))
    return Exported(
        list(_wanted(resources, file)),
        dict(stack.default_tags),
        [*stack.ignored_keys, *(f"{prefix}*" for prefix in stack.ignored_prefixes)],
    )


def _resources(file: str) -> list[_Resource]:
    try:
        resources = json.loads(Path(file).read_text("utf-8"))["deployment"].get("resources") or []
        return [resource for resource in resources if not resource.get("delete")]
    except OSError as error:
        raise IncidentManagerError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IncidentManagerError(
            f"{file} is not a state: write one with `pulumi stack export --file {file}`."
        ) from error


def _wanted(resources: Sequence[_Resource], file: str) -> Iterator[Wanted]:
    stack = _settings(_default_provider(resources))
    # An external resource was looked up with `.get`; the stack does not manage it.
    found = [
        each for each in resources if each.get("type") in OFFICIAL and not each.get("external")
    ]
    if not found:
        names = ", ".join(kind.official_name for kind in OFFICIAL.values())
        raise IncidentManagerError(
            f"{file} has none of the resources that are taken over: {names}."
        )
    staying = [each for each in resources if each not in found]
    for resource in found:
        urn, parent = resource["urn"], resource.get("parent", "")
        kind_of(resource["id"])  # refuses what cannot be read
        own = _settings(_provider_of(resource, resources), resource)
        yield Wanted(
            kind=OFFICIAL[resource["type"]],
            id=resource["id"],
            name=urn.rpartition("::")[2],
            parent="" if f"::{_STACK_TYPE}::" in parent else parent,
            where=own,
            aws_config={key: value for key, value in own.items() if stack.get(key) != value},
            old_urn=urn,
            protected=bool(resource.get("protect")),
            in_use=any(_depends(other, urn) for other in staying),
        )


def _depends(resource: _Resource, urn: str) -> bool:
    return urn in (
        *(resource.get("dependencies") or ()),
        resource.get("parent"),
        resource.get("deletedWith"),
    )


def _default_provider(resources: Iterable[_Resource]) -> _Resource:
    """Return the pulumi-aws provider that follows the stack's `aws:` configuration."""
    for resource in resources:
        if _DEFAULT_PROVIDER.search(resource.get("urn", "")):
            return resource
    return {}


def _provider_of(resource: _Resource, resources: Iterable[_Resource]) -> _Resource:
    urn = str(resource.get("provider", "")).rpartition("::")[0]
    return next((other for other in resources if other.get("urn") == urn), {})


def _plain(resource: _Resource, key: str) -> str | None:
    """Return an input as text; of a secret, which is an object, nothing."""
    value = (resource.get("inputs") or {}).get(key)
    return value if isinstance(value, str) else None


def _settings(provider: _Resource, resource: _Resource | None = None) -> dict[str, str]:
    """Return what an `aws_config` says of the configuration of a pulumi-aws provider."""
    settings = _provider_settings(provider)
    region = _plain(resource or {}, "region") or settings.region
    role = settings.roles[-1].arn if settings.roles else None
    found = {"region": region, "profile": settings.profile, "assume_role_arn": role}
    return {key: value for key, value in found.items() if value}


def _provider_settings(provider: _Resource) -> Settings:
    """Return what a pulumi-aws provider says, as far as it is no secret."""
    plain = {key: _plain(provider, key) for key in ProviderKeys.__annotations__}
    values, _ = taken({key: value for key, value in plain.items() if value})
    return settings_of(values)
