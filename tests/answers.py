"""What an answer of Incident Manager has to be, by botocore's model and by its parser.

Nothing here comes from the emulator.
"""

from __future__ import annotations

import json
import re

from botocore.model import ListShape, MapShape, StructureShape
from botocore.parsers import create_parser

from tests.wire import MODEL, OPERATIONS, YEARS

ERRORS = {shape.name: shape for shape in MODEL.error_shapes}
_PARSER = create_parser("rest-json")
_TYPES = {
    "boolean": bool,
    "integer": int,
    "list": list,
    "map": dict,
    "string": str,
    "structure": dict,
    "timestamp": (int, float),
}


def code_of(answer):
    """Return the code of an answer, after making sure that it is an error in AWS's shape."""
    status, headers, body = answer
    assert 400 <= status < 500, answer
    content = json.loads(body)
    code = headers["X-Amzn-ErrorType"]
    parsed = _PARSER.parse({"status_code": status, "headers": headers, "body": body}, None)
    assert parsed["Error"]["Code"] == content.pop("__type") == code
    # moto spells the message in both ways that clients look for.
    assert content.pop("Message", content["message"]) == content["message"]
    assert parsed["Error"]["Message"] == content["message"]
    if code in ERRORS:
        assert list(mistakes(ERRORS[code], content)) == []
        assert status == ERRORS[code].metadata["error"]["httpStatusCode"]
    return code


def check_success(operation, answer):
    """Make sure that an answer is what the model says of the operation's output."""
    status, headers, body = answer
    model = OPERATIONS[operation]
    assert status == model.http["responseCode"], answer
    content = json.loads(body) if body else {}
    assert list(mistakes(model.output_shape, content)) == []
    received = {"status_code": status, "headers": headers, "body": body}
    assert _PARSER.parse(received, model.output_shape).keys() >= content.keys()


def mistakes(shape, value, path=""):
    """Yield what in a JSON value is not as its shape in the model says.

    Lower bounds of lists and maps are left out: they are those of requests, and things that have
    no tags answer none.
    """
    wanted = _TYPES[shape.type_name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield f"{path} is no {shape.type_name}: {value!r}"
        return
    if isinstance(value, str | list | dict) and len(value) > shape.metadata.get("max", len(value)):
        yield f"{path} has a length of {len(value)}"
    if isinstance(shape, StructureShape):
        yield from _members_missing_or_unknown(shape, value, path)
    for name, inner, item in _parts(shape, value):
        yield from mistakes(inner, item, f"{path}.{name}")
    if shape.type_name == "string":
        yield from _string_mistakes(shape, value, path)
    elif shape.type_name in ("integer", "timestamp"):
        years = YEARS if shape.type_name == "timestamp" else (value, value)
        low, high = shape.metadata.get("min", years[0]), shape.metadata.get("max", years[1])
        if not low <= value <= high:
            yield f"{path} is out of range: {value}"


def _members_missing_or_unknown(shape, value, path):
    yield from (f"{path}.{name} is missing" for name in shape.required_members if name not in value)
    yield from (f"{path}.{name} is unknown" for name in value if name not in shape.members)
    if shape.is_tagged_union and len(value) != 1:
        yield f"{path} is a union of {len(value)}"


def _parts(shape, value):
    if isinstance(shape, StructureShape):
        for name in value.keys() & shape.members.keys():
            yield name, shape.members[name], value[name]
    elif isinstance(shape, ListShape):
        yield from ((index, shape.member, item) for index, item in enumerate(value))
    elif isinstance(shape, MapShape):
        yield from ((key, shape.key, key) for key in value)
        yield from ((key, shape.value, item) for key, item in value.items())


def _string_mistakes(shape, value, path):
    if len(value) < shape.metadata.get("min", 0):
        yield f"{path} is too short"
    if not re.fullmatch(shape.metadata.get("pattern", "(?s:.*)"), value):
        yield f"{path} breaks its pattern: {value!r}"
    if shape.enum and value not in shape.enum:
        yield f"{path} is none of its values: {value!r}"
