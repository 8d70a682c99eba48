"""The IAM policy of whoever only reads: what the commands ask of a live account, and nothing else.

What they ask is read from their code, so a new call is in the policy as soon as it is written.
https://docs.aws.amazon.com/service-authorization/latest/reference/ has the actions, most of which
have the name of the operation.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session

from pulumi_incidents.commands._aws import PREFIXES
from tools.common import ToolError
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE = ROOT / "docs" / "reader-policy.json"
_COMMANDS = ROOT / "pulumi_incidents" / "commands"
_DOCTOR = _COMMANDS / "doctor"
_FREE = "sts"
"""Its one operation that is asked, GetCallerIdentity, needs no permission."""


def policy() -> dict[str, Any]:
    """Return the policy, for any account: what is looked at has any name, and is made elsewhere."""
    files = {*_COMMANDS.rglob("*.py")}
    people = _asked(file for file in files if not file.is_relative_to(_DOCTOR))
    doctor = _asked(file for file in files if file.is_relative_to(_DOCTOR))
    parts = {"WhoAndRota": people, "Doctor": doctor - people}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
            for sid, actions in parts.items()
        ],
    }


def _asked(files: Iterable[Path]) -> set[str]:
    return {action for file in files for action in actions(file.read_text("utf-8"), file.name)}


def actions(source: str, file: str) -> Iterator[str]:
    """Yield the actions of all that a file asks an account: the operations that it names.

    :raises ToolError: one sentence, if it asks a service by no name, or for nothing by a name.
    """
    tree = ast.parse(source)
    named = dict(_constants(tree))
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    texts = {value for value in constants if isinstance(value, str)}
    session = botocore.session.Session()
    for service in {_service(call, named, file) for call in _calls(tree)} - {_FREE}:
        found = texts.intersection(session.get_service_model(service).operation_names)
        if not found:
            raise ToolError(f"{file} asks {service} for nothing by a literal name.")
        prefix = PREFIXES.get(service, service)
        yield from (f"{prefix}:{operation}" for operation in found)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names of a module that stand for a text; one line may have several."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = [*zip(names, values, strict=True)]
            case ast.Assign(targets=[name], value=value):
                pairs = [(name, value)]
            case _:
                continue
        for pair in pairs:
            match pair:
                case ast.Name(id=known), ast.Constant(value=str(text)):
                    yield known, text


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield what asks an account for something."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="ask" | "pages")):
                yield node


def _service(call: ast.Call, named: dict[str, str], file: str) -> str:
    match call.args[:1]:
        case [ast.Constant(value=str(service))]:
            return service
        case [ast.Name(id=name)] if name in named:
            return named[name]
    raise ToolError(f"{file}:{call.lineno} asks a service by no literal name.")
