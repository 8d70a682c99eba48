"""What AWS has of the things to import, as their declarations. AWS is only read."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pulumi_incidents.identity.errors import IncidentManagerError, NotFoundError
from pulumi_incidents.identity.reading import is_ignored
from pulumi_incidents.providers import _aws, _diff, _model, _people
from pulumi_incidents.providers._declaration import CONTEXT
from pulumi_incidents.providers._import.kinds import CONTACT, CONTACT_PLAN, known
from pulumi_incidents.providers._import.things import Found, Wanted, texts


class Look(NamedTuple):
    """How AWS is looked at."""

    region: str | None = None
    """Region, if it is not the one that boto3 or the state finds."""
    profile: str | None = None
    """Profile, if it is not the one that boto3 or the state finds."""
    default_tags: Mapping[str, str] = {}
    """Tags that the stack adds, which no declaration repeats."""
    ignored: Sequence[str] = ()
    """Tags that the stack leaves alone, `cost:*` for a prefix."""

    def props(self, wanted: Wanted) -> dict[str, Any]:
        """Return properties that say where a thing is read, and that it is looked up."""
        chosen = {"region": self.region, "profile": self.profile}
        where = {**wanted.where, **{key: value for key, value in chosen.items() if value}}
        if self.profile:
            where.pop("assume_role_arn", None)
        return {**({"aws_config": where} if where else {}), CONTEXT: {"looked_up": True}}


def read_all(wanted: Iterable[Wanted], look: Look, *, whole: bool) -> tuple[list[Found], list[str]]:
    """Return what AWS has of the things, and if `whole` of all that belongs to them.

    Besides, the ids of what belongs to them and does not exist: AWS keeps the names of contacts
    that are gone. What belongs to another account is left out.

    :raises IncidentManagerError: one sentence, if one of the things does not exist.
    """
    asked = {(each.kind.noun, each.id): each for each in wanted}
    found: list[Found] = []
    missing: list[str] = []
    queue, seen = deque(asked.values()), {each.id for each in asked.values()}
    while queue:
        each = queue.popleft()
        try:
            things = list(_parts(_read(each, look)))
        except NotFoundError:
            if (each.kind.noun, each.id) in asked:
                raise _not_there(each) from None
            missing.append(each.id)
            continue
        found += things
        for more in _belonging(each, things, look) if whole else ():
            if more.id not in seen:
                seen.add(more.id)
                queue.append(more)
    return found, missing


def _not_there(wanted: Wanted) -> IncidentManagerError:
    return IncidentManagerError(
        f"{wanted.id} does not exist: check the ARN, the account of these credentials and the "
        "region."
    )


def _read(wanted: Wanted, look: Look) -> Found:
    """Return what AWS has of a thing, whoever it belongs to."""
    life = wanted.kind.life
    result = life().read(wanted.id, look.props(wanted))
    live = dict(result.outs or {})
    inputs = _inputs(wanted, live)
    tags = _kept(inputs.pop("tags", {}), look.ignored)
    own = {key: value for key, value in tags.items() if look.default_tags.get(key) != value}
    added = {key: value for key, value in look.default_tags.items() if key in tags}
    if own:
        inputs["tags"] = own
    if wanted.aws_config:
        inputs["aws_config"] = dict(wanted.aws_config)
    outputs = {key: live[key] for key in wanted.kind.resource.outputs if live.get(key)}
    return Found(wanted, inputs, {"default_tags": added} if added else {}, outputs)


def _inputs(wanted: Wanted, live: Mapping[str, Any]) -> dict[str, Any]:
    """Return what declares a thing, its name first; a time stays as a person reads it."""
    life = wanted.kind.life
    shape = life.inputs()
    inputs: dict[str, Any] = _diff.canonical(shape, live)
    for key in inputs:
        if _model.member(shape, key).type_name == "timestamp":
            inputs[key] = live[key]
    if live.get("policy"):
        inputs["policy"] = json.loads(live["policy"])
    first = {key: inputs.pop(key) for key in [life.name] if key in inputs}
    return {**first, **inputs}


def _kept(tags: Mapping[str, str], ignored: Sequence[str]) -> dict[str, str]:
    prefixes = [key[:-1] for key in ignored if key.endswith("*")]
    return {key: tags[key] for key in tags if not is_ignored(key, ignored, prefixes)}


def _parts(thing: Found) -> Iterator[Found]:
    """Yield a thing as the resources that declare it.

    A person's plan names channels, which name the person: it is a resource of its own. In a state
    the plan of any contact is one already.
    """
    plan = thing.inputs.get("plan")
    if thing.kind is not CONTACT or not plan:
        yield thing
    elif thing.wanted.old_urn:
        yield _without_plan(thing)
    elif thing.inputs["type"] != _people.PERSON:
        yield thing
    else:
        yield _without_plan(thing)
        inputs = {"contact_id": thing.id, **plan}
        yield Found(thing.wanted._replace(kind=CONTACT_PLAN), inputs)


def _without_plan(thing: Found) -> Found:
    inputs = {key: value for key, value in thing.inputs.items() if key != "plan"}
    return thing._replace(inputs=inputs)


def _belonging(wanted: Wanted, things: Iterable[Found], look: Look) -> Iterator[Wanted]:
    """Yield all that a thing names, and a person's channels; not what other accounts share."""
    for identifier in _named(wanted, things, look):
        kind = known(identifier)
        if kind and identifier.split(":")[4] == wanted.id.split(":")[4]:
            yield Wanted(kind, identifier, parent=wanted.parent)


def _named(wanted: Wanted, things: Iterable[Found], look: Look) -> Iterator[str]:
    for thing in things:
        yield from texts({key: value for key, value in thing.inputs.items() if key != "policy"})
        if thing.kind is CONTACT and thing.inputs["type"] == _people.PERSON:
            for page in _aws.CONTACTS.pages(
                look.props(wanted), "ListContactChannels", wanted.id, ContactId=wanted.id
            ):
                yield from (each["ContactChannelArn"] for each in page["ContactChannels"])
