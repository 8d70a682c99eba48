"""Promises of `tools.stack`, which `make up STACK=dev` and its siblings call.

Real: the tool as a process of its own in a copy of its folder, and make. `pulumi` is a script that
notes how it was called and asks a question, as the engine does before it changes anything.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT
from tools.engine import HELPERS

PULUMI = """#!/bin/sh
if [ "$1" = version ]; then echo v3.260.0; exit; fi
PATH=/usr/bin:/bin:"$PATH"
echo "$*" > "$NOTES/arguments"
env > "$NOTES/environment"
pwd > "$NOTES/folder"
read -r answer
echo "$answer" > "$NOTES/answer"
exit "${STATUS:-0}"
"""
INTERRUPTED = """#!/bin/sh
if [ "$1" = version ]; then echo v3.260.0; exit; fi
PATH=/usr/bin:/bin:"$PATH"
trap 'sleep 1; touch "$NOTES/saved"; exit 7' INT
touch "$NOTES/started"
while :; do sleep 0.1; done
"""


def write_program(path, script):
    """Write an executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path):
    """Return a copy of what the tool needs, with an engine on PATH that is a script."""
    folder, programs, notes = (tmp_path / name for name in ("clone", "programs", "notes"))
    notes.mkdir()
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for stack in ("local", "dev", "eu.prod"):
        (folder / f"Pulumi.{stack}.yaml").write_text('config:\n  aws:region: "eu-west-1"\n')
    for program in HELPERS:
        write_program(programs / program, "#!/bin/sh\n")
    write_program(programs / "pulumi", PULUMI)
    own = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    environment = {**own, "PATH": f"{programs}:{os.environ['PATH']}", "NOTES": str(notes)}

    def run(*arguments, answer="", **settings):
        return subprocess.run(
            [sys.executable, "-m", "tools.stack", *arguments],
            cwd=folder,
            env={**environment, **settings},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    def noted(name):
        return (notes / name).read_text().strip()

    def settings():
        return dict(line.split("=", 1) for line in noted("environment").splitlines() if "=" in line)

    return SimpleNamespace(
        folder=folder,
        programs=programs,
        notes=notes,
        environment=environment,
        run=run,
        noted=noted,
        settings=settings,
        asked=(notes / "arguments").exists,
    )


@pytest.mark.parametrize(
    ("command", "called"),
    [("up", "up"), ("down", "destroy"), ("show", "stack output")],
)
def test_pulumi_is_asked_to_ask(clone, command, called):
    """No change is confirmed in advance: the engine's question reaches the person, who answers."""
    done = clone.run(command, "dev", answer="no\n")
    assert clone.noted("arguments") == f"{called} --stack dev"
    assert clone.noted("answer") == "no"
    assert clone.noted("folder") == str(clone.folder)
    assert done.returncode == 0


def test_login_credentials_and_home_stay_those_of_the_person(clone):
    """Every variable reaches Pulumi as it is, but for PATH, and nothing local is added."""
    mine = {
        "AWS_PROFILE": "shop",
        "AWS_SESSION_TOKEN": "mine",
        "PULUMI_ACCESS_TOKEN": "mine",
        "PULUMI_BACKEND_URL": "s3://states",
        "PULUMI_HOME": "/home/of/mine",
    }
    clone.run("up", "dev", **mine)
    given = {**clone.environment, **mine}
    changed = {
        name: value
        for name, value in clone.settings().items()
        if given.get(name) != value and name not in ("PWD", "OLDPWD", "SHLVL", "_")
    }
    assert set(changed) == {"PATH"}
    assert not (clone.folder / ".local").exists()


def test_the_python_of_the_project_and_the_engine_come_first_and_no_stand_in(clone):
    """The stand-in of the plugin is never found, whatever PATH the person has."""
    plugin = clone.folder / "pulumi_incidents/stand_in/bin/pulumi-resource-aws"
    official = clone.notes.parent / "official"
    for path in (plugin, official / plugin.name):
        write_program(path, "#!/bin/sh\n")
    link = clone.notes.parent / "link"
    link.symlink_to(plugin.parent)
    theirs = f"{plugin.parent}:{link}:{official}:{clone.environment['PATH']}"
    clone.run("up", "dev", PATH=theirs)
    found = clone.settings()["PATH"].removeprefix("/usr/bin:/bin:").split(":")
    assert found[:2] == [str(clone.folder / ".venv/bin"), str(clone.programs)]
    assert shutil.which(plugin.name, path=":".join(found)) == str(official / plugin.name)
    assert {str(plugin.parent), str(link)}.isdisjoint(found)


@pytest.mark.parametrize("stack", ["eu.prod", "acme/incidents/dev"])
def test_a_stack_is_named_as_pulumi_names_it(clone, stack):
    """A name may have dots, or say organisation and project too."""
    clone.run("up", stack)
    assert clone.noted("arguments") == f"up --stack {stack}"


@pytest.mark.parametrize("stack", ["production", "", "--yes", "acme/production"])
def test_a_stack_without_a_file_is_refused_with_those_there_are(clone, stack):
    """A typing mistake is one sentence, and Pulumi is not called."""
    done = clone.run("up", stack)
    file = f"Pulumi.{stack.rpartition('/')[2]}.yaml"
    assert done.stderr == f"There is no {file}. The stacks on AWS are dev, eu.prod.\n"
    assert done.returncode == 1
    assert not clone.asked()


@pytest.mark.parametrize("stack", ["local", "acme/local"])
def test_the_local_stack_is_not_for_aws(clone, stack):
    """The configuration with the local credentials is never brought up elsewhere."""
    done = clone.run("up", stack)
    assert done.stderr == "The stack local is for the local AWS: `make up`, without STACK.\n"
    assert not clone.asked()


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_a_placeholder_of_this_repository_is_told_before_anything_is_called(clone, stack):
    """Whoever has not put in an account of their own learns which file is to be edited."""
    shutil.copy(ROOT / f"Pulumi.{stack}.yaml", clone.folder)
    done = clone.run("up", stack)
    assert re.fullmatch(
        rf"Pulumi\.{stack}\.yaml has the placeholder (\d)\1{{11}}: replace it by an account\.\n",
        done.stderr,
    )
    assert not clone.asked()


@pytest.mark.parametrize(
    ("name", "value"), [("PULUMI_BACKEND_URL", "file://{}/state"), ("PULUMI_HOME", "{}/pulumi")]
)
def test_a_shell_of_the_local_stack_is_refused(clone, name, value):
    """After `. .local/env` a shell is for the local AWS, and dev would silently go there."""
    done = clone.run("up", "dev", **{name: value.format(clone.folder / ".local")})
    assert done.stderr == f"This shell is set for the local AWS ({name}): use another one.\n"
    assert not clone.asked()


def test_what_pulumi_returns_is_returned(clone):
    """A failure, or a person's no, is the exit code of the tool; Pulumi has said why."""
    done = clone.run("up", "dev", STATUS="255")
    assert (done.returncode, done.stdout, done.stderr) == (255, "", "")


def test_ctrl_c_lets_pulumi_finish(clone):
    """Ctrl-C reaches Pulumi, which saves its state; the tool waits for it."""
    write_program(clone.programs / "pulumi", INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, "-m", "tools.stack", "up", "dev"],
        cwd=clone.folder,
        env=clone.environment,
        start_new_session=True,
    ) as process:
        give_up = time.monotonic() + 60
        while not (clone.notes / "started").exists():
            assert time.monotonic() < give_up, "it never started"
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
    assert process.returncode == 7
    assert (clone.notes / "saved").exists()


@pytest.mark.parametrize("arguments", [(), ("up",), ("refresh", "dev"), ("up", "dev", "--yes")])
def test_anything_else_is_told_how_to_call_it(clone, arguments):
    """The tool has three commands and takes no options."""
    done = clone.run(*arguments)
    assert done.stderr == "usage: python -m tools.stack up|down|show STACK\n"
    assert done.returncode == 2


@pytest.mark.parametrize("target", ["up", "down", "show"])
@pytest.mark.parametrize(
    ("setting", "called"),
    [
        ((), "tools.local {}"),
        (("STACK=local",), "tools.local {}"),
        (("STACK=",), "tools.local {}"),
        (("STACK=dev",), "tools.stack {} 'dev'"),
        (("STACK=acme/prod",), "tools.stack {} 'acme/prod'"),
    ],
)
def test_make_takes_the_local_stack_unless_another_is_named(target, setting, called):
    """Without STACK, or with an empty one, nothing but the local AWS is touched."""
    inherited = ("STACK", "MAKEFLAGS", "MAKEOVERRIDES")
    environment = {key: value for key, value in os.environ.items() if key not in inherited}
    done = subprocess.run(
        ["make", "-n", "--no-print-directory", "-o", ".venv/.installed", target, *setting],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1].endswith(called.format(target))
