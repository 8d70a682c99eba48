"""The regions of a replication set: what they may be, and which change of them comes next. Pure.

Follows CreateReplicationSet and UpdateReplicationSet in the Incident Manager API reference, and
*Resilience in AWS Systems Manager Incident Manager* in its user guide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from botocore.model import StructureShape

from pulumi_incidents.providers import _documented, _model
from pulumi_incidents.providers._documented import Rule
from pulumi_incidents.providers._model import Failure

MOST = 3
_OWN_KEY = "DefaultKey"  # what AWS answers of a region that is encrypted with its own
_CHANGING = ("CREATING", "UPDATING", "DELETING")

_SET = {
    "type": "structure",
    "required": ["regions"],
    "members": {
        "regions": {"shape": "DeclaredRegionSet"},
        "deletionProtected": {"shape": "Boolean"},
        "tags": {"shape": "TagMap"},
    },
}
_REGIONS = {"type": "list", "member": {"shape": "DeclaredRegion"}, "min": 1, "max": MOST}
_REGION = {
    "type": "structure",
    "required": ["name"],
    "members": {"name": {"shape": "RegionName"}, "sseKmsKeyId": {"shape": "SseKmsKey"}},
}

_RULES = {
    "regions[].name": Rule(
        re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+"), "must be a region, such as eu-west-1"
    ),
    "regions[].sse_kms_key_id": Rule(
        re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+"),
        "must be the ARN of a KMS key",
    ),
}


@cache
def inputs() -> StructureShape:
    """Return the shape of what a program may declare of a set; its regions have no order."""
    parts = {"DeclaredRegionSet": _REGIONS, "DeclaredRegion": _REGION}
    return _model.joined("ssm-incidents", "DeclaredReplicationSet", _SET, **parts)


class Region(NamedTuple):
    """One region that is declared; without a key it is encrypted with AWS's own."""

    name: str
    key: str | None = None


def declared(props: Mapping[str, Any]) -> list[Region]:
    """Return the regions of some properties, those aside of which not all is known."""
    given = props.get("regions")
    items = given if isinstance(given, list | tuple) else ()
    maps = [each for each in items if isinstance(each, Mapping)]
    pairs = [(each.get("name"), each.get("sse_kms_key_id") or None) for each in maps]
    return [
        Region(name, key)
        for name, key in pairs
        if isinstance(name, str) and isinstance(key, str | None)
    ]


def failures(props: Mapping[str, Any], home: str | None) -> Iterator[Failure]:
    """Yield what makes no set that is called from the region `home`, if that is known."""
    yield from _documented.failures(inputs(), props, _RULES)
    given = props.get("regions")
    regions = declared(props)
    names = [each.name for each in regions]
    for index, each in enumerate(regions):
        path = f"regions[{index}]"
        if each.name in names[:index]:
            yield Failure(path, "is there already: leave one of the two out")
        elif each.key and (of := _region_of(each.key)) and of != each.name:
            yield Failure(f"{path}.sse_kms_key_id", f"must be a key of {each.name}, not of {of}")
    if len({each.key is None for each in regions}) > 1:
        yield Failure("regions", "must all have a sse_kms_key_id, or none of them")
    is_whole = isinstance(given, list | tuple) and len(regions) == len(given) > 0
    if is_whole and (told := home_told(regions, home)):
        yield Failure("regions", told)


def _region_of(key: str) -> str:
    """Return the region of a key by its ARN."""
    return key.split(":")[3] if key.startswith("arn:") and key.count(":") > 3 else ""  # noqa: PLR2004


def home_told(regions: Sequence[Region], home: str | None) -> str | None:
    """Return why a set cannot be managed from a region, if so."""
    if home is None or home in {each.name for each in regions}:
        return None
    return (
        f"must have {home}, from where this resource calls: AWS takes changes of a set in its own "
        "regions alone, so name one of them in aws_config or the aws: configuration"
    )


def change_failures(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what AWS cannot change: the key of a region."""
    before = {each.name: each.key for each in declared(olds)}
    regions = declared(news)
    old_kinds, new_kinds = ({not key for _, key in each} for each in (before.items(), regions))
    if len(old_kinds) == len(new_kinds) == 1 and old_kinds != new_kinds:
        told = (
            "cannot change between AWS's own key and yours, because the regions of a set are all "
            "of one kind: only another set would be, and deleting this one deletes everything in "
            "Incident Manager, so leave sse_kms_key_id as it was"
        )
        yield Failure("regions", told)
        return
    for index, each in enumerate(regions):
        if before.get(each.name, each.key) != each.key:
            yield Failure(f"regions[{index}].sse_kms_key_id", key_told(each.name))


def key_told(name: str) -> str:
    """Return that AWS gives a region no other key, and the way that works."""
    return (
        f"cannot change, because AWS gives a region no other key: take {name} out of regions in "
        "one `pulumi up` and put it in with the new key in the next; where it is the only one, add "
        "another region before"
    )


def request(props: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the regions as CreateReplicationSet takes them."""
    return {name: {"sseKmsKeyId": key} if key else {} for name, key in declared(props)}


def live(found: Mapping[str, Any], props: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the regions that a set has or is getting, as properties.

    Those of `props` come first, in their order, with the key as it is spelled there.
    """
    there = {
        name: info for name, info in found["regionMap"].items() if info["status"] != "DELETING"
    }
    keys = {each.name: each.key for each in declared(props)}
    order = [*(name for name in keys if name in there), *sorted(there.keys() - keys.keys())]
    result = []
    for name in order:
        key = there[name].get("sseKmsKeyId", _OWN_KEY)
        spelled = keys.get(name) if is_key(keys.get(name), key) else key
        result.append({"name": name, **({"sse_kms_key_id": spelled} if key != _OWN_KEY else {})})
    return result


def is_key(declared_key: str | None, live_key: str) -> bool:
    """Tell whether a key is the one that AWS answers, by its ARN or its id."""
    if declared_key is None:
        return live_key == _OWN_KEY
    return declared_key in (live_key, f"{declared_key.rpartition('/')[0]}/{live_key}")


def is_changing(found: Mapping[str, Any]) -> bool:
    """Tell whether a change of a set is under way."""
    regions = found["regionMap"].values()
    return found["status"] != "FAILED" and any(
        each["status"] in _CHANGING for each in (found, *regions)
    )


def of_step(step: Mapping[str, Any]) -> str:
    """Return the region that an action is about."""
    (action,) = step.values()
    return str(action["regionName"])


def shows(found: Mapping[str, Any], step: Mapping[str, Any]) -> bool:
    """Tell whether a step is seen in the set."""
    return (of_step(step) in found["regionMap"]) is ("addRegionAction" in step)


def trouble_told(
    found: Mapping[str, Any], wanted: Collection[Region], removable: Collection[str]
) -> str | None:
    """Return why a set that is not changing is not to be changed, if so.

    A region that failed and is to go is no trouble.
    """
    there = found["regionMap"]
    for each in wanted:
        key = there.get(each.name, {}).get("sseKmsKeyId")
        if key is not None and not is_key(each.key, key):
            return (
                f"has {key} in {each.name}, and regions has another one: that {key_told(each.name)}"
            )
    failed = {name for name in there if there[name]["status"] == "FAILED"}
    staying = failed.difference(set(removable).difference(each.name for each in wanted))
    if not staying and (found["status"] != "FAILED" or failed):
        return None
    return (
        f"{failed_told(found)}: see to the cause, take the region out of regions in one `pulumi "
        "up` and put it in again in the next; where it is the only one, ask AWS's support"
    )


def failed_told(found: Mapping[str, Any]) -> str:
    """Return that a set is FAILED, and what AWS says of its regions."""
    said = "; ".join(
        f"{name}: {each.get('statusMessage', 'no reason given')}".rstrip(".")
        for name, each in sorted(found["regionMap"].items())
        if each["status"] == "FAILED"
    )
    return f"is FAILED, and AWS says: {said or 'no reason given'}"


def next_step(
    found: Mapping[str, Any], wanted: Sequence[Region], removable: Collection[str]
) -> dict[str, Any] | None:
    """Return the action of UpdateReplicationSet that comes next; None if all is as wanted.

    Regions are added before others are removed, as far as AWS has room for them; of the others,
    only what is `removable` goes, and first what failed. A set is never left without a region.
    """
    there = found["regionMap"]
    names = {each.name for each in wanted}
    missing = [each for each in wanted if each.name not in there]
    going = [name for name in there if name in removable and name not in names]
    going.sort(key=lambda name: (there[name]["status"] != "FAILED", name))
    is_failed = bool(going) and there[going[0]]["status"] == "FAILED"
    if going and (is_failed or not missing or len(there) >= MOST):
        return {"deleteRegionAction": {"regionName": going[0]}}
    if missing:
        key = {"sseKmsKeyId": missing[0].key} if missing[0].key else {}
        return {"addRegionAction": {"regionName": missing[0].name, **key}}
    return None
