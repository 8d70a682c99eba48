"""What `check` refuses, and what it fills in; pure."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import CheckFailure, CheckRequest
from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.stand_in._limits import (
    ARN,
    Breach,
    model_breaches,
    shown,
    text_breaches,
)
from pulumi_incidents.stand_in._values import (
    Properties,
    has_unknown,
    plain,
    plain_map,
    wrapped,
)

if TYPE_CHECKING:
    from botocore.model import ServiceModel

    from pulumi_incidents.stand_in._kind import Input, Kind

# The official plugin keeps the names of the inputs that it filled in itself here, in the inputs.
DEFAULTS = "__defaults"
_MAX_TAGS = 50


def refusal(token: str, known: Iterable[str]) -> str:
    """Answer the sentence about a type or function that the local stack lacks."""
    return f"the local stack has no {token}; it knows {', '.join(sorted(known))}"


def failures(token: str, kind: Kind, inputs: Properties) -> Iterator[CheckFailure]:
    """Answer everything that is wrong with the inputs; unknown values pass."""
    for key in inputs:
        if key not in kind.inputs and not key.startswith("__"):
            known = ", ".join(key for key in kind.inputs if key != "tagsAll")
            reason = f"the local stack's {token} has no input {key!r}; it knows {known}"
            yield CheckFailure(key, reason)
    for key, spec in kind.inputs.items():
        if key in inputs:
            yield from _wrong(token, key, spec, inputs[key])
        elif spec.required:
            yield CheckFailure(key, f"{token} needs the input {key!r}")
    for group in kind.one_of:
        if all(key not in inputs or inputs[key].value == "" for key in group):
            yield CheckFailure(group[0], f"{token} needs one of the inputs {', '.join(group)}")
    for group in kind.not_both:
        given = [key for key in group if key in inputs]
        if len(given) > 1:
            reason = f"{token} takes only one of the inputs {', '.join(given)}"
            yield CheckFailure(given[0], reason)


def _wrong(token: str, key: str, spec: Input, value: PropertyValue) -> Iterator[CheckFailure]:
    if spec.json and (value.value != "" or spec.required):
        yield from _wrong_json(token, key, spec, value)
    for path, item in _each(key, value) if spec.arn else ():
        for breach in text_breaches(path, item, ARN):
            yield _broken(token, breach, value)
    if spec.allowed and value.value != UNKNOWN and not _is_allowed(spec, plain(value)):
        choice = f"one of {', '.join(str(item) for item in spec.allowed)}"
        if isinstance(spec.allowed, range):
            choice = f"{spec.allowed[0]} to {spec.allowed[-1]}"
        yield _broken(token, Breach(key, f"be {choice}", shown(plain(value))), value)


def _each(key: str, value: PropertyValue) -> list[tuple[str, Any]]:
    items = plain(value)
    if not isinstance(items, list):
        return [(key, items)]
    return [(f"{key}[{index}]", item) for index, item in enumerate(items)]


def _is_allowed(spec: Input, value: Any) -> bool:
    return value in spec.allowed or value == spec.default


def broken_limits(
    token: str, kind: Kind, inputs: Properties, service: ServiceModel
) -> Iterator[CheckFailure]:
    """Answer which values of completed inputs AWS refuses, by its model and its documents."""
    operation = service.operation_model(kind.operation)
    values = plain_map(inputs)
    found = [
        breach
        for key, member in kind.members.items()
        if key in values and not _is_left_out(kind, key, values[key])
        for breach in model_breaches(operation, key, member, values[key])
    ]
    for breach in dict.fromkeys([*found, *kind.documented(values), *_tags(values)]):
        if breach.path == "name" and "name" in values.get(DEFAULTS, []):
            yield _broken_name(token, breach, inputs.get("namePrefix"))
        else:
            yield _broken(token, breach, inputs.get(_input_of(breach)))


def _is_left_out(kind: Kind, key: str, value: Any) -> bool:
    """Tell whether an empty value is no value: AWS is not sent it."""
    return value in ("", [], {}) and key != "name" and not kind.inputs[key].required


def _broken(token: str, breach: Breach, value: PropertyValue | None) -> CheckFailure:
    path, key = (text.replace("tagsAll", "tags", 1) for text in (breach.path, _input_of(breach)))
    reason = f"the input {path!r} of {token} must {breach.demand}, not {_given(breach, value)}"
    return CheckFailure(key, reason)


def _broken_name(token: str, breach: Breach, prefix: PropertyValue | None) -> CheckFailure:
    """Answer what is wrong with a name that nobody chose, and so with what it is made of."""
    source = "the input 'namePrefix'" if prefix and prefix.value else "the resource's own name"
    fault = "is too long" if breach.too_long else "does not fit"
    reason = (
        f"the automatic name of {token} must {breach.demand}, not {_given(breach, prefix)}: "
        f"{source} {fault}; change it, or set the input 'name'"
    )
    return CheckFailure("namePrefix" if prefix and prefix.value else "name", reason)


def _input_of(breach: Breach) -> str:
    return re.split(r"[.\[ ]", breach.path, maxsplit=1)[0]


def _given(breach: Breach, value: PropertyValue | None) -> str:
    return "what the secret is" if value and value.contains_secret() else breach.given


def _tags(inputs: Mapping[str, Any]) -> Iterator[Breach]:
    """Answer what no service takes as tags (AWS General Reference, *Tagging*)."""
    tags = inputs.get("tagsAll")
    if not isinstance(tags, Mapping):
        return
    if len(tags) > _MAX_TAGS:
        yield Breach("tagsAll", f"have at most {_MAX_TAGS} entries", str(len(tags)))
    for key in tags:
        if key.lower().startswith("aws:"):
            yield Breach("tagsAll", "have no key that begins with aws:", shown(key))


def completed(
    kind: Kind, request: CheckRequest, inputs: Properties, default_tags: Mapping[str, str]
) -> dict[str, PropertyValue]:
    """Answer the inputs with policies as text, a name, and the provider's tags beside its own."""
    answer = dict(inputs)
    for key, spec in kind.inputs.items():
        if spec.json and key in answer:
            answer[key] = _as_text(answer[key])
    if "name" in kind.inputs and "name" not in answer:
        answer["name"] = PropertyValue(_automatic_name(kind, request, plain_map(inputs)))
        answer[DEFAULTS] = wrapped(["name"])
    if "tagsAll" in kind.inputs:
        tags = answer.get("tags", PropertyValue({}))
        if isinstance(tags.value, Mapping):
            both = {**{key: PropertyValue(tag) for key, tag in default_tags.items()}, **tags.value}
            tags = tags.with_value(both)
        if tags.value:
            answer["tagsAll"] = tags
    return answer


def _automatic_name(kind: Kind, request: CheckRequest, inputs: Mapping[str, Any]) -> str:
    """Answer the name it has, else the resource's own with a random end, as the official one."""
    old = plain_map(request.old_inputs)
    if "name" in old.get(DEFAULTS, []):
        return str(old["name"])
    prefix = inputs.get("namePrefix") or f"{kind.automatic_start}{request.name}-"
    if has_unknown(prefix):
        return UNKNOWN
    fifo = inputs.get("fifoTopic") or inputs.get("fifoQueue")
    end = (request.random_seed or secrets.token_bytes(4)).hex()[:7]
    return f"{prefix}{end}{'.fifo' if fifo is True else ''}"


def _as_text(value: PropertyValue) -> PropertyValue:
    """Answer a policy as text; it may be given as an object, too."""
    if not isinstance(value.value, Mapping):
        return value
    document = plain(value)
    text = UNKNOWN if has_unknown(document) else json.dumps(document)
    return PropertyValue(text, is_secret=value.contains_secret())


def _wrong_json(token: str, key: str, spec: Input, value: PropertyValue) -> Iterator[CheckFailure]:
    if isinstance(value.value, Mapping) or value.value == UNKNOWN:
        return
    try:
        document = json.loads(plain(value))
    except (TypeError, ValueError):
        yield CheckFailure(key, f"the input {key!r} of {token} is not JSON")
        return
    if not isinstance(document, Mapping) and not spec.any_json:
        yield _broken(token, Breach(key, "be a JSON object", shown(document)), value)
