"""States and their differences, in plain values; pure.

A state holds every input, by its value or its default, and every output. So a difference is one
between the state and the declared inputs, and taking an input away is a difference too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind
from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.identity.settings import without_ignored
from pulumi_incidents.stand_in._kind import TAGGED

if TYPE_CHECKING:
    from pulumi_incidents.stand_in._clients import LocalAws
    from pulumi_incidents.stand_in._kind import Kind

Values = Mapping[str, Any]


def changed(kind: Kind, state: Values, inputs: Values) -> set[str]:
    """Answer the inputs that differ from the state; what AWS chose by itself is no difference."""
    return {
        key
        for key, spec in kind.inputs.items()
        if (key in inputs or not spec.computed)
        and not spec.same(state.get(key, spec.default), inputs.get(key, spec.default))
    }


def detail(kind: Kind, key: str, state: Values, inputs: Values) -> PropertyDiff:
    """Answer how the engine shows one changed input."""
    spec = kind.inputs[key]
    verb = "UPDATE"
    if key not in inputs:
        verb = "DELETE"
    elif state.get(key) in (None, spec.default):
        verb = "ADD"
    name = f"{verb}_REPLACE" if spec.replaces else verb
    return PropertyDiff(PropertyDiffKind[name], input_diff=False)


def planned(kind: Kind, inputs: Values, state: Values) -> dict[str, Any]:
    """Answer the state to come: what is not declared and has no default stays, or is unknown."""
    causes = changed(kind, state, inputs)
    anew = {key for cause in causes for key in kind.follows.get(cause, ())}
    kept = {key: UNKNOWN if key in anew else state.get(key, UNKNOWN) for key in kind.outputs}
    answer = {**kind.filled(inputs), **kept}
    for key, spec in kind.inputs.items():
        if spec.computed and key not in inputs:
            answer[key] = UNKNOWN if key in anew else state.get(key, UNKNOWN)
    return answer


def seen(kind: Kind, before: Values, found: Values, aws: LocalAws) -> dict[str, Any]:
    """Answer the state as found at AWS; a value that means the same keeps its former form."""
    answer = {**before, **without_ignored(found, aws.ignores, *TAGGED)}
    for key, spec in kind.inputs.items():
        if key in before and spec.same(before[key], answer[key]):
            answer[key] = before[key]
    if "tagsAll" in kind.inputs:
        own = before.get("tags") or {}
        answer["tags"] = {
            key: value
            for key, value in answer["tagsAll"].items()
            if key in own or aws.default_tags.get(key) != value
        }
    return answer


def managed(kind: Kind, state: Values, inputs: Values) -> dict[str, Any]:
    """Answer the inputs as found: the declared ones, and others that somebody set since."""
    answer = {key: value for key, value in inputs.items() if key.startswith("__")}
    for key, spec in kind.inputs.items():
        value = state.get(key)
        if key in inputs or (not spec.computed and value not in (None, spec.default)):
            answer[key] = value
    return answer
