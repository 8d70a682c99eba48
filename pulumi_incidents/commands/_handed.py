"""Subcommands that hand on to a command with a parser of its own: its options have one home."""

from __future__ import annotations

import inspect
import re
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

_OF_FILES = ("FILE", "DIR")


def handed(parser: ArgumentParser, run: Callable[[list[str]], int]) -> Callable[..., None]:
    """Return a subcommand with the options of a parser, which runs what that parser is of.

    They are read there, so what is wrong with one is said there as well; here is what help and
    completion have to know of them.
    """
    # There is no public way to ask a parser what it takes.
    actions = [each for each in parser._actions if each.dest != "help"]  # noqa: SLF001

    def main(**given: Any) -> None:
        words = [word for action in actions for word in _words(action, given[action.dest])]
        raise typer.Exit(run(words))

    parameters = [*map(_parameter, actions)]
    main.__doc__ = _escaped(parser.description)
    main.__annotations__ = {each.name: each.annotation for each in parameters}
    vars(main)["__signature__"] = inspect.Signature(parameters)
    return main


def _parameter(action: Action) -> inspect.Parameter:
    told: dict[str, Any] = {"help": _escaped(action.help)}
    if action.nargs != 0:
        told["metavar"] = str(action.metavar or action.dest.upper())
    if action.choices:
        choices = [*map(str, action.choices)]
        told |= {"metavar": "|".join(choices), "autocompletion": lambda: choices}
    flags = action.option_strings
    info = typer.Option(*flags, **told) if flags else typer.Argument(**told)
    kind, default = _kind(action)
    return inspect.Parameter(
        action.dest,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, info],
    )


def _kind(action: Action) -> tuple[Any, Any]:
    """Return the type of a value, and what stands for one that is not given."""
    one: Any = Path if action.metavar in _OF_FILES else str  # a shell knows how to complete it
    if action.nargs == 0:
        return bool, False
    if action.nargs == "*" or isinstance(action.default, list):
        return list[one] | None, None  # argparse calls the first of these required; it is not
    if action.required:
        return one, inspect.Parameter.empty
    return one | None, None


def _words(action: Action, value: Any) -> Iterator[str]:
    """Return how a command line says a value; nothing for one that is not given."""
    for each in value if isinstance(value, list) else [value]:
        if each is True:
            yield action.option_strings[-1]
        elif each not in (None, False):
            yield f"{action.option_strings[-1]}={each}" if action.option_strings else str(each)


def _escaped(text: str | None) -> str:
    """Return a help text as it reads in markdown: stars and brackets are themselves."""
    return re.sub(r"(`[^`]*`)|([*<\[])", lambda found: found[1] or f"\\{found[2]}", text or "")
