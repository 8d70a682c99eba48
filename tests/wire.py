"""Requests to an emulated service as they travel, valid ones and ones with exactly one flaw.

Made by walking botocore's model, which is also what says where a member travels. Nothing here
comes from the emulator: what is forbidden is decided by the model alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote, urlencode

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, StructureShape
from hypothesis import strategies as st

from tests import known
from tests.patterns import fits, plain
from tests.strategies import replaced, stretched


def _operations(service):
    model = botocore.session.get_session().get_service_model(service)
    return {name: model.operation_model(name) for name in model.operation_names}


# Operations by name, of each API.
OPERATIONS, CONTACTS = _operations("ssm-incidents"), _operations("ssm-contacts")
# Seconds since 1970 of the years 1 to 9999.
YEARS = (-62135596800, 253402300799)
_DEEP = "@deep@"
_CHARACTERS = st.characters(exclude_categories=("Cs",))
# What is there to be named by requests, by kind: set before requests are drawn.
LIVE = {}


@dataclass
class Message:
    """A request to an operation, a model of botocore's: what goes to path, query and body."""

    operation: OperationModel
    parameters: dict
    extra: list = field(default_factory=list)  # pairs added to the query string
    body: bytes | None = None  # in place of the one that the parameters make
    flaw: str = ""

    @property
    def method(self):
        """Return the HTTP method."""
        return self.operation.http["method"]

    @property
    def target(self):
        """Return path and query string."""
        path = re.sub(
            r"{(\w+)}",
            lambda found: quote(self.parameters[found[1]], safe=""),
            self.operation.http["requestUri"],
        )
        pairs = [*self._at("querystring").items(), *self.extra]
        query = urlencode(pairs, doseq=True, errors="surrogatepass")
        return f"{path}?{query}" if query else path

    @property
    def headers(self):
        """Return what says which operation is meant, where the path does not."""
        target = self.operation.service_model.metadata.get("targetPrefix")
        if target is None:
            return {}
        kind = "application/x-amz-json-1.1"
        return {"X-Amz-Target": f"{target}.{self.operation.name}", "Content-Type": kind}

    def content(self):
        """Return the body."""
        if self.body is not None:
            return self.body
        if not has_body(self.operation):
            return b""
        text = json.dumps(self._at("body"))
        depth = 100_000
        return text.replace(f'"{_DEEP}"', "[" * depth + "]" * depth).encode()

    def _at(self, place):
        return {n: v for n, v in self.parameters.items() if located(self.operation, n) == place}


def located(operation, name):
    """Return where a member of the input travels: body, querystring or uri.

    Without an operation, as part of something else, it is the body.
    """
    shape = operation.input_shape.members.get(name) if operation else None
    return shape.serialization.get("location", "body") if shape else "body"


def has_body(operation):
    """Say whether any member of the input travels in the body."""
    members = operation.input_shape.members
    return any(located(operation, name) == "body" for name in members)


# Valid requests


def messages(operation):
    """Return valid requests to an operation."""
    shape = operation.input_shape
    return _structure(operation, shape).map(lambda parameters: Message(operation, parameters))


def _values(operation, name, shape):
    """Return values of a member: what is there, or is narrowed by the documents, more often."""
    values = _any_values(operation, name, shape)
    # A path without its last part is another path.
    return values.filter(bool) if located(operation, name) == "uri" else values


def _any_values(operation, name, shape):
    if operation is None:
        return _valid(operation, shape)
    if name == "filters":
        return st.lists(_filter(operation), max_size=2)
    service = operation.service_model.service_name
    narrowed = known.NARROWED[service].get(name)
    if narrowed is not None:
        return st.one_of(narrowed, narrowed, _valid(operation, shape))
    kinds = known.kinds(service, operation.name, name)
    if not kinds:
        return _valid(operation, shape)
    alive = st.sampled_from(kinds).map(lambda kind: LIVE[kind])
    if isinstance(shape, ListShape):
        alive = alive.map(lambda only: [only])
    return st.sampled_from([alive] * 7 + [_valid(operation, shape)]).flatmap(lambda chosen: chosen)


def _filter(operation):
    conditions = _valid(operation, operation.service_model.shape_for("Condition"))
    keys = known.FILTERS["Events" if "Events" in operation.name else "List"]
    return st.fixed_dictionaries({"key": st.sampled_from(keys), "condition": conditions})


@cache
def _valid(operation, shape):
    """Return JSON values of `shape`: mostly small ones, its limits now and then."""
    if isinstance(shape, StructureShape):
        return _union(operation, shape) if shape.is_tagged_union else _structure(operation, shape)
    low, high = limits(shape)
    if isinstance(shape, ListShape):
        items = _valid(operation, shape.member)
        few = st.lists(items, min_size=low, max_size=min(high, low + 2))
        return _rarely(few, items.map(lambda only: [only] * min(high, 100)))
    if isinstance(shape, MapShape):
        keys, entries = _valid(operation, shape.key), _valid(operation, shape.value)
        return st.dictionaries(keys, entries, min_size=low, max_size=min(high, low + 2))
    return {
        "boolean": st.booleans,
        "integer": lambda: st.integers(max(low, -(2**31)), min(high, 2**31 - 1)),
        "string": lambda: _string(shape),
        "timestamp": lambda: st.one_of(st.integers(*YEARS), st.floats(*YEARS)),
    }[shape.type_name]()


def _structure(operation, shape):
    values = {n: _values(operation, n, member) for n, member in shape.members.items()}
    required = {n: each for n, each in values.items() if n in shape.required_members}
    optional = {n: each for n, each in values.items() if n not in required}
    return st.fixed_dictionaries(required, optional=optional)


def _union(operation, shape):
    return st.one_of(
        st.fixed_dictionaries({name: _values(operation, name, member)})
        for name, member in shape.members.items()
    )


def _string(shape):
    if shape.enum:
        return st.sampled_from(shape.enum)
    low, high = limits(shape)
    pattern = plain(shape)
    if pattern is None:
        few = st.text(_CHARACTERS, min_size=low, max_size=min(high, low + 8))
    else:
        texts = st.from_regex(pattern, fullmatch=True).map(lambda text: stretched(text, low))
        few = texts.filter(lambda text: len(text) <= high and fits(pattern, text))

    def longest(text):
        long = stretched(text, high)
        return long if not pattern or fits(pattern, long) else text

    return _rarely(few, few.map(longest)) if "max" in shape.metadata else few


def _rarely(usual, rare):
    return st.sampled_from([usual] * 15 + [rare]).flatmap(lambda chosen: chosen)


def limits(shape):
    """Return the bounds of a length or a value; without one it is a number out of the way."""
    return shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)


# Requests with one flaw


@st.composite
def flawed(draw, operation):
    """Draw a request that the model forbids, by one flaw at any depth of a valid one."""
    message = draw(messages(operation))
    shape = operation.input_shape
    found = [
        (path, what, wrong)
        for path, what, wrong in _flaws(shape, message.parameters)
        if _expressible(operation, path, what)
    ]
    found += [((), what, None) for what in _outside(operation)]
    path, message.flaw, wrong = draw(st.sampled_from(found))
    if wrong is None:
        _spoil(draw, message)
    else:
        message.parameters = replaced(message.parameters, path, draw(wrong))
        message.flaw += f" at {path}"
    return message


def _expressible(operation, path, what):
    """Say whether a flaw survives its way: only text travels in a query string."""
    if not path:
        name = what.split()[-1]
        place = located(operation, name)
        if what.startswith("unknown"):
            return has_body(operation)
        return place == "body" or (place == "querystring" and what.startswith("missing"))
    return located(operation, path[0]) == "body" or (
        located(operation, path[0]) == "querystring" and what.startswith("text")
    )


def _flaws(shape, value, path=()):
    """Yield path, name and replacements of each flaw that a value of `shape` can have."""
    for what, wrong in _own_flaws(shape, value, top=not path):
        yield path, what, wrong
    if isinstance(shape, StructureShape):
        parts = [(name, shape.members[name], value[name]) for name in value]
    elif isinstance(shape, ListShape):
        parts = [(index, shape.member, item) for index, item in enumerate(value[:2])]
    elif isinstance(shape, MapShape):
        parts = [(key, shape.value, item) for key, item in list(value.items())[:2]]
    else:
        return
    for key, inner, item in parts:
        yield from _flaws(inner, item, (*path, key))


def _own_flaws(shape, value, *, top):
    if not top:
        yield "wrong type", st.sampled_from(_OTHERS[shape.type_name])
    if isinstance(shape, StructureShape):
        yield from _structure_flaws(shape, value, top=top)
    elif isinstance(shape, ListShape):
        yield "null in a list", st.just([*value, None])
        yield from _size_flaws(shape, value, [*value, *_some(shape, value)])
    elif isinstance(shape, MapShape):
        yield from _map_flaws(shape, value)
    elif shape.type_name == "string":
        yield from ((f"text {what}", st.just(wrong)) for what, wrong in _string_flaws(shape, value))
    elif shape.type_name in ("integer", "timestamp"):
        yield "number", st.sampled_from(_wrong_numbers(shape))


def _wrong_numbers(shape):
    low, high = YEARS
    if shape.type_name == "integer":
        low, high = shape.metadata.get("min", -(2**31)), shape.metadata.get("max", 2**31 - 1)
    wrong = [low - 1, high + 1, float("nan"), float("inf"), 10**400, -(10**400)]
    return [*wrong, 1.5] if shape.type_name == "integer" else wrong


def _structure_flaws(shape, value, *, top):
    for name in shape.required_members:
        yield f"missing {name}", st.just({k: v for k, v in value.items() if k != name})
        if not top:
            yield f"null {name}", st.just({**value, name: None})
    unknown = st.text(_CHARACTERS, max_size=5).filter(lambda name: name not in shape.members)
    yield "unknown member", unknown.map(lambda name: {**value, name: "x"})
    if shape.is_tagged_union:
        yield "union of none", st.just({})
        for name, member in shape.members.items():
            if name not in value:
                other = _valid(None, member)
                yield "union of two", other.map(lambda one, name=name: {**value, name: one})


def _map_flaws(shape, value):
    key, item = next(iter(value.items()), ("k", None))
    yield "null in a map", st.just({**value, "n": None})
    if value and "max" in shape.metadata:
        many = {f"k{i}": item for i in range(shape.metadata["max"] + 1)}
        yield from _size_flaws(shape, value, many)
    for what, wrong in _string_flaws(shape.key, key):
        if value:
            yield f"key {what}", st.just({wrong: item})


def _size_flaws(shape, value, many):
    if shape.metadata.get("min"):
        yield "too few", st.just(type(value)())
    if "max" in shape.metadata and len(many) > shape.metadata["max"]:
        yield "too many", st.just(many)


def _some(shape, value):
    return value[:1] * (limits(shape)[1] + 1 if "max" in shape.metadata else 0)


def _string_flaws(shape, value):
    if shape.enum:
        yield from (("enum", wrong) for wrong in (f"{value}x", value.lower(), "", f"{value}\n"))
        return
    if "max" in shape.metadata:
        yield "too long", stretched(value or "x", shape.metadata["max"] + 1)
    if shape.metadata.get("min"):
        yield "too short", ""
    if pattern := plain(shape):
        for wrong in ("", " ", f"{value}\n", f"x{value}", f"{value}é", value.upper(), value[1:]):
            if not fits(pattern, wrong):
                yield "pattern", wrong


_OTHERS = {
    "boolean": ["true", 0, 1, [], {}, _DEEP],
    "integer": ["1", True, [], {}, _DEEP],
    "list": ["x", 1, {}, {"0": "x"}, True],
    "map": ["x", 1, [], [["k", "v"]], True, _DEEP],
    "string": [1, 1.5, True, [], ["x"], {}, {"x": "y"}, _DEEP],
    "structure": ["x", 1, [], [{}], True, _DEEP],
    "timestamp": ["2026-01-01T00:00:00Z", "1", True, [], {}, _DEEP],
}


def _outside(operation):
    """Return the flaws that a body or a query string can have as a whole."""
    members = operation.input_shape.members
    queried = any(located(operation, name) == "querystring" for name in members)
    return ["body"] * 3 * has_body(operation) + ["query", "twice"] * queried


def _spoil(draw, message):
    """Give a message a body that is no JSON object, or a query string with too much in it."""
    if message.flaw == "query":
        message.extra = [(draw(st.text("abc", min_size=1)), "x")]
        return
    if message.flaw == "twice":
        names = [n for n in message.parameters if located(message.operation, n) == "querystring"]
        texts = [n for n in names if isinstance(message.parameters[n], str)]
        # A list may be there more than once, but not with a key that is none.
        again = (texts[0], message.parameters[texts[0]]) if texts else (names[0], "aws:k")
        message.extra = [again]
        return
    whole = message.content()
    around = [whole + b"]", b"\xef\xbb\xbf" + whole, b"[" + whole + b"]", b"null", b"1"]
    bodies = st.one_of(
        st.integers(1, len(whole) - 1).map(lambda length: whole[:length]),
        st.sampled_from([*around, whole.decode().encode("utf-16")]),
        st.binary(min_size=1, max_size=40),
        st.sampled_from([b"[" * 100_000, b'{"a":' * 100_000, b'{"a":' + b"9" * 100_000 + b"}"]),
    )
    message.body = draw(bodies.filter(_is_no_object))


def _is_no_object(body):
    """Say whether a body is not what JSON (RFC 8259) calls an object in UTF-8."""
    try:
        return not isinstance(json.loads(body.decode()), dict)
    except (ValueError, RecursionError):
        return True
