"""Which configuration a resource follows: the stack's, that of its `aws` provider, or its own."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi.output import Unknown
from typing_extensions import NotRequired, TypedDict

from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.identity.reading import SettingFailure, taken
from pulumi_incidents.identity.settings import Settings, overridden, settings_of
from pulumi_incidents.providers._declaration import AWS_PROVIDER
from pulumi_incidents.providers._model import Failure, unknown_key

if TYPE_CHECKING:
    from pulumi.dynamic import ConfigureRequest


class AwsConfigArgs(TypedDict, total=False):
    """What one resource does differently from the stack's `aws:` configuration.

    For a plan in a second region or account. Changing it moves nothing that exists already. Beside
    an `aws` provider it may only repeat what that says.
    """

    region: NotRequired[str | None]
    """Region to call, such as `eu-west-1`."""
    profile: NotRequired[str | None]
    """Profile of the shared files; it replaces the stack's keys and roles."""
    assume_role_arn: NotRequired[str | None]
    """Role to take on; it replaces the stack's roles."""


class Configuration(NamedTuple):
    """What a stack or a provider says, and what of it cannot be followed."""

    settings: Settings = Settings()
    failures: tuple[SettingFailure, ...] = ()
    prefix: str = "aws:"


# The plugin process serves one stack, and providers are stored in the state and hold nothing.
_stack = Configuration()
# What this run declares of each provider: what is deleted in it has only what an earlier one did.
_newest: dict[str, Mapping[str, Any]] = {}


def configure(request: ConfigureRequest) -> None:
    """Take the stack's `aws:` configuration."""
    global _stack  # noqa: PLW0603 - see above
    # The SDK has no public way to ask which keys there are.
    everything = request.config._props  # noqa: SLF001
    keys = {key[4:]: value for key, value in everything.items() if key.startswith("aws:")}
    _stack = _read(json.dumps(keys, sort_keys=True), "aws:")
    _newest.clear()


@functools.lru_cache
def _read(text: str, prefix: str) -> Configuration:
    values, failures = taken(json.loads(text))
    return Configuration(Settings() if failures else settings_of(values), tuple(failures), prefix)


def is_known(props: Mapping[str, Any]) -> bool:
    """Tell whether it is known what is called: in a preview a provider may not be, or a region."""
    return _is_known(props.get(AWS_PROVIDER)) and _is_known(props.get("aws_config"))


def _is_known(given: Any) -> bool:
    values = given.values() if isinstance(given, Mapping) else [given]
    return not any(isinstance(value, Unknown) for value in values)


def settings_for(props: Mapping[str, Any]) -> Settings:
    """Return the settings that the resource with these `props` follows."""
    found = _configuration(props)
    if found.failures:
        path, reason = found.failures[0]
        raise IncidentManagerError(f"{found.prefix}{path} {reason}.")
    if props.get(AWS_PROVIDER):
        return found.settings  # an `aws_config` beside it says the same
    return overridden(found.settings, props.get("aws_config"))


def note(props: Mapping[str, Any]) -> None:
    """Note what this run declares of a provider, for what is deleted in it."""
    if given := props.get(AWS_PROVIDER):
        _newest[given["urn"]] = given


def default_tags(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that every resource gets; those of before while nobody knows."""
    if not _is_known(news.get(AWS_PROVIDER)):
        return dict(olds.get("default_tags") or {})
    return dict(_configuration(news).settings.default_tags)


def ignores(props: Mapping[str, Any]) -> Callable[[str], bool]:
    """Return what tells whether a tag is none of a resource's business."""
    known = _is_known(props.get(AWS_PROVIDER))
    return (_configuration(props).settings if known else Settings()).ignores


def place(props: Mapping[str, Any]) -> tuple[str | None, ...]:
    """Return what of a configuration says where a thing is: keys are only how one gets there."""
    region, *others = _where(settings_for(props))
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return region, *others


def told_apart(props: Mapping[str, Any]) -> str | None:
    """Return what two resources have to have in common to be in one account; None if unknown."""
    wrong = [*_own_failures(props.get("aws_config"))]
    if wrong or not is_known(props) or _configuration(props).failures:
        return None
    settings = settings_for(props)
    return repr((settings.region, settings.profile, settings.access_key, settings.roles))


def region(props: Mapping[str, Any]) -> str | None:
    """Return the region that is called; None while that is unknown, or only a profile says it."""
    return None if told_apart(props) is None else place(props)[0]


def is_moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Tell whether the provider, or that there is one, leads somewhere else now."""
    if not (olds.get(AWS_PROVIDER) or news.get(AWS_PROVIDER)) or not is_known(news):
        return False
    return place(olds) != place(news)


def check_options(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what is wrong with the options that every kind has, and with what it follows."""
    adopt = inputs.get("adopt_existing")
    if not isinstance(adopt, (bool, Unknown, type(None))):
        yield Failure("adopt_existing", "must be true or false", repr(adopt))
    wrong = [*_own_failures(inputs.get("aws_config"))]
    yield from wrong
    if not _is_known(inputs.get(AWS_PROVIDER)):
        return
    found = _configuration(inputs)
    for path, reason in found.failures:
        yield Failure(f"{found.prefix}{path}", reason)
    if not wrong and not found.failures and inputs.get(AWS_PROVIDER):
        yield from _contradictions(found.settings, inputs.get("aws_config"))


def _own_failures(config: Any) -> Iterator[Failure]:
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


def _contradictions(settings: Settings, config: Mapping[str, Any] | None) -> Iterator[Failure]:
    """Find where a resource is to be somewhere else than its provider."""
    role = settings.roles[-1].arn if settings.roles else None
    said = {"region": settings.region, "profile": settings.profile, "assume_role_arn": role}
    for key, value in (config if isinstance(config, Mapping) else {}).items():
        if value and not isinstance(value, Unknown) and value != said[key]:
            reason = "is not what the aws provider of this resource says: take one of them out"
            yield Failure(f"aws_config.{key}", reason)


def _configuration(props: Mapping[str, Any]) -> Configuration:
    given = props.get(AWS_PROVIDER)
    if not given:
        return _stack
    own, newest = _of_provider(given), _of_provider(_newest.get(given.get("urn"), given))
    # Under the same name, a provider of another place is another one.
    return newest if _where(newest.settings) == _where(own.settings) else own


def _where(settings: Settings) -> tuple[str | None, ...]:
    return settings.region, settings.profile, *(role.arn for role in settings.roles)


def _of_provider(given: Mapping[str, Any]) -> Configuration:
    keys = {key: value for key, value in given.items() if key != "urn"}
    return _read(json.dumps(keys, sort_keys=True), "provider.")
