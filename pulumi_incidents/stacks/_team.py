"""What a team on call is by its inputs, and what only the whole of them shows to be wrong; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from pulumi.output import Unknown

from pulumi_incidents.providers import _model
from pulumi_incidents.providers._model import below
from pulumi_incidents.providers._people import SCHEDULE, plan_failures, rotation_failures
from pulumi_incidents.providers.contact import ContactProvider
from pulumi_incidents.providers.rotation import RotationProvider
from pulumi_incidents.stacks import _gaps
from pulumi_incidents.stacks._limits import UNKNOWN, limit_mistakes
from pulumi_incidents.stacks._members import EVERYBODY, ON_CALL, chosen, is_arn, meant, names
from pulumi_incidents.stacks._mistakes import is_output
from pulumi_incidents.stacks._stages import time_mistakes
from pulumi_incidents.stacks._turns import recurrence, turn_mistakes
from pulumi_incidents.stacks.responder import contact_mistakes, responder_mistakes

_ALL_AFTER, _BEHIND_AFTER = 10, 10
_WEEKLY: Mapping[str, Any] = {"weekly": {}}
_PERSON = "a Responder, the ARN of a person, or a map with the name and the channels of one"


def rotations(args: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the rotations by name."""
    given = args.get("rotations")
    return _WEEKLY if given is None else given


def steps(args: Mapping[str, Any]) -> list[Any]:
    """Return the stages, whoever is behind the team in the last one."""
    found = [*(_default() if args.get("escalation") is None else args["escalation"])]
    behind = args.get("behind")
    if is_output(behind) or behind:
        after = found[-1]["after_minutes"] if found else 0
        found.append({"after_minutes": after + _BEHIND_AFTER, "engage": [behind]})
    return found


def _default() -> list[Any]:
    return [
        {"after_minutes": 0, "engage": [ON_CALL]},
        {"after_minutes": _ALL_AFTER, "engage": [EVERYBODY]},
    ]


def team_mistakes(args: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Find what types do not say in the inputs of a team, at `path` of a component's."""
    yield from contact_mistakes(args, path)
    people = list(_people_mistakes(args["people"], below(path, "people")))
    yield from people
    turns = list(_rotation_mistakes(args, path))
    yield from turns
    if not people and not turns:
        yield from _gap_mistakes(args, path)
    reach = list(_stage_mistakes(args, path))
    yield from reach
    if not people and not turns and not reach:
        yield from _unreached(args, path)


def _people_mistakes(people: Sequence[Any], path: str) -> Iterator[str]:
    if not people:
        yield f"{path} has nobody: give one person at least"
    known: list[str | None] = []
    for number, person in enumerate(people):
        place = f"{path}[{number}]"
        if isinstance(person, str) and not is_arn(person):
            yield f"{place} must be {_PERSON}"
            continue
        (name,) = names([person])
        if name in (ON_CALL, EVERYBODY):
            yield f"{place} is called {name}, which means others in a stage: choose another name"
        elif name is not None and name in known:
            yield f"{place} is called {name}, as people[{known.index(name)}] is: rename one"
        known.append(name)
        if isinstance(person, Mapping):
            yield from responder_mistakes(person, place)


def _rotation_mistakes(args: Mapping[str, Any], path: str) -> Iterator[str]:
    place, found = below(path, "rotations"), rotations(args)
    if not found:
        yield f"{place} has none, and nobody would be on call: give one, or leave it out"
    schedule = {
        "type": SCHEDULE,
        "alias": UNKNOWN,
        "plan": {"rotation_ids": [UNKNOWN] * len(found)},
    }
    yield from limit_mistakes(
        ContactProvider,
        schedule,
        {"plan.rotation_ids": place},
        lambda inputs: plan_failures(SCHEDULE, inputs["plan"]),
    )
    for key, turns in found.items():
        yield from _one_rotation(args, turns, below(place, key), path)


def _one_rotation(
    args: Mapping[str, Any], turns: Mapping[str, Any], place: str, path: str
) -> Iterator[str]:
    wrong = [*_chosen_mistakes(args, turns, place), *turn_mistakes(turns, place)]
    yield from wrong
    if wrong or not args["people"]:
        return
    zone = turns.get("time_zone")
    people = chosen(turns.get("people"), args["people"])
    inputs = {
        "name": UNKNOWN,
        "contact_ids": [Unknown() for _ in people],  # type: ignore[no-untyped-call]
        "time_zone_id": zone or args["time_zone"],
        "recurrence": recurrence(turns),
        "start_time": turns.get("start"),
    }
    written = {
        "contact_ids": below(place, "people"),
        "time_zone_id": below(place if zone else path, "time_zone"),
        "recurrence.number_of_on_calls": below(place, "at_once"),
        "recurrence.recurrence_multiplier": below(place, "every"),
        "start_time": below(place, "start"),
        "": f"{place}.",
    }
    yield from limit_mistakes(RotationProvider, inputs, written, rotation_failures)


def _chosen_mistakes(
    args: Mapping[str, Any], turns: Mapping[str, Any], place: str
) -> Iterator[str]:
    named, path = turns.get("people"), below(place, "people")
    known = ", ".join(name for name in names(args["people"]) if name)
    if named == []:
        yield f"{path} has nobody: name one person at least"
    for number, name in enumerate(given := named or ()):
        if name not in names(args["people"]):
            yield f"{path}[{number}] must be a name of people, who are {known}"
        elif name in given[:number]:
            yield f"{path}[{number}] is {name} once more; take it out"


def _gap_mistakes(args: Mapping[str, Any], path: str) -> Iterator[str]:
    """Find a time without anybody on call, unless it is declared that there may be one."""
    if args.get("gaps"):
        return
    place, found = below(path, "rotations"), rotations(args).values()
    covered = [
        _gaps.Covered(turns.get("time_zone") or args["time_zone"], turns.get("hours") or {})
        for turns in found
    ]
    if gap := _gaps.gap(covered):
        told = f"nobody on call, for example {_gaps.told(gap, args['time_zone'])}"
        yield f"{place} leave {told}: cover it by hours, or set gaps"
    starts = [_start(turns.get("start")) for turns in found]
    if min(starts) > datetime.now(timezone.utc).timestamp():
        until = "nobody is on call until then: take start out of one, or set gaps"
        yield f"{place} all start later, and {until}"


def _start(given: Any) -> float:
    """Return when a rotation starts; one of which that is not known has started."""
    try:
        return _model.seconds(given)
    except ValueError:
        return 0


def _stage_mistakes(args: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from _entry_mistakes(args, args.get("behind"), below(path, "behind"))
    place, found = below(path, "escalation"), args.get("escalation")
    if found is None:
        return
    if not found:
        yield f"{place} has no stage, and nobody would be engaged: give one, or leave it out"
    yield from time_mistakes([stage["after_minutes"] for stage in found], place)
    for number, stage in enumerate(found):
        where = f"{place}[{number}].engage"
        if not stage["engage"]:
            yield f"{where} reaches nobody: name {ON_CALL}, {EVERYBODY} or one of the people"
        for index, entry in enumerate(stage["engage"]):
            yield from _entry_mistakes(args, entry, f"{where}[{index}]")
    if found and not any(ON_CALL in _texts(stage) for stage in found):
        yield f"{place} never engages {ON_CALL}, and the rotations mean nothing: name it in a stage"


def _texts(stage: Mapping[str, Any]) -> list[str]:
    return [entry for entry in stage["engage"] if isinstance(entry, str)]


def _entry_mistakes(args: Mapping[str, Any], entry: Any, path: str) -> Iterator[str]:
    if not isinstance(entry, str) or entry == ON_CALL or is_arn(entry):
        return
    if not meant(entry, args["people"]):
        yield f"{path} must be {ON_CALL}, {EVERYBODY}, a name of people or an ARN"


def _unreached(args: Mapping[str, Any], path: str) -> Iterator[str]:
    """Find people whom no stage engages, by name or by the schedule."""
    people = args["people"]
    reached: set[int] = set()
    for entry in (entry for stage in steps(args) for entry in stage["engage"]):
        reached.update(meant(entry, people))
        if isinstance(entry, str) and entry == ON_CALL:
            for turns in rotations(args).values():
                reached.update(chosen(turns.get("people"), people))
    for number in range(len(people)):
        if number not in reached:
            name = names(people)[number] or "it"
            told = f"is in no stage, and would never be engaged: name {name} in one"
            yield f"{below(path, 'people')}[{number}] {told}, or in a rotation"
