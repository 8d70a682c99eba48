"""Promises of `tools.engine`, which finds, downloads or builds the Pulumi engine.

Real: the processes, signals, locks and files. `pulumi`, `go` and the installer are scripts of a few
lines, and the cache is a temporary folder.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest

from tools import common, engine, engine_go

ROOT = Path(__file__).resolve().parent.parent
NO_INSTALLER = "raise SystemExit('no network here')"
PROGRAMS = {"pulumi", *engine.HELPERS}
BUILT = {*PROGRAMS, "pulumi-language-python-host"}
VERSION = f"v{engine_go.VERSION}"

GO = """
case "$1" in
  env) echo "${GO_VERSION:-go1.26.8}" ;;
  list) echo "$SDK" ;;
  build)
    sleep "${GO_SLEEP:-0}"
    [ "$GO_SLEEP_IN" != "$3" ] || sleep 60
    while [ -n "$GO_AWAITS" ] && [ ! -e "$GO_AWAITS" ]; do sleep 0.05; done
    if [ "$GO_FAILS_IN" = "$3" ]; then echo "no way in $3" >&2; exit 1; fi
    if [ -n "$GO_FAILS" ]; then echo "$GO_FAILS" >&2; exit 1; fi
    while [ "$1" != -o ]; do shift; done
    mkdir -p "$(dirname "$2")"
    printf '#!/bin/sh\\necho v3.260.0\\n' > "$2"
    chmod +x "$2" ;;
esac
"""


def _program(folder, name, script, calls):
    """Write an executable that notes its calls and then runs the script."""
    path = folder / name
    path.write_text(f'#!/bin/sh\nPATH=/usr/bin:/bin\necho "$*" >> {calls}\n{script}')
    path.chmod(0o755)
    return path


def _until(condition, seconds=60):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Give a machine with an empty cache, a Go, no pulumi and no network."""
    programs, sdk = tmp_path / "programs", tmp_path / "sdk"
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        (sdk / "python" / script).parent.mkdir(parents=True)
        (sdk / "python" / script).write_text("#!/bin/sh\n")
    programs.mkdir()
    calls = tmp_path / "calls"
    calls.touch()
    _program(programs, "go", GO, calls)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("SDK", str(sdk))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(engine, "INSTALL", NO_INSTALLER)
    return SimpleNamespace(
        programs=programs,
        home=tmp_path / "cache" / "pulumi-incidents" / "engine",
        bin=tmp_path / "cache" / "pulumi-incidents" / "engine" / VERSION / "bin",
        calls=lambda: calls.read_text().splitlines(),
        add=lambda name, script: _program(programs, name, script, calls),
    )


def _builds(machine):
    return [call.split()[-1] for call in machine.calls() if call.startswith("build")]


def _get_engine_elsewhere():
    code = (
        "import sys; from tools import engine; "
        f"engine.INSTALL = {NO_INSTALLER!r}; sys.exit(engine.main())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _add_pulumi(machine, version="v3.254.0", helpers=engine.HELPERS):
    machine.add("pulumi", f"echo {version}\n")
    for helper in helpers:
        machine.add(helper, "")


def test_a_pulumi_on_path_is_used(machine):
    """Where a new enough pulumi is installed, it is asked for its version and nothing is built."""
    _add_pulumi(machine)
    assert engine.ensure() == machine.programs
    assert machine.calls() == ["version"]
    assert not machine.home.exists()


def test_a_linked_pulumi_is_used_with_the_helpers_beside_the_real_one(machine, tmp_path):
    """A package manager's link on PATH counts, its helpers being beside the linked file."""
    _add_pulumi(machine)
    links = tmp_path / "links"
    links.mkdir()
    (links / "pulumi").symlink_to(machine.programs / "pulumi")
    with mock.patch.dict(os.environ, PATH=str(links)):
        assert engine.ensure() == links


@pytest.mark.parametrize(
    ("version", "helpers", "told"),
    [
        ("v3.253.9", engine.HELPERS, "is 3.253"),
        ("v4.0.0", engine.HELPERS, "is 4.0"),
        ("what?", engine.HELPERS, "does not tell its version"),
        ("v3.260.0", engine.HELPERS[1:], "without its `pulumi-language-python`"),
    ],
)
def test_an_unfit_pulumi_on_path_is_passed_over(machine, capsys, version, helpers, told):
    """A pulumi that is too old, too new or incomplete is named, and the next way is taken."""
    _add_pulumi(machine, version, helpers)
    assert engine.ensure() == machine.bin
    assert told in capsys.readouterr().err


def test_a_cached_engine_is_used_as_it_is(machine):
    """With an engine in the cache nothing is called, not even Go for its version."""
    machine.bin.mkdir(parents=True)
    for name in PROGRAMS:
        _program(machine.bin, name, "", "/dev/null")
    assert engine.ensure() == machine.bin
    assert machine.calls() == []


def test_the_installer_comes_before_go(machine, monkeypatch):
    """What the official installer brings is kept, and Go is not asked."""
    made = "import pathlib, sys\nfolder = pathlib.Path(sys.argv[1], 'bin')\n"
    made += f"folder.mkdir(parents=True)\nfor name in {sorted(PROGRAMS)}:\n"
    made += "    (folder / name).write_text('#!/bin/sh\\necho v3.260.0\\n')\n"
    made += "    (folder / name).chmod(0o755)\n"
    monkeypatch.setattr(engine, "INSTALL", made)
    assert engine.ensure() == machine.bin
    assert {path.name for path in machine.bin.iterdir()} == PROGRAMS
    assert machine.calls() == []


def test_an_installer_without_end_is_ended(machine, monkeypatch, capsys):
    """An installer that hangs is given up, with everything it started, and Go is asked."""
    monkeypatch.setattr(engine, "INSTALL", "import time; time.sleep(600)")
    monkeypatch.setattr(engine, "INSTALLER_SECONDS", 0.2)
    monkeypatch.setattr(common, "PROGRESS_SECONDS", 0.1)
    assert engine.ensure() == machine.bin
    assert "no end after" in capsys.readouterr().err


def test_go_builds_what_the_installer_could_not_bring(machine, capsys):
    """Without the installer Go builds the engine: its programs in the cache and nothing else."""
    assert engine.ensure() == machine.bin
    told = capsys.readouterr().err
    assert "It did not work here (no network here)." in told
    assert re.search(rf"Building the Pulumi engine {VERSION} .*: {engine_go.DURATION}\.", told)
    assert re.search(r"Built the Pulumi engine in \d+ s\.", told)
    assert {path.name for path in machine.bin.iterdir()} == BUILT
    assert all(os.access(path, os.X_OK) for path in machine.bin.iterdir())
    assert sorted(path.name for path in machine.home.iterdir()) == ["lock", VERSION]


@pytest.mark.usefixtures("machine")
def test_a_long_build_is_not_silent(monkeypatch, capsys):
    """A build tells now and then how far it is."""
    monkeypatch.setenv("GO_SLEEP", "0.5")
    monkeypatch.setattr(common, "PROGRESS_SECONDS", 0.2)
    engine.ensure()
    assert "modules downloaded, 0 packages compiled" in capsys.readouterr().err


def test_a_damaged_cache_is_replaced(machine):
    """A cached engine that lacks a program counts as none."""
    engine.ensure()
    (machine.bin / "pulumi-language-python").unlink()
    assert engine.ensure() == machine.bin
    assert {path.name for path in machine.bin.iterdir()} == BUILT


def _failure(capsys):
    assert engine.main() == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err.splitlines()[-1]


@pytest.fixture
def keep_signals():
    """Put back the handler that `main` sets."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("keep_signals")
class TestFailures:
    """Every expected failure is one sentence that says what to do, and nothing is left behind."""

    def test_no_go(self, machine, capsys):
        """Without Go the sentence names the version to install, and Pulumi's own page."""
        (machine.programs / "go").unlink()
        last = _failure(capsys)
        assert f"needs Go {engine_go.NEEDED_GO} or newer" in last
        assert "https://www.pulumi.com/docs/install/" in last

    def test_old_go(self, machine, monkeypatch, capsys):
        """An old Go is named with its version, before anything is built."""
        monkeypatch.setenv("GO_VERSION", "go1.22.1")
        assert "this is not (go1.22.1)" in _failure(capsys)
        assert _builds(machine) == []

    def test_no_space(self, machine, monkeypatch, capsys):
        """A disk that is too small is told in GB, before anything is built."""
        monkeypatch.setattr(
            engine_go.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_500_000_000)
        )
        assert "about 6 GB of disk" in (last := _failure(capsys))
        assert "1.5 GB free" in last
        assert machine.calls() == []

    @pytest.mark.parametrize(
        ("go_says", "told"),
        [
            ("write /x/y: no space left on device", "The disk is full"),
            ("go: m@v1: dial tcp: lookup m: no such host", "could not download"),
            ("go: m@v1: reading m.zip: 403 Forbidden", "could not download"),
            ("undefined: x", "could not build the Pulumi engine, see above"),
        ],
    )
    def test_go_fails(self, machine, monkeypatch, capsys, go_says, told):
        """A full disk, a missing network and a compiler's error are told apart."""
        monkeypatch.setenv("GO_FAILS", go_says)
        assert told in _failure(capsys)
        assert [path.name for path in machine.home.iterdir()] == ["lock"]

    def test_no_cache_folder(self, machine, monkeypatch, capsys, tmp_path):
        """A cache that cannot be written is told with the variable that moves it."""
        (tmp_path / "file").touch()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        assert "set XDG_CACHE_HOME" in _failure(capsys)
        assert machine.calls() == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_is_forgotten(machine, monkeypatch, how):
    """However a build is ended, the next run works and no folder of the first is left."""
    monkeypatch.setenv("GO_SLEEP", "30")
    with _get_engine_elsewhere() as process:
        _until(lambda: _builds(machine))
        process.send_signal(how)
        _, told = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in told
    left = list(machine.home.glob(".building-*"))
    assert len(left) == (how == signal.SIGKILL)
    monkeypatch.setenv("GO_SLEEP", "0")
    assert engine.ensure() == machine.bin
    assert sorted(path.name for path in machine.home.iterdir()) == ["lock", VERSION]


def test_two_at_once_build_once(machine, monkeypatch, tmp_path):
    """Of two runs one builds, and the other says that it waits and gets the same engine."""
    go = tmp_path / "go"
    monkeypatch.setenv("GO_AWAITS", str(go))
    with _get_engine_elsewhere() as one:
        _until(lambda: _builds(machine))
        with _get_engine_elsewhere() as two:
            waited = any("waiting for it" in line for line in two.stderr)
            go.touch()
            outs = [process.communicate(timeout=60)[0] for process in (one, two)]
    assert waited
    assert [out.strip() for out in outs] == [str(machine.bin)] * 2
    assert len(_builds(machine)) == len(set(_builds(machine)))


def test_the_host_is_built_while_the_engine_is(machine, monkeypatch, tmp_path):
    """Neither of the two modules waits for the other one."""
    go = tmp_path / "go"
    monkeypatch.setenv("GO_AWAITS", str(go))
    with _get_engine_elsewhere() as process:
        _until(lambda: len(_builds(machine)) == 2)
        assert {call.split()[2] for call in machine.calls() if call.startswith("build")} == {
            "cli",
            "host",
        }
        go.touch()
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("failing", ["cli", "host"])
def test_no_half_of_an_engine_is_kept(machine, monkeypatch, capsys, failing):
    """The first failure ends both builds: an engine without its host is none, nor a host alone."""
    monkeypatch.setenv("GO_SLEEP_IN", "host" if failing == "cli" else "cli")
    monkeypatch.setenv("GO_FAILS_IN", failing)
    with pytest.raises(common.ToolError, match="could not build the Pulumi engine, see above"):
        engine.ensure()
    assert f"no way in {failing}" in capsys.readouterr().err
    assert [path.name for path in machine.home.iterdir()] == ["lock"]


def test_the_engine_and_its_sdk_are_of_one_version():
    """What is built is what the name of the cache folder says."""
    assert f"github.com/pulumi/pulumi/pkg/v3 {VERSION} " in engine_go.GO_MOD
    assert f"{engine_go.SDK} {VERSION} " in engine_go.GO_MOD


def test_the_documents_say_what_the_tool_says_of_a_build():
    """How long it takes and which Go it needs is the same everywhere."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    text = " ".join(" ".join(page.read_text() for page in pages).split())
    said = re.findall(r"with Go ([\d.]+) or newer \((.*?)\)", text)
    assert said
    assert set(said) == {(engine_go.NEEDED_GO, engine_go.DURATION)}
    assert set(re.findall(r"about [\d.]+ minutes on 2 cores", text)) == {engine_go.DURATION}
