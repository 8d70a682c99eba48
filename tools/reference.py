"""Every input and output of the resources and components, from the code that declares them.

`python -m tools.reference` writes docs/reference.md. Read are the annotations and the docstrings
below them, not the running classes, so that every version of Python writes the same page.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple, cast

from tools.local_aws import ROOT

FILE = ROOT / "docs" / "reference.md"
PACKAGE = ROOT / "pulumi_incidents"

# What a program makes, in the order of the page, and where it is declared.
KINDS = {
    "ResponsePlan": "providers/response_plan.py",
    "Incident": "providers/incident.py",
    "ReplicationSet": "providers/replication_set.py",
    "Contact": "providers/contact.py",
    "ContactChannel": "providers/contact_channel.py",
    "ContactPlan": "providers/contact_plan.py",
    "Rotation": "providers/rotation.py",
    "RotationOverride": "providers/rotation_override.py",
    "IncidentResponse": "stacks/incident_response.py",
    "IncidentTopic": "stacks/topics.py",
    "Runbook": "stacks/runbook.py",
    "Responder": "stacks/responder.py",
    "OnCall": "stacks/on_call.py",
    "AlarmTrigger": "stacks/alarm_trigger.py",
    "CompositeAlarmTrigger": "stacks/composite_alarm_trigger.py",
    "EventTrigger": "stacks/event_trigger.py",
    "Drill": "stacks/drill.py",
}
RESOURCES = tuple(name for name, file in KINDS.items() if file.startswith("providers/"))
BASE = "AwsResource"  # of all of them: what is said there is said of each

SCALARS = {
    "Address": "string",
    "str": "string",
    "int": "whole number",
    "float": "number",
    "bool": "boolean",
}

INTRODUCTION = """\
<!-- Written by `python -m tools.reference` from the code: change the docstrings there. -->

# Reference

Every input and output, as the code declares them. [ResponsePlan](response-plan.md),
[Incident](incident.md), [ReplicationSet](replication-set.md) and [Components](components.md) say
how they work together.

An input in **bold** is required. Every other one may be left out or be `None`. Where a type says
*plain*, the value has to be known when the program runs; everything else may be an output of
another resource. An output that says *as declared* is the input of that name.

Every resource and component has the outputs of Pulumi as well, such as `urn`; the `id` of a
resource is its ARN, of a `ContactPlan` that of the contact, and of a `RotationOverride` that of the
rotation with the override's id behind a comma.
"""


class Field(NamedTuple):
    """One input or output."""

    name: str
    annotation: ast.expr
    text: str


def page() -> str:
    """Return the reference."""
    parts = [
        name for name in sorted(_classes()) if name not in (*KINDS, BASE) and name not in _owners()
    ]
    return "\n".join(
        [
            INTRODUCTION,
            *map(_kind, KINDS),
            "## Parts of inputs\n\nWhat the inputs above are made of.\n",
            *map(_part, parts),
        ]
    )


@cache
def _classes() -> dict[str, ast.ClassDef]:
    """Return what users declare with: the resources, the components, and their inputs."""
    shared = ("providers/_settings.py", "providers/_resource.py", "stacks/subscribers.py")
    paths = [PACKAGE / file for file in (*shared, *KINDS.values())]
    return {
        node.name: node
        for path in paths
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and (node.name in (*KINDS, BASE) or _is_args(node))
    }


@cache
def _owners() -> dict[str, str]:
    """Map the names of inputs to the kind that takes them."""
    return {_args_of(kind): kind for kind in KINDS}


def _args_of(kind: str) -> str:
    given = " ".join(ast.unparse(each.args) for each in _methods(_classes()[kind], "__init__"))
    return next(name for name, node in _classes().items() if _is_args(node) and name in given)


def _is_args(node: ast.ClassDef) -> bool:
    """Tell whether a class is a `TypedDict`, or another one of ours with more keys."""
    return any(ast.unparse(base).endswith(("TypedDict", "Args")) for base in node.bases)


def _kind(name: str) -> str:
    node, args = _classes()[name], _args_of(name)
    inputs = list(_fields(_classes()[args]))
    declared = {field.name for field in inputs}
    outputs = [
        (f"`{field.name}`", _type(field.annotation), field.text or "As declared.")
        for field in _outputs(node)
        if field.text or field.name in declared
    ]
    return "\n".join(
        [
            f"## {name}\n",
            f"`{_signature(node)}`\n",
            _text(node) + "\n",
            *_lookup(node),
            f"**Inputs**{'' if name in RESOURCES else f', the keys of `{args}`'}\n",
            _table("Input", map(_row_of(_classes()[args]), inputs)),
            "**Outputs**\n",
            _table("Output", outputs),
        ]
    )


def _part(name: str) -> str:
    node = _classes()[name]
    rows = map(_row_of(node), _fields(node))
    return f"### {name}\n\n{_text(node)}\n\n{_table('Key', rows)}"


def _signature(node: ast.ClassDef) -> str:
    """Return how the kind is made; a resource in either of two ways."""
    ways = [each.args for each in _methods(node, "__init__")]
    ways = ways[:-1] or ways  # the last one of several does what the others say
    return "` or `".join(_way(node.name, given) for given in ways)


def _way(name: str, given: ast.arguments) -> str:
    names = [argument.arg for argument in given.args[1:]]
    # An argument that is left out is told by the component itself, with all other mistakes.
    optional = sum(ast.unparse(default) != "REQUIRED" for default in given.defaults)
    shown = names[: len(names) - optional]
    shown += [f"{name}=None" for name in names[len(names) - optional :]]
    return f"{name}({', '.join(shown)}{', **inputs' if given.kwarg else ''})"


def _lookup(node: ast.ClassDef) -> Iterator[str]:
    if node.name in RESOURCES:
        (get,) = _methods(_classes()[BASE], "get")
        yield f"`{node.name}.get(resource_name, arn, opts=None)`: {_text(get)}\n"


def _methods(node: ast.ClassDef, name: str) -> list[ast.FunctionDef]:
    functions = (item for item in node.body if isinstance(item, ast.FunctionDef))
    return [function for function in functions if function.name == name]


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    """Yield annotated names, each with the docstring below it."""
    for item, below in zip(node.body, [*node.body[1:], ast.Pass()], strict=True):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            text = str(ast.literal_eval(cast("ast.Expr", below).value)) if told else ""
            yield Field(item.target.id, item.annotation, text)


def _outputs(node: ast.ClassDef) -> Iterator[Field]:
    yield from _fields(node)
    shared = _classes()[BASE].body if node.name in RESOURCES else []
    for item in (*node.body, *shared):
        if isinstance(item, ast.FunctionDef) and "property" in map(
            ast.unparse, item.decorator_list
        ):
            yield Field(item.name, cast("ast.expr", item.returns), ast.get_docstring(item) or "")


def _row_of(node: ast.ClassDef) -> Callable[[Field], tuple[str, str, str]]:
    """Return what writes a row about a key: of some inputs none is required by itself."""
    total = any(keyword.arg == "total" for keyword in node.keywords)
    return _optional_row if total else _row


def _row(field: Field) -> tuple[str, str, str]:
    required = not _is(field.annotation, "NotRequired")
    name = f"**`{field.name}`**" if required else f"`{field.name}`"
    inner = field.annotation if required else _inner(field.annotation)
    plain = "" if "Input" in ast.unparse(inner) or "Output" in ast.unparse(inner) else ", *plain*"
    return name, _type(field.annotation) + plain, field.text


def _optional_row(field: Field) -> tuple[str, str, str]:
    return (f"`{field.name}`", *_row(field)[1:])


def _type(node: ast.expr) -> str:
    """Spell an annotation for people: `Mapping[str, Input[str]] | None` is a map of string."""
    if isinstance(node, ast.BinOp):
        sides = [_type(side) for side in (node.left, node.right) if ast.unparse(side) != "None"]
        return " or ".join(sides)
    if not isinstance(node, ast.Subscript):
        return _name(ast.unparse(node))
    kind = ast.unparse(node.value).rpartition(".")[2]
    if kind in {"NotRequired", "Input", "Output"}:
        return _type(node.slice)
    if kind == "Literal":
        values = cast("ast.Tuple", node.slice).elts
        return ", ".join(f"`{ast.literal_eval(value)}`" for value in values)
    if kind == "Sequence":
        return f"list of {_type(node.slice)}"
    if kind == "Mapping":
        return f"map of {_type(cast('ast.Tuple', node.slice).elts[1])}"
    raise ValueError(f"the reference has no words for {ast.unparse(node)}")


def _name(name: str) -> str:
    if name == "Any":
        return "anything"
    if name.startswith("aws."):
        # As pulumi-aws documents it, by a name that is not too wide for a column.
        return f"`{name.rpartition('.')[2].removesuffix('ArgsDict')}` of pulumi-aws"
    return SCALARS.get(name) or f"[{name}](#{_owners().get(name, name).lower()})"


def _is(node: ast.expr, kind: str) -> bool:
    return isinstance(node, ast.Subscript) and ast.unparse(node.value) == kind


def _inner(node: ast.expr) -> ast.expr:
    return cast("ast.Subscript", node).slice


def _text(node: ast.ClassDef | ast.FunctionDef) -> str:
    return ast.get_docstring(node) or ""


def _table(first: str, rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f"| {first} | Type | What it is |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    FILE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
