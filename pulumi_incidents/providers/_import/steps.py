"""What the command tells people to do next, and why in this order. Pure."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pulumi_incidents.providers._import.things import Found
from pulumi_incidents.providers._ownership import holder

_UNTIL_THEN = (
    "Until it is there, an up is refused; do not follow Pulumi's advice to run `pulumi state "
    "unprotect` then, because the next up would delete what was imported."
)

_RETAIN = (
    "Other resources of the stack use them. Give each {} of your program the options "
    "retain_on_delete=True and protect=False, so that Pulumi will not delete it:"
)
_CONFIGURE = (
    "Put the addresses of people into the stack's configuration, encrypted; the code takes them "
    "from there:"
)


class Files(NamedTuple):
    """The files of an import."""

    spec: str
    """What `pulumi import` reads."""
    code: str
    """What declares the resources."""
    addresses: str = ""
    """Where people's addresses are; empty if there are none."""
    state: str = ""
    """The exported state that was read; empty if none was."""


def next_steps(things: Sequence[Found], files: Files) -> str:
    """Say what to do, in an order in which no run of Pulumi in between deletes anything."""
    written = _listed([each for each in files[:3] if each])
    lines = [f"Read {_counted(things)}; wrote {written}. Next:"]
    for number, (sentence, commands) in enumerate(_steps(things, files), start=1):
        lines += ["", f"{number}. {sentence}", *(f"     {command}" for command in commands)]
    return "\n".join(lines) + "\n"


def summary(things: Sequence[Found], files: Files, missing: Iterable[str]) -> dict[str, Any]:
    """Return the same for a program: what was read and written, what to do, what is not there."""
    return {
        "files": [each for each in files[:3] if each],
        "resources": [
            {
                "type": thing.kind.resource.token(),
                "name": thing.name,
                "id": thing.id,
                **_owned(thing),
            }
            for thing in things
        ],
        "next": [{"step": step, "commands": commands} for step, commands in _steps(things, files)],
        "missing": [*missing],
    }


def _owned(thing: Found) -> dict[str, str]:
    return {"owner": holder(thing.outputs["owner"])} if "owner" in thing.outputs else {}


def notes(things: Iterable[Found], missing: Iterable[str]) -> str:
    """Say whose the things are, and what they name that is not there."""
    marks = [(thing.id, thing.outputs["owner"]) for thing in things if "owner" in thing.outputs]
    return "".join([*(_told_owner(*each) for each in marks), *map(_told_missing, missing)])


def _told_owner(identifier: str, owner: str) -> str:
    return (
        f"\n{identifier} belongs to {holder(owner)}: as long as that stack has it too, its next "
        "run may delete it, so run `pulumi state delete` for it there and take it out of its "
        "program.\n"
    )


def _told_missing(identifier: str) -> str:
    return (
        f"\n{identifier} is named in what was read and does not exist: the code keeps naming it, "
        "and nobody is reached by it.\n"
    )


def _counted(things: Iterable[Found]) -> str:
    counts = Counter(thing.kind.noun for thing in things)
    return _listed([f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items()])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _steps(things: Sequence[Found], files: Files) -> Iterator[tuple[str, list[str]]]:
    olds = [thing for thing in things if thing.wanted.old_urn]
    names = _listed(list(dict.fromkeys(thing.kind.official_name for thing in olds)) or [""])
    in_use = any(thing.wanted.in_use for thing in olds)
    if in_use:
        # `pulumi state delete` would refuse, or forget what depends on them as well.
        yield _RETAIN.format(names), ["pulumi up"]
    command = f"pulumi import --file {shlex.quote(files.spec)} --generate-code=false --yes"
    yield "Import; Pulumi protects what it imports until your program declares it:", [command]
    if files.addresses:
        given = f'"$(cat {shlex.quote(files.addresses)})"'
        yield _CONFIGURE, [f"pulumi config set-all --json {given}"]
    if olds and not in_use:
        yield (
            "Make the stack forget the old resources, which would delete what is at AWS:",
            [*map(_forget, reversed(olds))],
        )
    add = f"Replace each {names} of your program by its" if olds else "Add the"
    where = f"code in {files.code}" + ("" if olds else " to your program")
    yield f"{add} {where}. {_UNTIL_THEN}", []
    if in_use:
        yield "Make the stack forget the old resources; nothing is called:", ["pulumi up"]
    else:
        yield "See that nothing is left to do:", ["pulumi preview --expect-no-changes"]
    if files.addresses:
        clear = [each for each in (files.spec, files.addresses, files.state) if each]
        names = " ".join(map(shlex.quote, clear))
        yield "Delete what has the addresses in the clear:", [f"rm {names}"]


def _forget(thing: Found) -> str:
    """Return the command that forgets an old resource; what depends on it goes first."""
    force = " --force" if thing.wanted.protected else ""
    return f"pulumi state delete {shlex.quote(thing.wanted.old_urn)} --yes{force}"
