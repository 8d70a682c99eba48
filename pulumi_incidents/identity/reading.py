"""Reads the keys as they reach a provider, mostly as text, and finds what is wrong with them. Pure.

No value is ever part of a sentence: nobody can tell any more which of them are secrets.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

from typing_extensions import Required, get_type_hints, is_typeddict

from pulumi_incidents.identity.keys import OF_THE_ENGINE, REFUSED, ProviderKeys

_NAMES = {str: ("a string", "strings"), int: ("a whole number", ""), bool: ("true or false", "")}
_UNITS = {"h": 3600, "m": 60, "s": 1}
_SHORTEST, _LONGEST = 15 * 60, 12 * 3600
_CHOICES = {
    "retryMode": ("standard", "adaptive"),
    "ec2MetadataServiceEndpointMode": ("IPv4", "IPv6"),
}
_ACCOUNTS = ("allowedAccountIds", "forbiddenAccountIds")


class SettingFailure(NamedTuple):
    """A setting that cannot be followed: where it stands, and what is wrong with it."""

    path: str
    reason: str


def taken(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[SettingFailure]]:
    """Return what the keys say, and what is wrong with them; a wrong one is left out.

    Structures reach a provider as JSON text, members of them in either spelling, and so do numbers.
    """
    given = {key: value for key, value in config.items() if key not in OF_THE_ENGINE}
    failures: list[SettingFailure] = []
    values = _taken(ProviderKeys, given, "", failures)
    failures += _mistakes(values)
    return values, failures


def seconds(duration: str) -> int | None:
    """Return the seconds of a duration as Go writes it, such as `1h30m`; None for other texts."""
    if not re.fullmatch(r"(\d+[hms])+", duration):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([hms])", duration))


def _taken(declared: Any, value: Any, path: str, failures: list[SettingFailure]) -> Any:
    """Return a value as it is declared; None, with a failure, if it is none."""
    kind = get_origin(declared) or declared
    if isinstance(value, str) and kind is not str:
        value = _decoded(value)
    if is_typeddict(declared) and isinstance(value, Mapping):
        return _members(declared, value, path, failures)
    if kind is list and isinstance(value, list | tuple):
        (item,) = get_args(declared)
        found = enumerate(value)
        return [_taken(item, each, f"{path}[{at}]", failures) for at, each in found]
    if kind is dict and isinstance(value, Mapping):
        _, item = get_args(declared)
        return {key: _taken(item, value[key], f"{path}.{key}", failures) for key in value}
    plain = _plain(kind, value, is_account=path.startswith(_ACCOUNTS))
    if plain is None:
        failures.append(SettingFailure(path, f"must be {_form(declared)}"))
    return plain


def _plain(kind: type, value: Any, *, is_account: bool) -> Any:
    """Return a text, a number or a boolean; None if it is another one, or none of them."""
    if kind not in _NAMES:
        return None
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)  # the engine's numbers are floats
    if is_account and isinstance(value, int | float):
        return f"{value:.0f}"  # YAML takes what is not quoted for a number
    return value if type(value) is kind else None


def _members(
    declared: Any, value: Mapping[str, Any], path: str, failures: list[SettingFailure]
) -> dict[str, Any]:
    hints, found = get_type_hints(declared), {}
    for key, item in value.items():
        name = re.sub(r"_(.)", lambda letter: letter[1].upper(), key)
        place = f"{path}.{name}".lstrip(".")
        if name not in hints:
            failures.append(SettingFailure(place, _unknown(name, [*hints])))
        elif name in REFUSED and not path:
            if item != "disabled":
                failures.append(SettingFailure(place, REFUSED[name]))
        elif item not in (None, ""):
            found[name] = _taken(hints[name], item, place, failures)
    marked: dict[str, Any] = get_type_hints(declared, include_extras=True)
    required = [name for name, hint in marked.items() if get_origin(hint) is Required]
    missing = [name for name in required if name not in found]
    failures += [SettingFailure(f"{path}.{name}", "is required") for name in missing]
    return {key: item for key, item in found.items() if item is not None}


def _unknown(name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else "take it out"
    return f"is no setting of pulumi-aws's provider: {hint}"


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _form(declared: Any, *, many: bool = False) -> str:
    """Return what a value has to be, in words."""
    if is_typeddict(declared):
        keys = ", ".join(get_type_hints(declared))
        return f"{'maps' if many else 'a map'} with {keys}"
    if get_origin(declared) is list:
        return f"a list of {_form(get_args(declared)[0], many=True)}"
    if get_origin(declared) is dict:
        return "maps" if many else "a map"
    return _NAMES[declared][many]


def _mistakes(values: Mapping[str, Any]) -> Iterator[SettingFailure]:
    """Find what types do not say."""
    yield from _key_mistakes(values)
    yield from _account_mistakes(values)
    if values.get("maxRetries", 0) < 0:
        yield SettingFailure("maxRetries", "must be 0 or more")
    for key, choices in _CHOICES.items():
        if values.get(key, choices[0]) not in choices:
            yield SettingFailure(key, f"must be {' or '.join(choices)}")
    for key in ("sharedConfigFiles", "sharedCredentialsFiles"):
        if len(values.get(key, [""])) != 1:
            yield SettingFailure(key, "must be a list of one path: boto3 reads no second file")
    yield from _role_mistakes(values)
    yield from _tag_mistakes(values)


def _key_mistakes(values: Mapping[str, Any]) -> Iterator[SettingFailure]:
    for key, other in (("accessKey", "secretKey"), ("secretKey", "accessKey")):
        if other in values and key not in values:
            yield SettingFailure(key, f"is required, because {other} is set")
    if "token" in values and not {"accessKey", "secretKey"} & values.keys():
        yield SettingFailure("token", "is of no use without accessKey and secretKey: set them, too")


def _role_mistakes(values: Mapping[str, Any]) -> Iterator[SettingFailure]:
    for at, role in enumerate(values.get("assumeRoles") or ()):
        yield from _duration_mistakes(role or {}, f"assumeRoles[{at}]")
    if web := values.get("assumeRoleWithWebIdentity"):
        yield from _duration_mistakes(web, "assumeRoleWithWebIdentity")
        if ("webIdentityToken" in web) == ("webIdentityTokenFile" in web):
            reason = "must have either webIdentityToken or webIdentityTokenFile"
            yield SettingFailure("assumeRoleWithWebIdentity", reason)


def _account_mistakes(values: Mapping[str, Any]) -> Iterator[SettingFailure]:
    given = [key for key in _ACCOUNTS if values.get(key)]
    for key in given:
        if not all(re.fullmatch(r"\d{12}", each or "") for each in values[key]):
            yield SettingFailure(key, "must be a list of account numbers of 12 digits, quoted")
    if len(given) > 1:
        yield SettingFailure(given[0], f"and {given[1]} exclude each other: take one of them out")
    if given and values.get("skipRequestingAccountId"):
        reason = f"and {given[0]} exclude each other: take one of them out"
        yield SettingFailure("skipRequestingAccountId", reason)


def _duration_mistakes(role: Mapping[str, Any], path: str) -> Iterator[SettingFailure]:
    duration = role.get("duration")
    if duration and not _SHORTEST <= (seconds(duration) or 0) <= _LONGEST:
        reason = "must be a duration from 15m to 12h, such as 1h or 1h30m"
        yield SettingFailure(f"{path}.duration", reason)


def _tag_mistakes(values: Mapping[str, Any]) -> Iterator[SettingFailure]:
    ignored = values.get("ignoreTags") or {}
    for key in (values.get("defaultTags") or {}).get("tags") or {}:
        if is_ignored(key, ignored.get("keys") or (), ignored.get("keyPrefixes") or ()):
            reason = "is a tag that ignoreTags ignores: take it out of one of them"
            yield SettingFailure(f"defaultTags.tags.{key}", reason)


def is_ignored(tag: str, keys: Any, prefixes: Any) -> bool:
    """Tell whether a tag is ignored, by its key or by how that begins."""
    return tag in keys or tag.startswith(tuple(prefixes))
