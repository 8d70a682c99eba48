"""Render `docs/benchmarks.md` and its charts from the data: `python -m benchmarks.report`.

Nothing in them is written by hand, and nothing is measured here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import doctor, figures
from benchmarks.plotted import plotted
from benchmarks.results import Results, load
from benchmarks.targets import Target, targets
from benchmarks.ways import CLI, ENGINE, FLOOR, OPERATIONS, PROVIDER, WAYS
from tools.local_aws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DATA = Path(__file__).with_name("results.json")
DOCUMENT = ROOT / "docs" / "benchmarks.md"

_TEMPLATE = Path(__file__).with_name("report.md")
_NONE = "—"
_ALTERNATIVES = {
    "up": "Wall time of bringing plans up, in each way, by number of plans",
    "floors": "Each operation of this provider beside the sum of its floors",
    "cost": "Cost of one plan over the engine's floor, by number of plans",
    "start-up": "Seconds from the start of a process to imports and first answers",
}


def render(data: Results) -> str:
    """Return the document."""
    return _TEMPLATE.read_text().format(
        day=data.day,
        targets="\n".join(_targets(targets(data))),
        times="\n\n".join(_times(data, latency) for latency in figures.latencies(data)),
        calls=_calls(data),
        memory=_memory(data),
        start_up=_start_up(data),
        turns=_turns(data),
        setting=_setting(data),
        doctor=doctor.load().told(),
        **{f"chart_{name.replace('-', '_')}": _image(name) for name in _ALTERNATIVES},
    )


def write(data: Results, document: Path) -> None:
    """Write document and charts, each all or nothing."""
    from benchmarks.charts import draw  # noqa: PLC0415 - matplotlib, which the text can do without

    charts = {_chart(document, name): draw(name, values) for name, values in plotted(data).items()}
    for path, content in {**charts, document: render(data).encode()}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        draft.write_bytes(content)
        draft.replace(path)


def _chart(document: Path, name: str) -> Path:
    return document.with_suffix("") / f"{name}.svg"


def _image(name: str) -> str:
    return f"![{_ALTERNATIVES[name]}](benchmarks/{name}.svg)"


def _targets(found: Iterable[Target]) -> Iterator[str]:
    yield from _head("Target", "Measured", "")
    for target in found:
        yield _row(target.text, target.measured, target.verdict)


def _times(data: Results, latency: int) -> str:
    ways = [way for way in WAYS if any(life.way == way for life in data.lives)]
    lines = [f"### Latency {latency} ms", ""]
    lines += _head("", "Plans", *(WAYS[way] for way in ways), "× engine's floor", "× both floors")
    for operation in OPERATIONS:
        for plans in figures.sizes(data):
            if data.measured(PROVIDER, plans, latency, operation):
                spreads = [figures.seconds(data, way, plans, latency, operation) for way in ways]
                lines.append(
                    _row(
                        operation,
                        str(plans),
                        *(str(one) if one else _NONE for one in spreads),
                        *_multiples(data, plans, latency, operation),
                    )
                )
    return "\n".join(lines)


def _multiples(data: Results, plans: int, latency: int, operation: str) -> Iterator[str]:
    mine = figures.seconds(data, PROVIDER, plans, latency, operation)
    floor = figures.seconds(data, FLOOR, plans, latency, operation)
    over = figures.over_floors(data, plans, latency, operation)
    yield f"{mine.middle / floor.middle:.2f}" if mine and floor else _NONE
    yield f"{over:.2f}" if over else _NONE


def _calls(data: Results) -> str:
    lines = _head("Requests for one plan", *OPERATIONS)
    for way, label in WAYS.items():
        cells = [figures.calls_per_plan(data, way, operation) for operation in OPERATIONS]
        if any(cells):
            counts = (" or ".join(f"{count:g}" for count in cell) or _NONE for cell in cells)
            lines.append(_row(label, *counts))
    return "\n".join(lines)


def _memory(data: Results) -> str:
    lines = _head("Peak memory of the plugin process, MiB", *map(str, figures.sizes(data)))
    for way in ENGINE:
        spreads = [figures.memory_mib(data, way, plans) for plans in figures.sizes(data)]
        cells = (
            f"{one.middle:.0f} ({one.low:.0f}–{one.high:.0f})" if one else _NONE for one in spreads
        )
        lines.append(_row(WAYS[way], *cells))
    return "\n".join(lines)


def _start_up(data: Results) -> str:
    lines = _head("From the start of the process", "s")
    for name in data.startups[0] if data.startups else ():
        lines.append(_row(name, str(figures.first_answer(data, name))))
    return "\n".join(lines)


def _turns(data: Results) -> str:
    turns = {
        plans: 1 + max(life.turn for life in data.lives if life.plans == plans)
        for plans in figures.sizes(data)
    }
    with_cli = max((life.plans for life in data.lives if life.way == CLI), default=0)
    latency = figures.latencies(data)[-1]
    with_latency = max(life.plans for life in data.lives if life.latency_ms == latency)
    return (
        f"Turns: {', '.join(f'{times} with {plans} plans' for plans, times in turns.items())}.\n"
        f"{latency} ms were measured with up to {with_latency} plans, the CLI with up to "
        f"{with_cli}: a loop takes\nthe time of one as often as there are plans. "
        f"Start-up was measured {len(data.startups)} times."
    )


def _setting(data: Results) -> str:
    parts = {**data.setting.machine, **data.setting.versions}
    return "\n".join([*_head("", ""), *(_row(name, value) for name, value in parts.items())])


def _head(*cells: str) -> list[str]:
    return [_row(*cells), _row(*("---" for _ in cells))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Render from the committed data, or from other data into another document."""
    data, document = map(Path, arguments) if arguments else (DATA, DOCUMENT)
    write(load(data), document)


if __name__ == "__main__":
    main(sys.argv[1:])
