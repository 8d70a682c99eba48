"""The command `pulumi-incidents` as a whole. Real: its process, bash, and the local AWS over HTTP.

What each subcommand tells is in files of its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock
from urllib.request import urlopen

import pytest

from pulumi_incidents import __version__
from pulumi_incidents.commands import _console
from pulumi_incidents.emulator import __main__ as emulator
from pulumi_incidents.providers import import_file
from tests import commanded
from tests.conftest import ROOT
from tests.rotas import recurrence

SLOW = ("boto3", "botocore", "moto", "pulumi", "pydantic")
SLOWEST = ("moto", "pulumi")
COMPLETE = """
source "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$(complete -p pulumi-incidents | sed -E 's/.*-F ([^ ]+).*/\\1/')" pulumi-incidents
printf '%s\\n' "${COMPREPLY[@]}"
"""

TURNS = {
    "Contacts": [
        {"Alias": "ana", "Type": "PERSONAL", "Plan": {"Stages": []}},
        {"Alias": "turns", "Type": "ONCALL_SCHEDULE", "Plan": {"RotationIds": ["turns"]}},
    ],
    "Rotations": [
        {
            "Name": "turns",
            "ContactIds": ["ana"],
            "TimeZoneId": "UTC",
            "StartTime": "2026-01-05T09:00:00Z",
            "Recurrence": recurrence("MON 09:00"),
        }
    ],
}


class AtOnce:
    """A timer whose time is over at once."""

    def __init__(self, _, done):
        """Take what a timer takes."""
        self.start = done
        self.cancel = self.join = lambda: None


@pytest.fixture
def environment(local_aws):
    """Return the environment of somebody who looks at the local AWS."""
    return {**local_aws.environment, "PYTHONPATH": str(ROOT)}


def subcommands(environment):
    """Return the names of the subcommands, as help lists them."""
    done = commanded.run(environment, "--help")
    listed = done.stdout.partition("Commands")[2]
    return re.findall(r"^│ ([a-z-]+) ", listed, re.MULTILINE)


def test_help_teaches_what_there_is_and_how_it_ends(environment):
    """Alone, with --help or -h, on all and on each; nothing of it is an error."""
    names = subcommands(environment)
    assert {"import", "local-aws"} <= {*names}
    for words in (("-h",), *((name, "--help") for name in names)):
        done = commanded.run(environment, *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert "…" not in done.stdout.replace("http://…", "")
        assert "<bool>" not in done.stdout  # a flag takes no value
    bare = commanded.run(environment)
    assert "Exit code: 0 all is fine, 1 something was found, 2" in bare.stdout
    assert bare.returncode == 2


def test_help_has_commands_to_copy(environment):
    """Each whole, as it is typed."""
    for words, example in (
        ((), 'pulumi-incidents who checkout --at "Sunday 03:00"'),
        (("who",), "pulumi-incidents who contact/on-call"),
        (("rota",), "pulumi-incidents rota --stack prod --ics rota.ics"),
        (("doctor",), "pulumi-incidents doctor --all --format junit --output doctor.xml"),
    ):
        told = commanded.run({**environment, "COLUMNS": "80"}, *words, "--help").stdout
        assert f" • {example} " in told


def test_the_version_is_that_of_the_package(environment):
    """Whoever reports a mistake says it."""
    assert commanded.run(environment, "--version").stdout == f"pulumi-incidents {__version__}\n"


def test_help_waits_for_no_library(environment):
    """What takes a second to import is imported by the subcommand that needs it."""
    code = (
        "import runpy, sys\nsys.argv = ['x', '--help']\ntry:\n"
        "    runpy.run_module('pulumi_incidents.commands', run_name='__main__')\n"
        f"except SystemExit:\n    print({{*{SLOW}}} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE
    )
    assert done.stdout.decode().splitlines()[-1] == "set()"


@pytest.mark.parametrize("name", ["who", "rota.command", "doctor.command"])
def test_who_looks_at_an_account_waits_for_no_engine(environment, name):
    """Pulumi's SDK takes as long to import as all the rest; nothing that only reads needs it."""
    code = f"import sys, pulumi_incidents.commands.{name}\nprint({{*{SLOWEST}}} & {{*sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE
    )
    assert done.stdout.decode() == "set()\n"


@pytest.mark.parametrize(("name", "parser"), [("import", import_file), ("local-aws", emulator)])
def test_a_command_that_is_handed_on_to_has_all_of_its_options_in_help(environment, name, parser):
    """What the parser of the other command takes, with the same words, and nothing besides."""
    told = commanded.run({**environment, "COLUMNS": "200"}, name, "--help").stdout
    actions = [each for each in parser.parser()._actions if each.option_strings]
    flags = re.findall(r"^│(?: \*)? +(--[a-z-]+)", told, re.MULTILINE)
    assert flags == [*(each.option_strings[-1] for each in actions[1:]), "--help"]
    for each in actions[1:]:
        assert each.help.replace("`", "") in " ".join(re.sub("[│]", "", told).split())


def test_what_is_handed_on_is_refused_where_it_is_read(environment, tmp_path):
    """By one sentence of the other command, under the name that was called, and with code 2."""
    assert commanded.told(environment, "import") == "Name an ARN or --from-state FILE; not both."
    words = ("import", "--from-state", str(tmp_path / "x"), "--whole", "--output", str(tmp_path))
    assert "--whole goes with ARNs" in commanded.told(environment, *words)
    done = commanded.run(environment, "local-aws", "--port", "x")
    assert done.returncode == 2
    assert "pulumi-incidents local-aws: error: argument --port: 'x' is not a num" in done.stderr


def test_an_import_is_the_same_by_both_names(environment, incidents, tmp_path):
    """The files, and what to do next; as JSON for a program."""
    template = {"title": "Checkout", "impact": 3}
    made = incidents.create_response_plan(name="checkout", incidentTemplate=template)
    arn = made["arn"]
    asked = (arn, "--default-tag", "a=b", "--default-tag=c=d")
    outputs = []
    for folder, command in (
        ("one", (commanded.MODULE, "import")),
        ("two", (import_file.__name__,)),
    ):
        place = tmp_path / folder
        place.mkdir()
        outputs.append(
            subprocess.run(
                [sys.executable, "-m", *command, *asked],
                cwd=place,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
    assert outputs[0] == outputs[1]
    assert "pulumi import --file" in outputs[0]
    for name in ("import.json", "imported.py"):
        assert (tmp_path / "one" / name).read_text() == (tmp_path / "two" / name).read_text()
    done = commanded.run(environment, "import", *asked, "--json", "--output", str(tmp_path))
    told = json.loads(done.stdout)
    assert told["files"] == [str(tmp_path / "import.json"), str(tmp_path / "imported.py")]
    [resource] = told["resources"]
    assert (resource["id"], resource["type"].rpartition(":")[2]) == (arn, "ResponsePlan")
    assert told["next"][0]["commands"][0].startswith("pulumi import --file")
    assert told["missing"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("--help",),
        ("doctor", "--help"),
        ("doctor", "--list"),
        ("doctor", "--all"),
        ("doctor", "--all", "--json"),
        ("import", "--help"),
        ("rota", "turns"),
        ("rota", "turns", "--json"),
        ("rota", "turns", "--svg", "-"),
        ("rota", "turns", "--ics", "-"),
    ],
    ids=" ".join,
)
def test_a_pipe_that_nobody_reads_is_neither_a_finding_nor_fine(environment, local_aws, words):
    """It ends as a shell says that programs end that write to one, without a word."""
    local_aws.seed(TURNS)
    environment.pop("PYTHONUNBUFFERED", None)  # it would be noticed sooner
    reading, writing = os.pipe()
    os.close(reading)
    done = commanded.run(environment, *words, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_local_aws_runs_until_it_is_told_to_stop(environment):
    """Its address is the one line on stdout, as JSON if that is asked for."""
    words = ("local-aws", "--port", "0", "--replication-set", "us-east-1", "--json")
    with subprocess.Popen(
        [sys.executable, "-m", commanded.MODULE, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        url = json.loads(process.stdout.readline())["url"]
        assert "--replication-set" in " ".join(words)
        with urlopen(f"{url}/_local/clock") as answer:
            assert json.load(answer)["time"]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stdout.read() == ""


def test_a_local_aws_that_is_not_installed_says_what_to_install(environment, tmp_path):
    """It is an extra: without it there is one sentence, for its help as well."""
    (tmp_path / "moto").mkdir()
    (tmp_path / "moto/__init__.py").write_text("raise ModuleNotFoundError(name='moto')\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    lacking = {**environment, "PYTHONPATH": path}
    for words in (("--port", "0"), ("--help",)):
        assert commanded.told(lacking, "local-aws", *words) == (
            "The local AWS needs moto, which is not installed: run "
            "`pip install '/path/to/clone/of/pulumi-incidents[emulator]'`."
        )
    assert commanded.run(lacking, "--help").returncode == 0


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("doctor", "--list"), ("doctor", "--all", "--json")],
)
def test_what_cannot_be_written_is_told(environment, words):
    """By a full disk: it is no finding, and no mistake of this program."""
    with Path("/dev/full").open("w") as full:
        done = commanded.run(environment, *words, stdout=full)
    told = "error: The result cannot be written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_an_interruption_while_loading_is_quiet(environment, tmp_path):
    """As it is later: Ctrl-C is 130, and nobody wants to know where."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = commanded.run({**environment, "PYTHONPATH": path}, "--help")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_letters_that_a_terminal_lacks_are_replaced(environment, local_aws):
    """What it has letters for is told."""
    local_aws.client("ssm-contacts").create_contact(
        Alias="zoe", DisplayName="Zoë", Type="PERSONAL", Plan={"Stages": []}
    )
    asked = {**environment, "PYTHONIOENCODING": "ascii"}
    done = commanded.run(asked, "who", "contact/zoe")
    assert "Zo?" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.fixture
def installed(workshop, environment, tmp_path):
    """Return the environment of somebody who has installed the wheel, with it on PATH."""
    del environment["PYTHONPATH"]
    path = os.pathsep.join([str(workshop / "venv/bin"), os.environ["PATH"]])
    return {**environment, "PATH": path, "HOME": str(tmp_path)}


@pytest.fixture
def completed(installed):
    """Return what tells what bash offers, as the command has installed that for its user."""
    command = ["bash", "-c", "pulumi-incidents --install-completion && true"]
    subprocess.run(command, env=installed, check=True, capture_output=True)
    script = Path(installed["HOME"]) / ".bash_completions/pulumi-incidents.sh"

    def offered(*words):
        done = subprocess.run(
            ["bash", "-c", COMPLETE, "bash", script, "pulumi-incidents", *words],
            env=installed,
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return done.stdout.split()

    return offered


def test_bash_completes_subcommands_options_and_values(completed):
    """Those of the commands that are handed on to, too."""
    assert completed("lo") == ["local-aws"]
    assert completed("import", "--from") == ["--from-state"]
    assert completed("local-aws", "--permissions", "en") == ["enforce"]
    for option in ("--only", "--ignore", "--explain"):
        assert completed("doctor", option, "plan-ex") == ["plan-exists"]
    assert completed("doctor", "--format", "sa") == ["sarif"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_how_to_complete(installed, shell):
    """Which functions they call, and by which variable the command knows it."""
    asked = {**installed, "_PULUMI_INCIDENTS_COMPLETE": f"source_{shell}"}
    done = subprocess.run(
        ["pulumi-incidents"], env=asked, check=True, capture_output=True, text=True
    )
    assert f"_PULUMI_INCIDENTS_COMPLETE=complete_{shell}" in done.stdout


def test_a_pipe_gets_whole_lines_and_no_colour(capsys):
    """However long they are; COLUMNS and FORCE_COLOR say it otherwise."""
    line = "word " * 200
    with mock.patch.dict(os.environ):
        for name in ("COLUMNS", "FORCE_COLOR"):
            os.environ.pop(name, None)
        _console.result().print(line, style="red")
        assert capsys.readouterr().out == f"{line}\n"
        os.environ |= {"COLUMNS": "40", "FORCE_COLOR": "1"}
        _console.notes().print(line, style="red")
        told = capsys.readouterr().err
        assert len(told.splitlines()) > 10
        assert "\x1b[31m" in told


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_for_terminals(capsys, is_terminal):
    """A log to which FORCE_COLOR gives colours is none; less than a second is never told."""
    with (
        mock.patch.dict(os.environ, {"FORCE_COLOR": "1"}),
        mock.patch.object(sys.stderr, "isatty", return_value=is_terminal),
    ):
        assert _console.notes().is_terminal
        with _console.working("Reading"):
            pass
        assert "Reading" not in capsys.readouterr().err
        with mock.patch.object(_console, "Timer", AtOnce), _console.working("Reading"):
            pass
        assert ("Reading" in capsys.readouterr().err) == is_terminal
