"""The command `pulumi-incidents`: its subcommands, and how each of them ends.

Exit code 0 is that all is fine, 1 that something was found, 2 that something could not be looked
at, that the command was not understood, or that its result could not be written; 141 that nobody
read it to its end.
"""

from __future__ import annotations

import errno
import importlib
import io
import keyword
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from pulumi_incidents import __version__

_SUMMARIES = {
    "who": "Show who is paged if an incident starts, over what, and minute by minute.",
    "rota": "Show who has which shift, when nobody has one, and who is in two rotations at once.",
    "doctor": "Would it work? What is wrong on the way from an alarm to a person, and the mend.",
    "import": "Write what Pulumi needs to take over what exists already, and its code.",
    "local-aws": "Run a local AWS with Incident Manager, to try all of this on.",
}
"""What each subcommand does; its `main` is in the module of this folder with its name."""

_NOT_TOLD = 2
_INTERRUPTED = 130
"""How a command ends that Ctrl-C has ended."""
_UNREAD = 141
"""How a shell says that a program wrote to a pipe that was closed (128 and SIGPIPE)."""


class _Flags:
    """A command whose help shows that flags take no value, where Typer writes `<bool>`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters."""
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for each in found:
            if getattr(each, "is_flag", False):
                each.metavar = ""
        return found


class _Command(_Flags, TyperCommand):
    """One subcommand."""


class _Commands(_Flags, TyperGroup):
    """Loads a subcommand when it is asked for.

    Help on all of them, and the completion of their names, would else wait for Pulumi and boto3.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the whole of a subcommand where there is only its summary yet."""
        name, summary, rest = super().resolve_command(ctx, args)
        return name, _loaded(name) if name in _SUMMARIES else summary, rest


def _loaded(name: str) -> Any:
    module_name = f"{name}_" if keyword.iskeyword(name) else name.replace("-", "_")
    module = importlib.import_module(f"{__package__}.{module_name}")
    whole = typer.Typer(rich_markup_mode="markdown", add_completion=False, context_settings=_HELP)
    whole.command(name, cls=_Command)(module.main)
    return typer.main.get_command(whole)


_HELP = {"help_option_names": ["--help", "-h"]}

app = typer.Typer(
    cls=_Commands,
    name="pulumi-incidents",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings=_HELP,
    epilog="Exit code: 0 all is fine, 1 something was found, 2 something could not be looked at.",
)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Why a file that stdout goes to takes no more."""


def _version(asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if asked:
        sys.stdout.write(f"pulumi-incidents {__version__}\n")
        raise typer.Exit


@app.callback()
def _about(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """See before the night who is paged by AWS Incident Manager, and whether it would work.

    Accounts are read, and nothing in them is changed. Which one is read, and as whom, says the
    environment as for every program that calls AWS, or --stack says it of a Pulumi stack.

    - `pulumi-incidents who checkout --at "Sunday 03:00"`
    - `pulumi-incidents rota checkout`
    - `pulumi-incidents doctor --all`
    """


def _summary() -> None:
    """Stand for a subcommand until it is loaded."""


for _name, _said in _SUMMARIES.items():
    app.command(_name, help=_said)(_summary)


def main() -> None:
    """Run the command; an expected failure is one sentence, and exit code 2."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the encoding of a terminal lacks is no reason to say nothing at all.
        sys.stdout.reconfigure(errors="replace")
    try:
        try:
            app(prog_name="pulumi-incidents")
        finally:
            if sys.stdout:
                sys.stdout.flush()
    except BrokenPipeError:
        os._exit(_UNREAD)
    except SystemExit as end:
        # Threads may wait for AWS still, and nothing is left to be written.
        if end.code == _INTERRUPTED:
            os._exit(_INTERRUPTED)
        # Click and Rich end with 1 then, which is that something was found.
        if isinstance(end.__context__, BrokenPipeError):
            os._exit(_UNREAD)
        raise
    except Exception as error:
        sentence = _expected(error)
        if sentence is None:
            raise
        sys.stderr.write(f"error: {sentence}\n")
        sys.exit(_NOT_TOLD)


def _expected(error: Exception) -> str | None:
    """Return what a person is told of an error; None for a mistake of this program."""
    if isinstance(error, OSError) and error.filename is None and error.errno in _FULL:
        _drop_output()
        return f"The result cannot be written: {error.strerror}."
    # Whoever could raise it has imported it by now.
    errors = sys.modules.get("pulumi_incidents.identity.errors")
    return str(error) if errors and isinstance(error, errors.IncidentManagerError) else None


def _drop_output() -> None:
    """Let nothing more be written, or Python tries it again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
