"""The `python3` that starts fast is a `python3`. Real: the script, its client, what is forked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.forked import ROOT, Forked, worker

PROGRAM = """
import os, sys
sys.stdout.write(f"{os.getcwd()} {os.environ['MARK']} {sys.argv[1:]} {__name__} ")
sys.stdout.write(f"{'pulumi' in sys.modules} {sys.stdin.read()}")
sys.stderr.write("told")
sys.exit(7)
"""


@pytest.fixture
def run(python3, engine, tmp_path):
    """Start a program as the language host starts one."""
    script = tmp_path / "program.py"

    def start(text, *arguments, path=ROOT):
        script.write_text(text)
        folder = tmp_path / "below"
        folder.mkdir()
        # What is warm is told by where the engine keeps what it runs.
        named = os.path.relpath(script, engine)
        return subprocess.Popen(
            [python3 / "python3", f"{engine}/{named}", *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "MARK": "ours", "PYTHONPATH": str(path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_whoever_starts_it_sees_a_python(run, tmp_path):
    """Folder, environment, arguments, standard files and exit code are the process's own."""
    process = run(PROGRAM, "--one", "two")
    said, told = process.communicate("asked")
    assert said == f"{tmp_path / 'below'} ours ['--one', 'two'] __main__ True asked"
    assert (told, process.returncode) == ("told", 7)


def test_another_path_gets_a_cold_one(run, tmp_path):
    """What was imported from this repository would be another program's."""
    said, _ = run(PROGRAM, path=tmp_path).communicate("")
    assert "__main__ False" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise ValueError('broken')", "ValueError: broken"),
        ("import sys; sys.exit('no, thanks')", "no, thanks"),
        ("import atexit; atexit.register(lambda: 1 / 0)", "ZeroDivisionError"),
    ],
)
def test_it_ends_as_a_python_ends(run, text, told):
    """An exception, a text and what is left to do at the end are told on stderr."""
    process = run(text)
    cold = subprocess.run([sys.executable, "-c", text], capture_output=True, check=False)
    assert told in process.communicate("")[1]
    assert process.returncode == cold.returncode


def test_the_stand_in_of_pulumi_aws_is_warm_as_well(python3):
    """The engine finds it by its name, and it finds the python3: no import is paid for."""
    path = os.pathsep.join([str(python3), os.environ["PATH"]])
    with subprocess.Popen(
        [ROOT / "pulumi_incidents/stand_in/bin/pulumi-resource-aws", "127.0.0.1:1"],
        env={"PATH": path, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline().strip().isdigit()  # it serves
        assert "client.py" in Path("/proc", str(process.pid), "cmdline").read_text()
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_what_is_killed_is_dead(run, number):
    """With the process that the engine knows ends the one that works."""
    text = "import os, sys, time; sys.stdout.write(f'{os.getpid()}\\n'); time.sleep(600)"
    process = run(text)
    pid = process.stdout.readline().strip()
    assert worker(process.pid) == int(pid)  # whoever wants to can kill it in the same moment
    working = Path("/proc", pid)
    assert working.exists()
    process.send_signal(number)
    assert process.wait() == -number
    while working.exists():
        time.sleep(0.01)
    process.communicate()
    assert worker(os.getpid()) is None


def test_one_that_dies_on_its_own_takes_its_client_along(run):
    """A crash is no exit code of ours."""
    process = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    process.communicate("")
    assert process.returncode == -signal.SIGKILL


def test_a_plugin_that_is_forked_without_a_client_is_dead_when_it_is_killed(warm_python):
    """It says what a process says, has imported already, and ends with the block."""
    with Forked(warm_python, "-m", "pulumi.dynamic") as process:
        assert process.stdout.readline().strip().isdigit()  # it serves
        process.kill()
        assert process.stdout.read() == ""
    while Path(f"/proc/{process.pid}").exists():
        time.sleep(0.01)
