"""Random declarations, valid and broken, made by walking botocore's model of Incident Manager.

Nothing here names a field, so a member that AWS adds is generated as soon as botocore knows it: but
for those of which its documents say more than the model.
Values are those that the engine hands over: numbers are floats, everything else is a dictionary,
a list, a string or a boolean.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from functools import cache

from botocore.model import ListShape, MapShape, StructureShape
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pulumi_incidents.providers._model import is_required, member, members
from tests.patterns import fits

SEARCH = int(os.environ.get("PROPERTY_SEARCH", "0"))
# What optional members are as good as absent with.
EMPTY = st.sampled_from([None, "", [], {}])
_SMALL = 4
_TOPICS = st.from_regex(
    r"arn:aws:sns:[a-z]{2}-[a-z]{4}-1:[0-9]{12}:[A-Za-z0-9_-]{1,9}", fullmatch=True
)
_SECRETS = st.from_regex(r"[A-Za-z0-9/_+=.@-]{1,9}", fullmatch=True)
# What the documents of AWS say of a member, by its shape or, where that is shared, by its name.
_DOCUMENTED = {
    "SnsArn": _TOPICS,
    "sns_topic_arn": _TOPICS,
    "PagerDutyConfigurationSecretIdString": _SECRETS,
    "PagerDutyIncidentDetailSecretIdString": _SECRETS,
}
_ZONES = st.sampled_from([timezone.utc, *(timezone(timedelta(hours=h)) for h in (-12, 2, 14))])


def examples(count):
    """Return how a property is checked: on `count` examples, or on a multiple in a search."""
    return settings(
        max_examples=count * max(SEARCH, 1),
        derandomize=not SEARCH,
        deadline=None,
        # The fixtures are clients and servers, which examples may share.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )


@cache
def valid(shape):
    """Return values of `shape` that AWS takes: mostly small ones, its limits now and then."""
    if shape.name in _DOCUMENTED:
        return _DOCUMENTED[shape.name]
    if isinstance(shape, StructureShape):
        return _union(shape) if shape.is_tagged_union else _structure(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    if isinstance(shape, MapShape):
        return _map(shape)
    return {"boolean": _boolean, "integer": _integer, "string": _string, "timestamp": _timestamp}[
        shape.type_name
    ](shape)


def _named(key, shape):
    """Return values of a member: its documents may say more of it than its shape."""
    return _DOCUMENTED[key] if key in _DOCUMENTED else valid(shape)


def _rarely(usual, rare):
    return st.sampled_from([usual] * 11 + [rare]).flatmap(lambda chosen: chosen)


def _structure(shape):
    required, optional = {}, {}
    for key in members(shape):
        values = _named(key, member(shape, key))
        if is_required(shape, key):
            required[key] = values
        else:
            optional[key] = _rarely(values, EMPTY)
    return st.fixed_dictionaries(required, optional=optional)


def _union(shape):
    # A member without members of its own, such as `empty`, is how AWS spells an unset optional.
    choices = {key: member(shape, key) for key in members(shape)}
    chosen = st.one_of(
        st.fixed_dictionaries({key: _named(key, choice)})
        for key, choice in choices.items()
        if not (isinstance(choice, StructureShape) and not choice.members)
    )
    return _rarely(chosen, chosen.map(lambda union: {**dict.fromkeys(choices), **union}))


def _list(shape):
    low, high = _limits(shape)
    unique = repr if shape.name.endswith("Set") else None
    item = valid(shape.member)
    few = st.lists(item, min_size=low, max_size=min(high, low + 2), unique_by=unique)
    if unique:
        return _rarely(few, st.lists(item, min_size=high, max_size=high, unique_by=unique))
    return _rarely(few, item.map(lambda only: [only] * high))


def _map(shape):
    low, high = _limits(shape)
    few = st.dictionaries(valid(shape.key), valid(shape.value), min_size=low, max_size=low + 2)
    numbered = valid(shape.value).map(lambda only: {str(key): only for key in range(high)})
    return _rarely(few, numbered)


def _boolean(_shape):
    return st.booleans()


def _integer(shape):
    return st.integers(*_limits(shape)).map(float)


def _timestamp(_shape):
    days = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=_ZONES)  # noqa: DTZ001 - the zone is drawn
    moments = days.map(lambda moment: moment.replace(microsecond=0))
    return st.one_of(
        moments.map(lambda moment: moment.isoformat()),
        moments.map(lambda moment: moment.isoformat()[:19] + "Z"),
        moments.map(lambda moment: moment.timestamp()),
    )


def _string(shape):
    enum, pattern = getattr(shape, "enum", None), shape.metadata.get("pattern")
    if enum:
        return st.sampled_from(enum)
    low, high = _limits(shape)
    if pattern:
        texts = st.from_regex(pattern, fullmatch=True).filter(lambda text: low <= len(text) <= high)
    else:
        texts = st.text(min_size=low, max_size=min(high, low + _SMALL))

    if shape.name == "SsmAutomationDocumentNameString":
        texts = texts.filter(lambda text: not text.startswith("arn:"))

    def longest(text):
        long = stretched(text, high)
        return long if not pattern or fits(pattern, long) else text

    return _rarely(texts, texts.map(longest)) if "max" in shape.metadata else texts


def stretched(text, length):
    """Return `text`, repeating its last character up to a length."""
    return text + (text[-1:] or "é") * (length - len(text))


def _limits(shape):
    return shape.metadata.get("min", 0), shape.metadata.get("max", 200)


@st.composite
def respelled(draw, shape, value):
    """Draw another spelling of the same declaration: set-like lists shuffled, "unset" spelled."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        result = {
            key: draw(respelled(member(shape, key), item)) if item is not None else None
            for key, item in value.items()
        }
        for key in members(shape):
            if key not in value and not is_required(shape, key) and draw(st.booleans()):
                result[key] = None if shape.is_tagged_union else draw(EMPTY)
        return result
    if isinstance(shape, ListShape) and isinstance(value, list):
        items = [draw(respelled(shape.member, item)) for item in value]
        return draw(st.permutations(items)) if shape.name.endswith("Set") else items
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: draw(respelled(shape.value, item)) for key, item in value.items()}
    whole = shape.type_name == "integer" and isinstance(value, float)
    return int(value) if whole else value


@st.composite
def edited(draw, shape, value):
    """Draw `value` with a few of its parts, or what it had not set, taken from other values."""
    for _ in range(draw(st.integers(1, 3))):
        path, inner, _item = draw(st.sampled_from(list(places(shape, value))))
        value = replaced(value, path, draw(_named(path[-1], inner)))
    return value


def places(shape, value, path=()):
    """Yield the path, the shape and the value of every part of `value`, absent members too.

    A path is made of keys and indices. `value` itself is not among them, nor are the members that
    a union did not choose.
    """
    for key, inner, item in _parts(shape, value):
        yield (*path, key), inner, item
        yield from places(inner, item, (*path, key))


def _parts(shape, value):
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return [
            (key, member(shape, key), value.get(key))
            for key in members(shape)
            if value.get(key) is not None or not shape.is_tagged_union
        ]
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [(index, shape.member, item) for index, item in enumerate(value[:3])]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return [(key, shape.value, item) for key, item in list(value.items())[:3]]
    return []


def replaced(value, path, new):
    """Return a copy of `value` with `new` at `path`."""
    if not path:
        return new
    key, *rest = path
    if isinstance(value, list):
        return [*value[:key], replaced(value[key], rest, new), *value[key + 1 :]]
    return {**value, key: replaced(value.get(key), rest, new)}


@st.composite
def mutated(draw, shape):
    """Draw a value of `shape` with one or two parts replaced by what is, mostly, a mistake."""
    value = draw(valid(shape))
    for _ in range(draw(st.integers(1, 2))):
        path, inner, item = draw(st.sampled_from(list(places(shape, value))))
        value = replaced(value, path, draw(_rarely(_mistake(inner, item), ANYTHING)))
    return value


_SCALARS = st.one_of(
    st.sampled_from([None, True, False, "", "é", "x\n", 0.0, 1.0, 2.5, 6.0, -1.0, 1e18, 1e300]),
    st.text(max_size=_SMALL),
    st.floats(allow_nan=False, allow_infinity=False),
)
ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def _mistake(shape, value):
    """Return values that are like `value`, of `shape`, and wrong in a way a person gets wrong."""
    if isinstance(shape, StructureShape):
        return _structure_mistake(shape, value if isinstance(value, dict) else {})
    if isinstance(shape, ListShape):
        items = value if isinstance(value, list) else []
        high = _limits(shape)[1]
        many = valid(shape.member).map(lambda item: [item] * (high + 1))
        return st.one_of(
            many, EMPTY, st.just([*items, None]), st.just(items + items), valid(shape.member)
        )
    if isinstance(shape, MapShape):
        return _map_mistake(shape, value if isinstance(value, dict) else {})
    if shape.type_name == "string":
        return _string_mistake(shape, value if isinstance(value, str) else "")
    return _SCALARS


def _structure_mistake(shape, value):
    # The prefix keeps an unknown key apart from the API's own spelling of a member.
    unknown = st.text(max_size=3).map(lambda key: {**value, f"?{key}": "x"})
    wrong = [unknown, EMPTY, st.just([value])]
    for key in members(shape):
        wrong.append(st.just({name: item for name, item in value.items() if name != key}))
        wrong.append(valid(member(shape, key)).map(lambda item, key=key: {**value, key: item}))
        wrong.append(EMPTY.map(lambda item, key=key: {**value, key: item}))
    return st.one_of(wrong)


def _map_mistake(shape, value):
    high = _limits(shape)[1]
    entry = valid(shape.value)
    keys = st.sampled_from(["", "aws:x", "é", "x\n", "k" * 50, "k" * 51, "k" * 128, "k" * 129])
    return st.one_of(
        st.tuples(keys, entry).map(lambda pair: {**value, pair[0]: pair[1]}),
        st.tuples(valid(shape.key), ANYTHING).map(lambda pair: {**value, pair[0]: pair[1]}),
        entry.map(lambda item: {f"k{key}": item for key in range(high + 1)}),
        EMPTY,
        st.just([value]),
    )


def _string_mistake(shape, value):
    low, high = _limits(shape)
    lengths = st.sampled_from([low - 1, low, high, high + 1])
    return st.one_of(
        lengths.map(lambda length: stretched(value, length)[: max(length, 0)]),
        st.sampled_from(["\n", " ", "é", "\U0001f525"]).map(lambda tail: value + tail),
        st.sampled_from(["\n", " ", "é", "aws.", "aws:"]).map(lambda head: head + value),
        st.sampled_from([value.lower(), value.upper(), value[:-1], [value], {"": value}]),
        _SCALARS,
    )
