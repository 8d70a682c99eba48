"""Who imports whom: the import graph of the sources, its circles, and the doors between rooms."""

from __future__ import annotations

import ast
import graphlib
import sys

PACKAGE = "pulumi_incidents"
_LOW = ".protocol .storage .clock"
# Room, a module or a package with all that is in it -> the rooms it may import, and the packages of
# others. Each may import itself and the standard library. From the outside in; what begins with a
# point is a room of the emulator.
_DOORS = {
    "__main__": ("stacks", "pulumi"),
    "stacks": ("providers", "pulumi pulumi_aws pydantic pydantic_core typing_extensions yaml"),
    "providers": ("identity", "botocore pulumi pydantic_core tenacity typing_extensions yaml"),
    "stand_in": ("identity", "botocore pulumi"),
    "identity": ("", "boto3 botocore typing_extensions"),
    "commands": (
        f"oncall providers identity iam {PACKAGE}",
        "botocore dateutil icalendar pydantic rich typer typing_extensions",
    ),
    "commands.local_aws": ("commands identity .__main__", ""),
    "oncall": ("", "botocore dateutil"),
    "iam": ("", "botocore"),
    ".pytest_plugin": (".testing", "pytest"),
    ".testing": ("", "boto3 botocore"),
    ".__main__": (
        ".server .front .seed .ssm_contacts .ssm_incidents .permissions .storage",
        "waitress",
    ),
    ".server": (
        f".front .console .control .timekeeping .seed .services .ssm_incidents .permissions {_LOW}",
        "moto waitress werkzeug",
    ),
    ".front": (
        f".console .control .services .mended .permissions .protocol .clock iam {PACKAGE}",
        "botocore moto pydantic typing_extensions waitress werkzeug",
    ),
    ".console": (
        f".timekeeping .services .ssm_incidents .ssm_contacts .permissions {_LOW}",
        "botocore moto werkzeug",
    ),
    ".timekeeping": (_LOW, "pydantic"),
    ".control": (f".protocol {PACKAGE}", "moto werkzeug"),
    ".seed": (".services .ssm_contacts .protocol .storage", "moto werkzeug"),
    ".services": (".ssm_contacts .ssm_incidents", ""),
    ".ssm_incidents": (
        ".ssm_contacts .mended .permissions .protocol .storage .clock iam",
        "botocore moto requests typing_extensions",
    ),
    ".ssm_contacts": (_LOW, "dateutil moto typing_extensions werkzeug"),
    ".mended": (".permissions .clock iam", "moto"),
    ".permissions": (".protocol .storage .clock iam", "moto"),
    ".protocol": (
        ".storage iam",
        "botocore moto pydantic pydantic_core typing_extensions werkzeug",
    ),
    ".storage": (f".clock {PACKAGE}", "cryptography dill moto tenacity"),
    ".clock": ("", ""),
    "emulator": ("", ""),
    PACKAGE: ("", ""),  # the version
}


def _whole(room):
    return f"emulator{room}" if room.startswith(".") else room


# Room -> the rooms it may import; and room -> the packages of others that it may import.
DOORS = {_whole(name): {*map(_whole, rooms.split())} for name, (rooms, _) in _DOORS.items()}
_PACKAGES = {_whole(name): {*packages.split()} for name, (_, packages) in _DOORS.items()}
# Packages that are rooms by their `__init__` alone: what is in them is in another room.
_HALLS = (PACKAGE, "emulator")
# What a room may not import of a package that it may.
_SHUT = {"providers": ("pulumi.Config",)}


class RelativeImportError(Exception):
    """A module imports relatively, so that its name has to be known to follow it."""


def imports(path):
    """Return all that a file imports, wherever in it, and with each name that it takes of it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise RelativeImportError(f"{path} imports relatively")
            yield from ((node.module, alias.name) for alias in node.names)


def graph(root):
    """Return the modules of the package in a folder, and its program, with what each imports."""
    paths = [path for path in (root / PACKAGE).rglob("*.py") if path.is_file()]
    modules = {_name(path.relative_to(root)): path for path in [*paths, root / "__main__.py"]}
    return {name: set(_edges(path, modules)) for name, path in modules.items() if path.exists()}


def circle(edges):
    """Return the modules of a circle, the first one again at its end; None if there is none."""
    inner = {name: {each for each in found if each in edges} for name, found in edges.items()}
    try:
        graphlib.TopologicalSorter(inner).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return None


def arrows(edges):
    """Return which room imports which other one."""
    pairs = ((room(module), room(name)) for module in edges for name in edges[module] if ours(name))
    return {(source, target) for source, target in pairs if source != target}


def trespasses(edges):
    """Return a sentence for each import through a door that there is not."""
    return sorted(
        [f"{module} is in no room of DOORS" for module in edges if not room(module)]
        + [
            f"{module} may not import {imported}"
            for module, found in edges.items()
            for imported in found
            if not _may(room(module), imported)
        ]
    )


def _may(source, imported):
    if ours(imported):
        return room(imported) in (source, *DOORS.get(source, ()))
    package = imported.split(".")[0]
    allowed = package in sys.stdlib_module_names or package in _PACKAGES.get(source, ())
    return allowed and imported not in _SHUT.get(source, ())


def ours(name):
    """Tell whether a module, or a name in one, is of this package."""
    return name.split(".")[0] == PACKAGE


def room(module):
    """Return the room that a module is in; None if there is none for it."""
    inner = module.removeprefix(f"{PACKAGE}.")
    parts = inner.split(".")
    prefixes = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next(
        (each for each in prefixes if each in DOORS and (each == inner or each not in _HALLS)), None
    )


def _name(path):
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _edges(path, modules):
    for module, name in imports(path):
        whole = f"{module}.{name}"
        yield whole if name and (not ours(module) or whole in modules) else module
