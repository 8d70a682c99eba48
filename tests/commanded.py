"""The command `pulumi-incidents` as a person runs it."""

from __future__ import annotations

import subprocess
import sys

MODULE = "pulumi_incidents.commands"


def run(environment, *words, module=MODULE, folder=None, stdout=subprocess.PIPE, **options):
    """Run a command as a process of its own, and return how it ended and what it printed."""
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=folder,
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **options,
    )


def told(environment, *words, code=2, **options):
    """Run a command that has to fail, and return its one sentence."""
    done = run(environment, *words, **options)
    assert (done.returncode, done.stdout) == (code, ""), done.stdout + done.stderr
    line = done.stderr.rstrip("\n")
    assert "\n" not in line, line
    assert line.startswith("error: ")
    return line.removeprefix("error: ")
