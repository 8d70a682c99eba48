"""A stack on AWS: the program of this folder with a person's own Pulumi login and credentials.

`python -m tools.stack up|down|show STACK`, called by `make up STACK=dev`. Pulumi asks before it
changes anything. The plugin of pulumi-aws is the official one, and nothing of the local stack is
used: not its local AWS, not its state, not the stand-in of the plugin.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools import engine
from tools.common import ToolError, exit_code, run_attended, say
from tools.local import LOCAL, PLUGIN, STACK
from tools.local_aws import ROOT

COMMANDS = {"up": ("up",), "down": ("destroy",), "show": ("stack", "output")}

# Accounts of nobody, in the files of this repository for whoever takes them over to replace.
PLACEHOLDERS = ("111111111111", "222222222222", "333333333333")


def run(command: str, stack: str) -> int:
    """Run one command of Pulumi on a stack, at this terminal, and return its exit code."""
    _check_stack(stack)
    _check_shell()
    programs = engine.ensure()
    env = {**os.environ, "PATH": _search_path(programs)}
    pulumi = str(programs / "pulumi")
    return run_attended([pulumi, *COMMANDS[command], "--stack", stack], ROOT, env)


def _check_stack(stack: str) -> None:
    """Refuse a stack that cannot work; its name may be in full, as in `acme/incidents/dev`."""
    name = stack.rpartition("/")[2]
    if name == STACK:
        raise ToolError(f"The stack {STACK} is for the local AWS: `make up`, without STACK.")
    file = ROOT / f"Pulumi.{name}.yaml"
    stacks = sorted(path.stem.removeprefix("Pulumi.") for path in ROOT.glob("Pulumi.*.yaml"))
    if name not in stacks:
        known = ", ".join(other for other in stacks if other != STACK)
        raise ToolError(f"There is no {file.name}. The stacks on AWS are {known or 'none yet'}.")
    text = file.read_text()
    for account in PLACEHOLDERS:
        if account in text:
            raise ToolError(f"{file.name} has the placeholder {account}: replace it by an account.")


def _check_shell() -> None:
    """Refuse a shell that has read `.local/env`: all in it is for the local AWS."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_HOME"):
        if str(LOCAL) in os.environ.get(name, ""):
            raise ToolError(f"This shell is set for the local AWS ({name}): use another one.")


def _search_path(programs: Path) -> str:
    """Return PATH with the project's Python and the engine first, and without the stand-in."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    own = [place for place in places if (Path(place) / PLUGIN.name).resolve() != PLUGIN.resolve()]
    # The virtual environment first, as if a person had activated it.
    return os.pathsep.join([str(ROOT / ".venv" / "bin"), str(programs), *own])


def main(arguments: list[str]) -> int:
    """Run one command."""
    command, stack = arguments if len(arguments) == 2 else ("", "")  # noqa: PLR2004 - these two
    if command not in COMMANDS:
        say("usage: python -m tools.stack up|down|show STACK")
        return 2
    return exit_code(lambda: run(command, stack))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
