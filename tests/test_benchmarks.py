"""What the benchmarks show without noise, and that they can be believed.

Real: the engine, the plugin process, the local AWS, the commands of the benchmarks, and the
committed data. Times are compared with wide margins only.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import report, schedule
from benchmarks.__main__ import bench
from benchmarks.bench import Bench
from benchmarks.charts import draw
from benchmarks.plotted import plotted
from benchmarks.results import Life, Measured, Results, load, setting, today
from benchmarks.targets import targets
from benchmarks.watched import watch
from benchmarks.ways import BOTO3_1, BOTO3_4, CALLS, FLOOR, OPERATIONS, PROVIDER
from tests.conftest import ROOT
from tests.declarations import full
from tests.program import Plans
from tools.common import ToolError

# The plans of `declarations` name topics, and AWS tries them.
pytestmark = pytest.mark.usefixtures("topics")


@pytest.fixture
def machine(local_aws, engine, tmp_path):
    """Return a bench on the tests' own local AWS."""
    return Bench(local_aws.url, engine, tmp_path)


def live(machine, way, plans, latency_ms=0):
    """Return what one life took."""
    life = Life(plans=plans, way=way, latency_ms=latency_ms, turn=0)
    return machine.live(life, lambda _: None).operations


def test_a_hundred_plans_cost_the_fewest_requests_and_little_time(machine):
    """One request to create a plan, none if nothing changed, one to update, two to read, one to go.

    All in all it takes less than two and a half times what the engine takes for itself.
    """
    floor, mine = live(machine, FLOOR, 100), live(machine, PROVIDER, 100)
    calls = {operation: mine[operation].calls for operation in OPERATIONS}
    assert calls == {operation: 100 * CALLS[operation] for operation in OPERATIONS}
    assert not any(one.calls for one in floor.values())
    assert all(10_000 < one.plugin_kib < 500_000 for one in mine.values())
    seconds = [sum(one.seconds for one in way.values()) for way in (mine, floor)]
    assert seconds[0] < 2.5 * seconds[1]


def test_threads_share_the_latency(machine):
    """The floor of the calls waits for each answer, and with four threads for four at a time."""
    one, four = live(machine, BOTO3_1, 20, 100), live(machine, BOTO3_4, 20, 100)
    for operation in ("up", "update", "refresh", "destroy"):
        assert one[operation].calls == four[operation].calls == 20 * CALLS[operation]
        assert one[operation].seconds > 20 * CALLS[operation] * 0.1
        assert four[operation].seconds < one[operation].seconds


WITNESS = """
import os, sys

log = os.open(os.environ["WITNESS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def witness(event, arguments):
    client = event == "import" and arguments[0] in ("boto3", "botocore.client", "botocore.session")
    if client or event in ("socket.connect", "socket.getaddrinfo"):
        os.write(log, f"{event} {arguments[0]}\\n".encode())

os.write(log, b"process\\n")
sys.addaudithook(witness)
"""


def test_a_preview_needs_no_client(tmp_path, stack_environment, local_aws):
    """To preview a hundred plans, no process opens a connection or loads what could make a client.

    Every Python process tells what it does; bringing one plan up shows that they would tell.
    """
    (tmp_path / "sitecustomize.py").write_text(WITNESS)
    log = tmp_path / "witness"
    environment = {
        **stack_environment,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "WITNESS": str(log),
    }
    program = Plans(tmp_path / "program", environment, local_aws)
    program.declare(**{f"plan-{number}": full(f"plan-{number}") for number in range(100)})
    log.unlink(missing_ok=True)
    previewed = dict.fromkeys((*program.declared, "incidents-local"), "create")
    assert program.preview() == previewed
    assert set(log.read_text().splitlines()) == {"process"}
    assert local_aws.requests() == []
    program.begin(plan=full("plan"))
    assert {"import botocore.session", "process"} < set(log.read_text().splitlines())
    assert "socket.connect" in log.read_text()


def test_every_way_takes_its_turn():
    """Each turn measures every way once, begun by another one, so that noise meets all of them."""
    lives = list(schedule.schedule({10: 3, 500: 1}))
    assert len({life.key for life in lives}) == len(lives)
    turns = [[life for life in lives if (life.plans, life.turn) == (10, turn)] for turn in range(3)]
    contenders = [{(life.way, life.latency_ms) for life in turn} for turn in turns]
    assert contenders[0] > contenders[1] == contenders[2]  # the CLI's ten loops once
    assert len({(turn[0].way, turn[0].latency_ms) for turn in turns}) == 3
    assert {life.latency_ms for life in lives if life.plans == 500} == {0}


def test_an_interrupted_run_goes_on_where_it_was(tmp_path, engine, capsys):
    """What is measured already, on this machine and with these versions, is not measured again."""
    kept = tmp_path / "results.json"
    wanted = list(schedule.schedule({1: 1}))
    known = [life for life in wanted if (life.way, life.latency_ms) != (BOTO3_4, 100)]
    Results(day=today(), setting=setting(engine), lives=known, startups=[{"x": 1.0}]).save(kept)
    found = bench({1: 1}, 1, kept)
    assert [life.key for life in found.lives[:-1]] == [life.key for life in known]
    assert found.lives[-1].way == BOTO3_4
    assert found.lives[-1].operations["refresh"].calls == 2
    assert load(kept) == found
    assert "1 of 9 are left" in capsys.readouterr().err


def test_nothing_is_left_when_it_is_interrupted(tmp_path):
    """Ctrl-C in the middle ends every process that was started, and writes no document."""
    mark = uuid.uuid4().hex
    run = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "--quick", "--folder", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "MARK": mark},
        stderr=subprocess.PIPE,
    )
    with run:
        give_up = time.monotonic() + 120
        while not any("pulumi.dynamic" in command for command in marked(mark)):
            assert run.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
    assert list(marked(mark)) == []
    assert not (tmp_path / "benchmarks.md").exists()


def marked(mark):
    """Yield the command line of every process that inherited a mark."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended since
            if f"MARK={mark}".encode() in (process / "environ").read_bytes():
                yield (process / "cmdline").read_text().replace("\0", " ")


def test_a_command_that_fails_says_how(tmp_path):
    """A benchmark is ended by the failure of what it measures, and shows the end of its output."""
    with pytest.raises(ToolError, match=r"(?s)`sh -c .*failed:\nno such plan"):
        watch(["sh", "-c", "echo no such plan; exit 3"], tmp_path, dict(os.environ))


def invented(seconds):
    """Return data in which every operation of the provider takes so long."""
    results = Results(day="2026-01-31", setting={"machine": {}, "versions": {}})
    for life in schedule.schedule({10: 2, 100: 2, 500: 1}):
        mine = life.way == PROVIDER
        measured = {
            operation: Measured(
                seconds=seconds if mine else 1.0, calls=life.plans * CALLS[operation]
            )
            for operation in OPERATIONS
        }
        results.lives.append(life.model_copy(update={"operations": measured}))
    return results


def test_a_missed_target_says_by_how_much():
    """A document says of each target that it holds, or by how much it is missed."""
    assert [target.verdict for target in targets(invented(1.0))] == ["holds"] * 5
    verdicts = [target.verdict for target in targets(invented(6.6))]
    # 6.6 s are 3.3 times the sum of both floors, and 1.1 times are allowed.
    assert any(verdict.startswith("missed by 200%: ") for verdict in verdicts)
    over = ", ".join(f"{operation} by 46.0 ms" for operation in OPERATIONS)
    assert any(verdict.startswith(f"missed {over}: ") for verdict in verdicts)


def test_the_document_is_what_the_data_says():
    """Nothing in the committed document is written by hand, or older than its data."""
    assert report.DOCUMENT.read_text() == report.render(load(report.DATA))


def test_the_charts_are_what_the_data_says():
    """Each committed chart is a picture of the values that the committed data has."""
    for name, values in plotted(load(report.DATA)).items():
        picture = report.DOCUMENT.with_suffix("") / f"{name}.svg"
        assert json.loads(description(picture.read_bytes())) == json.loads(json.dumps(values))
        assert f"benchmarks/{name}.svg" in report.DOCUMENT.read_text()


def test_charts_are_drawn_from_any_data():
    """A chart is a picture with its title, its axes and its labels, the same each time."""
    for name, values in plotted(invented(1.0)).items():
        picture = draw(name, values)
        assert picture == draw(name, values)
        assert json.loads(description(picture)) == json.loads(json.dumps(values))
    (cost,) = (
        draw(name, values) for name, values in plotted(invented(2.0)).items() if name == "cost"
    )
    texts = re.findall(r">([^<>]+)</text>", cost.decode())
    assert {"plans", "ms per plan", *OPERATIONS} <= set(texts)


def description(picture):
    """Return the description in the metadata of an SVG."""
    (found,) = ET.fromstring(picture).iter("{http://purl.org/dc/elements/1.1/}description")  # noqa: S314 - ours
    return found.text
