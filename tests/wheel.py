"""The wheel, built from these sources and installed as somebody else installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

# The stand-in of pulumi-aws in what is installed.
STAND_IN = "pulumi_incidents/stand_in/bin/pulumi-resource-aws"

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def build(folder):
    """Build what the examples ask for, the wheel, from a copy: a build leaves its traces there."""
    source = folder / "source"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info")
    shutil.copytree(ROOT, source, symlinks=True, ignore=ignored)
    asked_for = {path.read_text() for path in EXAMPLES.glob("*/requirements.txt")}
    assert len(asked_for) == 1, "the examples ask for different things"
    example = next((source / "examples").glob("*/requirements.txt"))
    wheels = ("wheel", "--no-deps", "--wheel-dir", folder / "dist")
    pip(*wheels, "--requirement", example, cwd=example.parent)


def install(folder):
    """Install what the examples ask for: the wheel, beside the dependencies that are here."""
    venv.create(folder / "venv", symlinks=True)
    packages = site_packages(folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    python = folder / "venv/bin/python"
    pip("--python", python, "install", "--no-deps", "--no-index", wheel)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    code = "import pulumi_incidents; print(pulumi_incidents.__file__)"
    found = run(python, "-c", code, cwd=folder / "dist", env=bare())
    assert Path(found.strip()).is_relative_to(packages)


def site_packages(folder):
    """Return where the environment has its packages."""
    base = str(folder / "venv")
    return Path(sysconfig.get_path("purelib", "posix_prefix", {"base": base}))


def pip(*arguments, cwd=None):
    """Run a command of pip."""
    command = (sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments)
    run(*command, cwd=cwd, env=bare())


def run(*command, **options):
    """Run a command that has to succeed, and return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def bare():
    """Return this process's environment without a way to the sources."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
