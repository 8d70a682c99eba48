"""Measure, and render what was measured: `python -m benchmarks [--quick]`, called by make.

Every life is kept as soon as it is measured, and a run that was interrupted goes on where it was.
Data, document and charts are replaced at the very end.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import report, schedule
from benchmarks.bench import opened
from benchmarks.results import Results, Setting, load, setting, today
from tools import engine
from tools.common import ToolError, exit_code, locked, minutes, say
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCAL = ROOT / ".local" / "benchmarks"
_BUSY = 0.7


def bench(turns: Mapping[int, int], startups: int, kept: Path) -> Results:
    """Measure what the file `kept` does not have yet."""
    programs = engine.ensure()
    found = _begun(kept, setting(programs))
    wanted = list(schedule.schedule(turns))
    known = {life.key for life in found.lives}
    todo = [life for life in wanted if life.key not in known]
    if known:
        say(f"Going on with a run that was interrupted: {len(todo)} of {len(wanted)} are left.")
    with opened(programs) as machine:
        while len(found.startups) < startups:
            _tell(f"start-up, {len(found.startups) + 1} of {startups}\n")
            found.startups.append(machine.first_answers())
            found.save(kept)
        start = time.monotonic()
        for number, life in enumerate(todo):
            spent = time.monotonic() - start
            left = schedule.remaining_seconds(todo[number:], todo[:number], spent)
            _tell(
                f"{len(wanted) - len(todo) + number + 1}/{len(wanted)}, {minutes(left)} left: "
                f"{life.plans} plans, {life.latency_ms} ms, {life.way}:"
            )
            try:
                found.lives.append(machine.live(life, _tell))
            finally:
                _tell("\n")
            found.save(kept)
    return found


def _begun(kept: Path, here: Setting) -> Results:
    """Return what an earlier run on this machine with these versions has measured already."""
    try:
        found = load(kept)
    except (OSError, ValueError):
        found = None
    if found and found.setting == here:
        return found
    return Results(day=today(), setting=here, lives=[], startups=[])


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _run(options: argparse.Namespace) -> None:
    quick = options.quick or options.plans
    turns = schedule.QUICK_TURNS if quick else schedule.TURNS
    if options.plans:
        turns = dict.fromkeys(options.plans, 1)
    kept = options.folder / ("quick.json" if quick else "results.json")
    with locked(options.folder / "lock", "Another benchmark runs here; waiting for it."):
        if quick or options.fresh:
            kept.unlink(missing_ok=True)
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        if busy > _BUSY:
            say(f"The machine is busy (load {busy:.1f} per core): expect worse and wider figures.")
        startups = schedule.QUICK_STARTUPS if quick else schedule.STARTUPS
        found = bench(turns, startups, kept)
        if quick:
            report.write(found, options.folder / "benchmarks.md")
            say(f"See {options.folder / 'benchmarks.md'}")
        else:
            found.save(report.DATA)
            report.write(found, report.DOCUMENT)
            kept.unlink()


def _kept(options: argparse.Namespace) -> None:
    try:
        _run(options)
    except OSError as error:
        raise ToolError(
            f"The figures cannot be kept ({error}): see to that, and run again."
        ) from error


def _some(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of plans from 1 up")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, to try it")
    parser.add_argument(
        "--plans", type=_some, nargs="+", help="one turn with these numbers of plans"
    )
    parser.add_argument("--fresh", action="store_true", help="forget an interrupted run")
    parser.add_argument(
        "--folder", type=Path, default=_LOCAL, help="what is not finished, and the quick document"
    )
    options = parser.parse_args(arguments)
    # A CI that cancels a job sends SIGTERM; as an exception it ends what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return exit_code(lambda: _kept(options))


if __name__ == "__main__":
    sys.exit(main())
