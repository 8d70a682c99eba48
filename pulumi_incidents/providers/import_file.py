"""Bring what exists already into a stack, without touching it.

`python -m pulumi_incidents.providers.import_file ARN…` reads response plans, people, schedules and
what belongs to them, and writes the file for `pulumi import` and the code that declares them;
`--from-state` does it for what a stack manages with pulumi-aws. `pulumi import TYPE NAME ID` cannot
do it: a dynamic resource is read by a provider that is stored with it, and there is none yet.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from pulumi_incidents.identity.errors import IncidentManagerError
from pulumi_incidents.providers._import import program, spec, state, steps
from pulumi_incidents.providers._import.kinds import kind_of
from pulumi_incidents.providers._import.reading import Look, read_all
from pulumi_incidents.providers._import.things import Wanted, named

_IMPORT, _CODE, _ADDRESSES = "import.json", "imported.py", "addresses.json"
_MINE = 0o600
"""Mode of a file with addresses of people in it: nobody else reads it."""


def main(arguments: Sequence[str] | None = None, name: str | None = None) -> int:
    """Run the command; an expected failure is one sentence and exit code 1.

    `name` is what a person has called it.
    """
    options = parser(name).parse_args(arguments)
    try:
        _run(options)
    except IncidentManagerError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def parser(name: str | None = None) -> argparse.ArgumentParser:
    """Return what reads the options of the command."""
    parser = argparse.ArgumentParser(
        prog=name or "python -m pulumi_incidents.providers.import_file",
        description="Write what `pulumi import` needs for what exists already, and its code. "
        "AWS is only read, with the credentials and region that boto3 finds.",
    )
    parser.add_argument(
        "arns",
        nargs="*",
        metavar="ARN",
        help="ARN of a response plan, contact, contact channel or rotation; an override is the "
        "ARN of its rotation, a comma and its id",
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="take what belongs to them as well: of an escalation plan its schedules, their "
        "rotations, the people in them, and their channels and plans",
    )
    parser.add_argument(
        "--from-state",
        metavar="FILE",
        help="take what this `pulumi stack export` has of pulumi-aws's resources",
    )
    parser.add_argument("--region", help="region to read from")
    parser.add_argument("--profile", help="profile to read with")
    parser.add_argument("--parent", default="", metavar="URN", help="component the ARNs belong to")
    _add_tags(parser)
    parser.add_argument(
        "--output", default=".", metavar="DIR", help=f"where {_IMPORT} and {_CODE} go (default: .)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print what was read, and what to do next, as JSON"
    )
    return parser


def _add_tags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--default-tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a tag of the stack's aws:defaultTags, which the code does not repeat; repeatable",
    )
    parser.add_argument(
        "--ignore-tag",
        action="append",
        default=[],
        metavar="KEY",
        help="a tag of the stack's aws:ignoreTags, `cost:*` for a prefix; repeatable",
    )


def _run(options: argparse.Namespace) -> None:
    if bool(options.arns) == bool(options.from_state):
        raise IncidentManagerError("Name an ARN or --from-state FILE; not both.")
    if options.from_state and options.whole:
        raise IncidentManagerError("--whole goes with ARNs: a state says itself what is taken.")
    files = _files(options.output)
    wanted, look = _asked(options)
    found, missing = read_all(wanted, look, whole=options.whole)
    things = named(found)
    addresses = spec.addresses(things)
    _write(files[0], spec.import_file(things, spec.stack()), mode=_MINE)
    _write(files[1], program.program(things, _IMPORT))
    if addresses:
        _write(files[2], addresses, mode=_MINE)
    code, last = str(files[1]), str(files[2]) if addresses else ""
    told = steps.Files(str(files[0]), code, last, options.from_state or "")
    if options.json:
        sys.stdout.write(f"{json.dumps(steps.summary(things, told, missing), indent=2)}\n")
    else:
        sys.stdout.write(steps.next_steps(things, told) + steps.notes(things, missing))


def _files(folder: str) -> list[Path]:
    """Return the files to write, none of which is there yet."""
    if not Path(folder).is_dir():
        raise IncidentManagerError(f"{folder} is not a folder: make it first.")
    files = [Path(folder) / name for name in (_IMPORT, _CODE, _ADDRESSES)]
    for file in files:
        if file.exists():
            raise IncidentManagerError(f"{file} exists: move it away or choose another --output.")
    return files


def _asked(options: argparse.Namespace) -> tuple[list[Wanted], Look]:
    """Return what is asked for, and how AWS is looked at."""
    default_tags, ignored = _tags(options.default_tag), [*options.ignore_tag]
    if options.from_state:
        exported = state.read(options.from_state)
        wanted = exported.wanted
        default_tags = {**exported.default_tags, **default_tags}
        ignored += exported.ignored
    else:
        wanted = [Wanted(kind_of(arn), arn, parent=options.parent) for arn in options.arns]
    return wanted, Look(options.region, options.profile, default_tags, ignored)


def _tags(pairs: Iterable[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise IncidentManagerError(f"--default-tag {pair} must be KEY=VALUE.")
    return dict(pair.split("=", 1) for pair in pairs)


def _write(file: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a new file; the mode is less what the umask takes away."""
    try:
        file.touch(mode, exist_ok=False)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise IncidentManagerError(f"{file} cannot be written: {error.strerror}.") from error


if __name__ == "__main__":
    sys.exit(main())
