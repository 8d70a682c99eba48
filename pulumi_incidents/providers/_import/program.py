"""Python code that declares what is imported, laid out as ruff and black do. Pure."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_incidents.providers._import.kinds import CONTACT_PLAN, KINDS
from pulumi_incidents.providers._import.things import Found, changed_texts, distinct, texts

_WIDTH = 88
_TAKEN = {"config", "pulumi", "self", *dir(builtins), *(kind.resource.__name__ for kind in KINDS)}


class _Code(str):
    """Text that is code already."""

    __slots__ = ()


def program(things: Sequence[Found], file: str) -> str:
    """Return the code; what others name comes before them, and they name it by its variable.

    An address is not in it: it is a secret of the stack's configuration.
    """
    things = list(_in_order(things))
    variables = _variables(things)
    body = [_declaration(thing, index, things, variables) for index, thing in enumerate(things)]
    has_address = any(thing.address is not None for thing in things)
    lines = [f'"""What was imported with {file}."""\n\n']
    if has_address or any(thing.wanted.parent for thing in things):
        lines.append("import pulumi\n")
    lines.append(_import_of(sorted({thing.kind.resource.__name__ for thing in things})))
    if has_address:
        lines.append("config = pulumi.Config()\n\n")
    return "".join([*lines, *body])


def _in_order(things: Sequence[Found]) -> Iterator[Found]:
    """Yield each thing behind those that it names; of a circle, whichever comes first."""
    by_id = {thing.id: thing for thing in things if thing.kind is not CONTACT_PLAN}
    begun: list[Found] = []

    def visit(thing: Found) -> Iterator[Found]:
        if thing not in begun:
            begun.append(thing)
            for text in _named_by(thing):
                if text in by_id:
                    yield from visit(by_id[text])
            yield thing

    # A plan leads to its person and her channels, which so stand together.
    for thing in sorted(things, key=lambda each: each.kind is not CONTACT_PLAN):
        yield from visit(thing)


def _variables(things: Sequence[Found]) -> list[str]:
    """Return what each thing would be called in the code."""
    names = []
    for thing in things:
        name = re.sub(r"\W", "_", thing.name)
        if not name.isidentifier():
            name = f"_{name}"
        names.append(f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name)
    return distinct(names, "_")


def _declaration(
    thing: Found, index: int, things: Sequence[Found], variables: Sequence[str]
) -> str:
    """Return the statement that declares one of the things; those before it can be named."""
    before = {
        other.id: _Code(f"{variable}.arn")
        for other, variable in zip(things[:index], variables, strict=False)
        if _names(thing, other)
    }
    inputs = thing.declared(_Code(f"config.require_secret({_string(thing.key)})"))
    named = {
        key: value if key == "policy" else changed_texts(value, lambda text: before.get(text, text))
        for key, value in inputs.items()
    }
    lines = [f"    {key}={_literal(value, len(key) + 5, 1)},\n" for key, value in named.items()]
    comment = ""
    if thing.wanted.parent:
        comment = f"# Belongs into the component {thing.wanted.parent}\n"
        lines.append("    opts=pulumi.ResourceOptions(parent=self),\n")
    is_named = any(_names(other, thing) for other in things[index + 1 :])
    target = f"{variables[index]} = " if is_named else ""
    kind = thing.kind.resource.__name__
    return f"{comment}{target}{kind}(\n    {_string(thing.name)},\n{''.join(lines)})\n"


def _names(thing: Found, other: Found) -> bool:
    """Tell whether a thing can name another one by its variable: both in one component."""
    is_same_place = thing.wanted.parent == other.wanted.parent
    return other.kind is not CONTACT_PLAN and is_same_place and other.id in _named_by(thing)


def _named_by(thing: Found) -> list[str]:
    return texts({key: value for key, value in thing.inputs.items() if key != "policy"})


def _import_of(names: Iterable[str]) -> str:
    start, names = "from pulumi_incidents.providers import ", list(names)
    line = f"{start}{', '.join(names)}\n\n"
    if len(line) - 2 <= _WIDTH:
        return line
    listed = "".join(f"    {name},\n" for name in names)
    return f"{start}(\n{listed})\n\n"


def _literal(value: Any, column: int, depth: int) -> str:
    """Return a value as Python code.

    `column` is where it starts, and `depth` how many times its line is indented.
    """
    if isinstance(value, Mapping):
        items = [(f"{_string(key)}: ", item) for key, item in value.items()]
        opening, closing = "{}"
    elif isinstance(value, (list, tuple)):
        items = [("", item) for item in value]
        opening, closing = "[]"
    elif isinstance(value, _Code):
        return value
    else:
        return _string(value) if isinstance(value, str) else repr(value)
    short = ", ".join(key + _literal(item, -sys.maxsize, 0) for key, item in items)
    if column + len(short) + len("{},") <= _WIDTH:
        return f"{opening}{short}{closing}"
    indent = "    " * (depth + 1)
    lines = [
        f"{indent}{key}{_literal(item, len(indent + key), depth + 1)},\n" for key, item in items
    ]
    return f"{opening}\n{''.join(lines)}{'    ' * depth}{closing}"


def _string(value: str) -> str:
    """Return a string as Python code, in the quotes that need fewer escapes, or double ones."""
    text = json.dumps(value, ensure_ascii=False)  # the escapes of JSON are among Python's
    if value.count('"') <= value.count("'"):
        return text
    body = text[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{body}'"
