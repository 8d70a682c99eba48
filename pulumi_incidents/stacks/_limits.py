"""The limits of AWS for what a component declares, told by the paths of the component.

The resource checks the same once more: what an output comes to, and what is added in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pulumi.output import Unknown

from pulumi_incidents.providers import _model
from pulumi_incidents.providers._managed import Managed
from pulumi_incidents.providers.response_plan import ResponsePlanProvider
from pulumi_incidents.stacks._mistakes import is_output

UNKNOWN: Any = Unknown()  # type: ignore[no-untyped-call]
"""What stands for a value that is made, or that a mistake was found in already."""

_KEY = re.compile(r"\['([\w-]+)'\]")


def plan_limit_mistakes(plan: Mapping[str, Any], written: Mapping[str, str]) -> Iterator[str]:
    """Find what AWS would refuse of the inputs of a response plan, by the paths of a component."""
    return limit_mistakes(ResponsePlanProvider, plan, written, ResponsePlanProvider.documented)


def limit_mistakes(
    kind: type[Managed],
    declared: Mapping[str, Any],
    written: Mapping[str, str],
    documented: Callable[[Mapping[str, Any]], Iterable[_model.Failure]] = lambda _: (),
) -> Iterator[str]:
    """Find what AWS would refuse of the inputs of a resource of some kind.

    `written` maps the beginning of a path in them to what a person has written in its place, and
    `documented` finds what its documents rule out.
    """
    shape = kind.inputs()
    inputs = {key: _known(declared[key]) for key in declared if key in _model.members(shape)}
    for failure in (*_model.check(shape, inputs), *documented(inputs)):
        yield failure._replace(path=_as_written(failure.path, written)).told()


def _as_written(path: str, written: Mapping[str, str]) -> str:
    beginning = next((start for start in written if path.startswith(start)), "")
    return _KEY.sub(r".\1", written.get(beginning, "") + path.removeprefix(beginning))


def _known(value: Any) -> Any:
    """Return a value in which nothing is an output any more."""
    if is_output(value):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items()}
    return [_known(item) for item in value] if isinstance(value, (list, tuple)) else value
